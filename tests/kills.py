"""Work that is killed at a numbered point (``autotime.failpoints``), as by a power cut."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from autotime import failpoints


def killed_at(plan: str, work: Callable[[], object]) -> bool:
    """Does the work in a child that kills itself at point ``plan``; whether it came to that."""
    child = os.fork()
    if child == 0:
        failpoints._plan, failpoints._passed = plan, 0
        try:
            work()
        except BaseException:  # noqa: BLE001 - a forked child never returns into the test
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return os.WTERMSIG(status) == signal.SIGKILL
    assert os.WEXITSTATUS(status) == 0
    return False
