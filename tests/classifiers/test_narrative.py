"""What is said on the bill: as attorneys write it, from the evidence only, in nobody else's words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.classifiers import narrative
from autotime.domain.books import Books, Client, Matter
from autotime.domain.evidence import Evidence, Kind, Participant, Role
from autotime.domain.spans import Span, Spans
from autotime.domain.untrusted import Untrusted
from tests.timeline.seen import ME, MORNING, TIMEKEEPER, call, document, meeting, received, sent

KESTREL = Matter(
    number="2026-0110", name="Kestrel Hospital HIPAA counselling", client="KESTREL",
    domains=("kestrelhospital.example",),
)  # fmt: skip
HARROW = Matter(
    number="2026-0101", name="Harrow Mills v. Castellan Freight", client="HARROW", parties=("Castellan Freight Lines",),
    aliases=("Project Millstone",), dockets=("1:26-cv-02417",), contacts=("r.adeyemi@mail.example",),
    domains=("harrowmills.example",),
)  # fmt: skip
APPEAL = Matter(number="2026-0130", name="Harrow Mills zoning appeal", client="HARROW")
BOOKS = Books(
    clients={c.id: c for c in (Client("KESTREL", "Kestrel Regional Hospital"), Client("HARROW", "Harrow Mills, Inc."))},
    matters={m.number: m for m in (KESTREL, HARROW, APPEAL)},
)
AMARA = ("a.boateng@kestrelhospital.example", "Amara Boateng")
HELEN = ("helen.lind@firm.example", "Helen Lindqvist")
OWEN = ("owen@brandt-law.example", "Petrak, Owen")


def who(*people: tuple[str, str], mine: Role = Role.FROM, theirs: Role = Role.TO) -> tuple[Participant, ...]:
    others = (Participant(theirs, mail, Untrusted(name)) for mail, name in people)
    return (Participant(mine, ME, Untrusted("Ada Okafor")), *others)


def mail(subject: str, *people: tuple[str, str], key: str = "1", words: int = 50) -> Evidence:
    return sent(key, MORNING, words=words, subject=subject, people=who(*people))


def letter(subject: str, *people: tuple[str, str], key: str = "r1") -> Evidence:
    return received(key, MORNING, subject=subject, people=who(*people, mine=Role.TO, theirs=Role.FROM))


def event(subject: str, *people: tuple[str, str], key: str = "m1") -> Evidence:
    attended = who(*people, mine=Role.ATTENDEE, theirs=Role.ORGANIZER)
    return meeting(key, MORNING, 1_800, subject=subject, people=attended)


def told(*evidence: Evidence, matter: Matter | None = KESTREL, books: Books = BOOKS) -> str:
    """The narrative of a block; what comes first has most time."""
    owned: dict[str, Spans] = {
        item.id: (Span(0, 1_000 - place),) for place, item in enumerate(evidence) if item.own
    }  # fmt: skip
    return narrative.draft(evidence, owned, matter, TIMEKEEPER, books)


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("RE: FW: vendor breach notice", "vendor breach notice"),
        ("[EXTERNAL] RE: [kestrel] vendor breach notice", "vendor breach notice"),
        ("Kestrel Hospital HIPAA counselling: vendor breach notice", "vendor breach notice"),
        ("Kestrel Hospital - vendor breach notice", "vendor breach notice"),
        ("2026-0110 Kestrel Regional Hospital: vendor breach notice", "vendor breach notice"),
        ("Kestrel Hospital", "Kestrel Hospital"),
        ("Notice to Kestrel Hospital: draft", "Notice to Kestrel Hospital: draft"),
    ],
)
def test_a_mail_is_about_its_subject_without_marks_and_without_the_matters_own_name(subject: str, said: str) -> None:
    assert told(mail(subject, AMARA)) == f"Correspond with A. Boateng re {said}"


def test_an_alias_and_a_side_of_the_case_are_the_matters_name_too() -> None:
    for front in ("Project Millstone", "Harrow Mills", "Castellan Freight", "1:26-cv-02417"):
        assert told(mail(f"{front}: second requests", HELEN), matter=HARROW) == "Correspond with HL re second requests"


def test_mails_about_one_subject_are_one_phrase_with_everybody_in_it() -> None:
    parts = mail("NorthWestern", AMARA), mail("RE: NorthWestern", OWEN, key="2"), mail("northwestern", AMARA, key="3")
    assert told(*parts) == "Correspond with A. Boateng and O. Petrak re NorthWestern"


def test_an_answer_covers_the_mail_it_answers() -> None:
    """Reading a mail and answering it is one act, in whichever order they come."""
    both = (letter("Dock", OWEN), mail("RE: Dock", HELEN))
    alone = narrative.draft(both, {}, KESTREL, TIMEKEEPER, BOOKS)
    assert (
        alone
        == narrative.draft(both[::-1], {}, KESTREL, TIMEKEEPER, BOOKS)
        == "Correspond with HL and O. Petrak re Dock"
    )


def test_more_than_three_people_are_others() -> None:
    people = [(f"p{n}@a.example", f"Pia {name}") for n, name in enumerate(("Abel", "Bode", "Cole", "Dorn"))]
    assert told(mail("Dock", *people)) == "Correspond with P. Abel, P. Bode, P. Cole and others re Dock"


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Call with Amara Boateng re consent forms", "Telephone conference with A. Boateng re consent forms"),
        ("Call re consent forms", "Telephone conference with A. Boateng re consent forms"),
        ("Call: consent forms", "Telephone conference with A. Boateng re consent forms"),
        ("Call with opposing counsel", "Telephone conference with A. Boateng"),
        ("Client call", "Telephone conference with A. Boateng"),
        ("Zoom call with the vendor about consent", "Telephone conference with A. Boateng re consent"),
        ("Conference: consent forms", "Conference with A. Boateng re consent forms"),
        ("Meeting re consent forms", "Conference with A. Boateng re consent forms"),
        ("Consent forms", "Conference with A. Boateng re Consent forms"),
        ("Hearing on motion to compel", "Attend hearing on motion to compel"),
        ("Deposition of J. Ortiz", "Attend deposition of J. Ortiz"),
        ("Deposition preparation", "Conference with A. Boateng re Deposition preparation"),
        ("", "Conference with A. Boateng"),
    ],
)
def test_a_meeting_is_told_by_its_kind(title: str, said: str) -> None:
    assert told(event(title, AMARA)) == said


def test_a_meeting_of_unknown_people_is_attended() -> None:
    assert told(event("Consent forms")) == "Attend meeting re Consent forms"
    assert told(event("")) == "Attend meeting"


def test_a_recorded_call_names_who_was_called() -> None:
    item = call("c", MORNING, 600, subject="Consent", people=who(AMARA, mine=Role.FROM, theirs=Role.TO))
    assert told(item) == "Telephone conference with A. Boateng re Consent"


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Motion to compel gate logs", "motion to compel gate logs"),
        ("Settlement term sheet", "settlement term sheet"),
        ("Deposition outline Ortiz", "deposition outline Ortiz"),
        ("Supply agreement draft 3", "supply agreement draft 3"),
        ("Stock Purchase Agreement", "Stock Purchase Agreement"),
        ("NDA", '"NDA"'),
        ("Consent form review", '"Consent form review"'),
        ("Custodian_interview_notes_v2.docx", "Custodian interview notes"),
        ("LeaseAmendment final 20261103.docx", "Lease Amendment"),
        ('Say "please"', "\"Say 'please'\""),
    ],
)
def test_a_document_is_an_object_or_a_quotation(title: str, said: str) -> None:
    assert told(document("d", MORNING, subject=title)) == f"Draft and revise {said}"


def test_a_document_without_a_title_and_one_of_somebody_else() -> None:
    assert told(document("d", MORNING)) == "Draft and revise document"
    assert told(document("d", MORNING, own=False, subject="Privilege log")) == "Review privilege log"


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("Activity in Case 1:26-cv-02417 Harrow Mills v. Castellan Freight Motion to Compel", " re Motion to Compel"),
        ("Activity in Case 1:26-cv-02417 Harrow Mills v. Castellan Freight Notice", ""),
    ],
)
def test_a_courts_notice_is_reviewed_as_one(subject: str, said: str) -> None:
    notice = letter(subject, ("ecf@ilnd.uscourts.example", "ECF Notification"))
    assert told(notice, matter=HARROW) == f"Review notice of electronic filing{said}"


def test_acts_are_told_by_time_spent_and_never_beyond_what_fits() -> None:
    many = [mail(f"{'word ' * 9}number {n}", AMARA, key=str(n)) for n in range(9)]
    text = told(*many)
    assert text.startswith("Correspond with A. Boateng re word")
    assert len(text) <= narrative.LONGEST
    assert text.count("; correspond with") == 1
    assert text.endswith("number 1")


def test_without_subject_or_people_only_the_act_is_told() -> None:
    assert told(mail("")) == "Correspond"
    assert told(letter("", AMARA)) == "Review correspondence from A. Boateng"
    assert narrative.draft([], {}, KESTREL, TIMEKEEPER, BOOKS) == "Attend to matter"


@pytest.mark.parametrize(
    "subject",
    [
        "Harrow Mills v. Castellan Freight and us", "news from HARROW MILLS", "project millstone", "on 2026-0101",
        "docket 1:26-cv-02417", "Castellan freight lines", "what Harrow wants",
    ],
)  # fmt: skip
def test_no_word_of_another_client_stands_on_a_bill(subject: str) -> None:
    """Names with and without their legal form, sides, parties, aliases and numbers: the subject goes."""
    assert told(mail(subject, AMARA)) == "Correspond with A. Boateng"


def test_another_clients_people_are_not_named() -> None:
    people = (AMARA, ("r.adeyemi@mail.example", "Ruth Adeyemi"), ("t.mill@harrowmills.example", "Tom Mill"))
    assert told(mail("consent", *people)) == "Correspond with A. Boateng re consent"


def test_another_matter_of_the_same_client_may_be_named() -> None:
    said = told(mail("zoning appeal and 2026-0130", HELEN), matter=HARROW)
    assert said == "Correspond with HL re zoning appeal and 2026-0130"


def test_without_a_matter_no_clients_name_is_told() -> None:
    """Nobody knows yet whose bill it will be."""
    assert told(mail("Kestrel Hospital: consent", AMARA), matter=None) == "Correspond"


def test_a_matter_called_by_a_common_word_does_not_bar_the_word() -> None:
    books = Books(matters={"9": Matter(number="9", name="tasks"), KESTREL.number: KESTREL})
    assert told(mail("tasks for monday", HELEN), books=books) == "Correspond with HL re tasks for monday"
    assert told(mail("Tasks matter", HELEN), books=books) == "Correspond with HL"


WORDS = st.sampled_from(
    [
        "Harrow",
        "Mills",
        "consent",
        "Project",
        "Millstone",
        "v.",
        "re:",
        "|",
        "\x1b[2J",
        "\u202e",
        "=1+1",
        "call",
        "with",
    ]
)


@given(st.lists(st.lists(WORDS, max_size=8), max_size=4), st.sampled_from(list(Kind)))
def test_whatever_the_subjects_say_the_words_are_clean_short_and_nobody_elses(
    subjects: list[list[str]], kind: Kind
) -> None:
    makers = {Kind.MESSAGE: mail, Kind.MEETING: event}
    make = makers.get(kind, lambda subject, *_, key: document(key, MORNING, subject=subject))
    items = [make(" ".join(words), AMARA, key=str(n)) for n, words in enumerate(subjects)]
    text = told(*items)
    folded = text.casefold()
    assert "harrow mills" not in folded
    assert "project millstone" not in folded
    assert 0 < len(text) <= narrative.LONGEST
    assert text.isprintable()
