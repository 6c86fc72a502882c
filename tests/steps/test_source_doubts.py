"""What a source says in doubtful words is suggested with the doubt, and accepting everything leaves it out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from autotime.domain.work import Suggestion
from autotime.office import Office
from autotime.pipeline import run
from autotime.review.decide import safe_for_bulk
from autotime.testing.collectors import NOW
from tests.collectors.sources import MONDAY, event, letter, mbox, put

from .test_collecting import mail, meetings, office, stored

HEADERS = ["Received: from a by b; Mon, 9 Mar 2026 10:00:00 -0500"]


def surely(here: Office) -> list[Suggestion]:
    """The suggestions, as if the matcher were sure of their matters and the day had just ended."""
    found = [one for day in here.store.suggestions.days() for one in here.store.suggestions.on(day) if one.seconds]
    return [replace(one, matter="2026-001", preselected=True, probability=1.0) for one in found]


def reasons(here: Office) -> list[str]:
    """Why each of them is not accepted with the others."""
    return [safe_for_bulk(one, here.policy_for(None)) for one in surely(here)]


@pytest.mark.parametrize(
    ("start", "doubted"),
    [
        ("DTSTART:20260407T140000Z", False),
        ("DTSTART:20260407T090000", True),
        ("DTSTART;TZID=Nowhere/Town:20260407T090000", True),
    ],
)
def test_a_meeting_in_no_known_zone_is_for_a_person_to_look_at(tmp_path: Path, start: str, doubted: bool) -> None:
    """The timekeeper's own zone stands in, and that is said."""
    with office(tmp_path, meetings(tmp_path, event(start=start))) as here:
        run(here)
        [why] = reasons(here)
        assert bool(why) is doubted
        assert not doubted or "time zone" in why


@pytest.mark.parametrize("dated", ["Thu, 1 Jan 1970 00:00:00 +0000", "Fri, 1 Jan 2099 10:00:00 -0600", "Someday", ""])
def test_a_mail_of_an_absurd_date_is_for_a_person_to_look_at(tmp_path: Path, dated: str) -> None:
    """When a server took it stands in, and that is said; without any time it is set aside with its reason."""
    source = mail(tmp_path)
    put(tmp_path / "mail.mbox", mbox(letter(1, headers=[f"Date: {dated}", *HEADERS]), envelope=b"From - \n"))
    with office(tmp_path, source) as here:
        run(replace(here, now=MONDAY + 86_400))
        assert [item.at for item in stored(here)] == [MONDAY]
        [why] = reasons(here)
        assert "no usable date" in why


def test_mails_that_refer_to_each_other_in_a_circle_come_to_an_end(tmp_path: Path) -> None:
    """Each of three names the next as what it answers."""
    source = mail(tmp_path)
    circle = [letter(number, headers=[f"References: <{(number + 1) % 3}@okafor.example>"]) for number in range(3)]
    put(tmp_path / "mail.mbox", mbox(*circle))
    with office(tmp_path, source) as here:
        assert [one.new for one in run(here).collected] == [3]
        assert len(reasons(here)) >= 1


def test_two_mails_under_one_message_id_are_two(tmp_path: Path) -> None:
    """Neither takes the other's place, however often they are read."""
    source = mail(tmp_path)
    twins = [letter(1, body, sent=NOW - 7200 + 3600 * number) for number, body in enumerate(("One.\n", "Two.\n"))]
    put(tmp_path / "mail.mbox", mbox(*twins))
    with office(tmp_path, source) as here:
        for _ in range(2):
            run(here)
            assert len(stored(here)) == 2
            assert [item.at for item in stored(here)] == [NOW - 7200, NOW - 3600]
        assert here.store.suggestions.days() == [date(2026, 4, 7)]
