"""What billing targets are told: how each field is filled, what a firm changed, and what that makes of real entries.

Nothing is written, and no network is asked: what a system calls our things is known from its last pull.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from autotime import plugins
from autotime.billing.mapping import Rule, rules, version_of
from autotime.billing.payload import Payload, payload_of
from autotime.domain.books import Books
from autotime.domain.delivery import Delivery
from autotime.domain.entries import Origin, TimeEntry, Unplaced
from autotime.domain.errors import Misused
from autotime.domain.work import Status, Suggestion
from autotime.office import Office
from autotime.settings import Settings
from autotime.steps import systems
from autotime.steps.delivering import complete_people, header_of, targets

FEW = 5
RECENT = timedelta(days=120)
OPEN = (Status.PROPOSED, Status.DEFERRED)


@dataclass(frozen=True, slots=True)
class Filled:
    """One field of a target. ``rule`` is ``None`` where the format itself says how it is filled."""

    name: str
    rule: Rule | None
    changed: bool = False

    @property
    def words(self) -> str:
        return "by the format" if self.rule is None else words_of(self.rule)


@dataclass(frozen=True, slots=True)
class Shown:
    """How a target is told. ``version`` goes with each batch."""

    target: str
    version: str
    fields: tuple[Filled, ...]


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one real entry. ``told`` by the target's own field names; ``refused`` says why it cannot go."""

    id: str
    kind: str
    day: date
    told: Mapping[str, str | int] = field(default_factory=dict)
    drops: tuple[str, ...] = ()
    refused: str = ""


def shown(office: Office, target: str) -> Shown:
    """``Misused`` names a rule of the settings that cannot hold."""
    face = _face(office, target)
    usual = getattr(face, "columns", None) or getattr(face, "usual", None)
    if usual is None:
        layout = getattr(getattr(face, "kind", None), "layout", None)
        return Shown(target, face.mapping_version, tuple(Filled(name, None) for name in getattr(layout, "names", ())))
    changed = plugins.mapping_of(target, office.settings)
    held = rules(usual, changed, target)
    version = getattr(face, "mapping_version", "") or version_of(usual, changed, target)
    return Shown(target, version, tuple(Filled(name, rule, name in changed) for name, rule in held.items()))


def all_shown(office: Office) -> list[Shown]:
    """``Misused`` for rules of a target nobody serves: they would hold nowhere."""
    billing, known = office.settings.billing, targets(office.settings)
    for name in (*billing.mapping, *billing.columns):
        if name not in known:
            raise Misused(f"the settings say how «{name}» is told, and no target is called so", hint=_one_of(known))
    return [shown(office, target) for target in targets(office.settings)]


def tried(office: Office, target: str, few: int = FEW) -> list[Tried]:
    """A few entries of the store, approved ones first, as the target would be told of them."""
    face = _face(office, target)
    with office.store.transaction() as nothing_kept:
        complete_people(office)
        books, people = office.store.books.load(), office.store.books.timekeepers()
        nothing_kept.rollback()
    return [
        _tried(office.settings, face, kind, payload_of(entry, books, people.get(entry.timekeeper, office.timekeeper)))
        for kind, entry in _some(office, books, few)
    ]


def _tried(settings: Settings, face: Any, kind: str, payload: Payload) -> Tried:
    reason = _refused(settings, face, payload)
    told = _told(settings, face, payload) if not reason and hasattr(face, "told") else {}
    drops = tuple(face.drops(payload)) if hasattr(face, "drops") else ()
    return Tried(str(payload["entry"]), kind, date.fromisoformat(str(payload["day"])), told, drops, reason)


def _refused(settings: Settings, face: Any, payload: Payload) -> str:
    if face.target not in plugins.asked(settings):
        return str(face.refuse(payload, _header(settings, face, payload)))
    return str(face.refuse(payload))


def _told(settings: Settings, face: Any, payload: Payload) -> dict[str, str | int]:
    """An invoice's line depends on what its client wants."""
    more = (_header(settings, face, payload),) if hasattr(face, "refuse_header") else ()
    return dict(face.told(payload, *more))


def _header(settings: Settings, face: Any, payload: Payload) -> dict[str, object]:
    day = date.fromisoformat(str(payload["day"]))
    return header_of(Delivery(face.target, str(payload["client"]), day, day), settings)


def _face(office: Office, target: str) -> Any:
    """Where a target is both read as a system and written as a file, the file is what it is told."""
    is_guest = target in office.settings.billing.guests
    if target in plugins.BILLERS or (is_guest and target not in plugins.asked(office.settings)):
        return plugins.file_biller(target, office.settings)
    if target not in plugins.systems(office.settings):
        raise Misused(f"no billing target «{target}»", hint=_one_of(targets(office.settings)))
    return systems.adapter(office, target)


def _one_of(known: Iterable[str]) -> str:
    return f"one of: {', '.join(known)}"


# -- some entries ---------------------------------------------------------------------------------


def _some(office: Office, books: Books, few: int) -> list[tuple[str, TimeEntry]]:
    today = office.date_of(office.now)
    entries = [entry for entry in office.store.entries.between(today - RECENT, today) if entry.active]
    found = [("approved", entry) for entry in reversed(entries[-few:])]
    drafts = _drafts(office, books) if len(found) < few else iter(())
    return [*found, *(("suggested", draft) for _, draft in zip(range(few - len(found)), drafts, strict=False))]


def _drafts(office: Office, books: Books) -> Iterator[TimeEntry]:
    for day in reversed(office.store.suggestions.days()):
        for draft in office.store.suggestions.on(day):
            if draft.status in OPEN and draft.matter:
                yield _as_entry(draft, books, office.now)


def _as_entry(draft: Suggestion, books: Books, now: int) -> TimeEntry:
    """A suggestion as it would stand if it were approved as it is shown."""
    matter = books.matters.get(draft.matter)
    return TimeEntry(
        id=draft.id,
        timekeeper=draft.timekeeper,
        actor=draft.timekeeper,
        day=draft.day,
        matter=draft.matter,
        client=matter.client if matter else "",
        task_code=draft.task_code,
        activity_code=draft.activity_code,
        billing=draft.billing,
        narrative=draft.narrative,
        placed=(),
        unplaced=(Unplaced(draft.seconds, Origin.MANUAL),),
        increment_minutes=draft.increment_minutes,
        rounding=draft.rounding,
        billed_minutes=draft.billed_minutes,
        approved_at=now,
        decision="",
        late=draft.late,
    )


# -- in words, and as a document ------------------------------------------------------------------


def words_of(rule: Rule) -> str:
    """A rule in a line a person reads."""
    if not rule.source and rule.constant is None:
        return f"always «{rule.prefix}{rule.default}»" if rule.default else "left empty"
    if rule.constant is not None:
        return f"always «{rule.prefix}{rule.constant}»" if rule.constant else "left empty"
    parts = [rule.source]
    parts += [f"part {rule.part + 1} of it between «{rule.split}»"] if rule.split else []
    parts += [", ".join(f"{was} → {word or 'nothing'}" for was, word in rule.map.items())] if rule.map else []
    parts += [f"else «{rule.default}»"] if rule.default else []
    parts += [f"after «{rule.prefix}»"] if rule.prefix else []
    return "; ".join(parts)


def document(found: list[Shown], day: date, *, toml: bool) -> str:
    """All of it as one text for the firm's files: Markdown, or TOML whose rules may stand in the settings."""
    return _toml(found, day) if toml else _markdown(found, day)


def _markdown(found: list[Shown], day: date) -> str:
    lines = [f"# How billing targets are told, {day}", ""]
    for one in found:
        lines += [f"## {one.target}", "", f"Version `{one.version}`.", "", "| Field | Filled with | |", "|---|---|---|"]
        lines += [
            f"| {_cell(it.name)} | {_cell(it.words)} | {'changed here' if it.changed else ''} |" for it in one.fields
        ]
        lines.append("")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _toml(found: list[Shown], day: date) -> str:
    lines = [
        f"# How billing targets are told, {day}. The rules may stand in the settings as they are.",
        "",
        "[versions]",
    ]
    lines += [f"{_quoted(one.target)} = {_quoted(one.version)}" for one in found]
    for one in found:
        for it in one.fields:
            lines += ["", f"[billing.mapping.{_quoted(one.target)}.{_quoted(it.name)}]"] if it.rule else []
            lines += [f"{name} = {value}" for name, value in _settings(it.rule)] if it.rule else []
    return "\n".join([*lines, ""])


def _settings(rule: Rule) -> Iterator[tuple[str, str]]:
    """A rule as the settings would say it."""
    if rule.source:
        yield "from", _quoted(rule.source)
    if rule.constant is not None:
        yield "constant", _quoted(rule.constant)
    if rule.map:
        yield "map", "{ " + ", ".join(f"{_quoted(was)} = {_quoted(word)}" for was, word in rule.map.items()) + " }"
    for name in ("default", "prefix", "split"):
        if value := getattr(rule, name):
            yield name, _quoted(value)
    if rule.part:
        yield "part", str(rule.part)


def _quoted(text: str) -> str:
    """A basic string of TOML, which one of JSON is."""
    return json.dumps(text)
