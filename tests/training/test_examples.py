"""What is kept of a decision: one example a piece of evidence, one of the time."""

from __future__ import annotations

from dataclasses import replace

from autotime.domain.learning import ExampleKind
from autotime.training.examples import lessons
from tests.billing.firm import entry
from tests.classifiers.firm import decision, mail

ITEM = mail("m", at=500)
SEEN = {ITEM.id: replace(ITEM, revision=3)}
ENTRY = entry(1, evidence=((ITEM.id, 3),))


def test_a_decision_becomes_an_example_of_the_matter_and_one_of_the_time() -> None:
    """Dated by the evidence, with the revision that was read, and the seconds that were worked."""
    matter, duration = lessons(decision(ITEM, "2026-001"), [ENTRY], SEEN)
    assert (matter.kind, matter.label, matter.at, matter.revision) == (ExampleKind.MATTER, "2026-001", 500, 3)
    assert (duration.kind, duration.seconds, duration.at) == (ExampleKind.DURATION, 360, 500)
    assert (matter.decision, duration.decision) == ("d1", ENTRY.decision)


def test_an_accept_all_teaches_nothing() -> None:
    """Neither matter nor time."""
    assert lessons(decision(ITEM, "2026-001", bulk=True), [ENTRY], SEEN) == []


def test_time_added_by_hand_is_evidence_of_nothing() -> None:
    """There is nothing to learn it from; and evidence that is gone teaches no matter."""
    assert [one.kind for one in lessons(decision(ITEM, "2026-001"), [entry(1)], SEEN)] == [ExampleKind.MATTER]
    assert lessons(decision(ITEM, "2026-001"), [], {}) == []
