"""How things stand, for a person: words and local clocks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autotime.cli.standing import lines
from tests.cli.run import autotime

SOURCE = {"new": 0, "changed": 0, "quarantined": 0, "trouble": "", "account": "mail"}


def told(**changes: Any) -> dict[str, Any]:
    return {
        "timekeeper": "AOK",
        "now": "2026-07-02T12:00:00+00:00",
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


def of_source(**changes: Any) -> list[str]:
    """What is said of one source, in Chicago."""
    source = {
        "account": "mail",
        "source": "mbox",
        "configured": True,
        "items": 1,
        "items_last": 0,
        "last_tried": "2026-07-01T12:00:00+00:00",
        "last_success": "2026-07-01T12:00:00+00:00",
        "trouble": "",
        "hint": "",
        "sign_in_needed": False,
        "gaps": [],
        "signed_in_as": "",
        "sign_in_lapses": None,
        "missing_permissions": [],
    }
    said = lines(told(sources=[source | changes]), "America/Chicago")
    return said[2 : said.index("to review    1 suggestion on 1 day")]


def test_each_source_says_when_it_was_last_read() -> None:
    """And how much it holds."""
    assert of_source() == ["  mail (mbox): 1 item, last read 01 Jul 2026 07:00"]


def test_a_source_that_cannot_be_read_says_since_when_and_why() -> None:
    """With the command to run next."""
    said = of_source(trouble="the server does not answer", hint="the next run tries again")
    assert said[1:] == [
        "    not collected since 01 Jul 2026 07:00: the server does not answer (next: the next run tries again)"
    ]


def test_a_source_nobody_has_read_yet_says_so() -> None:
    """It is not a source without work."""
    assert of_source(last_tried=None, last_success=None, items=0) == [
        "  mail (mbox): 0 items, never read",
        "    not collected yet: autotime run",
    ]


def test_a_sign_in_that_is_needed_names_the_command() -> None:
    """And since when nothing came."""
    said = of_source(sign_in_needed=True, trouble="the sign-in has ended", sign_in_lapses="2026-07-01T00:00:00+00:00")
    assert said[1:] == ['    sign-in needed: autotime connect "mail" (not collected since 01 Jul 2026 07:00)']


@pytest.mark.parametrize(
    ("lapses", "words"),
    [
        ("2026-09-30T12:00:00+00:00", "lapses in 90 days if it is not used"),
        ("2026-07-03T13:00:00+00:00", 'lapses in 1 day if it is not used: autotime connect "mail"'),
        ("2026-07-01T12:00:00+00:00", 'has lapsed: autotime connect "mail"'),
    ],
)
def test_a_sign_in_says_how_many_days_it_lasts(lapses: str, words: str) -> None:
    """Soon, it names the command that makes it last."""
    said = of_source(sign_in_lapses=lapses, signed_in_as="ada@firm.example")
    assert said[1:] == [f"    sign-in of ada@firm.example {words}"]


def test_what_a_source_does_not_give_is_told() -> None:
    """Parts that were not collected, and permissions nobody gave."""
    gap = {"part": "chats", "reason": "permission Chat.Read is missing", "hint": "ask your administrator"}
    said = of_source(gaps=[gap], missing_permissions=["Chat.Read"])
    assert said[1:] == [
        "    not collected: chats: permission Chat.Read is missing (next: ask your administrator)",
        "    permissions missing: Chat.Read",
    ]


def test_a_source_that_was_taken_out_of_the_settings_is_told_as_one() -> None:
    """What it gave stays."""
    assert of_source(configured=False)[0].startswith("  mail (mbox), no longer in the settings: 1 item")


def test_alerts_of_the_nights_and_a_missing_schedule_are_told() -> None:
    """Each with the command that helps."""
    alert = {"said": "«mail» has not been read for 4 days", "hint": "autotime status"}
    assert lines(told(schedule={"scheduled": True, "alerts": [alert]}), "UTC")[-1] == (
        "alert        «mail» has not been read for 4 days; next: autotime status"
    )
    assert lines(told(schedule={"scheduled": False, "alerts": []}), "UTC")[-1] == (
        "schedule     no nightly run: autotime schedule install"
    )


def test_the_status_for_programs_tells_of_the_nights_too(home: Path) -> None:
    """Monitoring asks one command."""
    schedule = autotime(home, "status", "--json").json["schedule"]
    assert (schedule["scheduled"], schedule["alerts"], schedule["last"]) == (False, [], None)
