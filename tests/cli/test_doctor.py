"""What the doctor finds, and the command to run for each."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from autotime import examination
from autotime.examination import Finding, examine
from tests.cli import firm
from tests.cli.run import autotime, whole

NOW = 1_774_440_000


def bad(home: Path) -> dict[str, Finding]:
    """What is not well, by what was looked at."""
    return {one.what: one for one in examine(home / "config.toml", "", NOW) if not one.ok}


@pytest.fixture(autouse=True)
def at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOTIME_HOME", str(home))


def test_a_healthy_office_has_nothing_bad(home: Path) -> None:
    """Exit code 0."""
    assert bad(home) == {}
    assert autotime(home, "doctor").code == 0


def lose_a_source(home: Path) -> None:
    config = home / "config.toml"
    config.write_text(config.read_text("utf-8").replace("inbox.mbox", "gone.mbox"), encoding="utf-8")


def lose_all_sources(home: Path) -> None:
    config = home / "config.toml"
    config.write_text(config.read_text("utf-8").split("[[sources]]")[0], encoding="utf-8")


def lose_the_key(home: Path) -> None:
    (home / "AOK.key").unlink()


def misspell_a_setting(home: Path) -> None:
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write("\n[colect]\n")


@pytest.mark.parametrize(
    ("harm", "what"),
    [
        (lose_a_source, "source mbox"),
        (lose_all_sources, "sources"),
        (lose_the_key, "store"),
        (misspell_a_setting, "settings"),
    ],
)
def test_what_is_wrong_is_found_with_its_next_step(home: Path, harm: Callable[[Path], None], what: str) -> None:
    """And only that; exit code 1."""
    harm(home)
    found = bad(home)
    assert found.keys() == {what}
    assert found[what].hint
    done = autotime(home, "doctor")
    assert done.code == 1
    assert f"BAD  {what}: " in done.out
    assert "next: " in done.out


def test_a_store_without_books_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be matched without a matter."""
    monkeypatch.setenv("AUTOTIME_HOME", str(tmp_path / "new"))
    firm.initialised(tmp_path / "new", firm.written(tmp_path / "files"))
    assert bad(tmp_path / "new")["books"].hint == "autotime books import FILE.csv"


def test_a_synchronised_folder_is_no_place_for_a_store(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locks do not hold there."""
    synced = tmp_path / "Dropbox" / "autotime"
    shutil.copytree(home, synced)
    monkeypatch.setenv("AUTOTIME_HOME", str(synced))
    assert "AUTOTIME_HOME" in bad(synced)["folder"].hint


def test_a_network_disk_is_no_place_for_a_store(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the kind of file system it lies on."""
    monkeypatch.setattr(examination, "_filesystem", lambda _: "nfs4")
    assert "network disk" in bad(home)["folder"].said


def test_a_clock_that_is_years_behind_is_found(home: Path) -> None:
    """Entries would be dated by it."""
    assert "clock" in {one.what for one in examine(home / "config.toml", "", 0) if not one.ok}


def test_without_settings_only_the_settings_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that makes them."""
    monkeypatch.setenv("AUTOTIME_HOME", str(tmp_path / "none"))
    [found] = examine(None, "", NOW)
    assert (found.ok, found.hint) == (False, "autotime init")


def test_without_a_keyring_set_up_says_how_to_choose_a_key_file(tmp_path: Path) -> None:
    """And makes nothing."""
    who = ("init", "--timekeeper", "AOK", "--last", "Okafor", "--zone", "UTC")
    done = whole(tmp_path / "new", *who, PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring")
    assert done.returncode == 1
    assert "--key-file" in done.stderr
    assert not (tmp_path / "new").exists()


def test_a_zone_that_is_none_is_refused_at_set_up(tmp_path: Path) -> None:
    """By name, with an example, before anything is made."""
    who = ("init", "--timekeeper", "AOK", "--last", "Okafor", "--zone", "Chicago", "--key-file", str(tmp_path / "key"))
    done = autotime(tmp_path / "new", *who)
    assert done.code == 2
    assert "America/New_York" in done.err
    assert not (tmp_path / "new").exists()
