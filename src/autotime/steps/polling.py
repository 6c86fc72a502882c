"""The light poll: documents in folders only, looked at every few minutes by a scheduler.

Most looks find nothing new, so the first thing compared is a digest of names, sizes and times; only where
it differs are key and store opened, under the lock of a run. Drafting is left to the night.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autotime import plugins
from autotime.collectors.documents import DocumentsCollector
from autotime.domain.errors import AlreadyRunning, SourceUnavailable
from autotime.operations.nightly import write_private
from autotime.settings import Settings, SourceSettings

if TYPE_CHECKING:
    from autotime.steps.collecting import Collected


def poll_everyone(settings: Settings, timekeeper: str, everyone: bool, now: int) -> list[dict[str, Any]]:
    """One look for each timekeeper: ``outcome`` is looked, unchanged, busy, not there or nothing to look at."""
    names = [person.id for person in settings.timekeepers] if everyone else [settings.timekeeper(timekeeper).id]
    return [{"timekeeper": who, "new": 0, "changed": 0, "trouble": "", **_poll(settings, who, now)} for who in names]


def _poll(settings: Settings, who: str, now: int) -> dict[str, Any]:
    sources = [source for source in settings.sources_of(who) if source.type == "documents"]
    if not sources:
        return {"outcome": "nothing to look at"}
    try:
        seen = _glimpse(sources)
    except SourceUnavailable as missing:  # a share that is away: the night reports it, a poll waits for it
        return {"outcome": "not there", "trouble": str(missing)}
    last = settings.home / "polls" / who
    if _seen(last) == seen:
        return {"outcome": "unchanged"}
    try:
        reports = _look(settings, who, sources, now)
    except AlreadyRunning:
        return {"outcome": "busy"}
    troubles = [report.trouble for report in reports if report.trouble]
    if not troubles:
        write_private(last, seen)
    return {
        "outcome": "looked",
        "new": sum(report.new for report in reports),
        "changed": sum(report.changed for report in reports),
        "trouble": "; ".join(troubles),
        "collected": [asdict(report) for report in reports],
    }


def _glimpse(sources: list[SourceSettings]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for source in sources:
        guest = plugins.collector(source).guest
        if isinstance(guest, DocumentsCollector):
            digest.update(guest.glimpse().encode())
    return digest.hexdigest()


def _seen(path: Path) -> str:
    with suppress(OSError, UnicodeDecodeError):
        return path.read_text("ascii")
    return ""


def _look(settings: Settings, who: str, sources: list[SourceSettings], now: int) -> list[Collected]:
    from autotime.office import open_office  # noqa: PLC0415 - half a second, and most looks need none of it
    from autotime.operations.lock import one_run  # noqa: PLC0415
    from autotime.steps.collecting import collect  # noqa: PLC0415

    office = open_office(settings, who, now)
    with office.store, one_run(office.lock, now):
        return collect(replace(office, settings=settings.model_copy(update={"sources": sources})))
