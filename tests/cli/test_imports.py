"""What a command loads before it has anything to do: the prompt must come back at once."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = ("sqlmodel", "sqlalchemy", "alembic", "numpy", "scipy", "sklearn", "textual", "icalendar", "docx", "pypdf")
LEARNED = ("numpy", "scipy", "sklearn", "torch", "sentence_transformers")
SCREEN = (*LEARNED, "sqlmodel", "sqlalchemy", "alembic", "icalendar", "pydantic_settings")


def loaded_by(code: str) -> set[str]:
    """The packages a fresh interpreter holds after running ``code``."""
    told = f"{code}\nimport json, sys\nprint(json.dumps([name for name in sys.modules if '.' not in name]))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, timeout=60, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("code", "never"),
    [
        ("import autotime.cli", HEAVY),
        ("import autotime.review.app", SCREEN),
        ("import autotime.office, autotime.operations.health", ("alembic", *LEARNED, "textual")),
        ("import autotime.billing.outbox, autotime.steps.delivering", (*LEARNED, "textual", "icalendar")),
        ("import autotime.pipeline", (*LEARNED, "textual", "icalendar", "docx", "pypdf", "alembic")),
        ("import autotime.domain, autotime.timeline.allocate", (*HEAVY, "pydantic", "rich", "typer")),
    ],
    ids=["the command line", "the review desk", "status", "push", "the pipeline", "the middle"],
)
def test_what_is_not_needed_is_not_loaded(code: str, never: tuple[str, ...]) -> None:
    """Heavy libraries wait until a command uses them."""
    assert not loaded_by(code).intersection(never)


def test_help_loads_nothing_heavy() -> None:
    """Not even while it is printed."""
    code = (
        "import sys\nfrom autotime.cli import app\n"
        "try:\n    app(['--help'], prog_name='autotime')\nexcept SystemExit:\n    pass"
    )
    assert not loaded_by(code).intersection(HEAVY)


def test_importing_autotime_opens_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No file, no folder, no connection is made by an import."""
    home = tmp_path_factory.mktemp("nowhere") / "home"
    modules = "autotime.cli, autotime.pipeline, autotime.settings"
    loaded_by(f"import os\nos.environ['AUTOTIME_HOME'] = {str(home)!r}\nimport {modules}")
    assert not home.exists()
