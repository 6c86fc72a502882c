# ruff: noqa: S101 - this is a test suite, shipped inside the package
"""What every adapter of a billing system promises about reading, and about its sign-in.

The rest of the promises, and how to use them, are in ``autotime.testing.billers``.
"""

from __future__ import annotations

from typing import Any

import pytest

from autotime.domain.doors import Payload
from autotime.domain.errors import AutotimeError, InDoubt, SignInNeeded, SourceUnavailable
from autotime.testing.biller_source import (
    ANSWERS,
    MANY,
    BillerSource,
    Tried,
    cases,
    damaged,
    elsewhere,
    is_signed,
)
from autotime.testing.server import Asked, Reply

OTHERS: dict[str, dict[str, str | int]] = {
    "time": {"billed_minutes": 42},
    "day": {"day": "2026-03-03"},
    "narrative": {"narrative": "Something else altogether"},
}


class BillerReads(BillerSource):
    # -- what the server says ---------------------------------------------------------------------

    @pytest.mark.parametrize("name", ANSWERS)
    def test_an_answer_that_is_no_list_is_not_an_empty_list(self, name: str) -> None:
        """Whoever takes it for one sends again what is there."""
        tried = self.answered(name, self.is_read)
        with pytest.raises((SourceUnavailable, SignInNeeded)) as trouble:
            tried.biller.present([self.payload()])
        self.says_enough_and_no_more(trouble.value, tried)
        assert trouble.value.hint

    @pytest.mark.parametrize("name", [name for name in ANSWERS if name not in ("404", "410")])
    def test_only_what_is_not_found_is_gone(self, name: str) -> None:
        tried = self.answered(name, self.is_read)
        with pytest.raises((SourceUnavailable, SignInNeeded)) as trouble:
            tried.biller.read(self.known_id())
        self.says_enough_and_no_more(trouble.value, tried)

    def test_what_is_not_found_is_gone(self) -> None:
        tried = self.answered("404", self.is_read)
        assert tried.biller.read(self.known_id()) is None

    def known_id(self) -> str:
        """An id as the system gives them."""
        return self.created(self.tried(), self.payload())[0]

    def test_a_busy_system_is_asked_again_when_it_says(self) -> None:
        """Reads only."""
        busy = iter([Reply({}, 429, {"Retry-After": "30"})])
        tried = self.tried(answer=lambda _, asked: next(busy, None) if self.is_read(asked) else None)
        payload = self.payload()
        made = self.created(tried, payload)
        assert [one.id for one in tried.biller.present([payload])] == made
        assert max(tried.clock.slept) >= 30

    # -- damaged answers --------------------------------------------------------------------------

    def test_an_entry_without_an_id_is_not_believed(self) -> None:
        tried = self._harmed(lambda name, value: ... if name in self.ids else value)
        with pytest.raises(InDoubt):
            tried.biller.create(self.payload())
        with pytest.raises(SourceUnavailable):
            tried.biller.present([self.payload()])

    @pytest.mark.parametrize("value", [None, "many", "", [], {}, "1e999999999", True], ids=str)
    def test_time_that_is_no_time_is_no_time_of_ours(self, value: object) -> None:
        """Hidden, or not believed: never a crash, never a number made up."""
        tried = self._harmed(lambda name, right: value if name in self.times else right)
        payload = self.payload()
        try:
            there = [tried.biller.create(payload), *tried.biller.present([payload])]
        except (InDoubt, SourceUnavailable) as trouble:
            self.says_enough_and_no_more(trouble, tried)
            there = []
        assert all(one.seconds is None for one in there)

    def _harmed(self, harm: Any) -> Tried:
        return self.tried(
            answer=lambda system, asked: damaged(system.answer(asked), harm) if is_signed(asked) else None
        )

    # -- who may know the token -------------------------------------------------------------------

    def test_a_token_goes_to_its_own_host_only(self) -> None:
        """Whatever a link of the server says."""
        away = self._home()
        tried = self.tried(answer=lambda system, asked: elsewhere(self._paged(system, asked), away))
        payloads = [self.payload(number) for number in range(MANY)]
        for payload in payloads:
            _quietly(tried, payload)
        try:
            tried.biller.present(payloads)
        except AutotimeError as trouble:
            self.says_enough_and_no_more(trouble, tried)
        assert {one.headers["host"] for one in tried.wire.asked} <= away

    def _home(self) -> set[str]:
        calm = self.tried()
        self.created(calm, self.payload())
        calm.biller.present([self.payload()])
        return {one.headers["host"] for one in calm.wire.asked}

    def _paged(self, system: Any, asked: Asked) -> Reply:
        if "pages" not in self.without:
            self.pages(system)
        reply: Reply = system.answer(asked)
        return reply

    def test_an_expired_token_is_renewed_once(self) -> None:
        self.needs("expire")
        tried = self.tried()
        self.expire(tried.system)
        self.created(tried, self.payload())
        tried.biller.present([self.payload()])
        assert len(tried.held()) == 1
        assert len(tried.sent(lambda asked: not is_signed(asked))) == 1

    def test_a_sign_in_that_has_ended_is_asked_for(self) -> None:
        self.needs("expire")
        tried = self.tried(answer=lambda _, asked: None if is_signed(asked) else Reply({"error": "invalid_grant"}, 400))
        self.expire(tried.system)
        with pytest.raises(SignInNeeded) as trouble:
            tried.biller.create(self.payload())
        with pytest.raises(SignInNeeded):
            tried.biller.present([self.payload()])
        assert "autotime connect" in trouble.value.hint
        assert not tried.held()

    # -- what stands there ------------------------------------------------------------------------

    def test_what_stands_there_is_listed_in_few_requests(self) -> None:
        """As many as pages, not as many as entries."""
        tried, payloads = self.tried(), self.several()
        made = self.created(tried, *payloads)
        before = len(tried.sent(self.is_read))
        there = tried.biller.present(payloads)
        assert set(made) <= {one.id for one in there}
        assert len(tried.sent(self.is_read)) - before <= self.listing

    def test_nothing_is_asked_for_nothing(self) -> None:
        tried = self.tried()
        assert tried.biller.present([]) == []
        assert not tried.wire.asked

    def test_a_list_is_read_to_its_end(self) -> None:
        self.needs("pages")
        tried, payloads = self.tried(), self.several()
        made = self.created(tried, *payloads)
        self.pages(tried.system)
        there = [one.id for one in tried.biller.present(payloads)]
        assert sorted(there) == sorted(made)

    def test_pages_that_lead_in_a_circle_end_and_are_not_the_end(self) -> None:
        """The same page again and again: it is said that the list is not whole."""
        self.needs("pages")
        tried, payloads = self.tried(answer=self._again()), self.several()
        self.created(tried, *payloads)
        self.pages(tried.system)
        before = len(tried.wire.asked)
        with pytest.raises(SourceUnavailable):
            tried.biller.present(payloads)
        assert len(tried.wire.asked) - before < 40

    def _again(self) -> Any:
        first: list[Reply] = []

        def answer(system: Any, asked: Asked) -> Reply | None:
            if self.is_read(asked) and not first:
                first.append(system.answer(asked))
            return first[0] if self.is_read(asked) else None

        return answer

    # -- what is the same -------------------------------------------------------------------------

    def test_an_entry_knows_its_own(self) -> None:
        tried, payloads = self.tried(), self.several()
        self.created(tried, *payloads)
        there = tried.biller.present(payloads)
        pairs = [(payload, one) for payload in payloads for one in there if tried.biller.same(payload, one)]
        assert len(pairs) == len(payloads)
        assert all(payload["narrative"] == one.narrative for payload, one in pairs)

    @pytest.mark.parametrize("changes", cases(OTHERS))
    def test_an_entry_knows_others(self, changes: dict[str, str | int]) -> None:
        self._differs(changes)

    def test_an_entry_of_another_matter_or_person_is_another(self) -> None:
        self._differs({"matter": self.matters[1]})
        self._differs({"timekeeper": self.timekeepers[1]})

    def _differs(self, changes: dict[str, str | int]) -> None:
        tried, payload = self.tried(), self.payload()
        made = tried.biller.create(self.payload(**changes))
        assert not tried.biller.same(payload, made)
        assert tried.biller.same(self.payload(**changes), made)


def _quietly(tried: Tried, payload: Payload) -> None:
    """Its answer is spoiled; whether it is believed is not the matter here."""
    try:
        tried.biller.create(payload)
    except AutotimeError:
        return
