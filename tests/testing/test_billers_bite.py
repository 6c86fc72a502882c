"""The contract for billers finds what it is there to find: each careless adapter fails its test, which the honest
one passes."""

from __future__ import annotations

import time
from typing import Any

import pytest

from autotime.domain.doors import Biller
from autotime.testing.biller_reads import OTHERS
from autotime.testing.billers import HOSTILE, HOURS, UNKNOWN
from autotime.testing.systems.ledger import Ledger
from autotime.testing.systems.ledger_biller import LedgerBiller
from autotime.testing.systems.signed import signed_in
from autotime.testing.systems.wire import Clock, Fate
from autotime.web import Carrier

from . import careless_billers as careless
from . import test_billers as honest

ONCE = "test_a_request_is_made_once_whatever_becomes_of_it"
MEANS = "test_an_answer_to_a_write_means_what_it_proves"
LISTS = "test_an_answer_that_is_no_list_is_not_an_empty_list"
GONE = "test_only_what_is_not_found_is_gone"
TELLS = "test_an_entry_is_created_once_and_as_it_was_told"
TEXT = "test_any_narrative_arrives_unchanged_or_is_refused"
REFUSES = "test_what_cannot_go_is_refused_with_what_to_do"
OTHER = "test_an_entry_knows_others"
BILLED = "test_what_is_billed_is_not_touched"
CIRCLE = "test_pages_that_lead_in_a_circle_end_and_are_not_the_end"

BITTEN: list[tuple[type[LedgerBiller], str, dict[str, Any]]] = [
    (careless.PostsTwice, ONCE, {"fate": Fate.LOST_AFTER}),
    (careless.PostsTwice, ONCE, {"fate": Fate.DONE_5XX}),
    (careless.PostsTwice, ONCE, {"fate": Fate.LATE}),
    (careless.PostsTwice, MEANS, {"name": "502"}),
    (careless.PostsUntilItWorks, ONCE, {"fate": Fate.TOO_MANY}),
    (careless.LosesText, TEXT, {"narrative": HOSTILE["a pipe"] * 20}),
    (careless.LosesLines, TEXT, {"narrative": HOSTILE["line breaks"]}),
    (careless.SaysOneThingAndSendsAnother, TELLS, {}),
    (careless.RoundsUp, "test_what_was_created_can_be_read_back", {}),
    (careless.SaysNothingIsLost, "test_what_is_dropped_is_not_there_and_is_said", {}),
    (careless.SaysAllIsLost, "test_what_is_dropped_is_not_there_and_is_said", {}),
    *((careless.RefusesNothing, REFUSES, {"changes": changes}) for changes in (*UNKNOWN.values(), *HOURS.values())),
    (careless.RefusesCurtly, REFUSES, {"changes": UNKNOWN["an unknown matter"]}),
    (careless.RefusesWithTheText, REFUSES, {"changes": HOURS["no time"]}),
    (careless.IgnoresTheSignIn, MEANS, {"name": "401"}),
    (careless.IgnoresTheSignIn, "test_a_sign_in_that_has_ended_is_asked_for", {}),
    (careless.TakesDoubtForNo, MEANS, {"name": "500"}),
    (careless.TakesDoubtForNo, MEANS, {"name": "200 cut"}),
    (careless.TakesBusyForNo, MEANS, {"name": "429"}),
    (careless.TakesBusyForNo, MEANS, {"name": "403 page"}),
    (careless.ForgetsTheWait, ONCE, {"fate": Fate.TOO_MANY}),
    (careless.BelievesAPage, MEANS, {"name": "200 page"}),
    (careless.BelievesAPage, MEANS, {"name": "200 status inside"}),
    (careless.QuotesTheServer, MEANS, {"name": "422"}),
    (careless.ShowsTheToken, LISTS, {"name": "500"}),
    (careless.TakesTroubleForNothing, LISTS, {"name": "500"}),
    (careless.TakesTroubleForNothing, LISTS, {"name": "200 page"}),
    (careless.TakesTroubleForNothing, LISTS, {"name": "404"}),
    (careless.TakesTroubleForGone, GONE, {"name": "500"}),
    (careless.TakesTroubleForGone, GONE, {"name": "403"}),
    (careless.NeverFindsItGone, "test_what_is_not_found_is_gone", {}),
    (careless.ReadsOnePage, "test_a_list_is_read_to_its_end", {}),
    (careless.TurnsInCircles, CIRCLE, {}),
    (careless.StopsQuietlyInACircle, CIRCLE, {}),
    (careless.FollowsAnyLink, "test_a_token_goes_to_its_own_host_only", {}),
    (careless.AsksForEach, "test_what_stands_there_is_listed_in_few_requests", {}),
    (careless.AsksForNothing, "test_nothing_is_asked_for_nothing", {}),
    (careless.SleepsItself, "test_an_entry_knows_its_own", {}),
    (careless.InventsTime, "test_time_that_is_no_time_is_no_time_of_ours", {"value": None}),
    (careless.NeedsNoId, "test_an_entry_without_an_id_is_not_believed", {}),
    (careless.NeverRenews, "test_an_expired_token_is_renewed_once", {}),
    (careless.AlwaysRenews, "test_an_expired_token_is_renewed_once", {}),
    (careless.ForgetsTheVersion, "test_what_was_changed_there_meanwhile_is_not_touched", {}),
    (careless.ChangesAgain, "test_a_change_that_may_be_done_is_doubt", {"fate": Fate.NOT_DONE}),
    (careless.RemovesNothing, "test_an_entry_is_removed_where_that_is_offered", {}),
    (careless.ChangesByAddingOne, "test_an_entry_is_changed_as_told_or_not_at_all", {}),
    (careless.blind_to(seconds=0), OTHER, {"changes": OTHERS["time"]}),
    (careless.blind_to(day=0), OTHER, {"changes": OTHERS["day"]}),
    (careless.blind_to(narrative=0), OTHER, {"changes": OTHERS["narrative"]}),
    (careless.blind_to(matter=0), "test_an_entry_of_another_matter_or_person_is_another", {}),
    (careless.blind_to(timekeeper=0), "test_an_entry_of_another_matter_or_person_is_another", {}),
    (careless.GivesUpAtOnce, "test_a_busy_system_is_asked_again_when_it_says", {}),
    (careless.RefusesAll, "test_what_can_go_is_not_refused", {}),
    (careless.KnowsNothing, "test_an_entry_knows_its_own", {}),
]


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the contract, whose own fixtures do not run here."""

    def slept(_seconds: float) -> None:
        raise AssertionError("it slept by the machine's own clock")

    monkeypatch.setattr(time, "sleep", slept)


def promises(adapter: type[LedgerBiller], system: type[Ledger] = Ledger) -> honest.TestLedger:
    class Tried(honest.TestLedger):
        def stand_in(self, clock: Clock) -> Ledger:
            return system(clock)

        def biller(self, carrier: Carrier, clock: Clock) -> Biller:
            return adapter(signed_in(), honest.KEYS, sleep=clock.sleep, wall=clock, carrier=carrier)

    return Tried()


@pytest.mark.parametrize(("adapter", "test", "case"), BITTEN, ids=lambda it: getattr(it, "__name__", None))
def test_a_careless_adapter_is_caught(adapter: type[LedgerBiller], test: str, case: dict[str, Any]) -> None:
    getattr(promises(LedgerBiller), test)(**case)
    with pytest.raises((Exception, pytest.fail.Exception)):
        getattr(promises(adapter), test)(**case)


def test_an_adapter_that_leaves_billed_entries_to_the_system_is_caught() -> None:
    """Where the system does not see to it."""
    getattr(promises(LedgerBiller, careless.Trusting), BILLED)(seen=True)
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(promises(careless.ForgetsBilled, careless.Trusting), BILLED)(seen=True)


def test_every_promise_is_kept_from_somebody() -> None:
    """Each test of the contract catches at least one careless adapter, but for the few named here."""
    names = {name for name in dir(honest.TestLedger) if name.startswith("test_")}
    bitten = {test for _, test, _ in BITTEN} | {BILLED}
    assert names - bitten == UNBITTEN


UNBITTEN = {
    "test_a_closed_matter_is_refused_by_us_or_by_them",
    "test_a_code_outside_the_set_is_refused",
    "test_a_missing_rate_is_refused_where_one_is_needed",
    "test_it_is_a_biller",
}
"""What the ledger has no such thing for, or leaves to nobody."""
