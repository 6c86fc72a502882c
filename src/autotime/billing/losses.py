"""What a billing system has no place for, and what of it a person agreed to lose."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from autotime.store import Store

Accept = Callable[[Sequence[str]], bool]
"""Whether a person agrees that a system has no place for these fields."""


def nobody(_: Sequence[str]) -> bool:
    """Agrees to no loss."""
    return False


def lossy(target: str, drops: Sequence[str]) -> str:
    return f"{target} has no place for its {', '.join(drops)}: autotime push {target} --accept-losses"


def accepted(store: Store, target: str) -> list[str]:
    """Fields a person agreed to lose on the way to a target."""
    names: list[str] = json.loads(store.meta.get(f"losses.{target}") or "[]")
    return names


def remember(store: Store, target: str, drops: Sequence[str]) -> None:
    if not drops:
        return
    known = json.dumps(sorted({*accepted(store, target), *drops}))
    with store.transaction():
        store.meta.set(f"losses.{target}", known)
        store.audit.append("losses.accepted", target, known)
