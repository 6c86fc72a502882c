"""Why this matter, in words: the views that speak for it, by how much they weigh."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from autotime.classifiers.model import Model
from autotime.classifiers.rules import Hit
from autotime.classifiers.slate import LEARNED, NEW, VIEWS
from autotime.classifiers.views import Past
from autotime.domain.learning import Features

GROUPS = {
    "sender": ("sender",),
    "thread": ("thread",),
    "people": ("circle", "people", "domains", "among", "among_log", "among_lead"),
    "text": tuple(name for name in LEARNED[: -len(Past.NAMES)] if not name.startswith("among")),
    "recent": ("days", "weeks", "months", "lately", "absent"),
}
SAYS_SOMETHING = 0.4
"""Log-odds beside the other candidates from which a view is worth a word."""


def reasons(
    model: Model, row: np.ndarray, others: np.ndarray, hits: Sequence[Hit], item: Features, label: str
) -> tuple[str, ...]:
    """``row``: the views of the candidate; ``others``: the mean views of all candidates of the item."""
    lead = dict(zip(VIEWS, model.weights * (row - others), strict=True))
    told: dict[str, float] = defaultdict(float)
    for name, views in GROUPS.items():
        words = _words(model, name, row, item, label)
        if words:
            told[words] += sum(lead[view] for view in views)
    for hit in hits:
        told[hit.reason] += float(model.weights[VIEWS.index(hit.rule, NEW)]) * hit.strength
    strong = sorted(((worth, words) for words, worth in told.items() if worth >= SAYS_SOMETHING), key=lambda w: -w[0])
    return tuple(words for _, words in strong)


def _words(model: Model, group: str, row: np.ndarray, item: Features, label: str) -> str:
    """What a group of views has to say; nothing for a matter it knows nothing of."""
    if row[NEW]:
        return ""
    match group:
        case "sender":
            about, times = model.past.told(item, "sender", model.labels.index(label))
            return f"this sender, {about} of {times} {'time' if times == 1 else 'times'}" if about else ""
        case "thread":
            about, _ = model.past.told(item, "thread", model.labels.index(label))
            return "an earlier message of this conversation" if about else ""
        case "people":
            return "the people who take part"
        case "text":
            return "its words are like what belonged here before"
    return "a matter of these days"
