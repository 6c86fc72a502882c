"""Owned time that belongs together becomes a block: one matter, one task, one local date.

Evidence without a matter is not lumped together: each conversation stays a block of its own, so that
one pick settles one thing. Received mail makes no time. If the timekeeper answered in the same
conversation that day it stands behind the answer's block; otherwise it becomes an offer, unless it is
mass mail or lies in a folder of junk.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from autotime.domain.evidence import Evidence, Kind
from autotime.domain.matching import NO_MATTER, NOT_BILLABLE
from autotime.domain.policy import Policy
from autotime.domain.spans import Span, difference, intersection, total, union
from autotime.domain.work import Owned, WorkBlock
from autotime.timeline.days import local_date, local_day

JUNK = frozenset(("junk", "junk e-mail", "junk email", "spam", "bulk mail"))
"""Mail folders whose contents are offered to nobody."""

Label = Callable[[Evidence], tuple[str, str]]
Group = tuple[date, str, str, str]
"""Day, matter, task, and the conversation where there is no matter."""


def gather(
    owned: Sequence[Owned],
    evidence: Mapping[str, Evidence],
    label: Label,
    zone_on: Callable[[date], str],
    policy: Policy,
    worth: Callable[[Owned], int] = lambda piece: total(piece.spans),
) -> list[WorkBlock]:
    """Blocks in order of time, then offers. ``label`` gives the matter and task of one piece, ``worth``
    how many of its owned seconds would be proposed.

    A block worth less than ``policy.minimum`` seconds is no block: a glance is not billed. Its mails
    are offered instead, for a person to say that there was more to it.
    """
    timed: dict[Group, list[Owned]] = defaultdict(list)
    for piece in owned:
        item = evidence[piece.evidence]
        matter, task = label(item)
        for day, part in _by_day(piece, zone_on):
            timed[day, matter, task, _alone(item, matter)].append(part)
    blocks = [_block(group, parts, evidence) for group, parts in timed.items()]
    worked = [block for block in blocks if sum(map(worth, block.owned)) >= policy.minimum]
    behind = _answers(worked, evidence, label, zone_on)
    used = {item for block in worked for item in block.evidence} | {i for ids in behind.values() for i in ids}
    offers = _offers([item for item in evidence.values() if item.id not in used], label, zone_on)
    return [*sorted((_with(b, behind[_key(b)], evidence) for b in worked), key=_first), *offers]


def _by_day(piece: Owned, zone_on: Callable[[date], str]) -> Iterable[tuple[date, Owned]]:
    """A piece that crosses local midnight belongs to both days, each with its own seconds.

    A traveller's midnight may leave an hour that neither day's zone claims; it goes to the date of its start.
    """
    days: dict[date, Span] = {}
    for span in piece.spans:
        instant = span.start
        while instant < span.end:
            day = _date(instant, zone_on)
            days[day] = local_day(day, zone_on(day))
            instant = max(days[day].end, instant + 1)
    parts: dict[date, list[Span]] = defaultdict(list)
    rest = piece.spans
    for day in sorted(days):
        parts[day] += intersection(rest, (days[day],))
        rest = difference(rest, parts[day])
    for span in rest:
        parts[_date(span.start, zone_on)].append(span)
    yield from ((day, Owned(piece.evidence, union(spans))) for day, spans in sorted(parts.items()) if spans)


def _date(instant: int, zone_on: Callable[[date], str]) -> date:
    """The local date, in the zone lived in on that date."""
    utc = local_date(instant, "UTC")
    return local_date(instant, zone_on(local_date(instant, zone_on(utc))))


def _alone(item: Evidence, matter: str) -> str:
    return (item.thread or item.id) if matter in (NO_MATTER, NOT_BILLABLE) else ""


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
        later = [one for one in answers.get((_date(item.at, zone_on), item.thread), []) if one[0] >= item.at]
        first = min(later, key=lambda one: (one[0], _first(one[1])), default=None)
        if first and label(item)[0] in (NO_MATTER, first[1].matter):
            behind[_key(first[1])].append(item.id)
    return behind


def _with(block: WorkBlock, more: Sequence[str], evidence: Mapping[str, Evidence]) -> WorkBlock:
    ids = sorted({*block.evidence, *more}, key=lambda i: (evidence[i].at, i))
    return WorkBlock(day=block.day, matter=block.matter, task=block.task, evidence=tuple(ids), owned=block.owned)


def _offers(items: Sequence[Evidence], label: Label, zone_on: Callable[[date], str]) -> list[WorkBlock]:
    """What was received and may have been read, by day and matter, or by conversation where there is none."""
    groups: dict[tuple[date, str, str], list[Evidence]] = defaultdict(list)
    for item in items:
        if item.kind is Kind.MESSAGE and not _is_mass(item):
            matter = label(item)[0]
            groups[_date(item.at, zone_on), matter, _alone(item, matter)].append(item)
    return [
        WorkBlock(
            day=day,
            matter=matter,
            task="",
            evidence=tuple(i.id for i in sorted(members, key=lambda item: (item.at, item.id))),
            owned=(),
        )
        for (day, matter, _), members in sorted(groups.items(), key=lambda one: (one[0][0], _earliest(one[1])))
    ]


def _earliest(items: Sequence[Evidence]) -> tuple[int, str]:
    return min((item.at, item.id) for item in items)


def _is_mass(item: Evidence) -> bool:
    return item.flag("bulk") or re.split(r"[/\\]", item.place.reveal())[-1].casefold() in JUNK
