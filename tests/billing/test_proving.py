"""For all that was delivered there is one approval, recorded before, of just what was sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from autotime.billing.csv import CsvBiller
from autotime.billing.outbox import push_files
from autotime.billing.payload import canonical, sha256
from autotime.billing.picking import Wanted
from autotime.billing.proving import unapproved
from autotime.billing.sending import push_entries
from autotime.domain.delivery import Submission
from autotime.store import Store
from tests.billing.firm import NOW, entry, found
from tests.billing.memory import Clock, MemoryBiller

DAY = date(2026, 3, 5)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with found(tmp_path, entry(1, day=DAY), entry(2, day=DAY)) as store:
        yield store


def pushed(store: Store) -> Submission:
    biller = MemoryBiller(Clock())
    push_entries(store, biller, Wanted(), now=biller.clock, sleep=biller.clock.sleep)
    (one,) = store.submissions.of_entry(entry(1).id)
    return one


def test_what_was_approved_and_sent_is_proven(store: Store) -> None:
    pushed(store)
    assert list(unapproved(store)) == []


def test_what_was_approved_and_written_to_a_file_is_proven(store: Store, tmp_path: Path) -> None:
    push_files(store, CsvBiller(), {}, tmp_path / "out", now=NOW)
    assert list(unapproved(store)) == []


@pytest.mark.parametrize("changed", [{"billed_minutes": 600}, {"narrative": "More work"}, {"matter": "2026-002"}])
def test_another_payload_is_told(store: Store, changed: dict[str, Any]) -> None:
    """Even one whose hash was taken anew."""
    one = pushed(store)
    payload = canonical({**json.loads(one.payload), **changed})
    store.submissions.save(replace(one, payload=payload))
    assert list(unapproved(store)) == [
        f"entry {one.entry}, delivered to memory: what was sent is not what its hash was taken of"
    ]
    store.submissions.save(replace(one, payload=payload, payload_hash=sha256(payload)))
    assert list(unapproved(store)) == [
        f"entry {one.entry}, delivered to memory: what was sent is not what was approved"
    ]


def test_what_nobody_approved_is_told(store: Store) -> None:
    """A submission of an entry that was never recorded."""
    one = pushed(store)
    stray = store.submissions.queue(entry(7, day=DAY))
    payload = canonical({**json.loads(one.payload), "entry": stray.entry})
    sending = replace(one, id=stray.id, entry=stray.entry, payload=payload, payload_hash=sha256(payload), receipt="r9")
    store.submissions.save(sending)
    assert list(unapproved(store)) == [f"entry {stray.entry}, delivered to memory: no approval is on record"]
