"""Time entries of the past, and signing in."""

from __future__ import annotations

import json
import threading
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from autotime.billing.practicepanther.biller import PracticePantherBiller
from autotime.domain.doors import Connection, Renewable
from autotime.domain.errors import SignInNeeded, SourceUnavailable
from autotime.testing.server import Asked, Late, Reply
from autotime.testing.systems.practicepanther.signing import SignIns
from autotime.testing.systems.signed import Kept

from .room import payload, room


def test_history_holds_a_users_entries_of_these_days_page_by_page():
    there = room()
    there.panther.page = 3
    for day in range(1, 11):
        there.panther.enters(
            there.ada, there.matter, f"2026-03-{day:02d}", 1.0, f"Work of day {day}", is_billed=day < 5
        )
    there.panther.enters(there.bo, there.matter, "2026-03-04", 1.0, "Another's")
    pages = list(there.biller().history(there.ada["id"], date(2026, 3, 3), date(2026, 3, 8)))
    found = [one for page in pages for one in page.found]
    assert [(one.day.day, one.billed) for one in found] == [(day, day < 5) for day in range(3, 9)]
    assert {one.matter for one in found} == {there.matter["id"]}
    assert len(pages) > 1


def test_the_ends_of_history_are_asked_for_with_a_zone_and_a_day_to_spare():
    there = room()
    list(there.biller().history(there.ada["id"], date(2025, 3, 1), date(2026, 3, 1)))
    asked = there.asked("timeentries")[0].query
    assert (asked["date_from"], asked["date_to"]) == ("2025-02-28T00:00:00Z", "2026-03-02T00:00:00Z")


def test_all_of_history_may_be_asked_for():
    there = room()
    there.panther.enters(there.ada, there.matter, "2026-03-04", 1.0, "Call")
    assert len(list(there.biller().history(there.ada["id"], date.min, date.max))) == 1


def test_what_cannot_be_read_is_told_beside_the_others_without_its_words():
    there = room()
    there.panther.enters(there.ada, there.matter, "2026-03-04", 1.0, "Call")
    odd = there.panther.enters(there.ada, there.matter, "2026-03-05", 1.0, "Secret words")
    answer = there.panther.answer

    def spoiled(asked: Asked) -> Reply:
        reply = answer(asked)
        return Reply([{**row, "hours": "many"} if row["id"] == odd["id"] else row for row in reply.body])

    there.wire.answer = spoiled
    (page,) = there.biller().history(there.ada["id"], date(2026, 3, 1), date(2026, 3, 31))
    assert [one.narrative for one in page.found] == ["Call"]
    (bad,) = page.bad
    assert odd["id"] in bad
    assert "Secret" not in bad


# -- signing in --------------------------------------------------------------------------------------


class Ada:
    """Somebody at a browser: opens the page, and gives back the address it ends at."""

    def __init__(self, there: Any, client_secret: str = SignIns.secret) -> None:
        self.there, self.client_secret = there, client_secret
        self.said: list[str] = []

    def say(self, line: str) -> None:
        self.said.append(line)

    def ask(self, question: str, secret: bool = False) -> str:
        return self.client_secret if "secret" in question else self.browses(self._page())

    def _page(self) -> str:
        return next(line.split("\n")[1] for line in self.said if "\n" in line)

    def browses(self, page: str) -> str:
        parts = urlsplit(page)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return self.there.panther.answer(Asked("GET", parts.path, query, {})).headers["Location"]


def signing_in(there: Any, **app: Any) -> PracticePantherBiller:
    given = Connection(Kept(), Kept(), {"client_id": "client-1", "base_url": "", **app})
    seams = {"sleep": there.clock.sleep, "wall": there.clock, "carrier": there.wire}
    return PracticePantherBiller(given, there.keys, **seams)


def signing_in_again(there: Any, biller: PracticePantherBiller) -> PracticePantherBiller:
    """Another run, by the sign-in that is kept."""
    given = Connection(biller.registration.vault, Kept(), {"client_id": "client-1", "base_url": ""})
    return PracticePantherBiller(given, there.keys, sleep=there.clock.sleep, wall=there.clock, carrier=there.wire)


def test_a_person_signs_in_by_a_pasted_address_and_is_told_as_whom():
    there = room()
    biller, ada = signing_in(there, redirect_url="https://firm.example/back"), Ada(there)
    biller.connect(ada)
    assert ada.said[-1] == "Signed in to PracticePanther as ada@okafor.example."
    stands = biller.standing(int(there.clock.now))
    assert (stands.signed_in, stands.who) == (True, "ada@okafor.example")
    assert biller.present([]) == []
    assert "full" in biller.wants()


def test_the_page_asks_for_what_the_reference_names():
    there = room()
    biller, ada = signing_in(there, redirect_url="https://firm.example/back"), Ada(there)
    biller.connect(ada)
    page = urlsplit(ada._page())
    asked = {name: values[0] for name, values in parse_qs(page.query).items()}
    assert f"{page.scheme}://{page.netloc}{page.path}" == "https://app.practicepanther.com/OAuth/Authorize"
    assert asked.pop("state")
    assert asked == {"response_type": "code", "client_id": "client-1", "redirect_uri": "https://firm.example/back"}
    exchange = next(one for one in there.wire.asked if one.path == "/OAuth/Token")
    assert exchange.headers["content-type"] == "application/x-www-form-urlencoded"
    assert exchange.form().keys() == {"grant_type", "code", "redirect_uri", "client_id", "client_secret"}


def test_a_wrong_client_secret_is_told_and_nothing_is_kept():
    there = room()
    biller = signing_in(there, redirect_url="https://firm.example/back")
    with pytest.raises(SignInNeeded, match="invalid_client"):
        biller.connect(Ada(there, client_secret="another"))
    assert not biller.standing(int(there.clock.now)).signed_in


@pytest.mark.parametrize("said", [Reply({}, 404), Reply({}), Reply({"error": "no"}), Reply({"email": None})])
def test_a_system_that_does_not_say_who_signed_in_is_told(said: Reply):
    there = room()
    biller = signing_in(there, redirect_url="https://firm.example/back")
    there.wire.answer = lambda asked: said if asked.path.endswith("/users/me") else there.panther.answer(asked)
    with pytest.raises(SourceUnavailable, match="does not say who signed in"):
        biller.connect(Ada(there))


def test_a_sign_in_nobody_renews_ends_after_a_fortnight():
    there = room()
    biller = signing_in(there, redirect_url="https://firm.example/back")
    biller.connect(Ada(there))
    now = int(there.clock.now)
    assert biller.standing(now).lapses_at == now + 14 * 86_400
    assert not biller.standing(now + 14 * 86_400).signed_in


def test_the_night_keeps_a_sign_in_by_which_nothing_is_sent():
    there = room()
    biller = signing_in(there, redirect_url="https://firm.example/back")
    biller.connect(Ada(there))
    assert isinstance(biller, Renewable)
    for _ in range(20):
        there.clock.sleep(86_400)
        signing_in_again(there, biller).renew()
    assert biller.standing(int(there.clock.now)).signed_in


def test_a_renewal_before_its_time_asks_nothing():
    there = room()
    biller = signing_in(there, redirect_url="https://firm.example/back")
    biller.connect(Ada(there))
    before = len(there.wire.asked)
    signing_in_again(there, biller).renew()
    assert len(there.wire.asked) == before


def test_who_signed_in_is_still_known_after_a_renewal():
    there = room()
    biller = signing_in(there, redirect_url="https://firm.example/back")
    biller.connect(Ada(there))
    there.panther.expire()
    list(biller.pull({}))
    assert json.loads(biller.registration.vault.load())["who"] == "ada@okafor.example"


def test_it_works_over_a_real_connection_one_request_at_a_time():
    there = room()
    with there.panther.serving() as server:
        given = Connection(Kept(), Kept(), {"client_id": "client-1", "base_url": server.url})
        granted = {**there.panther.sign_ins.grant(), "secret": "client-secret", "ends": 4_102_444_800}
        given.vault.save(json.dumps(granted))
        server.fault_for = lambda _asked: Late(0.02)
        billers = [PracticePantherBiller(given, there.keys, wall=there.clock) for _ in range(4)]
        threads = [threading.Thread(target=one.present, args=([payload()],)) for one in billers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (server.most_at_once, len(server.asked)) == (1, 4)
