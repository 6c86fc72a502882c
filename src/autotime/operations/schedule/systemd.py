"""A timer and a service of the user's own systemd manager."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from autotime.operations.schedule.machine import Machine, write
from autotime.operations.schedule.plan import POLL_MINUTES, Plan

SYSTEMCTL = ("systemctl", "--user")
STATES = ("running", "degraded", "starting", "initializing", "maintenance")

SERVICE = """\
# Written by `autotime schedule install`; `autotime schedule remove` takes it away.
[Unit]
Description=autotime: {what}

[Service]
Type=oneshot
ExecStart={command}
Environment={environment}
Nice=10
TimeoutStopSec=10
SuccessExitStatus=143
UMask=0077
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
"""

TIMER = """\
# Written by `autotime schedule install`; `autotime schedule remove` takes it away.
[Unit]
Description=autotime: when {what} is due

[Timer]
{when}

[Install]
WantedBy=timers.target
"""


def service(what: str, words: Sequence[str], home: Path) -> str:
    """What runs. A user's manager cannot hide parts of the disk everywhere; what it can take away is taken."""
    return SERVICE.format(
        what=what, command=" ".join(map(_argument, words)), environment=_quoted(f"AUTOTIME_HOME={home}")
    )


def nightly_timer(plan: Plan) -> str:
    """``Persistent``: what was missed while the machine was off is made up for as soon as it is on again. The zone
    matters to the minute, too: some are half an hour apart."""
    at = f"OnCalendar=*-*-* *:{plan.minute:02}:00 {plan.zone}"
    return TIMER.format(what="the nightly run", when=f"{at}\nPersistent=true\nAccuracySec=1min")


def poll_timer() -> str:
    return TIMER.format(what="the light poll", when=f"OnCalendar=*:0/{POLL_MINUTES}\nAccuracySec=30s")


def _argument(word: str) -> str:
    return _quoted(word).replace("$", "$$")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


class Systemd:
    name = "systemd"

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.folder = machine.config / "systemd" / "user"

    def answers(self) -> bool:
        """Whether a manager runs for this user."""
        return self.machine.commands([*SYSTEMCTL, "is-system-running"]).out.strip() in STATES

    def texts(self, plan: Plan) -> Mapping[str, str]:
        units = {
            f"{plan.name}.service": service("the nightly run", plan.nightly(), plan.home),
            f"{plan.name}.timer": nightly_timer(plan),
        }
        if plan.poll:
            units[f"{plan.name}-poll.service"] = service("the light poll", plan.polling(), plan.home)
            units[f"{plan.name}-poll.timer"] = poll_timer()
        return {str(self.folder / name): text for name, text in units.items()}

    def install(self, plan: Plan) -> Sequence[str]:
        self.remove(plan)
        for path, text in self.texts(plan).items():
            write(Path(path), text)
        self.machine.must([*SYSTEMCTL, "daemon-reload"])
        for timer in self._timers(plan):
            self.machine.must([*SYSTEMCTL, "enable", "--now", timer])
        if self.machine.commands(["loginctl", "show-user", str(self.machine.uid), "-p", "Linger"]).out.strip() == (
            "Linger=yes"
        ):
            return []
        return ["it runs while you are logged in; for nights when nobody is: loginctl enable-linger"]

    def _timers(self, plan: Plan) -> list[str]:
        return [f"{plan.name}.timer", *([f"{plan.name}-poll.timer"] if plan.poll else [])]

    def remove(self, plan: Plan) -> None:
        """The manager's own record of when a timer ran last goes too."""
        units = [self.folder / f"{plan.name}{part}" for part in (".timer", "-poll.timer", ".service", "-poll.service")]
        there = [unit for unit in units if unit.exists()]
        for unit in there:
            if unit.suffix == ".timer":
                self.machine.must([*SYSTEMCTL, "disable", "--now", unit.name])
                self.machine.commands([*SYSTEMCTL, "clean", "--what=state", unit.name])
        for unit in there:
            unit.unlink()
        if there:
            self.machine.must([*SYSTEMCTL, "daemon-reload"])

    def installed(self, plan: Plan) -> bool:
        return self.machine.commands([*SYSTEMCTL, "is-enabled", f"{plan.name}.timer"]).ok

    def begin_trial(self, plan: Plan, result: Path) -> None:
        """Starting a service of this type waits for its end; how that was is in the result."""
        write(self._trial(plan), service("can it run from here?", plan.checking(result), plan.home))
        self.machine.must([*SYSTEMCTL, "daemon-reload"])
        self.machine.commands([*SYSTEMCTL, "start", self._trial(plan).name], "", 120)

    def end_trial(self, plan: Plan) -> None:
        if self._trial(plan).exists():
            self._trial(plan).unlink()
            self.machine.commands([*SYSTEMCTL, "reset-failed", self._trial(plan).name])
            self.machine.commands([*SYSTEMCTL, "daemon-reload"])

    def _trial(self, plan: Plan) -> Path:
        return self.folder / f"{plan.name}-check.service"
