"""Delivery to billing systems that are asked over the network, exactly once.

::

    queued ──► sending ═══ one commit, with the payload, its hash, and the ids that stand there already
                  │
                  ├─ one request
                  ▼
       sent · refused · queued (certainly not done) · in doubt     one commit

Around it: before a group of entries is sent, what stands there is listed (``there``); after it, the list is read
again and compared (``sweep``). A push that was killed anywhere leaves at most one entry in doubt (``doubt``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from autotime.billing.outbox import PushReport
from autotime.billing.picking import Wanted
from autotime.domain.doors import Biller
from autotime.store import Store

PATIENCE = 300
Accept = Callable[[Sequence[str]], bool]
Progress = Callable[[str, int, int], None]


def nobody(_: Sequence[str]) -> bool:
    """Accepts no loss."""
    return False


def silent(_: str, __: int, ___: int) -> None:
    """Tells no progress."""


def push_entries(
    store: Store,
    biller: Biller,
    wanted: Wanted,
    *,
    now: Callable[[], int],
    sleep: Callable[[float], None] = time.sleep,
    accept: Accept = nobody,
    dry_run: bool = False,
    progress: Progress = silent,
    patience: float = PATIENCE,
) -> PushReport:
    raise NotImplementedError
