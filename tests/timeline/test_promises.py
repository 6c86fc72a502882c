"""The promises about time, for whatever a day may hold. Each is one property of ``draft_day``."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from autotime.domain.decisions import DecisionKind
from autotime.domain.evidence import Evidence, Kind
from autotime.domain.policy import Policy, Rounding
from autotime.domain.spans import Span, difference, intersection, total, union
from autotime.domain.work import Status, Suggestion
from autotime.drafting import Day, draft_day
from autotime.timeline.days import local_date, local_day
from autotime.timeline.duplicates import fold
from autotime.timeline.support import supports
from tests.timeline.drafted import DAY, approved, day_of, decided
from tests.timeline.seen import TIMEKEEPER, days_of_work, received, sent

MATTER = st.sampled_from(["100-1", "100-2", "200-1", "", "-"])
WORK = days_of_work()


@st.composite
def days(draw: st.DrawFn, work: st.SearchStrategy[list[Evidence]] = WORK, **given: Any) -> Day:
    evidence = draw(work)
    matters = {item.key: draw(MATTER) for item in evidence}
    return day_of(evidence, matters, **given)


def spans_of(drafts: list[Suggestion]) -> list[Span]:
    return [span for one in drafts for span in one.spans]


@given(days())
def test_no_second_has_two_owners(day: Day) -> None:
    """The spans of all suggestions of a day are disjoint, within each and between them."""
    spans = spans_of(draft_day(day))
    assert sum(span.seconds for span in spans) == total(spans)
    held = [span for one in draft_day(day) for owned in one.owned.values() for span in owned]
    assert sum(span.seconds for span in held) == total(held)


@given(days())
def test_no_time_is_placed_that_no_rule_supports(day: Day) -> None:
    """What is proposed lies within the union of the supports, and within each piece's own."""
    leads = [one.lead for one in fold(day.evidence)]
    allowed = {s.evidence: s.spans for s in supports(leads, day.firm)}
    for one in draft_day(day):
        assert not difference(one.spans, [span for spans in allowed.values() for span in spans])
        for item, held in one.owned.items():
            assert not difference(held, allowed[item])
        assert one.low_seconds <= one.seconds <= one.high_seconds <= one.ceiling_seconds
        assert one.seconds == total(one.spans)


@given(days(), st.randoms())
def test_order_and_repetition_of_evidence_change_nothing(day: Day, chance: Any) -> None:
    """Pages in another order, and pages read twice: the same bytes."""
    again = [*day.evidence, *day.evidence[:3]]
    chance.shuffle(again)
    assert draft_day(replace(day, evidence=again)) == draft_day(day)


@given(days(), st.data())
def test_a_copy_in_another_source_counts_once(day: Day, data: st.DataObject) -> None:
    """The same Message-ID or iCalUID from a second account adds no second."""
    named = [item for item in day.evidence if item.identity]
    copies = data.draw(st.lists(st.sampled_from(named), unique_by=lambda item: item.id)) if named else []
    twice = [*day.evidence, *(replace(item, account="phone") for item in copies)]
    rankings = {**day.rankings, **{item.id: replace(day.rankings[one.id], evidence=item.id)
                                   for one, item in zip(copies, twice[len(day.evidence):], strict=True)}}  # fmt: skip
    doubled = replace(day, evidence=twice, rankings=rankings)
    assert total(spans_of(draft_day(doubled))) == total(spans_of(draft_day(day)))


@given(days(), days_of_work().map(lambda items: [item for item in items if not item.own]))
def test_what_was_received_places_no_second(day: Day, mail: list[Evidence]) -> None:
    """However much arrives, no suggestion gets a span from it, and alone it is an offer of nothing."""
    known = {item.id for item in day.evidence} | {item.identity for item in day.evidence if item.identity}
    fresh = [m for m in mail if m.kind is Kind.MESSAGE and m.id not in known and not m.identity]
    with_mail = draft_day(day_of([*day.evidence, *fresh]))
    assert not {m.id for m in fresh} & {item for one in with_mail for item in one.owned}
    for one in draft_day(day_of(fresh)):
        assert (one.status, one.seconds, one.spans, one.billed_minutes) == (Status.OFFERED, 0, (), 0)


ZONES = st.sampled_from(
    ["UTC", "America/Chicago", "Europe/London", "Australia/Lord_Howe", "Pacific/Chatham", "America/Sao_Paulo"]
)
CHANGES = st.sampled_from(["2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-11-01", "2018-11-04"])


@given(zone=ZONES, turn=CHANGES, offset=st.integers(-1, 1), data=st.data())
@settings(max_examples=60)
def test_no_suggestion_reaches_out_of_its_local_day(zone: str, turn: str, offset: int, data: st.DataObject) -> None:
    """Also on days of 23, 24½ and 25 hours; and neighbouring days never claim one second twice."""
    person = replace(TIMEKEEPER, zone=zone)
    day = DAY.fromisoformat(turn) + timedelta(days=offset)
    span = local_day(day, zone)
    evidence = data.draw(days_of_work(span.start - 20_000, span.end + 20_000))
    drafts = draft_day(day_of(evidence, day=day, timekeeper=person))
    for one in drafts:
        assert not difference(one.spans, [span])
        assert {local_date(second, zone) for s in one.spans for second in (s.start, s.end - 1)} <= {day}
    after = draft_day(day_of(evidence, day=day + timedelta(days=1), timekeeper=person))
    assert not intersection(spans_of(drafts), spans_of(after))


@given(days(), st.sampled_from(["Europe/Oslo", "Asia/Tokyo", "Pacific/Auckland", "America/Los_Angeles"]))
def test_a_change_of_zone_changes_no_owned_second(day: Day, zone: str) -> None:
    """Days are cut elsewhere; all days together own the same seconds for the same evidence."""

    def owned(here: str) -> dict[str, tuple[Span, ...]]:
        person = replace(TIMEKEEPER, zone=here)
        policy = Policy(minimum=1)
        every = [DAY + timedelta(days=n) for n in range(-3, 5)]
        whole = [replace(day, day=one, timekeeper=person, policy_for=lambda _: policy) for one in every]
        found: dict[str, list[Span]] = {}
        for one in whole:
            for piece in draft_day(one):
                for item, spans in piece.owned.items():
                    if day_kind[item] is not Kind.DOCUMENT:
                        found.setdefault(item, []).extend(spans)
        return {item: union(spans) for item, spans in found.items()}

    day_kind = {item.id: item.kind for item in day.evidence}
    assert owned(zone) == owned("America/Chicago")


@given(days(), st.sampled_from([1, 5, 6, 15, 60]), st.sampled_from(list(Rounding)))
def test_rounding_is_up_and_by_less_than_an_increment(day: Day, increment: int, rule: Rounding) -> None:
    """Once per suggestion, never below what was worked."""
    policy = Policy(increment_minutes=increment, rounding=rule)
    for one in draft_day(replace(day, policy_for=lambda _: policy)):
        step = 60 if rule is Rounding.EXACT else increment * 60
        assert 0 <= one.billed_minutes * 60 - one.seconds < step
        assert one.billed_minutes * 60 % step == 0


@given(days(), st.data())
def test_approved_seconds_are_never_suggested_again(day: Day, data: st.DataObject) -> None:
    """Whatever was approved, and whatever arrives later."""
    drafts = [one for one in draft_day(day) if one.spans]
    chosen = data.draw(st.lists(st.sampled_from(drafts), unique_by=lambda one: one.id)) if drafts else []
    late = data.draw(days_of_work())
    made = [approved(one, number) for number, one in enumerate(chosen, start=1)]
    known = {item.id for item in day.evidence}
    evidence = [*day.evidence, *(item for item in late if item.id not in known)]
    after = draft_day(day_of(evidence, entries=[entry for entry, _ in made], decisions=[d for _, d in made]))
    assert not intersection(spans_of(after), spans_of(chosen))
    assert not {item for one in chosen for item in one.evidence_ids} & {i for one in after for i in one.owned}


@given(days())
def test_what_was_dismissed_is_gone_and_what_was_put_aside_stays(day: Day) -> None:
    """A dismissed piece never comes back; what it had kept from a weaker one is free for that one."""
    drafts = draft_day(day)
    gone = {item for one in drafts for item in one.evidence_ids}
    after = draft_day(replace(day, decisions=[decided(DecisionKind.DISMISSED, drafts)]))
    assert not gone & {item for one in after for item in one.evidence_ids}
    aside = draft_day(replace(day, decisions=[decided(DecisionKind.DEFERRED, drafts)]))
    assert [one.id for one in aside] == [one.id for one in drafts]
    assert {one.status for one in aside} <= {Status.DEFERRED}


@given(days())
def test_ids_and_revisions_are_of_what_is_shown(day: Day) -> None:
    """Ids are unique in a day; a later run changes neither, unless what is shown changes."""
    drafts = draft_day(day)
    assert len({one.id for one in drafts}) == len(drafts)
    later = draft_day(replace(day, now=day.now + 3_600))
    assert [(one.id, one.revision) for one in later] == [(one.id, one.revision) for one in drafts]


@given(st.integers(1, 60), st.integers(0, 40))
def test_forty_one_minute_mails_bill_what_they_took_together(count: int, other: int) -> None:
    """One matter, one task, one day: one entry, rounded once."""
    start = local_day(DAY, "America/Chicago").start + 9 * 3_600
    mails = [sent(f"s{n}", start + 300 * (n + 1), words=0, identity=f"mid:{n}") for n in range(count)]
    mails += [received(f"r{n}", start + 7 * n, identity=f"mid:r{n}") for n in range(other)]
    worked = [one for one in draft_day(day_of(mails)) if one.spans]
    assert [one.seconds for one in worked] == [60 * count]
    assert worked[0].billed_minutes == -(-count // 6) * 6


def test_the_zones_of_these_tests_do_turn_on_these_days() -> None:
    """A day of 23, one of 25 and one of 24½ hours are among them."""
    assert ZoneInfo("Australia/Lord_Howe")
    lengths = {
        local_day(DAY.fromisoformat(day), zone).seconds / 3_600
        for day, zone in (
            ("2026-03-08", "America/Chicago"), ("2026-11-01", "America/Chicago"),
            ("2026-04-05", "Australia/Lord_Howe"), ("2018-11-04", "America/Sao_Paulo"),
        )
    }  # fmt: skip
    assert lengths == {23.0, 25.0, 24.5}
