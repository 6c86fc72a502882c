"""One thing seen twice is one thing.

The same mail lies in the inbox, in a matter's folder and on the phone; the same meeting stands in
two calendars. Copies share an ``identity`` (Message-ID; iCalUID and occurrence) or, where an export
gave each copy an identity of its own, what they say: sender, minute, subject and first words.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from autotime.domain.evidence import Evidence, Kind, Role

PREFIX = re.compile(r"^(?:\s*(?:re|fw|fwd|aw|wg|antw|tr|sv|vs)\s*(?:\[\d+\])?\s*:)+\s*", re.IGNORECASE)
WORDS_COMPARED = 40


@dataclass(frozen=True, slots=True)
class Folded:
    """One thing, with the copy that speaks for it and the others."""

    lead: Evidence
    copies: tuple[Evidence, ...]


def fold(evidence: Iterable[Evidence]) -> list[Folded]:
    """Groups copies; whatever order they came in, the result is the same, in order of time.

    Of a piece given in several revisions the highest counts.
    """
    current = {item.id: item for item in sorted(evidence, key=lambda item: item.revision)}
    items = [current[key] for key in sorted(current)]
    groups = _Groups(len(items))
    first_with: dict[Hashable, int] = {}
    for index, item in enumerate(items):
        for mark in _marks(item):
            groups.join(first_with.setdefault(mark, index), index)
    folded = [_led(members) for members in groups.of(items)]
    return sorted(folded, key=lambda one: (one.lead.at, one.lead.id))


def bare_subject(subject: str) -> str:
    """The subject without reply and forward marks, folded to lower case and single spaces."""
    return " ".join(PREFIX.sub("", subject).casefold().split())


def _marks(item: Evidence) -> list[Hashable]:
    marks: list[Hashable] = [("identity", item.kind, item.identity)] if item.identity else []
    if item.kind is Kind.MESSAGE:
        words = " ".join(item.body.reveal().split()[:WORDS_COMPARED])
        sender = next((who.address for who in item.people if who.role is Role.FROM), "")
        subject = bare_subject(item.subject.reveal())
        if words or subject:
            marks.append(("content", sender, item.at // 60, subject, words))
    return marks


def _led(members: list[Evidence]) -> Folded:
    """Own copies speak first (they carry the time), of these one whose time is its own and the last of
    them (a draft precedes what was sent), then the one that says most, then by id."""
    ordered = sorted(
        members,
        key=lambda item: (
            not item.own, item.flag("time_assumed"), -item.at, -len(item.body), -len(item.facts), item.id,
        ),
    )  # fmt: skip
    return Folded(ordered[0], tuple(ordered[1:]))


class _Groups:
    """Union-find over positions."""

    def __init__(self, size: int) -> None:
        self.parent = list(range(size))

    def root(self, index: int) -> int:
        while self.parent[index] != index:
            self.parent[index] = self.parent[self.parent[index]]
            index = self.parent[index]
        return index

    def join(self, left: int, right: int) -> None:
        a, b = self.root(left), self.root(right)
        self.parent[max(a, b)] = min(a, b)

    def of(self, items: list[Evidence]) -> list[list[Evidence]]:
        members: dict[int, list[Evidence]] = {}
        for index, item in enumerate(items):
            members.setdefault(self.root(index), []).append(item)
        return list(members.values())
