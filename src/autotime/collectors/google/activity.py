"""Drive Activity: what the timekeeper did to which file, and when. Views are not told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from autotime.collectors.google.refusals import entries
from autotime.collectors.google.service import Google
from autotime.collectors.google.sessions import BROKEN, NO_FILES, File, Save, refused
from autotime.domain.evidence import Quarantined
from autotime.domain.spans import Span

WORK = ("EDIT", "CREATE", "COMMENT")
VERSIONS = ("edit", "create")
PAGE = 100
MY_DRIVE = {"ancestorName": "items/root"}

Row = Mapping[str, Any]


def in_drive(drive: str) -> dict[str, str]:
    return {"ancestorName": f"items/{drive}"}


def on_file(file: str) -> dict[str, str]:
    """One file, wherever it lies: what others shared is below no root of the timekeeper's."""
    return {"itemName": f"items/{file}"}


def read(google: Google, below: Mapping[str, str], window: Span) -> Iterator[File | Quarantined]:
    """The timekeeper's own acts, each as its file with one save; a page may be short, or empty before the last."""
    calls = google.service("driveactivity").activity()
    call = calls.query(
        body={**below, "filter": _filter(window), "pageSize": PAGE, "consolidationStrategy": {"none": {}}}
    )
    for answer in google.pages(call, calls.query_next):
        for row in entries(answer.get("activities")):
            try:
                yield from list(_files(row)) if _is_own(row) else ()
            except BROKEN as broken:
                yield refused(row, broken)


def _filter(window: Span) -> str:
    return (
        f'time >= "{utc(window.start)}" AND time < "{utc(window.end)}" AND detail.action_detail_case:({" ".join(WORK)})'
    )


def utc(instant: int) -> str:
    return f"{datetime.fromtimestamp(instant, UTC):%Y-%m-%dT%H:%M:%SZ}"


def instant(text: str) -> int:
    """UTC seconds."""
    return int(datetime.fromisoformat(text).timestamp())


def _is_own(row: Row) -> bool:
    """Done by the person whose sign-in this is; others are names without an address."""
    actors = (actor.get("user", {}).get("knownUser", {}) for actor in row.get("actors", ()))
    return any(known.get("isCurrentUser") for known in actors)


def _files(row: Row) -> Iterator[File]:
    stretch = row.get("timeRange") or {"startTime": row.get("timestamp"), "endTime": row.get("timestamp")}
    if not stretch.get("startTime") or not stretch.get("endTime"):
        return
    version = any(kind in row.get("primaryActionDetail", {}) for kind in VERSIONS)
    save = Save(instant(stretch["startTime"]), instant(stretch["endTime"]), version)
    for target in row.get("targets", ()):
        item = target.get("driveItem") or target.get("fileComment", {}).get("parent") or {}
        if item.get("name") and item.get("mimeType", "") not in NO_FILES:
            name = str(item["name"]).removeprefix("items/")
            yield File(name, str(item.get("title", "")), str(item.get("mimeType", "")), saves={save})
