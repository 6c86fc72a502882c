"""The pure desk: what keys mean, without a screen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autotime.domain.decisions import DismissReason
from autotime.domain.errors import Misused, NotAllowed
from autotime.domain.work import Billing
from autotime.review import desk as looking
from autotime.review import meant
from autotime.review.acts import Accept, Defer, Dismiss, Edits, Undo
from autotime.review.desk import Desk
from autotime.review.rows import Standing
from autotime.review.view import DayView, totals
from tests.review import day


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> DayView:
    return day.view(tmp_path_factory.mktemp("desk"))


@pytest.fixture
def desk(view: DayView) -> Desk:
    return Desk(view)


def place(desk: Desk, row: int) -> Desk:
    return looking.at(desk, desk.rows[row].key)


def test_rows_are_in_order_of_time_and_what_was_only_received_comes_last(desk: Desk) -> None:
    assert [row.when for row in desk.rows] == ["09:00–10:00", "10:24–10:30", "11:04–11:10", "15:00–15:30", "12:05"]
    assert desk.rows[-1].standing is Standing.OFFER


def test_ordered_by_doubt_the_least_sure_that_waits_is_first(desk: Desk) -> None:
    doubted = looking.reordered(desk)
    assert doubted.rows[0].matter == "? 2026-003 Imprint licence"
    assert [row.key for row in looking.reordered(doubted).rows] == [row.key for row in desk.rows]


def test_moving_stops_at_both_ends(desk: Desk) -> None:
    assert looking.moved(desk, -3).place == 0
    assert looking.moved(desk, 99).place == len(desk.rows) - 1


def test_totals_count_offers_and_do_not_sum_them(view: DayView) -> None:
    sums = totals(view)
    assert (sums.undecided, sums.offers, sums.worked_seconds, sums.billed_minutes) == (4, 1, 0, 0)
    assert sums.undecided_seconds == sum(one.seconds for one in view.open)


def test_accepting_sends_exactly_what_was_shown_and_moves_on(desk: Desk) -> None:
    first = desk.suggestion
    assert first is not None
    intended = meant.accept(desk)
    assert intended.acts == (Accept(first.id, first.revision),)
    assert intended.desk.rows[0].standing is Standing.DECIDING
    assert intended.desk.place == 1


def test_a_suggestion_without_a_matter_cannot_be_accepted_and_the_desk_says_which_key_helps(desk: Desk) -> None:
    intended = meant.accept(place(desk, 2))
    assert intended.acts == ()
    assert intended.desk.message.trouble
    assert "m chooses one" in intended.desk.message.text


def test_a_matter_chosen_at_the_desk_waits_there_until_it_is_accepted(desk: Desk) -> None:
    chosen = meant.reassigned(place(desk, 2), "2026-003")
    assert chosen.current is not None
    assert (chosen.current.standing, chosen.current.matter) == (Standing.CHANGED, "2026-003 Imprint licence")
    (accepted,) = meant.accept(chosen).acts
    assert isinstance(accepted, Accept)
    assert accepted.edits.matter == "2026-003"


def test_words_drafted_for_one_client_do_not_stand_on_anothers_bill(desk: Desk) -> None:
    """A change of matter drafts codes and words anew; taking it back restores what was drafted."""
    one = desk.suggestion
    assert one is not None
    other = meant.reassigned(desk, "2026-003")
    assert other.edits[one.id].task_code == ""
    assert meant.reassigned(other, one.matter).edits == {}


def test_minutes_go_up_and_down_by_the_increment_and_never_to_nothing(desk: Desk) -> None:
    one = desk.suggestion
    assert one is not None
    less = meant.nudged(desk, -1)
    assert less.edits[one.id].worked_seconds == 54 * 60
    assert meant.nudged(less, 1).edits == {}
    least = meant.nudged(desk, -99)
    assert least.edits[one.id].worked_seconds == 60


def test_more_time_than_was_seen_is_said_to_be_a_statement(desk: Desk) -> None:
    from autotime.review.detail import detail

    more = meant.nudged(desk, 2)
    assert more.current is not None
    assert more.current.worked_seconds == 72 * 60
    assert any("12m of it your own statement" in line.text for line in detail(more))


def test_all_safe_leaves_the_unsure_the_received_and_the_changed(desk: Desk) -> None:
    taken = meant.accept_safe(desk)
    assert {one.matter for one in taken} == {"2026-001", "2026-002"}
    assert len(taken) == 3
    assert len(meant.accept_safe(meant.nudged(desk, 1))) == 2
    assert all(isinstance(act, Accept) and act.bulk for act in meant.accept_all(desk, taken).acts)


def test_marked_rows_are_decided_together(desk: Desk) -> None:
    two = looking.marked(looking.marked(desk))
    assert two.place == 2
    acts = meant.dismiss(two, DismissReason.PERSONAL).acts
    assert [type(act) for act in acts] == [Dismiss, Dismiss]
    assert len(meant.defer(two).acts) == 2
    assert looking.unmarked(two).marks == frozenset()


def test_the_desk_shows_only_rows_with_the_words_that_are_looked_for(desk: Desk) -> None:
    narrow = looking.narrowed(desk, "warehouse LEASE")
    assert [row.matter for row in narrow.rows] == ["2026-002 Warehouse lease"]
    assert meant.accept_safe(narrow) == meant.accept_safe(desk)[1:2]
    assert len(looking.narrowed(narrow, "").rows) == len(desk.rows)


def test_undo_without_decisions_here_takes_back_the_last_one_there_is(desk: Desk) -> None:
    assert meant.undo(desk).acts == (Undo(),)
    assert meant.undo(replace(desk, done=(("d1",), ("d2", "d3")))).acts == (Undo("d3"), Undo("d2"))


def test_a_view_that_comes_anew_keeps_the_changes_and_the_place(desk: Desk) -> None:
    changed = meant.nudged(place(desk, 1), 1)
    again = looking.seen(changed, replace(desk.view, recent=("2026-001",)))
    assert (again.edits, again.cursor) == (changed.edits, changed.cursor)
    gone = replace(desk.view, suggestions=desk.view.suggestions[:1])
    assert looking.seen(changed, gone).edits == {}


def test_another_day_begins_at_its_first_row_without_marks(desk: Desk) -> None:
    other = looking.seen(looking.marked(desk), replace(desk.view, day=day.NEXT_DAY, suggestions=()))
    assert (other.marks, other.place, other.rows) == (frozenset(), 0, ())


def test_what_the_command_line_advises_is_said_in_keys(desk: Desk) -> None:
    said = looking.refused(desk, NotAllowed("no", kept="nothing was changed", hint="autotime undo"))
    assert said.message.text == "no · nothing was changed · next: u takes a decision back"


def test_nothing_happens_on_an_empty_day(view: DayView) -> None:
    empty = Desk(replace(view, suggestions=(), entries=()))
    for key in (meant.accept, meant.defer, lambda d: meant.dismiss(d, DismissReason.WRONG)):
        assert key(empty).acts == ()
    assert meant.nudged(empty, 1).message.trouble
    assert looking.moved(empty, 1).rows == ()


KEYS = {
    "j": lambda d: looking.moved(d, 1),
    "k": lambda d: looking.moved(d, -1),
    "space": looking.marked,
    "esc": looking.unmarked,
    "o": looking.reordered,
    "+": lambda d: meant.nudged(d, 1),
    "-": lambda d: meant.nudged(d, -1),
    "=": meant.unchanged,
    "m": lambda d: meant.reassigned(d, "2026-003"),
    "/": lambda d: looking.narrowed(d, "2026-001"),
    "a": lambda d: meant.accept(d).desk,
    "f": lambda d: meant.defer(d).desk,
    "d": lambda d: meant.dismiss(d, DismissReason.PERSONAL).desk,
    "u": lambda d: meant.undo(d).desk,
}


@given(st.lists(st.sampled_from(sorted(KEYS)), max_size=25))
@settings(max_examples=60)
def test_whatever_keys_are_pressed_nothing_is_approved_that_was_not_shown(view: DayView, keys: list[str]) -> None:
    """Acts name the revision and matter on the screen; a row being decided is not decided again."""
    desk = Desk(view)
    under_way: set[str] = set()
    for key in keys:
        if key == "a":
            for act in meant.accept(desk).acts:
                assert isinstance(act, Accept)
                shown = view.suggestion(act.suggestion)
                assert shown is not None
                assert act.revision == shown.revision
                assert act.suggestion not in under_way
                assert act.edits == desk.edits.get(act.suggestion, Edits())
        desk = KEYS[key](desk)
        under_way = set(desk.deciding)
        assert 0 <= desk.place <= max(len(desk.rows) - 1, 0)
        assert desk.marks <= {one.id for one in view.open}


def test_a_deferred_row_is_put_aside_and_not_lost(desk: Desk) -> None:
    intended = meant.defer(desk)
    assert isinstance(intended.acts[0], Defer)
    assert len(intended.desk.rows) == len(desk.rows)


def test_what_would_be_refused_is_said_while_it_is_changed(desk: Desk) -> None:
    changed = meant.changed(desk, {desk.rows[0].key: Edits(matter="9999")})
    assert changed.message.trouble
    assert "refused" in changed.rows[0].flags


def test_an_edit_made_in_a_form_is_kept_beside_what_was_changed_before(view: DayView) -> None:
    from autotime.review.forms import edits_of, shown_fields

    one = view.open[0]
    before = Edits(worked_seconds=1800)
    shown = shown_fields(view, one, before)
    typed = replace(shown, billing=Billing.NO_CHARGE)
    assert edits_of(typed, shown, before) == Edits(worked_seconds=1800, billing=Billing.NO_CHARGE)
    with pytest.raises(Misused):
        edits_of(replace(shown, minutes="soon"), shown, before)
