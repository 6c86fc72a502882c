"""Signing in to Clio: the region's own host, tokens that last, and their end."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from autotime.billing.clio.biller import ClioBiller
from autotime.domain.doors import Connectable, Connection, Keys
from autotime.domain.errors import NotDelivered, SignInNeeded, SourceUnavailable
from autotime.testing.server import Asked, Reply
from autotime.testing.systems.clio.signin import CLIENT, SECRET
from autotime.testing.systems.signed import Kept
from tests.billing.clio.room import Room, payload, room


@dataclass
class Somebody:
    """Types the secret, signs in by another browser, and pastes the address it ended at."""

    goes: Callable[[str], str]
    said: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.said.append(line)

    def ask(self, question: str, secret: bool = False) -> str:
        return self.goes("\n".join(self.said)) if "address" in question else SECRET


def connected(here: Room, **app: object) -> tuple[ClioBiller, Somebody]:
    vault = Kept()
    connection = Connection(vault, Kept(), {"client_id": CLIENT, **app})
    seams = {"sleep": here.clock.sleep, "wall": here.clock, "carrier": here.wire}
    biller = ClioBiller(connection, Keys("clio"), **seams)
    person = Somebody(lambda said: back(here, said))
    biller.connect(person, device=True)
    return biller, person


def back(here: Room, said: str) -> str:
    """The address that the browser ends at once Ada has agreed."""
    asked = parse_qs(urlsplit(next(word for word in said.split() if "/oauth/authorize" in word)).query)
    (address,), (state,) = asked["redirect_uri"], asked["state"]
    return f"{address}?code={here.clio.sign_in.code(here.ada, address)}&state={state}"


def test_it_can_be_signed_in_to() -> None:
    assert isinstance(room().biller(), Connectable)


def test_a_sign_in_is_kept_with_who_it_is() -> None:
    here = room()
    biller, person = connected(here)
    standing = biller.standing(int(here.clock()))
    assert (standing.signed_in, standing.who) == (True, "Ada Okafor")
    assert person.said[-1] == "Signed in to Clio as Ada Okafor."


@pytest.mark.parametrize(
    ("region", "host"),
    [("us", "app.clio.com"), ("eu", "eu.app.clio.com"), ("ca", "ca.app.clio.com"), ("au", "au.app.clio.com")],
)
def test_page_tokens_and_data_are_the_regions_own(region: str, host: str) -> None:
    here = room()
    biller, person = connected(here, region=region)
    biller.site.read("users.json")
    assert f"https://{host}/oauth/authorize?" in "".join(person.said)
    assert {one.headers["host"] for one in here.wire.asked} == {host}
    assert {one.headers["user-agent"] for one in here.wire.asked} == {"autotime/0.1"}


def test_the_address_is_the_one_that_is_registered_also_when_it_is_pasted() -> None:
    _, person = connected(room(), redirect_port=8765)
    assert "redirect_uri=http%3A%2F%2F127.0.0.1%3A8765%2Fcallback" in "".join(person.said)
    assert "redirect_on_decline=true" in "".join(person.said)


def test_every_permission_has_its_reason() -> None:
    wants = room().biller().wants()
    assert [name for name in wants if "write" in name] == ["Activities (read and write)"]
    assert all(wants.values())


def test_a_token_holds_for_as_long_as_the_answer_says() -> None:
    here = room()
    here.clio.sign_in.lasts = 604_800
    biller, _ = connected(here)
    here.clock.sleep(604_800 - 300)
    biller.site.read("users.json")
    assert len(_tokens(here)) == 1
    here.clock.sleep(300)
    biller.site.read("users.json")
    assert len(_tokens(here)) == 2


@pytest.mark.parametrize("new", [True, False], ids=["another refresh token", "no refresh token"])
def test_a_renewal_keeps_the_old_refresh_token_where_no_other_comes(new: bool) -> None:
    here = room()
    here.clio.sign_in.new_refresh_tokens = new
    biller, _ = connected(here)
    for _ in range(3):
        here.clio.expire()
        biller.site.read("users.json")
    used = [one.form()["refresh_token"] for one in _tokens(here) if one.form()["grant_type"] == "refresh_token"]
    assert len(set(used)) == (3 if new else 1)


def test_a_token_of_another_region_asks_for_another_sign_in() -> None:
    here = room()
    biller, _ = connected(here)
    here.clio.sign_in.access.clear()
    here.clio.sign_in.refresh.clear()
    with pytest.raises(SignInNeeded) as told:
        biller.site.read("users.json")
    assert told.value.hint == "autotime connect clio"


def test_a_sign_in_that_fails_leaves_the_one_before() -> None:
    here = room()
    biller, _ = connected(here)
    kept = biller.registration.vault.load()
    with pytest.raises(SignInNeeded):
        biller.connect(Somebody(lambda _: "http://127.0.0.1/callback?error=access_denied&state=x"), device=True)
    assert biller.registration.vault.load() == kept


def test_a_renewal_that_cannot_be_had_now_is_no_doubt() -> None:
    """Nothing was written when the token could not be renewed."""
    here = room()
    biller = here.biller()
    here.clock.sleep(4_102_444_800 - here.clock())
    answer = here.clio.answer
    here.wire.answer = lambda asked: Reply({}, 503) if "oauth" in asked.path else answer(asked)
    with pytest.raises(NotDelivered, match="nothing was written"):
        biller.create(payload())


UNREADY = {
    "a firewall's page": Reply(b"<html>", 403, kind="text/html"),
    "busy": Reply({}, 503),
    "not there": Reply({}, 404),
    "no tokens": Reply([]),
    "a page": Reply(b"<html>", 200, kind="text/html"),
}


@pytest.mark.parametrize("reply", UNREADY.values(), ids=UNREADY)
def test_a_token_refused_in_the_middle_of_a_write_proves_that_nothing_was_written(reply: Reply) -> None:
    """Whatever comes in the place of a new token, nobody is asked to look, and nobody to sign in again."""
    here = room()
    biller = here.biller()
    biller.create(payload(1))
    here.clio.expire()
    answer = here.clio.answer
    here.wire.answer = lambda asked: reply if "oauth" in asked.path else answer(asked)
    with pytest.raises(NotDelivered, match="nothing was written"):
        biller.create(payload(2))
    here.wire.answer = answer
    biller.create(payload(2))
    assert len(here.clio.entries) == 2


@pytest.mark.parametrize("reply", UNREADY.values(), ids=UNREADY)
def test_a_read_waits_for_a_token_too(reply: Reply) -> None:
    here = room()
    here.clio.expire()
    answer = here.clio.answer
    here.wire.answer = lambda asked: reply if "oauth" in asked.path else answer(asked)
    with pytest.raises(SourceUnavailable, match="no new token") as told:
        here.biller().present([payload()])
    assert told.value.hint == "the next run tries again"


def test_a_code_serves_once_and_only_for_its_address() -> None:
    here = room()
    code = here.clio.sign_in.code(here.ada, "http://127.0.0.1/callback")
    given = {"grant_type": "authorization_code", "code": code, "client_id": CLIENT, "client_secret": SECRET}
    assert _form(here, {**given, "redirect_uri": "http://127.0.0.1/other"}) == (400, "invalid_grant")
    assert _form(here, {**given, "redirect_uri": "http://127.0.0.1/callback"})[0] == 200
    assert _form(here, {**given, "redirect_uri": "http://127.0.0.1/callback"}) == (400, "invalid_grant")
    assert _form(here, {**given, "client_secret": "guess"}) == (401, "invalid_client")


def test_a_sign_in_can_be_ended_at_clio() -> None:
    here = room()
    headers = {"content-type": "application/x-www-form-urlencoded", "authorization": "Bearer access-1"}
    asked = Asked("POST", "/oauth/deauthorize", {}, {"user-agent": "autotime/0.1", **headers}, b"token=access-1")
    assert here.clio.answer(asked).status == 200
    assert here.clio.answer(asked).status == 401
    with pytest.raises(SignInNeeded):
        here.biller().present([payload()])


def _tokens(here: Room) -> list[Asked]:
    return [one for one in here.wire.asked if one.path == "/oauth/token"]


def _form(here: Room, form: dict[str, str]) -> tuple[int, str]:
    headers = {"user-agent": "autotime/0.1", "content-type": "application/x-www-form-urlencoded"}
    reply = here.clio.answer(Asked("POST", "/oauth/token", {}, headers, urlencode(form).encode()))
    return reply.status, json.loads(reply.bytes()).get("error", "")
