"""Several timekeepers in one run: each in an office of its own, a few at once.

One that fails harms no other: what went wrong is kept with the timekeeper it befell.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

from autotime.domain.errors import AlreadyRunning, AutotimeError
from autotime.domain.progress import Progress, silent
from autotime.office import Office, open_office
from autotime.operations.lock import one_run
from autotime.operations.stopping import GRACE, Stopped
from autotime.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Generic[T]):
    """What became of one timekeeper: what the work returned, or why it did not: in words, with the name of the
    error (``kind``) for those who must not read the words. ``busy``: another run was at it already. ``stopped``:
    this run was asked to end first."""

    timekeeper: str
    done: T | None = None
    trouble: str = ""
    hint: str = ""
    kind: str = ""
    busy: bool = False
    stopped: bool = False


def for_each(
    settings: Settings,
    timekeepers: Sequence[str],
    now: int,
    work: Callable[[Office, Progress], T],
    *,
    at_once: int = 4,
    progress: Progress = silent,
    stop: threading.Event | None = None,
) -> list[Outcome[T]]:
    """Does ``work`` in the office of each timekeeper, under its lock; outcomes in the order given."""
    asked = stop or threading.Event()
    named = len(timekeepers) > 1
    pool = ThreadPoolExecutor(max(1, at_once), thread_name_prefix="timekeeper")
    futures = [
        pool.submit(_one, settings, who, now, work, _watched(progress, who if named else "", asked), asked)
        for who in timekeepers
    ]
    try:
        _until_done(futures, asked)
    except BaseException:
        asked.set()
        raise
    finally:
        pool.shutdown(wait=all(future.done() for future in futures), cancel_futures=True)
    return [_outcome(future, who) for future, who in zip(futures, timekeepers, strict=True)]


def _one(
    settings: Settings,
    who: str,
    now: int,
    work: Callable[[Office, Progress], T],
    progress: Progress,
    stop: threading.Event,
) -> Outcome[T]:
    if stop.is_set():
        return Outcome(timekeeper=who, stopped=True)
    try:
        office = open_office(settings, who, now)
        with office.store, one_run(office.lock, now):
            return Outcome(timekeeper=who, done=work(office, progress))
    except AlreadyRunning as busy:
        return Outcome(timekeeper=who, trouble=str(busy), hint=busy.hint, busy=True)
    except AutotimeError as trouble:
        return Outcome(timekeeper=who, trouble=str(trouble), hint=trouble.hint, kind=type(trouble).__name__)
    except Stopped:
        return Outcome(timekeeper=who, stopped=True)
    except Exception as defect:  # noqa: BLE001 - one timekeeper's defect stops no other; its message may quote mail
        kind = type(defect).__name__
        return Outcome(timekeeper=who, trouble=f"met a defect ({kind})", hint="autotime doctor", kind=kind)


def _watched(progress: Progress, who: str, stop: threading.Event) -> Progress:
    """Progress that ends the work between two pages once it is to stop."""

    def told(what: str, done: int, of: int) -> None:
        if stop.is_set():
            raise Stopped
        progress(f"{who}: {what}" if who else what, done, of)

    return told


def _until_done(futures: Iterable[Future[Outcome[T]]], stop: threading.Event) -> None:
    """Waits in small steps: where a wait cannot be interrupted (Windows), a signal is seen between two."""
    pending = set(futures)
    while pending and not stop.is_set():
        _, pending = wait(pending, timeout=0.5)
    if pending:
        for future in pending:
            future.cancel()
        wait(pending, timeout=GRACE)


def _outcome(future: Future[Outcome[T]], who: str) -> Outcome[T]:
    if future.done() and not future.cancelled():
        return future.result()
    return Outcome(timekeeper=who, stopped=True)


def still_at_work() -> bool:
    """Whether a thread of a stopped run waits for something that does not come."""
    return any(one.name.startswith("timekeeper") and one.is_alive() for one in threading.enumerate())
