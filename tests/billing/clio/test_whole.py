"""Through the engine: books in, time out, looked at again, taken back; in an account with its real limit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from autotime.billing.joining import Joining
from autotime.billing.picking import Wanted
from autotime.billing.sending import push_entries
from autotime.billing.sweep import sweep
from autotime.billing.voiding import batch_of, void_entries
from autotime.domain.doors import Keys
from autotime.store import Store
from tests.billing.clio.room import Room, room
from tests.billing.firm import BOOKS, TIMEKEEPER, entry, found

DAYS = [date(2026, 3, 1 + number // 4) for number in range(48)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with found(tmp_path, *(entry(n, day=day, billed_minutes=6 + 6 * (n % 9)) for n, day in enumerate(DAYS))) as store:
        yield store


def joined(here: Room, store: Store) -> Room:
    """The room once the firm's books were pulled: Clio's things are known by our names."""
    ada = replace(TIMEKEEPER, emails=("ada@firm.example",))
    joining = Joining("clio", BOOKS, {"AOK": ada}, Keys("clio"))
    for page in here.biller().pull({}):
        store.systems.save_keys(joining.page(page).keys.values())
    return replace(here, keys=store.systems.keys("clio"))


def pushed(here: Room, store: Store) -> list[str]:
    report = push_entries(store, here.biller(), Wanted(), now=lambda: int(here.clock()), sleep=here.clock.sleep)
    assert report.stopped is None
    return [line.state for line in report.lines]


def test_time_goes_out_once_by_the_books_that_came_in(store: Store) -> None:
    here = joined(room(), store)
    assert pushed(here, store) == ["sent"] * 48
    assert pushed(here, store) == []
    assert len(here.clio.entries) == 48
    assert {one["user"]["name"] for one in here.clio.entries} == {"Ada Okafor"}
    assert sum(one["quantity"] for one in here.clio.entries) == 60 * sum(6 + 6 * (n % 9) for n in range(48))
    assert here.clio.limits.refused == 0


def test_what_was_sent_is_found_as_it_was_sent(store: Store) -> None:
    here = joined(room(), store)
    pushed(here, store)
    assert sweep(store, here.biller(), int(here.clock())) == ()


def test_what_a_colleague_changes_or_removes_is_told(store: Store) -> None:
    here = joined(room(), store)
    pushed(here, store)
    first, second, *_ = here.clio.account["activity"]
    here.clio.edit(str(first), quantity=60.0)
    del here.clio.account["activity"][second]
    told = {line.receipt: line.state for line in sweep(store, here.biller(), int(here.clock()))}
    assert told == {str(first): "drifted", str(second): "removed_there"}


def test_a_push_is_taken_back_but_for_what_is_on_a_bill(store: Store) -> None:
    here = joined(room(), store)
    pushed(here, store)
    billed = next(iter(here.clio.account["activity"]))
    here.clio.bill(str(billed))
    lines = void_entries(store, here.biller(), batch_of(store, "clio-0001"))
    assert [one["id"] for one in here.clio.entries] == [billed]
    assert [line.receipt for line in lines if line.problem] == [str(billed)]


def test_a_sign_in_that_ends_in_the_midst_leaves_the_rest_queued(store: Store) -> None:
    here = joined(room(), store)
    answer, sent = here.clio.answer, []

    def ending(asked):
        if asked.method == "POST" and len(sent) == 10:
            here.clio.sign_in.access.clear()
            here.clio.sign_in.refresh.clear()
        sent.extend([asked] if asked.method == "POST" else [])
        return answer(asked)

    here.wire.answer = ending
    report = push_entries(store, here.biller(), Wanted(), now=lambda: int(here.clock()), sleep=here.clock.sleep)
    assert report.stopped is not None
    assert "autotime connect clio" in report.stopped.hint
    here.wire.answer = answer
    here.clio.sign_in.keeps(here.ada)
    assert set(pushed(here, store)) == {"sent"}
    assert len(here.clio.entries) == 48
