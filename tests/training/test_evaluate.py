"""evaluate: its exact face, its two protocols, and no look into the future."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from autotime.training import evaluate as measuring
from autotime.training.baselines import BASELINES, last_used, linear_svm, majority, naive_bayes, sender_rule
from autotime.training.evaluate import evaluate, online, timeline
from autotime.training.labelled import Labelled, read
from tests.cli.run import autotime
from tests.training.mails import record, records, written

KEYS = {
    *("protocol", "known_matters", "no_body"),
    *("accuracy", "accuracy_se", "accuracy_seen", "accuracy_seen_se", "top3", "top3_se"),
    *("ece", "ece_floor", "coverage_at_95", "precision_at_95", "unseen_share"),
    *("items", "splits", "per_split", "fit_seconds", "predict_seconds"),
}


@pytest.fixture(scope="module")
def mail(tmp_path_factory: pytest.TempPathFactory) -> list[Labelled]:
    """Two hundred and thirty items about three matters."""
    return read(written(tmp_path_factory.mktemp("mail") / "mail.jsonl", records(230)))


@pytest.fixture(scope="module")
def measured(mail: list[Labelled]) -> dict[str, Any]:
    return evaluate(mail, baselines=True)


def test_the_face_has_these_keys(measured: dict[str, Any]) -> None:
    """Baselines only where they were asked for; fractions all."""
    assert measured.keys() == KEYS | {"baselines"}
    fractions = [value for name, value in measured.items() if isinstance(value, float) and "seconds" not in name]
    assert all(0 <= value <= 1 for value in fractions)
    assert measured["per_split"][0].keys() == {"accuracy", "accuracy_seen", "top3", "items", "unseen"}
    assert json.loads(json.dumps(measured)) == measured


def test_every_key_of_the_face_is_in_its_reference() -> None:
    """And every option."""
    page = (Path(__file__).parents[2] / "docs" / "reference" / "evaluate.md").read_text("utf-8")
    options = {"--protocol timeline", "--protocol online", "--every K", "--known-matters", "--no-body", "--baselines"}
    assert [name for name in sorted(KEYS | {"baselines"} | options) if f"`{name}`" not in page] == []


def test_a_split_is_a_hundred_items_and_what_is_left_over_is_dropped(measured: dict[str, Any]) -> None:
    """Of 230: the second hundred, predicted from the first."""
    assert (measured["items"], measured["splits"]) == (230, 1)
    assert [split["items"] for split in measured["per_split"]] == [100]


def test_words_that_give_the_matter_away_are_learned(measured: dict[str, Any]) -> None:
    """By ours and by the linear machine; the majority knows a third."""
    assert measured["accuracy"] == measured["baselines"]["linear_svm"]["accuracy"] == 1.0
    assert measured["baselines"]["majority"]["accuracy"] < 0.4
    assert measured["baselines"].keys() == BASELINES.keys()
    for told in measured["baselines"].values():
        assert told.keys() == {"accuracy", "accuracy_se", "accuracy_seen", "accuracy_seen_se"}


def test_the_timeline_knows_the_past_and_asks_the_next_hundred() -> None:
    """For every full hundred but the last."""
    cuts = [(len(split.known), len(split.asked)) for split in timeline([None] * 450)]  # type: ignore[list-item]
    assert cuts == [(100, 100), (200, 100), (300, 100)]
    assert list(timeline([None] * 199)) == []  # type: ignore[list-item]


def test_online_asks_each_item_after_all_before_it() -> None:
    """Or every so many; no item is left out, the first is asked with nothing known."""
    splits = list(online([None] * 10, 4))  # type: ignore[list-item]
    assert [(len(split.known), len(split.asked)) for split in splits] == [(0, 4), (4, 4), (8, 2)]


def answers(items: list[Labelled], number: int) -> list[tuple[tuple[str, ...], float]]:
    """What was predicted of the first so many items asked."""
    splits = list(timeline(items))
    done = measuring._measure(items, splits, measuring.Books(), measuring.silent)
    return [(one.ranked, one.probability) for group in done.groups for one in group][:number]


def test_no_future_leaks_into_the_past(mail: list[Labelled]) -> None:
    """Other labels and words after an item change nothing that was said of it."""
    future = [Labelled(other.item, label) for other, label in zip(mail[129:] + mail[:0], "xyz" * 60, strict=False)]
    Random(5).shuffle(future)
    assert answers(mail, 30) == answers(mail[:130] + future[:70], 30)


def test_a_new_matter_is_wrong_and_unseen_until_it_has_an_example(tmp_path: Path) -> None:
    """It counts against accuracy, not against accuracy_seen."""
    lines = [*records(150), *(record(n, "novelty") for n in range(150, 200))]
    told = evaluate(read(written(tmp_path / "m.jsonl", lines)))
    assert (told["unseen_share"], told["accuracy"], told["accuracy_seen"]) == (0.5, 0.5, 1.0)
    assert told["per_split"][0]["unseen"] == 50


def test_online_learns_a_new_matter_from_its_first_example(tmp_path: Path) -> None:
    """After which all of it is right."""
    lines = [*records(60), *(record(n, "novelty") for n in range(60, 80))]
    told = evaluate(read(written(tmp_path / "m.jsonl", lines)), protocol="online")
    assert told["splits"] == 80
    assert [split["accuracy"] for split in told["per_split"][61:]] == [1.0] * 19
    assert told["per_split"][60]["accuracy_seen"] is None


def test_known_matters_can_be_named_before_they_have_examples(tmp_path: Path) -> None:
    """By their name alone, where nothing that was learned looks like it."""
    novel = {"body": "Novelty.", "to": "bo@other.example"}
    lines = [*records(100), *(record(n, "novelty", **novel) for n in range(100, 200))]
    items = read(written(tmp_path / "m.jsonl", lines))
    assert evaluate(items, known_matters=True)["accuracy"] > 0.8
    assert evaluate(items)["accuracy"] == 0.0


def test_without_bodies_only_headers_are_known(tmp_path: Path) -> None:
    """Where only the body tells, there is nothing to be told from."""
    blank = {"subject": "Note", "from": "x@y.example"}
    items = read(written(tmp_path / "m.jsonl", [record(n, **blank) for n in range(200)]))
    full, bare = evaluate(items)["accuracy"], evaluate(items, no_body=True)["accuracy"]
    assert full == 1.0
    assert bare < 0.6


def test_too_few_items_for_a_split_measure_nothing(mail: list[Labelled]) -> None:
    """Zeros, not an error."""
    told = evaluate(mail[:120])
    assert (told["splits"], told["per_split"], told["accuracy"]) == (0, [], 0.0)


def test_the_plain_methods(mail: list[Labelled]) -> None:
    """Each from what is known only."""
    known, asked = mail[:10], mail[10:12]
    assert majority(known, asked) == ["mill", "mill"]
    assert last_used(known, asked) == ["mill", "mill"]
    assert sender_rule(known, asked) == [one.label for one in asked]
    assert naive_bayes(known, asked) == linear_svm(known, asked) == [one.label for one in asked]
    assert linear_svm(mail[:1], asked) == ["mill", "mill"]


def test_a_sender_nobody_knows_gets_what_is_most_frequent(tmp_path: Path) -> None:
    """As the majority says."""
    lines = [record(0), record(3), record(1), record(5, "novelty")]
    items = read(written(tmp_path / "m.jsonl", lines))
    assert sender_rule(items[:3], items[3:]) == ["mill"]


def test_the_command_prints_the_face(tmp_path: Path) -> None:
    """As one JSON object; a file that is none is a misuse with its line."""
    path = written(tmp_path / "mail.jsonl.gz", records(210))
    done = autotime(tmp_path / "home", "evaluate", str(path), "--protocol", "timeline", "--json")
    assert (done.code, done.json.keys()) == (0, KEYS)
    bad = autotime(tmp_path / "home", "evaluate", str(written(tmp_path / "bad.jsonl", [record(0), "?"])), "--json")
    assert (bad.code, bad.out) == (2, "")
    assert "line 2" in bad.err
