"""What ``autotime doctor`` looks at: settings, key, store, sources, place, versions."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autotime import plugins
from autotime import settings as settings_file
from autotime.domain.doors import Connectable, SignIn
from autotime.domain.errors import AutotimeError
from autotime.office import Office, connection, open_office
from autotime.review.words import counted
from autotime.settings import Settings, SourceSettings
from autotime.steps import systems
from autotime.steps.billing_standing import DOUBTFUL, SOON, Standing, said, standings
from autotime.steps.connecting import try_once
from autotime.web import checked_root

ROOM = 500 * 1024 * 1024
SYNCED = ("dropbox", "onedrive", "icloud", "google drive", "googledrive")
REMOTE = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs")
EARLIEST = 1_767_225_600
"""2026-01-01: a clock before it is wrong."""

ASK_AGAIN = "autotime doctor --online, later; if it stays so, see [network] and its own section in the settings"
LEADS_NOWHERE = ("the next run tries again", "autotime doctor")
"""Hints of those who are asked during a run: no run follows a doctor."""

REGISTRATIONS = {
    "microsoft": ("client_id", "register an app in Entra and set it: docs/how-to/connect-microsoft-365.md"),
    "google": ("", ""),
}
"""What a kind of source needs of the firm, and how it comes by it; Google's own collector says which of two ways."""

ADDRESSES = ("base_url", "authority", "token_url", "test_authority")

FIRM = ("name", "tax_id", "address")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``hint`` is the command to run next where it is not well."""

    ok: bool
    what: str
    said: str
    hint: str = ""


def examine(config: Path | None, timekeeper: str, now: int, online: bool = False) -> list[Finding]:
    """All findings, in the order a person would put things right. Nothing is changed.

    ``online``: each source that is reached over the network, and each billing system somebody signed in to, is asked
    for a first page too.
    """
    try:
        settings = settings_file.load(config)
        who = settings.timekeeper(timekeeper)
    except AutotimeError as trouble:
        return [_bad("settings", trouble)]
    found = [Finding(True, "settings", f"{settings_file.config_path(config)}, timekeeper {who.id}")]
    found += [*_place(settings.home), *_clock(now), *_services(settings, who.id), *_sources(settings, who.id, now)]
    try:
        office = open_office(settings, who.id, now)
    except AutotimeError as trouble:
        return [*found, _bad("store", trouble), *_versions()]
    with office.store:
        asked = _asked(office) if online else ()
        return [*found, *asked, *_store(office), *_books(office), *_billing(office, online), *_versions()]


def _bad(what: str, trouble: AutotimeError) -> Finding:
    return Finding(False, what, str(trouble), trouble.hint)


def _place(home: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(next(place for place in (home, *home.absolute().parents) if place.exists())).free
    yield Finding(free > ROOM, "disk", f"{free >> 20:,} MB free", "" if free > ROOM else "free some space")
    trouble = _shared_place(home)
    yield Finding(not trouble, "folder", trouble or str(home), "set AUTOTIME_HOME to a local disk" if trouble else "")


def _shared_place(home: Path) -> str:
    """A database on a network or synchronised folder gets damaged: locks do not hold there."""
    if any(name in str(home.resolve()).casefold() for name in SYNCED):
        return f"{home} lies in a synchronised folder"
    return f"{home} lies on a network disk" if _filesystem(home) in REMOTE else ""


def _filesystem(home: Path) -> str:
    """Its kind, where the system tells (Linux); else nothing."""
    try:
        mounts = [line.split() for line in Path("/proc/mounts").read_text("utf-8").splitlines()]
    except OSError:
        return ""
    inside = [mount for mount in mounts if home.resolve().is_relative_to(mount[1])]
    return max(inside, key=lambda mount: len(mount[1]))[2] if inside else ""


def _clock(now: int) -> Iterator[Finding]:
    if now < EARLIEST:
        yield Finding(False, "clock", "this machine's clock is years behind", "set the clock, then run again")


def _services(settings: Settings, timekeeper: str) -> Iterator[Finding]:
    """The firm's registrations that some source needs, and where their servers are."""
    used = {source.type for source in settings.sources_of(timekeeper)} & REGISTRATIONS.keys()
    for kind in sorted(used):
        section = getattr(settings, kind)
        needed, hint = REGISTRATIONS[kind]
        if needed and not getattr(section, needed):
            yield Finding(False, kind, f"[{kind}] {needed} is not set", hint)
        for name in ADDRESSES:
            if trouble := _address(getattr(section, name, "")):
                yield Finding(False, kind, f"[{kind}] {name}: {trouble}", f"change {name} of [{kind}] in the settings")


def _address(url: str) -> str:
    """Why an address may not be used, or nothing."""
    try:
        if url:
            checked_root(url)
    except AutotimeError as refused:
        return str(refused)
    return ""


def _sources(settings: Settings, timekeeper: str, now: int) -> Iterator[Finding]:
    sources = settings.sources_of(timekeeper)
    if not sources:
        yield Finding(False, "sources", "none are configured", "add a [[sources]] table, see config.example.toml")
    for source in sources:
        yield from _source(settings, timekeeper, source, now)


def _source(settings: Settings, timekeeper: str, source: SourceSettings, now: int) -> Iterator[Finding]:
    what, paths = f"source {source.account}", _paths(source)
    if missing := [str(path) for path in paths if not path.exists()]:
        yield Finding(False, what, f"there is no {missing[0]}", "check the paths in the settings")
        return
    try:
        collector = plugins.collector(source, connection(settings, timekeeper, source)).guest
        if isinstance(collector, Connectable):
            yield from _sign_in(what, source, collector.standing(now), now)
        else:
            yield Finding(True, what, f"{source.type}, {len(paths)} path(s) found" if paths else source.type)
    except AutotimeError as trouble:
        yield _bad(what, trouble)


def _sign_in(what: str, source: SourceSettings, stands: SignIn, now: int) -> Iterator[Finding]:
    """As far as this machine knows: no network is asked."""
    again = f'autotime connect "{source.account}"'
    if not stands.signed_in:
        yield Finding(False, what, "sign-in needed: it is not collected until somebody signs in", again)
        return
    days = (stands.lapses_at - now) // 86_400
    soon = bool(stands.lapses_at) and days < SOON
    lapses = f", lapses in {days} days if it is not used" if stands.lapses_at else ""
    yield Finding(not soon, what, f"{source.type}, signed in{lapses}", again if soon else "")
    if stands.missing:
        said = f"permissions missing: {', '.join(stands.missing)}"
        yield Finding(False, what, said, f"{again}, or ask your administrator (docs/for-your-administrator.md)")


def _asked(office: Office) -> Iterator[Finding]:
    """Each source beyond this machine's folders gives a first page; nothing of it is stored."""
    for source in office.settings.sources_of(office.timekeeper.id):
        if not _paths(source):
            what = f"source {source.account}, asked"
            try:
                tried = try_once(office, source)
            except AutotimeError as trouble:
                yield _no_answer(what, trouble)
                continue
            yield Finding(True, what, f"it answers, {len(tried.evidence):,} items on the first page")
            yield from (
                Finding(False, what, f"{gap.part} is not collected: {gap.reason}", gap.hint) for gap in tried.gaps
            )


def _no_answer(what: str, trouble: AutotimeError) -> Finding:
    return Finding(False, what, str(trouble), ASK_AGAIN if trouble.hint in LEADS_NOWHERE else trouble.hint)


def _paths(source: SourceSettings) -> list[Path]:
    told = source.options()
    many = told.get("paths", [])
    named = [*([told["path"]] if "path" in told else []), *([many] if isinstance(many, str) else many)]
    return [Path(str(path)).expanduser() for path in named]


def _store(office: Office) -> Iterator[Finding]:
    yield Finding(True, "store", f"opens with its key, {office.store.evidence.count():,} pieces of evidence")
    report = office.store.audit.verify()
    said = f"{report.records:,} records, whole" if report.ok else report.problem
    yield Finding(report.ok, "audit", said, "" if report.ok else "autotime restore BACKUP")
    waiting = len(office.store.quarantine.all())
    yield Finding(True, "quarantine", f"{waiting} items" + (": autotime quarantine list" if waiting else ""))


def _books(office: Office) -> Iterator[Finding]:
    matters = len(office.store.books.load().matters)
    hint = "" if matters else "autotime books import FILE.csv"
    yield Finding(bool(matters), "books", f"{matters:,} matters", hint)
    missing = [name for name in FIRM if not getattr(office.settings.firm, name)]
    said = f"LEDES files need {', '.join(missing)} in [firm]" if missing else "LEDES facts are set"
    yield Finding(True, "firm", said)


def _billing(office: Office, online: bool) -> Iterator[Finding]:
    """Each billing system that is named or signed in to: as far as this machine knows, and by asking it once."""
    found = standings(office)
    if not found:
        yield Finding(True, "billing", "no target is set in [billing]")
    for one in found:
        yield _target(one, office.now)
        if online and one.sign_in and one.sign_in.signed_in and not one.trouble:
            yield _asked_once(office, one.target)


def _target(one: Standing, now: int) -> Finding:
    """Whether it can be pushed to, and what a person must settle."""
    again, days = f"autotime connect {one.target}", one.days_left(now)
    if one.trouble:
        return Finding(False, f"billing {one.target}", one.trouble, one.hint or again)
    lapses = days is not None and days < SOON
    bad = lapses or one.hint == again or one.held or any(state in one.states for state in DOUBTFUL)
    words = ", ".join(said(one.told(), datetime.fromtimestamp(now, UTC)))
    return Finding(not bad, f"billing {one.target}", words, (again if lapses else one.hint) if bad else "")


def _asked_once(office: Office, target: str) -> Finding:
    """One call that reads; nothing of it is stored."""
    what = f"billing {target}, asked"
    try:
        things = systems.try_once(office, target)
    except AutotimeError as trouble:
        return _no_answer(what, trouble)
    if things is None:
        return Finding(True, what, "not asked: it has nothing to read, and is only sent to")
    return Finding(True, what, f"it answers; {counted(things, 'thing')} on the first page of its books")


def _versions() -> Iterator[Finding]:
    yield Finding(True, "python", sys.version.split()[0])
    yield Finding(True, "matching", "from words, names and threads; no sentence embeddings")
