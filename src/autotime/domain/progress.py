"""How far long work is, for whoever watches."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Told what is being done, how far it is, and of how much (0: not known)."""


def silent(_what: str, _done: int, _of: int) -> None:
    """Progress nobody watches."""
