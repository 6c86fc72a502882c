"""What Clio says no with, and what a person is told to do."""

from __future__ import annotations

import json

import pytest

from autotime.domain.errors import InDoubt, Misused, NotDelivered, Refused, SignInNeeded, SourceUnavailable
from autotime.testing.server import Asked, Reply
from tests.billing.clio.room import Room, payload, room

ERROR = {"error": {"type": "ValidationError", "message": "Something is not right"}}


def answering(reply: Reply, method: str) -> Room:
    """A room whose requests of a method get this answer, in the version asked for."""
    here = room()
    answer = here.clio.answer
    versioned = Reply(reply.body, reply.status, {"X-API-VERSION": "4.0.10", **reply.headers}, reply.kind)

    def instead(asked: Asked) -> Reply:
        return versioned if asked.method == method and "authorization" in asked.headers else answer(asked)

    here.wire.answer = instead
    return here


# -- reads ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "error", "said", "hint"),
    [
        (Reply(ERROR, 400), SourceUnavailable, r"400 \(ValidationError\)", "doctor"),
        (Reply({"error": "invalid_token"}, 401), SignInNeeded, "does not take the sign-in", "autotime connect clio"),
        (Reply(ERROR, 403), SourceUnavailable, "does not permit it", "developer portal"),
        (Reply(b"<html>", 403, kind="text/html"), SourceUnavailable, "firewall", "tries again"),
        (Reply(ERROR, 410), SourceUnavailable, "no longer knows version 4.0.10", "set version under"),
        (Reply(ERROR, 429, {"Retry-After": "1"}), SourceUnavailable, "429", "tries again"),
        (Reply(b"<html>", 200, kind="text/html"), SourceUnavailable, "a page, not data", "browser"),
        (Reply({"data": {}}, 200), SourceUnavailable, "no list", "tries again"),
        (Reply([], 200), SourceUnavailable, "no list", "tries again"),
    ],
)
def test_a_read_that_fails_says_what_to_do(reply: Reply, error: type[Exception], said: str, hint: str) -> None:
    with pytest.raises(error, match=said) as told:
        answering(reply, "GET").biller().present([payload()])
    assert hint in told.value.hint


def test_a_portal_in_between_is_no_other_version() -> None:
    here = room()
    here.wire.answer = lambda asked: Reply(b"<html>Sign in to the network", 200, kind="text/html")
    with pytest.raises(SourceUnavailable, match="a page, not data"):
        here.biller().present([payload()])


def test_a_page_that_leads_to_itself_ends() -> None:
    here = room()
    biller = here.biller()
    for number in range(3):
        biller.create(payload(number))
    here.clio.page, here.clio.repeats_pages = 2, True
    with pytest.raises(SourceUnavailable, match="same next page twice"):
        biller.present([payload()])


@pytest.mark.parametrize("next_page", [5, {"url": "https://app.clio.com/api/v4/activities.json"}, False])
def test_a_next_page_that_is_no_address_is_not_the_end_of_a_list(next_page: object) -> None:
    body = {"data": [], "meta": {"paging": {"next": next_page}}}
    with pytest.raises(SourceUnavailable, match="where its list goes on") as told:
        answering(Reply(body, 200), "GET").biller().present([payload()])
    assert told.value.hint == "the next run tries again"


@pytest.mark.parametrize(("count", "ends"), [(0, True), (199, True), (200, False)])
def test_a_full_page_without_a_word_of_the_next_is_not_the_end_of_a_list(count: int, ends: bool) -> None:
    """What stands on the pages after it would be sent a second time."""
    biller = answering(Reply({"data": [{"id": 1}] * count}, 200), "GET").biller()
    pages = biller.site.pages("users.json", {})
    if ends:
        assert [(len(page.records), page.last) for page in pages] == [(count, True)]
    else:
        with pytest.raises(SourceUnavailable, match="where its list goes on"):
            list(pages)


# -- writes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "error", "said"),
    [
        (Reply(ERROR, 400), Refused, "400: Something is not right"),
        (Reply({"error": "invalid_token"}, 401), SignInNeeded, "does not take the sign-in"),
        (Reply(ERROR, 403), Refused, "the app's permissions or the user's role"),
        (Reply(b"<html>", 403, kind="text/html"), NotDelivered, "403"),
        (Reply(ERROR, 404), Refused, "404: Something"),
        (Reply(ERROR, 410), Refused, "410"),
        (Reply(ERROR, 412), Refused, "412"),
        (Reply(ERROR, 422), Refused, "422: Something is not right"),
        (Reply(ERROR, 429, {"Retry-After": "17"}), NotDelivered, "429"),
        (Reply(b"", 500), InDoubt, "500"),
        (Reply({"data": {"id": 4711}}, 201), InDoubt, "cannot be read"),
        (Reply({"data": None}, 201), InDoubt, "cannot be read"),
    ],
)
def test_a_write_that_fails_is_what_its_answer_proves(reply: Reply, error: type[Exception], said: str) -> None:
    here = answering(reply, "POST")
    with pytest.raises(error, match=said) as told:
        here.biller().create(payload())
    assert getattr(told.value, "wait", 17) in (0, 17)
    assert "Draft responses" not in str(told.value)


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (400, "autotime mapping test clio"),
        (403, "the app's permissions or the user's role"),
        (404, "autotime books pull clio"),
        (410, "version under [clio]"),
        (412, "look at it in Clio"),
        (422, "autotime review"),
    ],
)
@pytest.mark.parametrize("body", [ERROR, {}, b"nothing that is JSON"])
def test_a_refusal_says_what_to_do_whether_or_not_clio_has_words(status: int, advice: str, body: object) -> None:
    """Of what is refused the sentence is kept, and no hint beside it."""
    with pytest.raises(Refused) as told:
        answering(Reply(body, status, kind="application/json"), "POST").biller().create(payload())
    assert f"answered {status}" in str(told.value)
    assert advice in str(told.value)


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"type": "ValidationError", "message": "Matter is closed"}},
        {"error": "Matter is closed"},
        {"message": "Matter is closed"},
        {"errors": [{"message": "Matter is closed"}]},
        {"errors": ["Matter is closed"]},
    ],
)
def test_a_reason_is_found_in_every_form_that_was_seen(body: dict[str, object]) -> None:
    with pytest.raises(Refused, match="422: Matter is closed"):
        answering(Reply(body, 422), "POST").biller().create(payload())


def test_a_reason_that_repeats_our_text_is_not_told() -> None:
    body = {"error": {"type": "ValidationError", "message": "note «Settle for 40,000» is too long"}}
    with pytest.raises(Refused) as told:
        answering(Reply(body, 422), "POST").biller().create(payload(narrative="Settle for 40,000"))
    assert "Settle" not in str(told.value)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda here: here.clio.account["matter"].clear(), "404: Matter not found"),
        (lambda here: here.clio.account["matter"][here.matter("2026-001")].update(status="Closed"), "Matter is closed"),
        (lambda here: here.clio.account["user"][here.ada].update(enabled=False), "User is not enabled"),
    ],
    ids=["a matter that is gone", "a matter that was closed", "a user who left"],
)
def test_what_changed_there_since_the_books_were_pulled_is_said(spoil, said: str) -> None:
    here = room()
    biller = here.biller()
    biller.present([payload()])
    spoil(here)
    with pytest.raises(Refused, match=said):
        biller.create(payload())


# -- the version ----------------------------------------------------------------------------------


def test_each_request_names_the_version_and_the_agent_without_an_address() -> None:
    here = room()
    here.biller().create(payload())
    assert {one.headers["x-api-version"] for one in here.wire.asked} == {"4.0.10"}
    assert {one.headers["user-agent"] for one in here.wire.asked} == {"autotime/0.1"}


@pytest.mark.parametrize("echo", ["4.0.3", "5.0.0", "what?"])
def test_an_answer_in_another_version_stops_before_anything_is_written(echo: str) -> None:
    here = room()
    here.clio.echo = echo
    with pytest.raises(NotDelivered, match=r"asked in version 4\.0\.10 and answers in version .*nothing was written"):
        here.biller().create(payload())
    assert not here.sent()


def test_a_version_that_was_withdrawn_is_said_with_the_setting_that_mends_it() -> None:
    here = room()
    here.clio.versions = frozenset({"4.0.11"})
    with pytest.raises(SourceUnavailable, match="no longer knows version") as told:
        here.biller().present([payload()])
    assert "version under [clio]" in told.value.hint
    assert here.biller(version="4.0.11").present([payload()]) == []


@pytest.mark.parametrize("version", ["4.0.3", "3.9.9", "4", "4.0.x", "5.0.0"])
def test_a_version_in_which_time_was_hours_is_not_spoken(version: str) -> None:
    with pytest.raises(Misused, match="none that autotime speaks"):
        room().biller(version=version)


def test_a_region_that_is_none_is_refused() -> None:
    with pytest.raises(Misused, match="no region"):
        room().biller(region="mars")


def test_a_sign_in_that_is_not_taken_may_be_another_regions() -> None:
    with pytest.raises(SignInNeeded) as told:
        answering(Reply({"error": "invalid_token"}, 401), "GET").biller().present([payload()])
    assert "region under [clio]" in told.value.hint


# -- the stand-in's own firewall ------------------------------------------------------------------


@pytest.mark.parametrize("agent", ["", "autotime (https://elsewhere.example)", "see www.elsewhere.example"])
def test_the_firewall_takes_no_agent_with_an_address(agent: str) -> None:
    here = room()
    reply = here.clio.answer(Asked("GET", "/api/v4/users.json", {}, {"user-agent": agent}))
    assert (reply.status, reply.kind.startswith("text/html")) == (403, True)


def test_no_error_is_json_without_words() -> None:
    here = room()
    headers = {"user-agent": "autotime/0.1", "authorization": "Bearer access-1"}
    reply = here.clio.answer(Asked("GET", "/api/v4/matters.json", {"fields": "id,colour"}, headers))
    assert reply.status == 400
    assert json.loads(reply.bytes())["error"]["message"] == "fields: colour is not a valid field"
