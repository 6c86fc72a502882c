"""The test call of a sign-in goes by the settings, as a run does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from autotime.domain.doors import CollectContext
from autotime.domain.evidence import Batch, Evidence, Kind, Participant, Role, SyncCursor
from autotime.domain.untrusted import Untrusted
from autotime.steps.collecting import collect
from autotime.steps.connecting import try_once
from autotime.testing.collectors import NOW

from .test_collecting import office

DAY = 86_400
asked: list[CollectContext] = []


class Postbox:
    """A collector of three mails, the first two on pages of their own; it remembers what it was asked."""

    account, source = "office", "postbox"

    def __init__(self, account: str) -> None:
        self.account = account

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        asked.append(context)
        for number, (place, sender) in enumerate((("Private", "a@x.example"), ("Inbox", "b@clinic.example"))):
            yield Batch((self._mail(number, place, sender),), SyncCursor(str(number)))
        yield Batch((self._mail(2, "Inbox", "c@x.example"),), SyncCursor("2"))

    def _mail(self, number: int, place: str, sender: str) -> Evidence:
        return Evidence(
            account=self.account,
            source=self.source,
            key=str(number),
            kind=Kind.MESSAGE,
            at=NOW - 60,
            own=False,
            place=Untrusted(place),
            people=(Participant(Role.FROM, sender),),
        )


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    asked.clear()


def postbox() -> dict[str, Any]:
    return {"account": "office", "type": f"{__name__}:Postbox"}


def test_what_is_excluded_is_neither_shown_nor_counted(tmp_path: Path) -> None:
    """It would not be stored: the first page with something that would be is what is shown."""
    chosen = {"exclude_folders": ["private"], "exclude_senders": ["@Clinic.example"]}
    with office(tmp_path, postbox(), collect=chosen) as here:
        tried = try_once(here, here.settings.sources_of("AOK")[0])
        assert [item.key for item in tried.evidence] == ["2"]
        collect(here)
        assert here.store.evidence.count() == 1


@pytest.mark.parametrize("days", [10, 100])
def test_the_test_call_asks_as_a_run_does_but_for_no_more_than_a_month(tmp_path: Path, days: int) -> None:
    """The same folders are excluded, and nothing from before ``collect.since`` is asked for."""
    since = date.fromordinal(date(2026, 4, 7).toordinal() - days)
    with office(tmp_path, postbox(), collect={"since": since, "exclude_folders": ["Private"]}) as here:
        try_once(here, here.settings.sources_of("AOK")[0])
        collect(here)
    tried, ran = asked
    assert (tried.excluded, tried.window.end, tried.now) == (ran.excluded, ran.window.end, ran.now)
    assert tried.excluded == {"private"}
    assert tried.window.start == max(ran.window.start, NOW - 30 * DAY)


def test_a_first_day_that_is_yet_to_come_is_no_defect(tmp_path: Path) -> None:
    """Next to nothing is asked for."""
    with office(tmp_path, postbox(), collect={"since": date(2027, 1, 1)}) as here:
        try_once(here, here.settings.sources_of("AOK")[0])
        assert collect(here)[0].trouble == ""
    assert [context.window.seconds for context in asked] == [1, 1]
