"""How long collecting takes, as the whole command a person runs.

``mann_k``: the mailbox beside the checkout, first and second run. ``million``: an invented mbox of
1,000,000 messages (20,000 when quick) made from a seed, and the most memory the command held.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from autotime.office import found_office
from autotime.operations.founding import config_data, config_text

MANN_K = Path("enron") / "mailbox" / "mann-k"
MANY, QUICK = 1_000_000, 20_000
SEED = 20_260_309
FIRST = int(datetime(2016, 1, 4, 14, tzinfo=UTC).timestamp())
TEN_YEARS = 10 * 365 * 86_400
COMMAND = [sys.executable, "-c", "from autotime.cli import main; main()", "collect", "--json"]
SUBJECTS = ("Harrow lease", "Northwind v. Harrow", "Imprint licence", "Board minutes", "Discovery schedule")
WORDS = """
the of and to in for we will please attached draft motion lease order schedule counsel client review comments
agreement signed call tomorrow response deadline exhibit section payment notice regarding confirm revised court
hearing judge settlement terms closing purchase price warranty indemnity opinion letter brief filing service
"""


def measure(quick: bool) -> dict[str, Any]:
    return {"mann_k": _mann_k(), "million": _million(QUICK if quick else MANY)}


def _mann_k() -> dict[str, Any]:
    mailbox = shared_data() / MANN_K
    if not mailbox.is_dir():
        return {"skipped": f"no {MANN_K} under AUTOTIME_SHARED_DATA or ../shared/data"}
    with tempfile.TemporaryDirectory() as folder:
        home = _home(Path(folder), mailbox)
        first, report, _ = _collect(home, "mann-k, first run")
        second, again, _ = _collect(home, "mann-k, second run")
    return {
        "messages": report["new"],
        "first_seconds": first,
        "second_seconds": second,
        "new_in_second_run": again["new"] + again["changed"],
        "target_seconds": [10, 1.5],
    }


def _million(count: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mail.mbox"
        _say(f"writing {count:,} messages")
        write_mbox(path, count)
        home = _home(Path(folder), path)
        used = _cpu()
        first, report, peak = _collect(home, f"{count:,} messages, first run")
        used = _cpu() - used
        second, again, _ = _collect(home, f"{count:,} messages, second run")
        size, kept = path.stat().st_size, sum(file.stat().st_size for file in (home / "stores").iterdir())
    return {
        "messages": report["new"],
        "mbox_mb": size >> 20,
        "store_mb": kept >> 20,
        "first_seconds": first,
        "first_cpu_seconds": round(used, 1),
        "messages_per_second": round(report["new"] / first),
        "peak_resident_mb": peak,
        "second_seconds": second,
        "new_in_second_run": again["new"] + again["changed"],
        "target_seconds": 600,
        "target_resident_mb": 500,
    }


def write_mbox(path: Path, count: int, seed: int = SEED) -> None:
    """Messages of ten years in threads of up to six, a third of them sent; 30 to 200 words each."""
    chance = random.Random(seed)
    with path.open("wb") as file:
        for number in range(count):
            file.write(_message(chance, number, FIRST + number * TEN_YEARS // count))


def _message(chance: random.Random, number: int, at: int) -> bytes:
    matter, turn = number // 6 % 900, number % 6
    party = f"Party{matter} <counsel{matter}@firm{matter % 120}.example>"
    ada = "Ada Okafor <ada@okafor.example>"
    sender, to = (ada, party) if chance.random() < 0.33 else (party, ada)
    answers = f"In-Reply-To: <{number - 1}@mail.example>\nReferences: <{number - turn}@mail.example>\n" if turn else ""
    return (
        f"From - {datetime.fromtimestamp(at, UTC):%a %b %d %H:%M:%S %Y}\n"
        f"Message-ID: <{number}@mail.example>\nDate: {format_datetime(datetime.fromtimestamp(at, UTC))}\n"
        f"From: {sender}\nTo: {to}\n{answers}"
        f"Subject: {'Re: ' if turn else ''}{SUBJECTS[matter % 5]} 2026-{matter:04d}\n"
        f"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{_text(chance, turn)}\n"
    ).encode()


def _text(chance: random.Random, turn: int) -> str:
    words = WORDS.split()
    said = chance.choices(words, k=chance.randint(30, 120))
    lines = [" ".join(said[first : first + 12]) for first in range(0, len(said), 12)]
    if turn:
        cited = chance.choices(words, k=chance.randint(20, 80))
        lines += [
            "",
            "On Monday Ada Okafor wrote:",
            *(f"> {' '.join(cited[i : i + 12])}" for i in range(0, len(cited), 12)),
        ]
    return "\n".join(lines) + "\n"


def _home(folder: Path, mail: Path) -> Path:
    """A home with settings, key and an empty store, whose one source is the mail."""
    home = folder / "home"
    data = config_data(
        timekeeper={"id": "AOK", "last": "Okafor", "emails": ["ada@okafor.example"], "zone": "America/Chicago"},
        increment=6,
        sources={"mbox": [mail]},
        key_file=home / "store.key",
    )
    made, _ = found_office(home / "config.toml", data, config_text(data), "AOK", FIRST, home)
    made.store.close()
    return home


def _collect(home: Path, what: str) -> tuple[float, dict[str, Any], int]:
    """Seconds, the report of the source, and the most memory any measured command held so far (MB)."""
    _say(what)
    began = time.perf_counter()
    ran = subprocess.run(
        COMMAND,
        env=os.environ | {"AUTOTIME_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    seconds = round(time.perf_counter() - began, 2)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    report: dict[str, Any] = json.loads(ran.stdout)[0]
    _say(f"{what}: {seconds} s, {report['new']:,} new")
    return seconds, report, peak >> (20 if sys.platform == "darwin" else 10)


def _cpu() -> float:
    """Seconds of work done by the commands measured so far; less than the clock says where cores are shared."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def shared_data() -> Path:
    chosen = os.environ.get("AUTOTIME_SHARED_DATA")
    return Path(chosen) if chosen else Path(__file__).parents[1] / ".." / "shared" / "data"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    print(json.dumps(measure("--quick" in sys.argv), indent=2))
