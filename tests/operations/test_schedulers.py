"""Each scheduler's texts, and that all it writes goes away again."""

from __future__ import annotations

import plistlib
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from defusedxml import ElementTree
from syrupy.assertion import SnapshotAssertion

from autotime.domain.errors import Misused, NeedsPerson
from autotime.operations.commands import Done
from autotime.operations.schedule import Cron, Launchd, Systemd, Windows, scheduler
from autotime.operations.schedule import cron as crontabs

from .machines import Crontab, Recorder, machine, plan

AWKWARD = Path('/srv/ada/50% "done" $HOME/it\'s')
OTHERS = "MAILTO=ada@firm.example\n# mine\n0 7 * * 1\techo good morning\n\n"


# -- texts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Systemd, Launchd, Windows, Cron])
def test_what_each_scheduler_is_given(kind: type, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    """By place; a person can read it."""
    texts = kind(machine(tmp_path, Recorder())).texts(plan())
    assert "\n".join(f"== {Path(place).name}\n{text}" for place, text in texts.items()) == snapshot


@pytest.mark.parametrize(
    ("kind", "hourly"),
    [
        (Systemd, "OnCalendar=*-*-* *:40:00 America/Chicago\n"),
        (Launchd, "<dict>\n\t\t<key>Minute</key>\n\t\t<integer>40</integer>\n\t</dict>"),
        (Windows, "T00:40:00</StartBoundary>\n      <Repetition><Interval>PT60M</Interval>"),
        (Cron, "\n40 * * * * "),
    ],
)
def test_every_scheduler_calls_every_hour(kind: type, hourly: str, tmp_path: Path) -> None:
    """So that a night that was busy, failed or slept through is made up for; the run knows its earliest time."""
    text = "".join(kind(machine(tmp_path, Recorder())).texts(plan(at="03:40", poll=False)).values())
    assert (text.count(hourly), "--at" in text and "03:40" in text) == (1, True)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze on this machine")
def test_systemd_reads_the_hour_as_every_hour(tmp_path: Path) -> None:
    """Its own reader, three calls from midnight on."""
    timer = Systemd(machine(tmp_path, Recorder())).texts(plan(zone="UTC"))
    when = next(line for text in timer.values() for line in text.splitlines() if line.startswith("OnCalendar=*-*-*"))
    words = ["systemd-analyze", "calendar", "--iterations=3", "--base-time=2026-03-04 00:00:00 UTC"]
    done = subprocess.run([*words, when.partition("=")[2]], capture_output=True, text=True, check=False)
    assert [f"0{hour}:17:00 UTC" in done.stdout for hour in range(3)] == [True] * 3, done.stderr


@pytest.mark.parametrize("kind", [Systemd, Launchd, Windows, Cron])
def test_without_document_folders_there_is_no_poll(kind: type, tmp_path: Path) -> None:
    """Nothing to look at every five minutes."""
    assert "poll" not in str(kind(machine(tmp_path, Recorder())).texts(plan(poll=False)))


def test_a_crontab_line_says_the_same_to_a_shell_as_was_meant() -> None:
    """Spaces, quotes, dollars, and the percent sign, which cron takes for a line break."""
    words = plan(home=AWKWARD, config=AWKWARD / "config.toml").nightly()
    line = crontabs.line("17 * * * *", words, AWKWARD, "")
    command = line.removeprefix("17 * * * * ").replace("\\%", "%")
    assert "%" not in line.replace("\\%", "")
    assert shlex.split(command) == ["/usr/bin/env", f"AUTOTIME_HOME={AWKWARD}", *words]


def test_a_unit_of_systemd_means_what_it_says(tmp_path: Path) -> None:
    """Percent signs are specifiers there, dollars in a command are variables, and quotes end a word."""
    made = plan(home=AWKWARD, config=AWKWARD / "config.toml")
    unit = next(text for name, text in Systemd(machine(tmp_path, Recorder())).texts(made).items() if "service" in name)
    assert """Environment="AUTOTIME_HOME=/srv/ada/50%% \\"done\\" $HOME/it's\"""" in unit
    assert """"--config" "/srv/ada/50%% \\"done\\" $$HOME/it's/config.toml\"""" in unit


def test_a_line_that_cron_would_cut_off_is_refused() -> None:
    """Rather than run half a command every hour."""
    with pytest.raises(Misused, match="too long"):
        crontabs.nightly_block(plan(config=Path("/" + "x" * 990)))


def test_a_task_of_windows_starts_what_was_meant_in_the_right_home(tmp_path: Path) -> None:
    """Without a window, with the home as an argument, since a task has no environment."""
    home = Path("/Volumes/Ada Okafor/autotime")
    made = plan(home=home, python=r"C:\Program Files\autotime\python.exe")
    task = Windows(machine(tmp_path, Recorder())).texts(made)["autotime"]
    root = ElementTree.fromstring(task.split("\n", 1)[1])
    space = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    command, arguments = (root.findtext(f".//{space}{name}") for name in ("Command", "Arguments"))
    assert command == r"C:\Program Files\autotime\pythonw.exe"
    assert arguments is not None
    assert '"/Volumes/Ada Okafor/autotime" run --nightly --at 02:17' in arguments
    assert [found.text for found in root.iter(f"{space}StartWhenAvailable")] == ["true"]


def test_the_start_of_a_windows_task_runs_the_command_line(tmp_path: Path) -> None:
    """The same words in a real process."""
    import sys

    from autotime.operations.schedule.windows import START

    done = subprocess.run(
        [sys.executable, "-I", "-c", START, str(tmp_path), "status"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, f"there is no {tmp_path}" in done.stderr) == (1, True)


def test_an_agent_of_launchd_is_a_property_list(tmp_path: Path) -> None:
    """Whatever stands in the paths."""
    texts = Launchd(machine(tmp_path, Recorder(), "darwin")).texts(plan(home=AWKWARD))
    told = plistlib.loads(next(iter(texts.values())).encode())
    assert told["EnvironmentVariables"] == {"AUTOTIME_HOME": str(AWKWARD)}
    assert told["StartCalendarInterval"] == {"Minute": 17}


def test_a_path_with_a_line_break_is_scheduled_nowhere() -> None:
    """It would be a line of its own in a unit or a crontab."""
    with pytest.raises(Misused, match="control character"):
        plan(home=Path("/srv/ada\n* * * * * rm"))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze on this machine")
def test_systemd_finds_nothing_wrong_with_its_units(tmp_path: Path) -> None:
    """Its own checker, which needs no manager at work."""
    units = Systemd(machine(tmp_path, Recorder()))
    made = plan(python=shutil.which("env") or "/usr/bin/env", home=AWKWARD)
    for path, text in units.texts(made).items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, encoding="utf-8")
    files = sorted(str(path) for path in units.folder.iterdir())
    done = subprocess.run(["systemd-analyze", "verify", "--user", *files], capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "autotime" in line] == []


# -- which one ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "state", "name"),
    [
        ("linux", "running\n", "systemd"),
        ("linux", "degraded\n", "systemd"),
        ("linux", "offline\n", "cron"),
        ("linux", "", "cron"),
        ("darwin", "", "launchd"),
        ("win32", "", "windows"),
        ("freebsd14", "", "cron"),
    ],
)
def test_the_platform_chooses(system: str, state: str, name: str, tmp_path: Path) -> None:
    """systemd only where a manager of the user answers."""
    here = machine(tmp_path, Recorder(lambda _words, _given: Done(0 if state == "running\n" else 1, state)), system)
    assert scheduler(here).name == name
    assert scheduler(here, "cron").name == "cron"


def test_a_scheduler_nobody_knows_is_refused(tmp_path: Path) -> None:
    """With those there are."""
    with pytest.raises(Misused, match="fcron") as refused:
        scheduler(machine(tmp_path, Recorder()), "fcron")
    assert "launchd" in refused.value.hint


# -- in and out again -----------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [None, OTHERS, OTHERS.rstrip("\n") + "\n"])
def test_a_crontab_is_as_it_was_byte_for_byte_once_the_lines_are_out(before: str | None, tmp_path: Path) -> None:
    """Installed twice, tried once, removed twice."""
    crontab = Crontab(before)
    cron = Cron(machine(tmp_path, crontab))
    cron.install(plan())
    cron.begin_trial(plan(), tmp_path / "result")
    assert cron.installed(plan())
    cron.install(plan(at="03:40"))
    assert crontab.text is not None
    assert crontab.text.count("--nightly") == 1
    cron.end_trial(plan())
    cron.remove(plan())
    cron.remove(plan())
    assert (crontab.text, cron.installed(plan())) == (before, False)


def test_two_homes_do_not_take_each_others_lines(tmp_path: Path) -> None:
    """Each has a name of its own, even where one begins like the other."""
    crontab = Crontab()
    cron = Cron(machine(tmp_path, crontab))
    cron.install(plan())
    alone = crontab.text
    cron.install(plan(name="autotime-BEN"))
    cron.remove(plan(name="autotime-BEN"))
    assert crontab.text == alone


def test_a_crontab_that_cannot_be_read_is_not_replaced(tmp_path: Path) -> None:
    """Not allowed is not the same as empty."""
    refusing = Recorder(lambda _words, _given: Done(1, err="you (ada) are not allowed to use this program\n"))
    with pytest.raises(NeedsPerson, match="cannot be read"):
        Cron(machine(tmp_path, refusing)).install(plan())
    assert refusing.asked == [["crontab", "-l"]]


def test_a_block_whose_end_somebody_took_out_is_not_guessed(tmp_path: Path) -> None:
    """All that follows would go with it."""
    crontab = Crontab()
    cron = Cron(machine(tmp_path, crontab))
    cron.install(plan())
    assert crontab.text is not None
    torn = crontab.text.rsplit("\n", 2)[0] + "\n" + OTHERS
    crontab.text = torn
    with pytest.raises(NeedsPerson, match="no end"):
        cron.remove(plan())
    assert crontab.text == torn


def test_systemd_is_told_in_order_and_nothing_is_left(tmp_path: Path) -> None:
    """Units, reload, enable; then disable, clean, unlink, reload."""
    asked = Recorder()
    units = Systemd(machine(tmp_path, asked))
    notes = units.install(plan())
    assert [words[2:] for words in asked.asked if words[0] == "systemctl"] == [
        ["daemon-reload"],
        ["enable", "--now", "autotime.timer"],
        ["enable", "--now", "autotime-poll.timer"],
    ]
    assert "enable-linger" in notes[0]
    assert {path.stat().st_mode & 0o777 for path in units.folder.iterdir()} == {0o600}
    units.remove(plan())
    assert list(units.folder.iterdir()) == []
    assert ["systemctl", "--user", "disable", "--now", "autotime-poll.timer"] in asked.asked
    assert asked.asked[-1] == ["systemctl", "--user", "daemon-reload"]


def test_launchd_loads_each_agent_and_forgets_it(tmp_path: Path) -> None:
    """Each by its file, and out by its label."""
    asked = Recorder()
    agents = Launchd(machine(tmp_path, asked, "darwin"))
    made = plan(home=tmp_path / "home")
    agents.install(made)
    assert asked.asked == [
        ["launchctl", "bootstrap", "gui/501", str(tmp_path / "LaunchAgents" / f"{label}.plist")]
        for label in ("autotime", "autotime-poll")
    ]
    agents.remove(made)
    assert list((tmp_path / "LaunchAgents").iterdir()) == []
    assert asked.asked[-1] == ["launchctl", "bootout", "gui/501/autotime-poll"]


def test_windows_reads_its_task_from_a_file_that_goes_away(tmp_path: Path) -> None:
    """In the encoding its XML names."""
    read: list[bytes] = []

    def schtasks(words: Sequence[str], _given: str) -> Done:
        if "/XML" in words:
            read.append(Path(words[words.index("/XML") + 1]).read_bytes())
        return Done(0)

    tasks = Windows(machine(tmp_path, Recorder(schtasks), "win32"))
    tasks.install(plan(home=tmp_path))
    assert [text[:2] for text in read] == [b"\xff\xfe", b"\xff\xfe"]
    assert list(tmp_path.iterdir()) == []
    tasks.remove(plan(home=tmp_path))
