"""Zapier: one POST for each entry, to an address nobody sees."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from autotime.billing.payload import Payload, payload_of
from autotime.billing.zapier import USUAL, ZapierBiller, hook_of, key_of
from autotime.domain.doors import Biller, BooksSource, Connectable, Connection, Keys
from autotime.domain.errors import AutotimeError, InDoubt, Misused, NotDelivered, Refused, SignInNeeded
from autotime.testing.server import Asked, Reply, Status
from autotime.testing.systems.signed import Kept
from autotime.testing.systems.wire import Clock, Fate, Wire
from autotime.testing.systems.zapier import Zapier

from .firm import BOOKS, TIMEKEEPER, entry

HOOK = "https://hooks.zapier.com/hooks/catch/1234567/abc123/"
SECRET = "abc123"
BODY = {
    *("event", "schema", "id", "idempotency_key", "revision", "sent_at", "matter_id", "matter_name", "client_id"),
    *("client_name", "timekeeper_id", "timekeeper_name", "timekeeper_email", "date", "hours", "duration_seconds"),
    *("task_code", "activity_code", "narrative", "rate", "amount", "currency", "billable", "no_charge"),
}


def payload(**changes: str | int) -> Payload:
    return payload_of(entry(15), BOOKS, TIMEKEEPER) | changes


class Room:
    """A biller, its hook, and the wire between them."""

    def __init__(self, *fates: Fate, hook: str = HOOK, **mapping: Any) -> None:
        self.clock = Clock()
        self.zapier = Zapier(self.clock)
        self.wire = Wire(self.zapier.answer, self.clock, fates)
        self.vault = Kept(hook)
        given = Connection(self.vault, Kept())
        self.biller = ZapierBiller(
            given, Keys("zapier"), mapping, sleep=self.clock.sleep, wall=self.clock, carrier=self.wire
        )

    def answers(self, reply: Reply) -> None:
        self.wire.answer = lambda _asked: reply


class Guest:
    """A person who pastes an address."""

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.heard: list[str] = []

    def say(self, line: str) -> None:
        self.heard.append(line)

    def ask(self, question: str, secret: bool = False) -> str:
        assert secret
        return self.answer


def test_an_entry_is_one_flat_body_with_texts_for_money_and_hours() -> None:
    """And the same id and key at every attempt."""
    room = Room()
    room.biller.create(payload())
    (body,) = room.zapier.entries
    assert body.keys() >= BODY
    assert not any(isinstance(value, dict | list | float) for value in body.values())
    expected = {"event": "time_entry.approved", "schema": "autotime.time_entry.v1", "revision": 1}
    expected |= {"id": "e000000000000000f", "idempotency_key": "e000000000000000f:1", "date": "2026-03-16"}
    expected |= {"hours": "1.5", "duration_seconds": 5400, "rate": "450", "amount": "675.00", "currency": "USD"}
    expected |= {"timekeeper_name": "Okafor, Ada", "billable": True, "no_charge": False, "travel": False}
    assert expected.items() <= body.items()
    assert body["sent_at"].endswith("Z")


@pytest.mark.parametrize(
    ("billing", "told"),
    [("billable", (True, False)), ("no_charge", (False, True)), ("non_billable", (False, False))],
)
def test_what_is_not_charged_is_said(billing: str, told: tuple[bool, bool]) -> None:
    """Three kinds, and no money for two."""
    body = Room().biller.told(payload(billing=billing))
    assert (body["billable"], body["no_charge"]) == told
    assert body["amount"] == ("675.00" if billing == "billable" else "0.00")


def test_nothing_of_an_entry_is_lost() -> None:
    """Until a firm's own rule leaves it out."""
    assert Room().biller.drops(payload(travel=1, billing="no_charge", fee_type="flat", currency="EUR")) == ()
    assert Room(task_code={"constant": "none"}).biller.drops(payload()) == ("task_code",)


def test_a_firm_changes_fields_but_not_what_an_entry_is_known_by() -> None:
    """The version says so."""
    assert Room(matter_id={"prefix": "M-"}).biller.told(payload())["matter_id"] == "M-2026-001"
    assert Room(matter_id={"prefix": "M-"}).biller.mapping_version != Room().biller.mapping_version
    with pytest.raises(Misused, match=r"\[billing\.mapping\.zapier\.idempotency_key\]"):
        Room(idempotency_key={"constant": "x"})
    assert "matter_id" in USUAL


def test_received_is_not_delivered() -> None:
    """200 comes back from a Zap that is off, too: there is a receipt, and nothing can be listed."""
    room = Room()
    room.zapier.off = True
    assert room.biller.create(payload()).id
    assert room.zapier.entries == []
    assert not room.biller.offers.lists
    assert room.biller.present([payload()]) == []


@pytest.mark.parametrize("body", [b"", b"<html>fine</html>", b"[]", b'{"id": 7}'])
def test_an_answer_without_a_word_of_its_own_is_receipted_by_our_key(body: bytes) -> None:
    """Silent mode, or what is no JSON: it was received all the same."""
    room = Room()
    room.answers(Reply(body))
    assert room.biller.create(payload()).id == key_of(payload())


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 413, 415, 422])
def test_a_no_for_good_says_what_to_check(status: int) -> None:
    """Asking again would not help."""
    room = Room()
    room.answers(Reply({}, status))
    with pytest.raises(Refused, match="check the address of the hook") as told:
        room.biller.create(payload())
    assert told.value.hint == "autotime connect zapier"


@pytest.mark.parametrize("status", [201, 204, 302, 307, 408, 500, 502, 503])
def test_an_answer_that_proves_nothing_is_doubt(status: int) -> None:
    """A second request could run the Zap twice. Nothing is redirected."""
    room = Room()
    room.answers(Reply({}, status, {"Location": "https://elsewhere.example/"}))
    with pytest.raises(InDoubt):
        room.biller.create(payload())
    assert len(room.wire.asked) == 1


@pytest.mark.parametrize("fate", [Fate.LOST_BEFORE, Fate.LOST_AFTER, Fate.DONE_5XX, Fate.NOT_DONE])
def test_a_lost_answer_is_doubt_and_one_request(fate: Fate) -> None:
    """It may be received or not."""
    room = Room(fate)
    with pytest.raises(InDoubt):
        room.biller.create(payload())
    assert len(room.wire.asked) == 1


def test_too_many_is_certainly_not_received() -> None:
    """With the wait that was asked for."""
    room = Room(Fate.TOO_MANY)
    with pytest.raises(NotDelivered) as told:
        room.biller.create(payload())
    assert told.value.wait == 30
    assert room.zapier.entries == []


@pytest.mark.parametrize(("hook", "seconds"), [(HOOK, 1.2), ("https://hooks.zapier.com/hooks/catch/abc123/", 10)])
def test_the_rate_of_a_hook_is_kept(hook: str, seconds: float) -> None:
    """Below thirty entries in a second; a tenth of it by an address of the old form."""
    room = Room(hook=hook)
    room.zapier.hooks.add("/hooks/catch/abc123/")
    began = room.clock()
    for number in range(31):
        room.biller.create(payload(entry=f"e{number}"))
    assert len(room.zapier.entries) == 31
    assert room.clock() - began == pytest.approx(seconds, rel=0.01)


@pytest.mark.parametrize(
    ("hooks", "most"), [(("1234567/abc123", "1234567/other"), 10_000), (("abc123", "abc123"), 1_000)]
)
def test_more_than_zapier_takes_in_five_minutes_is_refused(hooks: tuple[str, str], most: int) -> None:
    """A user's hooks share theirs; one of the old form has a tenth. Five minutes later it takes more."""
    clock = Clock()
    zapier = Zapier(clock)
    asked = [Asked("POST", f"/hooks/catch/{hook}/", {}, {"content-type": "application/json"}, b"{}") for hook in hooks]
    zapier.hooks |= {one.path for one in asked}

    def statuses(count: int) -> set[int]:
        found = set()
        for number in range(count):
            clock.sleep(200 / most)
            found.add(zapier.answer(asked[number % 2]).status)
        return found

    assert statuses(most) == {200}
    assert statuses(1) == {429}
    clock.sleep(300)
    assert statuses(1) == {200}


def test_an_address_of_the_old_form_is_never_asked_too_often() -> None:
    """A thousand and more in a row, below what it takes in five minutes."""
    room = Room(hook="https://hooks.zapier.com/hooks/catch/abc123/")
    room.zapier.hooks.add("/hooks/catch/abc123/")
    for number in range(1100):
        room.biller.create(payload(entry=f"e{number}"))
    assert len(room.zapier.entries) == 1100


# -- the address ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        HOOK,
        HOOK.rstrip("/"),
        HOOK + "silent/",
        "https://hooks.zapier.com/hooks/catch/abc123/",
        f"  {HOOK}\n",
    ],
)
def test_an_address_is_taken_in_all_its_forms(address: str) -> None:
    """With and without its last slash, silent, and the old form."""
    assert hook_of(address)["key"] == SECRET


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://hooks.zapier.com/hooks/catch/1234567/abc123/",
        "https://hooks.zapier.com.evil.example/hooks/catch/1234567/abc123/",
        "https://evil.example/hooks/catch/1234567/abc123/",
        "https://ada@hooks.zapier.com/hooks/catch/1234567/abc123/",
        "https://hooks.zapier.com:8443/hooks/catch/1234567/abc123/",
        "https://hooks.zapier.com/hooks/catch/1234567/abc123/?x=1",
        "https://hooks.zapier.com/hooks/catch/../abc123/",
        "https://hooks.zapier.com/hooks/catch/1234567/abc123/more/",
        "https://hooks.zapier.com/hooks/catch/١٢٣/abc123/",
        "https://hooks.zapier.com/",
        "https://[hooks.zapier.com/hooks/catch/1234567/abc123/",
    ],
)
def test_any_other_address_is_refused_without_being_shown(address: str) -> None:
    """The host is pinned, and what was pasted may be a secret."""
    with pytest.raises(Misused) as told:
        hook_of(address)
    assert SECRET not in f"{told.value}{told.value.hint}"


def test_connecting_keeps_the_address_and_sends_nothing() -> None:
    """Whatever is sent runs the Zap."""
    room, guest = Room(hook=""), Guest(HOOK)
    assert not room.biller.standing(0).signed_in
    room.biller.connect(guest)
    assert room.biller.standing(0).signed_in
    assert (room.vault.load(), room.wire.asked) == (HOOK, [])
    assert SECRET not in " ".join(guest.heard)
    room.biller.create(payload())
    assert len(room.zapier.entries) == 1


def test_the_old_form_is_taken_with_a_word() -> None:
    """It has lower limits."""
    guest = Guest("https://hooks.zapier.com/hooks/catch/abc123")
    Room(hook="").biller.connect(guest)
    assert any("old form" in line for line in guest.heard)


def test_without_an_address_a_person_is_asked_for_it() -> None:
    """Nothing is sent."""
    room = Room(hook="")
    with pytest.raises(SignInNeeded) as told:
        room.biller.create(payload())
    assert told.value.hint == "autotime connect zapier"
    assert room.wire.asked == []


@pytest.mark.parametrize("status", [302, 400, 404, 429, 500])
def test_the_address_and_the_narrative_are_in_no_error_log_or_repr(
    status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever goes wrong."""
    caplog.set_level(logging.DEBUG)
    room = Room()
    room.answers(Reply({"error": HOOK}, status))
    with pytest.raises(AutotimeError) as told:
        room.biller.create(payload())
    shown = f"{told.value!r} {told.value} {told.value.hint} {told.value.kept} {room.biller!r} {vars(room.biller)!r}"
    assert SECRET not in shown + caplog.text
    assert "production" not in shown + caplog.text


def test_another_host_than_zapiers_is_refused() -> None:
    """Only a server on this machine may stand in for it."""
    for root in ("https://evil.example", "http://evil.example"):
        with pytest.raises(Misused):
            ZapierBiller(Connection(Kept(), Kept(), app={"base_url": root}), Keys("zapier"))


def test_over_a_real_socket_it_is_the_same() -> None:
    """The body as bytes, and no sign-in of any kind."""
    zapier, vault = Zapier(), Kept(HOOK)
    with zapier.serving() as server:
        biller = ZapierBiller(Connection(vault, Kept(), app={"base_url": server.url}), Keys("zapier"))
        server.faults += [None, Status(404)]
        assert biller.create(payload()).id
        with pytest.raises(Refused):
            biller.create(payload())
        request: Asked = server.asked[0]
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert "authorization" not in request.headers
    assert json.loads(request.body)["id"] == zapier.entries[0]["id"]


def test_it_goes_through_the_doors_it_has() -> None:
    """A biller somebody connects, and no books."""
    biller = Room().biller
    assert isinstance(biller, Biller)
    assert isinstance(biller, Connectable)
    assert not isinstance(biller, BooksSource)
