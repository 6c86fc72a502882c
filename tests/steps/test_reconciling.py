"""Comparing with a billing system that tells of time nobody can read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from autotime.billing.picking import Wanted
from autotime.billing.sending import push_entries
from autotime.domain.books import Key, Thing
from autotime.domain.delivery import Billed, Offers, Remote
from autotime.domain.doors import HistoryPage
from autotime.domain.errors import SourceUnavailable
from autotime.office import Office
from autotime.settings import Settings
from autotime.steps import reconciling
from autotime.store import Store
from tests.billing.firm import NOW, TIMEKEEPER, entry, found
from tests.billing.memory import Clock, MemoryBiller

from .bookshelf import office


@dataclass
class Spoiled:
    """A ``HistorySource``. ``bad`` are the entries that cannot be read."""

    day: date
    bad: tuple[str, ...]
    target: str = "clio"

    def history(self, timekeeper: str, first: date, last: date) -> Iterator[HistoryPage]:
        yield HistoryPage((Remote(id="1", timekeeper=timekeeper, matter="31", day=self.day, seconds=3600),), self.bad)


@pytest.mark.parametrize("bad", [(), ("time entry 2 cannot be read",)])
def test_sums_that_would_be_too_small_are_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad: tuple[str, ...]
) -> None:
    with office(tmp_path) as here:
        here.store.systems.save_keys([Key("clio", Thing.TIMEKEEPER, "AOK", "7")])
        day = here.date_of(here.now)
        monkeypatch.setattr(reconciling, "adapter", lambda _office, _target: Spoiled(day, bad))
        days = day - timedelta(1), day
        if not bad:
            [sums] = reconciling.reconciled(here, "clio", *days)
            assert sums.minutes_there == 60
            return
        with pytest.raises(SourceUnavailable, match="time entry 2 cannot be read") as told:
            reconciling.reconciled(here, "clio", *days)
        assert told.value.hint


def test_what_was_imported_from_elsewhere_explains_nothing_of_one_id_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids are a system's own: row 1 of a sheet is not entry 1 of Clio."""
    with office(tmp_path) as here:
        here.store.systems.save_keys([Key("clio", Thing.TIMEKEEPER, "AOK", "7")])
        day = here.date_of(here.now)
        here.store.billed.upsert([Billed(target="csv", remote="1", day=day, matter="", seconds=60, status="invoice 9")])
        monkeypatch.setattr(reconciling, "adapter", lambda _office, _target: Spoiled(day, ()))
        [sums] = reconciling.reconciled(here, "clio", day, day)
    assert [one.reason for one in sums.differences] == ["it was not sent from here"]


@dataclass
class Listed(MemoryBiller):
    """A ``HistorySource`` too: it tells what stands there on these days."""

    target: str = "clio"

    def history(self, timekeeper: str, first: date, last: date) -> Iterator[HistoryPage]:
        yield HistoryPage(tuple(row for row in self.there() if first <= row.day <= last), ())


FIRST, LAST = date(2026, 3, 2), date(2026, 3, 3)


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> Listed:
    made = Listed(Clock())
    monkeypatch.setattr(reconciling, "adapter", lambda _office, _target: made)
    return made


def told(here: Office, first: date = FIRST, last: date = LAST) -> list[tuple[str, str, str]]:
    sums = reconciling.reconciled(here, "clio", first, last)
    return [(one.what.value, one.entry or one.remote, one.reason) for each in sums for one in each.differences]


def sent_two(folder: Path, biller: Listed) -> Store:
    """An entry on the 2nd and one on the 3rd of March, both delivered."""
    store = found(folder, entry(1), entry(2))
    store.systems.save_keys([Key("clio", Thing.TIMEKEEPER, "AOK", "7")])
    push_entries(store, biller, Wanted(), now=biller.clock, sleep=biller.clock.sleep)
    return store


def test_an_entry_moved_to_a_day_outside_is_found_by_its_id(tmp_path: Path, listed: Listed) -> None:
    """It is there, on another day; only what is nowhere is gone."""
    with sent_two(tmp_path, listed) as store:
        here = Office(store, Settings(home=tmp_path), TIMEKEEPER, NOW)
        assert told(here) == []
        listed.rows[0] = replace(listed.rows[0], day=date(2026, 3, 9))
        assert told(here) == [("differs", entry(1).id, "on 2026-03-09, not 2026-03-02")]
        del listed.rows[0]
        assert told(here) == [("gone", entry(1).id, "r101 is not there")]


def test_an_entry_of_ours_moved_into_the_days_is_told_as_ours(tmp_path: Path, listed: Listed) -> None:
    with sent_two(tmp_path, listed) as store:
        here = Office(store, Settings(home=tmp_path), TIMEKEEPER, NOW)
        listed.rows[0] = replace(listed.rows[0], day=LAST)
        assert told(here, LAST, LAST) == [("not_ours", "r101", "it was sent from here for 2026-03-02")]


def test_what_was_handed_over_to_a_system_that_cannot_be_read_is_told_as_such(tmp_path: Path, listed: Listed) -> None:
    """It never counts as billed."""
    listed.offers = Offers(lists=False)
    with sent_two(tmp_path, listed) as store:
        here = Office(store, Settings(home=tmp_path), TIMEKEEPER, NOW)
        assert [what for what, _, _ in told(here)] == ["handed_over", "handed_over"]
