"""Lines in the user's crontab. cron makes up for nothing, so it looks every hour whether the night is done."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from autotime.domain.errors import Misused, NeedsPerson
from autotime.operations.schedule.machine import Machine
from autotime.operations.schedule.plan import POLL_MINUTES, Plan

LONGEST = 990
"""Characters of a command that every cron takes; longer ones are cut off by some."""


def line(when: str, words: Sequence[str], home: Path, quiet: str) -> str:
    """``env`` rather than an assignment: a crontab may name any shell. In a crontab ``%`` is a line break."""
    command = " ".join(["/usr/bin/env", *map(shlex.quote, (f"AUTOTIME_HOME={home}", *words)), quiet])
    command = command.replace("%", "\\%")
    if len(command) > LONGEST:
        raise Misused("the paths are too long for a line of cron", hint="a shorter AUTOTIME_HOME or --config")
    return f"{when} {command}"


def block(name: str, lines: Sequence[str]) -> str:
    begin, end = _marks(name)
    return "\n".join([begin, *lines, end]) + "\n"


def nightly_block(plan: Plan) -> str:
    """What is said on standard error is mailed by cron; the rest is in the report."""
    lines = [line(f"{plan.minute} * * * *", plan.nightly(), plan.home, ">/dev/null")]
    if plan.poll:
        lines.append(line(f"*/{POLL_MINUTES} * * * *", plan.polling(), plan.home, ">/dev/null 2>&1"))
    return block(plan.name, lines)


def trial_block(plan: Plan, result: Path) -> str:
    return block(f"{plan.name}-check", [line("* * * * *", plan.checking(result), plan.home, ">/dev/null 2>&1")])


def without(crontab: str, name: str) -> str:
    """A crontab without the block of that name; every other byte is as it was."""
    begin, end = _marks(name)
    kept, inside = [], False
    for one in crontab.splitlines(keepends=True):
        if one.rstrip("\n") == begin:
            inside = True
        if not inside:
            kept.append(one)
        if one.rstrip("\n") == end:
            inside = False
    if inside:
        raise NeedsPerson(
            f"the crontab has a line «{begin[:60]}» and no end of it", kept="it was not touched", hint="crontab -e"
        )
    return "".join(kept)


def _marks(name: str) -> tuple[str, str]:
    return (
        f"# autotime begins: {name} (by `autotime schedule install`; `autotime schedule remove` takes it out)",
        f"# autotime ends: {name}",
    )


class Cron:
    name = "cron"

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def texts(self, plan: Plan) -> Mapping[str, str]:
        return {"crontab": nightly_block(plan)}

    def install(self, plan: Plan) -> Sequence[str]:
        self._put(plan.name, nightly_block(plan))
        return [
            f"cron makes up for nothing: it looks every hour, {plan.minute} minutes past, whether the night is done"
        ]

    def remove(self, plan: Plan) -> None:
        self._put(plan.name, "")

    def installed(self, plan: Plan) -> bool:
        return _marks(plan.name)[0] in self._read().splitlines()

    def begin_trial(self, plan: Plan, result: Path) -> None:
        self._put(f"{plan.name}-check", trial_block(plan, result))

    def end_trial(self, plan: Plan) -> None:
        self._put(f"{plan.name}-check", "")

    def _put(self, name: str, text: str) -> None:
        """Replaces one block. Nothing is written where nothing changes; an empty crontab is removed."""
        before = self._read()
        after = without(before, name) + text
        if after == before:
            return
        self.machine.must(["crontab", "-"] if after else ["crontab", "-r"], after)

    def _read(self) -> str:
        """The crontab as it is; a user without one has an empty one. Anything else must not be taken for that."""
        done = self.machine.commands(["crontab", "-l"])
        if done.ok:
            return done.out
        if "no crontab" in done.err:
            return ""
        raise NeedsPerson(
            f"the crontab cannot be read ({done.code})", kept="it was not touched", hint="crontab -l, to see why"
        )
