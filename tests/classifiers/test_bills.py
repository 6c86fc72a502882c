"""What past bills say of a matter ranks it; decisions and the books say more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.classifiers.bills import LATEST, NONE, Bills, PastBills
from autotime.classifiers.features import compute, hasher
from autotime.domain.books import Matter
from autotime.domain.matching import NO_MATTER
from autotime.timeline.days import local_date
from tests.classifiers.firm import (
    KEY,
    LEASE,
    MERGER,
    MILL,
    OLD,
    PARTNER,
    STRANGER,
    bills,
    books,
    filed,
    mail,
    memory,
    ranked,
)
from tests.timeline.seen import MORNING

BILLED = (
    (MILL.number, "Correspond with T. Brandt re demurrage ledger; review demurrage ledger"),
    (LEASE.number, "Conference with P. Osei re sprinkler certificate"),
    (MERGER.number, "Draft disclosure schedule on pensions"),
    (OLD.number, "Attend sheriff's auction"),
)
ASKED = mail("m", "Sprinkler certificate", "P. Osei wants it by Monday.", STRANGER)


def known(*billed: tuple[str, str]) -> PastBills:
    return bills(*billed).before(MORNING, frozenset(matter for matter, _ in billed))


def test_a_mail_in_the_words_of_past_bills_is_ranked_without_a_single_lesson() -> None:
    """With the reason, and never filled in by that alone."""
    ranking = ranked(ASKED, memory(billed=BILLED))
    first = next(one for one in ranking.candidates if one.matter != NO_MATTER)
    assert first.matter == LEASE.number
    assert first.reasons == ("its words are like what was billed for it before",)
    assert first.probability < 0.5
    assert not ranking.confident
    assert not ranked(mail("n", "Sprinkler certificate", "", PARTNER, own=True), memory(billed=BILLED)).confident


def test_without_past_bills_nothing_is_said() -> None:
    assert [one.matter for one in ranked(ASKED).candidates] == [NO_MATTER]
    assert NONE.likeness(compute(ASKED, KEY)) == {}


def test_bills_that_may_not_speak_change_nothing_that_was_learned() -> None:
    """To the last digit of every view: those of more than a year ago are as none."""
    items = [mail(f"a{n}", said, body) for n, (said, body) in enumerate([("Sprinkler", "rent"), ("Lunch", "freight")])]
    without, beside = memory(filed(120)), memory(filed(120))
    beside.billed = bills(*BILLED, days_ago=400)
    for one in items:
        plain, told = ranked(one, without), ranked(one, beside)
        assert (plain.candidates, plain.confident) == (told.candidates, told.confident)


def test_a_closed_or_unknown_matter_is_never_ranked_by_its_bills() -> None:
    told = ranked(
        mail("m", "The sheriff's auction"), memory(billed=(*BILLED, ("2031-777", "Attend sheriff's auction")))
    )
    assert not {OLD.number, "2031-777"} & {one.matter for one in told.candidates}


def test_bills_that_say_the_opposite_do_not_outvote_lessons() -> None:
    """All narratives under the wrong matters: what a person decided stays first."""
    swapped = [(MERGER.number, "freight claim damages deposition"), (MILL.number, "shares disclosure closing escrow")]
    asked = mail("q", "damages deposition", "freight claim damages deposition point 7")
    assert ranked(asked, memory(filed(120), billed=swapped * 50)).candidates[0].matter == MILL.number


def test_a_word_of_many_matters_says_less_than_a_word_of_one() -> None:
    said = known(("1", "review lease"), ("2", "review ledger"), ("3", "review minutes"))
    found = said.likeness(compute(mail("m", "Review of the ledger"), KEY))
    assert found["2"] > 3 * found["1"] > 0


def test_a_matter_counts_by_its_words_not_by_how_often_it_was_billed() -> None:
    """A hundred entries more of the same kind change little, and never for the worse of another."""
    few = [("1", "demurrage ledger"), ("2", "sprinkler certificate")]
    asked = compute(mail("m", "Sprinkler certificate"), KEY)
    once, often = (known(*few, *[few[0]] * times).likeness(asked) for times in (0, 100))
    assert once == often


@given(st.lists(st.tuples(st.sampled_from(["1", "2", "3"]), st.text(max_size=60)), max_size=12), st.text(max_size=60))
def test_a_likeness_is_a_share_whatever_was_written(billed: list[tuple[str, str]], subject: str) -> None:
    found = known(*billed).likeness(compute(mail("m", subject), KEY))
    assert all(0 <= share <= 1 for share in found.values())
    assert set(found) <= {matter for matter, _ in billed}


def test_bills_of_the_firm_s_own_books_are_kept_apart_by_matter() -> None:
    """A matter that is opened anew starts without words."""
    fresh = Matter(number="2026-009", name="Pier dredging", client="NORTH")
    told = ranked(mail("m", "Sprinkler certificate"), memory(billed=BILLED), books(LEASE, fresh))
    assert next(one for one in told.candidates if one.matter != NO_MATTER).matter == LEASE.number


@pytest.mark.parametrize(("days_ago", "told"), [(-1, False), (0, False), (1, True), (365, True), (366, False)])
def test_only_the_twelve_months_before_a_piece_s_own_day_are_looked_at(days_ago: int, told: bool) -> None:
    """A bill of the same day may be about the very mail, a later one knows what came of it."""
    kept = memory()
    kept.billed = bills(*BILLED, days_ago=days_ago)
    assert (ranked(ASKED, kept).candidates != ranked(ASKED).candidates) is told


@pytest.mark.parametrize(("zone", "told"), [("America/Chicago", False), ("UTC", True)])
def test_the_own_day_of_a_piece_is_the_timekeeper_s(zone: str, told: bool) -> None:
    """Nine in the evening in Chicago is the next day in Greenwich: what was billed that day is not yet known."""
    evening = replace(ASKED, at=MORNING + 12 * 3_600)
    kept = memory()
    kept.billed = Bills([(date(2026, 3, 10), *one) for one in BILLED], hasher(KEY), lambda at: local_date(at, zone))
    assert (ranked(evening, kept).candidates != ranked(evening).candidates) is told


def test_of_one_matter_the_latest_two_hundred_narratives_are_read() -> None:
    """So that a day costs the same after many years."""
    old = [(date(2026, 1, 1), "1", "sprinkler certificate"), (date(2026, 1, 1), "2", "demurrage ledger")]
    new = [(date(2026, 1, 2), "1", "escrow")] * LATEST
    asked, both = compute(ASKED, KEY), frozenset({"1", "2"})
    assert "1" in Bills([*old, *new[1:]], hasher(KEY)).before(MORNING, both).likeness(asked)
    assert "1" not in Bills([*old, *new], hasher(KEY)).before(MORNING, both).likeness(asked)


def test_other_bills_make_another_model() -> None:
    assert len({ranked(ASKED, memory(billed=given)).model for given in ((), BILLED, BILLED[1:])}) == 3
