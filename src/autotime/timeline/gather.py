"""Owned time that belongs together becomes a block: one matter, one task, one local date.

Evidence without a matter is not lumped together: each conversation stays a block of its own, so that
one pick settles one thing. Received mail makes no time. If the timekeeper answered in the same
conversation that day it stands behind the answer's block; otherwise it becomes an offer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from autotime.domain.evidence import Evidence, Kind
from autotime.domain.matching import NO_MATTER
from autotime.domain.policy import Policy
from autotime.domain.spans import Span, difference, intersection, total
from autotime.domain.work import Owned, WorkBlock
from autotime.timeline.days import local_date, local_day

Label = Callable[[Evidence], tuple[str, str]]
Group = tuple[date, str, str, str]
"""Day, matter, task, and the conversation where there is no matter."""


def gather(
    owned: Sequence[Owned],
    evidence: Mapping[str, Evidence],
    label: Label,
    zone_on: Callable[[date], str],
    policy: Policy,
) -> list[WorkBlock]:
    """Blocks in order of time, then offers. ``label`` gives the matter and task of one piece.

    A block of less than ``policy.minimum`` seconds is no block: a glance is not billed. Its
    evidence is offered instead, for a person to say that there was more to it.
    """
    timed: dict[Group, list[Owned]] = defaultdict(list)
    for piece in owned:
        item = evidence[piece.evidence]
        matter, task = label(item)
        for day, part in _by_day(piece, zone_on):
            timed[day, matter, task, _alone(item, matter)].append(part)
    blocks = [_block(group, parts, evidence) for group, parts in timed.items()]
    worked = [block for block in blocks if total(block.spans) >= policy.minimum]
    behind = _answers(worked, evidence, label, zone_on)
    used = {item for block in worked for item in block.evidence} | {i for ids in behind.values() for i in ids}
    offers = _offers([item for item in evidence.values() if item.id not in used], label, zone_on)
    return [*sorted((_with(b, behind[_key(b)], evidence) for b in worked), key=_first), *offers]


def _by_day(piece: Owned, zone_on: Callable[[date], str]) -> Iterable[tuple[date, Owned]]:
    """A piece that crosses local midnight belongs to both days, each with its own seconds."""
    days: dict[date, Span] = {}
    for span in piece.spans:
        instant = span.start
        while instant < span.end:
            day = _date(instant, zone_on)
            days[day] = local_day(day, zone_on(day))
            instant = max(days[day].end, instant + 1)
    rest = piece.spans
    for day in sorted(days):
        spans = intersection(rest, (days[day],))
        rest = difference(rest, spans)
        if spans:
            yield day, Owned(piece.evidence, spans)


def _date(instant: int, zone_on: Callable[[date], str]) -> date:
    """The local date, in the zone lived in on that date."""
    utc = local_date(instant, "UTC")
    return local_date(instant, zone_on(local_date(instant, zone_on(utc))))


def _alone(item: Evidence, matter: str) -> str:
    return (item.thread or item.id) if matter == NO_MATTER else ""


def _block(group: Group, parts: Sequence[Owned], evidence: Mapping[str, Evidence]) -> WorkBlock:
    day, matter, task, _ = group
    ids = sorted({part.evidence for part in parts}, key=lambda i: (evidence[i].at, i))
    ordered = tuple(sorted(parts, key=lambda part: (part.spans[0], part.evidence)))
    return WorkBlock(day=day, matter=matter, task=task, evidence=tuple(ids), owned=ordered)


def _first(block: WorkBlock) -> tuple[date, Span, str]:
    return block.day, block.spans[0], block.evidence[0]


Key = tuple[date, tuple[str, ...]]


def _key(block: WorkBlock) -> Key:
    return block.day, block.evidence


def _answers(
    blocks: Sequence[WorkBlock],
    evidence: Mapping[str, Evidence],
    label: Label,
    zone_on: Callable[[date], str],
) -> dict[Key, list[str]]:
    """Received mail that was answered later that day stands behind the answer."""
    answers: dict[tuple[date, str], list[tuple[int, WorkBlock]]] = defaultdict(list)
    for block in blocks:
        for piece in block.evidence:
            item = evidence[piece]
            if item.kind is Kind.MESSAGE and item.own and item.thread:
                answers[block.day, item.thread].append((item.at, block))
    behind: dict[Key, list[str]] = defaultdict(list)
    for item in evidence.values():
        if item.kind is not Kind.MESSAGE or item.own or not item.thread:
            continue
        later = [b for at, b in answers.get((_date(item.at, zone_on), item.thread), []) if at >= item.at]
        if later and label(item)[0] in (NO_MATTER, later[0].matter):
            behind[_key(later[0])].append(item.id)
    return behind


def _with(block: WorkBlock, more: Sequence[str], evidence: Mapping[str, Evidence]) -> WorkBlock:
    ids = sorted({*block.evidence, *more}, key=lambda i: (evidence[i].at, i))
    return WorkBlock(day=block.day, matter=block.matter, task=block.task, evidence=tuple(ids), owned=block.owned)


def _offers(items: Sequence[Evidence], label: Label, zone_on: Callable[[date], str]) -> list[WorkBlock]:
    """What was received and may have been read, by day and matter; mass mail is not offered."""
    groups: dict[tuple[date, str], list[Evidence]] = defaultdict(list)
    for item in items:
        if item.kind is Kind.MESSAGE and not item.flag("bulk"):
            groups[_date(item.at, zone_on), label(item)[0]].append(item)
    return [
        WorkBlock(
            day=day,
            matter=matter,
            task="",
            evidence=tuple(i.id for i in sorted(members, key=lambda item: (item.at, item.id))),
            owned=(),
        )
        for (day, matter), members in sorted(groups.items())
    ]
