"""Files that go between the look into their folder and the reading of them, are no files at all, or absurdly large."""

from __future__ import annotations

import importlib
import os
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


def local(kind: str, folder: Path) -> SourceSettings:
    """The source of one kind that reads this folder."""
    setting = SOURCES[kind][0]
    where: Any = str(folder) if setting == "path" else [str(folder)]
    return SourceSettings(account="local", type=kind, **{setting: where})


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
    _, name, make = SOURCES[kind]
    folder = tmp_path / "files"
    paths = [folder / name.format(number) for number in range(3)]
    for number, path in enumerate(paths):
        make(path, number)

    def listed(root: Path) -> list[Path]:
        found = regular_files(root)
        turns(paths[1])
        return found

    source = local(kind, folder)
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


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
@pytest.mark.parametrize("kind", SOURCES)
def test_what_is_no_regular_file_is_not_opened(tmp_path: Path, kind: str) -> None:
    """A pipe, an endless device, a link out of the folder, a loop: with names that would be read."""
    _, name, make = SOURCES[kind]
    folder, outside = tmp_path / "files", tmp_path / "outside" / name.format(1)
    make(folder / name.format(0), 0)
    make(outside, 1)
    os.mkfifo(folder / name.format(2))
    (folder / name.format(3)).symlink_to("/dev/zero")
    (folder / name.format(4)).symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    shelf = Shelf().run(plugins.collector(local(kind, folder)), context())
    assert (len(shelf.items), shelf.quarantined) == (1, {})


@pytest.mark.parametrize("kind", ["ics", "calls", "documents"])
def test_a_file_that_is_absurdly_large_is_set_aside_unread(tmp_path: Path, kind: str) -> None:
    """The one beside it is read."""
    _, name, make = SOURCES[kind]
    make(tmp_path / name.format(0), 0)
    with (tmp_path / name.format(1)).open("wb") as large:
        large.truncate(101 << 20)
    shelf = Shelf().run(plugins.collector(local(kind, tmp_path)), context())
    assert len(shelf.items) == 1
    [bad] = shelf.quarantined.values()
    assert "larger than" in bad
