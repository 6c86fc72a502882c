"""Saves of one file, from whatever tells of them, as sessions of work.

A file has one timeline: a save that Drive Activity and a version both tell of is one save, so no session
is there twice, and sessions of a file never overlap::

    activity   x   x  x                    x
    versions       x      x
    sessions   [==========)                x        a lone save is an instant
                             ← 20 min →
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from autotime.collectors import edits
from autotime.collectors.edits import PAUSE, Session
from autotime.domain.evidence import Evidence, Quarantined
from autotime.domain.people import Timekeeper

SAME = 30
"""Saves so close to each other are told of twice, or are one."""

GOOGLES_OWN = "application/vnd.google-apps."
NO_FILES = (f"{GOOGLES_OWN}folder", f"{GOOGLES_OWN}shortcut")


@dataclass(frozen=True, slots=True, order=True)
class Save:
    """Something the timekeeper did to a file, UTC seconds; most begin and end at once. A comment is no ``version``."""

    start: int
    end: int
    version: bool = True


@dataclass(slots=True)
class File:
    """A file and when the timekeeper saved it. ``drive`` is the shared drive it lies in; ``touched`` is when
    Google says that the timekeeper changed it last, 0 where it does not."""

    id: str
    name: str = ""
    mime: str = ""
    drive: str = ""
    touched: int = 0
    saves: set[Save] = field(default_factory=set)

    def covered(self) -> bool:
        """Whether the saves that are known lead up to the last one Google tells of."""
        return not self.touched or any(save.start - PAUSE <= self.touched <= save.end + PAUSE for save in self.saves)

    def sessions(self) -> list[Session]:
        runs: list[list[Save]] = []
        ends = 0
        for save in sorted(self.saves):
            if not runs or save.start > ends + PAUSE:
                runs.append([])
            runs[-1].append(save)
            ends = max(ends, save.end)
        return [_session(run) for run in runs]

    def since(self, horizon: int) -> File:
        """What must be remembered: whole sessions that reached beyond the horizon."""
        ends = [one.start for one in self.sessions() if one.end >= horizon]
        kept = {save for save in self.saves if ends and save.start >= ends[0]}
        return File(self.id, self.name, self.mime, self.drive, 0, kept)


def _session(run: list[Save]) -> Session:
    counted, last = 0, run[0].start - SAME - 1
    for save in run:
        if save.version and save.start > last + SAME:
            counted, last = counted + 1, save.start
    return Session(run[0].start, max(save.end for save in run), counted)


def told(files: Iterable[File]) -> dict[str, Any]:
    """As the cursor keeps them: without a name; most saves are an instant, and no more than that number."""
    return {one.id: [_short(save) for save in sorted(one.saves)] for one in files if one.saves}


def remembered(kept: Mapping[str, Any]) -> dict[str, File]:
    return {name: File(name, saves={_long(save) for save in saves}) for name, saves in kept.items()}


def _short(save: Save) -> Any:
    at_once = save.start == save.end and save.version
    return save.start if at_once else [save.start, save.end, save.version]


def _long(kept: Any) -> Save:
    return Save(*kept) if isinstance(kept, list) else Save(kept, kept)


def refused(said: Any, broken: Exception) -> Quarantined:
    """What Google told of a file and nobody can read."""
    digest = hashlib.sha256(repr(said).encode("utf-8", "replace")).hexdigest()
    return Quarantined(f"edit#{digest[:12]}", f"it cannot be read ({type(broken).__name__})", digest)


BROKEN = (KeyError, TypeError, ValueError, AttributeError, OverflowError)
"""What reading such a thing raises."""


def evidence_of(file: File, session: Session, account: str, who: Timekeeper) -> Evidence:
    """A session as a document that was worked on."""
    return edits.evidence_of(
        session,
        account=account,
        source="google",
        file=file.id,
        name=file.name,
        title=_title(file.name, file.mime),
        timekeeper=who,
    )


def _title(name: str, mime: str) -> str:
    """Google's own documents have no ending; «Smith v. Jones» must not lose its second half."""
    return name if mime.startswith(GOOGLES_OWN) else PurePath(name).stem
