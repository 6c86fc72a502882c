"""A machine that does nothing and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from autotime.operations.commands import Done
from autotime.operations.schedule import Machine, Plan

Answer = Callable[[Sequence[str], str], Done]


class Recorder:
    """Stands in for other programs; ``asked`` are the words of each call, ``given`` what each read."""

    def __init__(self, answer: Answer = lambda _words, _given: Done(0)) -> None:
        self.answer = answer
        self.asked: list[list[str]] = []
        self.given: list[str] = []

    def __call__(self, words: Sequence[str], given: str = "", seconds: float = 60, /) -> Done:
        self.asked.append(list(words))
        self.given.append(given)
        return self.answer(words, given)


class Crontab(Recorder):
    """crontab(1) of a user: ``text`` is the crontab, ``None`` where there is none."""

    def __init__(self, text: str | None = None) -> None:
        super().__init__(self._do)
        self.text = text

    def _do(self, words: Sequence[str], given: str) -> Done:
        match list(words):
            case ["crontab", "-l"]:
                return Done(0, self.text) if self.text is not None else Done(1, err="no crontab for ada\n")
            case ["crontab", "-r"]:
                self.text = None
            case ["crontab", "-"]:
                self.text = given
            case _:
                return Done(2, err="usage")
        return Done(0)


def machine(folder: Path, commands: Recorder, system: str = "linux") -> Machine:
    return Machine(
        commands=commands,
        system=system,
        config=folder / ".config",
        agents=folder / "LaunchAgents",
        uid=501,
        sleep=lambda _seconds: None,
    )


def plan(home: Path = Path("/srv/ada/autotime"), **changes: object) -> Plan:
    told: dict[str, object] = {
        "name": "autotime",
        "python": "/opt/autotime/bin/python",
        "home": home,
        "config": Path("/srv/ada/autotime/config.toml"),
        "who": ("--timekeeper", "AOK"),
        "at": "02:17",
        "zone": "America/Chicago",
        "poll": True,
    }
    return Plan(**(told | changes))  # type: ignore[arg-type]
