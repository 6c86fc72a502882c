# ruff: noqa: S101 - this is a test suite, shipped inside the package
"""What every adapter of a billing system promises.

Subclass it, in a class whose name begins with ``Test``, and say how the system is stood in for::

    class TestLedger(BillerContract):
        without = {"codes": "the ledger takes any code"}      # switches this system has no such thing for
        def stand_in(self, clock): return Ledger(clock)       # .answer(asked) -> Reply, .entries
        def biller(self, carrier, clock):
            return LedgerBiller(signed_in(), KEYS, sleep=clock.sleep, wall=clock, carrier=carrier)
        def edit(self, system, wanted): system.edit(wanted, seconds=60)

The switches are described in ``BillerSource``. No test waits and none uses the network.
"""

from __future__ import annotations

import json

import pytest

from autotime.domain.delivery import Remote
from autotime.domain.doors import Biller, Payload
from autotime.domain.errors import AutotimeError, InDoubt, Refused
from autotime.testing.biller_reads import BillerReads
from autotime.testing.biller_source import ANSWERS, FATES, PROVES, Tried, cases
from autotime.testing.systems.wire import Fate

LONG = 20_000
HOSTILE = {
    "a pipe": "Draft | redraft || answer",
    "brackets": "[@click=app.simulate_key('a')]Invoice[/] [] [red]",
    "line breaks": "Review file\nCall client\n\nDraft letter",
    "quotes": "“Harrow” said “no” — it’s 5′ 6″, \"so\" they 'say' \\ `etc`",
    "a formula": '=HYPERLINK("http://elsewhere.example","pay")',
    "markup": "<b>Draft</b> &amp; <script>x()</script> {{name}} %s ${x}",
    "emoji": "Call 👩🏽‍⚖️ re “naïve” résumé ½ € 漢字",
    "right to left": "Letter to עורך דין and محكمة re file 7",
    "20,000 characters": "Review of documents. " * (LONG // 21),
    "other numbers": "17",
}

UNKNOWN = {
    "an unknown matter": {"matter": "9999-404"},
    "an unknown timekeeper": {"timekeeper": "NOBODY"},
}
HOURS = {
    "no time": {"billed_minutes": 0},
    "negative time": {"billed_minutes": -6},
    "more than a day": {"billed_minutes": 24 * 60 + 6},
}


class BillerContract(BillerReads):
    """Say what ``BillerSource`` asks for; these are the promises."""

    def test_it_is_a_biller(self) -> None:
        biller = self.tried().biller
        assert isinstance(biller, Biller)
        assert biller.target
        assert biller.mapping_version

    # -- what it is told --------------------------------------------------------------------------

    def test_an_entry_is_created_once_and_as_it_was_told(self) -> None:
        tried, payload = self.tried(), self.payload()
        made = tried.biller.create(payload)
        assert [self.id_of(one) for one in tried.held()] == [made.id]
        assert len(tried.sent(self.is_write)) == 1
        self.is_as_told(tried, made.id, payload)

    def test_what_was_created_can_be_read_back(self) -> None:
        tried, payload = self.tried(), self.payload()
        made = tried.biller.create(payload)
        for remote in (made, tried.biller.read(made.id), *tried.biller.present([payload])):
            assert remote is not None
            assert remote.id == made.id
            assert remote.day.isoformat() == payload["day"]
            assert remote.seconds == 36 * 60
            assert remote.narrative == payload["narrative"]
            assert not remote.billed

    def test_what_is_dropped_is_not_there_and_is_said(self) -> None:
        """No field that has something to say is lost without ``drops`` naming it, and none that is named is there."""
        tried = self.tried()
        payload = self.payload(**self.spoken())
        made = tried.biller.create(payload)
        whole, drops = json.dumps(self.entry(tried, made.id), default=str), tried.biller.drops(payload)
        there = tried.biller.read(made.id)
        assert there is not None
        for name in ("task_code", "activity_code"):
            if payload[name]:
                assert (name in drops) != (getattr(there, name) == payload[name]), name
        for name in drops:
            assert name in payload
            assert len(str(payload[name])) < 4 or str(payload[name]) not in whole, name

    def spoken(self) -> dict[str, str | int]:
        """Changes of a payload, with codes that the system knows."""
        return {"task_code": "L310", "activity_code": "A103"}

    @pytest.mark.parametrize("narrative", cases(HOSTILE))
    def test_any_narrative_arrives_unchanged_or_is_refused(self, narrative: str) -> None:
        tried, payload = self.tried(), self.payload(narrative=narrative)
        if reason := tried.biller.refuse(payload):
            assert "autotime" in reason
            assert narrative not in reason
            return
        made = tried.biller.create(payload)
        assert any(narrative in str(value) for value in tried.biller.told(payload).values())
        self.is_as_told(tried, made.id, payload)
        assert tried.biller.same(payload, made)
        assert tried.biller.same(payload, tried.biller.present([payload])[0])

    # -- what cannot go ---------------------------------------------------------------------------

    def test_what_can_go_is_not_refused(self) -> None:
        tried = self.tried()
        assert [tried.biller.refuse(self.payload(number)) for number in (1, 2)] == ["", ""]
        assert not tried.sent(self.is_write)

    @pytest.mark.parametrize("changes", cases(UNKNOWN, HOURS))
    def test_what_cannot_go_is_refused_with_what_to_do(self, changes: dict[str, str | int]) -> None:
        self._refuses(
            self.payload(**changes), *(str(value) for name, value in changes.items() if name != "billed_minutes")
        )

    def test_a_missing_rate_is_refused_where_one_is_needed(self) -> None:
        self.needs("missing_rate")
        self._refuses(self.payload(rate=""), "rate")

    @pytest.mark.parametrize("field", ["task_code", "activity_code"])
    def test_a_code_outside_the_set_is_refused(self, field: str) -> None:
        """Or there is no place for it, which ``drops`` says."""
        self.needs("codes")
        payload = self.payload(**{field: "Z999"})
        if field not in self.tried().biller.drops(payload):
            self._refuses(payload, "Z999")

    def test_a_closed_matter_is_refused_by_us_or_by_them(self) -> None:
        self.needs("closed")
        tried, payload = self.tried(), self.payload(matter=self.closed)
        if not tried.biller.refuse(payload):
            with pytest.raises(Refused):
                tried.biller.create(payload)
        assert not tried.held()

    def _refuses(self, payload: Payload, *names: str) -> None:
        tried = self.tried()
        reason = tried.biller.refuse(payload)
        assert "autotime" in reason, "the reason names no command"
        assert all(name in reason for name in names)
        assert str(payload["narrative"]) not in reason
        assert not tried.wire.asked

    # -- one request, and what its answer proves --------------------------------------------------

    @pytest.mark.parametrize("fate", [fate for fate in Fate if fate is not Fate.OK], ids=lambda fate: fate.name)
    def test_a_request_is_made_once_whatever_becomes_of_it(self, fate: Fate) -> None:
        tried = self.tried([fate])
        with pytest.raises(AutotimeError) as trouble:
            tried.biller.create(self.payload())
        assert type(trouble.value) is FATES[fate]
        assert getattr(trouble.value, "wait", 30) == 30
        assert len(tried.sent(self.is_write)) == 1
        tried.clock.sleep(3_600)
        tried.wire.arrive()
        assert len(tried.held()) == (fate in (Fate.DONE_5XX, Fate.LOST_AFTER, Fate.LATE))

    @pytest.mark.parametrize("name", ANSWERS)
    def test_an_answer_to_a_write_means_what_it_proves(self, name: str) -> None:
        """``Refused``, ``NotDelivered``, ``SignInNeeded``, and doubt for all that proves nothing."""
        tried = self.answered(name, self.is_write)
        with pytest.raises(self.proves.get(name, PROVES.get(name, InDoubt))) as trouble:
            tried.biller.create(self.payload())
        self.says_enough_and_no_more(trouble.value, tried)
        assert isinstance(trouble.value, Refused) or trouble.value.hint
        assert len(tried.sent(self.is_write)) <= 1 + (name in ("400", "401"))

    # -- what is changed --------------------------------------------------------------------------

    def test_an_entry_is_changed_as_told_or_not_at_all(self) -> None:
        tried, payload, other = self.tried(), self.payload(), self.payload(billed_minutes=42, narrative="Draft reply")
        there = self.there(tried, payload)
        try:
            changed = tried.biller.change(there, other)
        except Refused:
            assert not tried.biller.offers.updates
            self.is_as_told(tried, there.id, payload)
            return
        assert len(tried.held()) == 1
        self.is_as_told(tried, changed.id, other)

    def test_an_entry_is_removed_where_that_is_offered(self) -> None:
        tried = self.tried()
        there = self.there(tried, self.payload())
        if tried.biller.offers.removes:
            tried.biller.remove(there)
            assert not tried.held()
            return
        with pytest.raises(Refused):
            tried.biller.remove(there)
        assert len(tried.held()) == 1

    @pytest.mark.parametrize("seen", [True, False], ids=["and that is known", "since it was read"])
    def test_what_is_billed_is_not_touched(self, seen: bool) -> None:
        self.needs("bill")
        tried = self.tried()
        there = self.there(tried, self.payload())
        self.bill(tried.system, there.id)
        if seen:
            there = tried.biller.read(there.id) or there
            assert there.billed
        self._stays(tried, there)

    def test_what_was_changed_there_meanwhile_is_not_touched(self) -> None:
        self.needs("edit")
        tried = self.tried()
        there = self.there(tried, self.payload())
        self.edit(tried.system, there.id)
        self._stays(tried, there)

    def _stays(self, tried: Tried, there: Remote) -> None:
        before = json.dumps(tried.held(), default=str)
        with pytest.raises(Refused) as trouble:
            tried.biller.change(there, self.payload(billed_minutes=42))
        self.says_enough_and_no_more(trouble.value, tried)
        with pytest.raises(Refused):
            tried.biller.remove(there)
        assert json.dumps(tried.held(), default=str) == before

    @pytest.mark.parametrize("fate", [Fate.NOT_DONE, Fate.DONE_5XX, Fate.LOST_BEFORE, Fate.LOST_AFTER], ids=str)
    def test_a_change_that_may_be_done_is_doubt(self, fate: Fate) -> None:
        tried = self.tried([Fate.OK, fate])
        if not (tried.biller.offers.updates and tried.biller.offers.removes):
            pytest.skip("nothing there can be changed")
        there = self.there(tried, self.payload())
        with pytest.raises(InDoubt):
            tried.biller.change(there, self.payload(billed_minutes=42))
        assert len(tried.sent(self.is_write)) == 2
