"""How the desk looks, window by window, at 80×24 and 140×40. `pytest --snapshot-update` takes new pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.amber import AmberSnapshotExtension

from tests.review import day
from tests.review.screen import desk_of
from tests.review.test_app import Kept

SIZES = [(80, 24), (140, 40)]
WINDOWS = {
    "day": (),
    "decided": ("a", "j", "d", "1"),
    "changed": ("j", "plus", "k"),
    "marked": ("space", "space"),
    "edit": ("e",),
    "matter": ("m", "l", "e"),
    "split": ("s",),
    "add": ("n",),
    "dismiss": ("d",),
    "all safe": ("A",),
    "push": ("a", "p"),
    "days": ("g",),
    "help": ("question_mark",),
    "refused": ("j", "j", "a"),
}


@pytest.fixture
def pictures(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(AmberSnapshotExtension)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("window", WINDOWS)
async def test_windows_look_as_they_did(
    tmp_path: Path, pictures: SnapshotAssertion, window: str, size: tuple[int, int]
) -> None:
    with day.office(tmp_path) as here:
        async with desk_of(here, size=size, behind=Kept) as screen:
            await screen.press(*WINDOWS[window])
            assert screen.text.replace(str(tmp_path), "HOME") == pictures
