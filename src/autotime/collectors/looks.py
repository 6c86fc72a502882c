"""What is remembered of documents from look to look, so that no minute of their counts is given twice.

A look that failed takes nothing away from the one before. A document that was renamed or moved is known by
the second it was created in: what was seen of it under its old name goes on.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from autotime.collectors.properties import Properties

Look = dict[str, Any]
"""What a file looked like: size, mtime, minutes, revision, created, and when it was looked at; since when it
is ``open``, when its count of minutes last ``grew``, and the ``session`` its last save belongs to, with its
``key``. ``born`` is the second of creation of a document that was first seen young, and ``part`` the last number
of its pieces of evidence. ``unread``: the file could not be read as it is, once or for good. A look that never
succeeded has no ``at``."""

GOES_ON = ("session", "grew", "key", "born", "part")
ONCE, FOR_GOOD = 1, 2

PARTS = 64
"""How many pieces of evidence of one young document are ever superseded by a reading from the start."""


@dataclass(frozen=True, slots=True)
class Memory:
    """All looks by path, which of the paths are ``there`` now, and the paths by second of creation."""

    looks: dict[str, Look]
    there: frozenset[str]
    created: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        for path, look in self.looks.items():
            self._index(path, look)

    def put(self, path: str, look: Look) -> None:
        self.looks[path] = look
        self._index(path, look)

    def _index(self, path: str, look: Look) -> None:
        if look.get("created") and "at" in look:
            self.created[look["created"]].add(path)

    def before(self, path: str, said: Properties) -> Look | None:
        """The last look at this document, under this name or one that is gone."""
        own = self.looks.get(path, {})
        gone = self._kin(said, self.created.get(said.created, set()) - self.there - {path})
        return max(([own] if "at" in own else []) + gone, key=lambda look: int(look["at"]), default=None)

    def counted(self, path: str, said: Properties) -> int:
        """The minutes this document brought along from one that it was saved as a copy of; -1 where there is none."""
        kin = self._kin(said, self.created.get(said.created, set()) - {path})
        return max((int(look["minutes"]) for look in kin), default=-1)

    def _kin(self, said: Properties, paths: Iterable[str]) -> list[Look]:
        """Looks at what this document may have been: its counts were no further."""
        looks = (self.looks[path] for path in paths)
        return [look for look in looks if look["minutes"] <= said.minutes and look["revision"] <= said.revision]


def is_news(look: Look | None, state: os.stat_result) -> bool:
    """Size or time differ from the last look, or that look could not read it: only then is the file opened."""
    return look is None or look.get("unread") == ONCE or not _same(look, state)


def unread(before: Look | None, state: os.stat_result, opened: int, for_good: bool = False) -> Look:
    """A look that failed. Once may be in the midst of saving; the same file twice is a bad file."""
    again = before is not None and "unread" in before and _same(before, state)
    failed = {"size": state.st_size, "mtime": state.st_mtime_ns, "unread": FOR_GOOD if again or for_good else ONCE}
    return (before or {}) | failed | ({"open": opened} if opened else {})


def to_be_read_again(look: Look) -> Look:
    return look | {"unread": ONCE} if "unread" in look or "at" not in look else look


def new_key(name: str, look: Look, saved: int) -> str:
    """The name of the next piece of evidence. Those of a document first seen young are numbered: a reading from the
    start gives the first again, and knows the others."""
    if "born" not in look:
        return f"{name}@{saved}"
    look["part"] = look.get("part", -1) + 1
    return _part(name, look, look["part"])


def superseded(name: str, look: Look) -> tuple[str, ...]:
    """What an earlier first look, whose memory is lost, may have led to: the first piece accounts for all of it."""
    return tuple(_part(name, look, number) for number in range(1, min(max(int(look["revision"]), 8), PARTS) + 1))


def _part(name: str, look: Look, number: int) -> str:
    return f"{name}@{look['born']}" + (f".{number}" if number else "")


def _same(look: Look, state: os.stat_result) -> bool:
    return (look["size"], look["mtime"]) == (state.st_size, state.st_mtime_ns)
