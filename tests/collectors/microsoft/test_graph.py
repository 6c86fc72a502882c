"""Graph's manners: preferences on every page, opaque links, batches, and what its refusals mean."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from autotime.collectors.microsoft.graph import IMMUTABLE, Graph
from autotime.domain.errors import CursorExpired, SignInNeeded, SourceUnavailable
from autotime.testing.server import Asked, Loopback, Reply, Status
from autotime.web import Answered, Misdirected, Web

NEXT, DELTA = "@odata.nextLink", "@odata.deltaLink"


class Service:
    """Answers what a test says, page by page; ``{root}`` in a link is where it stands."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.server = Loopback(self._answer)
        self.waits: list[float] = []
        self.given: list[bool] = []
        self.web: Web | None = None

    def _answer(self, _asked: Asked) -> Reply:
        said = self.answers.pop(0)
        return said if isinstance(said, Reply) else Reply(self._placed(said))

    def _placed(self, said: Any) -> Any:
        return json.loads(json.dumps(said).replace("{root}", f"{self.server.url}/v1.0"))

    def graph(self) -> Graph:
        def authorise(fresh: bool) -> dict[str, str]:
            self.given.append(fresh)
            return {"Authorization": "Bearer token"}

        self.web = Web(f"{self.server.url}/v1.0", authorise, sleep=self.waits.append)
        return Graph(self.web, "office")


@contextmanager
def service(*answers: Any) -> Iterator[Service]:
    made = Service(*answers)
    with made.server:
        yield made
        if made.web:
            made.web.close()


def refusal(status: int, code: str, **headers: str) -> Reply:
    return Reply({"error": {"code": code, "message": "Ada's secret subject"}}, status, headers)


def rows(pages: Iterator[dict[str, Any]]) -> list[Any]:
    return [row for page in pages for row in page["value"]]


# -- pages ------------------------------------------------------------------------------------


def test_preferences_go_with_every_page():
    """They hold for one request, and links do not carry them."""
    pages = [{"value": [{"id": "1"}], NEXT: "{root}/me/messages?$skiptoken=a"}, {"value": [{"id": "2"}]}]
    with service(*pages) as at:
        assert [row["id"] for row in rows(at.graph().pages("/me/messages", prefer="odata.maxpagesize=50"))] == [
            "1",
            "2",
        ]
        assert [asked.headers["prefer"] for asked in at.server.asked] == [f"{IMMUTABLE}, odata.maxpagesize=50"] * 2


def test_immutable_ids_are_asked_for_always():
    with service({"id": "1"}) as at:
        at.graph().get("/me")
        assert at.server.asked[0].headers["prefer"] == 'IdType="ImmutableId"'


def test_links_are_replayed_as_they_came():
    """Opaque: neither decoded nor encoded anew, and without the parameters of the first request."""
    link = "{root}/me/messages?$filter=a%20ge%20b&$skiptoken=x%2By%2Fz%3D&%24top=2"
    with service({"value": [], NEXT: link}, {"value": []}) as at:
        rows(at.graph().pages("/me/messages", {"$top": 2, "$select": "id"}))
        assert at.server.asked[1].target == link.replace("{root}", "/v1.0")


def test_spaces_in_a_query_are_no_pluses():
    with service({"value": []}) as at:
        rows(at.graph().pages("/me/messages", {"$filter": "receivedDateTime ge 2026-03-09T00:00:00Z"}))
        assert at.server.asked[0].target.endswith("/me/messages?$filter=receivedDateTime%20ge%202026-03-09T00:00:00Z")


def test_an_empty_page_with_a_next_link_is_not_the_end():
    with service({"value": [], NEXT: "{root}/me/messages?p=2"}, {"value": [{"id": "1"}]}) as at:
        assert rows(at.graph().pages("/me/messages")) == [{"id": "1"}]


def test_a_link_that_was_followed_is_not_followed_again():
    again = {"value": [], NEXT: "{root}/me/messages?p=2"}
    with service(again, again) as at, pytest.raises(SourceUnavailable, match="no end"):
        rows(at.graph().pages("/me/messages"))


def test_a_list_has_an_end(monkeypatch):
    monkeypatch.setattr("autotime.collectors.microsoft.graph.PAGES_CAP", 3)
    endless = ({"value": [], NEXT: f"{{root}}/me/messages?p={n}"} for n in range(9))
    with service(*endless) as at, pytest.raises(SourceUnavailable, match="no end"):
        rows(at.graph().pages("/me/messages"))


@pytest.mark.parametrize(
    "page",
    [
        {},
        {"value": None},
        {"value": {"id": "1"}},
        {"values": []},
        {"value": [], NEXT: "{root}/a", DELTA: "{root}/b"},
        {"value": [], NEXT: 7},
        {"value": [], NEXT: None},
        [],
        "value",
        None,
    ],
    ids=repr,
)
def test_half_a_page_or_none_is_refused(page):
    with service(page) as at, pytest.raises(SourceUnavailable) as broken:
        rows(at.graph().pages("/me/messages"))
    assert broken.value.hint


@pytest.mark.parametrize(
    "link",
    [
        "https://graph.microsoft.com/v1.0/me/messages",
        "{root}@evil.example/me",
        "//evil.example/v1.0/me",
        "{root}.evil.example/me",
        "{root}/../beta/me/messages",
        "http://127.0.0.1:9/v1.0/me/messages",
    ],
)
def test_the_token_goes_nowhere_else(link):
    with service({"value": [], NEXT: link}) as at, pytest.raises(Misdirected):
        rows(at.graph().pages("/me/messages"))
    assert len(at.server.asked) == 1


# -- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (410, "resyncRequired"),
        (410, ""),
        (400, "SyncStateNotFound"),
        (404, "syncStateNotFound"),
        (400, "SyncStateInvalid"),
        (400, "RESYNCREQUIRED"),
    ],
)
def test_an_expired_cursor_is_told_by_its_status_or_by_its_code_in_any_case(status, code):
    with service(refusal(status, code)) as at, pytest.raises(CursorExpired):
        at.graph().get("/me/messages")


def test_an_expired_cursor_with_the_way_on_is_left_to_who_asked():
    with service(refusal(410, "resyncChangesApplyDifferences", Location="https://x.example")) as at:
        with pytest.raises(Answered) as refused:
            at.graph().get("/me/drive/root/delta")
        assert (refused.value.status, refused.value.answer.headers["location"]) == (410, "https://x.example")


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "InefficientFilter"),
        (403, "ErrorAccessDenied"),
        (403, "Authorization_RequestDenied"),
        (404, "MailboxNotEnabledForRESTAPI"),
        (404, "itemNotFound"),
        (423, "locked"),
        (507, "insufficientStorage"),
    ],
)
def test_other_refusals_are_told_as_they_are_and_at_once(status, code):
    """And without a word of the service's own sentence, which may hold anything."""
    with service(refusal(status, code)) as at, pytest.raises(Answered) as refused:
        at.graph().get("/me/messages")
    assert (refused.value.status, refused.value.code) == (status, code)
    assert "secret" not in f"{refused.value} {refused.value!r} {refused.value.hint}"
    assert at.waits == []


def test_a_token_that_is_refused_twice_asks_for_a_sign_in():
    with service(*[refusal(401, "InvalidAuthenticationToken")] * 2) as at, pytest.raises(SignInNeeded) as needed:
        at.graph().get("/me")
    assert needed.value.hint == 'autotime connect "office"'
    assert at.given == [False, True]


@pytest.mark.parametrize(
    "code", ["TooManyRequests", "ApplicationThrottled", "activityLimitReached", "", "UnknownError"]
)
def test_a_busy_service_is_asked_again_whatever_it_calls_that(code):
    with service(refusal(429, code, **{"Retry-After": "3"}), {"id": "1"}) as at:
        assert at.graph().get("/me") == {"id": "1"}
        assert at.waits == [3]


# -- batches ----------------------------------------------------------------------------------


def inner(name: str, body: Any = None, status: int = 200, **headers: str) -> dict[str, Any]:
    return {"id": name, "status": status, "headers": headers, "body": {"id": name} if body is None else body}


def answers(*responses: Any) -> dict[str, Any]:
    return {"responses": list(responses)}


def test_a_batch_is_answered_in_the_order_of_its_questions():
    """The service answers in any."""
    with service(answers(inner("1", {"name": "b"}), inner("0", {"name": "a"}))) as at:
        assert at.graph().batch(["/a", "/b"]) == [{"name": "a"}, {"name": "b"}]
        requests = at.server.asked[0].json()["requests"]
        assert [(one["method"], one["url"]) for one in requests] == [("GET", "/a"), ("GET", "/b")]


def test_preferences_stand_in_each_request_of_a_batch():
    with service(answers(inner("0"), inner("1"))) as at:
        at.graph().batch(["/a", "/b"], "odata.maxpagesize=5")
        requests = at.server.asked[0].json()["requests"]
        assert [one["headers"]["Prefer"] for one in requests] == [f"{IMMUTABLE}, odata.maxpagesize=5"] * 2


def test_a_batch_has_at_most_twenty_requests_and_none_twice():
    first, second = (answers(*(inner(str(n)) for n in range(count))) for count in (20, 5))
    with service(first, second) as at:
        paths = [f"/{n}" for n in range(25)]
        assert len(at.graph().batch([*paths, *paths])) == 50
        assert [len(asked.json()["requests"]) for asked in at.server.asked] == [20, 5]


def test_one_batch_at_a_time_comes_from_this_process_whoever_asks():
    """The service works on four questions of each at a time."""

    def slowly(asked: Asked) -> Reply:
        time.sleep(0.005)
        return Reply(answers(*(inner(one["id"]) for one in asked.json()["requests"])))

    with Loopback(slowly) as server, ThreadPoolExecutor(6) as readers:

        def work(number: int) -> int:
            with Web(server.url, sleep=[].append) as web:
                return len(Graph(web, "office").batch([f"/{number}/{n}" for n in range(30)]))

        assert list(readers.map(work, range(6))) == [30] * 6
        assert (len(server.asked), server.most_at_once) == (12, 1)


def test_nothing_to_ask_is_not_asked():
    with service() as at:
        assert at.graph().batch([]) == []
        assert at.server.asked == []


def test_only_what_was_throttled_in_a_batch_is_asked_again_when_it_says():
    """The outer 200 says nothing; the longest of the waits is kept."""
    first = answers(
        inner("0", {"name": "a"}),
        inner("1", status=429, **{"Retry-After": "4"}),
        inner("2", status=503, **{"Retry-After": "9"}),
    )
    with service(first, answers(inner("2", {"name": "c"}), inner("1", {"name": "b"}))) as at:
        assert at.graph().batch(["/a", "/b", "/c"]) == [{"name": "a"}, {"name": "b"}, {"name": "c"}]
        assert [one["url"] for one in at.server.asked[1].json()["requests"]] == ["/b", "/c"]
        assert at.waits == [9]


def test_a_refusal_in_a_batch_stands_in_its_place():
    missing = {"error": {"code": "itemNotFound"}}
    with service(answers(inner("0"), inner("1", missing, 404))) as at:
        found, gone = at.graph().batch(["/a", "/b"])
        assert found == {"id": "0"}
        assert isinstance(gone, Answered)
        assert (gone.status, gone.code) == (404, "itemNotFound")


@pytest.mark.parametrize("status", [429, 503, 504])
def test_a_batch_that_stays_throttled_is_no_answer(status):
    """What was not given must not be taken for what is not there."""
    with service(*[answers(inner("0"), inner("1", {}, status))] * 6) as at, pytest.raises(Answered) as refused:
        at.graph().batch(["/a", "/b"])
    assert refused.value.status == status
    assert len(at.waits) == 5


def test_one_thing_the_service_cannot_read_harms_no_other():
    with service(*[answers(inner("0"), inner("1", {}, 500))] * 6) as at:
        found, broken = at.graph().batch(["/a", "/b"])
        assert found == {"id": "0"}
        assert isinstance(broken, Answered)


@pytest.mark.parametrize(
    "said",
    [{}, {"responses": None}, answers(inner("0")), answers("0", "1"), answers(inner("0"), inner("7")), []],
    ids=repr,
)
def test_an_incomplete_batch_is_refused(said):
    with service(said) as at, pytest.raises(SourceUnavailable):
        at.graph().batch(["/a", "/b"])


def test_a_token_that_is_refused_inside_a_batch_is_renewed_once():
    """And what was refused is asked for again, alone."""
    with service(answers(inner("0", {}), inner("1", {}, 401)), answers(inner("1", {"name": "b"}))) as at:
        assert at.graph().batch(["/a", "/b"]) == [{}, {"name": "b"}]
        assert at.given == [False, True, False]
        assert [one["url"] for one in at.server.asked[1].json()["requests"]] == ["/b"]


def test_a_token_that_stays_refused_inside_a_batch_asks_for_a_sign_in():
    with service(answers(inner("0", {}, 401)), answers(inner("0", {}, 401))) as at, pytest.raises(SignInNeeded):
        at.graph().batch(["/a"])
    assert len(at.server.asked) == 2


def test_what_was_asked_ahead_is_not_asked_again():
    """Once: a second asking wants the answer of then."""
    with service(answers(inner("0", {"name": "a"}), inner("1", {}, 403)), {"name": "later"}) as at:
        graph = at.graph()
        graph.ahead(["/a", "/b"])
        assert graph.get("/a") == {"name": "a"}
        with pytest.raises(Answered):
            graph.get("/b")
        assert graph.get("/a") == {"name": "later"}
        assert len(at.server.asked) == 2


def test_a_storm_ends_a_batch_too():
    with service() as at, at.server.failing(Status(503, {"Retry-After": "600"})), pytest.raises(Answered):
        at.graph().batch(["/a"])
    assert sum(at.waits) <= 1800
