"""UTBMS codes by the primer's table: activity from the kind of evidence, task from its words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autotime.billing import utbms
from autotime.classifiers.codes import GENERAL, TASKS, activity_code, task_code
from autotime.domain.books import Books, Code, Matter
from autotime.domain.evidence import Evidence, Kind, Participant, Role
from tests.timeline.seen import ME, MORNING, TIMEKEEPER, call, document, evidence, meeting, received, sent

CASE = Matter(number="1", name="Case", client="C", code_set="litigation", domains=("client.example",))
SISTER = Matter(number="2", name="Deal", client="C", code_set="project", domains=("sister.example",))
CODES = {code.code: code for code in utbms.load()}
BOOKS = Books(matters={"1": CASE, "2": SISTER}, codes=CODES)


def people(*addresses: str) -> tuple[Participant, ...]:
    return (Participant(Role.FROM, ME), *(Participant(Role.TO, mail) for mail in addresses))


def activity(*items: Evidence, matter: Matter | None = CASE, books: Books = BOOKS) -> str:
    return activity_code(items, TIMEKEEPER, matter, books)


@pytest.mark.parametrize(
    ("addresses", "code"),
    [
        (("ruth@client.example",), "A106"),
        (("ruth@sister.example",), "A106"),
        (("owen@petrak-law.example", "ruth@client.example"), "A106"),
        (("owen@petrak-law.example",), "A107"),
        (("owen@petrak-law.example", "clerk@court.example"), "A107"),
        (("x@expert.example",), "A108"),
        (("helen@firm.example",), "A105"),
        (("helen@firm.example", "x@expert.example"), "A108"),
        ((), "A105"),
    ],
)
def test_communication_is_coded_by_who_is_on_the_other_side(addresses: tuple[str, ...], code: str) -> None:
    """The client, under any of its matters, before counsel, counsel before others, colleagues last."""
    assert activity(sent("s", MORNING, people=people(*addresses))) == code
    assert activity(call("c", MORNING, 60, people=people(*addresses))) == code


def test_a_providers_domain_makes_no_colleagues() -> None:
    alone = replace(TIMEKEEPER, emails=("ada@gmail.com",))
    item = sent("s", MORNING, people=(Participant(Role.FROM, "ada@gmail.com"), Participant(Role.TO, "x@gmail.com")))
    assert activity_code([item], alone, CASE, BOOKS) == "A108"


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        ("Hearing on motion", "A109"),
        ("Deposition of Ortiz", "A109"),
        ("Prepare for moot", "A101"),
        ("Strategy", "A106"),
    ],
)
def test_meetings_are_attended_prepared_for_or_held_with_somebody(subject: str, code: str) -> None:
    assert activity(meeting("m", MORNING, 600, subject=subject, people=people("ruth@client.example"))) == code


def test_documents_are_drafted_reviewed_or_research() -> None:
    assert activity(document("d", MORNING, subject="Motion")) == "A103"
    assert activity(document("d", MORNING, own=False, subject="Motion")) == "A104"
    assert activity(document("d", MORNING, subject="Memorandum of law on standing")) == "A102"


def test_received_mail_is_reviewed_unless_own_work_stands_beside_it() -> None:
    got, answer = received("r", MORNING), sent("s", MORNING, people=people("ruth@client.example"))
    assert activity(got) == "A104"
    assert activity(got, received("q", MORNING), answer) == "A106"


def test_a_code_the_books_do_not_hold_is_not_answered() -> None:
    assert activity(document("d", MORNING), books=replace(BOOKS, codes={})) == ""
    only = {"A106": Code("A106", "Communicate", "activity")}
    pieces = document("d", MORNING), sent("s", MORNING, people=people("r@client.example"))
    assert activity(*pieces, books=replace(BOOKS, codes=only)) == "A106"


@pytest.mark.parametrize(
    ("code_set", "subject", "code"),
    [
        ("litigation", "Motion to compel", "L350"),
        ("litigation", "second requests for production", "L310"),
        ("litigation", "Deposition outline", "L330"),
        ("litigation", "Answer and counterclaim", "L210"),
        ("litigation", "hello", "L120"),
        ("project", "Closing checklist", "P600"),
        ("project", "Redline of the agreement", "P500"),
        ("counseling", "question", "C300"),
        ("bankruptcy", "Relief from stay", "B140"),
        ("", "Motion to compel", ""),
        ("unknown", "Motion to compel", ""),
    ],
)
def test_the_task_is_found_by_its_words_in_the_matters_own_set(code_set: str, subject: str, code: str) -> None:
    matter = replace(CASE, code_set=code_set)
    assert task_code([sent("s", MORNING, subject=subject)], matter, BOOKS) == code


def test_a_subject_outweighs_a_body() -> None:
    item = sent("s", MORNING, subject="Deposition", body="The motion to compel is due.")
    assert task_code([item], CASE, BOOKS) == "L330"
    assert task_code([sent("s", MORNING, body="The motion to compel is due.")], CASE, BOOKS) == "L350"


def test_a_file_name_says_what_a_title_does_not() -> None:
    item = evidence("d", Kind.DOCUMENT, MORNING, subject="Draft", facts={"file": "privilege_log_v2.xlsx"})
    assert task_code([item], CASE, BOOKS) == "L320"


def test_without_a_matter_or_its_codes_there_is_no_task() -> None:
    assert task_code([sent("s", MORNING, subject="Motion to compel")], None, BOOKS) == ""
    assert task_code([sent("s", MORNING, subject="Motion to compel")], CASE, replace(BOOKS, codes={})) == ""


def test_every_code_of_the_tables_is_a_real_one_of_its_set() -> None:
    for code_set, rules in TASKS.items():
        known = {code.code for code in CODES.values() if code.code_set == code_set}
        assert {code for code, _ in rules} <= known
        assert GENERAL[code_set] in known


def test_what_was_billed_before_is_the_task_where_no_word_tells_one() -> None:
    """The most frequent one that the matter's set has; words go before it."""
    silent = sent("1", MORNING, subject="Thursday")
    telling = sent("2", MORNING, subject="Deposition of Mr. Lund")
    assert task_code([silent], CASE, BOOKS) == GENERAL["litigation"]
    assert task_code([silent], CASE, BOOKS, ["P400", "L320", "L310"]) == "L320"
    assert task_code([telling], CASE, BOOKS, ["L320"]) == "L330"
    assert task_code([silent], CASE, BOOKS, ["P400"]) == GENERAL["litigation"]
