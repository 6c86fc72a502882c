"""``python -m benchmarks``: found by name, one JSON object, and a failure hides nothing."""

from __future__ import annotations

import importlib
import json
import sys
from types import ModuleType

import pytest

from benchmarks import __main__ as run


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three benchmarks: one that works, one that fails, and one that wants to leave."""

    def module(name: str, measure: object) -> None:
        made = ModuleType(f"benchmarks.{name}")
        made.__dict__["measure"] = measure
        monkeypatch.setitem(sys.modules, f"benchmarks.{name}", made)

    def broken(quick: bool) -> dict[str, float]:
        raise RuntimeError("no disk")

    module("works", lambda quick: {"seconds": 1.5 if quick else 3.0})
    module("fails", broken)
    monkeypatch.setattr(run, "names", lambda: ["fails", "works"])


@pytest.mark.usefixtures("fake")
def test_all_are_measured_and_printed_as_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    """The error of one stands under its name, and the exit code says that there was one."""
    assert run.main(["--quick"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["works"] == {"seconds": 1.5}
    assert told["fails"] == {"error": "RuntimeError: no disk"}
    assert told["quick"] is True


@pytest.mark.usefixtures("fake")
def test_one_is_measured_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    """And nothing else."""
    assert run.main(["works"]) == 0
    assert json.loads(capsys.readouterr().out).keys() == {"machine", "quick", "works"}


@pytest.mark.usefixtures("fake")
def test_a_name_that_is_none_is_a_misuse(capsys: pytest.CaptureFixture[str]) -> None:
    """With the names there are."""
    with pytest.raises(SystemExit) as left:
        run.main(["wroks"])
    assert left.value.code == 2
    assert "fails, works" in capsys.readouterr().err


@pytest.mark.parametrize("name", run.names())
def test_every_benchmark_can_be_asked(name: str) -> None:
    """Each module of the folder has ``measure`` and says what it measures."""
    module = importlib.import_module(f"benchmarks.{name}")
    assert callable(module.measure)
    assert module.__doc__
