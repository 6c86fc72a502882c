"""The contract for collectors behind HTTP finds what it is there to find: each mutant fails its test, and the
honest collector of ``notes`` passes all of them (``test_remote``)."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from autotime.domain.errors import SignInNeeded, SourceUnavailable
from autotime.testing import RemoteContract
from autotime.testing.server import Drip, Reset, Status, Truncated

from .mutants import (
    AlwaysRenews,
    AsksOnce,
    BelievesTheEnd,
    CountsItems,
    Crowds,
    FollowsAnyLink,
    Forgetful,
    Impatient,
    JudgesByTheServersClock,
    LeavesALock,
    MarksAsRead,
    NeverAsksForASignIn,
    NeverForgets,
    NeverGivesUp,
    NeverWithdraws,
    Overdoes,
    RenewsNothing,
    RunsAhead,
    SaysNothing,
    SaysTooMuch,
    SkipsWhatFails,
    StopsAtNothing,
    TakesAnyShape,
    TrustsItsCursor,
    TurnsForEver,
    WithdrawsAll,
)
from .notes import Notes, NotesCollector, NotesContract

BITTEN: list[tuple[type[NotesCollector], str, dict[str, Any]]] = [
    (
        BelievesTheEnd,
        "test_an_answer_that_does_not_arrive_whole_loses_nothing",
        {"fault": Status(200, kind="text/html")},
    ),
    (AsksOnce, "test_a_storm_of_errors_is_outlasted", {}),
    (SkipsWhatFails, "test_an_answer_that_does_not_arrive_whole_loses_nothing", {"fault": Truncated()}),
    (SkipsWhatFails, "test_an_answer_that_does_not_arrive_whole_loses_nothing", {"fault": Truncated(told=False)}),
    (SkipsWhatFails, "test_an_answer_that_does_not_arrive_whole_loses_nothing", {"fault": Reset()}),
    (SkipsWhatFails, "test_a_slow_drip_or_silence_ends", {"fault": Drip(0.2)}),
    (SkipsWhatFails, "test_a_storm_of_errors_is_outlasted", {}),
    (TakesAnyShape, "test_an_answer_of_another_shape_is_not_believed", {}),
    (SaysNothing, "test_a_source_that_is_not_there_says_so", {}),
    (SaysNothing, "test_a_storm_without_end_ends_the_run", {"status": 503}),
    (SaysTooMuch, "test_an_answer_of_another_shape_is_not_believed", {}),
    (SaysTooMuch, "test_a_storm_without_end_ends_the_run", {"status": 503}),
    (JudgesByTheServersClock, "test_a_clock_that_is_wrong_changes_nothing", {"date": 86_400}),
    (Impatient, "test_a_busy_service_is_asked_again_when_it_says", {"header": "7", "least": 7, "most": 9}),
    (Impatient, "test_a_busy_service_may_name_the_hour", {}),
    (Overdoes, "test_a_busy_service_is_asked_again_when_it_says", {"header": "1000000000", "least": 900, "most": 900}),
    (AsksOnce, "test_a_busy_service_is_asked_again_when_it_says", {"header": "", "least": 0.1, "most": 900}),
    (NeverGivesUp, "test_a_storm_without_end_ends_the_run", {"status": 429}),
    (Crowds, "test_no_more_is_asked_at_once_than_allowed", {}),
    (StopsAtNothing, "test_an_empty_page_with_a_next_link_is_not_the_end", {}),
    (CountsItems, "test_a_page_that_comes_twice_is_stored_once", {}),
    (TurnsForEver, "test_pages_that_lead_in_a_circle_come_to_an_end", {}),
    (NeverForgets, "test_a_cursor_that_expired_is_forgotten_and_nothing_is_new", {}),
    (TrustsItsCursor, "test_a_cursor_nobody_can_read_is_no_way_to_lose_anything", {"value": "{}"}),
    (RunsAhead, "test_a_run_killed_by_the_system_after_any_page_is_finished_by_the_next", {}),
    (LeavesALock, "test_a_run_killed_by_the_system_after_any_page_is_finished_by_the_next", {}),
    (NeverWithdraws, "test_what_no_longer_stands_is_withdrawn", {}),
    (WithdrawsAll, "test_an_item_that_is_gone_harms_no_other", {}),
    (MarksAsRead, "test_reading_changes_nothing_at_the_source", {}),
    (FollowsAnyLink, "test_a_next_link_to_another_host_gets_no_token", {}),
    (FollowsAnyLink, "test_a_stored_link_to_another_host_gets_no_token", {}),
    (RenewsNothing, "test_a_token_that_expires_in_the_midst_is_renewed_once", {}),
    (AlwaysRenews, "test_a_token_that_is_refused_for_good_asks_for_a_sign_in", {}),
    (NeverAsksForASignIn, "test_a_token_that_is_refused_for_good_asks_for_a_sign_in", {}),
    (Forgetful, "test_an_answer_of_another_shape_is_not_believed", {}),
]


def tried(made: type[NotesCollector], promise: str, folder: Path, arguments: Mapping[str, Any]) -> None:
    """One promise, outside of pytest's own running of it."""
    contract = NotesContract()
    contract.made = made
    try:
        getattr(contract, promise)(folder, **arguments)
    finally:
        contract.close()


@pytest.mark.parametrize(("made", "promise", "arguments"), BITTEN, ids=lambda value: getattr(value, "__name__", None))
def test_a_broken_promise_fails_its_test(
    tmp_path: Path, made: type[NotesCollector], promise: str, arguments: dict[str, Any]
) -> None:
    """And the honest collector passes the same one."""
    tried(NotesCollector, promise, tmp_path / "honest", arguments)
    with pytest.raises(
        (AssertionError, pytest.fail.Exception, SourceUnavailable, SignInNeeded, ValueError, LookupError)
    ):
        tried(made, promise, tmp_path / "broken", arguments)


def test_every_promise_is_broken_by_somebody() -> None:
    """No test of the contract that nothing can fail."""
    promises = {name for name, _ in inspect.getmembers(RemoteContract) if name.startswith("test_")}
    inherited = {name for name, _ in inspect.getmembers(RemoteContract.__mro__[2]) if name.startswith("test_")}
    assert promises - inherited <= {promise for _, promise, _ in BITTEN}


def test_a_switch_the_service_has_not_is_skipped_with_the_reason_given(tmp_path: Path) -> None:
    class Timeless(NotesContract):
        without: ClassVar[dict[str, str]] = {"withdraw": "a note stands for ever", "token": "anybody may read"}

    for promise in (
        "test_what_no_longer_stands_is_withdrawn",
        "test_a_token_that_expires_in_the_midst_is_renewed_once",
    ):
        contract = Timeless()
        with pytest.raises(pytest.skip.Exception, match=r"for ever|anybody"):
            getattr(contract, promise)(tmp_path / promise)
        contract.close()


def test_a_switch_nobody_thought_of_is_an_error(tmp_path: Path) -> None:
    """Forgetting one is not the same as having no such thing."""

    class Forgot(NotesContract):
        withdraw = RemoteContract.withdraw

    contract = Forgot()
    with pytest.raises(NotImplementedError):
        contract.test_what_no_longer_stands_is_withdrawn(tmp_path)
    contract.close()


def test_the_stand_in_may_have_its_server_within(tmp_path: Path) -> None:
    class Tenant:
        def __init__(self) -> None:
            self.server = Notes()

    tenant = Tenant()
    assert NotesContract().loopback(tenant) is tenant.server
