"""What Google is asked is counted in its own units, and never faster than it allows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autotime.collectors.google.quota import Quota
from autotime.testing.google import Workspace
from tests.collectors.google.office import google
from tests.collectors.google.test_service import filled, mails, profile

GET = "gmail.users.messages.get"


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with Workspace() as made:
        yield made


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)


def test_units_are_counted_by_method(workspace: Workspace) -> None:
    quota = Quota(10**6, sleep=lambda _seconds: None)
    with google(workspace, quota=quota) as ada:
        profile(ada)
        mails(ada, filled(workspace, 60))
    assert quota.calls == {"gmail.users.getProfile": 1, GET: 60}
    assert quota.units == {"gmail.users.getProfile": 1, GET: 1200}


def test_no_minute_ever_holds_more_than_the_limit() -> None:
    """At 6000 units a minute and 20 a mail, 300 mails go at once and then five a second at most."""
    clock = Clock()
    quota = Quota(6000, sleep=clock.sleep, clock=clock)
    spent: list[tuple[float, int]] = []
    for number in range(1500):
        quota.spend(GET)
        spent.append((clock.now, 20))
        clock.now += 0.01 * (number % 3)
    for end, _ in spent:
        assert sum(units for at, units in spent if end - 60 < at <= end) <= 6000
    assert clock.now < 300


def test_a_larger_project_is_asked_faster() -> None:
    """Projects made before May 2026 have 15,000 units a minute."""
    clock = Clock()
    quota = Quota(15_000, sleep=clock.sleep, clock=clock)
    for _ in range(750):
        quota.spend(GET)
    assert clock.slept == []


def test_other_apis_have_a_pace_of_their_own() -> None:
    clock = Clock()
    quota = Quota(100, sleep=clock.sleep, clock=clock)
    for _ in range(5):
        quota.spend(GET)
    for _ in range(600):
        quota.spend("calendar.events.list")
    assert clock.slept == []
    quota.spend("calendar.events.list")
    assert sum(clock.slept) == pytest.approx(60, abs=1)


def test_a_batch_never_costs_more_than_a_minute_has(workspace: Workspace) -> None:
    clock = Clock()
    with google(workspace, quota=Quota(100, sleep=clock.sleep, clock=clock)) as ada:
        mails(ada, filled(workspace, 11))
    assert max(workspace.batches) == 5
    assert clock.now == pytest.approx(120, abs=1)
