"""The one way to other programs: lists of words, no shell, a time limit; tests put a recorder in its place."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

NOT_FOUND = 127
TOO_LONG = 124


@dataclass(frozen=True, slots=True)
class Done:
    """How a program ended and what it said."""

    code: int
    out: str = ""
    err: str = ""

    @property
    def ok(self) -> bool:
        return self.code == 0


class Commands(Protocol):
    def __call__(self, words: Sequence[str], given: str = "", seconds: float = 60, /) -> Done:
        """Runs a program with ``given`` on its standard input. Codes are those of shells: 127 where there
        is no such program, 124 where it took too long."""


def system(words: Sequence[str], given: str = "", seconds: float = 60, /) -> Done:
    try:
        done = subprocess.run(
            list(words),
            input=given,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=seconds,
            check=False,
        )
    except FileNotFoundError:
        return Done(NOT_FOUND, err=f"there is no {words[0]}")
    except subprocess.TimeoutExpired:
        return Done(TOO_LONG, err=f"{words[0]} took longer than {seconds:.0f} s")
    except OSError as refused:
        return Done(126, err=refused.strerror or "the system refused")
    return Done(done.returncode, done.stdout, done.stderr)
