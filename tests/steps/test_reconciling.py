"""Comparing with a billing system that tells of time nobody can read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from autotime.domain.books import Key, Thing
from autotime.domain.delivery import Billed, Remote
from autotime.domain.doors import HistoryPage
from autotime.domain.errors import SourceUnavailable
from autotime.steps import reconciling

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
