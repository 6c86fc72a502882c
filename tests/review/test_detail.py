"""What is told of the row looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autotime.domain.delivery import DeliveryState
from autotime.domain.entries import TimeEntry
from autotime.domain.work import Suggestion
from autotime.guidelines import Finding, Severity
from autotime.office import Office
from autotime.review import desk as looking
from autotime.review import meant
from autotime.review.acts import Accept, Edits, Merge
from autotime.review.desk import Desk
from autotime.review.detail import SHOWN, Line, detail
from autotime.review.view import DayView, safe
from autotime.steps.deciding import decide
from autotime.steps.reviewing import day_view
from tests.review import day


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Office]:
    with day.office(tmp_path) as opened:
        yield opened


@pytest.fixture
def view(here: Office) -> DayView:
    return day_view(here, day.DAY)


def told(view: DayView, row: int = 0, edits: Edits | None = None) -> str:
    desk = Desk(view)
    key = desk.rows[row].key
    changed = replace(desk, edits={key: edits} if edits else {})
    return "\n".join(line.text for line in detail(looking.at(changed, key)))


def test_a_suggestion_tells_minutes_with_their_rule_doubt_reasons_and_evidence(view: DayView) -> None:
    text = told(view)
    assert "worked 1h00 → bills 1.0h (up to the next 6 min) · an estimate" in text
    assert "98% almost certain: this sender, 17 of 18 times" in text
    assert "or: 2026-002 Warehouse lease 1%" in text
    assert "09:00–10:00  1h00 meeting  Deposition preparation (Jonas Harrow)" in text


def test_received_mail_is_said_to_be_no_time_by_itself(view: DayView) -> None:
    assert "received only, no time by itself: accepting states that you spent 6 min on it" in told(view, 4)


def test_without_a_matter_the_detail_says_why_accept_all_leaves_it(view: DayView) -> None:
    text = told(view, 2)
    assert "not in accept-all: no matter chosen" in text
    assert "or: 2026-003 Imprint licence 40%" in text


def test_a_change_that_would_be_refused_says_so_before_it_is_tried(view: DayView) -> None:
    assert "! there is no matter 9999" in told(view, 0, Edits(matter="9999"))


def test_another_matter_keeps_the_reasons_of_the_first_apart(view: DayView) -> None:
    desk = meant.reassigned(Desk(view), "2026-003")
    text = "\n".join(line.text for line in detail(desk))
    assert "drafted for 2026-001 Northwind v. Harrow, 98% almost certain" in text
    assert "billable, changed here" in text


def test_an_entry_tells_its_delivery_its_own_statement_and_newer_evidence(here: Office) -> None:
    one = day_view(here, day.DAY).open[0]
    entry = decide(here, Accept(one.id, one.revision, Edits(worked_seconds=4500))).entries[0]
    view = day_view(here, day.DAY)
    assert "approved, queued" in told(view)
    assert "worked 1h15 → bills 1.3h (up to the next 6 min) · 15m of it your own statement" in told(view)
    newer = replace(view, changed={entry.id: ("v1",)}, delivery={entry.id: DeliveryState.IN_DOUBT})
    assert "what stands behind this entry has changed or was taken back; the entry was not changed" in told(newer)
    assert "approved, in doubt" in told(newer)


def test_a_late_entry_is_labelled(here: Office, view: DayView) -> None:
    one = view.open[0]
    decide(here, Accept(one.id, one.revision))
    late = day_view(here, day.DAY)
    labelled = replace(late, entries=tuple(replace(entry, late="reconstructed") for entry in late.entries))
    assert "! reconstructed: drafted long after the work" in told(labelled)


def test_a_merged_entry_tells_its_parts(here: Office, view: DayView) -> None:
    chosen = [one for one in view.open if one.matter == "2026-001" and one.spans]
    decide(here, Merge(tuple((one.id, one.revision) for one in chosen)))
    assert "part: 1h00" in told(day_view(here, day.DAY))
    assert "part: 30m" in told(day_view(here, day.DAY))


def test_many_pieces_are_counted_rather_than_listed(view: DayView) -> None:
    item = day.mail("x", "10:00", "Loading dock")
    pieces = {one.id: one for one in (replace(item, key=f"k{n}") for n in range(SHOWN + 5))}
    one = replace(view.suggestions[0], evidence=tuple((key, 1) for key in pieces))
    crowded = replace(view, suggestions=(one,), evidence=pieces)
    assert told(crowded).endswith("… and 5 more")


def test_an_empty_day_and_rows_that_are_hidden_say_what_to_press(view: DayView) -> None:
    empty = Desk(replace(view, suggestions=()))
    assert "n adds time by hand" in detail(empty)[0].text
    assert "esc shows all" in detail(looking.narrowed(Desk(view), "nothing like it"))[0].text


def found(severity: Severity) -> Finding:
    return Finding(
        guideline="northwind", rule="one-task", severity=severity, text="One task an entry.", fix="Split it."
    )


@pytest.mark.parametrize(("severity", "mark"), [(Severity.ERROR, "✗"), (Severity.WARNING, "!")])
def test_what_a_guideline_finds_is_said_with_its_remedy(view: DayView, severity: Severity, mark: str) -> None:
    guided = replace(view, guide=lambda _item: (found(severity),))
    told = detail(Desk(guided))
    assert Line(f"{mark} One task an entry. Split it. (northwind: one-task)", "note") in told


def test_a_guideline_is_asked_about_what_the_edited_draft_would_become(view: DayView) -> None:
    asked: list[str] = []

    def guide(item: Suggestion | TimeEntry) -> tuple[Finding, ...]:
        asked.append(item.narrative)
        return ()

    first = Desk(view).rows[0].key
    detail(Desk(replace(view, guide=guide), cursor=first, edits={first: Edits(narrative="Argue motion to dismiss")}))
    assert "Argue motion to dismiss" in asked


def test_accept_all_leaves_what_a_client_would_not_pay(view: DayView) -> None:
    assert safe(view)
    assert not safe(replace(view, guide=lambda _item: (found(Severity.ERROR),)))
    assert safe(replace(view, guide=lambda _item: (found(Severity.WARNING),))) == safe(view)
