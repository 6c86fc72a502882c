"""What every drawer of the store can do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, delete, select
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import SQLModel

if TYPE_CHECKING:
    from autotime.store.store import Store

CHUNK = 400
"""Ids asked for at once; databases limit the parameters of one statement."""


class Drawer:
    """One noun's rows, seen by one timekeeper."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.owner = store.principal.timekeeper

    def mine(self, table: Table) -> ColumnElement[bool]:
        """The only rows this store may see."""
        return table.c.timekeeper == self.owner

    def rows(self, statement: Any) -> Sequence[Any]:
        with self.store.reading() as connection:
            return connection.execute(statement).all()

    def scalar(self, statement: Any) -> Any:
        with self.store.reading() as connection:
            return connection.execute(statement).scalar()

    def write(self, statement: Any, rows: Iterable[dict[str, Any]] | None = None) -> int:
        """Runs one statement, in the transaction that is open or one of its own. Rows touched."""
        values = None if rows is None else [{"timekeeper": self.owner, **row} for row in rows]
        if values == []:
            return 0
        with self.store.writing() as connection:
            return int(connection.execute(statement, values).rowcount)

    def replace(self, table: Table, key: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
        """Puts rows in the place of those with the same key."""
        with self.store.writing() as connection:
            for row in rows:
                same = [table.c[name] == row[name] for name in key]
                connection.execute(delete(table).where(self.mine(table), *same))
            values = [{"timekeeper": self.owner, **row} for row in rows]
            if values:
                connection.execute(table.insert(), values)

    def by_ids(self, table: Table, column: str, ids: Iterable[str], *columns: str) -> Iterator[Any]:
        wanted = list(dict.fromkeys(ids))
        for first in range(0, len(wanted), CHUNK):
            chosen = [table.c[name] for name in columns]
            yield from self.rows(
                select(*chosen).where(self.mine(table), table.c[column].in_(wanted[first : first + CHUNK]))
            )


def table_of(model: type[SQLModel]) -> Table:
    found = model.__table__  # type: ignore[attr-defined]  # SQLModel adds it at run time
    assert isinstance(found, Table)  # noqa: S101
    return found
