"""Teams in the stand-in for Microsoft 365: who was in a meeting, chats, and the records of calls."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Stay = tuple[int, int]
"""Joined and left, UTC seconds."""

Someone = tuple[str, str, str]
"""A user id (nothing for an outsider), a name, and an address or a number."""


@dataclass(frozen=True, slots=True)
class Report:
    """One session of a meeting, and who was in it when."""

    id: str
    start: int
    end: int
    stays: tuple[tuple[Someone, tuple[Stay, ...]], ...]


@dataclass(slots=True)
class Gathering:
    """An online meeting."""

    id: str
    join_url: str
    organizer: Someone
    reports: list[Report] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message of a chat."""

    id: str
    at: int
    changed: int
    by: Someone
    text: str
    kind: str = "message"
    deleted: bool = False


@dataclass(slots=True)
class Conversation:
    id: str
    topic: str
    members: tuple[Someone, ...]
    said: list[Said] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One call. ``stays`` are of the caller or of everybody; a ``group`` call has a session for each person."""

    id: str
    start: int
    end: int
    caller: Someone
    others: tuple[Someone, ...]
    stays: Mapping[str, tuple[Stay, ...]]
    group: bool = False
    version: int = 1


class Teams:
    """What a person did in Teams, and how a test has them do it."""

    address: str
    name: str
    id: str

    def __init__(self, talks: list[Talk]) -> None:
        self.gatherings: list[Gathering] = []
        self.conversations: dict[str, Conversation] = {}
        self.talks = talks
        self.teams_policy = True
        """Whether an administrator lets the app read this person's meetings (application access policy)."""

    @property
    def someone(self) -> Someone:
        return self.id, self.name, self.address

    def attends(
        self, join_url: str, *stays: Stay, others: Iterable[tuple[Someone, Sequence[Stay]]] = (), reports: int = 1
    ) -> Gathering:
        """A meeting the person organised and was in at these times; with ``reports=2`` a report for each stay."""
        found = next((one for one in self.gatherings if one.join_url == join_url), None)
        one = found or Gathering(f"MSo{_digest(join_url)}", join_url, self.someone)
        if found is None:
            self.gatherings.append(one)
        rest = tuple((who, tuple(theirs)) for who, theirs in others)
        for mine in [stays] if reports == 1 else [(stay,) for stay in stays]:
            there = ((self.someone, mine), *rest)
            times = [time for _, theirs in there for stay in theirs for time in stay]
            name = f"{one.id}-{len(one.reports)}"
            one.reports.append(Report(name, min(times), max(times), there))
        return one

    def is_invited(self, gathering: Gathering) -> None:
        """Somebody else's meeting: it is seen, its attendance is not."""
        self.gatherings.append(gathering)

    def chats(
        self,
        text: str,
        at: int,
        *,
        by: Someone | None = None,
        members: Sequence[Someone] = (),
        topic: str = "",
        **more: Any,
    ) -> Said:
        """A message in the chat with these members, by the person or by one of them."""
        together = (self.someone, *members)
        id_ = f"19:{_digest(' '.join(sorted(who[0] for who in together)))}@thread.v2"
        talk = self.conversations.setdefault(id_, Conversation(id_, topic, together))
        number = str(at * 1000 + len(talk.said))
        one = Said(id=number, at=at, changed=more.pop("changed", at), by=by or self.someone, text=text, **more)
        talk.said.append(one)
        return one

    def calls(
        self,
        start: int,
        end: int,
        other: Someone,
        *more: Someone,
        by: Someone | None = None,
        group: bool = False,
        stays: Mapping[str, tuple[Stay, ...]] | None = None,
    ) -> Talk:
        """A call the person made (or ``by`` another). ``stays`` maps user ids to times where they differ."""
        caller = by or self.someone
        others = tuple(who for who in (self.someone, other, *more) if who != caller)
        name = _digest(f"{start}{caller}")
        one = Talk(id=name, start=start, end=end, caller=caller, others=others, stays=stays or {}, group=group)
        self.talks.append(one)
        return one

    def amends(self, talk: Talk, **said: Any) -> Talk:
        """A record grows while its parts come in."""
        grown = replace(talk, version=talk.version + 1, **said)
        self.talks[self.talks.index(talk)] = grown
        return grown


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
