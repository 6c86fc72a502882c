"""What somebody must hear of after a night, and when it has been said often enough.

Decided first, from counts, states and times; then said, through a command or a mail. No word of what
was collected is in it: account names, numbers and commands only. The same alert is quiet until it
changes or a week has passed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from autotime.operations.health import missing_parts
from autotime.operations.nightly import write_private

WEEK = 7 * 86_400
DAY = 86_400
UNDELIVERED = {
    "refused": "refused by billing",
    "in_doubt": "in doubt: billing may or may not have them",
    "duplicate_found": "in billing more than once",
    "removed_there": "gone from billing",
    "drifted": "otherwise in billing than approved",
}


STATUS = "autotime status"


@dataclass(frozen=True, slots=True)
class Alert:
    """``state`` is what must change for it to be said again before a week is over; ``hint`` is the
    command to run next."""

    kind: str
    timekeeper: str
    about: str
    said: str
    state: str = ""
    hint: str = ""

    @property
    def key(self) -> str:
        return "|".join((self.timekeeper, self.kind, self.about))


@dataclass(frozen=True, slots=True)
class Limits:
    """Days after which silence is worth a word, and days before a sign-in ends."""

    days_without_success: int = 3
    workdays_without_items: int = 5
    days_before_sign_in_ends: int = 7


@dataclass(frozen=True, slots=True)
class Seen:
    """When a source was last read to its end, and when it was first seen to have given something more (0: it never
    gave anything): UTC seconds. ``given``: how many items it had given in all by then."""

    success: int
    items: int = 0
    given: int = 0


@dataclass(frozen=True, slots=True)
class Night:
    """What one timekeeper's night says: each source's report, submissions by state, for each account when its
    sign-in lapses (0: not known), and for each account and kind of source how many items it ever gave, to
    whichever run. ``billing``: what looking into each billing system came to. ``held``: entries that a push left behind
    with a reason. ``failure``: the name of the error that kept all of it from being done."""

    timekeeper: str
    collected: Sequence[Mapping[str, Any]] = ()
    submissions: Mapping[str, int] | None = None
    lapses: Mapping[str, int] | None = None
    given: Mapping[tuple[str, str], int] | None = None
    billing: Sequence[Mapping[str, Any]] = ()
    held: int = 0
    failure: str = ""


# -- deciding -------------------------------------------------------------------------------------


def seen_after(night: Night, before: Mapping[str, Seen], now: int) -> dict[str, Seen]:
    """The sources' memory after a night. A source met for the first time counts as read now."""
    after: dict[str, Seen] = {}
    for source in night.collected:
        name = _name(night.timekeeper, source)
        known = before.get(name, Seen(now))
        if not source["trouble"]:
            known = replace(known, success=now)
        given = (night.given or {}).get((source["account"], source["source"]), known.given)
        more = 0 < given != known.given  # fewer: it was read again from its start, and gave something
        after[name] = replace(known, items=now if more else known.items, given=given)
    return after


def alerts_of(night: Night, seen: Mapping[str, Seen], now: int, limits: Limits) -> list[Alert]:
    """What is worth a word. ``seen`` is the memory after this night. The words of a trouble stay here: they may
    name a folder, and a folder a client."""
    sources = [*_of_sources(night, seen, now, limits), *_of_parts(night), *_of_sign_ins(night, now, limits)]
    return [*_whole(night), *sources, *_of_billing(night)]


def _whole(night: Night) -> Iterator[Alert]:
    if night.failure:
        yield Alert("failed", night.timekeeper, "", "the nightly run could not begin", night.failure, "autotime doctor")


def _of_sources(night: Night, seen: Mapping[str, Seen], now: int, limits: Limits) -> Iterator[Alert]:
    for source in night.collected:
        account, who = str(source["account"]), night.timekeeper
        known = seen[_name(who, source)]
        if source["sign_in_needed"]:
            said = f"«{account}» is not collected: its sign-in has ended"
            yield Alert("sign-in needed", who, account, said, "", _connect(account))
        elif source["kind"] == "SuddenlyEmpty":
            said = f"«{account}» held things before and is empty now"
            yield Alert("suddenly empty", who, account, said, "", "look whether it is still there")
        elif (days := (now - known.success) // DAY) >= limits.days_without_success:
            said = f"«{account}» has not been read for {days} days"
            yield Alert("silent", who, account, said, source["kind"], STATUS)
        elif known.items and not source["trouble"]:
            days = workdays(known.items, now)
            if days >= limits.workdays_without_items:
                said = f"«{account}» has given nothing new for {days} working days"
                yield Alert("nothing new", who, account, said, "", "look whether it is still the right place")


def _of_parts(night: Night) -> Iterator[Alert]:
    """Parts that are missing from a source that was read all the same. Its own trouble says enough."""
    for source in night.collected:
        missing = [] if source["trouble"] else missing_parts(source["gaps"])
        if missing:
            account, parts = str(source["account"]), ", ".join(missing)
            said = f"«{account}» is collected without its {' and '.join(missing)}"
            yield Alert("part not collected", night.timekeeper, account, said, parts, STATUS)


def _of_sign_ins(night: Night, now: int, limits: Limits) -> Iterator[Alert]:
    for account, lapses in (night.lapses or {}).items():
        days = (lapses - now) // DAY
        if lapses and 0 <= days <= limits.days_before_sign_in_ends:
            said = f"the sign-in of «{account}» ends in {days} days"
            yield Alert("sign-in ends", night.timekeeper, account, said, str(lapses // DAY), _connect(account))


def _of_billing(night: Night) -> Iterator[Alert]:
    for state, words in UNDELIVERED.items():
        if number := (night.submissions or {}).get(state, 0):
            said = f"{number} {'entry is' if number == 1 else 'entries are'} {words}"
            yield Alert("delivery", night.timekeeper, state, said, str(number), STATUS)
    if night.held:
        said = f"{night.held} {'entry was' if night.held == 1 else 'entries were'} not sent to billing by a push"
        yield Alert("delivery", night.timekeeper, "held", said, str(night.held), STATUS)
    for looked in night.billing:
        if looked["trouble"]:
            said = f"{looked['target']} could not be asked what became of sent time"
            yield Alert("billing not asked", night.timekeeper, looked["target"], said, "", looked["hint"] or STATUS)


def _connect(account: str) -> str:
    return f'autotime connect "{account}"'


def _name(timekeeper: str, source: Mapping[str, Any]) -> str:
    return f"{timekeeper}|{source['account']}|{source['source']}"


def workdays(since: int, now: int) -> int:
    """Mondays to Fridays after the day of ``since`` up to the day of ``now``, by UTC dates."""
    first, last = (date(1970, 1, 1) + timedelta(days=instant // DAY) for instant in (since, now))
    weeks, rest = divmod(max((last - first).days, 0), 7)
    return weeks * 5 + sum((first + timedelta(days=n)).weekday() < 5 for n in range(1, rest + 1))


# -- remembering ----------------------------------------------------------------------------------


Said = dict[str, dict[str, Any]]
"""By key: what was said (a digest of its state) and when."""


def worth_saying(alerts: Iterable[Alert], said: Said, now: int) -> list[Alert]:
    """Those that were not said in this state within the week."""
    return [alert for alert in alerts if not _is_known(alert, said, now)]


def _is_known(alert: Alert, said: Said, now: int) -> bool:
    before = said.get(alert.key, {})
    return before.get("state") == _digest(alert) and 0 <= now - int(before.get("at", 0)) < WEEK


def said_after(alerts: Sequence[Alert], spoken: Sequence[Alert], said: Said, now: int) -> Said:
    """What is over is forgotten, so that it is said at once when it comes again."""
    kept = {alert.key: said[alert.key] for alert in alerts if alert.key in said}
    return kept | {alert.key: {"state": _digest(alert), "at": now} for alert in spoken}


def _digest(alert: Alert) -> str:
    return hashlib.blake2b(alert.state.encode("utf-8", "replace"), digest_size=8).hexdigest()


@dataclass(slots=True)
class Memory:
    """What is remembered between nights, in one file of mode 0600."""

    seen: dict[str, Seen]
    said: Said


def remembered(path: Path) -> Memory:
    """What was remembered; nothing where there is no such file or it is damaged."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        told = json.loads(path.read_text("utf-8"))
        return Memory({name: Seen(**one) for name, one in told["seen"].items()}, dict(told["said"]))
    return Memory({}, {})


def remember(path: Path, memory: Memory) -> None:
    seen = {name: asdict(one) for name, one in memory.seen.items()}
    write_private(path, json.dumps({"seen": seen, "said": memory.said}, indent=1) + "\n")


# -- the whole of it ------------------------------------------------------------------------------


def after_the_night(
    nights: Sequence[Night], path: Path, now: int, limits: Limits, tell: Callable[[Sequence[Alert]], str]
) -> tuple[list[Alert], str]:
    """All alerts that stand, and why they could not be said («»: they were, or there was nothing to say).

    ``tell`` says the new ones in one message and returns its trouble. What could not be said is said
    the next night. Sources of timekeepers that are not among these nights are remembered as they were.
    """
    memory = remembered(path)
    for night in nights:
        memory.seen |= seen_after(night, memory.seen, now)
    alerts = [alert for night in nights for alert in alerts_of(night, memory.seen, now, limits)]
    due = worth_saying(alerts, memory.said, now)
    trouble = tell(due) if due else ""
    others = {key: one for key, one in memory.said.items() if key.split("|")[0] not in {n.timekeeper for n in nights}}
    memory.said = others | said_after(alerts, [] if trouble else due, memory.said, now)
    remember(path, memory)
    return alerts, trouble
