"""Stopping gently: the page at hand is stored, then the run ends."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

GRACE = 3.5
"""Seconds a run has to finish what it is storing. What waits for a network after that is left: nothing
of it was stored, and the kernel frees the lock."""

TERMINATED = 143


class Stopped(BaseException):
    """Raised between two pages of a run that was asked to stop. No ``except Exception`` holds it."""


@contextmanager
def asked_to_stop() -> Iterator[threading.Event]:
    """The event is set by SIGTERM or ctrl-c, which then end nothing by themselves."""
    asked = threading.Event()
    signals = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: asked.set()) for number in signals]
    try:
        yield asked
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
