"""What the firm knows already: books from CSV, and mail that was filed by matter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autotime.domain.errors import Misused
from autotime.domain.spans import Span
from autotime.office import Office
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


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as unreadable:
        raise Misused(f"{path} cannot be read: {unreadable.strerror}") from None


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
