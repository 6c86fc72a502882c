"""Every source into the store, page by page: rows, features and cursor in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from autotime import plugins
from autotime.domain.doors import CollectContext, Collector, Connectable, SignIn
from autotime.domain.errors import AutotimeError, CursorExpired, SignInNeeded
from autotime.domain.evidence import Batch, Evidence, Gap, Kind, evidence_id
from autotime.domain.learning import FEATURE_VERSION
from autotime.domain.progress import Progress, silent
from autotime.domain.spans import Span
from autotime.failpoints import point
from autotime.office import Office, connection
from autotime.operations import health
from autotime.settings import Settings, SourceSettings
from autotime.steps.stale import days_touched, mark_stale
from autotime.store import Store

FEATURE_KEY = "features.key"

AHEAD = 2 * 86_400 + 1
"""Seconds beyond now that are collected too: as far ahead as the date of a mail is believed (another clock or zone)."""


@dataclass(slots=True, kw_only=True)
class Collected:
    """What one source gave so far. ``trouble`` says why it could not be read to the end and ``kind`` names
    its error, ``gaps`` which parts of it were not collected."""

    account: str
    source: str
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    quarantined: int = 0
    pages: int = 0
    trouble: str = ""
    hint: str = ""
    kind: str = ""
    sign_in_needed: bool = False
    gaps: list[Gap] = field(default_factory=list)


def collect(office: Office, progress: Progress = silent, account: str = "") -> list[Collected]:
    """Reads every source of the timekeeper as far as it goes. One broken source stops no other."""
    sources = office.settings.sources_of(office.timekeeper.id)
    return [_collect_source(office, source, progress) for source in sources if account in ("", source.account)]


def _collect_source(office: Office, source: SourceSettings, progress: Progress) -> Collected:
    report = Collected(account=source.account, source=source.type)
    collector: plugins.Checked | None = None
    try:
        collector = plugins.collector(source, connection(office.settings, office.timekeeper.id, source))
        try:
            _read(office, collector, report, progress)
        except CursorExpired:
            office.store.cursors.forget(collector.account, collector.source)
            _read(office, collector, report, progress)
    except AutotimeError as trouble:
        report.trouble, report.hint = str(trouble), trouble.hint
        report.kind, report.sign_in_needed = type(trouble).__name__, isinstance(trouble, SignInNeeded)
    except Exception as broken:  # noqa: BLE001 - a guest's mistake stops no other; its message may quote mail
        report.trouble = f"its collector broke ({type(broken).__name__})"
        report.hint = f"tell the maker of «{source.type}»; the other sources go on"
    _note(office, source, report, collector)
    return report


def _note(office: Office, source: SourceSettings, report: Collected, collector: plugins.Checked | None) -> None:
    """How the source was found, for the status."""
    health.note(
        office.store,
        (source.account, source.type),
        office.now,
        items=report.new + report.changed,
        trouble=report.trouble,
        hint=report.hint,
        sign_in_needed=report.sign_in_needed,
        gaps=report.gaps,
        sign_in=_sign_in(collector, office.now),
    )


def _sign_in(collector: plugins.Checked | None, now: int) -> SignIn | None:
    """How its sign-in stands, as far as this machine knows; a guest that breaks over it says nothing."""
    if collector is None or not isinstance(collector.guest, Connectable):
        return None
    with suppress(Exception):
        return collector.guest.standing(now)
    return None


def _read(office: Office, collector: Collector, report: Collected, progress: Progress) -> None:
    cursor = office.store.cursors.get(collector.account, collector.source)
    key = feature_key(office.store)
    for batch in collector.collect(cursor, context_of(office)):
        _keep(office, collector, batch, report, key)
        progress(collector.account, batch.done, batch.of)


def context_of(office: Office, earliest: int = 0) -> CollectContext:
    """What is collected by the settings; of a reading that stores nothing from ``earliest`` on only."""
    since = office.settings.collect.since
    start = max(earliest, office.day(since).start if since else 0)
    excluded = frozenset(name.casefold() for name in office.settings.collect.exclude_folders)
    end = office.now + AHEAD
    return CollectContext(office.timekeeper, Span(min(start, end - 1), end), office.now, excluded)


def _keep(office: Office, collector: Collector, batch: Batch, report: Collected, key: bytes) -> None:
    """One page: evidence, features, withdrawals, quarantine and cursor, all or nothing."""
    from autotime.classifiers.features import compute, pack  # noqa: PLC0415 - only collecting needs it

    store, wanted = office.store, [item for item in batch.evidence if wanted_by(office.settings, item)]
    point("collect.page.read")
    with store.transaction():
        before = store.evidence.get(_movable(collector, batch, wanted))
        stored = store.evidence.put(wanted, office.now)
        fresh = set(stored.ids)
        changed = [item for item in wanted if item.id in fresh]
        store.features.put(((item.id, pack(compute(item, key))) for item in changed), FEATURE_VERSION)
        gone = store.evidence.withdraw(collector.account, collector.source, batch.withdrawn, office.now)
        moved = [item for key, item in before.items() if key in fresh or (gone and item.key in batch.withdrawn)]
        report.quarantined += store.quarantine.add(collector.account, collector.source, batch.quarantined, office.now)
        mark_stale(store, days_touched(office, [*changed, *moved]))
        store.cursors.set(collector.account, collector.source, batch.cursor, office.now, len(fresh))
    point("collect.page.stored")
    report.pages, report.withdrawn = report.pages + 1, report.withdrawn + gone
    report.new, report.changed = report.new + stored.new, report.changed + stored.changed
    report.unchanged += stored.unchanged
    report.gaps += [gap for gap in batch.gaps if gap not in report.gaps]


def _movable(collector: Collector, batch: Batch, wanted: Sequence[Evidence]) -> list[str]:
    """What may leave a day it stood on: meetings that are moved, and what is withdrawn."""
    gone = [evidence_id(collector.account, collector.source, key) for key in batch.withdrawn]
    return [*gone, *(item.id for item in wanted if item.kind is Kind.MEETING)]


def retry_quarantined(office: Office, progress: Progress = silent, account: str = "") -> list[Collected]:
    """Reads the sources of quarantined items again, from their start or as far as their collector asks for."""
    rows = [row for row in office.store.quarantine.all() if account in ("", row.account)]
    for source in {(row.account, row.source) for row in rows}:
        with office.store.transaction():
            office.store.quarantine.forget(*source, [row.key for row in rows if (row.account, row.source) == source])
            _look_again(office, *source)
    accounts = {row.account for row in rows}
    return [report for name in sorted(accounts) for report in collect(office, progress, name)]


def _look_again(office: Office, account: str, kind: str) -> None:
    """From the start, but where a collector sees edits in the difference of two looks: it keeps what it saw."""
    from autotime.collectors.documents import DocumentsCollector  # noqa: PLC0415 - only a retry needs it

    cursor = office.store.cursors.get(account, kind)
    if cursor is not None and kind == "documents":
        office.store.cursors.set(account, kind, DocumentsCollector.retry(cursor), office.now, 0)
    else:
        office.store.cursors.forget(account, kind)


def wanted_by(settings: Settings, item: Evidence) -> bool:
    """Excluded folders and senders are never stored."""
    folders = {name.casefold() for name in settings.collect.exclude_folders}
    if folders and item.place.reveal().casefold() in folders:
        return False
    senders = settings.collect.exclude_senders
    return not any(person.address.endswith(sender.lower()) for sender in senders for person in item.people[:1])


def feature_key(store: Store) -> bytes:
    """The store's own secret under which feature terms are hashed; made once."""
    found = store.meta.get(FEATURE_KEY)
    if not found:
        import secrets  # noqa: PLC0415

        found = secrets.token_hex(32)
        store.meta.set(FEATURE_KEY, found)
    return bytes.fromhex(found)
