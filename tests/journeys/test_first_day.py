"""A day from an empty folder to a delivered invoice, as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from autotime.billing.csv import parse
from tests.cli import firm
from tests.cli.run import Ran, autotime

LEDES = (
    *("ledes", "--client", "NORTH", "--from", "2026-03-01", "--to", "2026-03-31"),
    *("--invoice-number", "1001", "--invoice-date", "2026-04-02"),
)


def approved(home: Path, matter: str = "2026-001") -> str:
    """Approves the matter's longest suggestion as shown; the entry's id."""
    one = firm.the_one(home, matter)
    done = autotime(home, "approve", one["id"], "--revision", one["revision"], "--json")
    assert done.code == 0, done.err
    return str(done.json["entries"][0]["entry_id"])


def pushed(home: Path, *words: str) -> Ran:
    done = autotime(home, "push", *words, "--json")
    assert done.code == 0, done.err
    return done


def test_from_nothing_to_a_file_for_billing(tmp_path: Path) -> None:
    """Set up, read the books, collect, draft, look, approve, deliver: each step says what comes next."""
    home, files = tmp_path / "home", firm.written(tmp_path / "files")
    assert "next: autotime books import" in firm.initialised(home, files).err
    books = autotime(home, "books", "import", str(files / "books.csv"))
    assert (books.code, "matters: 2 added" in books.out) == (0, True)
    assert "mbox: 4 new" in autotime(home, "collect").out
    assert f"{firm.DAY}: " in autotime(home, "suggest").out
    assert "2026-001" in autotime(home, "suggestions", "--date", firm.DAY).out
    entry = approved(home)
    told = pushed(home, "csv").json
    [row] = parse(Path(told["file"]).read_bytes())
    assert (row["entry_id"], row["matter_id"], row["hours"]) == (entry, "2026-001", "0.5")
    assert "1 sent" in autotime(home, "status").out


def test_an_approved_suggestion_is_decided(home: Path) -> None:
    """It is not asked again, not even after everything was drafted anew."""
    one = firm.the_one(home, "2026-001")
    approved(home)
    autotime(home, "suggest", "--all")
    assert {item["id"]: item["status"] for item in firm.suggestions(home)}[one["id"]] == "approved"
    again = autotime(home, "approve", one["id"], "--revision", one["revision"])
    assert (again.code, "next: " in again.err) == (1, True)


def test_what_was_delivered_is_written_again_with_the_same_bytes(home: Path) -> None:
    """On standard output, and into a file."""
    approved(home)
    told = pushed(home, "csv").json
    written = Path(told["file"]).read_bytes()
    assert autotime(home, "export", "csv", "--batch", told["batch"]).out.encode() == written
    autotime(home, "export", "csv", "--batch", told["batch"], "--output", str(home / "again.csv"))
    assert (home / "again.csv").read_bytes() == written


def test_nothing_is_delivered_twice(home: Path) -> None:
    """Neither to the same target nor to another one, unless a copy is asked for, which is marked."""
    entry = approved(home)
    pushed(home, "csv")
    assert pushed(home, "csv").json["entries"] == []
    other = autotime(home, "push", *LEDES, "--json").json
    assert [line["state"] for line in other["entries"]] == ["delivered_elsewhere"]
    [copied] = pushed(home, *LEDES, "--copy").json["entries"]
    assert copied["entry_id"] == entry


def test_an_invoice_names_what_is_missing_and_then_goes(home: Path) -> None:
    """A person can put it right and push again; until then nothing is written."""
    approved(home)
    bare = autotime(home, "push", "ledes", "--client", "NORTH")
    assert bare.code in (1, 2)
    assert "invoice" in bare.err + bare.out
    assert not list(home.glob("outgoing/*"))
    told = pushed(home, *LEDES).json
    invoice = Path(told["file"]).read_text("ascii").splitlines()
    assert invoice[0] == "LEDES1998B[]"
    assert "|1001|" in invoice[2]
    assert told["sha256"]


def test_a_decision_can_be_taken_back_until_it_was_delivered(home: Path) -> None:
    """Undo gives the suggestion back; after delivery billing has it, and undo says so."""
    entry = approved(home)
    undone = autotime(home, "undo", "--json")
    assert undone.json["voided"] == [entry]
    assert firm.the_one(home, "2026-001")["status"] == "proposed"
    approved(home)
    pushed(home, "csv")
    refused = autotime(home, "undo")
    assert refused.code == 1
    assert "next: " in refused.err
    assert "1 sent" in autotime(home, "status").out


def test_a_suggestion_is_changed_on_approval(home: Path) -> None:
    """Minutes, matter and words are the person's; the estimate gives way."""
    one = firm.the_one(home, "2026-001")
    changed = ("--minutes", "20", "--matter", "2026-002", "--narrative", "Call with client", "--json")
    done = autotime(home, "approve", one["id"], "--revision", one["revision"], *changed)
    [entry] = done.json["entries"]
    assert (entry["matter"], entry["billed_minutes"], entry["narrative"]) == ("2026-002", 24, "Call with client")
    assert done.json["decision"]["kind"] == "edited"


def test_a_suggestion_is_dismissed_with_its_reason(home: Path) -> None:
    """It stays dismissed, and makes no entry."""
    one = firm.the_one(home, "2026-001")
    done = autotime(home, "dismiss", one["id"], "--revision", one["revision"], "--reason", "personal", "--json")
    assert (done.json["decision"]["kind"], done.json["entries"]) == ("dismissed", [])
    autotime(home, "suggest", "--all")
    assert {item["id"]: item["status"] for item in firm.suggestions(home)}[one["id"]] == "dismissed"


def test_time_added_by_hand_has_no_place_unless_it_is_given_one(home: Path) -> None:
    """A day in court is the attorney's statement; with a start it takes its place and no second twice."""
    words = ("add", "--date", firm.DAY, "--matter", "2026-001", "--minutes", "30", "--narrative", "Hearing")
    [unplaced] = autotime(home, *words, "--json").json["entries"]
    [placed] = autotime(home, *words, "--start", "09:00", "--json").json["entries"]
    assert (unplaced["placed_seconds"], unplaced["unplaced_seconds"]) == (0, 1800)
    assert (placed["placed_seconds"], placed["unplaced_seconds"]) == (1800, 0)
    twice = autotime(home, *words, "--start", "09:15")
    assert (twice.code, "next: " in twice.err) == (1, True)


@pytest.mark.parametrize("target", ["csv", "ledes"])
def test_a_dry_run_changes_nothing(home: Path, target: str) -> None:
    """It tells what would happen; then it happens."""
    approved(home)
    words = LEDES if target == "ledes" else ("csv",)
    told = autotime(home, "push", *words, "--dry-run")
    assert (told.code, "would be written" in told.out) == (0, True)
    assert not (home / "outgoing").exists()
    assert len(pushed(home, *words).json["entries"]) == 1
