"""The first settings file says what a person answered, whatever it was."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from autotime.operations.founding import config_data, config_text
from autotime.settings import Settings

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
TIMEKEEPER = {"id": "AOK", "last": "Okafor", "zone": "America/Chicago"}


def answered(**changes: Any) -> dict[str, Any]:
    none: dict[str, list[Path] | None] = {}
    return config_data(**{"timekeeper": TIMEKEEPER, "increment": 6, "sources": none, "key_file": None, **changes})


@given(last=WORDS, emails=st.lists(WORDS, max_size=3), rate=WORDS)
def test_what_was_answered_stands_in_the_file(last: str, emails: list[str], rate: str) -> None:
    """Quotes, backslashes, control characters, any script: read again, it is the same."""
    data = answered(timekeeper=TIMEKEEPER | {"last": last, "emails": emails, "rate": rate})
    assert tomllib.loads(config_text(data)) == data


def test_several_maildirs_are_several_sources_with_names_of_their_own() -> None:
    """An mbox source holds many files, a Maildir is one place."""
    data = answered(sources={"maildir": [Path("/a"), Path("/b")], "mbox": [Path("/c"), Path("/d")], "eml": None})
    named = [(source["account"], source.get("path") or source["paths"]) for source in data["sources"]]
    assert named == [("maildir 1", "/a"), ("maildir 2", "/b"), ("mbox", ["/c", "/d"])]


def test_what_was_not_answered_is_left_to_the_defaults() -> None:
    """The file holds no empty tables."""
    assert answered().keys() == {"timekeepers", "policy"}


def test_the_file_is_a_settings_file() -> None:
    """Every name in it is a setting."""
    data = answered(key_file=Path("/safe/key"), store_url="", sources={"ics": [Path("/calendar.ics")]})
    settings = Settings(**tomllib.loads(config_text(data)))
    assert (settings.store.key, settings.store.key_file) == ("file", "/safe/key")
    assert settings.timekeeper().zone == "America/Chicago"
