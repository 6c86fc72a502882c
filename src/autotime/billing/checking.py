"""What looks wrong in the books, each with what a person may do about it. Pure; nothing is changed here."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

from rapidfuzz import fuzz, process

from autotime.billing.names import Name, of_one_house, same
from autotime.domain.books import Books, Client, Matter, MatterStatus, Thing
from autotime.domain.doors import Keys

ALIKE = 93
"""Of 100: names from here on are near the same, by ``fuzz.ratio`` of their words in order, without legal forms.
``names.same`` has the last word (Holdings 1, Holdings 2)."""
SHARED_BY = 4
"""A mail address or phone of more clients than these is an agent's or an office's, and no sign of a duplicate."""
NEAR = 100
"""A name is compared with so many after it among those of one word."""
DIGITS = 7
"""A shorter phone number is an extension."""

LEAVE = "leave it, if it is an agent's or an office's"
Pair = tuple[str, str]
"""Ids of two clients, the lower first."""


@dataclass(frozen=True, slots=True)
class Finding:
    """``kind`` is ``duplicate``, ``shared``, ``orphan``, ``no_contacts`` or ``closed``; ``things`` are our keys."""

    kind: str
    things: tuple[str, ...]
    says: str
    proposal: str


def look(
    books: Books,
    keys: Iterable[Keys] = (),
    people: Iterable[str] = (),
    merged: Mapping[str, str] | None = None,
    lately: Mapping[str, str] | None = None,
    own: Collection[str] = (),
) -> list[Finding]:
    """All findings. ``people`` are timekeepers' ids, ``merged`` clients that became others, ``lately`` why a
    closed matter seems to be worked on, ``own`` the firm's mail addresses and domains."""
    gone = merged or {}
    clients = [client for client in books.clients.values() if client.id not in gone]
    return [
        *duplicates(clients, books, own),
        *_orphans(books),
        *_keys_of_nothing(books, keys, set(people)),
        *_worked_on(books, lately or {}),
        *_without_contacts(books, own),
    ]


# -- duplicates ---------------------------------------------------------------------------------------


def duplicates(clients: Sequence[Client], books: Books, own: Collection[str] = ()) -> Iterator[Finding]:
    """Pairs of clients with one mail address, one phone or nearly one name, the surest first; then those that share
    an address and are rather a family or a group."""
    names = {client.id: Name.of(client.name) for client in clients}
    reasons, houses = defaultdict[Pair, list[str]](list), defaultdict[Pair, list[str]](list)
    mails = _owners(clients, partial(outside, own=own))
    for what, owners in (("mail address", mails), ("phone", _owners(clients, _phones))):
        for value, ids in owners.items():
            if len(ids) > SHARED_BY:
                yield Finding("shared", tuple(ids), f"{len(ids)} clients have the {what} {value}", LEAVE)
                continue
            for one, other in combinations(ids, 2):
                kin = of_one_house(names[one], names[other])
                (houses if kin else reasons)[one, other].append(f"the {what} {value}")
    scores = {(one, other): score for one, other, score in _alike(names)}
    for pair, score in scores.items():
        reasons[pair].append(f"names {score:.0f} of 100 alike")
    matters = _matters_of(books)
    for pair in sorted(reasons, key=lambda pair: (-len(reasons[pair]), -scores.get(pair, 0), pair)):
        yield _twice(pair, reasons[pair], books, matters)
    for pair in sorted(houses.keys() - reasons.keys()):
        yield _kin(pair, houses[pair], books, matters)


def _twice(pair: Pair, why: Sequence[str], books: Books, matters: Mapping[str, int]) -> Finding:
    keep, gone = _in_order(pair, matters)
    says = f"{_named((keep, gone), books)}: {', '.join(why)}"
    return Finding("duplicate", (keep, gone), says, f"autotime books merge {keep} {gone}")


def _kin(pair: Pair, why: Sequence[str], books: Books, matters: Mapping[str, int]) -> Finding:
    keep, gone = _in_order(pair, matters)
    says = f"{_named((keep, gone), books)} have {', '.join(why)}, and names of one house"
    proposal = f"leave them, if they are a family or a group; if not: autotime books merge {keep} {gone}"
    return Finding("shared", (keep, gone), says, proposal)


def _in_order(pair: Pair, matters: Mapping[str, int]) -> Pair:
    """The one that has more matters stays."""
    keep, gone = sorted(pair, key=lambda client: (-matters.get(client, 0), len(client), client))
    return keep, gone


def _named(pair: Pair, books: Books) -> str:
    return " and ".join(f"{client} «{books.clients[client].name}»" for client in pair)


def _owners(clients: Iterable[Client], values_of: Callable[[Client], Iterable[str]]) -> dict[str, list[str]]:
    """Value → the ids of the clients that have it, where there are several."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for client in clients:
        for value in values_of(client):
            owners[value].add(client.id)
    return {value: sorted(ids) for value, ids in sorted(owners.items()) if len(ids) > 1}


def outside(of: Client | Matter, own: Collection[str]) -> list[str]:
    """Its mail addresses but for those of the firm's own people and domains."""
    mails = (address.casefold() for address in of.contacts)
    return [mail for mail in mails if mail not in own and mail.partition("@")[2] not in own]


def _phones(client: Client) -> Iterator[str]:
    """The last ten digits, however it is written."""
    digits = (re.sub(r"\D", "", phone.split("x")[0])[-10:] for phone in client.phones)
    return (found for found in digits if len(found) >= DIGITS)


def _alike(names: Mapping[str, Name]) -> Iterator[tuple[str, str, float]]:
    """Near-same names, compared only where they share a word or a beginning, and all numbers, and stand near each
    other once their words are in order: all pairs would be too many."""
    words = {client: " ".join(sorted(name.words)) for client, name in names.items()}
    blocks: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for client, _ in sorted(words.items(), key=lambda pair: (pair[1], pair[0])):
        name = names[client]
        for block in {*name.words, f"{''.join(name.words)[:4]}…"} if name.words else ():
            blocks[block, *name.marks].append(client)
    seen: set[Pair] = set()
    for members in blocks.values():
        for place, one in enumerate(members[:-1]):
            others = {client: words[client] for client in members[place + 1 : place + 1 + NEAR]}
            for _, score, other in process.extract(
                words[one], others, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=None
            ):
                pair = (min(one, other), max(one, other))
                if pair not in seen:
                    seen.add(pair)
                    if same(names[one], names[other]):
                        yield *pair, score


def _matters_of(books: Books) -> dict[str, int]:
    counts: defaultdict[str, int] = defaultdict(int)
    for matter in books.matters.values():
        counts[matter.client] += 1
    return dict(counts)


# -- orphans, closed, unreachable ---------------------------------------------------------------------


def _orphans(books: Books) -> Iterator[Finding]:
    for matter in books.matters.values():
        if matter.client and matter.client not in books.clients:
            system, sign, _ = matter.client.partition(":")
            pull = f"autotime books pull {system} --everything" if sign else "autotime books import FILE.csv"
            yield Finding(
                "orphan", (matter.number,), f"the client {matter.client} of {matter.number} is not in the books", pull
            )


def _keys_of_nothing(books: Books, keys: Iterable[Keys], people: set[str]) -> Iterator[Finding]:
    known: dict[Thing, set[str]] = {
        Thing.CLIENT: set(books.clients),
        Thing.MATTER: set(books.matters),
        Thing.TIMEKEEPER: people,
    }
    for of in keys:
        for (kind, key), remote in of.remotes.items():
            if kind in known and key not in known[kind]:
                says = f"{of.system} {remote} is known as {kind.value} {key}, which is not in the books"
                yield Finding("orphan", (key,), says, f"autotime books pull {of.system} --everything")


def _worked_on(books: Books, lately: Mapping[str, str]) -> Iterator[Finding]:
    for number, why in sorted(lately.items()):
        matter = books.matters.get(number)
        if matter and matter.status is MatterStatus.CLOSED:
            says = f"{number} «{matter.name}» is closed, and {why}"
            yield Finding("closed", (number,), says, "open it again in the billing system, or move the time")


def _without_contacts(books: Books, own: Collection[str]) -> Iterator[Finding]:
    for matter in books.open_matters():
        reached = outside(matter, own) or matter.domains or outside(books.client_of(matter), own)
        if not reached:
            says = f"{matter.number} «{matter.name}» has neither contacts nor domains: its mail is hard to match"
            yield Finding("no_contacts", (matter.number,), says, "autotime books import FILE.csv, with contacts")
