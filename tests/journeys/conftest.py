"""The office of the command line's tests: drafted once, copied for each journey."""

from __future__ import annotations

from tests.cli.conftest import drafted, home

__all__ = ["drafted", "home"]
