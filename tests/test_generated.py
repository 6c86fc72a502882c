"""What is written from the code is what the code says today."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from autotime.domain.doors import Connection
from autotime.plugins import COLLECTORS, collector
from autotime.settings import Settings, load
from autotime.vault import SealedFile
from docs.generate import PAGES, ROOT, example, plain, sections

SECTIONS = ("store", "collect", "policy", "firm", "billing")


def loaded(folder: Path, text: str) -> Settings:
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return load(folder / "config.toml", folder)


def uncommented(text: str) -> str:
    """With every example set: a line that begins with # and no space."""
    return re.sub(r"^#(?=[\w\[])", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_fresh(name: str) -> None:
    """``make docs`` writes it anew."""
    assert (ROOT / name).read_text("utf-8") == PAGES[name](), "make docs"


def test_the_example_as_it_stands_is_the_defaults(tmp_path: Path) -> None:
    """Copying it changes nothing but whose time is kept."""
    settings = loaded(tmp_path, example())
    assert settings.timekeeper().last == "Okafor"
    assert settings.sources == []
    assert [getattr(settings, name) for name in SECTIONS] == [getattr(Settings(), name) for name in SECTIONS]


def test_the_example_without_its_comments_is_the_same(tmp_path: Path) -> None:
    """They are talk."""
    bare = "\n".join(line for line in example().splitlines() if not line.startswith("#"))
    assert loaded(tmp_path, bare) == loaded(tmp_path, example())


def test_the_example_with_everything_set_is_accepted(tmp_path: Path) -> None:
    """Every setting there is stands in it, and every source can be opened."""
    text = uncommented(example())
    settings = loaded(tmp_path, text)
    assert [source.type for source in settings.sources] == list(COLLECTORS)
    connection = Connection(SealedFile(tmp_path / "own", bytes), SealedFile(tmp_path / "firm", bytes))
    assert [collector(source, connection).source for source in settings.sources] == list(COLLECTORS)
    data = tomllib.loads(text)
    for name in SECTIONS:
        section = type(getattr(settings, name))
        assert data[name].keys() == section.model_fields.keys()
    assert data["timekeepers"][0].keys() == type(settings.timekeepers[0]).model_fields.keys()
    assert settings.policy != Settings().policy


def test_every_setting_has_its_meaning_under_it() -> None:
    """On the next line."""
    text = example()
    for _, _, section in sections(Settings):
        for name, field in plain(section):
            assert re.search(rf"^#?{name} = .*\n#   {re.escape(field.description or '?')}$", text, re.MULTILINE), name
