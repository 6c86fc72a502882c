"""ActivityWatch under the contract: exports, and a server that answers as the real one does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from autotime.collectors.activitywatch import ActivityWatchCollector
from autotime.domain.doors import Collector
from autotime.testing import CollectorContract
from autotime.testing.collectors import FIRST, instant
from autotime.testing.remote import RemoteContract
from autotime.testing.server import Asked, Loopback, Reply

from .sources import put

WINDOW, AWAY = "aw-watcher-window_pc", "aw-watcher-afk_pc"
BAD = {"timestamp": "soon", "duration": 60, "data": {"app": "WINWORD.EXE", "title": "Bad.docx - Word"}}


def stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()


def event(at: float, seconds: float, **data: Any) -> dict[str, Any]:
    return {"timestamp": stamp(at), "duration": seconds, "data": data}


def at_work(number: int) -> dict[str, Any]:
    return event(instant(number), 600.0, app="WINWORD.EXE", title=f"Motion {number}.docx - Word")


def bucket(name: str, kind: str, events: Sequence[Any]) -> dict[str, Any]:
    return {
        "id": name,
        "created": stamp(FIRST - 86_400),
        "name": None,
        "type": kind,
        "client": name.partition("_")[0],
        "hostname": "pc",
        "data": {},
        "events": list(events),
    }


def buckets(windows: Sequence[Any]) -> dict[str, Any]:
    """Newest first, as the program has them; somebody was there all day whenever there was a window."""
    there = [event(FIRST - 3600, 86_400.0, status="not-afk")] if windows else []
    return {WINDOW: bucket(WINDOW, "currentwindow", windows), AWAY: bucket(AWAY, "afkstatus", there)}


class TestExports(CollectorContract):
    def collector(self, folder: Path) -> Collector:
        return ActivityWatchCollector("screen", paths=[folder / "export.json"], page=2)

    def write(self, folder: Path, numbers: Sequence[int]) -> None:
        put(folder / "export.json", json.dumps({"buckets": buckets([at_work(number) for number in numbers])}))

    def spoil(self, folder: Path) -> None:
        told = json.loads((folder / "export.json").read_text())
        told["buckets"][WINDOW]["events"].append(BAD)
        put(folder / "export.json", json.dumps(told))

    def clear(self, folder: Path) -> None:
        self.write(folder, [])


@dataclass
class Watch:
    """ActivityWatch's REST interface over events: clips them at the edges of a question, as its usual storage does."""

    windows: list[Any] = field(default_factory=list)
    present: list[Any] | None = None

    def __post_init__(self) -> None:
        self.server = Loopback(self.answer)

    def __enter__(self) -> Watch:
        self.server.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.server.__exit__(*error)

    def answer(self, asked: Asked) -> Reply:
        held = buckets(self.windows)
        if self.present is not None:
            held[AWAY]["events"] = self.present
        steps = asked.path.strip("/").split("/")
        if steps == ["api", "0", "buckets"]:
            return Reply(
                {name: {key: value for key, value in one.items() if key != "events"} for name, one in held.items()}
            )
        if len(steps) == 5 and steps[3] in held and steps[4] == "events":
            return Reply(self.events(held[steps[3]]["events"], asked.query))
        return Reply({"message": f"There's no bucket named {steps[-2:]}"}, 404)

    def events(self, events: Sequence[Any], query: Mapping[str, str]) -> list[Any]:
        first, last = (query.get(name) for name in ("start", "end"))
        found = [clipped(one, first, last) for one in events]
        kept = [one for one in found if one is not None]
        kept.sort(key=lambda one: one["timestamp"], reverse=True)
        return kept[: int(query["limit"])] if "limit" in query else kept


def clipped(told: dict[str, Any], first: str | None, last: str | None) -> dict[str, Any] | None:
    with suppress(ValueError):
        start = datetime.fromisoformat(told["timestamp"]).timestamp()
        end = start + told["duration"]
        begins = max(start, datetime.fromisoformat(first).timestamp() if first else start)
        ends = min(end, datetime.fromisoformat(last).timestamp() if last else end)
        return {**told, "timestamp": stamp(begins), "duration": ends - begins} if ends >= begins else None
    return told


class TestServer(RemoteContract):
    places = 2
    shapeless: Mapping[str, bytes] = {"null": b"null", "a text": b'"value"', "not a number": b'{"value": NaN}'}
    without: Mapping[str, str] = {
        "empty_page": "answers have no pages",
        "repeat_page": "answers have no pages",
        "loop_page": "answers have no pages",
        "lead_away": "answers have no links",
        "forget_cursors": "the server gives no cursors",
        "token": "nobody signs in",
    }

    def serve(self, folder: Path) -> Watch:
        return Watch()

    def collector(self, folder: Path) -> Collector:
        return ActivityWatchCollector("screen", self.at(folder).server.url, page=2, sleep=self.sleep)

    def write(self, folder: Path, numbers: Sequence[int]) -> None:
        self.at(folder).windows = [at_work(number) for number in numbers]

    def spoil(self, folder: Path) -> None:
        self.at(folder).windows.append(BAD)

    def clear(self, folder: Path) -> None:
        self.write(folder, [])

    def held(self, folder: Path) -> object:
        return list(self.at(folder).windows)

    def withdraw(self, folder: Path, number: int) -> None:
        pytest.skip("what was on the screen was on the screen")
