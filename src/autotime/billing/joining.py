"""Pages of a billing system's books joined with ours. Pure but for what it remembers of the pages before.

::

    the system's id ─ known ──────────────────────────────► our key
                    └ else a mail address, a number, an id, a name that only one has ─► our key, from now on
                                                                          └ else new

A thing that names another by an id nobody knows yet names it ``SYSTEM:ID`` until that other one comes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from autotime.billing.joining_fields import (
    client_of,
    folded,
    kept,
    matter_of,
    overwritten,
    person_of,
    readable_id,
    with_hidden,
)
from autotime.domain.books import Books, Client, Code, Key, Matter, MatterStatus, Thing
from autotime.domain.doors import BooksPage, Keys, Pulled
from autotime.domain.people import Timekeeper

N = TypeVar("N", Client, Matter, Timekeeper, Code)

FEW = 3
"""Of many that are called alike, so many are named."""

MATTERS = "matters"
"""The part whose complete list says which matters are gone."""


@dataclass(slots=True)
class Step:
    """What one page leads to: what is new or changed by our keys, the system's ids, and what a person is told.
    ``counts`` are by kind and word (``added``, ``updated``, ``unchanged``, ``gone``)."""

    clients: dict[str, Client] = field(default_factory=dict)
    matters: dict[str, Matter] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    people: dict[str, Timekeeper] = field(default_factory=dict)
    keys: dict[tuple[Thing, str], Key] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    counts: Counter[tuple[Thing, str]] = field(default_factory=Counter)

    @property
    def changes(self) -> bool:
        return bool(self.clients or self.matters or self.codes or self.people)


class Joining:
    """One pull. ``merged``: client ids that a person said are another's; ``currency`` is the firm's."""

    def __init__(
        self,
        system: str,
        books: Books,
        people: Mapping[str, Timekeeper],
        keys: Keys,
        merged: Mapping[str, str] | None = None,
        currency: str = "USD",
    ) -> None:
        self.system, self.currency, self.merged = system, currency, dict(merged or {})
        self.clients, self.matters, self.codes = dict(books.clients), dict(books.matters), dict(books.codes)
        self.people = dict(people)
        self.ours, self.remotes = dict(keys.ours), dict(keys.remotes)
        self.seen: set[str] = set()
        self.bad: set[str] = set()
        self.clashes: dict[str, Pulled] = {}
        self._named: defaultdict[str, set[str]] = defaultdict(set)
        self._mailed: defaultdict[str, set[str]] = defaultdict(set)
        self._called: defaultdict[str, list[str]] = defaultdict(list)
        self._waiting: defaultdict[tuple[Thing, str], set[str]] = defaultdict(set)
        for client in self.clients.values():
            self._find_by_name(client.name, self.final(client.id))
        for person in self.people.values():
            self._find_by_mail(person)
            self._called[_name_of(person)].append(person.id)
        for matter in self.matters.values():
            self._wait(matter)

    def final(self, client: str) -> str:
        """The client that a merged one became."""
        return self.merged.get(client, client)

    def page(self, page: BooksPage) -> Step:
        step = Step()
        for thing in page.things:
            self._thing(step, thing)
        if page.bad:
            self.bad.add(page.part)
        if page.whole and page.part == MATTERS:
            self._end_of_matters(step)
        return step

    def _thing(self, step: Step, thing: Pulled) -> None:
        match thing.kind, thing.noun:
            case Thing.TIMEKEEPER, Timekeeper() as person:
                self._person(step, thing, person)
            case Thing.CLIENT, Client() as client:
                self._client(step, thing, client)
            case Thing.MATTER, Matter() as matter:
                self._matter(step, thing, matter)
            case ((Thing.CODE | Thing.ACTIVITY), Code() as code):
                self._code(step, thing, code)
            case kind, _:
                step.notes.append(f"{kind.value} {thing.remote} is no {kind.value}: left out")

    # -- people and clients ---------------------------------------------------------------------------

    def _person(self, step: Step, thing: Pulled, theirs: Timekeeper) -> None:
        key = self.ours.get((Thing.TIMEKEEPER, thing.remote), "") or self._by_mail(step, thing, theirs)
        key = key or self._new_person(step, thing, theirs)
        joined = person_of(self.people.get(key), theirs, key)
        self._put(step, thing, key, joined, self.people, step.people)
        self._find_by_mail(joined)
        self._arrived(step, Thing.TIMEKEEPER, thing.remote, key)

    def _find_by_mail(self, person: Timekeeper) -> None:
        for address in person.emails:
            self._add(self._mailed[address.casefold()], Thing.TIMEKEEPER, person.id)

    def _find_by_name(self, name: str, client: str) -> None:
        self._add(self._named[folded(name)], Thing.CLIENT, client)

    def _add(self, able: set[str], kind: Thing, key: str) -> None:
        """Those that the system has named already join nobody: some of them are enough to be told of."""
        if len(able) <= FEW or (kind, key) not in self.remotes:
            able.add(key)

    def _by_mail(self, step: Step, thing: Pulled, theirs: Timekeeper) -> str:
        able = {one for address in theirs.emails for one in self._mailed.get(address.casefold(), ())}
        return self._only(step, thing, able, "has the mail address of")

    def _new_person(self, step: Step, thing: Pulled, theirs: Timekeeper) -> str:
        """One of the same name without that mail address stays another; that is told, for it is hardly meant."""
        name = _name_of(theirs)
        if free := [one for one in self._called.get(name, ()) if (Thing.TIMEKEEPER, one) not in self.remotes]:
            step.notes.append(
                f"timekeeper {thing.remote} is called like {_some(free)} and shares no mail address: kept apart "
                "(set the address in the settings, or there)"
            )
        return self._new(thing, theirs.id, name, self.people)

    def _client(self, step: Step, thing: Pulled, theirs: Client) -> None:
        own = self.ours.get((Thing.CLIENT, thing.remote), "") or self._same_client(step, thing, theirs)
        key = own or self._new(thing, theirs.id, theirs.name, self.clients)
        final, first = self.final(key), (Thing.CLIENT, key) not in self.remotes
        ours = self.clients.get(final)
        if final != key and ours:  # its name stays that of the client it was merged into
            theirs = replace(theirs, name=ours.name)
        joined = client_of(ours, theirs, final)
        if first and ours:
            step.notes += (f"client {final}: {note}" for note in overwritten(ours, theirs))
        self._put(step, thing, final, joined, self.clients, step.clients, key)
        self._find_by_name(joined.name, final)
        self._arrived(step, Thing.CLIENT, thing.remote, final)

    def _same_client(self, step: Step, thing: Pulled, theirs: Client) -> str:
        same = self.clients.get(theirs.id)
        alike = same and (theirs.id != thing.remote or not same.name or folded(same.name) == folded(theirs.name))
        if alike and (Thing.CLIENT, theirs.id) not in self.remotes:
            return theirs.id
        return self._only(
            step, thing, self._named.get(folded(theirs.name), set()) if theirs.name else (), "is called like"
        )

    def _only(self, step: Step, thing: Pulled, able: Iterable[str], how: str) -> str:
        """The one of these that the system has not named yet; where there are others, that is told."""
        free = sorted(one for one in able if (thing.kind, one) not in self.remotes)
        others = free if len(free) > 1 else sorted(set(able) - set(free)) if not free else []
        if others:
            step.notes.append(
                f"{thing.kind.value} {thing.remote} {how} {_some(others)}: kept apart (autotime books check)"
            )
        return free[0] if len(free) == 1 else ""

    def _new(self, thing: Pulled, wanted: str, name: str, known: Mapping[str, object]) -> str:
        """The system's word for it, where that is not merely its own id and is free; else a readable id."""
        if wanted and wanted != thing.remote and wanted not in known:
            return wanted
        return readable_id(name, self.system, thing.remote, known.__contains__)

    # -- matters --------------------------------------------------------------------------------------

    def _matter(self, step: Step, thing: Pulled, theirs: Matter) -> None:
        self.seen.add(thing.remote)
        known = self.ours.get((Thing.MATTER, thing.remote), "")
        number = known or theirs.number
        if not number:
            step.notes.append(f"matter {thing.remote} has no number: left out (give it one in {self.system})")
        elif not known and (Thing.MATTER, number) in self.remotes:
            self.clashes[number] = thing
            other = self.remotes[Thing.MATTER, number]
            step.notes.append(f"matter {thing.remote} has the number {number} of matter {other}: left out")
        else:
            self._take(step, thing, theirs, number, first=not known)

    def _take(self, step: Step, thing: Pulled, theirs: Matter, number: str, *, first: bool) -> None:
        ours = self.matters.get(number)
        rates = tuple(replace(r, timekeeper=self._named_by(Thing.TIMEKEEPER, r.timekeeper)) for r in theirs.rates)
        if thing.sees and ours:
            rates = with_hidden(ours.rates, rates, self._named_by(Thing.TIMEKEEPER, thing.sees))
        named = replace(theirs, client=self._named_by(Thing.CLIENT, theirs.client), rates=rates)
        if ours:
            told = [*kept(ours, named), *(overwritten(ours, named) if first else ())]
            if theirs.number not in ("", number, *ours.aliases):
                told.append(f"its number there is now «{theirs.number}»; here it keeps its own")
            step.notes += (f"matter {number}: {note}" for note in told)
        joined = matter_of(ours, named, number, self.currency)
        self._put(step, thing, number, joined, self.matters, step.matters)
        self._wait(joined)

    def _named_by(self, kind: Thing, remote: str) -> str:
        """Our key of what a matter names; what is not known yet is waited for."""
        known = self.ours.get((kind, remote), "") if remote else ""
        if not known:
            return f"{self.system}:{remote}" if remote else ""
        return self.final(known) if kind is Thing.CLIENT else known

    def _wait(self, matter: Matter) -> None:
        people = (rate.timekeeper for rate in matter.rates)
        for kind, name in ((Thing.CLIENT, matter.client), *((Thing.TIMEKEEPER, one) for one in people)):
            if name.startswith(f"{self.system}:"):
                self._waiting[kind, name].add(matter.number)

    def _arrived(self, step: Step, kind: Thing, remote: str, key: str) -> None:
        """Matters that came before the client or timekeeper they name."""
        waited = f"{self.system}:{remote}"
        for number in self._waiting.pop((kind, waited), ()):
            matter = self.matters[number]
            if kind is Thing.CLIENT and matter.client == waited:
                matter = replace(matter, client=key)
            elif kind is Thing.TIMEKEEPER:
                matter = replace(
                    matter,
                    rates=tuple(replace(r, timekeeper=key) if r.timekeeper == waited else r for r in matter.rates),
                )
            self.matters[number] = step.matters[number] = matter

    def _end_of_matters(self, step: Step) -> None:
        """The list was complete: what it did not hold is closed, and its number is free for another."""
        if MATTERS in self.bad:
            step.notes.append("some matters could not be read, so none is taken for gone")
            return
        for number, thing in self.clashes.items():
            if self.remotes[Thing.MATTER, number] not in self.seen and isinstance(thing.noun, Matter):
                self._take(step, thing, thing.noun, number, first=True)
        gone = (key for (kind, key), remote in self.remotes.items() if kind is Thing.MATTER and remote not in self.seen)
        for number in sorted(gone):
            matter = self.matters.get(number)
            if matter and matter.status is not MatterStatus.CLOSED:
                self.matters[number] = step.matters[number] = replace(matter, status=MatterStatus.CLOSED)
                step.counts[Thing.MATTER, "gone"] += 1
                step.notes.append(f"matter {number} is not in {self.system} any more: closed")

    # -- codes ----------------------------------------------------------------------------------------

    def _code(self, step: Step, thing: Pulled, theirs: Code) -> None:
        """Codes we know keep their titles; activities of the system's own are known by their ids only. Of two of
        one code the lower id is taken."""
        key = theirs.code or theirs.title
        known = self.remotes.get((thing.kind, key))
        if not key or (known and known != thing.remote and _order(known) < _order(thing.remote)):
            step.notes.append(f"{thing.kind.value} {thing.remote} says what {known or 'nothing'} says: left out")
            return
        if thing.kind is Thing.CODE and key not in self.codes:
            self._put(step, thing, key, replace(theirs, code=key), self.codes, step.codes)
            return
        step.counts[thing.kind, "unchanged" if known or key in self.codes else "added"] += 1
        self._name(step, thing, key)

    # -- shared ---------------------------------------------------------------------------------------

    def _put(
        self, step: Step, thing: Pulled, key: str, noun: N, known: dict[str, N], changed: dict[str, N], own: str = ""
    ) -> None:
        before = known.get(key)
        word = "added" if before is None else "unchanged" if before == noun else "updated"
        step.counts[thing.kind, word] += 1
        if before != noun:
            known[key] = changed[key] = noun
        self._name(step, thing, own or key)

    def _name(self, step: Step, thing: Pulled, key: str) -> None:
        self.ours[thing.kind, thing.remote] = key
        self.remotes[thing.kind, key] = thing.remote
        step.keys[thing.kind, key] = Key(self.system, thing.kind, key, thing.remote, thing.version)


def _name_of(person: Timekeeper) -> str:
    return folded(f"{person.first} {person.last}")


def _some(keys: Sequence[str]) -> str:
    return ", ".join([*keys[:FEW], *(["and others"] if len(keys) > FEW else [])])


def _order(remote: str) -> tuple[int, str]:
    """Ids that are numbers in the order of numbers."""
    return len(remote), remote
