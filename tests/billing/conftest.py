"""Approved time of two clients, and where its files go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autotime.store import Store

from .firm import entry, found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with found(tmp_path, entry(1), entry(2), entry(3, matter="2026-003")) as store:
        yield store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "outgoing"
