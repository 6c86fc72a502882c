"""One office a session, drafted once; each test that changes it works on a copy of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli import firm


@pytest.fixture(scope="session")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of an office whose day is drafted. Not to be changed."""
    folder = tmp_path_factory.mktemp("firm")
    firm.worked(folder / "home", folder / "files")
    return folder / "home"


@pytest.fixture
def home(drafted: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    copied = Path(shutil.copytree(drafted, tmp_path / "home"))
    config = copied / "config.toml"
    config.write_text(config.read_text("utf-8").replace(str(drafted), str(copied)), encoding="utf-8")
    return copied
