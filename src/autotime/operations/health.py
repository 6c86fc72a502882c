"""How things stand: counts and times, never a word of what was collected.

What each source said of itself the last time it was asked is kept beside the cursors: a source that gave
nothing because nobody could ask it is «not collected», never «no work».
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from autotime.domain.doors import SignIn
from autotime.domain.evidence import Gap
from autotime.domain.people import Timekeeper
from autotime.domain.spans import Span
from autotime.domain.work import Status
from autotime.store import Reading, Store

UNDECIDED = (Status.PROPOSED, Status.DEFERRED)
HEALTH = "health"
NEVER: dict[str, Any] = {
    "tried_at": 0,
    "succeeded_at": 0,
    "items": 0,
    "trouble": "",
    "hint": "",
    "sign_in_needed": False,
    "gaps": [],
    "behind": {},
    "who": "",
    "lapses_at": 0,
    "missing": [],
}
"""A source nobody has asked yet. Times are UTC seconds, ``items`` what the last reading gave, ``behind`` the
parts that were not collected, each with when it last was (0: never)."""

WHOLE = ("mail", "calendar", "files")
"""Parts without which a day is not whole. Others may be left out for good, and a gap may be a mere warning."""

Source = tuple[str, str]
"""Account and kind, as the settings name them."""


def note(
    store: Store,
    source: Source,
    now: int,
    *,
    items: int = 0,
    trouble: str = "",
    hint: str = "",
    sign_in_needed: bool = False,
    gaps: Iterable[Gap] = (),
    sign_in: SignIn | None = None,
) -> None:
    """Remembers how one source was found. Without ``sign_in`` it is one that nobody signs in to."""
    with store.transaction():
        known = _known(store)
        stands = sign_in or SignIn(True)
        before = {**NEVER, **known.get(_name(source), {})}
        succeeded = before["succeeded_at"] if before["succeeded_at"] <= now else 0  # no clock that ran ahead counts
        told = [asdict(gap) for gap in gaps]
        earlier = {part: at if at <= now else 0 for part, at in before["behind"].items()}
        missing = missing_parts(told)
        kept = {part: at for part, at in earlier.items() if trouble or part in missing}
        known[_name(source)] = {
            "tried_at": now,
            "succeeded_at": succeeded if trouble else now,
            "items": items,
            "trouble": trouble,
            "hint": hint,
            "sign_in_needed": sign_in_needed,
            "gaps": told,
            "behind": dict.fromkeys(missing, succeeded) | kept,
            "who": stands.who,
            "lapses_at": stands.lapses_at,
            "missing": list(stands.missing),
        }
        store.meta.set(HEALTH, json.dumps(known, sort_keys=True))


def signed_in(store: Store, source: Source, stands: SignIn) -> None:
    """A person signed in: what was needed of them is done. When it was last read stays as it was."""
    with store.transaction():
        known = _known(store)
        before = known.get(_name(source), NEVER)
        cleared = {"trouble": "", "hint": "", "sign_in_needed": False}
        told = {"who": stands.who, "lapses_at": stands.lapses_at, "missing": list(stands.missing)}
        known[_name(source)] = {**before, **cleared, **told}
        store.meta.set(HEALTH, json.dumps(known, sort_keys=True))


def signed_out(store: Store, source: Source) -> None:
    """The sign-in was taken off this machine: until somebody signs in again, that is what is needed."""
    with store.transaction():
        known = _known(store)
        needed = {
            "trouble": "the sign-in was removed",
            "hint": f'autotime connect "{source[0]}"',
            "sign_in_needed": True,
            "who": "",
            "lapses_at": 0,
            "missing": [],
        }
        known[_name(source)] = {**known.get(_name(source), NEVER), **needed}
        store.meta.set(HEALTH, json.dumps(known, sort_keys=True))


def health_of(store: Store, sources: Sequence[Source]) -> dict[Source, dict[str, Any]]:
    """Each source as it was last found."""
    known, readings = _known(store), readings_of(store, sources)
    found: dict[Source, dict[str, Any]] = {}
    for source in sources:
        health = {**NEVER, **known.get(_name(source), {})}
        reading = readings.get(source)
        if not health["tried_at"] and reading:
            health |= {"tried_at": reading.at, "succeeded_at": reading.at}
        found[source] = health
    return found


def uncollected(store: Store, sources: Sequence[Source], day: Span) -> list[str]:
    """Accounts of which this day was not read, or not to its end, and parts of accounts («calendar of «office»»).
    A source nobody has read yet is one."""
    return [name for source, health in health_of(store, sources).items() for name in _lacking(source[0], health, day)]


def missing_parts(gaps: Iterable[Mapping[str, Any]]) -> list[str]:
    """The parts of ``WHOLE`` that gaps name."""
    told = {gap["part"] for gap in gaps}
    return [part for part in WHOLE if part in told]


def _lacking(account: str, health: Mapping[str, Any], day: Span) -> list[str]:
    if _lacks(health, day):
        return [account]
    behind: Mapping[str, int] = {**dict.fromkeys(missing_parts(health["gaps"]), 0), **health["behind"]}
    return [f"{part} of «{account}»" for part, read_at in behind.items() if read_at < day.end]


def _lacks(health: Mapping[str, Any], day: Span) -> bool:
    """A day that is not over is whole as far as it goes, if its source was read since it began."""
    succeeded = int(health["succeeded_at"])
    return succeeded < day.start or (bool(health["trouble"]) and succeeded < day.end)


def status_of(store: Store, timekeeper: Timekeeper, now: int, sources: Sequence[Source] = ()) -> dict[str, Any]:
    """What ``autotime status --json`` prints. ``sources`` are those of the settings; what others gave is told too."""
    waiting = {day: count for day, count in store.suggestions.undecided(UNDECIDED).items() if count}
    return {
        "timekeeper": timekeeper.id,
        "now": _clock(now),
        "evidence": store.evidence.count(),
        "sources": _sources(store, sources),
        "undecided": sum(waiting.values()),
        "undecided_days": len(waiting),
        "oldest_undecided": min(waiting).isoformat() if waiting else None,
        "stale_days": len(json.loads(store.meta.get("days.stale") or "[]")),
        "submissions": store.submissions.counts(),
        "quarantined": len(store.quarantine.all()),
        "last_run": _run(store.runs.last("run")),
    }


def _sources(store: Store, configured: Sequence[Source]) -> list[dict[str, Any]]:
    readings = readings_of(store, configured)
    every = health_of(store, list(dict.fromkeys([*configured, *readings])))
    return [_told(source, health, readings.get(source), source in configured) for source, health in every.items()]


def _told(source: Source, health: Mapping[str, Any], reading: Reading | None, configured: bool) -> dict[str, Any]:
    """``items`` is all the source ever gave, ``items_last`` what the last reading did."""
    return {
        "account": source[0],
        "source": source[1],
        "configured": configured,
        "last_tried": _clock(health["tried_at"]) if health["tried_at"] else None,
        "last_success": _clock(health["succeeded_at"]) if health["succeeded_at"] else None,
        "items": reading.items if reading else 0,
        "items_last": health["items"],
        **{name: health[name] for name in ("trouble", "hint", "sign_in_needed", "gaps")},
        "signed_in_as": health["who"],
        "sign_in_lapses": _clock(health["lapses_at"]) if health["lapses_at"] else None,
        "missing_permissions": health["missing"],
    }


def readings_of(store: Store, configured: Sequence[Source]) -> dict[Source, Reading]:
    """By the names the settings give. A guest's rows bear its own kind, not the module it comes from."""
    guests = {account: (account, kind) for account, kind in configured if ":" in kind}
    every = {(one.account, one.source): one for one in store.cursors.all()}
    return {name if name in configured else guests.get(name[0], name): one for name, one in every.items()}


def _name(source: Source) -> str:
    return json.dumps(source, ensure_ascii=False)


def _known(store: Store) -> dict[str, dict[str, Any]]:
    return dict(json.loads(store.meta.get(HEALTH) or "{}"))


def _run(last: dict[str, Any] | None) -> dict[str, Any] | None:
    if last is None:
        return None
    finished = _clock(last["finished_at"]) if last["finished_at"] else None
    return {"started": _clock(last["started_at"]), "finished": finished, "report": last["report"]}


def _clock(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat()
