"""What billing targets are told of real entries, without telling them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from autotime.billing.mapping import Rule
from autotime.domain.books import Key, Thing
from autotime.domain.delivery import Delivery
from autotime.domain.errors import Misused
from autotime.office import Office
from autotime.plugins import BILLERS, SYSTEMS
from autotime.settings import Settings
from autotime.steps.delivering import export, push
from autotime.steps.mapping import all_shown, document, shown, tried, words_of
from autotime.store import Store
from tests.billing.firm import approve, entry, found

TODAY = date(2026, 3, 20)
NOW = int(datetime(2026, 3, 20, 18, tzinfo=UTC).timestamp())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = found(tmp_path, *(entry(number) for number in range(1, 8)))
    yield opened
    opened.close()


def office(store: Store, home: Path, **billing: Any) -> Office:
    person = {"id": "AOK", "last": "Okafor", "first": "Ada", "zone": "America/Chicago"}
    key = {"key": "file", "key_file": str(home / "key")}
    settings = Settings.model_validate({"timekeepers": [person], "billing": billing, "store": key, "home": home})
    return Office(store, settings, settings.timekeeper(), NOW)


def test_every_target_shows_its_fields_and_its_version(store: Store, tmp_path: Path) -> None:
    """Files and systems alike, with the version that goes with each batch."""
    every = {one.target: one for one in all_shown(office(store, tmp_path))}
    assert every.keys() == {*BILLERS, *SYSTEMS}
    assert all(one.fields and one.version for one in every.values())
    assert "LINE_ITEM_DESCRIPTION" in [it.name for it in every["ledes"].fields]
    assert {it.name: it.words for it in every["timesolv"].fields}["Notes"] == "narrative"


def test_what_a_firm_changed_is_marked(store: Store, tmp_path: Path) -> None:
    """And the version is another."""
    rule = {"note": {"from": "narrative", "prefix": "Re: "}}
    usual, changed = (shown(office(store, tmp_path, mapping=m), "clio-csv") for m in ({}, {"clio-csv": rule}))
    assert [it.name for it in changed.fields if it.changed] == ["note"]
    assert usual.version != changed.version


@pytest.mark.parametrize("target", ["zapier", "clio", "practicepanther", "mycase", "clio-csv", "timesolv"])
def test_a_rule_for_a_field_that_is_not_there_is_told(store: Store, tmp_path: Path, target: str) -> None:
    """By the setting, with the fields there are."""
    with pytest.raises(Misused, match=r"\[billing\.mapping\."):
        shown(office(store, tmp_path, mapping={target: {"nots": {"from": "narrative"}}}), target)


def test_a_target_nobody_serves_is_told_with_those_there_are(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Misused, match="no billing target «sheet»"):
        shown(office(store, tmp_path), "sheet")


def test_rules_that_would_hold_nowhere_are_told(store: Store, tmp_path: Path) -> None:
    """For a target nobody serves, or one whose format says all."""
    with pytest.raises(Misused, match="«clioo»"):
        all_shown(office(store, tmp_path, mapping={"clioo": {"note": {"from": "narrative"}}}))
    with pytest.raises(Misused, match=r"\[billing\.mapping\.ledes\]: its fields are fixed"):
        shown(office(store, tmp_path, mapping={"ledes": {"CLIENT_ID": {"from": "client"}}}), "ledes")


def test_a_file_can_be_written_again_after_the_rules_have_changed(store: Store, tmp_path: Path) -> None:
    """By those that held when it was made."""
    before, after = office(store, tmp_path), office(store, tmp_path, mapping={"csv": {"late": {"constant": "x"}}})
    pushed = push(before, Delivery("csv"))
    assert pushed.path
    assert export(after, Delivery("csv"), "csv-0001") == pushed.path.read_bytes()
    assert export(after, Delivery("csv")) != export(before, Delivery("csv"))


def test_the_latest_entries_are_tried_newest_first(store: Store, tmp_path: Path) -> None:
    """What the target would be told, and what it has no place for."""
    found = tried(office(store, tmp_path), "clio-csv")
    assert [one.day.day for one in found] == [8, 7, 6, 5, 4]
    assert {one.kind for one in found} == {"approved"}
    assert found[0].told["quantity"] == "0.7"
    assert found[0].drops == ("task_code", "activity_code")


@pytest.mark.parametrize(("target", "field"), [("ledes", "TIMEKEEPER_CLASSIFICATION"), ("ledes-xml", "tk_level")])
def test_the_line_of_an_invoice_is_as_its_client_wants_it(
    store: Store, tmp_path: Path, target: str, field: str
) -> None:
    """With the client's own codes, which stand in the settings."""
    store.books.upsert_timekeepers([replace(store.books.timekeepers()["AOK"], classification="PARTNR")])
    mine = office(store, tmp_path, ledes={"NORTH": {"classifications": {"PARTNR": "PT"}}})
    (one, *_) = tried(mine, target, 1)
    assert (one.refused, one.told.get(field)) == ("", "PT")


def test_what_cannot_go_says_why_and_tells_nothing(store: Store, tmp_path: Path) -> None:
    """A system that never heard of the matter; a rate that nobody set."""
    (one, *_) = tried(office(store, tmp_path), "clio")
    assert "2026-001" in one.refused
    assert one.told == {}
    approve(store, entry(9, matter="9999"))
    store.books.upsert_timekeepers([replace(store.books.timekeepers()["AOK"], rate=None)])
    assert "«price»" in tried(office(store, tmp_path), "clio-csv")[0].refused


def test_what_a_system_calls_our_things_is_known_without_the_network(store: Store, tmp_path: Path) -> None:
    """From its last pull."""
    matter, user = Key("clio", Thing.MATTER, "2026-001", "17"), Key("clio", Thing.TIMEKEEPER, "AOK", "18")
    codes = [Key("clio", kind, code, "19") for kind in (Thing.CODE, Thing.ACTIVITY) for code in ("L310", "A103")]
    store.systems.save_keys([matter, user, *codes])
    (one, *_) = tried(office(store, tmp_path), "clio", 1)
    assert (one.refused, one.told["matter.id"]) == ("", 17)


def test_nothing_is_written(store: Store, tmp_path: Path) -> None:
    """Neither an entry's state nor a line of the audit trail."""
    before = (store.audit.verify(), store.submissions.counts())
    for target in ("csv", "zapier", "ledes", "timesolv"):
        assert tried(office(store, tmp_path), target)
    assert (store.audit.verify(), store.submissions.counts()) == before


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule(), "left empty"),
        (Rule(constant=""), "left empty"),
        (Rule(constant="x", prefix="a "), "always «a x»"),
        (Rule(default="Other"), "always «Other»"),
        (Rule("matter", split="-", part=1), "matter; part 2 of it between «-»"),
        (Rule("late", map={"late": "", "x": "y"}, default="z"), "late; late → nothing, x → y; else «z»"),
        (Rule("matter", prefix="M-"), "matter; after «M-»"),
    ],
)
def test_a_rule_is_said_in_a_line(rule: Rule, words: str) -> None:
    """For people."""
    assert words_of(rule) == words


def test_the_toml_document_may_stand_in_the_settings(store: Store, tmp_path: Path) -> None:
    """What it says of each field gives the same words again."""
    change = {"Notes": {"from": "narrative", "prefix": 'He said "so" | '}, "Rate": {"constant": ""}}
    here = office(store, tmp_path, mapping={"timesolv": change})
    every = all_shown(here)
    told = tomllib.loads(document(every, TODAY, toml=True))
    assert told["versions"] == {one.target: one.version for one in every}
    again = office(store, tmp_path, mapping=told["billing"]["mapping"])
    for one in every:
        assert [it.words for it in shown(again, one.target).fields] == [it.words for it in one.fields]


def test_the_markdown_document_has_a_row_for_each_field(store: Store, tmp_path: Path) -> None:
    """Under its target, with the version."""
    here = office(store, tmp_path, mapping={"timesolv": {"Notes": {"from": "narrative", "prefix": "a | b "}}})
    one = shown(here, "timesolv")
    text = document([one], TODAY, toml=False)
    assert f"Version `{one.version}`" in text
    assert "| Notes | narrative; after «a \\| b » | changed here |" in text
    assert text.count("\n| ") == 1 + len(one.fields)
