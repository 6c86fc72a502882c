"""What goes wrong is said in one sentence, with what to do next, and an exit code that says who must act."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli import firm
from tests.cli.run import Ran, autotime

Trouble = Callable[[Path], Ran]
A_DAY = ("--date", firm.DAY)
ADDED = ("add", *A_DAY, "--minutes", "6", "--narrative", "Call")

MISUSED: dict[str, tuple[str, ...]] = {
    "an account that is not configured": ("collect", "--account", "nowhere"),
    "a suggestion that is not there": ("approve", "s0", "--revision", "r0"),
    "a target that is not there": ("push", "pigeon"),
    "a batch that is not there": ("export", "csv", "--batch", "csv-0099"),
    "a start that is no time": (*ADDED, "--matter", "2026-001", "--start", "25:99"),
    "history without a source": ("history", "import"),
    "books without a file": ("books", "import"),
    "a books file that is not there": ("books", "import", "missing.csv"),
    "a labelled file that is not there": ("evaluate", "missing.jsonl"),
    "a timekeeper who is not configured": ("status", "--timekeeper", "XYZ"),
    "an undo of nothing": ("undo",),
}


@pytest.mark.parametrize("words", MISUSED.values(), ids=MISUSED)
def test_a_misuse_exits_2_and_says_what_to_do(home: Path, words: tuple[str, ...]) -> None:
    """Message and «next:» on standard error; standard output stays empty for programs."""
    done = autotime(home, *words)
    assert done.code == 2, done.err
    assert done.err.startswith("autotime: ")
    assert "\n  next: " in done.err
    assert done.out == ""


TYPED_WRONG: dict[str, tuple[str, ...]] = {
    "a command that is not there": ("colect",),
    "an option that is not there": ("status", "--nope"),
    "a date that is none": ("suggestions", "--date", "30 October"),
    "a missing option": ("approve", "s0"),
    "minutes that are no number": (*ADDED[:3], "--minutes", "ten"),
}


@pytest.mark.parametrize("words", TYPED_WRONG.values(), ids=TYPED_WRONG)
def test_a_slip_of_the_keyboard_exits_2_and_points_to_the_help(home: Path, words: tuple[str, ...]) -> None:
    """The command line itself says where to look."""
    done = autotime(home, *words)
    assert done.code == 2
    assert "Error: " in done.err
    assert "--help" in done.err


def test_a_command_almost_right_is_guessed(home: Path) -> None:
    """«colect» was meant as «collect»."""
    assert "collect" in autotime(home, "colect").err


def not_set_up(home: Path) -> Ran:
    return autotime(home / "elsewhere", "status")


def set_up_twice(home: Path) -> Ran:
    return firm.initialised(home, firm.written(home.parent / "files"))


def without_its_key(home: Path) -> Ran:
    (home / "AOK.key").unlink()
    return autotime(home, "status")


def with_a_wrong_key(home: Path) -> Ran:
    (home / "AOK.key").write_text("ab" * 32 + "\n", encoding="ascii")
    return autotime(home, "status")


def with_a_key_others_may_read(home: Path) -> Ran:
    (home / "AOK.key").chmod(0o644)
    return autotime(home, "status")


def without_its_store(home: Path) -> Ran:
    (home / "stores" / "AOK.db").unlink()
    return autotime(home, "status")


def with_a_changed_revision(home: Path) -> Ran:
    return autotime(home, "approve", firm.suggestions(home)[0]["id"], "--revision", "0" * 20)


def with_a_matter_not_in_the_books(home: Path) -> Ran:
    return autotime(home, *ADDED, "--matter", "2099-999")


def with_a_folder_for_a_file(home: Path) -> Ran:
    (home / "out.csv").mkdir()
    return autotime(home, "export", "csv", "--output", str(home / "out.csv"))


def without_its_mailbox(home: Path) -> Ran:
    config = home / "config.toml"
    config.write_text(config.read_text("utf-8").replace("inbox.mbox", "gone.mbox"), encoding="utf-8")
    return autotime(home, "collect")


@pytest.mark.parametrize(
    "trouble",
    [
        not_set_up,
        set_up_twice,
        without_its_key,
        with_a_wrong_key,
        with_a_key_others_may_read,
        without_its_store,
        with_a_changed_revision,
        with_a_matter_not_in_the_books,
        with_a_folder_for_a_file,
        without_its_mailbox,
    ],
)
def test_what_a_person_must_put_right_exits_1_with_the_next_step(home: Path, trouble: Trouble) -> None:
    """Never a traceback."""
    done = trouble(home)
    assert done.code == 1, done.err
    assert "next: " in done.err
    assert "Traceback" not in done.err


def test_a_misspelt_setting_is_named(home: Path) -> None:
    """With the file to edit; nothing is guessed."""
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write("\n[polcy]\nincrement_minutes = 6\n")
    done = autotime(home, "status")
    assert done.code == 2
    assert "polcy" in done.err
    assert str(home / "config.toml") in done.err


def test_a_source_that_cannot_be_read_is_no_empty_day(home: Path) -> None:
    """The other source is still read, and the run does not look done."""
    config = home / "config.toml"
    config.write_text(config.read_text("utf-8").replace("inbox.mbox", "gone.mbox"), encoding="utf-8")
    done = autotime(home, "run", "--json")
    assert done.code == 1
    trouble = {source["account"]: bool(source["trouble"]) for source in done.json["collected"]}
    assert trouble == {"mbox": True, "ics": False}
    assert "mbox not collected" in autotime(home, "status").out


def test_a_restore_needs_a_persons_word(home: Path) -> None:
    """Without a terminal to ask at, ``--yes`` is one."""
    assert autotime(home, "backup", str(home / "copy.db")).code == 0
    asked = autotime(home, "restore", str(home / "copy.db"))
    assert (asked.code, "--yes" in asked.err) == (2, True)
