"""How things stand, for a person: words and local clocks."""

from __future__ import annotations

from typing import Any

from autotime.cli.standing import lines

SOURCE = {"new": 0, "changed": 0, "quarantined": 0, "trouble": "", "account": "mail"}


def told(**changes: Any) -> dict[str, Any]:
    return {
        "timekeeper": "AOK",
        "evidence": 12_345,
        "sources": [],
        "undecided": 1,
        "undecided_days": 1,
        "stale_days": 0,
        "submissions": {},
        "quarantined": 0,
        "last_run": None,
        **changes,
    }


def last_run(report: dict[str, Any], finished: str | None = "2026-03-04T05:31:00+00:00") -> str:
    run = {"started": "2026-03-04T05:30:00+00:00", "finished": finished, "report": report}
    return lines(told(last_run=run), "America/Chicago")[-1]


def test_one_is_one_and_many_are_many() -> None:
    """«1 suggestion on 1 day»."""
    assert "to review    1 suggestion on 1 day" in lines(told(), "UTC")
    assert "to review    3 suggestions on 2 days" in lines(told(undecided=3, undecided_days=2), "UTC")


def test_a_store_nobody_has_run_on_says_so() -> None:
    """Rather than nothing."""
    assert lines(told(), "UTC")[-1] == "last run     none yet"


def test_the_last_run_says_when_by_the_timekeepers_clock_and_what_it_found() -> None:
    """Half past five in London was half past eleven the evening before."""
    report = {
        "collected": [SOURCE | {"new": 4, "changed": 2, "quarantined": 1}],
        "days": ["2026-03-03"],
        "suggestions": 1,
    }
    assert last_run(report) == (
        "last run     03 Mar 2026 23:30: 4 new, 2 changed, 1 quarantined, 1 suggestion on 1 day"
    )


def test_a_source_that_was_not_collected_is_named_with_its_reason() -> None:
    """Missing data is never «no work»."""
    report = {"collected": [SOURCE | {"trouble": "there is no such file"}], "days": [], "suggestions": 0}
    assert last_run(report).endswith("mail not collected: there is no such file")


def test_a_run_that_was_killed_says_that_it_did_not_finish() -> None:
    """Its report is empty then."""
    assert "did not finish" in last_run({}, finished=None)


def test_each_source_says_when_it_was_last_read() -> None:
    """And how much it holds."""
    source = {"account": "mail", "source": "mbox", "items": 1, "last_success": "2026-07-01T12:00:00+00:00"}
    assert "  mail (mbox): 1 item, last read 01 Jul 2026 07:00" in lines(told(sources=[source]), "America/Chicago")
