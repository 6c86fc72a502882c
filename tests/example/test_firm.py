"""The example firm: the same from the same seed, and with everything a real office has."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from autotime.example import calendars
from autotime.example.days import NOBODY, Worked, worked
from autotime.example.firm import CASES, DOMAIN, STAFF
from autotime.example.write import LABELLED, TRUTH, write_firm

LAST, SEED = date(2026, 3, 31), 1998


def digest(folder: Path) -> str:
    """Of every file: its name and its bytes."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        total.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return total.hexdigest()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("firm")


@pytest.fixture(scope="module")
def firm(folder: Path) -> Mapping[str, Worked]:
    return write_firm(folder, LAST, SEED)


def calendar(folder: Path, who: str) -> str:
    return (folder / who / "calendar" / "calendar.ics").read_text("utf-8")


@pytest.mark.usefixtures("firm")
def test_the_same_seed_gives_the_same_firm_to_the_byte(folder: Path, tmp_path: Path) -> None:
    """Mail, calendars, documents, books and the truth."""
    write_firm(tmp_path / "again", LAST, SEED)
    assert digest(tmp_path / "again") == digest(folder)


def test_another_seed_gives_other_weeks(firm: Mapping[str, Worked]) -> None:
    """The firm is the same, what happened is not."""
    staff = STAFF[0]
    other = worked(staff, [one.person for one in STAFF[1:]], LAST, SEED + 1)
    assert other.days == firm[staff.id].days
    assert other.letters != firm[staff.id].letters
    assert other.drafts != firm[staff.id].drafts


def test_it_has_three_timekeepers_and_twelve_matters_of_three_kinds() -> None:
    """Litigation with docket numbers, transactions, counselling; each with parties or people."""
    assert len(STAFF) == 3
    assert len(CASES) >= 12
    assert {"litigation", "project", "counseling"} <= {case.code_set for case in CASES}
    assert all(case.docket for case in CASES if case.code_set == "litigation")
    assert all(case.contact.mail and case.client_name for case in CASES)


def test_it_spans_four_weeks(firm: Mapping[str, Worked]) -> None:
    """Twenty working days, the last of them on or before the day asked for."""
    for told in firm.values():
        assert len(told.days) == 20
        assert told.days[-1] <= LAST
        assert all(day.weekday() < 5 for day in told.days)


def test_letters_are_answered_in_threads(firm: Mapping[str, Worked]) -> None:
    """An answer names what it answers, comes after it, and quotes it."""
    for told in firm.values():
        known = {letter.key: letter for letter in told.letters}
        answers = [letter for letter in told.letters if letter.answers]
        assert len(answers) > 40
        assert all(known[letter.answers[-1]].at < letter.at for letter in answers)
        assert any("wrote:" in letter.text for letter in answers)


@pytest.mark.parametrize(
    ("kind", "sign"),
    [
        ("newsletters", r"Subject: Daily Docket"),
        ("spam", r"Subject: Your parcel \d+ is waiting"),
        ("personal mail", r"homemail\.example|lakeside-soccer\.example"),
        ("court notices", r"Subject: Activity in Case"),
        ("mail about two matters", r"Subject: two quick questions"),
        ("lists", r"List-Id: "),
    ],
)
@pytest.mark.usefixtures("firm")
def test_it_has_the_noise_of_a_real_mailbox(folder: Path, kind: str, sign: str) -> None:
    """For every timekeeper."""
    for staff in STAFF:
        mail = "".join(path.read_text("utf-8") for path in (folder / staff.id / "mail").rglob("*") if path.is_file())
        assert re.search(sign, mail), f"{staff.id} has no {kind}"


@pytest.mark.usefixtures("firm")
def test_each_timekeepers_mail_is_kept_in_another_way(folder: Path) -> None:
    """mbox, Maildir and .eml: each collector has work."""
    assert list((folder / "MOK" / "mail").glob("*.mbox"))
    assert (folder / "HLQ" / "mail" / "cur").is_dir()
    assert list((folder / "PST" / "mail").glob("*/*.eml"))


@pytest.mark.parametrize(
    ("kind", "sign"),
    [
        ("a recurring meeting", "RRULE:FREQ=WEEKLY"),
        ("a moved occurrence", "RECURRENCE-ID"),
        ("a cancelled one", "STATUS:CANCELLED"),
        ("an all-day event", "DTSTART;VALUE=DATE:"),
        ("a declined one", "PARTSTAT=DECLINED"),
        ("a private one", "CLASS:PRIVATE"),
        ("one shown as free", "TRANSP:TRANSPARENT"),
    ],
)
@pytest.mark.usefixtures("firm")
def test_it_has_the_traps_of_a_real_calendar(folder: Path, kind: str, sign: str) -> None:
    """For every timekeeper."""
    for staff in STAFF:
        assert sign in calendar(folder, staff.id), f"{staff.id} has no {kind}"


def test_some_meetings_overlap(firm: Mapping[str, Worked]) -> None:
    """Which is where a minute would be billed twice."""
    for told in firm.values():
        events = calendars.events(told, SEED)
        ends = [(one.start.timestamp(), one.start.timestamp() + 60 * one.minutes) for one in events]
        assert any(later[0] < earlier[1] for earlier, later in pairwise(sorted(ends)))


@pytest.mark.usefixtures("firm")
def test_documents_say_who_worked_on_them_and_for_how_long(folder: Path) -> None:
    """Real Word files with core and application properties."""
    for staff in STAFF:
        documents = list((folder / staff.id / "documents").rglob("*.docx"))
        assert len(documents) > 20
        for path in documents[:5]:
            with zipfile.ZipFile(path) as archive:
                core, app = archive.read("docProps/core.xml").decode(), archive.read("docProps/app.xml").decode()
            assert staff.person.name in core
            assert re.search(r"<TotalTime>[1-9]\d*</TotalTime>", app)


@pytest.mark.usefixtures("firm")
def test_the_truth_stands_beside_it_and_knows_every_item(folder: Path, firm: Mapping[str, Worked]) -> None:
    """Each mail with its matter, or nobody's; the labelled mail in order of time."""
    for staff in STAFF:
        truth = [json.loads(line) for line in (folder / staff.id / TRUTH).read_text("utf-8").splitlines()]
        labelled = [json.loads(line) for line in (folder / staff.id / LABELLED).read_text("utf-8").splitlines()]
        letters = firm[staff.id].letters
        assert Counter(one["kind"] for one in truth)["message"] == len(letters) == len(labelled)
        matters = {case.number for case in CASES} | {NOBODY}
        assert {one["matter"] for one in truth} <= matters
        times = [datetime.fromisoformat(one["date"]) for one in labelled]
        assert times == sorted(times)


def test_nobody_in_it_is_real(firm: Mapping[str, Worked]) -> None:
    """Every address ends in a domain that cannot exist."""
    people = {person.mail for told in firm.values() for one in told.letters for person in (one.sender, *one.to)}
    assert all(mail.endswith(".example") for mail in people)
    assert DOMAIN.endswith(".example")
