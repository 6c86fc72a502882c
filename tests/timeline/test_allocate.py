"""One owner for every second, against a picture of every second."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autotime.domain.spans import Span, Spans, union
from autotime.domain.work import Owned, Strength, Support
from autotime.timeline.allocate import STRENGTH, allocate

SPAN = st.tuples(st.integers(0, 40), st.integers(1, 15)).map(lambda pair: Span(pair[0], pair[0] + pair[1]))
SPANS = st.lists(SPAN, max_size=3).map(union)
SUPPORTS = st.lists(
    st.builds(Support, st.sampled_from("abcdef"), SPANS, st.sampled_from(list(Strength)), st.just("rule")), max_size=6
)
LIKELY = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from([0.2, 0.5, 0.9]))


def support(evidence: str, start: int, end: int, strength: Strength = Strength.ACTIVE) -> Support:
    return Support(evidence, (Span(start, end),), strength, "rule")


def painted(owned: list[Owned]) -> str:
    """The first forty seconds, each with its owner's letter."""
    line = ["."] * 60
    for piece in owned:
        for span in piece.spans:
            for second in range(span.start, span.end):
                assert line[second] == "."
                line[second] = piece.evidence
    return "".join(line).rstrip(".")


def test_a_meeting_owns_what_a_mail_and_an_edit_claim_too() -> None:
    """The picture at the top of the module."""
    edit = Support("e", (Span(7, 19), Span(27, 31)), Strength.ACTIVE, "edit")
    claims = [support("m", 4, 23, Strength.MEETING), support("a", 1, 6), edit]
    assert painted(allocate(claims, {})) == ".aaammmmmmmmmmmmmmmmmmm....eeee"


def test_strength_decides_before_probability_and_probability_before_the_name() -> None:
    both = [support("a", 0, 3, Strength.ACTIVE), support("b", 0, 3, Strength.CALL)]
    assert painted(allocate(both, {"a": 0.99})) == "bbb"
    equals = [support("a", 0, 3), support("b", 0, 3)]
    assert painted(allocate(equals, {"b": 0.6, "a": 0.5})) == "bbb"
    assert painted(allocate(equals, {})) == "aaa"


def test_the_order_of_strengths_is_the_designs() -> None:
    assert [strength.value for strength in sorted(Strength, key=STRENGTH.__getitem__)] == [
        "explicit", "call", "meeting", "active", "passive",
    ]  # fmt: skip


def test_taken_seconds_are_given_to_nobody() -> None:
    """Not to the next claim either: they are approved already."""
    claims = [support("a", 0, 10), support("b", 5, 15, Strength.MEETING)]
    assert painted(allocate(claims, {}, taken=(Span(3, 8),))) == "aaa.....bbbbbbb"


def test_a_piece_that_owns_nothing_is_left_out() -> None:
    covered = [support("a", 2, 4), support("b", 0, 9, Strength.CALL), Support("c", (), Strength.PASSIVE, "received")]
    assert [piece.evidence for piece in allocate(covered, {})] == ["b"]


@given(SUPPORTS, LIKELY, SPANS)
def test_owned_spans_are_disjoint_and_cover_all_that_is_supported_and_free(
    claims: list[Support], likely: dict[str, float], taken: Spans
) -> None:
    owned = allocate(claims, likely, taken)
    supported = {s for claim in claims for span in claim.spans for s in range(span.start, span.end)}
    free = supported - {s for span in taken for s in range(span.start, span.end)}
    painting = painted(owned)
    assert {second for second, owner in enumerate(painting) if owner != "."} == free


@given(SUPPORTS, LIKELY, st.randoms())
def test_the_order_of_claims_does_not_matter_nor_does_saying_them_twice(
    claims: list[Support], likely: dict[str, float], chance: st.DrawFn
) -> None:
    again = [*claims, *claims]
    chance.shuffle(again)  # type: ignore[attr-defined]
    assert allocate(again, likely) == allocate(claims, likely)


@given(SUPPORTS, LIKELY)
def test_no_second_goes_past_a_stronger_claim(claims: list[Support], likely: dict[str, float]) -> None:
    """Or, among equally strong ones, past a likelier."""
    best: dict[str, int] = {}
    for claim in (claim for claim in claims if claim.spans):
        best[claim.evidence] = min(best.get(claim.evidence, 9), STRENGTH[claim.strength])
    worth = {item: (strength, -likely.get(item, 0)) for item, strength in best.items()}
    painting = painted(allocate(claims, likely))
    for claim in claims:
        for span in claim.spans:
            assert all(worth[painting[second]] <= worth[claim.evidence] for second in range(span.start, span.end))
