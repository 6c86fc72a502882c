"""The collector of ``docs/how-to/add-a-collector.md`` works as printed, and keeps every promise."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from autotime import plugins
from autotime.settings import SourceSettings

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-collector.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def as_module() -> ModuleType:
    """The collector and its test, in one module as a reader would have them in two files."""
    module = ModuleType("journal")
    sys.modules[module.__name__] = module
    for printed in blocks("python"):
        exec(compile(printed, str(GUIDE), "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - our own page
    return module


JOURNAL = as_module()
TestJournal = JOURNAL.TestJournal


def test_the_settings_as_printed_load_the_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the door every guest comes in by."""
    monkeypatch.setitem(sys.modules, "journal", JOURNAL)
    (printed,) = blocks("toml")
    (source,) = tomllib.loads(printed)["sources"]
    made = plugins.collector(SourceSettings(**source))
    assert (made.account, made.source) == ("phone", "journal")


def test_the_collector_is_short() -> None:
    """What a guest has to write fits on a page or two."""
    assert len(blocks("python")[0].splitlines()) < 100
