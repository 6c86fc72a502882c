"""Labelled mail from a file: what it becomes, and which line is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autotime.classifiers.features import compute
from autotime.domain.errors import Misused
from autotime.domain.evidence import Role
from autotime.training.labelled import read, without_body
from tests.training.mails import record, records, written


def test_items_come_in_order_of_time_from_plain_and_gzipped_files(tmp_path: Path) -> None:
    """Whatever order the lines are in; empty lines are none."""
    lines: list[Any] = [*reversed(records(5)), ""]
    for name in ("mail.jsonl", "mail.jsonl.gz"):
        found = read(written(tmp_path / name, lines))
        assert [one.item.key for one in found] == [f"m{n:05}" for n in range(5)]
        assert [one.label for one in found] == ["mill", "lease", "merger", "mill", "lease"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{not json", "line 2 is not JSON"),
        ("[1, 2]", "line 2 has no id, date, label"),
        (record(1, label="x", date=""), "line 2 has no date"),
        (record(1) | {"label": " "}, "line 2 has no label"),
        (record(1, date="last Tuesday"), "line 2: «last Tuesday» is no date"),
        ("[" * 100_000, "line 2 is not JSON"),
    ],
)
def test_a_line_that_is_none_is_named_by_its_number(tmp_path: Path, line: Any, said: str) -> None:
    """And nothing is measured."""
    with pytest.raises(Misused) as refused:
        read(written(tmp_path / "mail.jsonl", [record(0), line, record(2)]))
    assert said in str(refused.value)


def test_an_escape_sequence_in_a_bad_line_does_not_reach_the_screen(tmp_path: Path) -> None:
    """The message quotes what is left of it."""
    with pytest.raises(Misused) as refused:
        read(written(tmp_path / "mail.jsonl", [record(0, date="\x1b]0;owned\x07soon")]))
    assert "\x1b" not in str(refused.value)


def test_files_that_hold_nothing_or_cannot_be_read(tmp_path: Path) -> None:
    """An empty file, a file that is not there, and a broken archive, each by its name."""
    broken = tmp_path / "broken.jsonl.gz"
    broken.write_bytes(b"no archive")
    cut = written(tmp_path / "cut.jsonl.gz", records(50))
    cut.write_bytes(cut.read_bytes()[:-20])
    for path in (written(tmp_path / "empty.jsonl", []), tmp_path / "none.jsonl", broken, cut):
        with pytest.raises(Misused, match=path.name):
            read(path)


def test_the_label_is_no_feature(tmp_path: Path) -> None:
    """What is made of an item is the same under any label."""
    one, other = (
        read(written(tmp_path / f"{label}.jsonl", [record(0) | {"label": label}]))[0] for label in ("red", "blue")
    )
    assert one.item == other.item
    assert compute(one.item, b"k") == compute(other.item, b"k")


def test_names_join_their_addresses(tmp_path: Path) -> None:
    """Where there is one for each; else addresses only. Lists are as good as commas."""
    lines = [
        record(0, to="a@x.example, b@x.example", x_to="Ames, Ann <a>, Bell, Bo <b>"),
        record(1, to=["a@x.example", "b@x.example"], x_to="One name"),
    ]
    named, unnamed = (
        [who for who in one.item.people if who.role is Role.TO] for one in read(written(tmp_path / "m.jsonl", lines))
    )
    assert [(who.address, who.name.reveal()) for who in named] == [
        ("a@x.example", "Ames, Ann"),
        ("b@x.example", "Bell, Bo"),
    ]
    assert [(who.address, who.name.reveal()) for who in unnamed] == [("a@x.example", ""), ("b@x.example", "")]


def test_replies_are_split_from_what_they_quote(tmp_path: Path) -> None:
    """And without a body nothing of either is left."""
    body = "Agreed.\n\n-----Original Message-----\nFrom: Jo\nThe old offer."
    found = read(written(tmp_path / "m.jsonl", [record(0, body=body)]))
    assert found[0].item.body.reveal() == "Agreed."
    assert "old offer" in found[0].item.quoted.reveal()
    bare = without_body(found)[0]
    assert (bare.item.body.reveal(), bare.item.quoted.reveal()) == ("", "")
    assert (bare.item.subject, bare.label) == (found[0].item.subject, found[0].label)
