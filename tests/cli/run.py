"""The command line in this process: what a person types, what comes out, and the exit code."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from autotime.cli import app
from autotime.cli.common import guarded


@dataclass(frozen=True, slots=True)
class Ran:
    """``out`` is data, ``err`` is talk."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as one JSON document; nothing else may stand beside it."""
        return json.loads(self.out)


def autotime(home: Path, *words: str, typed: str = "", env: Mapping[str, str] | None = None) -> Ran:
    """Runs ``autotime WORDS`` with ``AUTOTIME_HOME`` at ``home``; ``typed`` is what stands on standard input."""
    out, err = _stream(), _stream()
    with (
        patch.dict(os.environ, {"AUTOTIME_HOME": str(home), **(env or {})}),
        patch.object(sys, "argv", ["autotime", *words]),
        patch.object(sys, "stdin", io.StringIO(typed)),
        patch.object(sys, "stdout", out),
        patch.object(sys, "stderr", err),
    ):
        code = _code(lambda: app(list(words), prog_name="autotime"))
    return Ran(code, _text(out), _text(err))


def _code(run: Any) -> int:
    try:
        return guarded(run)
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else 1


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    raw = stream.buffer
    assert isinstance(raw, io.BytesIO)
    return raw.getvalue().decode()


def whole(home: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The same as a process of its own, for what only a process shows."""
    return subprocess.run(
        [sys.executable, "-m", "autotime.cli", *words],
        env={**os.environ, "AUTOTIME_HOME": str(home), **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
