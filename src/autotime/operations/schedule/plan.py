"""What is scheduled, and what a scheduler must be able to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autotime.domain.errors import Misused

POLL_MINUTES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``name`` is unique on this machine for a home and a timekeeper; ``who`` are the words that say for
    whom; ``zone`` is the timekeeper's. ``poll``: the light poll of document folders runs too.

    A scheduler calls every hour, at the minute of ``at``, and the run finds whether its night is due: what was
    busy, failed, slept through or left out by a change of clocks is made up for within the hour."""

    name: str
    python: str
    home: Path
    config: Path
    who: tuple[str, ...]
    at: str
    zone: str
    poll: bool

    def __post_init__(self) -> None:
        texts = (self.python, str(self.home), str(self.config), *self.who)
        if any(character < " " or character == "\x7f" for text in texts for character in text):
            raise Misused("a path with a line break or another control character cannot be scheduled", hint="move it")

    @property
    def minute(self) -> int:
        return int(self.at[3:])

    def nightly(self) -> list[str]:
        return self._words("run", "--nightly", "--at", self.at)

    def polling(self) -> list[str]:
        return self._words("poll")

    def checking(self, result: Path) -> list[str]:
        return self._words("schedule", "check", "--result", str(result))

    def _words(self, *words: str) -> list[str]:
        """``-I``: neither the environment nor the folder it starts in may change which code runs."""
        return [self.python, "-I", "-m", "autotime.cli", *words, "--config", str(self.config), *self.who]


class Scheduler(Protocol):
    """One of the system's schedulers. ``texts`` is what ``install`` would write, by place.

    ``begin_trial`` makes the scheduler run the check once, soon, as it would run the night;
    ``end_trial`` takes away all of it. ``remove`` takes away all of an installation and is harmless where
    there is none.
    """

    name: str

    def texts(self, plan: Plan) -> Mapping[str, str]: ...

    def install(self, plan: Plan) -> Sequence[str]:
        """Installs and returns what a person should know, in sentences."""

    def remove(self, plan: Plan) -> None: ...

    def installed(self, plan: Plan) -> bool: ...

    def begin_trial(self, plan: Plan, result: Path) -> None: ...

    def end_trial(self, plan: Plan) -> None: ...
