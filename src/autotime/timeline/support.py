"""What one piece of evidence can account for, at most, by rules anybody can check.

::

    writing   … previous own act ]········[=====w=====|sent        w ≤ send_cap
    edit      … previous look ]·····[==edit_minutes===|saved
    save                            [=save_cap=|saved               no recorded editing time
    session                         [=========)  an edit session or active window
    meeting                         [=====================)
    attended                          [====)  [======)      as recorded, in the place of the plan
    call                            [======)
    received, private               nothing
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from autotime.domain.evidence import Evidence, Kind
from autotime.domain.policy import Policy
from autotime.domain.spans import Span, Spans, intersection, union
from autotime.domain.work import Strength, Support

SENDING = 60
"""Seconds to open, address and send a mail, whatever it says."""

QUOTED_READ_CAP = 300
"""Reading what one answers counts, but not the whole chain below it."""

LONGEST_MEETING = 24 * 3600


def supports(evidence: Sequence[Evidence], policy: Policy) -> list[Support]:
    """One support for each piece, in the order given. No model has a say in this.

    A mail's writing begins no earlier than the timekeeper's previous own act, so ``evidence`` holds
    the hours before the day as well.
    """
    acts = sorted({item.at for item in evidence if item.own and item.kind is not Kind.MEETING})
    return [_support(item, acts, policy) for item in evidence]


def _support(item: Evidence, acts: Sequence[int], policy: Policy) -> Support:
    if not item.own:
        return _nothing(item, "received" if item.kind is Kind.MESSAGE else "not own")
    if item.kind is Kind.MESSAGE:
        return _nothing(item, "bulk") if item.flag("bulk") else _writing(item, acts, policy)
    if item.kind is Kind.DOCUMENT:
        return _editing(item, policy)
    if item.kind is Kind.CALL:
        return _recorded(item, Strength.CALL, "call")
    return _meeting(item)


def _writing(item: Evidence, acts: Sequence[int], policy: Policy) -> Support:
    reading = min(item.number("words_quoted") * 60 // policy.words_per_minute_reading, QUOTED_READ_CAP)
    writing = item.number("words_new") * 60 // policy.words_per_minute_writing
    start = item.at - min(SENDING + writing + reading, policy.send_cap)
    opened = item.number("reply_opened_at")
    if item.at - policy.send_cap <= opened < item.at:
        start = opened
    earlier = bisect_left(acts, item.at)
    if earlier:
        start = max(start, acts[earlier - 1])
    return Support(item.id, _span(start, item.at), Strength.ACTIVE, "writing")


def _editing(item: Evidence, policy: Policy) -> Support:
    if item.span is not None:
        return _recorded(item, Strength.ACTIVE, "session")
    minutes = item.number("edit_minutes")
    allowed = minutes * 60 if minutes else policy.save_cap
    earliest = max(item.number("observed_from"), item.number("created_at"))
    opened = item.number("opened_at")
    if opened and opened < item.at:
        earliest = max(earliest, opened)
    start = max(item.at - allowed, earliest)
    return Support(item.id, _span(start, item.at), Strength.ACTIVE, "edit" if minutes else "save")


def _meeting(item: Evidence) -> Support:
    if item.flag("private"):
        return _nothing(item, "private")
    attended = _attended(item)
    if attended:
        return Support(item.id, attended, Strength.MEETING, "attended")
    if item.flag("all_day") or item.facts.get("busy") in ("free", "oof"):
        return _nothing(item, "context")
    if item.facts.get("response") in ("declined", "tentative", "none"):
        return _nothing(item, "not attended")
    if item.span is not None and item.span.seconds > LONGEST_MEETING:
        return _nothing(item, "too long")
    return _recorded(item, Strength.MEETING, "meeting")


def _attended(item: Evidence) -> Spans:
    """When the timekeeper was there, where the service recorded it."""
    stretches = (stretch.split("-") for stretch in str(item.facts.get("attended", "")).split())
    stays = union(Span(int(joined), int(left)) for joined, left in stretches)
    return intersection(stays, (item.span,)) if item.span else ()


def _recorded(item: Evidence, strength: Strength, rule: str) -> Support:
    return Support(item.id, (item.span,) if item.span else (), strength, rule)


def _nothing(item: Evidence, rule: str) -> Support:
    return Support(item.id, (), Strength.PASSIVE, rule)


def _span(start: int, end: int) -> Spans:
    return (Span(start, end),) if start < end else ()
