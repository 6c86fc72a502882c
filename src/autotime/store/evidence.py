"""What was seen: evidence, its features, how far each source was read, and what could not be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

from sqlalchemy import and_, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from autotime.domain.evidence import Evidence, Quarantined, SyncCursor
from autotime.domain.spans import Span
from autotime.failpoints import point
from autotime.store.drawer import Drawer, table_of
from autotime.store.tables import CurrentRow, CursorRow, EvidenceRow, FeatureRow, QuarantineRow
from autotime.store.translate import decode, encode

EVIDENCE, CURRENT, FEATURE = table_of(EvidenceRow), table_of(CurrentRow), table_of(FeatureRow)
CURSOR, QUARANTINE = table_of(CursorRow), table_of(QuarantineRow)

FIRST_REVISION = '"revision":1,'


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a page: counts, and the ids that are new or changed."""

    new: int
    changed: int
    unchanged: int
    ids: tuple[str, ...]


class EvidenceDrawer(Drawer):
    """Append-only revisions, and which of them is current."""

    def put(self, items: Iterable[Evidence], now: int) -> Stored:
        """Stores what is new or says something new. The store numbers the revisions."""
        coming = {item.id: (item, encode(item)) for item in items}
        hashes = {key: _hash(text) for key, (_, text) in coming.items()}
        with self.store.transaction():
            known = self._current(coming)
            new = [key for key in coming if key not in known]
            changed = [key for key in coming if key in known and known[key][1] != hashes[key]]
            revisions = dict.fromkeys(new, 1) | {key: known[key][0] + 1 for key in changed}
            self.write(EVIDENCE.insert(), (_revision(*coming[key], revisions[key], now) for key in revisions))
            self._replace_current(coming, hashes, revisions, changed)
        point("store.evidence.put")
        return Stored(len(new), len(changed), len(coming) - len(revisions), tuple(revisions))

    def _current(self, ids: Iterable[str]) -> dict[str, tuple[int, str]]:
        rows = self.by_ids(CURRENT, "id", ids, "id", "revision", "hash")
        return {row.id: (row.revision, row.hash) for row in rows}

    def _replace_current(
        self,
        coming: dict[str, tuple[Evidence, str]],
        hashes: dict[str, str],
        revisions: dict[str, int],
        changed: list[str],
    ) -> None:
        for key in changed:
            self.write(CURRENT.delete().where(self.mine(CURRENT), CURRENT.c.id == key))
        self.write(CURRENT.insert(), (_current_row(coming[key][0], revisions[key], hashes[key]) for key in revisions))

    def withdraw(self, account: str, source: str, keys: Iterable[str], now: int) -> int:
        """Marks things that no longer stand; what was captured stays readable. How many were current."""
        from autotime.domain.evidence import evidence_id  # noqa: PLC0415

        ids = [evidence_id(account, source, key) for key in keys]
        if not ids:
            return 0
        with self.store.transaction():
            standing = and_(self.mine(CURRENT), CURRENT.c.id.in_(ids), CURRENT.c.withdrawn.is_(False))
            count = self.write(CURRENT.update().where(standing).values(withdrawn=True, hash=""))
            if count:
                self.store.audit.append("evidence.withdrawn", account, ",".join(sorted(ids)), now)
        return count

    def withdrawn(self, ids: Iterable[str]) -> frozenset[str]:
        """Those of them that no longer stand."""
        rows = self.by_ids(CURRENT, "id", ids, "id", "withdrawn")
        return frozenset(row.id for row in rows if row.withdrawn)

    def on(self, span: Span) -> list[Evidence]:
        """Current evidence filed in the span, or whose recorded stretch reaches into it."""
        filed = and_(self.mine(CURRENT), CURRENT.c.at >= span.start, CURRENT.c.at < span.end)
        reaches = and_(self.mine(CURRENT), CURRENT.c.until > CURRENT.c.at, CURRENT.c.until > span.start)
        return self._load(and_(CURRENT.c.withdrawn.is_(False), or_(filed, and_(reaches, CURRENT.c.at < span.start))))

    def get(self, ids: Iterable[str]) -> dict[str, Evidence]:
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Evidence] = {}
        for first in range(0, len(wanted), 400):
            chosen = and_(self.mine(CURRENT), CURRENT.c.id.in_(wanted[first : first + 400]))
            found |= {item.id: item for item in self._load(chosen)}
        return found

    def _load(self, condition: ColumnElement[bool]) -> list[Evidence]:
        same = and_(
            EVIDENCE.c.timekeeper == CURRENT.c.timekeeper,
            EVIDENCE.c.id == CURRENT.c.id,
            EVIDENCE.c.revision == CURRENT.c.revision,
        )
        chosen = select(EVIDENCE.c.data).join(CURRENT, same).where(condition)
        return [decode(Evidence, row.data) for row in self.rows(chosen.order_by(CURRENT.c.at, CURRENT.c.id))]

    def count(self) -> int:
        return int(self.scalar(select(func.count()).select_from(CURRENT).where(self.mine(CURRENT))))

    def captured(self, ids: Iterable[str]) -> dict[str, int]:
        """When each piece was first stored, UTC seconds."""
        rows = self.by_ids(EVIDENCE, "id", ids, "id", "captured_at", "revision")
        return {row.id: row.captured_at for row in rows if row.revision == 1}

    def dates(self, date_of: Callable[[int], date]) -> list[date]:
        """The dates on which there is evidence, as ``date_of`` tells the local date of an instant."""
        rows = self.rows(select(CURRENT.c.at).where(self.mine(CURRENT)).distinct())
        return sorted({date_of(row.at) for row in rows})


def _hash(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _revision(item: Evidence, text: str, revision: int, now: int) -> dict[str, object]:
    data = text if revision == 1 else text.replace(FIRST_REVISION, f'"revision":{revision},', 1)
    return {"id": item.id, "revision": revision, "captured_at": now, "data": data}


def _current_row(item: Evidence, revision: int, hashed: str) -> dict[str, object]:
    return {
        "id": item.id,
        "revision": revision,
        "account": item.account,
        "source": item.source,
        "at": item.at,
        "until": item.span.end if item.span else item.at,
        "withdrawn": False,
        "hash": hashed,
    }


class FeatureDrawer(Drawer):
    """What stays of evidence when its text goes."""

    def put(self, pairs: Iterable[tuple[str, bytes]], version: int) -> None:
        rows = {key: {"evidence": key, "version": version, "data": data} for key, data in pairs}
        with self.store.transaction():
            for known in [row.evidence for row in self.by_ids(FEATURE, "evidence", rows, "evidence")]:
                self.write(FEATURE.delete().where(self.mine(FEATURE), FEATURE.c.evidence == known))
            self.write(FEATURE.insert(), rows.values())

    def get(self, ids: Iterable[str]) -> dict[str, bytes]:
        return {row.evidence: row.data for row in self.by_ids(FEATURE, "evidence", ids, "evidence", "data")}


@dataclass(frozen=True, slots=True)
class Reading:
    """How far one source was read, when, and how many items it has given."""

    account: str
    source: str
    at: int
    items: int


class CursorDrawer(Drawer):
    def get(self, account: str, source: str) -> SyncCursor | None:
        value = self.scalar(select(CURSOR.c.value).where(self._one(account, source)))
        return None if value is None else SyncCursor(value)

    def set(self, account: str, source: str, cursor: SyncCursor, now: int, items: int) -> None:
        with self.store.transaction():
            before = self.scalar(select(CURSOR.c["items"]).where(self._one(account, source))) or 0
            row = {
                "account": account,
                "source": source,
                "value": cursor.value,
                "at": now,
                "items": before + items,
            }
            self.replace(CURSOR, ("account", "source"), [row])

    def forget(self, account: str, source: str) -> None:
        self.write(CURSOR.delete().where(self._one(account, source)))

    def all(self) -> list[Reading]:
        rows = self.rows(select(*CURSOR.c).where(self.mine(CURSOR)).order_by(CURSOR.c.account, CURSOR.c.source))
        return [Reading(row.account, row.source, row.at, row._mapping["items"]) for row in rows]

    def _one(self, account: str, source: str) -> ColumnElement[bool]:
        return and_(self.mine(CURSOR), CURSOR.c.account == account, CURSOR.c.source == source)


@dataclass(frozen=True, slots=True)
class Unread:
    """One quarantined item."""

    account: str
    source: str
    key: str
    reason: str
    sha256: str
    at: int


class QuarantineDrawer(Drawer):
    def add(self, account: str, source: str, items: Iterable[Quarantined], now: int) -> int:
        """How many of them were not quarantined yet."""
        coming = {item.key: item for item in items}
        known = {row.key for row in self.all() if (row.account, row.source) == (account, source)} if coming else set()
        rows = [
            {
                "account": account,
                "source": source,
                "key": i.key,
                "reason": i.reason,
                "sha256": i.sha256,
                "at": now,
            }
            for i in coming.values()
        ]
        self.replace(QUARANTINE, ("account", "source", "key"), rows)
        return len(coming.keys() - known)

    def all(self) -> list[Unread]:
        rows = self.rows(
            select(QUARANTINE).where(self.mine(QUARANTINE)).order_by(QUARANTINE.c.account, QUARANTINE.c.key)
        )
        return [Unread(r.account, r.source, r.key, r.reason, r.sha256, r.at) for r in rows]

    def forget(self, account: str, source: str, keys: Sequence[str]) -> None:
        one = and_(self.mine(QUARANTINE), QUARANTINE.c.account == account, QUARANTINE.c.source == source)
        for key in keys:
            self.write(QUARANTINE.delete().where(one, QUARANTINE.c.key == key))
