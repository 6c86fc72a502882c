"""Encrypted copies of a store, verified when made and before they are believed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, select, text

from autotime.domain.errors import AutotimeError, Misused, NeedsPerson
from autotime.domain.people import Principal
from autotime.store.audit import AUDIT
from autotime.store.engine import file_of, make_engine, schema_of, translated
from autotime.store.store import Store

KEPT = "the store was not changed"
SIDECARS = ("", "-wal", "-shm")


def backup(store: Store, url: str, target: Path, key: bytes | None) -> None:
    """A consistent, encrypted, verified copy at ``target``; ``Misused`` for a server or a taken name."""
    if file_of(url) is None or key is None:
        raise Misused("a server's store is backed up by its own tools", hint="pg_dump")
    if target.exists():
        raise Misused(f"there is a {target} already", kept="it was not touched", hint="choose another name")
    with store.at_rest() as engine:
        copy_to(engine, target, key)


def copy_to(engine: Engine, target: Path, key: bytes) -> None:
    """Copies the database behind ``engine``, written aside and renamed once it is proven to open."""
    aside = target.with_name(target.name + ".part")
    with _removed_on_failure(aside), translated():
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        aside.unlink(missing_ok=True)
        os.close(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with engine.connect() as connection:
            _export(connection.connection.driver_connection, aside, key)
        _proven(aside, key)
        with aside.open("rb") as written:
            os.fsync(written.fileno())
        aside.replace(target)


def _export(raw: object, aside: Path, key: bytes) -> None:
    """Inside one transaction, so that what another program writes meanwhile is in whole or not at all."""
    run = raw.execute  # type: ignore[attr-defined]  # the driver's connection, below SQLAlchemy
    run(f"ATTACH DATABASE ? AS copy KEY \"x'{key.hex()}'\"", (str(aside),))
    try:
        run("BEGIN")
        run("SELECT count(*) FROM main.sqlite_master").fetchone()
        run("SELECT sqlcipher_export('copy')").fetchone()
        run("COMMIT")
    finally:
        if raw.in_transaction:  # type: ignore[attr-defined]
            run("ROLLBACK")
        run("DETACH DATABASE copy")


@contextmanager
def _removed_on_failure(aside: Path) -> Iterator[None]:
    try:
        yield
    except OSError as refused:
        raise NeedsPerson(f"{aside.parent} cannot be written: {refused.strerror}", kept=KEPT) from None
    finally:
        for suffix in SIDECARS:
            with suppress(OSError):
                Path(f"{aside}{suffix}").unlink()


def restore(source: Path, url: str, key: bytes, principal: Principal) -> Path | None:
    """Puts a verified copy in the store's place. The store that was there is kept; its new name.

    ``source`` itself is only read: all checks are made on a copy of it, and a damaged one, one of
    another key or another timekeeper's is refused before the store is touched.
    """
    path = file_of(url)
    if path is None:
        raise Misused("a server's store is restored by its own tools", hint="pg_restore")
    if not source.is_file():
        raise Misused(f"there is no {source}", kept=KEPT)
    fresh = path.with_name(path.name + ".restored")
    with _removed_on_failure(fresh):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for suffix in SIDECARS[:2]:
            _copied(Path(f"{source}{suffix}"), Path(f"{fresh}{suffix}"))
        _proven(fresh, key, source, principal.timekeeper)
        with Store.open(f"sqlite:///{fresh}", principal, key=key) as opened:
            report = opened.audit.verify()
        if not report.ok:
            raise NeedsPerson(f"{source} is not whole: {report.problem}", kept=KEPT, hint="use another backup")
        return _swap(fresh, path)


def _copied(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    if source.exists():
        with (
            source.open("rb") as old,
            os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as new,
        ):
            shutil.copyfileobj(old, new)
            new.flush()
            os.fsync(new.fileno())


def _swap(fresh: Path, path: Path) -> Path | None:
    kept = None
    if path.exists():
        kept = _free_name(path)
        for suffix in SIDECARS:
            beside = Path(f"{path}{suffix}")
            if beside.exists():
                beside.rename(f"{kept}{suffix}")
    fresh.replace(path)
    return kept


def _free_name(path: Path) -> Path:
    numbered = (path.with_name(f"{path.name}.replaced-{number}") for number in range(1, 10_000))
    return next(name for name in numbered if not name.exists())


def _proven(path: Path, key: bytes, source: Path | None = None, timekeeper: str = "") -> None:
    """Opens a copy and checks every page; that it is a store, and (where asked) whose."""
    named = source or path
    try:
        with translated():
            engine = make_engine(f"sqlite:///{path}", key)
            try:
                with engine.connect() as connection:
                    problem = _problem(connection, timekeeper)
            finally:
                engine.dispose()
    except AutotimeError as bad:
        said = str(bad).replace(str(path), str(named))
        raise NeedsPerson(f"{named} cannot be used: {said}", kept=KEPT, hint="use another backup") from None
    if problem:
        raise NeedsPerson(f"{named} {problem}", kept=KEPT, hint="use another backup")


def _problem(connection: Connection, timekeeper: str) -> str:
    pages = connection.execute(text("PRAGMA cipher_integrity_check")).all()
    if pages or connection.execute(text("PRAGMA integrity_check")).scalar() != "ok":
        return "is damaged"
    if not schema_of(connection):
        return "is no store of autotime"
    owners = set(connection.execute(select(AUDIT.c.timekeeper).distinct()).scalars()) if timekeeper else set()
    if owners and timekeeper not in owners:
        return f"belongs to another timekeeper ({', '.join(sorted(owners))})"
    return ""
