"""Billing systems at hand: the adapter of each, and signing in to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from autotime import plugins
from autotime.domain.doors import BooksSource, Connectable, Person, SignIn
from autotime.domain.errors import AutotimeError, Misused
from autotime.office import Office, billing_connection
from autotime.operations.founding import tables_text
from autotime.settings import Settings
from autotime.steps.connecting import Addition


def adapter(office: Office, target: str, **seams: Any) -> Any:
    """The adapter of one billing system, with what it calls the things of this office's books."""
    given = billing_connection(office.settings, office.timekeeper.id, target)
    return plugins.system(target, office.settings, given, office.store.systems.keys(target), **seams)


def connectable(office: Office, target: str, **seams: Any) -> Connectable:
    made = adapter(office, target, **seams)
    if not isinstance(made, Connectable):
        raise Misused(f"«{target}» needs no sign-in", hint=f"autotime push {target} --dry-run")
    return made


def standing(office: Office, target: str) -> SignIn:
    """How the sign-in stands, as far as this machine knows."""
    return connectable(office, target).standing(office.now)


def is_kept(office: Office, target: str) -> bool:
    """Whether some sign-in is on this machine, good or not."""
    return bool(_vault_of(office, target).path.exists())


def forget(office: Office, target: str) -> None:
    """Takes the sign-in off this machine. What was sent stays sent."""
    connectable(office, target)
    _vault_of(office, target).forget()


def _vault_of(office: Office, target: str) -> Any:
    return billing_connection(office.settings, office.timekeeper.id, target).vault


def missing(settings: Settings, target: str) -> tuple[str, ...]:
    """What the settings lack of a system's registration."""
    section = getattr(settings, target, None)
    return ("client_id",) if getattr(section, "client_id", "given") == "" else ()


def addition(target: str, answers: Mapping[str, str]) -> Addition:
    """The registration of a system as it is added to the settings file."""
    tables: dict[str, Any] = {target: dict(answers)}
    return Addition({**tables, "sources": []}, tables_text(tables))


@dataclass(frozen=True, slots=True)
class Signed:
    """``things`` is what the first pages of its books held; ``None`` where the system has none to read."""

    standing: SignIn
    things: int | None


def sign_in(office: Office, target: str, person: Person, *, elsewhere: bool, **seams: Any) -> Signed:
    """Walks the person through it, and tries one call that reads. ``elsewhere``: the browser is on another machine."""
    connectable(office, target, **seams).connect(person, elsewhere)
    try:
        things = try_once(office, target, **seams)
    except AutotimeError as trouble:
        trouble.kept = "the sign-in"
        raise
    return Signed(connectable(office, target, **seams).standing(office.now), things)


def try_once(office: Office, target: str, **seams: Any) -> int | None:
    """One call that reads: how many things the first page of its books holds; ``None``, and no call, where it has none
    to read. Nothing is stored."""
    made = adapter(office, target, **seams)
    if not isinstance(made, BooksSource):
        return None
    return sum(len(page.things) for page in islice(made.pull({}), 1))
