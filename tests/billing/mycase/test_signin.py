"""Signing in to MyCase, on a server of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import pytest

from autotime.billing.mycase.biller import MyCaseBiller
from autotime.domain.doors import Connectable, Connection, Keys
from autotime.domain.errors import SignInNeeded
from autotime.testing.server import Loopback
from autotime.testing.systems.mycase import MyCase
from autotime.testing.systems.signed import Kept

REDIRECT = "https://okafor.example/back"


class _Stays(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


@dataclass
class Somebody:
    """Opens the page they are shown, and pastes the address it ends at."""

    secret: str = MyCase.secret
    shown: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.shown.append(line)

    def ask(self, question: str, secret: bool = False) -> str:
        if question.startswith("Client secret"):
            return self.secret
        page = next(line for said in self.shown for line in said.splitlines() if "login_sessions" in line)
        try:
            build_opener(_Stays).open(page)
        except HTTPError as answered:
            return answered.headers.get("Location", "https://okafor.example/back?error=forbidden")
        raise AssertionError("the page does not lead back")


@pytest.fixture
def mycase() -> MyCase:
    made = MyCase()
    made.employ("Ada", "Okafor", "ada@okafor.example", 450.0)
    return made


@pytest.fixture
def server(mycase: MyCase) -> Iterator[Loopback]:
    with mycase.serving() as made:
        yield made


@pytest.fixture
def connection(server: Loopback) -> Connection:
    app = {"client_id": MyCase.client_id, "redirect_url": REDIRECT, "base_url": server.url}
    return Connection(Kept(), Kept(), app)


def test_a_person_signs_in_with_a_registered_address(connection: Connection, server: Loopback) -> None:
    biller, ada = MyCaseBiller(connection, Keys("mycase")), Somebody()
    assert isinstance(biller, Connectable)
    assert not biller.standing(0).signed_in
    biller.connect(ada)
    page = next(line for said in ada.shown for line in said.splitlines() if "login_sessions" in line)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
    assert (asked["redirect_uri"], asked["response_type"], len(asked["state"]) > 30) == (REDIRECT, "code", True)
    assert ada.shown[-1] == "Signed in to MyCase as Ada Okafor."
    assert biller.standing(int(biller.registration.wall())).who == "Ada Okafor"
    [exchange] = [one for one in server.asked if one.path == "/tokens"]
    assert exchange.headers["content-type"] == "application/json"
    assert exchange.json().keys() == {"grant_type", "code", "redirect_uri", "client_id", "client_secret"}
    assert [len(page.things) for page in MyCaseBiller(connection, Keys("mycase")).pull({})] == [1, 0, 0, 0]


@pytest.mark.parametrize("trouble", ["wrong secret", "not permitted"])
def test_a_sign_in_that_is_refused_leaves_none(connection: Connection, mycase: MyCase, trouble: str) -> None:
    """Whoever may not manage the firm's billing is shown a page that says so, and nothing comes back."""
    mycase.may_sign_in = trouble != "not permitted"
    ada = Somebody("no such secret" if trouble == "wrong secret" else MyCase.secret)
    biller = MyCaseBiller(connection, Keys("mycase"))
    with pytest.raises(SignInNeeded):
        biller.connect(ada)
    assert not biller.standing(0).signed_in


def test_what_is_asked_for_is_said_in_plain_words(connection: Connection) -> None:
    wants = MyCaseBiller(connection, Keys("mycase")).wants()
    assert "time entries" in wants
    assert all(reason.startswith("to ") for reason in wants.values())


def test_pages_are_followed_on_a_server_of_ones_own(connection: Connection, mycase: MyCase, server: Loopback) -> None:
    """Links carry the host that was asked."""
    for number in range(1_001):
        mycase.open(f"Matter {number}")
    MyCaseBiller(connection, Keys("mycase")).connect(Somebody())
    pulled = MyCaseBiller(connection, Keys("mycase"), sleep=lambda _: None).pull({})
    assert sum(len(page.things) for page in pulled if page.part == "matters") == 1_001
    assert [one.path for one in server.asked].count("/v1/cases") == 2
