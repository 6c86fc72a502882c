"""The desk on the screen, with a real store behind it: every act by its keys."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key

from autotime.domain.decisions import DecisionKind
from autotime.domain.errors import NotSetUp, Stale
from autotime.domain.work import Billing, Status
from autotime.office import Office
from autotime.review.acts import Accept
from autotime.review.app import ReviewApp
from autotime.review.screens.parts import Chosen
from autotime.steps.deciding import decide
from autotime.steps.reviewing import DeskBackend
from tests.review import day
from tests.review.screen import desk_of


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with day.office(tmp_path) as opened:
        yield opened


def entries(here: Office) -> list[Any]:
    return [entry for entry in here.store.entries.on(day.DAY) if entry.active]


class Kept(DeskBackend):
    """A backend whose store the test goes on using."""

    def close(self) -> None:
        pass


async def test_a_accepts_what_is_looked_at_and_u_takes_it_back(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.press("a")
        (entry,) = entries(here)
        assert (entry.matter, entry.worked_seconds) == ("2026-001", 3600)
        assert "accepted: bills 1.0 h" in screen.text
        assert "worked 1h00 · billed 1.0h" in screen.lines[0]
        await screen.press("u")
        assert entries(here) == []
        assert screen.desk.current is not None
        assert screen.desk.current.when == "09:00–10:00"


async def test_fast_keys_are_carried_out_in_order_and_each_once(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.pilot.press("a", "a", "a", "a", "j", "a")
        await screen.settle()
        await screen.settle()
        assert sorted(entry.matter for entry in entries(here)) == ["2026-001", "2026-001", "2026-002"]


async def test_what_was_accepted_before_leaving_is_approved(here: Office) -> None:
    """Three rows accepted and q pressed while the first is still being decided: nothing is dropped."""
    goes_on = threading.Event()

    class Slow(Kept):
        def decide(self, act: Any) -> Any:
            goes_on.wait(20)
            return super().decide(act)

    async with desk_of(here, behind=Slow) as screen:
        await screen.pilot.press("a", "a", "j", "a")
        await screen.pilot.pause()
        threading.Timer(0.3, goes_on.set).start()
        await screen.pilot.press("q")
    assert sorted(entry.matter for entry in entries(here)) == ["2026-001", "2026-001", "2026-002"]


async def test_all_safe_asks_once_and_escape_approves_nothing(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.press("A")
        assert "Approve 3 entries, as shown?" in screen.text
        await screen.press("escape")
        assert entries(here) == []
        await screen.press("A", "y")
        assert len(entries(here)) == 3
        await screen.press("u")
        assert entries(here) == []


async def test_e_changes_time_billing_and_words_and_ctrl_s_approves_them(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.press("e")
        for letter in "Prepare witness":
            await screen.press("space" if letter == " " else letter)
        await screen.press("shift+tab", "shift+tab", "enter", "2", "shift+tab")
        await screen.press(*["delete"] * 3, *"45", "ctrl+s")
        (entry,) = entries(here)
        assert entry.narrative.startswith("Prepare witness")
        assert (entry.worked_seconds, entry.billing) == (2700, Billing.NO_CHARGE)


async def test_a_key_pressed_twice_opens_one_window(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.pilot.press("d", "d")
        await screen.settle()
        await screen.press("escape")
        assert "Why is it no time entry?" not in screen.text


async def test_a_form_says_what_is_wrong_and_does_not_close(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.press("e", "shift+tab", "shift+tab", "shift+tab", "x", "ctrl+s")
        assert "time is minutes, like 45" in screen.text
        await screen.press("escape")
        assert entries(here) == []
        assert screen.desk.edits == {}


async def test_another_matter_in_the_form_drafts_the_words_anew(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.press("e", "tab", "enter", *"imprint", "enter")
        assert "2026-003 Imprint licence" in screen.text
        await screen.press("ctrl+s")
        (entry,) = entries(here)
        assert (entry.matter, entry.task_code) == ("2026-003", "")


async def test_m_finds_a_matter_by_a_few_letters_and_a_then_accepts(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.press("j", "j", "m", *"solo", "enter")
        assert screen.desk.current is not None
        assert screen.desk.current.matter == "2026-003 Imprint licence"
        assert entries(here) == []
        await screen.press("a")
        assert [entry.matter for entry in entries(here)] == ["2026-003"]


async def test_d_asks_why_and_the_reason_is_recorded(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.press("d", "1")
        (made,) = here.store.decisions.on(day.DAY)
        assert (made.kind, made.reason) == (DecisionKind.DISMISSED, "personal")
        assert "×" in screen.text


async def test_f_puts_aside(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.press("f")
        assert [one.status for one in here.store.suggestions.on(day.DAY)].count(Status.DEFERRED) == 1


async def test_n_adds_time_by_hand_with_a_place_in_the_day(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.press("n", "enter", *"lease", "enter", "tab", "tab", "tab", *"0.5h", "tab", *"13:00")
        await screen.press("tab", "tab", "tab", *"Inspect")
        await screen.press("ctrl+s")
        (entry,) = entries(here)
        assert (entry.matter, entry.billed_minutes, entry.narrative) == ("2026-002", 30, "Inspect")
        assert entry.spans[0].start == day.at("13:00")


async def test_marked_rows_become_one_entry_with_parts(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.press("space", "j", "j", "space", "J")
        assert "Merge 2 rows into one entry" in screen.text
        await screen.press("ctrl+s")
        (entry,) = entries(here)
        assert (entry.worked_seconds, len(entry.parts)) == (5400, 2)


async def test_one_row_alone_cannot_be_merged(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.press("J")
        assert "space marks the rows to merge" in screen.text


async def test_s_splits_by_minutes_between_two_matters(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.press("s", "tab", "tab", *"40", "tab", "enter", *"lease", "enter", "tab", *"20", "ctrl+s")
        made = {entry.matter: entry.worked_seconds for entry in entries(here)}
        assert made == {"2026-001": 2400, "2026-002": 1200}


async def test_brackets_and_g_go_to_other_days(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        assert "1 more to review on 1 other day" in screen.text
        await screen.press("right_square_bracket")
        assert screen.desk.view.day == day.NEXT_DAY
        await screen.press("g", *"2026-03-10", "enter")
        assert screen.desk.view.day == day.DAY


async def test_slash_narrows_the_rows_and_escape_shows_all(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.press("slash", *"lease", "enter")
        assert len(screen.desk.rows) == 1
        await screen.press("escape")
        assert len(screen.desk.rows) == 5


async def test_push_is_tried_dry_asks_and_then_delivers_once(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.press("a", "p", "ctrl+s")
        assert "Deliver 1 entry to csv?" in screen.text
        assert here.store.submissions.of_entry(entries(here)[0].id)[0].state.value == "queued"
        await screen.press("y")
        assert "Pushed to csv" in screen.text
        await screen.press("escape")
        assert "delivered" in screen.text
        await screen.press("u")
        assert "autotime never changes what was delivered" in screen.text
        assert len(entries(here)) == 1


async def test_an_invoice_is_asked_for_by_name_and_written_as_ledes(here: Office) -> None:
    """What it misses is said in the form, which keeps what was typed."""
    async with desk_of(here, behind=Kept) as screen:
        await screen.press("a", "p", "enter", "2", "tab", "enter", *"north", "enter", "ctrl+s")
        assert "Push approved time" in screen.text
        assert "no invoice number" in screen.problem
        await screen.press(*["tab"] * 4, *"INV7", "ctrl+s", "y")
        assert "Pushed to ledes" in screen.text
        (sent,) = here.store.submissions.of_entry(entries(here)[0].id)
        assert sent.state.value == "sent"


async def test_letters_that_come_faster_than_a_window_open_one(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.press("p")
        field = screen.app.screen.query_one("#target", Chosen)
        for letter in "led":
            field.on_key(Key(letter, letter))
        await screen.settle()
        await screen.press("2")
        assert (field.value, "Where to?" in screen.text) == ("ledes", False)
        await screen.press("enter", "1")
        assert field.value == "csv", "and it opens again"


async def test_a_date_that_is_none_keeps_the_push_open(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.press("a", "p", "tab", "tab", *"soon", "ctrl+s")
        assert "a date is like 2026-11-20" in screen.text


async def test_codes_and_travel_are_chosen_in_the_form(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.press("e", "tab", "tab", *"l310", "enter", "tab", *"a103", "enter")
        await screen.press("tab", "tab", "tab", "enter", "2", "ctrl+s")
        (entry,) = entries(here)
        assert (entry.task_code, entry.activity_code, entry.travel) == ("L310", "A103", True)


async def test_a_change_kept_at_the_desk_is_accepted_with_the_row(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.press("e", "x", "enter")
        assert entries(here) == []
        assert screen.desk.current is not None
        assert screen.desk.current.standing == "changed"
        await screen.press("a")
        assert entries(here)[0].narrative.startswith("x")


async def test_pieces_of_evidence_are_put_into_parts_by_digits(tmp_path: Path) -> None:
    told = [
        (day.mail("one", "09:00", "Discovery plan"), "2026-001", day.SURE),
        (day.mail("two", "09:20", "Discovery plan: exhibits"), "2026-001", day.SURE),
    ]
    with day.office(tmp_path, told) as gathered:
        async with desk_of(gathered, behind=Kept) as screen:
            await screen.press("s", "down", "2", "ctrl+s")
            made = entries(gathered)
            assert [len(entry.evidence) for entry in made] == [1, 1]
            assert not set(made[0].evidence) & set(made[1].evidence)


async def test_o_orders_by_doubt_r_looks_again_and_equals_takes_a_change_back(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.press("o")
        assert screen.desk.rows[0].matter == "? 2026-003 Imprint licence"
        await screen.press("o", "k", "k", "k", "k", "plus")
        assert screen.desk.edits
        await screen.press("equals_sign", "r")
        assert screen.desk.edits == {}
        assert "looked again" in screen.text


async def test_what_changed_meanwhile_is_refused_and_shown_anew(here: Office) -> None:
    """Another window approved the row first: this desk says so and shows how it stands."""
    async with desk_of(here, behind=Kept) as screen:
        one = screen.desk.suggestion
        assert one is not None
        decide(here, Accept(one.id, one.revision))
        await screen.press("a")
        assert screen.desk.message.trouble
        assert len(entries(here)) == 1
        assert "✓" in screen.text


async def test_help_lists_every_key(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.press("question_mark")
        assert "take the last decision back" in screen.text
        await screen.press("escape")
        assert "Keys" not in screen.text


async def test_a_click_looks_at_a_row(here: Office) -> None:
    async with desk_of(here, behind=Kept) as screen:
        await screen.pilot.click("#day", offset=(20, 3))
        await screen.settle()
        assert screen.desk.place == 2


async def test_where_nothing_is_set_up_the_desk_leaves_with_the_next_command() -> None:
    def nothing() -> DeskBackend:
        raise NotSetUp("there is no store yet", hint="autotime init")

    app = ReviewApp(nothing)
    async with app.run_test() as pilot:
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.pause()
    assert app.return_code == 1


async def test_a_backend_that_refuses_leaves_the_desk_standing(here: Office) -> None:
    class Refusing(Kept):
        def decide(self, act: Any) -> Any:
            raise Stale("it was drafted anew", kept="nothing was approved")

    async with desk_of(here, behind=Refusing) as screen:
        await screen.press("a")
        assert "it was drafted anew · nothing was approved" in screen.text
        assert screen.desk.deciding == frozenset()
        assert len(screen.desk.rows) == 5


async def test_a_defect_shows_where_and_nothing_that_was_in_hand(
    here: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken(Kept):
        def decide(self, act: Any) -> Any:
            raise ValueError("privileged words")

    with pytest.raises(Exception):  # noqa: B017, PT011 - the pilot raises what the app met
        async with desk_of(here, behind=Broken) as screen:
            await screen.press("a")
    shown = capsys.readouterr()
    assert "privileged" not in shown.out + shown.err
    assert "What was approved is stored" in shown.out + shown.err


@pytest.mark.parametrize("size", [(20, 5), (40, 12), (200, 60)])
async def test_a_terminal_of_any_size_is_drawn_and_recovers(here: Office, size: tuple[int, int]) -> None:
    async with desk_of(here, size=size, behind=Kept) as screen:
        await screen.press("j", "k")
        await screen.pilot.resize_terminal(140, 40)
        await screen.settle()
        assert "Deposition" in screen.text or "09:00–10:00" in screen.text
