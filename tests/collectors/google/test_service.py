"""Google's own client asks through ``Web``: our patience, our host checks, and a pace that the quota allows."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from autotime.collectors.google.app import App
from autotime.collectors.google.refusals import Missing
from autotime.collectors.google.service import Google
from autotime.domain.errors import Misused, SignInNeeded, SourceUnavailable
from autotime.testing.google import Workspace
from autotime.testing.google.routes import Refused, too_fast
from autotime.testing.server import Portal, Reply, Status
from autotime.web import Answered, Misdirected, asked_for
from tests.collectors.google.office import ADA, google
from tests.collectors.sources import letter


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with Workspace() as made:
        yield made


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def ada(workspace: Workspace, waits: list[float]) -> Iterator[Google]:
    with google(workspace, waits.append) as made:
        yield made


def profile(ada: Google) -> dict[str, Any]:
    return ada.ask(ada.service("gmail").users().getProfile(userId="me"))


def mails(ada: Google, names: list[str]) -> dict[str, Any]:
    users = ada.service("gmail").users()
    return ada.many({name: users.messages().get(userId="me", id=name, format="minimal") for name in names})


def filled(workspace: Workspace, count: int) -> list[str]:
    return [workspace.user(ADA).receives(letter(number)) for number in range(count)]


# -- where it goes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("api", "endpoint", "batch"),
    [
        ("gmail", "https://gmail.googleapis.com/", "https://gmail.googleapis.com/batch"),
        ("calendar", "https://www.googleapis.com/calendar/v3/", "https://www.googleapis.com/batch/calendar/v3"),
        ("drive", "https://www.googleapis.com/drive/v3/", "https://www.googleapis.com/batch/drive/v3"),
        ("driveactivity", "https://driveactivity.googleapis.com/", "https://driveactivity.googleapis.com/batch"),
        ("meet", "https://meet.googleapis.com/", "https://meet.googleapis.com/batch"),
    ],
)
def test_each_api_is_asked_where_google_says_it_is(api: str, endpoint: str, batch: str) -> None:
    """As the descriptions in Google's own package have it."""
    from googleapiclient.discovery import build

    assert (App().endpoint(api), App().batch(api)) == (endpoint, batch)
    versions = {"gmail": "v1", "calendar": "v3", "drive": "v3", "driveactivity": "v2", "meet": "v2"}
    described = build(api, versions[api], http=object(), static_discovery=True, cache_discovery=False)
    assert described._baseUrl == endpoint
    assert described.new_batch_http_request()._batch_uri == batch


def test_another_root_takes_the_place_of_every_host() -> None:
    app = App.of({"base_url": "http://127.0.0.1:8080/", "client_file": "", "units_per_minute": 6000})
    assert app.endpoint("gmail") == "http://127.0.0.1:8080/"
    assert app.endpoint("calendar") == "http://127.0.0.1:8080/calendar/v3/"
    assert app.batch("drive") == "http://127.0.0.1:8080/batch/drive/v3"


@pytest.mark.parametrize("name", ["base_url", "token_url"])
def test_plain_http_is_for_this_machine_only(name: str) -> None:
    with pytest.raises(Misused, match=r"https|this machine"):
        App.of({name: "http://gmail.firm.example"})


def test_the_sign_in_address_is_not_to_be_moved_to_another_host() -> None:
    with pytest.raises(Misused, match="tests"):
        App.of({"token_url": "https://accounts.firm.example/token"})


def test_a_request_to_another_host_is_not_sent(ada: Google) -> None:
    """Also where Google's client would follow an address it was given."""
    call = ada.service("gmail").users().getProfile(userId="me")
    call.uri = "https://gmail.evil.example/gmail/v1/users/me/profile"
    with pytest.raises(Misdirected):
        ada.ask(call)


def test_asking_needs_no_description_from_the_network(workspace: Workspace, ada: Google) -> None:
    assert profile(ada)["emailAddress"] == ADA
    assert [asked.path for asked in workspace.server.asked] == ["/gmail/v1/users/me/profile"]


def test_the_collector_is_named_without_loading_googles_client() -> None:
    """Most commands never ask Google anything."""
    code = (
        "import sys; import autotime.collectors.google.collector; "
        "print([name for name in sys.modules if name.split('.')[0] in "
        "('googleapiclient', 'google', 'httplib2', 'oauthlib')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- what an answer means ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "refused",
    [
        too_fast(),
        too_fast(status=403),
        too_fast(status=403, reason="userRateLimitExceeded"),
        Refused(403, "quotaExceeded", "Calendar usage limits exceeded."),
        Refused(503, "backendError"),
    ],
    ids=lambda refused: f"{refused.status} {refused.reason}",
)
def test_too_fast_is_a_wait_and_another_try(
    workspace: Workspace, ada: Google, waits: list[float], refused: Refused
) -> None:
    workspace.refusing = [refused]
    assert profile(ada)["emailAddress"] == ADA
    assert len(waits) == 1


def test_the_wait_that_google_asks_for_is_kept(workspace: Workspace, ada: Google, waits: list[float]) -> None:
    """Google's own client would have slept a second."""
    workspace.refusing = [too_fast("17"), None]
    profile(ada)
    assert waits == [17]


def test_another_403_is_told_at_once(workspace: Workspace, ada: Google, waits: list[float]) -> None:
    workspace.refusing = [Refused(403, "dailyLimitExceeded", "the whole day")]
    with pytest.raises(Answered) as refused:
        profile(ada)
    assert asked_for(refused.value) == 403
    assert waits == []


@pytest.mark.parametrize("path", ["old", "new"])
def test_a_permission_that_was_not_given_is_named(workspace: Workspace, ada: Google, path: str) -> None:
    """In the old manner (``errors``) and in the new one (``details`` alone)."""
    detail = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}
    words = {"errors": [{"reason": "insufficientPermissions"}]} if path == "old" else {"details": [detail]}
    workspace.server.faults = [Status(403, body={"error": {"code": 403, "message": "no", **words}})]
    with pytest.raises(Missing, match=r"gmail\.readonly") as missing:
        profile(ada)
    assert missing.value.gap("mail").part == "mail"
    assert "connect" in missing.value.hint


def test_a_service_that_is_switched_off_says_so(workspace: Workspace, ada: Google) -> None:
    workspace.off = {"/gmail"}
    with pytest.raises(Missing, match="switched off"):
        profile(ada)


def test_a_token_that_is_refused_twice_asks_for_a_sign_in(workspace: Workspace, ada: Google) -> None:
    workspace.server.fault_for = lambda _asked: Status(401)
    with pytest.raises(SignInNeeded):
        profile(ada)
    assert len(workspace.server.asked) == 2


@pytest.mark.parametrize("body", [b"[]", b"7", b"{", b"\xff\xfe", b"[" * 100_000], ids=lambda body: str(body[:8]))
def test_what_is_no_object_is_not_believed(workspace: Workspace, ada: Google, body: bytes) -> None:
    workspace.server.fault_for = lambda _asked: Status(200, body=body)
    with pytest.raises(SourceUnavailable):
        profile(ada)


def test_a_page_that_asks_to_sign_in_to_the_network_is_no_answer(workspace: Workspace, ada: Google) -> None:
    workspace.server.fault_for = lambda _asked: Portal()
    with pytest.raises(SourceUnavailable):
        profile(ada)


def test_a_refusal_leaves_no_word_in_a_log(workspace: Workspace, ada: Google, caplog: pytest.LogCaptureFixture) -> None:
    """Google's client writes whole answers and addresses into its log."""
    caplog.set_level(logging.DEBUG)
    name = filled(workspace, 1)[0]
    workspace.server.faults = [Status(403, body=b"Harrow v. Lund, not JSON")]
    answer = mails(ada, [name])[name]
    told = f"{caplog.text} {answer!r}"
    assert asked_for(answer) == 403
    assert "Harrow" not in told
    assert name not in told


# -- pages ------------------------------------------------------------------------------------


def test_pages_that_lead_back_to_themselves_end(workspace: Workspace, ada: Google) -> None:
    filled(workspace, 5)
    workspace.loop_pages()
    messages = ada.service("gmail").users().messages()
    with pytest.raises(SourceUnavailable, match="no end"):
        list(ada.pages(messages.list(userId="me", maxResults=2), messages.list_next))
    assert len(workspace.calls) <= 4


# -- batches ----------------------------------------------------------------------------------


def test_many_calls_go_fifty_at_a_time(workspace: Workspace, ada: Google) -> None:
    names = filled(workspace, 120)
    answers = mails(ada, names)
    assert workspace.batches == [50, 50, 20]
    assert [answers[name]["id"] for name in names] == names


def test_what_is_gone_stands_apart_from_the_others(workspace: Workspace, ada: Google) -> None:
    """404 is the answer to one call, not to the batch."""
    names = filled(workspace, 3)
    workspace.user(ADA).mail.delete(names[1])
    answers = mails(ada, names)
    assert [asked_for(answer) if isinstance(answer, Answered) else 200 for answer in answers.values()] == [
        200,
        404,
        200,
    ]


@pytest.mark.parametrize(
    "refused", [too_fast("9"), too_fast("9", 403, "userRateLimitExceeded")], ids=lambda one: one.status
)
def test_what_the_quota_stopped_inside_a_batch_is_asked_again(
    workspace: Workspace, ada: Google, waits: list[float], refused: Refused
) -> None:
    """Only those calls, after the wait that was asked for."""
    names = filled(workspace, 6)
    workspace.refusing = [None, refused, None, refused]
    answers = mails(ada, names)
    assert all(answers[name]["id"] == name for name in names)
    assert (workspace.batches, waits) == ([6, 2], [9])


def test_a_quota_that_stays_exhausted_ends_the_run(workspace: Workspace, ada: Google, waits: list[float]) -> None:
    workspace.refusing = [too_fast("600")] * 100
    with pytest.raises(SourceUnavailable, match="wait longer"):
        mails(ada, filled(workspace, 2))
    assert sum(waits) <= 1800


def test_one_call_that_fails_for_ever_does_not_hold_up_the_others(workspace: Workspace, ada: Google) -> None:
    names = filled(workspace, 3)
    handle, asking = workspace.call, f"/gmail/v1/users/me/messages/{names[1]}"
    workspace.call = lambda asked: Refused(500, "backendError").reply("") if asked.path == asking else handle(asked)  # type: ignore[method-assign]
    answers = mails(ada, names)
    assert isinstance(answers[names[1]], Answered)
    assert answers[names[2]]["id"] == names[2]


def test_a_token_that_expires_inside_a_batch_is_renewed_once(workspace: Workspace, ada: Google) -> None:
    names = filled(workspace, 3)
    workspace.refusing = [None, Refused(401, "authError"), None]
    assert set(mails(ada, names)) == set(names)
    workspace.refusing = [Refused(401, "authError")] * 10
    with pytest.raises(SignInNeeded):
        mails(ada, names)


def test_a_batch_that_is_cut_or_garbled_is_not_believed(workspace: Workspace, ada: Google) -> None:
    names = filled(workspace, 2)
    whole = workspace.server.answer
    garbled = [
        lambda reply: reply.body[: len(reply.body) // 2],
        lambda reply: reply.body.replace(b"Content-ID", b"Content-Name"),
        lambda reply: b"",
        lambda reply: reply.body.replace(b"HTTP/1.1 200", b"HTTP/1.1 many"),
        lambda reply: reply.body.replace(b'{"id"', b'["id"'),
    ]
    for spoil in garbled:
        workspace.server.answer = lambda asked, spoil=spoil: Reply(spoil(whole(asked)), kind=whole(asked).kind)
        with pytest.raises(SourceUnavailable) as trouble:
            mails(ada, names)
        assert trouble.value.hint
