"""One thing seen twice is one thing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.domain.evidence import Evidence
from autotime.timeline.duplicates import bare_subject, fold
from tests.timeline.seen import MORNING, days_of_work, meeting, received, sent


def groups(*evidence: Evidence) -> list[set[str]]:
    return [{one.lead.key, *(copy.key for copy in one.copies)} for one in fold(evidence)]


def test_one_message_id_in_three_folders_is_one_mail() -> None:
    assert groups(*(sent(key, MORNING, identity="mid:1") for key in "abc")) == [{"a", "b", "c"}]


def test_one_meeting_in_two_calendars_is_one_and_two_occurrences_are_two() -> None:
    items = [
        meeting("office", MORNING, 600, identity="ical:u:1"),
        meeting("phone", MORNING, 600, identity="ical:u:1"),
        meeting("next", MORNING + 86_400, 600, identity="ical:u:2"),
    ]
    assert groups(*items) == [{"office", "phone"}, {"next"}]


def test_copies_with_identities_of_their_own_are_known_by_what_they_say() -> None:
    """Sender, minute, subject without marks, and the first words."""
    one = sent("a", MORNING, identity="mid:1", subject="Lease", body="As promised, the clause.")
    assert groups(one, replace(one, key="b", identity="mid:2", at=MORNING + 20)) == [{"a", "b"}]
    for change in ({"at": MORNING + 600}, {"body": one.subject}, {"subject": one.body}):
        assert len(groups(one, replace(one, key="b", identity="mid:2", **change))) == 2


def test_two_empty_mails_of_one_minute_stay_two() -> None:
    """Nothing that could tell them to be one says so."""
    assert len(groups(sent("a", MORNING), sent("b", MORNING))) == 2


def test_a_mail_and_a_meeting_never_fold() -> None:
    assert len(groups(sent("a", MORNING, identity="x"), meeting("b", MORNING, 60, identity="x"))) == 2


def test_the_own_copy_speaks_then_one_with_a_time_of_its_own_then_the_last_then_the_fullest() -> None:
    own = sent("own", MORNING, identity="mid:1")
    guessed = sent("guessed", MORNING + 90, identity="mid:1", facts={"time_assumed": True}, body="all the words")
    draft = sent("draft", MORNING - 600, identity="mid:1", body="all the words")
    full = sent("full", MORNING, identity="mid:1", body="words")
    got = received("got", MORNING + 99, identity="mid:1", body="all the words")
    assert [one.lead.key for one in fold([got, guessed, draft, own, full])] == ["full"]
    assert [one.key for one in fold([got, guessed, draft, own, full])[0].copies] == ["own", "draft", "guessed", "got"]


def test_of_two_revisions_the_higher_counts() -> None:
    old, new = meeting("m", MORNING, 600), meeting("m", MORNING, 900, revision=2)
    assert [one.lead for one in fold([new, old])] == [new]
    assert fold([new, old])[0].copies == ()


def test_chains_of_likeness_are_followed() -> None:
    """The first and the third share nothing but the second."""
    first = sent("1", MORNING, identity="mid:1", subject="A", body="x")
    second = sent("2", MORNING, identity="mid:1", subject="B", body="y")
    third = sent("3", MORNING, identity="mid:3", subject="B", body="y")
    assert groups(first, third, second) == [{"1", "2", "3"}]


@given(days_of_work(), st.randoms())
def test_folding_loses_nothing_and_does_not_mind_the_order(evidence: list[Evidence], chance: st.DrawFn) -> None:
    folded = fold(evidence)
    everybody = [item.id for one in folded for item in (one.lead, *one.copies)]
    assert sorted(everybody) == sorted(item.id for item in evidence)
    assert [one.lead.at for one in folded] == sorted(one.lead.at for one in folded)
    shuffled = list(evidence)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(shuffled) == folded


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("RE: FW: Lease", "lease"),
        ("Re[2]: AW: WG:  Lease  terms", "lease terms"),
        ("Reply by noon", "reply by noon"),
        ("Fwd:", ""),
        ("lease RE: dock", "lease re: dock"),
    ],
)
def test_a_bare_subject_has_no_marks_of_reply(subject: str, bare: str) -> None:
    assert bare_subject(subject) == bare
