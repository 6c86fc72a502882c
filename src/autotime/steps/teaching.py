"""What the firm knows already: books from CSV, and mail that was filed by matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from autotime.domain.books import Client, Matter
from autotime.domain.errors import Misused
from autotime.domain.spans import Span
from autotime.office import Office
from autotime.steps.merging import merged_clients
from autotime.steps.stale import mark_all_stale

if TYPE_CHECKING:
    from autotime.store import Upserted

FOLDER_LESSONS = "history:folders"


def import_books(
    office: Office, matters: Path | None, timekeepers: Path | None, *, dry_run: bool = False
) -> dict[str, Upserted]:
    """Reads the firm's books from CSV; upserts by key. Any problem in a file, and nothing is written."""
    from autotime.billing.books import read_matters, read_timekeepers  # noqa: PLC0415
    from autotime.billing.utbms import load as codes  # noqa: PLC0415

    if matters is None and timekeepers is None:
        raise Misused("no file to import", hint="autotime books import FILE.csv [--timekeepers FILE.csv]")
    done: dict[str, Upserted] = {}
    with office.store.transaction() as transaction:
        if matters is not None:
            clients, found = read_matters(_bytes(matters), matters.name, office.settings.firm.currency)
            clients, found = _beside_what_was_pulled(office, clients, found)
            done["matters"] = office.store.books.upsert(matters=found)
            done["clients"] = office.store.books.upsert(clients=clients)
            done["codes"] = office.store.books.upsert(codes=codes())
        if timekeepers is not None:
            people = read_timekeepers(_bytes(timekeepers), timekeepers.name)
            done["timekeepers"] = office.store.books.upsert_timekeepers(people)
        mark_all_stale(office)
        if dry_run:
            transaction.rollback()
    return done


def _beside_what_was_pulled(
    office: Office, clients: Sequence[Client], matters: Sequence[Matter]
) -> tuple[tuple[Client, ...], tuple[Matter, ...]]:
    """A file has no columns for a client's contacts and phones or for single rates: what a billing system told of
    them stays. A client that was merged into another stays that other."""
    known, merged = office.store.books.load(), merged_clients(office.store)
    kept = (_client(known.clients.get(one.id, one), one) for one in clients if one.id not in merged)
    rates = {number: matter.rates for number, matter in known.matters.items()}
    found = (replace(m, client=merged.get(m.client, m.client), rates=rates.get(m.number, ())) for m in matters)
    return tuple(kept), tuple(found)


def _client(known: Client, coming: Client) -> Client:
    return replace(known, name=coming.name or known.name, ledes_id=coming.ledes_id or known.ledes_id)


def look_at_books(matters: Path | None, timekeepers: Path | None) -> tuple[list[str], list[str]]:
    """The problems of the files, all of them, and what they are only warned of."""
    from autotime.billing.books import look_at_matters, look_at_timekeepers  # noqa: PLC0415

    problems = list(look_at_matters(_bytes(matters), matters.name).problems) if matters else []
    people = look_at_timekeepers(_bytes(timekeepers), timekeepers.name) if timekeepers else None
    return problems + list(people.problems if people else ()), list(people.warnings if people else ())


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as unreadable:
        raise Misused(f"{path} cannot be read: {unreadable.strerror}", hint="name a file that is there") from None


@dataclass(frozen=True, slots=True)
class FoldersLearned:
    """Folder → (matter, messages) for those that name a matter; folder → messages for the rest."""

    learned: dict[str, tuple[str, int]]
    unknown: dict[str, int]


def learn_from_folders(office: Office, mapping: Path | None = None, *, dry_run: bool = False) -> FoldersLearned:
    """Mail filed in a folder that names a matter teaches that matter, each message once."""
    from autotime.training.folders import lessons_from, matter_of_folder, read_mapping  # noqa: PLC0415

    store = office.store
    known = matter_of_folder(store.books.load(), read_mapping(_bytes(mapping)) if mapping else {})
    found = lessons_from(store.evidence.on(Span(0, office.now + 86_400)), known)
    if not dry_run:
        with store.transaction():
            store.examples.retract(FOLDER_LESSONS)
            store.examples.add(found.examples(FOLDER_LESSONS))
            mark_all_stale(office)
    return FoldersLearned(found.learned, found.unknown)
