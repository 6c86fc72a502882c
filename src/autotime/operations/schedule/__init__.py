"""The night's run in the hands of the system's own scheduler: systemd, launchd, Windows, or cron."""

from __future__ import annotations

from collections.abc import Callable

from autotime.domain.errors import Misused
from autotime.operations.schedule.cron import Cron
from autotime.operations.schedule.launchd import Launchd
from autotime.operations.schedule.machine import Machine
from autotime.operations.schedule.plan import Plan, Scheduler
from autotime.operations.schedule.systemd import Systemd
from autotime.operations.schedule.windows import Windows

__all__ = ["Cron", "Launchd", "Machine", "Plan", "Scheduler", "Systemd", "Windows", "scheduler"]

KINDS: dict[str, Callable[[Machine], Scheduler]] = {
    "systemd": Systemd,
    "launchd": Launchd,
    "windows": Windows,
    "cron": Cron,
}


def scheduler(machine: Machine, using: str = "") -> Scheduler:
    """The one asked for, or the one of this platform: cron where no systemd manager runs for the user."""
    name = using or _usual(machine)
    if name not in KINDS:
        raise Misused(f"there is no scheduler «{name}»", hint=f"--using with one of: {', '.join(KINDS)}")
    return KINDS[name](machine)


def _usual(machine: Machine) -> str:
    if machine.system == "win32":
        return "windows"
    if machine.system == "darwin":
        return "launchd"
    return "systemd" if Systemd(machine).answers() else "cron"
