"""Opening a database: encryption, pragmas, schema, and errors a person can act on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.pool import StaticPool

from autotime.domain.errors import AutotimeError, NeedsPerson, NewerSchema, NotSetUp, WrongKey

SCHEMA = "0001"
"""The Alembic revision this program's tables are at. Opening compares it without loading Alembic."""

PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
    "temp_store = MEMORY",
    "busy_timeout = 10000",
    "mmap_size = 0",
)

BUSY = 10_000


def file_of(url: str) -> Path | None:
    """The database file of an SQLite URL; ``None`` for a server."""
    prefix = "sqlite:///"
    return Path(url.removeprefix(prefix)) if url.startswith(prefix) else None


def make_engine(url: str, key: bytes | None, *, create: bool = False) -> Engine:
    """An engine whose errors never show row data. SQLite is always encrypted with ``key``."""
    path = file_of(url)
    if path is None:
        return create_engine(url, hide_parameters=True)
    if key is None:
        raise WrongKey("an SQLite store is opened with its key", hint="autotime doctor")
    _ready(path, create=create)
    return _encrypted(path, key)


def _ready(path: Path, *, create: bool) -> None:
    if not path.exists():
        if not create:
            raise NotSetUp(
                f"there is no store at {path}",
                kept="no empty store was made in its place",
                hint="autotime init, or autotime restore BACKUP",
            )
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        except OSError as refused:
            raise NeedsPerson(
                f"{path} cannot be made: {refused.strerror}", hint="choose another AUTOTIME_HOME"
            ) from None
    elif path.stat().st_mode & 0o077 and os.name == "posix":
        path.chmod(0o600)


def _encrypted(path: Path, key: bytes) -> Engine:
    from sqlcipher3 import dbapi2  # noqa: PLC0415 - a server needs no SQLite

    def connect() -> Any:
        raw = dbapi2.connect(str(path), check_same_thread=False, timeout=BUSY / 1000)
        raw.isolation_level = None
        raw.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        try:
            raw.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except dbapi2.DatabaseError:
            raw.close()
            raise WrongKey(
                f"the key does not open {path}",
                kept="the store was not changed",
                hint="autotime key recover",
            ) from None
        old = os.umask(0o077)
        try:
            for pragma in PRAGMAS:
                raw.execute(f"PRAGMA {pragma}")
        except dbapi2.DatabaseError as refused:
            raise NeedsPerson(f"{path} cannot be used: {refused}", hint="chmod u+w the file and its folder") from None
        finally:
            os.umask(old)
        return raw

    engine = create_engine("sqlite://", creator=connect, module=dbapi2, poolclass=StaticPool, hide_parameters=True)
    _begin_as_told(engine)
    return engine


def _begin_as_told(engine: Engine) -> None:
    """Writers begin IMMEDIATE, so that two of them queue rather than deadlock on an upgrade."""

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def schema_of(connection: Connection) -> str:
    """The revision the database is stamped with; empty for a new one."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def refuse_newer(schema: str, known: set[str]) -> None:
    if schema and schema not in known:
        raise NewerSchema(
            f"the store was made by a newer autotime (schema {schema}, this one knows {SCHEMA})",
            kept="nothing was changed",
            hint="pip install --upgrade autotime",
        )


@contextmanager
def translated() -> Iterator[None]:
    """Database trouble as advice. The original text may hold row data, so only its kind is kept."""
    try:
        yield
    except IntegrityError as clash:
        raise NeedsPerson(
            f"the store refused a row that contradicts another ({type(clash.orig).__name__})",
            kept="nothing of this step was stored",
            hint="autotime audit verify",
        ) from None
    except OperationalError as failed:
        raise _advice(str(failed.orig)) from None
    except DBAPIError as failed:
        raise _advice(str(failed.orig)) from None


ADVICE = (
    ("full", "the disk is full", "free some space and run the command again"),
    ("readonly", "the store is read-only", "check owner and mode of the store and its folder"),
    ("locked", "another program keeps the store locked", "close it and run the command again"),
    ("malformed", "the store is damaged", "autotime restore BACKUP"),
    ("hmac", "the store is damaged", "autotime restore BACKUP"),
    ("not a database", "the store is damaged or the key is wrong", "autotime restore BACKUP"),
    ("i/o error", "the disk refused to read or write", "check the disk, then run the command again"),
    ("append-only", "recorded things are never changed", "make a new decision instead"),
    ("connection", "the database server does not answer", "check [store] url and the server"),
)


def _advice(text_of: str) -> AutotimeError:
    lowered = text_of.lower()
    for sign, message, hint in ADVICE:
        if sign in lowered:
            return NeedsPerson(message, kept="nothing of this step was stored", hint=hint)
    return NeedsPerson("the store refused a statement", kept="nothing of this step was stored", hint="autotime doctor")
