"""mapping show, test and export."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from autotime.plugins import BILLERS, SYSTEMS
from tests.cli.firm import CANARY
from tests.cli.run import autotime


def test_show_lists_the_targets_or_the_fields_of_one(home: Path) -> None:
    """A line each, and data for programs."""
    every = autotime(home, "mapping", "show")
    assert [line.split()[0] for line in every.out.splitlines()] == [one["target"] for one in shown(home)]
    one = autotime(home, "mapping", "show", "timesolv")
    assert one.code == 0
    assert "Billable Type  billing; billable → Billable" in one.out
    assert (
        autotime(home, "mapping", "show", "timesolv", "--json").json[0]["fields"][-1]["rule"]["source"] == "narrative"
    )


def shown(home: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = autotime(home, "mapping", "show", "--json").json
    assert {one["target"] for one in found} == {*BILLERS, *SYSTEMS}
    return found


@pytest.mark.parametrize("target", ["csv", "zapier", "timesolv", "clio-csv"])
def test_test_tells_suggestions_where_nothing_is_approved(home: Path, target: str) -> None:
    """On the screen of whose they are; to a target nothing goes."""
    told = autotime(home, "mapping", "test", target)
    assert (told.code, told.out.count("suggested")) == (0, 3)
    assert CANARY.split()[0] in told.out
    assert len(autotime(home, "mapping", "test", target, "--json").json) == 3
    assert not list(home.glob("outgoing/*"))


def test_a_rule_that_cannot_hold_is_told_by_its_setting(home: Path) -> None:
    """With exit code 2, and what to write instead."""
    with (home / "config.toml").open("a", encoding="utf-8") as config:
        config.write('[billing.mapping.zapier.narrative]\nfrom = "narative"\n')
    told = autotime(home, "mapping", "test", "zapier")
    assert told.code == 2
    assert "[billing.mapping.zapier.narrative]: an entry has no field «narative»" in told.err


def test_export_writes_one_document(home: Path, tmp_path: Path) -> None:
    """TOML or Markdown by the file's name, and no other."""
    for name in ("mapping.toml", "mapping.md"):
        assert autotime(home, "mapping", "export", str(tmp_path / name)).code == 0
    versions = tomllib.loads((tmp_path / "mapping.toml").read_text("utf-8"))["versions"]
    assert versions == {one["target"]: one["version"] for one in shown(home)}
    assert "## timesolv" in (tmp_path / "mapping.md").read_text("utf-8")
    assert autotime(home, "mapping", "export", str(tmp_path / "mapping.txt")).code == 2


def test_pushing_to_timesolv_writes_its_import_file(home: Path) -> None:
    """It is a target of files, though it is read as a system."""
    suggestion = next(one for one in json.loads(autotime(home, "suggestions", "--date", "2026-03-03", "--json").out))
    approved = autotime(home, "approve", suggestion["id"], "--revision", suggestion["revision"], "--json")
    assert approved.code == 0, approved.err
    assert "timesolv has no place for: task_code, activity_code" in autotime(home, "push", "timesolv", "--dry-run").err
    pushed = autotime(home, "push", "timesolv", "--json")
    assert pushed.code == 0, pushed.err
    assert pushed.json["lost"] == ["task_code", "activity_code"]
    (file,) = home.glob("outgoing/timesolv-0001-*.csv")
    assert file.read_bytes().startswith(b"Date,Firm User,Project Id,Hours,Rate,Billable Type,Notes\r\n2026-03-03,")
    assert f"remove {file}" in autotime(home, "void", "timesolv-0001", "--yes").err
