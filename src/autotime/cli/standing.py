"""How things stand, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from autotime.intake import for_screen
from autotime.review.words import counted
from autotime.steps.billing_standing import said

SOON = 14
"""Days before a sign-in lapses at which the status begins to say so."""


def lines(told: dict[str, Any], zone: str) -> list[str]:
    """What ``autotime status`` prints for a person; times as clocks in ``zone`` show them."""
    said = [f"timekeeper   {told['timekeeper']}", f"evidence     {told['evidence']:,}"]
    for source in told["sources"]:
        said += [
            f"  {line}" if at == 0 else f"    {line}" for at, line in enumerate(_source(source, told["now"], zone))
        ]
    said.append(f"to review    {counted(told['undecided'], 'suggestion')} on {counted(told['undecided_days'], 'day')}")
    said.append(f"stale days   {told['stale_days']}")
    said.append(f"deliveries   {', '.join(f'{n} {state}' for state, n in told['submissions'].items()) or 'none'}")
    said += [f"  {line}" for target in told.get("billing", ()) for line in _billing(target, told["now"])]
    said.append(f"quarantined  {told['quarantined']}")
    said.append(f"last run     {_run_in_words(told['last_run'], zone)}")
    return [*said, *_nights(told.get("schedule") or {"scheduled": True, "alerts": []})]


def _nights(schedule: Mapping[str, Any]) -> Iterator[str]:
    if not schedule["scheduled"]:
        yield "schedule     no nightly run: autotime schedule install"
    for alert in schedule["alerts"]:
        yield f"alert        {alert['said']}; next: {alert['hint']}"


def _source(source: Mapping[str, Any], now: str, zone: str) -> Iterator[str]:
    """One source: what it gave and when, then whatever a person should know of it."""
    name = f"{source['account']} ({source['source']})"
    if not source["configured"]:
        name += ", no longer in the settings"
    read = f"last read {local_clock(source['last_success'], zone)}" if source["last_success"] else "never read"
    yield f"{name}: {counted(source['items'], 'item')}, {read}"
    yield from _trouble(source, zone)
    for gap in source["gaps"]:
        yield f"not collected: {gap['part']}: {gap['reason']}" + (f" (next: {gap['hint']})" if gap["hint"] else "")
    if source["missing_permissions"]:
        yield f"permissions missing: {', '.join(source['missing_permissions'])}"
    yield from _sign_in(source, now)


def _billing(target: Mapping[str, Any], now: str) -> Iterator[str]:
    """One billing target: whether somebody is signed in, what stands there and what waits, then the next command."""
    yield f"{target['target']}: {', '.join(said(target, datetime.fromisoformat(now)))}"
    if target["trouble"]:
        yield f"  {target['trouble']}"
    if target["hint"]:
        yield f"  next: {target['hint']}"


def _trouble(source: Mapping[str, Any], zone: str) -> Iterator[str]:
    since = (
        f"not collected since {local_clock(source['last_success'], zone)}"
        if source["last_success"]
        else "never collected"
    )
    if source["sign_in_needed"]:
        yield f"sign-in needed: {_connect(source)} ({since})"
    elif source["trouble"]:
        yield f"{since}: {source['trouble']}" + (f" (next: {source['hint']})" if source["hint"] else "")
    elif source["configured"] and not source["last_tried"]:
        yield "not collected yet: autotime run"


def _sign_in(source: Mapping[str, Any], now: str) -> Iterator[str]:
    if not source["sign_in_lapses"] or source["sign_in_needed"]:
        return
    days = (datetime.fromisoformat(source["sign_in_lapses"]) - datetime.fromisoformat(now)).days
    who = f" of {for_screen(source['signed_in_as'])}" if source["signed_in_as"] else ""
    left = f"lapses in {counted(days, 'day')} if it is not used" if days >= 0 else "has lapsed"
    yield f"sign-in{who} {left}" + (f": {_connect(source)}" if days < SOON else "")


def _connect(source: Mapping[str, Any]) -> str:
    return f'autotime connect "{source["account"]}"'


def _run_in_words(run: dict[str, Any] | None, zone: str) -> str:
    if run is None:
        return "none yet"
    began = local_clock(run["started"], zone)
    if run["finished"] is None:
        return f"{began}, which did not finish: the next run goes on from there"
    return f"{began}: {', '.join(_found(run['report']))}"


def _found(report: dict[str, Any]) -> Iterator[str]:
    collected = report.get("collected", [])
    yield f"{sum(source['new'] for source in collected):,} new"
    if changed := sum(source["changed"] for source in collected):
        yield f"{changed:,} changed"
    if quarantined := sum(source["quarantined"] for source in collected):
        yield f"{quarantined:,} quarantined"
    yield f"{counted(report.get('suggestions', 0), 'suggestion')} on {counted(len(report.get('days', [])), 'day')}"
    for source in collected:
        if source["trouble"]:
            yield f"{source['account']} not collected: {source['trouble']}"


def local_clock(instant: str, zone: str) -> str:
    """An instant as a clock and a calendar in the zone show it."""
    return f"{datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)):%d %b %Y %H:%M}"
