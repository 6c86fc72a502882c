"""Numbered places at which a test may kill the process, to prove that a rerun repairs everything.

``point("push.file.renamed")`` does nothing unless ``AUTOTIME_FAILPOINT`` is set. Set to a number
*n*, the process kills itself (SIGKILL) at the n-th point it passes. Set to ``trace:FILE``, the name
of each point passed is appended to FILE, one a line, so that a test can count them.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

_plan = os.environ.get("AUTOTIME_FAILPOINT", "")
_passed = 0


def point(name: str) -> None:
    if _plan:
        _pass(name)


def _pass(name: str) -> None:
    global _passed  # noqa: PLW0603 - the count belongs to the process, like the kill
    _passed += 1
    if _plan.startswith("trace:"):
        with Path(_plan.removeprefix("trace:")).open("a") as trace:
            trace.write(f"{name}\n")
    elif _passed == int(_plan):
        os.kill(os.getpid(), signal.SIGKILL)
