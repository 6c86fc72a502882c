"""What collecting over the network costs, against a stand-in for Microsoft 365 on this machine.

``day``: 300 items of one day as the whole nightly command, and a quiet day after it, with the requests
each took. ``first_sync``: a mailbox of 50,000 messages (1,000 when quick), the most memory the command held,
and messages a second of its own computing (what is left once the network has answered). ``firm``: 50 mailboxes (4 when
quick) by the firm's own registration, each into its timekeeper's store, four at a time, one of them broken.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autotime.office import FIRM, found_office, vault
from autotime.settings import load
from autotime.testing.microsoft import Mailbox, Tenant
from benchmarks import AUTOTIME

DAY = 86_400
ITEMS, MESSAGES, MAILBOXES = 300, 50_000, 50


def measure(quick: bool) -> dict[str, Any]:
    return {
        "day": _day(),
        "first_sync": _first_sync(1_000 if quick else MESSAGES),
        "firm": _firm(4 if quick else MAILBOXES),
    }


# -- one day --------------------------------------------------------------------------------------


def _day() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, tenant() as server:
        home = _home(Path(folder), server, ["ada"])
        _fill(server.mailbox("ada@firm.example", "Ada Okafor"))
        first = _run(home, server)
        quiet = _run(home, server)
    return {
        "items": first["stored"],
        "seconds": first["seconds"],
        "requests": first["requests"],
        "quiet_day_seconds": quiet["seconds"],
        "quiet_day_requests": quiet["requests"],
        "targets": {"seconds": 5, "requests": 25, "quiet_day_requests": 8},
    }


def _fill(box: Mailbox) -> None:
    """200 mails received, 60 sent, 20 meetings and 20 documents, all of yesterday."""
    start = int(time.time()) - DAY
    for number in range(200):
        box.receives(at=start + number * 300, subject=f"Harrow lease no. {number}", text="Please see below.\n" * 20)
    for number in range(60):
        box.sends(at=start + 90 + number * 900, subject=f"RE: Harrow lease no. {number}", text="Signed.\n" * 20)
    for number in range(20):
        box.meets(start + number * 3_600, start + number * 3_600 + 1_800, f"Call no. {number}")
        box.edits(f"Motion {number}.docx", start + number * 3_600, start + number * 3_600 + 600)


# -- a whole mailbox ------------------------------------------------------------------------------


def _first_sync(count: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, tenant() as server:
        home = _home(Path(folder), server, ["ada"], since="2020-01-01")
        text = "We will review the draft lease and send our comments tomorrow. " * 12
        server.mailbox("ada@firm.example", "Ada Okafor").receives_many(
            count, int(time.time()) - count * 600, every=600, text=text
        )
        ran = _run(home, server, command="collect")
    return {
        "messages": ran["stored"],
        "seconds": ran["seconds"],
        "server_seconds": ran["server_seconds"],
        "cpu_seconds": ran["cpu_seconds"],
        "messages_per_second_after_the_network": round(ran["stored"] / ran["cpu_seconds"]),
        "requests": ran["requests"],
        "peak_resident_mb": ran["peak_mb"],
        "targets": {"messages_per_second_after_the_network": 1_000, "peak_resident_mb": 300},
    }


# -- a firm ---------------------------------------------------------------------------------------


def _firm(count: int) -> dict[str, Any]:
    people = [f"tk{number:02}" for number in range(count)]
    with tempfile.TemporaryDirectory() as folder, tenant() as server:
        home = _home(Path(folder), server, people)
        start = int(time.time()) - DAY
        for name in people:
            box = server.mailbox(f"{name}@firm.example", name.title())
            for number in range(20):
                box.receives(at=start + number * 600, subject=f"Harrow lease no. {number}")
        server.mailbox(f"{people[1]}@firm.example").unlicensed = True
        ran = _run(home, server, "--everyone", "--at-once", "4")
        stored = [_evidence(home, name) for name in people]
    return {
        "mailboxes": count,
        "seconds": ran["seconds"],
        "requests": ran["requests"],
        "most_requests_at_once": server.most_at_once,
        "whole_mailboxes": sum(one == 20 for one in stored),
        "broken_mailboxes": 1,
        "exit_code": ran["exit_code"],
        "targets": {"most_requests_at_once": 4, "whole_mailboxes": count - 1},
    }


def _evidence(home: Path, timekeeper: str) -> int:
    told = _autotime(home, "status", "--json", "--timekeeper", timekeeper)
    return int(json.loads(told.stdout)["evidence"])


# -- the stand-in and the command -----------------------------------------------------------------


class Counted(Tenant):
    """A tenant that also counts the seconds it takes to answer."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        inner = self.server.answer

        def timed(asked: Any) -> Any:
            started = time.thread_time()
            try:
                return inner(asked)
            finally:
                self.seconds += time.thread_time() - started

        self.server.answer = timed


@contextmanager
def tenant() -> Iterator[Counted]:
    with Counted() as server:
        yield server


def _home(folder: Path, server: Counted, people: list[str], since: str = "") -> Path:
    """A home with one Microsoft source for each, read by the firm's registration."""
    home = folder / "home"
    keepers = [
        {"id": name, "last": name.title(), "emails": [f"{name}@firm.example"], "zone": "America/Chicago"}
        for name in people
    ]
    data: dict[str, Any] = {
        "timekeepers": keepers,
        "store": {"key": "file", "key_file": str(folder / "{timekeeper}.key")},
        "sources": [{"account": "microsoft", "type": "microsoft"}],
        "microsoft": server.settings(),
        **({"collect": {"since": since}} if since else {}),
    }
    for name in people:
        (home / "config.toml").unlink(missing_ok=True)
        office, _ = found_office(home / "config.toml", _plain(data), _toml(data), name, int(time.time()), home)
        office.store.close()
    vault(load(home / "config.toml", home), FIRM, "microsoft").save(server.registration.secret)
    return home


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    import tomllib

    return tomllib.loads(_toml(data))


def _toml(data: Mapping[str, Any]) -> str:
    """Tables of plain values, and arrays of them."""
    lines: list[str] = []
    for name, value in data.items():
        for table in value if isinstance(value, list) else [value]:
            lines.append(f"[[{name}]]" if isinstance(value, list) else f"[{name}]")
            lines += [
                f"{key} = {one}" if key == "since" else f"{key} = {json.dumps(one)}" for key, one in table.items()
            ]
    return "\n".join(lines) + "\n"


def _run(home: Path, server: Counted, *more: str, command: str = "run") -> dict[str, Any]:
    """Requests count the sign-in too."""
    asked, answering = len(server.server.asked), server.seconds
    started, used = time.perf_counter(), _cpu()
    done = _autotime(home, command, "--json", *more)
    took, used = time.perf_counter() - started, _cpu() - used
    if not more and done.returncode:
        raise RuntimeError(done.stderr[-2_000:])
    return {
        "seconds": round(took, 2),
        "cpu_seconds": round(used, 2),
        "server_seconds": round(server.seconds - answering, 2),
        "requests": len(server.server.asked) - asked,
        "stored": sum(one.get("new", 0) for one in _collected(json.loads(done.stdout))),
        "peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        "exit_code": done.returncode,
    }


def _cpu() -> float:
    """Seconds the commands so far have computed, on every core."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _collected(told: Any) -> list[dict[str, Any]]:
    """Of ``collect`` a list of sources, of ``run`` a part of its report, with ``--everyone`` of each person's."""
    if isinstance(told, dict):
        return list(told.get("collected", []))
    return [source for one in told for source in (one.get("collected", []) if "collected" in one else [one])]


def _autotime(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*AUTOTIME, *arguments],
        env={**os.environ, "AUTOTIME_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


if __name__ == "__main__":
    print(json.dumps(measure("--quick" in sys.argv), indent=2))
