"""The matching face: what is ranked, what is filled in, and what never is."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autotime.classifiers import calibration
from autotime.classifiers.calibration import Calibrator
from autotime.classifiers.slate import VIEWS
from autotime.domain.books import Matter
from autotime.domain.evidence import Kind, Participant, Role
from autotime.domain.matching import NO_MATTER, Ranking
from tests.classifiers.firm import (
    ABOUT,
    BOOKS,
    CONTACT,
    LEASE,
    MILL,
    PARTNER,
    STRANGER,
    books,
    filed,
    mail,
    memory,
    ranked,
    ranked_all,
)
from tests.timeline.seen import ME, evidence

TAUGHT = memory(filed(120))
WORDS = st.sampled_from(
    ["freight", "rent", "shares", "lunch", "1:26-cv-00417", "Dockside", "Obelisk", "2026-003", "hello"]
)


def matters(ranking: Ranking) -> list[str]:
    return [candidate.matter for candidate in ranking.candidates]


def test_nothing_is_answered_where_nothing_is_known() -> None:
    """No matter, and nothing filled in."""
    ranking = ranked(mail("m", "Lunch?", "See you at noon.", STRANGER))
    assert (ranking.choice, ranking.confident, ranking.selected) == (NO_MATTER, False, NO_MATTER)


def test_a_docket_number_in_a_mail_of_the_timekeeper_is_filled_in() -> None:
    """With its reason, without a single example."""
    ranking = ranked(mail("m", "Notice in 1:26-cv-00417", own=True))
    assert (ranking.selected, ranking.choice) == (MILL.number, MILL.number)
    assert ranking.candidates[0].reasons[0] == "docket number 1:26-cv-00417"
    assert ranking.candidates[0].views["docket"] == 1.0


def test_a_stranger_never_fills_anything_in() -> None:
    """A docket number from nobody we know raises a rank, and no more."""
    ranking = ranked(mail("m", "Notice in 1:26-cv-00417", "Matter 2026-001, Harrow Freight", STRANGER))
    assert ranking.choice == MILL.number
    assert not ranking.confident


def test_a_stranger_fills_nothing_in_after_much_was_learned_either() -> None:
    """Not even with the words of a hundred lessons."""
    said = f"{ABOUT['2026-001'][0]} 1:26-cv-00417"
    ranking = ranked(mail("m", said, said, STRANGER), TAUGHT)
    assert ranking.choice == MILL.number
    assert not ranking.confident


def test_a_contact_of_the_books_is_no_stranger() -> None:
    """The same notice from the matter's own contact is filled in."""
    assert ranked(mail("m", "Notice in 1:26-cv-00417", sender=CONTACT)).selected == MILL.number


def test_a_sender_who_fails_authentication_fills_nothing_in() -> None:
    """Whoever the header says it is; nor when the timekeeper is named as the author."""
    for own in (False, True):
        forged = mail("m", "Notice in 1:26-cv-00417", sender=CONTACT, own=own, facts={"auth_failed": True})
        assert not ranked(forged).confident
        assert not ranked(forged, TAUGHT).confident


def test_a_closed_matter_is_never_suggested() -> None:
    """Not by its docket, and not by what was learned of it while it was open."""
    item = mail("m", "Obelisk foreclosure 2:19-cv-00900", own=True)
    assert "2019-900" not in matters(ranked(item))
    once = [(mail(f"o{n}", "Obelisk", f"foreclosure {n}", own=True), "2019-900") for n in range(40)]
    ranking = ranked(item, memory(filed(40) + once))
    assert "2019-900" not in matters(ranking)


def test_a_matter_opened_this_morning_is_ranked() -> None:
    """First, by its name alone, among matters with thirty lessons each; and it stays an answer where
    the people of another matter speak against it."""
    fresh = Matter(number="2026-004", name="Peregrine arbitration", client="SOLO")
    firm = books(*BOOKS.matters.values(), fresh)
    said = ("m", "Peregrine arbitration", "The Peregrine panel is set.")
    ranking = ranked(mail(*said, PARTNER, own=True), TAUGHT, firm)
    assert ranking.choice == "2026-004"
    assert ranking.candidates[0].reasons == ("the matter's name",)
    assert "2026-004" in matters(ranked(mail(*said, CONTACT, own=True), TAUGHT, firm))[:2]


@pytest.mark.parametrize("label", ABOUT)
def test_what_was_learned_is_answered(label: str) -> None:
    """By words and people, with reasons; «not billable» is an answer like another."""
    said, sender = ABOUT[label]
    ranking = ranked(mail("m", said.split()[0], said, sender), TAUGHT)
    assert ranking.choice == label
    assert ranking.probability > 0.7
    assert ranking.candidates[0].reasons


def test_a_reply_stays_with_its_conversation() -> None:
    """Whatever it says, while nobody else speaks for another matter."""
    item = mail("reply", "Quick question", "Thanks!", PARTNER, thread="t-77", own=True)
    said = [(mail(f"t{n}", "Quick question", f"No {n}.", PARTNER, thread="t-77", own=True), "2026-002") for n in (1, 2)]
    ranking = ranked(item, memory(filed(80) + said))
    assert ranking.choice == "2026-002"
    assert "an earlier message of this conversation" in ranking.candidates[0].reasons


def test_a_meeting_and_a_document_are_ranked_as_mail_is() -> None:
    """By their titles, their people and their numbers."""
    hearing = evidence("h", Kind.MEETING, 0, subject="Hearing 1:26-cv-00417", people=(Participant(Role.ATTENDEE, ME),))
    draft = evidence("d", Kind.DOCUMENT, 0, place="Dockside/lease.docx", facts={"file": "lease.docx"})
    assert [one.selected for one in ranked_all([hearing, draft])] == [MILL.number, LEASE.number]


def test_rankings_come_in_the_order_of_the_evidence() -> None:
    """More than are looked at together; each says whose it is and which model made it."""
    items = [mail(f"m{n}", "rent" if n % 2 else "shares") for n in range(300)]
    rankings = ranked_all(items, TAUGHT)
    assert [one.evidence for one in rankings] == [item.id for item in items]
    assert len({one.model for one in rankings}) == 1
    assert ranked_all([], TAUGHT) == []


def test_evidence_is_ranked_alike_alone_and_among_others() -> None:
    """What lies beside it on the same day says nothing."""
    items = [mail("a", "rent", "premises"), mail("b", "shares"), mail("c", "hello", sender=STRANGER)]
    together = ranked_all(items, TAUGHT)
    for item, beside in zip(items, together, strict=True):
        alone = ranked(item, TAUGHT)
        assert [(c.matter, c.reasons) for c in alone.candidates] == [(c.matter, c.reasons) for c in beside.candidates]
        assert alone.probability == pytest.approx(beside.probability, abs=1e-4)


@given(
    st.lists(WORDS, max_size=6),
    st.lists(WORDS, max_size=6),
    st.sampled_from([CONTACT, STRANGER, PARTNER, ""]),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_probabilities_are_probabilities(subject: list[str], body: list[str], sender: str, learned: bool) -> None:
    """Of all answers, «no matter» among them, they sum to one, the likeliest first; no answer comes twice."""
    ranking = ranked(mail("m", " ".join(subject), " ".join(body), sender), TAUGHT if learned else memory())
    chances = [candidate.probability for candidate in ranking.candidates]
    assert sum(chances) == pytest.approx(1.0, abs=1e-4)
    assert all(0.0 <= chance <= 1.0 for chance in chances)
    assert chances == sorted(chances, reverse=True)
    assert len(set(matters(ranking))) == len(chances)
    assert ranking.selected in ("", "-", *BOOKS.matters)


@given(st.lists(WORDS, max_size=6), st.sampled_from([CONTACT, STRANGER, PARTNER]), st.floats(-4, 4))
@settings(max_examples=40, deadline=None)
def test_calibration_changes_no_order(said: list[str], sender: str, odds: float) -> None:
    """Matters stand by their weighed views, however unsure of the first of them it is."""
    known = memory(filed(40))
    model = known.model(BOOKS)
    plain = np.zeros(len(calibration.PRIOR))
    plain[0] = odds
    model.calibrator = Calibrator(plain, np.zeros((len(plain), len(plain))))
    ranking = ranked(mail("m", " ".join(said), sender=sender), known)
    scores = [
        sum(model.weights[VIEWS.index(name)] * seen for name, seen in candidate.views.items())
        for candidate in ranking.candidates
        if candidate.matter != NO_MATTER
    ]
    assert all(one >= other - 0.01 for one, other in pairwise(scores))


@given(st.lists(WORDS, min_size=1, max_size=8), st.booleans())
@settings(max_examples=30, deadline=None)
def test_no_words_make_a_stranger_fill_anything_in(said: list[str], learned: bool) -> None:
    """Nor do they name a closed matter."""
    ranking = ranked(mail("m", " ".join(said), " ".join(said), STRANGER), TAUGHT if learned else memory())
    assert not ranking.confident
    assert "2019-900" not in matters(ranking)


def test_reasons_show_nothing_of_the_mail() -> None:
    """They are the books' words and ours: a hostile subject cannot speak through them."""
    hostile = "\x1b]0;owned\x07 =cmd() [bold]Harrow Freight[/] 1:26-cv-00417"
    for candidate in ranked(mail("m", hostile, hostile, own=True), TAUGHT).candidates:
        assert not any("owned" in reason or "cmd" in reason for reason in candidate.reasons)


def test_a_matter_that_left_the_books_is_still_an_answer_it_had() -> None:
    """Lessons outlive the books they were given under, until the matter is closed there."""
    firm = books(LEASE)
    assert ranked(mail("m", "freight claim", "deposition damages"), TAUGHT, firm).choice == MILL.number
    gone = books(replace(MILL, status=BOOKS.matters["2019-900"].status), LEASE)
    assert MILL.number not in matters(ranked(mail("m", "freight claim", "deposition damages"), TAUGHT, gone))
