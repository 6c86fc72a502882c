"""The firm's books: shared by all timekeepers of a store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, select

from autotime.domain.books import Books, Client, Code, Matter
from autotime.domain.people import Timekeeper
from autotime.store.drawer import CHUNK, Drawer, table_of
from autotime.store.tables import ClientRow, CodeRow, MatterRow, TimekeeperRow
from autotime.store.translate import decode, encode

CLIENT, MATTER, CODE, PERSON = (table_of(row) for row in (ClientRow, MatterRow, CodeRow, TimekeeperRow))


@dataclass(frozen=True, slots=True)
class Upserted:
    """What an import did, by key."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0


class BooksDrawer(Drawer):
    def load(self) -> Books:
        """A snapshot: a run uses one from start to end."""
        return Books(
            clients={key: decode(Client, data) for key, data in self._all(CLIENT)},
            matters={key: decode(Matter, data) for key, data in self._all(MATTER)},
            codes={key: decode(Code, data) for key, data in self._all(CODE)},
        )

    def upsert(
        self, *, clients: Iterable[Client] = (), matters: Iterable[Matter] = (), codes: Iterable[Code] = ()
    ) -> Upserted:
        with self.store.transaction():
            done = [
                self._upsert(CLIENT, {client.id: client for client in clients}),
                self._upsert(MATTER, {matter.number: matter for matter in matters}),
                self._upsert(CODE, {code.code: code for code in codes}),
            ]
        return Upserted(
            *(sum(counts) for counts in zip(*((d.added, d.updated, d.unchanged) for d in done), strict=True))
        )

    def timekeepers(self) -> dict[str, Timekeeper]:
        return {key: decode(Timekeeper, data) for key, data in self._all(PERSON)}

    def upsert_timekeepers(self, people: Iterable[Timekeeper]) -> Upserted:
        with self.store.transaction():
            return self._upsert(PERSON, {person.id: person for person in people})

    def _all(self, table: Table) -> list[tuple[str, str]]:
        return [(row.key, row.data) for row in self.rows(select(table).order_by(table.c.key))]

    def _those(self, table: Table, keys: Sequence[str]) -> dict[str, str]:
        """The rows of these keys: a page of a pull touches a few hundred of a firm's many thousands."""
        chunks = (keys[first : first + CHUNK] for first in range(0, len(keys), CHUNK))
        return {row.key: row.data for chunk in chunks for row in self.rows(select(table).where(table.c.key.in_(chunk)))}

    def _upsert(self, table: Table, coming: Mapping[str, Any]) -> Upserted:
        if not coming:
            return Upserted()
        texts = {key: encode(noun) for key, noun in coming.items()}
        known = self._those(table, list(texts))
        added = [key for key in texts if key not in known]
        updated = [key for key in texts if key in known and known[key] != texts[key]]
        with self.store.writing() as connection:
            for key in updated:
                connection.execute(table.update().where(table.c.key == key).values(data=texts[key]))
            if added:
                connection.execute(table.insert(), [{"key": key, "data": texts[key]} for key in added])
        if added or updated:
            self.store.audit.append(f"books.{table.name}", str(len(added) + len(updated)), "".join(texts.values()))
        return Upserted(len(added), len(updated), len(coming) - len(added) - len(updated))
