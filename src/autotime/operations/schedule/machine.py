"""What a schedule touches of the machine, in one place: other programs, folders, and the clock."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autotime.domain.errors import NeedsPerson
from autotime.operations.commands import Commands, Done, system


@dataclass(frozen=True, slots=True)
class Machine:
    """``config`` is where a user's settings of programs live, ``agents`` where launchd looks."""

    commands: Commands
    system: str
    config: Path
    agents: Path
    uid: int
    sleep: Callable[[float], None]

    def must(self, words: Sequence[str], given: str = "") -> Done:
        """Runs a program that must succeed; ``NeedsPerson`` with its own words otherwise."""
        done = self.commands(words, given)
        if not done.ok:
            said = (done.err or done.out).strip().splitlines()
            raise NeedsPerson(
                f"{' '.join(words[:3])} ended with {done.code}" + (f": {said[-1][:200]}" if said else ""),
                hint="autotime schedule install --using cron, or ask who looks after this machine",
            )
        return done


def this_machine() -> Machine:
    config = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Machine(
        commands=system,
        system=sys.platform,
        config=Path(config),
        agents=Path.home() / "Library" / "LaunchAgents",
        uid=os.getuid() if hasattr(os, "getuid") else 0,
        sleep=time.sleep,
    )


def write(path: Path, text: str, encoding: str = "utf-8") -> None:
    """A file of mode 0600 for a scheduler to read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding=encoding) as file:
        file.write(text)
