"""What looks wrong in the books, each with what a person may do about it. Pure; nothing is changed here."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from rapidfuzz import fuzz, process

from autotime.domain.books import Books, Client, MatterStatus, Thing
from autotime.domain.doors import Keys

ALIKE = 93
"""Of 100: names from here on are near the same, by ``token_sort_ratio`` of their words without legal forms.
Names whose numbers differ never are (Holdings 1, Holdings 2)."""
SHARED_BY = 4
"""A mail address or phone of more clients than these is an agent's or an office's, and no sign of a duplicate."""
NEAR = 100
"""A name is compared with so many after it among those of one word."""
DIGITS = 7
"""A shorter phone number is an extension."""

FORMS = re.compile(
    "the|inc|incorporated|llc|llp|lp|pllc|pc|ltd|limited|corp|corporation|co|company|gmbh|ag|sa|plc|and|of"
)


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
) -> list[Finding]:
    """All findings. ``people`` are timekeepers' ids, ``merged`` clients that became others, ``lately`` why a
    closed matter seems to be worked on."""
    gone = merged or {}
    clients = [client for client in books.clients.values() if client.id not in gone]
    return [
        *duplicates(clients, books),
        *_orphans(books),
        *_keys_of_nothing(books, keys, set(people)),
        *_worked_on(books, lately or {}),
        *_without_contacts(books),
    ]


# -- duplicates ---------------------------------------------------------------------------------------


def duplicates(clients: Sequence[Client], books: Books) -> Iterator[Finding]:
    """Pairs of clients with one mail address, one phone or nearly one name."""
    reasons: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for what, owners in (("mail address", _owners(clients, _mails)), ("phone", _owners(clients, _phones))):
        for value, ids in owners.items():
            if len(ids) > SHARED_BY:
                yield Finding("shared", tuple(ids), f"{len(ids)} clients have the {what} {value}", LEAVE)
                continue
            for pair in combinations(ids, 2):
                reasons[pair].append(f"the {what} {value}")
    for one, other, score in _alike(clients):
        reasons[one, other].append(f"names {score:.0f} of 100 alike")
    matters = _matters_of(books)
    for (one, other), why in sorted(reasons.items()):
        keep, gone = sorted((one, other), key=lambda client: (-matters.get(client, 0), len(client), client))
        names = " and ".join(f"{client} «{books.clients[client].name}»" for client in (keep, gone))
        yield Finding("duplicate", (keep, gone), f"{names}: {', '.join(why)}", f"autotime books merge {keep} {gone}")


LEAVE = "leave it, if it is an agent's or an office's"


def _owners(clients: Iterable[Client], values_of: Callable[[Client], Iterator[str]]) -> dict[str, list[str]]:
    """Value → the ids of the clients that have it, where there are several."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for client in clients:
        for value in values_of(client):
            owners[value].add(client.id)
    return {value: sorted(ids) for value, ids in sorted(owners.items()) if len(ids) > 1}


def _mails(client: Client) -> Iterator[str]:
    return (address.casefold() for address in client.contacts)


def _phones(client: Client) -> Iterator[str]:
    """The last ten digits, however it is written."""
    digits = (re.sub(r"\D", "", phone.split("x")[0])[-10:] for phone in client.phones)
    return (found for found in digits if len(found) >= DIGITS)


def _alike(clients: Iterable[Client]) -> Iterator[tuple[str, str, float]]:
    """Near-same names, compared only where they share a word or a beginning and stand near each other in the order
    of names: all pairs would be too many."""
    words = {client.id: plain(client.name) for client in clients}
    blocks: defaultdict[str, list[str]] = defaultdict(list)
    for client, name in sorted(words.items(), key=lambda pair: (pair[1], pair[0])):
        parts = name.split()
        for block in {*parts, f"{name.replace(' ', '')[:4]}…"} if parts else ():
            blocks[block].append(client)
    numbers = {client: sorted(re.findall(r"\d+", name)) for client, name in words.items()}
    seen: set[tuple[str, str]] = set()
    for members in blocks.values():
        for place, one in enumerate(members[:-1]):
            near = members[place + 1 : place + 1 + NEAR]
            others = {client: words[client] for client in near if numbers[client] == numbers[one]}
            alike = process.extract(words[one], others, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE, limit=None)
            for _, score, other in alike:
                pair = (min(one, other), max(one, other))
                if pair not in seen:
                    seen.add(pair)
                    yield *pair, score


def plain(name: str) -> str:
    """Words in lower case, without punctuation and legal forms; all of them where nothing else is left."""
    words = re.findall(r"\w+", name.casefold().replace(".", "").replace("'", ""))
    return " ".join([word for word in words if not FORMS.fullmatch(word)] or words)


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


def _without_contacts(books: Books) -> Iterator[Finding]:
    for matter in books.open_matters():
        reached = matter.contacts or matter.domains or books.client_of(matter).contacts
        if not reached:
            says = f"{matter.number} «{matter.name}» has neither contacts nor domains: its mail is hard to match"
            yield Finding("no_contacts", (matter.number,), says, "autotime books import FILE.csv, with contacts")
