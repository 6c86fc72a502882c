"""The store: opened for one principal, one drawer a noun, everything in transactions."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from sqlalchemy import Connection, Engine, RootTransaction, text

from autotime.domain.people import Principal
from autotime.failpoints import point
from autotime.store.audit import AuditDrawer
from autotime.store.drafts import RankingDrawer, SuggestionDrawer
from autotime.store.engine import PATIENCE, SCHEMA, make_engine, nothing_at, schema_of, translated
from autotime.store.evidence import CursorDrawer, EvidenceDrawer, FeatureDrawer, QuarantineDrawer
from autotime.store.firm import BooksDrawer
from autotime.store.ledger import BatchDrawer, SubmissionDrawer
from autotime.store.lessons import ExampleDrawer
from autotime.store.notes import MetaDrawer, RunDrawer
from autotime.store.record import DecisionDrawer, EntryDrawer
from autotime.store.systems import BilledDrawer, SystemsDrawer


class Store:
    """Everything autotime keeps for one timekeeper.

    One connection, guarded by a lock: screens read from threads. Reads outside a transaction see
    what is committed; ``transaction`` makes many steps one.
    """

    def __init__(self, engine: Engine, principal: Principal) -> None:
        self.engine = engine
        self.principal = principal
        self._connection = engine.connect()
        self._lock = threading.RLock()
        self._open: RootTransaction | None = None
        self.audit = AuditDrawer(self)
        self.evidence = EvidenceDrawer(self)
        self.features = FeatureDrawer(self)
        self.cursors = CursorDrawer(self)
        self.quarantine = QuarantineDrawer(self)
        self.books = BooksDrawer(self)
        self.rankings = RankingDrawer(self)
        self.suggestions = SuggestionDrawer(self)
        self.decisions = DecisionDrawer(self)
        self.entries = EntryDrawer(self)
        self.submissions = SubmissionDrawer(self)
        self.batches = BatchDrawer(self)
        self.systems = SystemsDrawer(self)
        self.billed = BilledDrawer(self)
        self.examples = ExampleDrawer(self)
        self.runs = RunDrawer(self)
        self.meta = MetaDrawer(self)

    @classmethod
    def open(
        cls, url: str, principal: Principal, *, key: bytes | None, create: bool = False, patience: int = PATIENCE
    ) -> Store:
        """Opens the store at ``url``, bringing its schema up to date (after a backup).

        ``key`` is the 256-bit key of an SQLite file; a server is opened without. ``patience`` is how
        many milliseconds to wait for another program that holds the store. ``NotSetUp`` where there
        is no store and ``create`` is not given, ``WrongKey``, ``NewerSchema``.
        """
        with translated():
            engine = make_engine(url, key, create=create, patience=patience)
            try:
                with engine.connect() as connection:
                    schema = schema_of(connection)
                if not schema and not create:
                    raise nothing_at("[store] url", "holds no tables")
                if schema != SCHEMA:
                    from autotime.store.schema import bring_up_to_date  # noqa: PLC0415 - loads Alembic

                    bring_up_to_date(engine, url, key, schema)
                return cls(engine, principal)
            except BaseException:
                engine.dispose()
                raise

    @contextmanager
    def transaction(self) -> Iterator[RootTransaction]:
        """All or nothing. An inner transaction joins the outer one."""
        with self._lock:
            if self._open is not None:
                yield self._open
                return
            with translated(), self._begun() as begun:
                yield begun

    @contextmanager
    def _begun(self) -> Iterator[RootTransaction]:
        self._connection.execution_options(writing=True)
        try:
            with self._connection.begin() as begun:
                self._open = begun
                self._one_writer()
                yield begun
                point("store.commit")
            point("store.committed")
        finally:
            self._open = None
            self._connection.execution_options(writing=False)

    def _one_writer(self) -> None:
        """On a server, writers of one timekeeper take turns, as a file's writers do anyway."""
        if self.engine.dialect.name == "postgresql":
            lock = text("SELECT pg_advisory_xact_lock(hashtext(:owner))")
            self._connection.execute(lock, {"owner": self.principal.timekeeper})

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._lock, translated():
            if self._open is not None:
                yield self._connection
                return
            with self._connection.begin():
                yield self._connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self.transaction():
            yield self._connection

    @contextmanager
    def at_rest(self) -> Iterator[Engine]:
        """The engine, while no thread of this program is inside a transaction."""
        with self._lock:
            if self._open is not None:
                raise RuntimeError("a transaction is open")
            yield self.engine

    def clock(self) -> int:
        """When an audit record was made, where nobody says otherwise."""
        return int(time.time())

    def close(self) -> None:
        self._connection.close()
        self.engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()
