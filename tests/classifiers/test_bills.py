"""What past bills say of a matter ranks it; decisions and the books say more."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autotime.classifiers.bills import NONE, past_bills
from autotime.classifiers.features import compute, hasher
from autotime.domain.books import Matter
from autotime.domain.matching import NO_MATTER
from tests.classifiers.firm import KEY, LEASE, MERGER, MILL, OLD, PARTNER, STRANGER, books, filed, mail, memory, ranked

BILLED = (
    (MILL.number, "Correspond with T. Brandt re demurrage ledger; review demurrage ledger"),
    (LEASE.number, "Conference with P. Osei re sprinkler certificate"),
    (MERGER.number, "Draft disclosure schedule on pensions"),
    (OLD.number, "Attend sheriff's auction"),
)
ASKED = mail("m", "Sprinkler certificate", "P. Osei wants it by Monday.", STRANGER)


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


def test_no_bills_change_nothing_that_was_learned() -> None:
    """To the last digit."""
    known = filed(120)
    items = [mail(f"a{n}", subject, body) for n, (subject, body) in enumerate([("Freight", "rent"), ("Lunch", "")])]
    assert [ranked(one, memory(known)) for one in items] == [ranked(one, memory(known, billed=())) for one in items]


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
    hashed = hasher(KEY)
    bills = past_bills([("1", "review lease"), ("2", "review ledger"), ("3", "review minutes")], hashed)
    found = bills.likeness(compute(mail("m", "Review of the ledger"), KEY))
    assert found["2"] > 3 * found["1"] > 0


def test_a_matter_counts_by_its_words_not_by_how_often_it_was_billed() -> None:
    """A hundred entries more of the same kind change little, and never for the worse of another."""
    hashed = hasher(KEY)
    few = [("1", "demurrage ledger"), ("2", "sprinkler certificate")]
    asked = compute(mail("m", "Sprinkler certificate"), KEY)
    once, often = (past_bills([*few, *[few[0]] * times], hashed).likeness(asked) for times in (0, 100))
    assert once == often


@given(st.lists(st.tuples(st.sampled_from(["1", "2", "3"]), st.text(max_size=60)), max_size=12), st.text(max_size=60))
def test_a_likeness_is_a_share_whatever_was_written(billed: list[tuple[str, str]], subject: str) -> None:
    found = past_bills(billed, hasher(KEY)).likeness(compute(mail("m", subject), KEY))
    assert all(0 <= share <= 1 for share in found.values())
    assert set(found) <= {matter for matter, _ in billed}


def test_bills_of_the_firm_s_own_books_are_kept_apart_by_matter() -> None:
    """A matter that is opened anew starts without words."""
    fresh = Matter(number="2026-009", name="Pier dredging", client="NORTH")
    told = ranked(mail("m", "Sprinkler certificate"), memory(billed=BILLED), books(LEASE, fresh))
    assert next(one for one in told.candidates if one.matter != NO_MATTER).matter == LEASE.number
