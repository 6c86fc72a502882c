"""Documentation fails like code fails: its links, its commands, its versions."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel
from typer.core import TyperCommand

from autotime.settings import Settings
from tests.cli.run import autotime
from tests.cli.test_help import COMMANDS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(ROOT.glob("docs/**/*.md"))
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(autotime [^`\n]+)`")


def text(page: Path) -> str:
    return page.read_text("utf-8")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#+\s+(.*)$", text(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """To a file that is there, and to a heading that is in it."""
    for link in LINK.findall(text(page)):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def told(page: Path) -> Iterator[str]:
    """Every ``autotime …`` command a page tells the reader to type."""
    for _, block in FENCE.findall(text(page)):
        for line in block.replace("\\\n", " ").splitlines():
            typed = re.sub(r"^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\.venv[/\\](?:bin|Scripts)[/\\])?", "", line)
            if typed.startswith("autotime "):
                yield typed
    yield from INLINE.findall(re.sub(FENCE, "", text(page)))


def words_of(command: str) -> list[str]:
    return shlex.split(re.split(r" (?:\||>|&&) ", command, maxsplit=1)[0], comments=True)[1:]


def command_of(words: list[str]) -> tuple[str, TyperCommand] | None:
    for length in (2, 1):
        name = " ".join(words[:length])
        if name in COMMANDS:
            return name, COMMANDS[name]
    return None


GROUPS = {name.split()[0] for name in COMMANDS if " " in name}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_exist_with_the_options_shown(page: Path) -> None:
    """Each command a page names is there, and so is each option it shows."""
    for typed in told(page):
        words = words_of(typed)
        if not words or words[0] == "--help" or words in [[group] for group in GROUPS]:
            continue
        found = command_of(words)
        assert found, typed
        known = {option for parameter in found[1].params for option in (*parameter.opts, *parameter.secondary_opts)}
        used = {word.split("=")[0] for word in words if word.startswith("-") and len(word) > 1 and word != "--"}
        assert used <= known | {"--help"}, typed


def test_the_readme_opens_with_the_two_commands() -> None:
    """``make demo`` and ``make test``, before anything else a reader types."""
    first = FENCE.search(text(ROOT / "README.md"))
    assert first
    typed = [line.split("#")[0].strip() for line in first[2].splitlines()]
    assert typed == ["make demo", "make test"]


def test_make_has_every_target_that_is_named() -> None:
    """In the README and in CONTRIBUTING."""
    targets = set(re.findall(r"^([a-z][\w-]*):", text(ROOT / "Makefile"), re.MULTILINE))
    named = {target for page in PAGES for target in re.findall(r"\bmake ([a-z][\w-]*)`", text(page))}
    assert named <= targets


def test_the_changelog_has_the_version() -> None:
    """The version of ``pyproject.toml`` heads a section."""
    version = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]["version"]
    assert re.search(rf"^## \[?{re.escape(version)}\b", text(ROOT / "CHANGELOG.md"), re.MULTILINE)


def test_every_page_can_be_reached_from_the_index() -> None:
    """From ``docs/README.md`` by links, however many."""
    seen, waiting = set[Path](), [ROOT / "docs" / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        links = (link.partition("#")[0] for link in LINK.findall(text(page)) if "://" not in link)
        waiting += [target for link in links if link and (target := (page.parent / link).resolve()).is_file()]
    assert not set(ROOT.glob("docs/**/*.md")) - seen


def settings_below(section: type[BaseModel], before: str = "") -> Iterator[tuple[str, str, str]]:
    """Every setting: the dotted name, its own name, its meaning; sections within sections too."""
    for name, field in section.model_fields.items():
        if field.exclude:
            continue
        inner = [kind for kind in (field.annotation, *get_args(field.annotation)) if isinstance(kind, type)]
        sections = [kind for kind in inner if issubclass(kind, BaseModel)]
        if not sections:
            yield f"{before}{name}", name, field.description or ""
        for one in sections:
            yield from settings_below(one, f"{before}{name}.")


@pytest.mark.parametrize("page", ["config.example.toml", "docs/reference/settings.md"])
def test_every_setting_is_explained_where_people_look(page: str) -> None:
    """In the example file and in the reference, and with a meaning."""
    settings = list(settings_below(Settings))
    assert not [dotted for dotted, _, meaning in settings if not meaning]
    assert not [dotted for dotted, name, _ in settings if not re.search(rf"\b{name}\b", text(ROOT / page))]


def test_every_command_is_in_the_reference(tmp_path: Path) -> None:
    """By its name; the page is generated from the command line itself."""
    reference = ROOT / "docs" / "reference" / "commands.md"
    assert reference.exists(), "make docs"
    missing = [name for name in COMMANDS if f"autotime {name}" not in text(reference)]
    assert not missing
    assert autotime(tmp_path, "--help").code == 0
