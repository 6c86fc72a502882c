"""What ``autotime doctor`` looks at: settings, key, store, sources, place, versions."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autotime import settings as settings_file
from autotime.domain.errors import AutotimeError
from autotime.office import Office, open_office
from autotime.settings import Settings, SourceSettings

ROOM = 500 * 1024 * 1024
SYNCED = ("dropbox", "onedrive", "icloud", "google drive", "googledrive")
REMOTE = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs")
EARLIEST = 1_767_225_600
"""2026-01-01: a clock before it is wrong."""

FIRM = ("name", "tax_id", "address")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``hint`` is the command to run next where it is not well."""

    ok: bool
    what: str
    said: str
    hint: str = ""


def examine(config: Path | None, timekeeper: str, now: int) -> list[Finding]:
    """All findings, in the order a person would put things right. Nothing is changed."""
    try:
        settings = settings_file.load(config)
        who = settings.timekeeper(timekeeper)
    except AutotimeError as trouble:
        return [_bad("settings", trouble)]
    found = [Finding(True, "settings", f"{settings_file.config_path(config)}, timekeeper {who.id}")]
    found += [*_place(settings.home), *_clock(now), *_sources(settings, who.id)]
    try:
        office = open_office(settings, who.id, now)
    except AutotimeError as trouble:
        return [*found, _bad("store", trouble), *_versions()]
    with office.store:
        return [*found, *_store(office), *_books(office), *_versions()]


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


def _sources(settings: Settings, timekeeper: str) -> Iterator[Finding]:
    sources = settings.sources_of(timekeeper)
    if not sources:
        yield Finding(False, "sources", "none are configured", "add a [[sources]] table, see config.example.toml")
    for source in sources:
        missing = [str(path) for path in _paths(source) if not path.exists()]
        said = f"there is no {missing[0]}" if missing else f"{source.type}, {len(_paths(source))} path(s) found"
        hint = "check the paths in the settings" if missing else ""
        yield Finding(not missing, f"source {source.account}", said, hint)


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


def _versions() -> Iterator[Finding]:
    yield Finding(True, "python", sys.version.split()[0])
    yield Finding(True, "matching", "from words, names and threads; no sentence embeddings")
