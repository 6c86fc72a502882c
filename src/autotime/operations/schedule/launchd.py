"""A launchd agent of the user."""

from __future__ import annotations

import plistlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autotime.operations.schedule.machine import Machine, write
from autotime.operations.schedule.plan import POLL_MINUTES, Plan


def agent(label: str, words: Sequence[str], home: Path, when: Mapping[str, Any]) -> str:
    """launchd makes up for a slot the machine slept through, but not for one at which it was off: an agent
    with ``RunAtLoad`` looks again at every login, and finds whether the night is done."""
    told = {
        "Label": label,
        "ProgramArguments": list(words),
        "EnvironmentVariables": {"AUTOTIME_HOME": str(home)},
        "ProcessType": "Background",
        "StandardErrorPath": str(home / "logs" / "launchd.txt"),
        "Umask": 0o077,
        "ExitTimeOut": 10,
        **when,
    }
    return plistlib.dumps(told).decode("utf-8")


def nightly_agent(plan: Plan) -> str:
    hourly = {"Minute": plan.minute}
    return agent(plan.name, plan.nightly(), plan.home, {"StartCalendarInterval": hourly, "RunAtLoad": True})


def poll_agent(plan: Plan) -> str:
    return agent(f"{plan.name}-poll", plan.polling(), plan.home, {"StartInterval": POLL_MINUTES * 60})


class Launchd:
    name = "launchd"

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.domain = f"gui/{machine.uid}"

    def texts(self, plan: Plan) -> Mapping[str, str]:
        agents = {plan.name: nightly_agent(plan)} | ({f"{plan.name}-poll": poll_agent(plan)} if plan.poll else {})
        return {str(self._path(label)): text for label, text in agents.items()}

    def install(self, plan: Plan) -> Sequence[str]:
        self.remove(plan)
        (plan.home / "logs").mkdir(parents=True, exist_ok=True, mode=0o700)
        for path, text in self.texts(plan).items():
            write(Path(path), text)
            self.machine.must(["launchctl", "bootstrap", self.domain, path])
        return ["it runs while you are logged in; a Mac that is off at that time makes up for it at the next login"]

    def remove(self, plan: Plan) -> None:
        for label in (plan.name, f"{plan.name}-poll"):
            self._forget(label)

    def installed(self, plan: Plan) -> bool:
        return self.machine.commands(["launchctl", "print", f"{self.domain}/{plan.name}"]).ok

    def begin_trial(self, plan: Plan, result: Path) -> None:
        label = f"{plan.name}-check"
        (plan.home / "logs").mkdir(parents=True, exist_ok=True, mode=0o700)
        write(self._path(label), agent(label, plan.checking(result), plan.home, {"RunAtLoad": True}))
        self.machine.must(["launchctl", "bootstrap", self.domain, str(self._path(label))])

    def end_trial(self, plan: Plan) -> None:
        self._forget(f"{plan.name}-check")

    def _forget(self, label: str) -> None:
        """Unloaded and unlinked. One that is not loaded (an earlier attempt broke off) is only unlinked."""
        if self._path(label).exists():
            self.machine.commands(["launchctl", "bootout", f"{self.domain}/{label}"])
            self._path(label).unlink()

    def _path(self, label: str) -> Path:
        return self.machine.agents / f"{label}.plist"
