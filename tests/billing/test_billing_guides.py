"""What the pages on mapping, CSV, TimeSolv and Zapier show is what holds."""

from __future__ import annotations

import json
import re
import textwrap
import tomllib
from pathlib import Path

import pytest

from autotime import plugins
from autotime.billing.csv import SheetBiller
from autotime.billing.layouts import CLIO, TIMESOLV
from autotime.billing.mapping import SOURCES, rules
from autotime.billing.mycase.entries import USUAL as MYCASE
from autotime.billing.zapier import ZapierBiller
from autotime.domain.doors import Connection, Keys
from autotime.settings import Settings
from autotime.testing.systems.signed import Kept

from .test_ledes import payload

GUIDES = Path(__file__).parents[2] / "docs" / "how-to"
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


def text(page: str) -> str:
    return (GUIDES / page).read_text("utf-8")


def blocks(page: str, language: str) -> list[str]:
    return [textwrap.dedent(block) for _, named, block in BLOCK.findall(text(page)) if named == language]


def test_the_page_on_mapping_names_every_field_of_an_entry() -> None:
    """And none that is not there."""
    part = text("map-fields.md").split("## What an entry has")[1].split("## ")[0]
    named = set(re.findall(r"`([a-z_]+)`", part)) - {"billable", "no_charge", "non_billable"}
    assert named == set(SOURCES)


@pytest.mark.parametrize("page", ["map-fields.md", "bill-with-csv.md", "bill-with-timesolv.md"])
def test_every_setting_a_page_shows_is_one(page: str) -> None:
    """Each loads, and each rule it shows can hold."""
    shown = blocks(page, "toml")
    assert shown
    for block in shown:
        settings = Settings.model_validate(tomllib.loads(block))
        for target in settings.billing.mapping:
            if target == "mycase":
                rules(MYCASE, plugins.mapping_of(target, settings), target)
            else:
                assert isinstance(plugins.file_biller(target, settings), SheetBiller)


@pytest.mark.parametrize(("page", "columns"), [("bill-with-csv.md", CLIO), ("bill-with-timesolv.md", TIMESOLV)])
def test_a_page_names_every_column_of_its_file(page: str, columns: dict[str, object]) -> None:
    """By its header."""
    assert not [name for name in columns if f"`{name}`" not in text(page)]


def test_the_body_on_the_page_is_what_is_sent() -> None:
    """Every field, each of its type."""
    (block,) = blocks("bill-with-zapier.md", "json")
    shown = json.loads(block)
    told = ZapierBiller(Connection(Kept(), Kept()), Keys("zapier")).told(payload()) | {"sent_at": ""}
    assert {name: type(value) for name, value in shown.items()} == {name: type(it) for name, it in told.items()}
