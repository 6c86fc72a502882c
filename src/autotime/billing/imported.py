"""Entries that went to a system in a file: which of those that stand there they are.

An import gives each an id of the system's own, so that they are known by what they say: the day, the matter, the time
and the words. Of two that say the same, each is found once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from autotime.billing.csv import unguarded
from autotime.billing.payload import text
from autotime.domain.delivery import Remote, Submission
from autotime.intake import clean

Says = tuple[str, str, int, str]


def by_content(sent: Iterable[Submission]) -> dict[Says, list[str]]:
    """Receipts of what was sent, by what it says."""
    found: dict[Says, list[str]] = {}
    for one in sent:
        payload = json.loads(one.payload or "{}")
        seconds = int(payload.get("billed_minutes", 0)) * 60
        says = (text(payload, "day"), text(payload, "matter"), seconds, clean(text(payload, "narrative")))
        found.setdefault(says, []).append(one.receipt)
    return found


def as_sent(remote: Remote, matter: str, waiting: dict[Says, list[str]]) -> Remote:
    """An entry there under the receipt of ours that it is, which is then taken out of ``waiting``. ``matter`` is the
    firm's number of its matter."""
    words = clean(unguarded(clean(remote.narrative)))
    receipts = waiting.get((remote.day.isoformat(), matter, remote.seconds or 0, words))
    return replace(remote, id=receipts.pop(0)) if receipts else remote
