"""The drawers of the journey into billing: each step allowed once, each entry billed by one target."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from autotime.domain.delivery import DeliveryState, Submission
from autotime.domain.errors import NeedsPerson, NotAllowed
from autotime.store import Store
from autotime.store.ledger import MOVES, SUBMISSION
from autotime.store.translate import encode
from tests.billing.firm import entry

from .nouns import ODD, batch

S = DeliveryState


def row(submission: Submission, **changes: Any) -> dict[str, Any]:
    """A row as a program without our rules would write it."""
    changed = replace(submission, **changes)
    return {
        "id": changed.id,
        "entry": changed.entry,
        "entry_revision": changed.entry_revision,
        "target": changed.target,
        "state": changed.state.value,
        "copy": changed.copy,
        "data": encode(changed),
    }


def brought_to(store: Store, state: DeliveryState) -> Submission:
    """A submission in a state, by steps that may be taken."""
    ways: dict[DeliveryState, list[DeliveryState]] = {S.QUEUED: []}
    while state not in ways:
        ways |= {after: [*way, after] for was, way in list(ways.items()) for after in MOVES[was] if after not in ways}
    made = store.submissions.queue(entry(1))
    for step in ways[state]:
        made = replace(made, state=step)
        store.submissions.save(made)
    return made


def test_a_submission_remembers_each_step(store: Store) -> None:
    """With all it carries."""
    made = store.submissions.queue(entry(1), "csv")
    sending = replace(made, state=S.SENDING, batch="csv-0001", line=1, payload=ODD, payload_hash="ab", attempts=1)
    store.submissions.save(sending)
    assert store.submissions.get(made.id) == sending
    assert store.submissions.of_entry(entry(1).id) == [sending]
    assert store.submissions.in_state(S.SENDING, target="csv") == [sending]
    assert store.submissions.in_state(S.SENDING, target="ledes") == []
    assert store.submissions.counts() == {"sending": 1}


@pytest.mark.parametrize("was", S)
def test_only_the_steps_on_the_list_can_be_taken(store: Store, was: DeliveryState) -> None:
    """Every pair of states; what was sent is never queued again."""
    made = brought_to(store, was)
    for wanted in set(S) - MOVES[was]:
        with pytest.raises(NotAllowed, match=f"a submission that is {was.value} cannot become {wanted.value}"):
            store.submissions.save(replace(made, state=wanted))
    assert store.submissions.get(made.id) == made


def test_nothing_leads_back_from_sent_to_the_queue() -> None:
    """By any number of steps."""
    reached, waiting = set[DeliveryState](), {S.SENT}
    while waiting:
        reached |= waiting
        waiting = {after for was in waiting for after in MOVES[was]} - reached
    assert not reached & {S.QUEUED, S.SENDING}


def test_a_submission_nobody_queued_takes_no_step(store: Store) -> None:
    """It is unknown."""
    unknown = Submission(id="q9", entry="e9", entry_revision=1, state=S.SENT)
    with pytest.raises(NotAllowed, match="unknown"):
        store.submissions.save(unknown)


def test_an_entry_is_queued_once(store: Store) -> None:
    """A second submission of the same revision is refused, and nothing of it is kept."""
    store.submissions.queue(entry(1), "csv")
    head = store.audit.head()
    with pytest.raises(NeedsPerson):
        store.submissions.queue(entry(1), "ledes")
    assert len(store.submissions.of_entry(entry(1).id)) == 1
    assert store.audit.head() == head


LIVE = [state for state in S if state not in (S.REFUSED, S.CANCELLED)]


@pytest.mark.parametrize(("one", "other"), [*product(LIVE[:4], LIVE[:4]), *((state, S.QUEUED) for state in LIVE[4:])])
def test_the_database_itself_refuses_two_live_submissions(
    store: Store, one: DeliveryState, other: DeliveryState
) -> None:
    """Even from a program that knows none of our rules."""
    first = Submission(id="q1", entry="e1", entry_revision=1, state=one, target="csv")
    second = replace(first, id="q2", target="ledes", state=other)
    store.submissions.write(SUBMISSION.insert(), [row(first)])
    with pytest.raises(NeedsPerson, match="contradicts another"):
        store.submissions.write(SUBMISSION.insert(), [row(second)])
    assert sum(store.submissions.counts().values()) == 1


@pytest.mark.parametrize("dead", [S.REFUSED, S.CANCELLED])
def test_a_dead_submission_makes_room_for_another_and_cannot_come_back(store: Store, dead: DeliveryState) -> None:
    """Not while the other lives."""
    first = Submission(id="q1", entry="e1", entry_revision=1, state=dead, target="csv")
    store.submissions.write(SUBMISSION.insert(), [row(first), row(first, id="q2", target="ledes", state=S.QUEUED)])
    with pytest.raises(NeedsPerson, match="contradicts another"):
        store.submissions.write(SUBMISSION.update().where(SUBMISSION.c.id == "q1").values(**row(first, state=S.QUEUED)))
    assert store.submissions.counts() == {dead.value: 1, "queued": 1}


def test_copies_stand_beside_the_one_that_bills(store: Store) -> None:
    """One for each other target, and no two for the same."""
    store.submissions.queue(entry(1), "ledes")
    store.submissions.queue(entry(1), "csv", copy=True)
    store.submissions.queue(entry(1), "sheet", copy=True)
    assert sorted(one.target for one in store.submissions.of_entry(entry(1).id) if one.copy) == ["csv", "sheet"]
    with pytest.raises(NeedsPerson):
        store.submissions.queue(entry(1), "csv", copy=True)


def test_a_correction_is_a_submission_of_its_own(store: Store) -> None:
    """Each revision of an entry is billed once."""
    store.submissions.queue(entry(1))
    store.submissions.queue(entry(1, revision=2))
    assert [one.entry_revision for one in store.submissions.in_state(S.QUEUED)].count(2) == 1


# -- batches --------------------------------------------------------------------------------------


def test_batches_are_numbered_by_target(store: Store) -> None:
    """From one, without gaps."""
    assert store.batches.next_number("csv") == 1
    store.batches.save(batch(1))
    assert store.batches.next_number("csv") == 2
    assert store.batches.next_number("ledes") == 1


def test_a_batch_is_found_by_its_name(store: Store) -> None:
    """And remembers that its file was written."""
    store.batches.save(batch(1, header=ODD))
    store.batches.save(batch(2, id="ledes-0002", target="ledes"))
    store.batches.written(batch(1, header=ODD))
    assert store.batches.get("csv-0001") == batch(1, header=ODD, written=True)
    assert store.batches.get("csv-0009") is None
    assert [one.id for one in store.batches.all()] == ["csv-0001", "ledes-0002"]
    assert [one.id for one in store.batches.all(["ledes"])] == ["ledes-0002"]
