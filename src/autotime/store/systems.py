"""What billing systems call the things of the books, how far their books were read, and what stands there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import delete, select

from autotime.domain.books import Key, Thing
from autotime.domain.delivery import Billed
from autotime.domain.doors import Keys
from autotime.store.drawer import CHUNK, Drawer, table_of
from autotime.store.tables import BilledRow, PullRow, RemoteKeyRow
from autotime.store.translate import decode, encode

KEY, PULL, BILLED = table_of(RemoteKeyRow), table_of(PullRow), table_of(BilledRow)


class SystemsDrawer(Drawer):
    """The firm's, like the books: shared by all timekeepers of a store."""

    def keys(self, system: str) -> Keys:
        return Keys.of(system, self.all_keys(system))

    def all_keys(self, system: str) -> list[Key]:
        """With their versions, which ``Keys`` leave out."""
        found = self.rows(select(KEY).where(KEY.c.system == system))
        return [Key(row.system, Thing(row.kind), row.key, row.remote, row.version) for row in found]

    def save_keys(self, keys: Iterable[Key]) -> None:
        """Later ones go before earlier ones of the same name."""
        rows = {
            (key.system, key.kind.value, key.key): {
                "system": key.system,
                "kind": key.kind.value,
                "key": key.key,
                "remote": key.remote,
                "version": key.version,
            }
            for key in keys
        }
        with self.store.writing() as connection:
            for system, kind in {(system, kind) for system, kind, _ in rows}:
                names = [key for owner, of, key in rows if (owner, of) == (system, kind)]
                for first in range(0, len(names), CHUNK):
                    same = (KEY.c.system == system, KEY.c.kind == kind, KEY.c.key.in_(names[first : first + CHUNK]))
                    connection.execute(delete(KEY).where(*same))
            if rows:
                connection.execute(KEY.insert(), list(rows.values()))

    def forget_keys(self, system: str, kind: Thing, keys: Iterable[str]) -> None:
        with self.store.writing() as connection:
            for key in keys:
                same = (KEY.c.system == system, KEY.c.kind == kind.value, KEY.c.key == key)
                connection.execute(delete(KEY).where(*same))

    def cursors(self, system: str) -> Mapping[str, str]:
        """By part, how far the books of a system were read."""
        return {row.part: row.value for row in self.rows(select(PULL).where(PULL.c.system == system))}

    def pulled(self, system: str) -> Mapping[str, tuple[int, int]]:
        """By part, when it was last read whole, and how many things it then held."""
        return {row.part: (row.at, row.things) for row in self.rows(select(PULL).where(PULL.c.system == system))}

    def save_cursor(self, system: str, part: str, value: str, at: int, things: int) -> None:
        with self.store.writing() as connection:
            connection.execute(delete(PULL).where(PULL.c.system == system, PULL.c.part == part))
            row = {"system": system, "part": part, "value": value, "at": at, "things": things}
            connection.execute(PULL.insert(), [row])


class BilledDrawer(Drawer):
    """Time that stands in a billing system and was not sent from here."""

    def upsert(self, items: Iterable[Billed]) -> int:
        """How many were new or changed."""
        coming = {(item.target, item.remote): item for item in items}
        known = {(item.target, item.remote): item for item in self.between(*_span(coming.values()))}
        news = [item for key, item in coming.items() if known.get(key) != item]
        rows = [
            {
                "target": item.target,
                "remote": item.remote,
                "day": item.day.isoformat(),
                "matter": item.matter,
                "data": encode(item),
            }
            for item in news
        ]
        self.replace(BILLED, ("target", "remote"), rows)
        return len(news)

    def forget(self, target: str, remotes: Iterable[str]) -> None:
        for remote in remotes:
            self.write(delete(BILLED).where(self.mine(BILLED), BILLED.c.target == target, BILLED.c.remote == remote))

    def on(self, day: date) -> list[Billed]:
        return self.between(day, day)

    def between(self, first: date, last: date) -> list[Billed]:
        """In order of days, both of them included."""
        within = (BILLED.c.day >= first.isoformat(), BILLED.c.day <= last.isoformat())
        chosen = select(BILLED.c.data).where(self.mine(BILLED), *within)
        found = [decode(Billed, row.data) for row in self.rows(chosen)]
        return sorted(found, key=lambda item: (item.day, item.matter, item.target, item.remote))

    def all(self) -> list[Billed]:
        return self.between(date.min, date.max)


def _span(items: Iterable[Billed]) -> tuple[date, date]:
    days = [item.day for item in items]
    return min(days, default=date.max), max(days, default=date.min)
