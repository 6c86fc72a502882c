"""Opening up: settings, key and store together, for one timekeeper at one time."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from autotime import secrets
from autotime.domain.books import Matter
from autotime.domain.doors import Connection
from autotime.domain.errors import AutotimeError, Misused, NeedsPerson
from autotime.domain.people import Principal, Timekeeper
from autotime.domain.policy import Policy
from autotime.domain.spans import Span
from autotime.operations.lock import one_run
from autotime.settings import Settings, SourceSettings, parse
from autotime.store import Store
from autotime.timeline.days import local_date, local_day
from autotime.vault import SealedFile, file_name

FIRM = "firm"
"""Whose key seals what belongs to no single timekeeper."""


@dataclass(frozen=True, slots=True)
class Office:
    """What every step works with: the store, the settings, whose time it is, and what time it is."""

    store: Store
    settings: Settings
    timekeeper: Timekeeper
    now: int

    def policy_for(self, matter: Matter | None) -> Policy:
        return self.settings.policy.policy_for(matter)

    def day(self, day: date) -> Span:
        return local_day(day, self.timekeeper.zone_on(day))

    def date_of(self, instant: int) -> date:
        """The local date of an instant, in the zone the timekeeper lived in on that date."""
        roughly = local_date(instant, self.timekeeper.zone)
        return local_date(instant, self.timekeeper.zone_on(roughly))

    @property
    def lock(self) -> Path:
        return lock_of(self.settings, self.timekeeper.id)


def open_office(settings: Settings, timekeeper: str, now: int) -> Office:
    """The office of one timekeeper. ``NotSetUp``, ``WrongKey`` or ``NewerSchema`` say what to do."""
    who = settings.timekeeper(timekeeper)
    url = settings.store_url(who.id)
    key = keys(settings, who.id).load() if url.startswith("sqlite") else None
    return Office(Store.open(url, principal(who), key=key), settings, who, now)


def principal(timekeeper: Timekeeper) -> Principal:
    """Who acts: the timekeeper, unless a delegate says otherwise."""
    return Principal(timekeeper.id, os.environ.get("AUTOTIME_ACTOR", "") or timekeeper.id)


def keys(settings: Settings, timekeeper: str) -> secrets.KeyStore:
    """Where this timekeeper's store key lives: the OS keyring, or the key file that was chosen."""
    if settings.store.key == "keyring":
        return secrets.KeyringKeys("autotime", f"{settings.home}:{timekeeper}")
    chosen = settings.store.key_file.replace("{timekeeper}", timekeeper)
    return secrets.KeyFile(Path(chosen).expanduser())


def found_office(
    config: Path, data: Mapping[str, Any], text: str, timekeeper: str, now: int, at: Path | None = None
) -> tuple[Office, str]:
    """Makes settings file, key and store, each only where there is none, and returns the recovery key.

    The settings are written last, so that an attempt that failed half-way can be made again.
    """
    if config.exists():
        raise NeedsPerson(f"there is a {config} already", kept="nothing was changed", hint="autotime doctor")
    settings = parse(dict(data), config, at)
    who = settings.timekeeper(timekeeper)
    url = settings.store_url(who.id)
    recovery, key = "", None
    if url.startswith("sqlite"):
        key = _key_for(keys(settings, who.id))
        recovery = secrets.recovery_key(key)
        _private_folder(settings.home / "stores")
    store = Store.open(url, principal(who), key=key, create=True)
    store.books.upsert_timekeepers([person.timekeeper() for person in settings.timekeepers])
    _write_private(config, text)
    return Office(store, settings, who, now), recovery


def _key_for(holder: secrets.KeyStore) -> bytes:
    """The key that is there, or a new one: an existing store must stay readable."""
    if holder.exists():
        return holder.load()
    key = secrets.new_key()
    holder.save(key)
    return key


def _private_folder(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)


def _write_private(path: Path, text: str) -> None:
    _private_folder(path.parent)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def back_up(office: Office, target: Path) -> None:
    """An encrypted, verified copy of the office's store at ``target``."""
    from autotime.store.backup import backup  # noqa: PLC0415

    url = office.settings.store_url(office.timekeeper.id)
    key = keys(office.settings, office.timekeeper.id).load() if url.startswith("sqlite") else None
    backup(office.store, url, target, key)


def connection(settings: Settings, timekeeper: str, source: SourceSettings) -> Connection:
    """What a source signs in with: its own vault, the firm's, the registration and the network."""
    registration: BaseModel | None = getattr(settings, source.type, None)
    return Connection(
        vault=vault(settings, timekeeper, f"{source.type} {source.account}"),
        shared=vault(settings, FIRM, source.type),
        app=registration.model_dump() if isinstance(registration, BaseModel) else {},
        network=settings.network.model_dump(),
    )


def billing_connection(settings: Settings, timekeeper: str, target: str) -> Connection:
    """What a billing system is signed in to with."""
    registration: BaseModel | None = getattr(settings, target, None)
    return Connection(
        vault=vault(settings, timekeeper, f"billing {target}"),
        shared=vault(settings, FIRM, f"billing {target}"),
        app=registration.model_dump()
        if isinstance(registration, BaseModel)
        else settings.billing.options.get(target, {}),
        network=settings.network.model_dump(),
    )


def vault(settings: Settings, owner: str, name: str) -> SealedFile:
    """Where one sign-in of a timekeeper, or of the firm (``FIRM``), is kept. Only keeping one makes a key."""
    holder = keys(settings, owner)
    path = settings.home / "sign-ins" / file_name(owner, name)
    return SealedFile(path, holder.load, lambda: _key_for(holder))


def has_key(settings: Settings, timekeeper: str) -> bool:
    return keys(settings, settings.timekeeper(timekeeper).id).exists()


def lock_of(settings: Settings, timekeeper: str) -> Path:
    """The file whose lock a run holds."""
    return settings.home / "locks" / f"{timekeeper}.lock"


def put_back(settings: Settings, timekeeper: str, source: Path, now: int, recovery: str = "") -> Path | None:
    """A verified copy in the place of the store; where the store that was there is kept.

    ``AlreadyRunning`` while a run is at work on that store. ``recovery`` is the recovery key where this
    machine has no key: it is kept once the copy opens with it.
    """
    from autotime.store.backup import restore  # noqa: PLC0415

    who = settings.timekeeper(timekeeper)
    holder = keys(settings, who.id)
    key = secrets.key_from_recovery(recovery) if recovery else holder.load()
    with one_run(lock_of(settings, who.id), now):
        kept = restore(source, settings.store_url(who.id), key, principal(who))
    if recovery:
        holder.save(key)
    return kept


def recover_key(settings: Settings, timekeeper: str, text: str) -> None:
    """Rebuilds the key from the recovery key, once it is proven to open the store.

    What is kept in the key's place and is not this key (a damaged file, say) is replaced.
    """
    who = settings.timekeeper(timekeeper)
    url, key = settings.store_url(who.id), secrets.key_from_recovery(text)
    if not url.startswith("sqlite"):
        raise Misused("a server's store has no key of autotime", hint="autotime status")
    Store.open(url, principal(who), key=key).close()
    holder = keys(settings, who.id)
    with suppress(AutotimeError):
        if holder.load() == key:
            return
    holder.replace(key)
