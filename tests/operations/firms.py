"""A firm of several timekeepers, each with a store, a key and a mailbox of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from autotime.domain.doors import CollectContext
from autotime.domain.errors import SignInNeeded
from autotime.domain.evidence import Batch, Gap, SyncCursor
from autotime.office import keys, principal
from autotime.secrets import new_key
from autotime.settings import Settings
from autotime.store import Store
from tests.collectors.sources import letter, mbox, put


def settings(home: Path, people: Sequence[str], sources: Sequence[dict[str, Any]] = (), **more: Any) -> Settings:
    """Each of the people has a mailbox; ``sources`` are further ones."""
    mail = [
        {"account": "mail", "type": "mbox", "paths": [str(home / "mail" / f"{who}.mbox")], "timekeeper": who}
        for who in people
    ]
    return Settings(
        home=home,
        timekeepers=[{"id": who, "last": f"Person {who}", "zone": "America/Chicago"} for who in people],  # type: ignore[list-item]
        store={"key": "file", "key_file": str(home / "{timekeeper}.key")},  # type: ignore[arg-type]
        sources=[*mail, *sources],  # type: ignore[list-item]
        **more,
    )


def founded(home: Path, people: Sequence[str], sources: Sequence[dict[str, Any]] = (), **more: Any) -> Settings:
    """The same, with keys, stores, and one mail in each mailbox."""
    made = settings(home, people, sources, **more)
    (home / "stores").mkdir(parents=True, exist_ok=True)
    for number, who in enumerate(people):
        put(home / "mail" / f"{who}.mbox", mbox(letter(number)))
        key = new_key()
        keys(made, who).save(key)
        Store.open(made.store_url(who), principal(made.timekeeper(who)), key=key, create=True).close()
    return made


def evidence_of(made: Settings, who: str) -> int:
    with Store.open(made.store_url(who), principal(made.timekeeper(who)), key=keys(made, who).load()) as store:
        return store.evidence.count()


class Expired:
    """A source whose sign-in has ended."""

    source = f"{__name__}:Expired"

    def __init__(self, account: str) -> None:
        self.account = account

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        raise SignInNeeded(f"the sign-in of «{self.account}» has ended", hint=f'autotime connect "{self.account}"')


class Partial:
    """A source that gives its mail, but not its calls."""

    source = f"{__name__}:Partial"

    def __init__(self, account: str) -> None:
        self.account = account

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        gap = Gap("calls", "a permission is missing", "ask the administrator for CallRecords.Read")
        yield Batch((), SyncCursor("1"), gaps=(gap,))


PARTIAL = {"account": "phone", "type": f"{__name__}:Partial"}
EXPIRED = {"account": "cloud", "type": f"{__name__}:Expired"}
MISSING = {"account": "share", "type": "documents", "paths": ["/nowhere/at-all"]}
