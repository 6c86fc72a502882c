"""Approved time out of the desk: foretold, agreed to where something gets lost, watched, and told entry by entry."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from autotime import plugins
from autotime.billing.losses import accepted
from autotime.office import Office
from tests.billing.memory import Clock, MemoryBiller
from tests.review import day
from tests.review.screen import Screen, desk_of
from tests.review.test_app import Kept, entries


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with day.office(tmp_path) as opened:
        yield opened


@pytest.fixture
def biller(monkeypatch: pytest.MonkeyPatch) -> MemoryBiller:
    made = MemoryBiller(Clock())
    room = ModuleType("tests_memory")
    room.Memory = lambda connection, keys, mapping: made  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tests_memory", room)
    monkeypatch.setattr(plugins, "SYSTEMS", {**plugins.SYSTEMS, "memory": "tests_memory:Memory"})
    return made


class ToMemory(Kept):
    """A desk whose first target is the billing system in memory."""

    def targets(self) -> tuple[str, ...]:
        return ("memory", *(name for name in super().targets() if name != "memory"))


def states(here: Office) -> list[str]:
    return [here.store.submissions.of_entry(entry.id)[0].state.value for entry in entries(here)]


async def two_approved(screen: Screen) -> None:
    await screen.press("A", "y", "p", "ctrl+s")


# --- before ---


async def test_a_dry_run_shows_each_entry_with_day_hours_money_and_words_and_what_it_comes_to(
    here: Office, biller: MemoryBiller
) -> None:
    async with desk_of(here, behind=ToMemory) as screen:
        await two_approved(screen)
        assert "Deliver 3 entries to memory?" in screen.text
        assert "3 entries would go: 1.6h, " in screen.text
        assert "2026-03-10   1.0h    450.00 USD  2026-001 Northwind v. Harrow" in screen.text
        assert "2026-03-10   0.1h     41.25 USD  2026-002 Warehouse lease" in screen.text
        assert "Deposition preparation" in screen.text
        assert biller.rows == []


async def test_t_shows_what_the_system_would_be_told_field_by_field(here: Office, biller: MemoryBiller) -> None:
    async with desk_of(here, behind=ToMemory) as screen:
        await two_approved(screen)
        assert "quantity = 3600" not in screen.text
        await screen.press("t")
        assert "quantity = 3600" in screen.text
        await screen.press("t", "escape")
        assert "quantity" not in screen.text
        assert biller.rows == []


async def test_escape_comes_back_to_what_was_typed_and_delivers_nothing(here: Office, biller: MemoryBiller) -> None:
    async with desk_of(here, behind=ToMemory) as screen:
        await screen.press("a", "p", *["tab"] * 4, *"INV-7", "ctrl+s", "escape")
        assert "INV-7" in screen.text
        await screen.press("escape")
        assert "Push approved time" not in screen.text
        assert states(here) == ["queued"]


async def test_where_nothing_goes_nothing_is_asked(here: Office, biller: MemoryBiller) -> None:
    async with desk_of(here, behind=ToMemory) as screen:
        await screen.press("p", "ctrl+s")
        assert "Nothing goes to memory" in screen.text
        assert "nothing waits for this target" in screen.text
        assert "yes" not in screen.text


async def test_what_cannot_go_is_shown_with_the_reason(here: Office, biller: MemoryBiller) -> None:
    biller.refusal = "matter 2026-001 is not linked to memory: autotime books pull memory"
    async with desk_of(here, behind=ToMemory) as screen:
        await screen.press("a", "p", "ctrl+s")
        assert "Nothing goes to memory" in screen.text
        assert "! stays here: matter 2026-001 is not linked to memory: autotime books pull memory" in screen.text


async def test_a_system_that_cannot_be_asked_is_told_before_anything_is_sent(
    here: Office, biller: MemoryBiller
) -> None:
    from autotime.domain.errors import SignInNeeded

    biller.broken = SignInNeeded("memory does not take the sign-in any more", hint="autotime connect memory")
    async with desk_of(here, behind=ToMemory) as screen:
        await screen.press("a", "p", "ctrl+s")
        assert "memory does not take the sign-in any more" in screen.text
        assert "next: autotime connect memory" in screen.text
        assert states(here) == ["queued"]


# --- what gets lost ---


async def test_what_gets_lost_is_asked_for_by_field_and_count_and_agreed_to_once_and_for_all(
    here: Office, biller: MemoryBiller
) -> None:
    biller.lossy = ("activity_code", "travel")
    async with desk_of(here, behind=ToMemory) as screen:
        await two_approved(screen)
        assert "memory has no place for:" in screen.text
        assert "activity_code: of 3 entries" in screen.text
        assert "travel: of 3 entries" in screen.text
        await screen.press("y")
        assert "no place there for: activity_code, travel" in screen.text
        assert accepted(here.store, "memory") == []
        await screen.press("y")
        assert states(here) == ["sent"] * 3
        assert accepted(here.store, "memory") == ["activity_code", "travel"]
        await screen.press("escape", "n", "enter", *"lease", "enter", "tab", "tab", "tab", *"30", *["tab"] * 4)
        await screen.press(*"Inspect", "ctrl+s", "p", "ctrl+s")
        assert "Deliver 1 entry to memory?" in screen.text


async def test_what_is_not_agreed_to_stays_here_and_the_rest_goes(here: Office, biller: MemoryBiller) -> None:
    biller.drops = lambda payload: ("task_code",) if payload["matter"] == "2026-001" else ()  # type: ignore[method-assign]
    async with desk_of(here, behind=ToMemory) as screen:
        await two_approved(screen)
        assert "task_code: of 2 entries" in screen.text
        await screen.press("n")
        assert "Deliver 1 entry to memory?" in screen.text
        assert "! stays here: memory has no place for its task_code: p asks again" in screen.text
        await screen.press("y")
        assert sorted(states(here)) == ["queued", "queued", "sent"]
        assert accepted(here.store, "memory") == []


@pytest.mark.parametrize("key", ["escape", "enter"])
async def test_neither_escape_nor_enter_agrees_to_a_loss(here: Office, biller: MemoryBiller, key: str) -> None:
    biller.lossy = ("travel",)
    async with desk_of(here, behind=ToMemory) as screen:
        await screen.press("a", "p", "ctrl+s", key, "escape", "escape")
        assert states(here) == ["queued"]
        assert accepted(here.store, "memory") == []


async def test_only_losses_that_were_shown_are_agreed_to(here: Office, biller: MemoryBiller) -> None:
    """The mapping changed between the question and the push."""
    biller.lossy = ("travel",)
    async with desk_of(here, behind=ToMemory) as screen:
        await screen.press("a", "p", "ctrl+s", "y")
        biller.lossy = ("travel", "narrative")
        await screen.press("y")
        assert states(here) == ["queued"]
        assert accepted(here.store, "memory") == []
        assert "memory has no place for its travel, narrative" in screen.text


# --- while and after ---


async def test_progress_is_shown_and_leaving_its_window_stops_nothing(here: Office, biller: MemoryBiller) -> None:
    goes_on, asked = threading.Event(), threading.Event()

    def create(payload: Any) -> Any:
        if len(biller.rows) == 1:
            asked.set()
            goes_on.wait(20)
        return MemoryBiller.create(biller, payload)

    async with desk_of(here, behind=ToMemory) as screen:
        await two_approved(screen)
        biller.create = create  # type: ignore[method-assign]
        await screen.pilot.press("y")
        while not asked.is_set():
            await screen.pilot.pause(0.01)
        await screen.pilot.pause()
        assert "1 of 3" in screen.text
        await screen.pilot.press("escape")
        await screen.pilot.pause()
        assert "1 of 3" not in screen.text
        goes_on.set()
        await screen.settle()
        assert "Pushed to memory" in screen.text
        assert states(here) == ["sent"] * 3


async def test_doubt_is_told_in_words_with_the_next_command(here: Office, biller: MemoryBiller) -> None:
    biller.plan = ["ok", "lost_after", "ok"]
    async with desk_of(here, behind=ToMemory) as screen:
        await two_approved(screen)
        await screen.press("y")
        assert "2 entries went: " in screen.text
        flat = " ".join(screen.text.replace("│", " ").split())
        assert "! in doubt: memory did not answer; it may stand there or not" in flat
        assert "autotime resolve memory" in flat
        await screen.press("escape")
        assert screen.desk.message.text == "pushed to memory: 2 sent, 1 in doubt: autotime resolve memory"
        assert screen.desk.message.trouble


async def test_doubt_is_looked_into_by_pushing_once_more(here: Office, biller: MemoryBiller) -> None:
    biller.plan = ["lost_after"]
    async with desk_of(here, behind=ToMemory) as screen:
        await screen.press("a", "p", "ctrl+s", "y", "escape", "p", "ctrl+s")
        assert "Look into 1 entry that an earlier push left open at memory?" in screen.text
        await screen.press("y")
        assert "Pushed to memory" in screen.text
        assert len(biller.rows) == 1


async def test_a_push_that_was_stopped_says_why_what_is_kept_and_what_is_next(
    here: Office, biller: MemoryBiller
) -> None:
    biller.plan = ["ok", "signed_out"]
    async with desk_of(here, behind=ToMemory) as screen:
        await two_approved(screen)
        await screen.press("y")
        assert "memory does not take the sign-in any more" in screen.text
        assert "what was not sent stays queued" in screen.text
        assert "next: autotime connect memory" in screen.text
        assert sorted(states(here)) == ["queued", "queued", "sent"]


def flowing(screen: Screen) -> str:
    """Its text without frames and breaks of lines: a long path moves them."""
    return " ".join(screen.text.replace("│", " ").split())


async def test_a_file_is_named_before_and_after(here: Office, tmp_path: Path) -> None:
    async with desk_of(here, size=(200, 50), behind=Kept) as screen:
        await screen.press("a", "p", "ctrl+s")
        assert "csv-0001-AOK.csv would be written" in flowing(screen)
        await screen.press("y")
        assert "csv-0001-AOK.csv written" in flowing(screen)
        assert "1 entry went: 1.0h, 450.00 USD" in screen.text


HOSTILE = "[@click=app.quit]x[/] \x1b]52;c;cA==\x07 \u202eevil [/b]"


async def test_a_hostile_answer_of_a_system_is_shown_as_plain_safe_text(here: Office, biller: MemoryBiller) -> None:
    from autotime.domain.errors import InDoubt, Refused, SourceUnavailable

    troubles = iter([Refused(f"memory answered: {HOSTILE}"), InDoubt(HOSTILE), SourceUnavailable(HOSTILE)])

    def create(_: Any) -> Any:
        raise next(troubles)

    biller.create = create  # type: ignore[method-assign]
    biller.lossy = (f"f{HOSTILE}",)
    biller.told = lambda payload: {HOSTILE: HOSTILE}  # type: ignore[method-assign]
    async with desk_of(here, behind=ToMemory) as screen:
        shown = []
        for key in ("A", "y", "p", "ctrl+s", "y", "t", "y", "escape"):
            await screen.press(key)
            shown.append(screen.text)
        assert screen.app.is_running
        assert "[@click=app.quit]x[/]" in shown[4]
        assert "[@click=app.quit]x[/]" in shown[6]
        assert not {"\x1b", "\x07", "\u202e"} & set("".join(shown))
