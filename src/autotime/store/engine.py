"""Opening a database: encryption, pragmas, schema, and errors a person can act on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.pool import StaticPool

from autotime.domain.errors import Misused, NeedsPerson, NewerSchema, NotSetUp, WrongKey

SCHEMA = "0002"
"""The Alembic revision this program's tables are at. Opening compares it without loading Alembic."""

PATIENCE = 10_000
"""Milliseconds to wait for another program that holds the store."""

PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
    "temp_store = MEMORY",
    "mmap_size = 0",
    "cache_size = -98304",  # 96 MB at most: ids are random, and each page read again is decrypted again
)

FILE = "sqlite:///"
SERVERS = ("postgresql+psycopg://", "postgresql://", "postgres://")


def file_of(url: str) -> Path | None:
    """The database file of an SQLite URL; ``None`` for a server. ``Misused`` for anything else:
    other spellings of SQLite would open it without encryption."""
    if url.startswith(FILE) and len(url) > len(FILE):
        return Path(url.removeprefix(FILE))
    if url.startswith(SERVERS):
        return None
    raise Misused(
        "[store] url is neither a file nor a PostgreSQL server",
        hint="sqlite:///PATH or postgresql+psycopg://USER@HOST/DATABASE",
    )


def make_engine(url: str, key: bytes | None, *, create: bool = False, patience: int = PATIENCE) -> Engine:
    """An engine whose errors never show row data. SQLite is always encrypted with ``key``."""
    path = file_of(url)
    if path is None:
        return _server(url, patience)
    if key is None:
        raise WrongKey("an SQLite store is opened with its key", hint="autotime doctor")
    _ready(path, create=create)
    return _encrypted(path, key, patience)


def _server(url: str, patience: int) -> Engine:
    try:
        address = make_url(url).set(drivername="postgresql+psycopg")
        return create_engine(
            address, hide_parameters=True, connect_args={"options": f"-c lock_timeout={patience}"}, max_overflow=0
        )
    except ArgumentError:
        raise Misused("[store] url cannot be read", hint="postgresql+psycopg://USER@HOST/DATABASE") from None
    except ImportError:
        raise Misused("the PostgreSQL driver is not installed", hint="pip install 'autotime[postgres]'") from None


def _ready(path: Path, *, create: bool) -> None:
    try:
        size = path.stat().st_size if path.exists() else None
        if not size and not create:
            raise nothing_at(str(path), "is empty" if size == 0 else "is missing")
        if size is None:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # another program may make it meanwhile
        elif path.stat().st_mode & 0o077 and os.name == "posix":
            path.chmod(0o600)
    except OSError as refused:
        raise NeedsPerson(
            f"the store {path} cannot be reached: {refused.strerror}",
            kept="nothing was changed",
            hint="check owner and mode of the folder, or choose another AUTOTIME_HOME",
        ) from None


def nothing_at(place: str, why: str) -> NotSetUp:
    return NotSetUp(
        f"there is no store at {place}: it {why}",
        kept="no empty store was made in its place",
        hint="autotime init, or autotime restore BACKUP",
    )


def _encrypted(path: Path, key: bytes, patience: int) -> Engine:
    from sqlcipher3 import dbapi2  # noqa: PLC0415 - a server needs no SQLite

    def connect() -> Any:
        raw = dbapi2.connect(str(path), check_same_thread=False, timeout=patience / 1000)
        raw.isolation_level = None
        try:
            raw.execute("PRAGMA cipher_log_level = NONE")  # it would print page errors on the terminal
            raw.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            raw.execute("SELECT count(*) FROM sqlite_master").fetchone()
            for pragma in PRAGMAS:
                raw.execute(f"PRAGMA {pragma}")
        except dbapi2.DatabaseError as refused:
            raw.close()
            if _sign(refused) == "SQLITE_NOTADB":
                raise _wrong_key(path) from None
            raise
        return raw

    engine = create_engine("sqlite://", creator=connect, module=dbapi2, poolclass=StaticPool, hide_parameters=True)
    _begin_as_told(engine)
    return engine


def _wrong_key(path: Path) -> WrongKey:
    return WrongKey(
        f"the key does not open {path}",
        kept="the store was not changed",
        hint="autotime key recover; if the key is right, the file is damaged: autotime restore BACKUP",
    )


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
    except DBAPIError as failed:
        unreached = "08" if isinstance(failed, OperationalError) else ""
        raise _advice(_sign(failed.orig) or unreached, clash=isinstance(failed, IntegrityError)) from None
    except Exception as failed:
        if not hasattr(failed, "sqlite_errorname"):
            raise
        raise _advice(_sign(failed), clash=False) from None


ADVICE = (
    (("SQLITE_FULL", "53100"), "the disk is full", "free some space and run the command again"),
    (("SQLITE_READONLY", "25006"), "the store is read-only", "check owner and mode of the store and its folder"),
    (("SQLITE_CANTOPEN",), "the store's folder cannot be written", "check owner and mode of the store and its folder"),
    (("SQLITE_BUSY", "SQLITE_LOCKED", "55P03"), "another program holds the store", "close it and run this again"),
    (("SQLITE_CORRUPT", "SQLITE_NOTADB", "XX"), "the store is damaged", "autotime restore BACKUP"),
    (("SQLITE_IOERR",), "the disk refused to read or write (is it full?)", "check the disk and run this again"),
    (("append-only", "P0001"), "recorded things are never changed", "make a new decision instead"),
    (("08", "57P", "28", "3D"), "the database server does not let us in", "check [store] url and the server"),
)
"""By SQLite's name of the error, the words of our own trigger, or the SQLSTATE of a server."""


def _sign(failed: BaseException | None) -> str:
    """The kind of a driver's error; empty from a server that was never reached. SQLCipher's driver calls a
    trigger's refusal a constraint like any other, but gives its words."""
    if str(failed) == "append-only":
        return "append-only"
    return str(getattr(failed, "sqlite_errorname", None) or getattr(failed, "sqlstate", None) or "")


def _advice(sign: str, *, clash: bool) -> NeedsPerson:
    kept = "nothing of this step was stored"
    for signs, message, hint in ADVICE:
        if sign.startswith(signs):
            return NeedsPerson(message, kept=kept, hint=hint)
    if clash:
        return NeedsPerson(f"the store refused a row that contradicts another ({sign})", kept=kept)
    return NeedsPerson(f"the store refused a statement ({sign})", kept=kept, hint="autotime doctor")
