"""What belongs together becomes a block; what was only received, an offer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from autotime.domain.evidence import Evidence
from autotime.domain.people import Timekeeper
from autotime.domain.policy import Policy
from autotime.domain.spans import Span, union
from autotime.domain.work import Owned, WorkBlock
from autotime.timeline.days import local_day
from autotime.timeline.gather import gather
from tests.timeline.seen import MORNING, TIMEKEEPER, call, document, received, sent

HOUR = 3_600
TODAY = date(2026, 3, 10)


def blocks(
    evidence: Sequence[Evidence],
    owned: dict[str, tuple[Span, ...]],
    matters: dict[str, str] | None = None,
    zone_on: Callable[[date], str] = TIMEKEEPER.zone_on,
    policy: Policy = Policy(),  # noqa: B008 - a frozen value
) -> list[WorkBlock]:
    """``owned`` and ``matters`` by key; the task is the subject."""
    ids = {item.key: item.id for item in evidence}
    return gather(
        [Owned(ids[key], spans) for key, spans in owned.items()],
        {item.id: item for item in evidence},
        lambda item: ((matters or {}).get(item.key, "M"), item.subject.reveal()),
        zone_on,
        policy,
    )


def keys(block: WorkBlock, evidence: Sequence[Evidence]) -> list[str]:
    names = {item.id: item.key for item in evidence}
    return [names[item] for item in block.evidence]


def minutes(first: int, last: int) -> tuple[Span, ...]:
    return (Span(MORNING + first * 60, MORNING + last * 60),)


def test_one_matter_and_task_of_a_day_is_one_block_however_long_the_gap() -> None:
    """The gap between is not counted."""
    seen = [sent("a", MORNING), sent("b", MORNING + 5 * HOUR)]
    (block,) = blocks(seen, {"a": minutes(0, 5), "b": minutes(300, 310)})
    assert (keys(block, seen), block.seconds) == (["a", "b"], 900)


def test_another_matter_or_task_is_another_block_in_order_of_time() -> None:
    seen = [sent("a", MORNING, subject="x"), sent("b", MORNING, subject="y"), sent("c", MORNING, subject="x")]
    found = blocks(seen, {"a": minutes(20, 25), "b": minutes(10, 15), "c": minutes(0, 5)}, {"c": "N"})
    assert [(block.matter, block.task) for block in found] == [("N", "x"), ("M", "y"), ("M", "x")]


def test_conversations_without_a_matter_stay_apart() -> None:
    """One pick settles one thing; the same for what is nobody's matter."""
    for matter in ("", "-"):
        seen = [sent("a", MORNING, thread="t"), sent("b", MORNING, thread="t"), sent("c", MORNING, thread="u")]
        found = blocks(
            seen, {"a": minutes(0, 5), "b": minutes(5, 9), "c": minutes(9, 12)}, dict.fromkeys("abc", matter)
        )
        assert [keys(block, seen) for block in found] == [["a", "b"], ["c"]]


def test_what_crosses_midnight_belongs_to_both_days() -> None:
    midnight = local_day(TODAY, TIMEKEEPER.zone).end
    seen = [call("c", midnight - 600, 1_800)]
    first, second = blocks(seen, {"c": (Span(midnight - 600, midnight + 1_200),)})
    assert (first.day, first.spans) == (TODAY, (Span(midnight - 600, midnight),))
    assert (second.day, second.spans) == (date(2026, 3, 11), (Span(midnight, midnight + 1_200),))


@given(
    st.integers(-30, 30), st.integers(1, 40), st.sampled_from(["America/New_York", "America/Los_Angeles", "Asia/Tokyo"])
)
def test_a_traveller_loses_no_second_and_has_none_twice(start: int, length: int, there: str) -> None:
    """Westwards an hour lies between two dates, eastwards one lies in both; each goes to one date."""
    mover = replace(TIMEKEEPER, zone_from=((date(2026, 3, 11), there),))
    span = Span(MORNING + (start + 14) * HOUR, MORNING + (start + 14 + length) * HOUR)
    seen = [call("c", span.start, span.seconds)]
    found = blocks(seen, {"c": (span,)}, zone_on=mover.zone_on)
    assert sum(block.seconds for block in found) == span.seconds
    assert union(s for block in found for s in block.spans) == (span,)


def test_a_glance_is_no_block_and_is_offered() -> None:
    seen = [sent("a", MORNING)]
    (offer,) = blocks(seen, {"a": (Span(MORNING - 59, MORNING),)})
    assert (offer.owned, keys(offer, seen)) == ((), ["a"])
    assert blocks(seen, {"a": (Span(MORNING - 60, MORNING),)})[0].seconds == 60


def test_received_mail_that_was_answered_that_day_stands_behind_the_answer() -> None:
    seen = [received("in", MORNING, thread="t"), sent("out", MORNING + HOUR, thread="t")]
    (block,) = blocks(seen, {"out": minutes(55, 60)})
    assert keys(block, seen) == ["in", "out"]
    assert [piece.evidence for piece in block.owned] == [seen[1].id]


def test_of_several_answers_the_first_one_after_it_covers_what_was_received() -> None:
    seen = [
        sent("early", MORNING, thread="t", subject="x"), received("in", MORNING + 60, thread="t"),
        sent("late", MORNING + 4 * HOUR, thread="t", subject="y"),
        sent("next", MORNING + 2 * HOUR, thread="t", subject="z"),
    ]  # fmt: skip
    found = blocks(seen, {"early": minutes(-5, 0), "late": minutes(235, 240), "next": minutes(115, 120)})
    assert [keys(block, seen) for block in found] == [["early"], ["in", "next"], ["late"]]


def test_an_answer_of_another_matter_covers_nothing() -> None:
    seen = [received("in", MORNING, thread="t"), sent("out", MORNING + HOUR, thread="t")]
    found = blocks(seen, {"out": minutes(55, 60)}, {"in": "N"})
    assert [keys(block, seen) for block in found] == [["out"], ["in"]]


def test_offers_are_by_matter_or_by_conversation_where_there_is_none() -> None:
    """Unrelated mails without a matter are never joined into one."""
    seen = [
        received("a", MORNING, thread="dinner"), received("b", MORNING + 60, thread="parcel"),
        received("c", MORNING + 120, thread="dinner"), received("d", MORNING + 180, thread="x"),
        received("e", MORNING + 240, thread="y"),
    ]  # fmt: skip
    found = blocks(seen, {}, {"a": "", "b": "", "c": ""})
    assert [keys(block, seen) for block in found] == [["a", "c"], ["b"], ["d", "e"]]
    assert [block.matter for block in found] == ["", "", "M"]


def test_mass_mail_and_junk_are_offered_to_nobody() -> None:
    seen = [
        received("list", MORNING, facts={"bulk": True}), received("junk", MORNING, place="mail/Junk E-mail"),
        received("spam", MORNING, place="Spam"), received("good", MORNING, place="mail/inbox"),
    ]  # fmt: skip
    assert [keys(block, seen) for block in blocks(seen, {})] == [["good"]]


def test_a_document_that_was_only_looked_at_is_no_offer() -> None:
    assert blocks([document("d", MORNING, own=False)], {}) == []


def test_a_stretch_worth_less_than_the_minimum_is_no_block() -> None:
    """What would be proposed counts, not what could be."""
    seen = [sent("a", MORNING)]
    owned = [Owned(seen[0].id, (Span(MORNING - 90, MORNING),))]
    label = lambda item: ("M", "")  # noqa: E731 - short
    evidence = {seen[0].id: seen[0]}
    worth = gather(owned, evidence, label, Timekeeper(id="x", last="y").zone_on, Policy(), lambda piece: 54)
    assert [block.owned for block in worth] == [()]
