"""How often the matter guess is right: ``evaluate`` on every file of mail filed by folder there is.

Looks for ``enron/folders`` in the folder that ``AUTOTIME_SHARED_DATA`` names, or in ``shared/data``
beside the checkout. The mail stays there; only numbers are told.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from autotime.training.evaluate import evaluate
from autotime.training.labelled import read

TOLD = (
    *("accuracy", "accuracy_se", "accuracy_seen", "accuracy_seen_se", "top3", "ece", "ece_floor"),
    *("coverage_at_95", "precision_at_95", "unseen_share", "items", "splits", "fit_seconds", "predict_seconds"),
)


def measure(quick: bool) -> dict[str, Any]:
    """For each user the numbers of ``autotime evaluate FILE --baselines --json``; quick: the smallest only."""
    files = filed_mail()
    if not files:
        return {"skipped": "no mail filed by folder: AUTOTIME_SHARED_DATA names no folder with enron/folders"}
    return {path.name.partition(".")[0]: _measured(path) for path in files[: 1 if quick else None]}


def filed_mail() -> list[Path]:
    """One file a mailbox, the smallest first; none where there is no such folder."""
    named = os.environ.get("AUTOTIME_SHARED_DATA")
    data = Path(named) if named else Path(__file__).parents[1] / ".." / "shared" / "data"
    return sorted((data / "enron" / "folders").glob("*.jsonl.gz"), key=lambda path: path.stat().st_size)


def _measured(path: Path) -> dict[str, Any]:
    result = evaluate(read(path), baselines=True)
    svm = result["baselines"]["linear_svm"]
    beside = {"svm_accuracy": svm["accuracy"], "svm_accuracy_seen": svm["accuracy_seen"]}
    return {name: _rounded(value) for name, value in ({name: result[name] for name in TOLD} | beside).items()}


def _rounded(value: float | int) -> float | int:
    return round(value, 4) if isinstance(value, float) else value
