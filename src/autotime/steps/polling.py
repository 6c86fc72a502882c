"""The light poll: documents in folders only, looked at every few minutes by a scheduler.

Most looks find nothing new, so the first thing compared is a digest of names, sizes and times; only where
it differs are key and store opened, under the lock of a run. Drafting is left to the night.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autotime import plugins
from autotime.collectors.documents import DocumentsCollector
from autotime.domain.errors import AlreadyRunning, AutotimeError
from autotime.operations.nightly import write_private
from autotime.settings import Settings, SourceSettings

if TYPE_CHECKING:
    from autotime.steps.collecting import Collected


def poll_everyone(settings: Settings, timekeeper: str, everyone: bool, now: int) -> list[dict[str, Any]]:
    """One look for each timekeeper: ``outcome`` is looked, unchanged, busy, not there, failed or nothing to look
    at. One that fails stops no other."""
    names = [person.id for person in settings.timekeepers] if everyone else [settings.timekeeper(timekeeper).id]
    return [{"timekeeper": who, "new": 0, "changed": 0, "trouble": "", **_poll(settings, who, now)} for who in names]


def _poll(settings: Settings, who: str, now: int) -> dict[str, Any]:
    sources = [source for source in settings.sources_of(who) if source.type == "documents"]
    if not sources:
        return {"outcome": "nothing to look at"}
    glimpses, away = _glimpses(sources)
    last = settings.home / "polls" / who
    seen = _seen(last)
    moved = [one for one in sources if one.account in glimpses and glimpses[one.account] != seen.get(one.account)]
    if not moved:
        return {"outcome": "not there" if away else "unchanged", "trouble": "; ".join(away)}
    try:
        reports = _look(settings, who, moved, now)
    except AlreadyRunning:
        return {"outcome": "busy"}
    except AutotimeError as failure:
        return {"outcome": "failed", "trouble": "; ".join([*away, str(failure)])}
    looked = {report.account: _looked(glimpses[report.account], seen.get(report.account), report) for report in reports}
    write_private(last, json.dumps(seen | looked, sort_keys=True))
    return {
        "outcome": "looked",
        "new": sum(report.new for report in reports),
        "changed": sum(report.changed for report in reports),
        "trouble": "; ".join([*away, *(report.trouble for report in reports if report.trouble)]),
        "collected": [asdict(report) for report in reports],
    }


def _glimpses(sources: list[SourceSettings]) -> tuple[dict[str, str], list[str]]:
    """A digest of each source by its account, and why others have none: a share that is away is waited for, and
    the night reports it."""
    glimpses: dict[str, str] = {}
    away: list[str] = []
    for source in sources:
        try:
            guest = plugins.collector(source).guest
            if isinstance(guest, DocumentsCollector):
                glimpses[source.account] = guest.glimpse()
        except AutotimeError as missing:
            away.append(str(missing))
    return glimpses, away


def _looked(glimpse: str, before: str | None, report: Collected) -> str:
    """What is remembered of a source: trouble is looked at once more, and then left to the night until
    something changes."""
    again = f"again {glimpse}"
    return again if report.trouble and before != again else glimpse


def _seen(path: Path) -> dict[str, str]:
    """The digests of the last looks, by account; nothing where the file is not one of ours."""
    with suppress(OSError, ValueError):
        found = json.loads(path.read_text("utf-8"))
        return found if isinstance(found, dict) else {}
    return {}


def _look(settings: Settings, who: str, sources: list[SourceSettings], now: int) -> list[Collected]:
    from autotime.office import open_office  # noqa: PLC0415 - half a second, and most looks need none of it
    from autotime.operations.lock import one_run  # noqa: PLC0415
    from autotime.steps.collecting import collect  # noqa: PLC0415

    office = open_office(settings, who, now)
    with office.store, one_run(office.lock, now):
        return collect(replace(office, settings=settings.model_copy(update={"sources": sources})))
