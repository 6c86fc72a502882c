"""Encrypted copies of a store, verified when made and before they are believed."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import Engine, text

from autotime.domain.errors import AutotimeError, Misused, NeedsPerson
from autotime.domain.people import Principal
from autotime.store.engine import file_of, make_engine, translated
from autotime.store.store import Store


def backup(store: Store, url: str, target: Path, key: bytes | None) -> None:
    """A consistent, encrypted, verified copy at ``target``; ``Misused`` for a server or a taken name."""
    if file_of(url) is None or key is None:
        raise Misused("a server's store is backed up by its own tools", hint="pg_dump")
    if target.exists():
        raise Misused(f"there is a {target} already", kept="it was not touched", hint="choose another name")
    copy_to(store.engine, target, key)


def copy_to(engine: Engine, target: Path, key: bytes) -> None:
    """Copies the database behind ``engine``, written aside and renamed once it is proven to open."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = target.with_name(target.name + ".part")
    aside.unlink(missing_ok=True)
    os.close(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    with translated(), engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None  # noqa: S101
        raw.execute(f"ATTACH DATABASE ? AS copy KEY \"x'{key.hex()}'\"", (str(aside),))
        try:
            raw.execute("SELECT sqlcipher_export('copy')")
        finally:
            raw.execute("DETACH DATABASE copy")
    _proven(aside, key)
    with aside.open("rb") as written:
        os.fsync(written.fileno())
    aside.replace(target)


def restore(source: Path, url: str, key: bytes, principal: Principal) -> Path | None:
    """Puts a verified copy in the store's place. The store that was there is kept; its new name."""
    path = file_of(url)
    if path is None:
        raise Misused("a server's store is restored by its own tools", hint="pg_restore")
    if not source.exists():
        raise Misused(f"there is no {source}")
    _proven(source, key)
    with Store.open(f"sqlite:///{source}", principal, key=key) as opened:
        report = opened.audit.verify()
    if not report.ok:
        raise NeedsPerson(f"{source} is not whole: {report.problem}", kept="the store was not changed")
    return _swap(source, path, key)


def _swap(source: Path, path: Path, key: bytes) -> Path | None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(path.name + ".restored")
    fresh.unlink(missing_ok=True)
    engine = make_engine(f"sqlite:///{source}", key)
    try:
        copy_to(engine, fresh, key)
    finally:
        engine.dispose()
    kept = None
    if path.exists():
        kept = _free_name(path)
        for suffix in ("", "-wal", "-shm"):
            beside = Path(f"{path}{suffix}")
            if beside.exists():
                beside.rename(f"{kept}{suffix}")
    fresh.replace(path)
    return kept


def _free_name(path: Path) -> Path:
    numbered = (path.with_name(f"{path.name}.replaced-{number}") for number in range(1, 10_000))
    return next(name for name in numbered if not name.exists())


def _proven(path: Path, key: bytes) -> None:
    """Opens the copy and checks every page; the copy is removed if it is no good."""
    try:
        with translated():
            engine = make_engine(f"sqlite:///{path}", key)
            try:
                with engine.connect() as connection:
                    pages = connection.execute(text("PRAGMA cipher_integrity_check")).all()
                    rows = connection.execute(text("PRAGMA integrity_check")).scalar()
            finally:
                engine.dispose()
    except AutotimeError as bad:
        raise NeedsPerson(f"{path} cannot be used: {bad}", kept="the store was not changed") from None
    if pages or rows != "ok":
        raise NeedsPerson(f"{path} is damaged", kept="the store was not changed", hint="use another backup")
