"""How each source was found: remembered after every reading, and told as «not collected» where it was not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from autotime.domain.doors import CollectContext, SignIn
from autotime.domain.errors import SignInNeeded, SourceUnavailable
from autotime.domain.evidence import Batch, Gap, SyncCursor
from autotime.domain.spans import Span
from autotime.office import Office
from autotime.operations import health
from autotime.pipeline import day_view
from autotime.review.desk import Desk
from autotime.review.table import day_table
from autotime.review.widgets import head
from autotime.steps.collecting import collect
from autotime.testing.collectors import NOW
from tests.collectors.sources import MONDAY

from .test_collecting import guest, mail, office

DAY = 86_400
state: dict[str, Any] = {}


class Moody:
    """A collector as the tests want it to be found."""

    account, source = "guest", "moody"

    def __init__(self, account: str) -> None:
        self.account = account

    def wants(self) -> dict[str, str]:
        return {"Chat.Read": "a reason"}

    def connect(self, person: object, device: bool = False) -> None:
        raise AssertionError("a run in the background signs nobody in")

    def standing(self, now: int) -> SignIn:
        return SignIn(True, "ada@okafor.example", now + 9 * DAY, ("Chat.Read",))

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        yield Batch((), SyncCursor("1"), gaps=(Gap("chats", "not given", "ask"),))
        if trouble := state.get("trouble"):
            raise trouble


@pytest.fixture(autouse=True)
def calm() -> None:
    state.clear()


def moody() -> dict[str, Any]:
    return guest("Moody") | {"type": f"{__name__}:Moody"}


def told(here: Office, now: int = 0) -> dict[str, Any]:
    sources = [(one.account, one.type) for one in here.settings.sources_of("AOK")]
    return health.status_of(here.store, here.timekeeper, now or here.now, sources)


def of(here: Office, account: str = "guest") -> dict[str, Any]:
    return next(one for one in told(here)["sources"] if one["account"] == account)


def test_a_source_is_remembered_as_it_was_found(tmp_path: Path) -> None:
    """When, how much, what was missing, and how its sign-in stands."""
    with office(tmp_path, moody()) as here:
        assert of(here)["last_tried"] is None
        collect(here)
        found = of(here)
    assert found["last_success"] == found["last_tried"] == "2026-04-07T20:00:00+00:00"
    assert (found["signed_in_as"], found["missing_permissions"]) == ("ada@okafor.example", ["Chat.Read"])
    assert found["gaps"] == [{"part": "chats", "reason": "not given", "hint": "ask"}]
    assert found["sign_in_lapses"] == "2026-04-16T20:00:00+00:00"


def test_a_source_that_fails_keeps_the_time_at_which_it_was_last_read(tmp_path: Path) -> None:
    """And says why, until it is read again."""
    with office(tmp_path, moody()) as here:
        collect(here)
        state["trouble"] = SourceUnavailable("the server does not answer", hint="later")
        later = replace(here, now=NOW + DAY)
        collect(later)
        failed = of(here)
        state.clear()
        collect(later)
        mended = of(here)
    assert (failed["last_success"], failed["last_tried"]) == ("2026-04-07T20:00:00+00:00", "2026-04-08T20:00:00+00:00")
    assert (failed["trouble"], failed["hint"]) == ("the server does not answer", "later")
    assert (mended["trouble"], mended["last_success"]) == ("", "2026-04-08T20:00:00+00:00")


def test_a_sign_in_that_ended_pauses_that_source_only(tmp_path: Path) -> None:
    """The others go on; nobody is signed in from the background."""
    with office(tmp_path, moody(), mail(tmp_path, 1, 2)) as here:
        state["trouble"] = SignInNeeded("the sign-in has ended", hint='autotime connect "guest"')
        assert [(one.account, one.sign_in_needed, one.new) for one in collect(here)] == [
            ("guest", True, 0),
            ("mail", False, 2),
        ]
        assert of(here)["sign_in_needed"] is True
        assert (of(here, "mail")["sign_in_needed"], of(here, "mail")["items_last"]) == (False, 2)


def test_a_quiet_reading_is_a_reading(tmp_path: Path) -> None:
    """A source with nothing new was read all the same."""
    with office(tmp_path, mail(tmp_path, 1)) as here:
        collect(here)
        collect(replace(here, now=NOW + DAY))
        assert of(here, "mail")["last_success"] == "2026-04-08T20:00:00+00:00"
        assert (of(here, "mail")["items"], of(here, "mail")["items_last"]) == (1, 0)


def test_a_source_taken_out_of_the_settings_is_told_with_what_it_gave(tmp_path: Path) -> None:
    """Its evidence is still there."""
    with office(tmp_path, mail(tmp_path, 1)) as here:
        collect(here)
    with office(tmp_path) as here:
        assert [(one["account"], one["configured"], one["items"]) for one in told(here)["sources"]] == [
            ("mail", False, 1)
        ]


@pytest.mark.parametrize(
    ("read_at", "trouble", "missing"),
    [(0, "", True), (-1, "", True), (1, "", False), (DAY // 2, "x", True), (DAY, "x", False)],
)
def test_a_day_is_whole_once_its_sources_were_read_to_its_end(
    tmp_path: Path, read_at: int, trouble: str, missing: bool
) -> None:
    """Seconds from the beginning of the day at which the source was last read; 0: never."""
    day = Span(MONDAY, MONDAY + DAY)
    with office(tmp_path) as here:
        if read_at:
            health.note(here.store, ("mail", "imap"), MONDAY + read_at)
        if trouble:
            health.note(here.store, ("mail", "imap"), MONDAY + 3 * DAY, trouble=trouble)
        assert health.uncollected(here.store, [("mail", "imap")], day) == (["mail"] if missing else [])


def test_a_reading_by_a_clock_that_ran_ahead_makes_no_day_whole(tmp_path: Path) -> None:
    """Once the clock is right, a source that cannot be read was not read since."""
    day = Span(MONDAY, MONDAY + DAY)
    with office(tmp_path) as here:
        health.note(here.store, ("mail", "imap"), MONDAY + 50 * 365 * DAY)
        health.note(here.store, ("mail", "imap"), MONDAY + 3 * DAY, trouble="x")
        assert health.uncollected(here.store, [("mail", "imap")], day) == ["mail"]


def lacking(here: Office, day: int) -> list[str]:
    """What of the «office» is not whole on that day, counted from Monday."""
    return health.uncollected(here.store, [("office", "microsoft")], Span(MONDAY + day * DAY, MONDAY + (day + 1) * DAY))


def found(here: Office, day: int, *parts: str, trouble: str = "") -> None:
    """The source is read at the end of that day, but for these parts."""
    gaps = [Gap(part, "refused") for part in parts]
    health.note(here.store, ("office", "microsoft"), MONDAY + (day + 1) * DAY, gaps=gaps, trouble=trouble)


def test_a_day_lacks_the_part_that_was_not_collected_until_it_is(tmp_path: Path) -> None:
    """Days that were read while the part was open stay whole, also where the whole source fails meanwhile."""
    with office(tmp_path) as here:
        found(here, 0)
        found(here, 1, "calendar")
        assert (lacking(here, 0), lacking(here, 1)) == ([], ["calendar of «office»"])
        found(here, 2, "calendar", "mail")
        assert lacking(here, 0) == []
        assert lacking(here, 1) == ["calendar of «office»"]
        assert lacking(here, 2) == ["mail of «office»", "calendar of «office»"]
        found(here, 3, trouble="the server does not answer")
        assert (lacking(here, 1), lacking(here, 3)) == (["calendar of «office»"], ["office"])
        found(here, 4)
        assert [lacking(here, day) for day in range(5)] == [[], [], [], [], []]


def test_a_part_that_was_never_collected_is_lacking_from_the_first_day(tmp_path: Path) -> None:
    """And a time by a clock that ran ahead is no time at which it was."""
    with office(tmp_path) as here:
        found(here, 0, "files")
        assert lacking(here, 0) == ["files of «office»"]
        found(here, 20_000)
        found(here, 20_001, "files")
        found(here, 2, "files")
        assert lacking(here, 1) == ["files of «office»"]


@pytest.mark.parametrize("part", ["attendance", "chats", "calls", "versions of files", "clock"])
def test_what_may_be_left_out_for_good_makes_no_day_incomplete(tmp_path: Path, part: str) -> None:
    """A permission that was never given, or a mere warning: the status tells it."""
    with office(tmp_path) as here:
        found(here, 0, part)
        assert lacking(here, 0) == []
        sources = health.status_of(here.store, here.timekeeper, here.now, [("office", "microsoft")])["sources"]
        assert [gap["part"] for gap in sources[0]["gaps"]] == [part]


def test_gaps_that_were_noted_before_parts_had_times_count_too(tmp_path: Path) -> None:
    """A store of an earlier version knows of the gap, not since when."""
    with office(tmp_path) as here:
        found(here, 0, "mail")
        here.store.meta.set("health", here.store.meta.get("health").replace('"behind"', '"unknown"'))
        assert lacking(here, 0) == ["mail of «office»"]


def test_a_sign_in_that_was_removed_says_how_to_sign_in_again(tmp_path: Path) -> None:
    """Not what helped against an earlier trouble."""
    with office(tmp_path) as here:
        health.note(here.store, ("office", "microsoft"), MONDAY, trouble="x", hint="set the clock")
        health.signed_out(here.store, ("office", "microsoft"))
        known = health.health_of(here.store, [("office", "microsoft")])[("office", "microsoft")]
        assert (known["trouble"], known["hint"]) == ("the sign-in was removed", 'autotime connect "office"')


def test_a_day_that_has_not_begun_lacks_nothing(tmp_path: Path) -> None:
    """Nobody has read tomorrow."""
    with office(tmp_path, mail(tmp_path, 1)) as here:
        assert day_view(here, date(2026, 4, 9)).uncollected == ()
        assert day_view(here, date(2026, 4, 7)).uncollected == ("mail",)


def test_a_day_that_was_not_collected_says_so_where_it_is_reviewed(tmp_path: Path) -> None:
    """An empty day is not a day without work."""
    with office(tmp_path, moody(), mail(tmp_path, 1)) as here:
        state["trouble"] = SourceUnavailable("the server does not answer")
        collect(here)
        missed = day_view(here, date(2026, 4, 7))
        state.clear()
        collect(here)
        assert (missed.uncollected, day_view(here, date(2026, 4, 7)).uncollected) == (("guest",), ())
        assert "not collected: guest (autotime status)" in str(day_table(missed).caption)
        assert "not collected: 1 source" in head(Desk(missed), 160).plain
