"""How things stand, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from autotime.review.words import counted


def lines(told: dict[str, Any], zone: str) -> list[str]:
    """What ``autotime status`` prints for a person; times as clocks in ``zone`` show them."""
    said = [f"timekeeper   {told['timekeeper']}", f"evidence     {told['evidence']:,}"]
    for source in told["sources"]:
        read = _local(source["last_success"], zone)
        said.append(f"  {source['account']} ({source['source']}): {counted(source['items'], 'item')}, last read {read}")
    said.append(f"to review    {counted(told['undecided'], 'suggestion')} on {counted(told['undecided_days'], 'day')}")
    said.append(f"stale days   {told['stale_days']}")
    said.append(f"deliveries   {', '.join(f'{n} {state}' for state, n in told['submissions'].items()) or 'none'}")
    said.append(f"quarantined  {told['quarantined']}")
    return [*said, f"last run     {_run_in_words(told['last_run'], zone)}"]


def _run_in_words(run: dict[str, Any] | None, zone: str) -> str:
    if run is None:
        return "none yet"
    began = _local(run["started"], zone)
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


def _local(instant: str, zone: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)):%d %b %Y %H:%M}"
