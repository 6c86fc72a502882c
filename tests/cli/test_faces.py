"""The shapes of data on standard output, key by key: outside programs rely on them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli import firm
from tests.cli.run import autotime

SUGGESTION = {
    *("id", "revision", "status", "date", "timekeeper", "matter", "probability", "alternatives", "task_code"),
    *("activity_code", "billing", "seconds", "low_seconds", "high_seconds", "ceiling_seconds", "billed_minutes"),
    *("narrative", "reasons", "evidence"),
}
MEASURED = {
    *("accuracy", "accuracy_se", "accuracy_seen", "accuracy_seen_se", "top3", "top3_se", "ece", "ece_floor"),
    *("coverage_at_95", "precision_at_95", "unseen_share", "items", "splits", "per_split", "fit_seconds"),
    *("predict_seconds",),
}


def test_a_suggestion_says_all_that_was_promised(drafted: Path) -> None:
    """At least the keys of the design, with numbers as numbers and nothing where there is nothing."""
    for one in firm.suggestions(drafted):
        assert one.keys() >= SUGGESTION
        assert (one["date"], one["timekeeper"]) == (firm.DAY, "AOK")
        assert one["matter"] is None or isinstance(one["matter"], str)
        assert 0 <= one["probability"] <= 1
        assert 0 <= one["low_seconds"] <= one["seconds"] <= one["high_seconds"] <= one["ceiling_seconds"]
        assert all(piece.keys() == {"id", "revision"} for piece in one["evidence"])
        assert all(other.keys() == {"matter", "probability"} for other in one["alternatives"])


def test_received_mail_alone_is_offered_with_no_seconds(drafted: Path) -> None:
    """«read? +0.1 h»: it fills in nothing by itself."""
    offered = [one for one in firm.suggestions(drafted) if one["status"] == "offered"]
    assert [one["seconds"] for one in offered] == [0]


def test_a_day_without_anything_is_an_empty_list(drafted: Path) -> None:
    """Not an error."""
    assert autotime(drafted, "suggestions", "--date", "2019-01-01", "--json").json == []


def test_approving_prints_the_decision_and_the_entry_it_made(home: Path) -> None:
    """The entry names what was worked and what is billed."""
    one = firm.the_one(home, "2026-001")
    told = autotime(home, "approve", one["id"], "--revision", one["revision"], "--json").json
    assert told.keys() == {"decision", "entries", "voided", "warnings"}
    assert told["decision"] == {"decision_id": "d1", "kind": "accepted", "actor": "AOK", "undoes": None}
    [entry] = told["entries"]
    assert (entry["matter"], entry["worked_seconds"], entry["billed_minutes"]) == ("2026-001", 1800, 30)
    assert entry["suggestion"] == one["id"]


def test_pushing_prints_counts_by_outcome_and_each_entrys_state_and_receipt(home: Path) -> None:
    """``entry_id``, ``state`` and ``receipt`` for each; the reason where one did not go."""
    one = firm.the_one(home, "2026-001")
    approved = autotime(home, "approve", one["id"], "--revision", one["revision"], "--json").json
    told = autotime(home, "push", "csv", "--json").json
    [line] = told["entries"]
    assert told["counts"] == {line["state"]: 1}
    assert line.keys() >= {"entry_id", "state", "receipt"}
    assert (line["entry_id"], line["state"]) == (approved["entries"][0]["entry_id"], "sent")
    assert line["receipt"]


def test_a_push_of_nothing_says_so_in_the_same_shape(home: Path) -> None:
    """No entries, no file, exit 0."""
    done = autotime(home, "push", "csv", "--json")
    assert done.code == 0
    nothing = {"counts": {}, "batch": None, "file": None, "sha256": None, "entries": []}
    assert {name: done.json[name] for name in nothing} == nothing


def test_status_says_how_things_stand(drafted: Path) -> None:
    """Counts and instants with their zone."""
    told = autotime(drafted, "status", "--json").json
    assert (told["timekeeper"], told["evidence"], told["undecided"], told["undecided_days"]) == ("AOK", 5, 3, 1)
    assert {source["account"]: source["items"] for source in told["sources"]} == {"mbox": 4, "ics": 1}
    assert told["last_run"]["finished"].endswith("+00:00")
    assert told["last_run"]["report"]["suggestions"] == 4


def test_status_tells_a_person_its_last_run_in_words(drafted: Path) -> None:
    """Never as a Python dictionary."""
    told = autotime(drafted, "status").out
    assert "last run" in told
    assert "5 new, 4 suggestions on 1 day\n" in told
    assert "{" not in told


def test_collecting_again_counts_nothing_as_new(home: Path) -> None:
    """The report of each source, with its account and what became of it."""
    told = autotime(home, "collect", "--json").json
    assert [(source["account"], source["new"], source["changed"]) for source in told] == [("mbox", 0, 0), ("ics", 0, 0)]


def test_suggesting_tells_each_day_that_was_drafted(home: Path) -> None:
    """Local dates with how much they hold."""
    assert autotime(home, "suggest", "--all", "--json").json == {firm.DAY: {"suggestions": 3, "minutes": 45}}


def test_verifying_the_audit_says_whole_and_how_long(drafted: Path) -> None:
    """``problem`` is null where there is none."""
    told = autotime(drafted, "audit", "verify", "--json").json
    assert told == {"ok": True, "records": told["records"], "problem": None}


def test_the_doctor_says_what_was_looked_at(drafted: Path) -> None:
    """Every finding with whether it is well, and the command to run where it is not."""
    found = autotime(drafted, "doctor", "--json").json
    assert all(finding.keys() == {"ok", "what", "said", "hint"} for finding in found)
    assert {"settings", "store", "audit", "books"} <= {finding["what"] for finding in found}


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three hundred mails of two folders, in time order."""
    path = tmp_path_factory.mktemp("mail") / "labelled.jsonl"
    lines = []
    for number in range(300):
        label, topic = ("mill", "gate logs and freight") if number % 3 else ("lease", "roof and rent steps")
        lines.append(
            {
                "id": str(number),
                "date": f"2026-01-{1 + number // 24:02}T{number % 24:02}:00:00+00:00",
                "from": f"{label}@client.example",
                "to": "ada@firm.example",
                "cc": "",
                "subject": f"{topic} {number}",
                "body": f"About {topic}: point {number}.",
                "label": label,
            }
        )
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("protocol", [("timeline",), ("online", "--every", "50")])
def test_evaluating_prints_the_promised_figures(labelled: Path, tmp_path: Path, protocol: tuple[str, ...]) -> None:
    """Fractions between 0 and 1, over every full split of a hundred; without an office."""
    told = autotime(tmp_path, "evaluate", str(labelled), "--protocol", *protocol, "--json").json
    assert told.keys() >= MEASURED
    assert all(0 <= told[name] <= 1 for name in ("accuracy", "accuracy_seen", "top3", "ece", "ece_floor"))
    assert told["accuracy"] > 0.8
    if protocol[0] == "timeline":
        assert (told["splits"], len(told["per_split"]), told["items"]) == (2, 2, 300)
