"""Two clients that are one: what a person confirms, and how it is taken back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from autotime import plugins
from autotime.domain.books import Client, Key, Matter, Thing
from autotime.domain.entries import TimeEntry
from autotime.domain.errors import Misused, NotAllowed
from autotime.office import Office
from autotime.steps.stale import mark_all_stale

if TYPE_CHECKING:
    from autotime.store import Store

MERGED = "merged"
"""Under this name stand, as keys, the clients that are another's: ``key`` became ``remote``."""
NAMED = 10
"""Entries named in a refusal."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did, or undid: matters moved, and what a person should still look at."""

    keep: str
    other: str
    matters: tuple[str, ...]
    notes: tuple[str, ...] = ()


def merged_clients(store: Store) -> dict[str, str]:
    """Client ids that became another's, each with the one it is in the end."""
    steps = {key: became for (_, key), became in store.systems.keys(MERGED).remotes.items()}

    def end(client: str) -> str:
        return end(steps[client]) if client in steps else client

    return {client: end(client) for client in steps}


def merge_clients(office: Office, keep: str, other: str, *, dry_run: bool = False) -> Merged:
    """Moves the matters and keys of ``other`` to ``keep``, and remembers it, so that no pull and no import brings
    it back. ``NotAllowed`` where time was approved for ``other``: its entries say that client for good."""
    store = office.store
    books, already = store.books.load(), merged_clients(store)
    keep = already.get(keep, keep)
    _refuse_unknown(books.clients, keep, other, already)
    _refuse_entries(office, lambda entry: entry.client == other, f"client {other}")
    moved = tuple(matter for matter in books.matters.values() if matter.client == other)
    before = books.clients[keep]
    done = Merged(keep, other, tuple(m.number for m in moved), tuple(_left_over(office, other)))
    if not dry_run:
        _merge(office, before, books.clients[other], moved)
    return done


def _merge(office: Office, keep: Client, other: Client, moved: tuple[Matter, ...]) -> None:
    store = office.store
    keys = _moving_keys(office, keep, other)
    memory = {"matters": [matter.number for matter in moved], "keys": {key.system: key.remote for key in keys}}
    memory |= {"contacts": keep.contacts, "phones": keep.phones, "ledes_id": keep.ledes_id}
    with store.transaction():
        store.books.upsert(clients=[_joined(keep, other)], matters=[replace(m, client=keep.id) for m in moved])
        store.systems.save_keys([Key(MERGED, Thing.CLIENT, other.id, keep.id, json.dumps(memory)), *keys])
        for key in keys:
            store.systems.forget_keys(key.system, Thing.CLIENT, [other.id])
        store.audit.append("books.merged", keep.id, f"{other.id}\n{json.dumps(memory)}")
        mark_all_stale(office)


def _joined(keep: Client, other: Client) -> Client:
    from autotime.billing.joining_fields import client_of  # noqa: PLC0415

    return client_of(keep, replace(other, name=""), keep.id)


def _moving_keys(office: Office, keep: Client, other: Client) -> list[Key]:
    """What systems call the other is the name of the one that stays, unless it has one of its own there: then
    both stand, and the other's leads to the one that stays."""
    held = [(system, office.store.systems.keys(system)) for system in plugins.systems(office.settings)]
    return [
        Key(system, Thing.CLIENT, keep.id, keys.remote(Thing.CLIENT, other.id))
        for system, keys in held
        if keys.remote(Thing.CLIENT, other.id) and not keys.remote(Thing.CLIENT, keep.id)
    ]


def undo_merge(office: Office, keep: str, other: str, *, dry_run: bool = False) -> Merged:
    """As before the merge. ``NotAllowed`` where time was approved since for what would move back."""
    store = office.store
    books = store.books.load()
    memory = _memory(store, keep, other)
    if became := store.systems.keys(MERGED).remote(Thing.CLIENT, keep):
        raise Misused(f"{keep} became {became} since", hint=f"autotime books merge {became} {keep} --undo")
    back = [m for number in memory["matters"] if (m := books.matters.get(number)) and m.client == keep]
    numbers = {matter.number for matter in back}
    _refuse_entries(office, lambda entry: entry.client == keep and entry.matter in numbers, f"client {keep}")
    before = replace(
        books.clients[keep],
        contacts=tuple(memory["contacts"]),
        phones=tuple(memory["phones"]),
        ledes_id=memory["ledes_id"],
    )
    if not dry_run:
        _take_back(office, before, other, back, memory["keys"])
    return Merged(keep, other, tuple(sorted(numbers)))


def _take_back(office: Office, keep: Client, other: str, back: list[Matter], keys: Mapping[str, str]) -> None:
    store = office.store
    with store.transaction():
        store.books.upsert(clients=[keep], matters=[replace(m, client=other) for m in back])
        store.systems.forget_keys(MERGED, Thing.CLIENT, [other])
        for system in keys:
            store.systems.forget_keys(system, Thing.CLIENT, [keep.id])
        store.systems.save_keys(Key(system, Thing.CLIENT, other, remote) for system, remote in keys.items())
        store.audit.append("books.merge_undone", keep.id, other)
        mark_all_stale(office)


def _memory(store: Store, keep: str, other: str) -> dict[str, Any]:
    """What the merge wrote down."""
    found = [key for key in store.systems.all_keys(MERGED) if (key.key, key.remote) == (other, keep)]
    if not found:
        raise Misused(f"{other} was not merged into {keep}", hint="autotime books check")
    memory: dict[str, Any] = json.loads(found[0].version)
    return memory


def _refuse_unknown(clients: Mapping[str, Client], keep: str, other: str, already: Mapping[str, str]) -> None:
    if other in already:
        raise Misused(f"{other} is {already[other]} already", hint="autotime books check")
    for one in (keep, other):
        if one not in clients:
            raise Misused(f"there is no client {one}", hint="autotime books check")
    if keep == other:
        raise Misused("a client is not merged with itself", hint="autotime books merge KEEP OTHER")


def _refuse_entries(office: Office, concerned: Callable[[TimeEntry], bool], whose: str) -> None:
    """Approved time names its client for good, on bills too."""
    entries = [e for e in office.store.entries.between(date.min, date.max) if e.active and concerned(e)]
    if entries:
        named = [f"{e.id} ({e.day}, {e.matter}, {_state(office.store, e)})" for e in entries[:NAMED]]
        more = [f"and {len(entries) - NAMED} more"] if len(entries) > NAMED else []
        raise NotAllowed(
            f"time was approved for {whose}: {', '.join(named + more)}",
            kept="nothing was changed",
            hint="take back with autotime undo what was not delivered; what was stays under that client",
        )


def _state(store: Store, entry: TimeEntry) -> str:
    found = next((one for one in store.submissions.of_entry(entry.id) if not one.copy), None)
    return f"{found.state.value.replace('_', ' ')} {found.target}".strip() if found else "approved"


def _left_over(office: Office, other: str) -> Iterator[str]:
    """Settings go by client id too."""
    settings = office.settings
    for name, known in (("policy.clients", settings.policy.clients), ("billing.clients", settings.billing.clients)):
        if other in known:
            yield f"the settings name {other} in [{name}]: set it for the client that stays"
