"""What a person must settle is shown with what stands there, and every answer does one thing and is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from autotime.billing import sweep
from autotime.billing.payload import payload_of
from autotime.billing.picking import Wanted
from autotime.billing.resolving import Answer, Case, Kind, cases, settle
from autotime.billing.sending import push_entries
from autotime.domain.delivery import DeliveryState, Offers, Remote, Submission
from autotime.domain.errors import Misused, Stale
from autotime.store import Store
from autotime.store.audit import AUDIT
from tests.billing.firm import BOOKS, TIMEKEEPER, entry, found
from tests.billing.memory import HOUR, MINUTE, Clock, MemoryBiller

DAY = date(2026, 3, 5)
S = DeliveryState
BY_HAND = Remote(id="", timekeeper="AOK", matter="2026-001", day=DAY, seconds=1800, narrative="Entered by hand")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with found(tmp_path, entry(1, day=DAY)) as store:
        yield store


@pytest.fixture
def biller() -> MemoryBiller:
    return MemoryBiller(Clock())


def push(store: Store, biller: MemoryBiller, *plan: str) -> None:
    biller.plan = list(plan)
    push_entries(store, biller, Wanted(), now=biller.clock, sleep=biller.clock.sleep)


def the_case(store: Store, biller: MemoryBiller) -> Case:
    (case,) = cases(store, biller, biller.clock())
    return case


def answer(store: Store, biller: MemoryBiller, given: Answer, remote: str = "") -> None:
    settle(store, biller, the_case(store, biller), given, remote, biller.clock())


def the_one(store: Store) -> Submission:
    (one,) = store.submissions.in_state(*S)
    return one


def recorded(store: Store) -> list[str]:
    rows = store.audit.rows(select(AUDIT.c.action).order_by(AUDIT.c.seq))
    assert store.audit.verify().ok
    return [row.action for row in rows if row.action.startswith("resolve.")]


def doubtful(store: Store, biller: MemoryBiller) -> None:
    """Sent and lost twice, and not found: a person is asked."""
    for _ in range(2):
        push(store, biller, "lost_before")
        for _ in range(2):
            biller.clock.now += 15 * MINUTE
            sweep.sweep(store, biller, biller.clock())
            cases(store, biller, biller.clock())
    assert the_one(store).state is S.IN_DOUBT


def test_a_case_that_a_night_settled_meanwhile_is_stale(store: Store, biller: MemoryBiller) -> None:
    push(store, biller, "lost_after")
    case = the_case(store, biller)
    biller.clock.now += HOUR
    assert cases(store, biller, biller.clock()) == []
    with pytest.raises(Stale, match="changed since it was shown"):
        settle(store, biller, case, Answer.LEAVE, "", biller.clock())


def test_where_all_is_well_there_is_nothing_to_settle(store: Store, biller: MemoryBiller) -> None:
    push(store, biller)
    assert cases(store, biller, biller.clock()) == []


def test_what_may_still_arrive_cannot_be_sent_again(store: Store, biller: MemoryBiller) -> None:
    push(store, biller, "lost_before")
    case = the_case(store, biller)
    assert (case.kind, case.settles, case.answers) == (Kind.DOUBT, True, (Answer.LEAVE,))
    with pytest.raises(Misused, match="cannot be answered with «again»"):
        answer(store, biller, Answer.AGAIN)


def test_a_person_who_looked_sends_it_once_more(store: Store, biller: MemoryBiller) -> None:
    doubtful(store, biller)
    answer(store, biller, Answer.AGAIN)
    push(store, biller)
    assert (the_one(store).state, len(biller.rows), recorded(store)) == (S.SENT, 1, ["resolve.again"])


def test_a_person_names_the_one_that_is_ours(store: Store, biller: MemoryBiller) -> None:
    """Here two say the same; the other then is other work."""
    push(store, biller, "lost_after")
    biller.add(replace(biller.rows[0], id=""))
    biller.clock.now += HOUR
    assert [row.id for row in the_case(store, biller).there] == ["r101", "r102"]
    with pytest.raises(Misused, match="which one there is meant"):
        answer(store, biller, Answer.CLAIM)
    answer(store, biller, Answer.CLAIM, "r102")
    assert (the_one(store).state, the_one(store).receipt) == (S.SENT, "r102")


def test_something_like_it_can_be_other_work(store: Store, biller: MemoryBiller) -> None:
    """Then it is not found, and goes once more."""
    push(store, biller, "lost_before")
    biller.add(BY_HAND)
    biller.clock.now += 15 * MINUTE
    assert "something like it" in the_case(store, biller).reason
    answer(store, biller, Answer.ACKNOWLEDGE)
    for _ in range(3):
        biller.clock.now += 15 * MINUTE
        push(store, biller)
    assert (the_one(store).state, len(biller.rows)) == (S.SENT, 2)
    assert store.billed.all()[0].status == "acknowledged"


def test_a_twin_is_other_work_or_is_removed_there(store: Store, biller: MemoryBiller) -> None:
    push(store, biller)
    twin = biller.add(replace(biller.rows[0], id=""))
    sweep.sweep(store, biller, biller.clock())
    assert the_case(store, biller).kind is Kind.DUPLICATE
    answer(store, biller, Answer.ACKNOWLEDGE)
    assert the_one(store).state is S.SENT
    assert sweep.sweep(store, biller, biller.clock()) == ()
    store.billed.forget("memory", [twin.id])
    assert the_one(store).state is S.SENT
    sweep.sweep(store, biller, biller.clock())
    biller.rows.remove(twin)
    assert cases(store, biller, biller.clock()) == []
    assert the_one(store).state is S.SENT


def test_what_was_changed_there_is_made_as_it_was_approved(store: Store, biller: MemoryBiller) -> None:
    push(store, biller)
    biller.rows[0] = replace(biller.rows[0], seconds=7200)
    sweep.sweep(store, biller, biller.clock())
    case = the_case(store, biller)
    assert (case.kind, case.reason) == (Kind.DRIFT, "there it is otherwise: 2:00 h, not 0:06 h")
    answer(store, biller, Answer.CHANGE)
    assert (the_one(store).state, biller.rows[0].seconds) == (S.SENT, 360)


def test_what_was_changed_there_may_stand_as_it_is(store: Store, biller: MemoryBiller) -> None:
    """A bill is edited before it goes out. Nobody asks again, until it is changed once more."""
    push(store, biller)
    biller.rows[0] = replace(biller.rows[0], narrative="Edited for the bill", rate=Decimal("385.00"))
    answer(store, biller, Answer.ACCEPT)
    biller.rows[0] = replace(biller.rows[0], billed=True, version="v2", rate=Decimal("385.0"))
    assert cases(store, biller, biller.clock()) == []
    assert (the_one(store).state, the_one(store).billed, the_one(store).reason) == (S.SENT, True, "")
    biller.rows[0] = replace(biller.rows[0], seconds=7200)
    assert the_case(store, biller).kind is Kind.DRIFT


def test_what_is_billed_is_not_changed(store: Store, biller: MemoryBiller) -> None:
    push(store, biller)
    biller.rows[0] = replace(biller.rows[0], seconds=7200, billed=True)
    sweep.sweep(store, biller, biller.clock())
    assert the_case(store, biller).answers == (Answer.ACCEPT, Answer.LEAVE)
    assert the_one(store).billed


def test_what_is_gone_there_goes_again_only_by_a_person_s_word(store: Store, biller: MemoryBiller) -> None:
    push(store, biller)
    biller.rows.clear()
    assert [line.state for line in sweep.sweep(store, biller, biller.clock())] == ["removed_there"]
    push(store, biller)
    assert biller.rows == []
    answer(store, biller, Answer.AGAIN)
    push(store, biller)
    assert (the_one(store).state, len(biller.rows)) == (S.SENT, 1)


def test_a_day_s_foreign_time_is_acknowledged_and_the_day_goes(store: Store, biller: MemoryBiller) -> None:
    biller.add(BY_HAND)
    push(store, biller)
    case = the_case(store, biller)
    assert (case.kind, case.ours, case.answers) == (Kind.FOREIGN, {}, (Answer.ACKNOWLEDGE, Answer.LEAVE))
    answer(store, biller, Answer.ACKNOWLEDGE)
    assert cases(store, biller, biller.clock()) == []
    push(store, biller)
    assert the_one(store).state is S.SENT


def test_foreign_time_that_says_the_same_can_be_ours(store: Store, biller: MemoryBiller) -> None:
    """Then nothing is sent: it is there."""
    biller.add(biller.row(payload_of(entry(1, day=DAY), BOOKS, TIMEKEEPER)))
    push(store, biller)
    answer(store, biller, Answer.CLAIM)
    push(store, biller)
    assert (the_one(store).state, the_one(store).receipt, len(biller.rows)) == (S.SENT, "r101", 1)
    biller.rows.clear()
    assert [line.state for line in sweep.sweep(store, biller, biller.clock())] == ["removed_there"]


def test_a_system_that_cannot_be_read_is_looked_at_by_the_person(store: Store, biller: MemoryBiller) -> None:
    biller.offers = Offers(lists=False)
    push(store, biller, "lost_before")
    assert the_case(store, biller).answers == (Answer.CLAIM, Answer.LEAVE)
    biller.clock.now += HOUR
    answer(store, biller, Answer.CLAIM)
    assert the_one(store).state is S.HANDED_OVER


def test_what_a_colleague_changed_since_is_found_when_somebody_asks(store: Store, biller: MemoryBiller) -> None:
    """Without waiting for the night: reconcile told of it a moment ago."""
    push(store, biller)
    biller.rows[0] = replace(biller.rows[0], seconds=60)
    assert the_case(store, biller).kind is Kind.DRIFT
    biller.rows.clear()
    assert the_case(store, biller).kind is Kind.REMOVED


def test_what_was_sent_long_ago_is_looked_at_for_the_days_that_are_named(store: Store, biller: MemoryBiller) -> None:
    push(store, biller)
    biller.clock.now += sweep.FORTNIGHT + 1
    biller.rows[0] = replace(biller.rows[0], seconds=60)
    assert cases(store, biller, biller.clock()) == []
    assert cases(store, biller, biller.clock(), date(2026, 3, 6)) == []
    (case,) = cases(store, biller, biller.clock(), DAY)
    assert case.kind is Kind.DRIFT
    biller.rows[0] = replace(biller.rows[0], seconds=360)
    assert cases(store, biller, biller.clock()) == [], "what was found otherwise is looked at however old it is"
