"""Books and history of each system, through its own adapter, from its stand-in: joined once, and twice the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from autotime.domain.books import MatterStatus, Thing
from autotime.domain.doors import BooksSource, HistorySource
from autotime.office import Office
from autotime.steps.books import check_books, pull_books
from autotime.steps.history import import_history
from tests.billing.clio import room as clio
from tests.billing.mycase.world import World
from tests.billing.practicepanther import room as panther

from .bookshelf import office

DAY = date(2026, 3, 2)
Make = Callable[[Office], Any]


def at_clio() -> Make:
    there = clio.room()
    return lambda here: replace(there, keys=here.store.systems.keys("clio")).biller()


def at_mycase() -> Make:
    there = World()
    return lambda here: there.biller(keys=here.store.systems.keys("mycase"))


def at_practicepanther() -> Make:
    there = panther.room()

    def make(here: Office) -> Any:
        made = there.biller()
        made.keys = here.store.systems.keys("practicepanther")
        return made

    return make


SYSTEMS = {"clio": at_clio, "mycase": at_mycase, "practicepanther": at_practicepanther}


@pytest.mark.parametrize("system", SYSTEMS)
def test_books_come_in_once(system: str, tmp_path: Path) -> None:
    """People, clients and matters are joined or new; a second pull, and one of everything, change nothing."""
    make = SYSTEMS[system]()
    with office(tmp_path) as here:
        source = make(here)
        assert isinstance(source, BooksSource)
        assert isinstance(source, HistorySource)
        first = pull_books(here, source)
        keys, books = here.store.systems.keys(system), here.store.books.load()
        assert (first.bad, sum(first.counts["timekeeper"].values()), sum(first.counts["client"].values())) == (0, 2, 1)
        [client] = [key for (kind, key) in keys.remotes if kind is Thing.CLIENT]
        assert client == "NORTH"
        numbers = [key for (kind, key) in keys.remotes if kind is Thing.MATTER]
        assert {books.matters[number].status for number in numbers} == {MatterStatus.OPEN, MatterStatus.CLOSED}
        head = here.store.audit.head()
        pull_books(here, make(here))
        pull_books(here, make(here), everything=True)
        assert (here.store.books.load(), here.store.audit.head()) == (books, head)
        assert not [one for one in check_books(here) if one.kind in ("duplicate", "orphan")]


@pytest.mark.parametrize(("system", "marked"), [("clio", False), ("mycase", False), ("practicepanther", True)])
def test_history_comes_in_once(system: str, marked: bool, tmp_path: Path) -> None:
    """By our matters, unless it carries our mark: then it is ours, and is not told again."""
    make = SYSTEMS[system]()
    with office(tmp_path) as here:
        pull_books(here, make(here))
        keys = here.store.systems.keys(system)
        number = min(key for (kind, key) in keys.remotes if kind is Thing.MATTER and "9" not in key)
        there = make(here).create(clio.payload(matter=number, day=DAY.isoformat(), task_code=""))
        for stored in (1, 0):
            report = import_history(here, make(here), DAY, DAY)
            assert (report.read, report.ours, report.stored) == (1, int(marked), 0 if marked else stored)
        found = [(one.remote, one.matter, one.seconds) for one in here.store.billed.on(DAY)]
        assert found == ([] if marked else [(there.id, number, 90 * 60)])
