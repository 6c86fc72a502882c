"""Every number the documentation quotes, as JSON: ``python -m benchmarks [--quick] [NAMES]``.

A benchmark is a module of this folder with ``measure(quick: bool) -> dict``. It makes its own data in
a temporary folder and returns plain numbers: seconds, megabytes, counts, shares. ``quick`` does a
small part of the work, to see that the benchmark runs; its numbers mean nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

AUTOTIME = (sys.executable, "-m", "autotime.cli")
"""The command line, as a whole process of the interpreter that runs the benchmark."""


def seconds(work: Callable[[], object]) -> float:
    """Wall time of one call."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def best(work: Callable[[], object], times: int) -> float:
    """The fastest of several calls: what the machine can do when nothing else disturbs it."""
    return min(seconds(work) for _ in range(times))


def process(command: Sequence[str], home: Path | None = None) -> Callable[[], object]:
    """A whole process to be timed; what it prints is thrown away, and failing is an error."""
    extra: Mapping[str, str] = {} if home is None else {"AUTOTIME_HOME": str(home)}

    def run() -> object:
        return subprocess.run(command, env={**os.environ, **extra}, check=True, capture_output=True)

    return run
