"""How long a person waits for the review desk: the whole process in a terminal, to what can be seen."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks import AUTOTIME
from benchmarks._stores import LAST, MATTERS, filled

COLUMNS, LINES = 160, 50
PATIENCE = 60.0
SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[PX^_\]].*?(?:\x1b\\|\x07)|[ -/]*[0-~])", re.DOTALL)


def measure(quick: bool) -> dict[str, float | int]:
    """Best of several starts, once the store's pages are in the system's cache."""
    pieces, times = (2_000, 2) if quick else (100_000, 7)
    with tempfile.TemporaryDirectory() as folder:
        filled(Path(folder), pieces)
        starts = [_start(Path(folder)) for _ in range(times)]
    return {
        "evidence": pieces,
        "first_frame_seconds": round(min(first for first, _ in starts), 3),
        "rows_seconds": round(min(rows for _, rows in starts), 3),
    }


def _start(home: Path) -> tuple[float, float]:
    """Seconds from starting the process to its first frame, and to the frame with the day's rows."""
    terminal, screen = _terminal()
    shown = {"AUTOTIME_HOME": str(home), "TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "LINES": str(LINES)}
    started = time.perf_counter()
    desk = subprocess.Popen(
        [*AUTOTIME, "review", "--date", LAST.isoformat()],
        env={**os.environ, **shown},
        stdin=screen,
        stdout=screen,
        stderr=screen,
        start_new_session=True,
    )
    try:
        first, seen = _until(terminal, started, "autotime", "")
        rows, _ = _until(terminal, started, MATTERS[0].number[:5], seen)
    finally:
        desk.kill()
        desk.wait()
        os.close(screen)
        os.close(terminal)
    return first, rows


def _terminal() -> tuple[int, int]:
    """A terminal of a usual size: our end of it, and the end a program writes to."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    return ours, theirs


def _until(terminal: int, started: float, wanted: str, seen: str) -> tuple[float, str]:
    """Reads on until ``wanted`` has been drawn: seconds since the start, and all that was drawn."""
    while wanted not in SEQUENCE.sub("", seen):
        if time.perf_counter() - started > PATIENCE:
            raise TimeoutError(f"the desk did not show «{wanted}» within {PATIENCE:.0f} s")
        seen += os.read(terminal, 65_536).decode("utf-8", "replace")
    return time.perf_counter() - started, seen
