"""Signing in to a source: which one, what it asks for, one test call, and what of it would be stored."""

from __future__ import annotations

import inspect
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from autotime import plugins
from autotime.domain.doors import Connectable, Person, SignIn
from autotime.domain.errors import AutotimeError, Misused
from autotime.domain.evidence import Evidence, Gap, Kind
from autotime.intake import for_screen
from autotime.office import FIRM, Office, connection, vault
from autotime.operations import health
from autotime.operations.founding import tables_text
from autotime.settings import Settings, SourceSettings, parse
from autotime.steps.collecting import context_of, wanted_by

TYPES = ("microsoft", "google", "imap", "caldav")
"""Kinds a person signs in to; ``connect`` adds one that is not in the settings yet."""

NOT_ASKED = ("account", "source", "connection")
WORDS = {
    "mailbox": "Mail address of the mailbox",
    "host": "Mail server, e.g. imap.firm.example",
    "url": "Address of the calendar server, https",
    "user": "User name there, often the mail address",
    "client_id": "Application (client) id of the firm's app registration in Entra",
    "client_file": "JSON file of the firm's «Desktop app» OAuth client",
    "tenant": "Directory (tenant) id or domain of the firm",
}
REGISTRATION = {"microsoft": ("client_id",), "google": ("client_file",)}
FIRM_REGISTRATION = {"microsoft": ("client_id", "tenant"), "google": ()}
PAGES = 3
LOOK_BACK = 30 * 86_400
TEXT_WIDTH = 72
PEOPLE = 3


@runtime_checkable
class FirmConnectable(Protocol):
    """A collector whose service knows the firm itself: one sign-in for every mailbox."""

    def connect_firm(self, person: Person) -> None: ...


@runtime_checkable
class AsksFirm(Protocol):
    """A collector that is granted other permissions by a firm than by a person."""

    def wants_firm(self) -> Mapping[str, str]: ...


# -- which source ---------------------------------------------------------------------------------


def found(settings: Settings, timekeeper: str, named: str) -> SourceSettings | None:
    """The source of that name, or the only one of that type; ``None`` for a type there is none of yet."""
    sources = settings.sources_of(timekeeper)
    of_name = [source for source in sources if source.account == named]
    of_type = [source for source in sources if source.type == named]
    if len(of_name) == 1 or (not of_name and len(of_type) == 1):
        return (of_name or of_type)[0]
    if of_name or of_type:
        names = ", ".join(f"«{source.account}»" for source in of_name or of_type)
        raise Misused(f"several sources are meant by «{named}»", hint=f"name one, or give it another name: {names}")
    if named in TYPES:
        return None
    accounts = [source.account for source in sources]
    raise Misused(f"no source «{named}»", hint=f"one of: {', '.join([*accounts, *TYPES])}")


def any_of(settings: Settings, kind: str) -> SourceSettings | None:
    """Some source of that kind, whoever's: a firm's own sign-in serves them all."""
    return next((source for source in settings.sources if source.type == kind), None)


@dataclass(frozen=True, slots=True)
class Addition:
    """What is added to the settings file: the tables by their names, and as they will stand there."""

    tables: Mapping[str, Any]
    text: str


def questions(settings: Settings, kind: str, firm: bool) -> Iterator[tuple[str, str]]:
    """Section and setting of what is needed and not known: of the firm's registration, then of the source."""
    section = getattr(settings, kind, None)
    usual = type(section)() if section is not None else None
    for name in (FIRM_REGISTRATION if firm else REGISTRATION).get(kind, ()):
        if getattr(section, name) == getattr(usual, name):
            yield kind, name
    for name, parameter in _takes(kind).items():
        if name not in NOT_ASKED and (parameter.default is parameter.empty or (firm and name == "mailbox")):
            yield "sources", name


def _takes(kind: str) -> Mapping[str, inspect.Parameter]:
    module, _, name = plugins.COLLECTORS[kind].partition(":")
    return inspect.signature(getattr(import_module(module), name)).parameters


def question(name: str) -> str:
    return WORDS.get(name, name)


def value_of(text: str) -> Any:
    """A value as it may stand in TOML (``true``, ``3``, ``["mail"]``), or else the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def addition(kind: str, account: str, answers: Mapping[tuple[str, str], Any], timekeeper: str = "") -> Addition:
    """Tables from answers by section and setting."""
    if strange := {name for _, name in answers} & {"account", "type", "timekeeper", *NOT_ASKED}:
        raise Misused(f"«{min(strange)}» is no setting to be given so", hint="--account names a new source")
    source = {"account": account, "type": kind, **({"timekeeper": timekeeper} if timekeeper else {})}
    source |= {name: value for (section, name), value in answers.items() if section == "sources" and value != ""}
    registration = {name: value for (section, name), value in answers.items() if section == kind and value}
    tables: dict[str, Any] = {kind: registration} if registration else {}
    tables["sources"] = [source]
    return Addition(tables, tables_text(tables))


def add_to(path: Path, added: Addition) -> None:
    """Appends to the settings file, whose other bytes stay; ``Misused`` where the whole would be no settings."""
    place = path.resolve()
    raw = place.read_bytes()
    whole = raw + (b"" if raw.endswith(b"\n") or not raw else b"\n") + added.text.encode("utf-8")
    try:
        data = tomllib.loads(whole.decode("utf-8-sig"))
    except tomllib.TOMLDecodeError:
        present = ", ".join(f"[{name}]" for name in added.tables if name in tomllib.loads(raw.decode("utf-8-sig")))
        raise Misused(
            f"{path} has {present} already: write this in by hand\n{added.text}", hint=f"edit {path}"
        ) from None
    _check(parse(data, path, None, whole.decode("utf-8-sig")), added)
    fresh = place.with_name(f"{place.name}.{os.getpid()}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(whole)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(fresh, place.stat().st_mode & 0o777)
    os.replace(fresh, place)


def _check(settings: Settings, added: Addition) -> None:
    """Whether its collector takes the source as it will stand."""
    for table in added.tables["sources"]:
        source = SourceSettings(**table)
        plugins.collector(source, connection(settings, source.timekeeper or settings.timekeeper().id, source))


# -- signing in -----------------------------------------------------------------------------------


def connectable(office: Office, source: SourceSettings, firm: bool = False) -> Connectable:
    """The source's collector; ``Misused`` where nobody signs in to it."""
    guest = _collector(office, source, firm).guest
    if not isinstance(guest, Connectable):
        raise Misused(f"«{source.account}» needs no sign-in", hint=f'autotime collect --account "{source.account}"')
    return guest


def _collector(office: Office, source: SourceSettings, firm: bool) -> plugins.Checked:
    """``firm``: one that has the firm's sign-in only, whoever signed in beside it."""
    given = connection(office.settings, office.timekeeper.id, source)
    if firm:
        given = replace(given, vault=vault(office.settings, FIRM, f"nobody of {source.type}"))
    return plugins.collector(source, given)


def permissions(office: Office, source: SourceSettings, *, firm: bool) -> dict[str, str]:
    """What is asked for, with the reasons: of a person, or of the firm's administrator."""
    guest = connectable(office, source)
    return dict(guest.wants_firm() if firm and isinstance(guest, AsksFirm) else guest.wants())


def sign_in(office: Office, source: SourceSettings, person: Person, *, device: bool, firm: bool) -> SignIn:
    """Walks the person through it and says how the sign-in that was made then stands."""
    guest = connectable(office, source)
    if not firm:
        guest.connect(person, device)
    elif isinstance(guest, FirmConnectable):
        guest.connect_firm(person)
    else:
        raise Misused(f"{source.type} has no sign-in of a whole firm", hint=f'autotime connect "{source.account}"')
    used = connectable(office, source).standing(office.now)
    health.signed_in(office.store, (source.account, source.type), used)
    return connectable(office, source, firm).standing(office.now) if firm else used


def forget(office: Office, source: SourceSettings, *, firm: bool) -> None:
    """Takes the sign-in off this machine. What was collected stays."""
    connectable(office, source)
    held = connection(office.settings, office.timekeeper.id, source)
    (vault(office.settings, FIRM, source.type) if firm else held.vault).forget()
    health.signed_out(office.store, (source.account, source.type))


@dataclass(frozen=True, slots=True)
class Tried:
    """What the first page or pages of a source held. Nothing of it was stored."""

    evidence: tuple[Evidence, ...]
    gaps: tuple[Gap, ...]

    @property
    def example(self) -> Evidence | None:
        """The item a person knows best: a mail they sent, the newest."""
        return max(self.evidence, key=lambda item: (item.kind is Kind.MESSAGE and item.own, item.at), default=None)


def try_once(office: Office, source: SourceSettings, *, firm: bool = False) -> Tried:
    """One test call: reads the first page that holds something that would be stored, of the last month, and
    stores none of it. ``firm``: with the firm's own sign-in."""
    pages = _collector(office, source, firm).collect(None, context_of(office, office.now - LOOK_BACK))
    evidence: tuple[Evidence, ...] = ()
    gaps: list[Gap] = []
    try:
        for page in islice(pages, PAGES):
            gaps += [gap for gap in page.gaps if gap not in gaps]
            evidence += tuple(item for item in page.evidence if wanted_by(office.settings, item))
            if evidence:
                break
    except AutotimeError as trouble:
        trouble.kept = trouble.kept or "the sign-in; the test call is what failed"
        raise
    return Tried(evidence, tuple(gaps))


# -- what would be stored -------------------------------------------------------------------------


def shown(item: Evidence, zone: str) -> list[str]:
    """One item as it would be stored, for the screen of whose it is."""
    when = f"{datetime.fromtimestamp(item.at, UTC).astimezone(ZoneInfo(zone)):%d %b %Y %H:%M}"
    lines = [f"{'what':9}{item.kind.value}, {'your own act' if item.own else 'received'}, {when}"]
    if item.span is not None:
        lines.append(f"{'time':9}{item.span.seconds // 60} min")
    if item.flag("private"):
        return [*lines, f"{'private':9}only that this time was busy: no subject, text, place or people"]
    told: Sequence[tuple[str, str]] = (
        ("subject", for_screen(item.subject, TEXT_WIDTH)),
        ("place", for_screen(item.place, TEXT_WIDTH)),
        ("people", for_screen(_people(item))),
        ("text", for_screen(item.body, TEXT_WIDTH) or "none is kept"),
        ("facts", for_screen(", ".join(f"{name} {value}" for name, value in item.facts.items()), TEXT_WIDTH)),
    )
    return [*lines, *(f"{name:9}{value}" for name, value in told if value)]


def _people(item: Evidence) -> str:
    named = (f"{who.role.value} {who.address or for_screen(who.name, 40)}" for who in item.people[:PEOPLE])
    more = len(item.people) - PEOPLE
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")
