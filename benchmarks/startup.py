"""How long a person waits for the prompt: whole processes, best of several."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks import AUTOTIME, best, process
from benchmarks._stores import filled


def measure(quick: bool) -> dict[str, float]:
    """Seconds, and the ratio to ``python -c pass``, which says what of it is the machine's."""
    times = 2 if quick else 9
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        filled(home, 200 if quick else 10_000)
        plain = best(process((sys.executable, "-c", "pass")), times)
        told = best(process((*AUTOTIME, "--help")), times)
        status = best(process((*AUTOTIME, "status"), home), times)
    return {
        "python_seconds": round(plain, 3),
        "help_seconds": round(told, 3),
        "help_ratio": round(told / plain, 1),
        "status_seconds": round(status, 3),
        "status_ratio": round(status / plain, 1),
    }
