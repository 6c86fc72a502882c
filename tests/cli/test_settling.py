"""push, resolve and void for a billing system, as a person types them."""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

import pytest

from autotime import plugins
from autotime.billing.payload import canonical, sha256
from autotime.domain.delivery import DeliveryState
from autotime.office import open_office
from autotime.settings import load
from tests.billing.firm import NOW
from tests.billing.memory import Clock, MemoryBiller
from tests.cli import firm
from tests.cli.run import Ran, autotime

SUBJECT = "2026-001"
FACE = sorted(
    ["amount", "billed_minutes", "client", "currency", "date", "entry_id", "matter", "reason", "receipt", "state"]
)


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office with one approved entry, to be pushed from a copy."""
    home, files = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("files")
    firm.worked(home, files)
    one = firm.the_one(home, SUBJECT)
    done = autotime(home, "approve", one["id"], "--revision", one["revision"])
    assert done.code == 0, done.err
    return home


@pytest.fixture
def home(approved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(approved, tmp_path / "home"))


@pytest.fixture
def biller(monkeypatch: pytest.MonkeyPatch) -> MemoryBiller:
    made = MemoryBiller(Clock())
    room = ModuleType("tests_memory")
    room.Memory = lambda connection, keys, mapping: made  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tests_memory", room)
    monkeypatch.setattr(plugins, "SYSTEMS", {**plugins.SYSTEMS, "memory": "tests_memory:Memory"})
    return made


def at_a_terminal(home: Path, *words: str, typed: str) -> Ran:
    with (
        patch("autotime.cli.delivering.at_a_terminal", return_value=True),
        patch("autotime.cli.resolving.at_a_terminal", return_value=True),
    ):
        return autotime(home, *words, typed=typed)


def test_a_push_prints_its_outcomes_and_its_face_is_that_of_a_file(home: Path, biller: MemoryBiller) -> None:
    face = autotime(home, "push", "memory", "--json").json
    assert face["counts"] == {"sent": 1}
    assert (face["batch"][:7], face["file"], face["sha256"]) == ("memory-", None, None)
    assert [sorted(one) for one in face["entries"]] == [FACE]
    assert face["entries"][0]["receipt"] == "r101"


@pytest.mark.parametrize("target", ["memory", "csv"])
def test_a_push_says_of_each_entry_when_for_whom_and_how_much_and_what_that_comes_to(
    home: Path, biller: MemoryBiller, target: str
) -> None:
    """Before it goes, and when it has gone: to a system or into a file."""
    told = [autotime(home, "push", target, *how).out.splitlines() for how in (["--dry-run"], [])]
    rows = [next(line.split(": ", 1)[1] for line in lines if ", 2026-001, " in line) for lines in told]
    assert [row.partition(", ")[0] for row in rows] == ["ready", "sent"]
    assert rows[0].partition(", ")[2] == rows[1].partition(", ")[2] == "2026-03-03, 2026-001, 0.50 h, 225.00 USD"
    assert "1 entry would go: 0.50 h, 225.00 USD" in told[0]
    assert "1 entry went: 0.50 h, 225.00 USD" in told[1]


def test_a_dry_run_prints_what_the_system_would_be_told_and_what_gets_lost(home: Path, biller: MemoryBiller) -> None:
    biller.lossy = ("travel",)
    shown = autotime(home, "push", "memory", "--dry-run")
    assert "quantity: " in shown.out
    assert "travel: no place for it there" in shown.out
    (one,) = autotime(home, "push", "memory", "--dry-run", "--json").json["entries"]
    assert one["drops"] == ["travel"]
    assert one["told"]["quantity"] > 0
    assert biller.rows == []


def test_a_loss_is_agreed_to_once(home: Path, biller: MemoryBiller) -> None:
    """Asked for at a terminal, refused without one, remembered."""
    biller.lossy = ("activity_code",)
    refused = autotime(home, "push", "memory")
    assert (refused.code, biller.rows) == (1, [])
    assert "--accept-losses" in refused.out
    asked = at_a_terminal(home, "push", "memory", typed="n\n")
    assert "memory has no place for: activity_code" in asked.err
    assert biller.rows == []
    assert autotime(home, "push", "memory", "--accept-losses").code == 0
    assert len(biller.rows) == 1


def test_a_push_that_was_stopped_says_why_and_what_is_next(home: Path, biller: MemoryBiller) -> None:
    biller.plan = ["signed_out"]
    ran = autotime(home, "push", "memory")
    assert ran.code == 1
    assert "does not take the sign-in any more" in ran.err
    assert "next: autotime connect memory" in ran.err


def test_questions_need_a_terminal_and_a_list_does_not(home: Path, biller: MemoryBiller) -> None:
    assert autotime(home, "push", "memory").code == 0
    assert "need a person at a terminal" in autotime(home, "resolve").err
    assert autotime(home, "resolve", "memory", "--json").json == []
    assert "nothing is open" in at_a_terminal(home, "resolve", typed="").err


def test_a_person_settles_a_change_by_a_number(home: Path, biller: MemoryBiller) -> None:
    """Ours is shown beside what stands there; a number out of reach is asked for again."""
    assert autotime(home, "push", "memory").code == 0
    biller.rows[0] = replace(biller.rows[0], seconds=7200)
    autotime(home, "run")
    (case,) = autotime(home, "resolve", "--json").json
    assert (case["kind"], case["answers"]) == ("drift", ["change", "accept", "leave"])
    assert case["there"][0]["seconds"] == 7200
    settled = at_a_terminal(home, "resolve", typed="7\n1\n")
    assert "ours " in settled.out
    assert "2:00 h" in settled.out
    assert "a number from 1 to 3" in settled.err
    assert autotime(home, "resolve", "--json").json == []


def test_a_push_is_taken_back_by_its_number_after_a_question(home: Path, biller: MemoryBiller) -> None:
    batch = autotime(home, "push", "memory", "--json").json["batch"]
    assert autotime(home, "void", batch).code == 2
    dry = autotime(home, "void", batch, "--dry-run", "--json").json
    assert [line["state"] for line in dry] == ["would_be_taken_back"]
    done = autotime(home, "void", batch, "--yes")
    assert "taken back" in done.out
    assert biller.rows == []
    assert "was taken back already" in autotime(home, "void", batch, "--yes").err


def test_an_entry_that_stood_there_before_says_under_which_id(home: Path, biller: MemoryBiller) -> None:
    batch = autotime(home, "push", "memory", "--json").json["batch"]
    autotime(home, "void", batch, "--yes")
    biller.plan = ["lost_before"]
    autotime(home, "push", "memory")
    (case,) = autotime(home, "resolve", "--json").json
    assert case["earlier"] == ["r101"]
    assert "it stood there as r101, and was taken back" in at_a_terminal(home, "resolve", typed="1\n").out


def test_the_audit_holds_what_was_delivered_against_its_approval(home: Path, biller: MemoryBiller) -> None:
    """A payload with other minutes than were approved is told, though every link of the chain is whole."""
    assert autotime(home, "push", "memory").code == 0
    assert autotime(home, "audit", "verify").code == 0
    with closing(open_office(load(home / "config.toml", home), "", NOW).store) as store:
        (one,) = store.submissions.in_state(DeliveryState.SENT)
        text = canonical({**json.loads(one.payload), "billed_minutes": 600})
        store.submissions.save(replace(one, payload=text, payload_hash=sha256(text)))
    told = autotime(home, "audit", "verify")
    assert told.code == 1
    assert "what was sent is not what was approved" in told.out
