"""Zapier keeps the promises of a biller that somebody can keep who cannot be asked what it received."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from autotime.billing.zapier import ZapierBiller
from autotime.domain.delivery import Offers
from autotime.domain.doors import Biller, Connection, Keys
from autotime.domain.errors import AutotimeError, Refused
from autotime.testing import BillerContract
from autotime.testing.biller_source import ANSWERS, cases
from autotime.testing.billers import HOSTILE, HOURS
from autotime.testing.systems.signed import Kept
from autotime.testing.systems.wire import Clock
from autotime.testing.systems.zapier import Zapier
from autotime.web import Carrier

HOOK = "https://hooks.zapier.com/hooks/catch/1234567/abc123/"

UNSEEN = "a hook cannot be asked what it received"
FIXED = "what a hook received can be neither changed nor taken back, and has no version"
LACKS = {
    "test_what_was_created_can_be_read_back": UNSEEN,
    "test_what_is_dropped_is_not_there_and_is_said": UNSEEN,
    "test_an_answer_that_is_no_list_is_not_an_empty_list": UNSEEN,
    "test_only_what_is_not_found_is_gone": UNSEEN,
    "test_what_is_not_found_is_gone": UNSEEN,
    "test_a_busy_system_is_asked_again_when_it_says": UNSEEN,
    "test_an_entry_without_an_id_is_not_believed": "received is received, whatever the answer says",
    "test_time_that_is_no_time_is_no_time_of_ours": UNSEEN,
    "test_what_stands_there_is_listed_in_few_requests": UNSEEN,
    "test_an_entry_knows_its_own": UNSEEN,
    "test_an_entry_is_changed_as_told_or_not_at_all": FIXED,
    "test_an_entry_is_removed_where_that_is_offered": FIXED,
    "test_a_change_that_may_be_done_is_doubt": FIXED,
}


class TestZapier(BillerContract):
    without: ClassVar[dict[str, str]] = {
        "bill": "a hook knows nothing of bills",
        "edit": FIXED,
        "expire": "the address of a hook does not lapse",
        "closed": "a hook takes any matter",
        "pages": UNSEEN,
        "missing_rate": "a hook takes an entry without a rate",
        "codes": "a hook takes any code",
    }
    proves: ClassVar[Mapping[str, type[AutotimeError]]] = {"401": Refused, "403 page": Refused}

    @pytest.fixture(autouse=True)
    def lacking(self, request: pytest.FixtureRequest) -> None:
        if reason := LACKS.get(request.node.originalname):
            pytest.skip(reason)

    def stand_in(self, clock: Clock) -> Zapier:
        return Zapier(clock)

    def biller(self, carrier: Carrier, clock: Clock) -> Biller:
        given = Connection(Kept(HOOK), Kept())
        return ZapierBiller(given, Keys("zapier"), sleep=clock.sleep, wall=clock, carrier=carrier)

    def id_of(self, entry: Any) -> str:
        return str(entry["run"])

    @pytest.mark.parametrize("narrative", cases(HOSTILE))
    def test_any_narrative_arrives_unchanged_or_is_refused(self, narrative: str) -> None:
        """As far as it can be seen: in the body that was received."""
        tried, payload = self.tried(), self.payload(narrative=narrative)
        made = tried.biller.create(payload)
        assert tried.held()[0]["narrative"] == narrative
        self.is_as_told(tried, made.id, payload)
        assert tried.biller.same(payload, made)

    @pytest.mark.parametrize("changes", cases(HOURS))
    def test_what_cannot_go_is_refused_with_what_to_do(self, changes: dict[str, str | int]) -> None:
        """Any matter and any person can go."""
        self._refuses(self.payload(**changes))

    @pytest.mark.parametrize("name", [name for name in ANSWERS if not name.startswith("200")])
    def test_an_answer_to_a_write_means_what_it_proves(self, name: str) -> None:
        """200 means received, whatever stands in it."""
        super().test_an_answer_to_a_write_means_what_it_proves(name)

    def test_nothing_there_is_touched(self) -> None:
        """A change and a removal are refused, without a request."""
        tried = self.tried()
        made = tried.biller.create(self.payload())
        assert tried.biller.offers == Offers(lists=False, external=True)
        self._stays(tried, made)
        assert len(tried.wire.asked) == 1
