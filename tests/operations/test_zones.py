"""The zone rules by which instants became days are told."""

from __future__ import annotations

import zoneinfo
from importlib.resources import files
from pathlib import Path

import pytest

from autotime.operations import zones


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system's folder of rules."""
    monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path / "none"), str(tmp_path)))
    (tmp_path / "UTC").write_bytes(b"TZif2")
    return tmp_path


def test_the_rules_of_the_system_go_first(system: Path) -> None:
    (system / "tzdata.zi").write_text("# version 2031c\n# This zic input file is in the public domain.\n", "ascii")
    assert zones.version() == "2031c"


@pytest.mark.parametrize("said", ["", "# version\n", "R A 1916 o - Jun 14 23s 1 S\n"])
def test_rules_that_do_not_say_are_unknown(system: Path, said: str) -> None:
    (system / "tzdata.zi").write_text(said, "ascii")
    assert zones.version() == zones.UNKNOWN


def test_rules_without_that_file_are_unknown(system: Path) -> None:
    assert zones.version() == zones.UNKNOWN


def test_a_system_without_rules_uses_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(zoneinfo, "TZPATH", (str(tmp_path),))
    (line, *_) = (files("tzdata") / "zoneinfo" / "tzdata.zi").read_text("ascii").splitlines()
    assert line == f"# version {zones.version()}"
