"""Files that go, or turn into something else, between the look into their folder and the reading of them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autotime import plugins
from autotime.collectors.files import regular_files
from autotime.settings import SourceSettings
from autotime.testing import Shelf

from .outlook_items import sent_mail
from .sources import MONDAY, calendar, context, docx, event, letter, mbox, put

CALLS = "number,start,seconds,direction\n+1 312 555 0199,2026-03-09T10:{minute}:00-05:00,600,in\n"
Making = Callable[[Path, int], object]

SOURCES: dict[str, tuple[str, str, Making]] = {
    "mbox": ("paths", "{}.mbox", lambda path, number: put(path, mbox(letter(number)))),
    "maildir": ("path", "cur/{}.host:2,S", lambda path, number: put(path, letter(number))),
    "eml": ("path", "{}.eml", lambda path, number: put(path, letter(number))),
    "msg": ("paths", "{}.msg", lambda path, number: put(path, sent_mail(MONDAY + 60 * number))),
    "ics": ("paths", "{}.ics", lambda path, number: put(path, calendar(event(uid=f"e{number}")))),
    "calls": ("paths", "{}.csv", lambda path, number: put(path, CALLS.format(minute=10 + number))),
    "documents": ("paths", "{}.docx", lambda path, number: docx(path, saved=MONDAY + 60 * number)),
}


def into_nothing(path: Path) -> None:
    path.unlink()


def into_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("turns", [into_nothing, into_a_folder])
@pytest.mark.parametrize("kind", SOURCES)
def test_a_file_that_goes_after_it_was_listed_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, turns: Callable[[Path], None]
) -> None:
    """The others are read, and when it is back it is read too."""
    setting, name, make = SOURCES[kind]
    folder = tmp_path / "files"
    paths = [folder / name.format(number) for number in range(3)]
    for number, path in enumerate(paths):
        make(path, number)

    def listed(root: Path) -> list[Path]:
        found = regular_files(root)
        turns(paths[1])
        return found

    where: Any = str(folder) if setting == "path" else [str(folder)]
    source = SourceSettings(account="local", type=kind, **{setting: where})
    module = importlib.import_module(plugins.COLLECTORS[kind].partition(":")[0])
    with monkeypatch.context() as patched:
        patched.setattr(module, "regular_files", listed)
        shelf = Shelf().run(plugins.collector(source), context())
    assert len(shelf.items) == 2
    if paths[1].is_dir():
        paths[1].rmdir()
    make(paths[1], 1)
    shelf.run(plugins.collector(source), context())
    assert len(shelf.items) == 3
