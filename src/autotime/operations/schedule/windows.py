"""A task of the Windows Task Scheduler, from XML: its command line cannot say «as soon as possible after»."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from autotime.operations.schedule.machine import Machine, write
from autotime.operations.schedule.plan import POLL_MINUTES, Plan

START = (
    "import os, runpy, sys; os.environ['AUTOTIME_HOME'] = sys.argv.pop(1); "
    "runpy.run_module('autotime.cli', run_name='__main__')"
)
"""A task has no environment of its own: the home folder comes as the first argument."""

TASK = """\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo><Description>autotime: {what}</Description></RegistrationInfo>
  <Triggers>{triggers}</Triggers>
  <Principals><Principal id="Author">
    <LogonType>InteractiveToken</LogonType><RunLevel>LeastPrivilege</RunLevel>
  </Principal></Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <Hidden>true</Hidden>
    <ExecutionTimeLimit>PT6H</ExecutionTimeLimit>
    <Priority>7</Priority>
  </Settings>
  <Actions Context="Author"><Exec>
    <Command>{command}</Command>
    <Arguments>{arguments}</Arguments>
  </Exec></Actions>
</Task>
"""

OFTEN = """
    <TimeTrigger><StartBoundary>2026-01-01T00:{first:02}:00</StartBoundary>
      <Repetition><Interval>PT{minutes}M</Interval></Repetition></TimeTrigger>"""
"""For ever, and by the local clock. ``first`` is the minute of the first hour."""


def task(what: str, words: Sequence[str], home: Path, triggers: str) -> str:
    """``words`` begin with the program, ``-I``, ``-m`` and the module; a task starts it without a window."""
    arguments = ["-I", "-c", START, str(home), *words[4:]]
    return TASK.format(
        what=escape(what),
        triggers=triggers,
        command=escape(_without_window(words[0])),
        arguments=escape(subprocess.list2cmdline(arguments)),
    )


def nightly_task(plan: Plan) -> str:
    return task("the nightly run", plan.nightly(), plan.home, OFTEN.format(first=plan.minute, minutes=60))


def poll_task(plan: Plan) -> str:
    return task("the light poll", plan.polling(), plan.home, OFTEN.format(first=0, minutes=POLL_MINUTES))


def _without_window(python: str) -> str:
    return f"{python[:-10]}pythonw.exe" if python.lower().endswith("python.exe") else python


class Windows:
    name = "windows"

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def texts(self, plan: Plan) -> Mapping[str, str]:
        return {plan.name: nightly_task(plan)} | ({f"{plan.name}-poll": poll_task(plan)} if plan.poll else {})

    def install(self, plan: Plan) -> Sequence[str]:
        self.remove(plan)
        for name, text in self.texts(plan).items():
            self._create(plan, name, text)
        return ["it runs while you are logged on; a slot that was missed is made up for as soon as it can be"]

    def remove(self, plan: Plan) -> None:
        for name in (plan.name, f"{plan.name}-poll"):
            self._forget(name)

    def installed(self, plan: Plan) -> bool:
        return self._is_there(plan.name)

    def begin_trial(self, plan: Plan, result: Path) -> None:
        name = f"{plan.name}-check"
        self._create(plan, name, task("can it run from here?", plan.checking(result), plan.home, ""))
        self.machine.must(["schtasks", "/Run", "/TN", name])

    def end_trial(self, plan: Plan) -> None:
        self._forget(f"{plan.name}-check")

    def _create(self, plan: Plan, name: str, text: str) -> None:
        file = plan.home / f"{name}.task.xml"
        write(file, text, "utf-16")
        try:
            self.machine.must(["schtasks", "/Create", "/TN", name, "/XML", str(file), "/F"])
        finally:
            file.unlink()

    def _forget(self, name: str) -> None:
        if self._is_there(name):
            self.machine.must(["schtasks", "/Delete", "/TN", name, "/F"])

    def _is_there(self, name: str) -> bool:
        return self.machine.commands(["schtasks", "/Query", "/TN", name]).ok
