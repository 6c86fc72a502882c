"""A token goes to what lies under its root; every other link is refused before anything is sent (A31, A33)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.domain.errors import Misused
from autotime.testing import Loopback
from autotime.testing.server import Reply
from autotime.web import Misdirected, Web, checked_root
from autotime.web.links import lies_under

ROOT = "https://graph.example/v1.0"

EVIL = {
    "another host": "https://graph.evil.example/v1.0/me",
    "the host as a prefix": "https://graph.example.evil.example/v1.0/me",
    "the host as userinfo": "https://graph.example@evil.example/v1.0/me",
    "the host as user and password": "https://graph.example:443@evil.example/v1.0/me",
    "userinfo before the right host": "https://ada:secret@graph.example/v1.0/me",
    "an empty userinfo": "https://@graph.example/v1.0/me",
    "without a scheme": "//evil.example/v1.0/me",
    "the right host without a scheme": "//graph.example/v1.0/me",
    "plain http": "http://graph.example/v1.0/me",
    "plain http on the same port": "http://graph.example:443/v1.0/me",
    "another scheme": "ftp://graph.example/v1.0/me",
    "a file": "file:///etc/passwd",
    "another port": "https://graph.example:8443/v1.0/me",
    "an impossible port": "https://graph.example:99999/v1.0/me",
    "a port in words": "https://graph.example:https/v1.0/me",
    "a trailing dot": "https://graph.example./v1.0/me",
    "no slashes": "https:graph.evil.example/v1.0/me",
    "one slash": "https:/graph.evil.example/v1.0/me",
    "three slashes": "https:///evil.example/v1.0/me",
    "a backslash as a slash": "https:\\\\evil.example\\v1.0\\me",
    "a backslash before the at": "https://graph.example\\@evil.example/v1.0/me",
    "a backslash after the host": "https://evil.example\\.graph.example/v1.0/me",
    "a fragment before the at": "https://graph.example#@evil.example/v1.0/me",
    "a question before the at": "https://evil.example?@graph.example/v1.0/me",
    "letters that look alike": "https://gr\u0430ph.example/v1.0/me",
    "the same in punycode": "https://xn--grph-43d.example/v1.0/me",
    "wide letters": "https://\uff47raph.example/v1.0/me",
    "a wide full stop": "https://graph\u3002example/v1.0/me",
    "a sign that becomes a slash": "https://evil.example\u2100graph.example/v1.0/me",
    "a zero-width space": "https://graph.\u200bexample/v1.0/me",
    "a tab in the host": "https://graph.exa\tmple/v1.0/me",
    "a new line in the path": "https://graph.example/v1.0/me\nHost: evil.example",
    "a return in the path": "https://graph.example/v1.0/me\r\nX: y",
    "a percent-encoded host": "https://graph%2eexample/v1.0/me",
    "an open bracket": "https://[graph.example/v1.0/me",
    "an address of IPv6": "https://[::1]/v1.0/me",
    "another root": "https://graph.example/beta/me",
    "a root with the same beginning": "https://graph.example/v1.0evil/me",
    "the root in other letters": "https://graph.example/V1.0/me",
    "no path": "https://graph.example",
    "a step upwards": "https://graph.example/v1.0/../beta/me",
    "encoded dots": "https://graph.example/v1.0/%2e%2e/beta/me",
    "half-encoded dots": "https://graph.example/v1.0/.%2E/beta/me",
    "dots encoded twice": "https://graph.example/v1.0/%252e%252e/beta/me",
    "an encoded slash": "https://graph.example/v1.0/..%2fbeta/me",
    "a backslash upwards": "https://graph.example/v1.0/..\\beta/me",
    "an encoded backslash": "https://graph.example/v1.0/..%5cbeta/me",
    "a parameter on the dots": "https://graph.example/v1.0/..;x/beta/me",
    "a step on the spot": "https://graph.example/v1.0/./me",
    "upwards at the end": "https://graph.example/v1.0/me/..",
}

GOOD = {
    "a link of the server": "https://graph.example/v1.0/me/messages?$skiptoken=a%2Bb%3D%3D",
    "the root itself": "https://graph.example/v1.0",
    "the default port said": "https://graph.example:443/v1.0/me",
    "the host in capitals": "https://GRAPH.example/v1.0/me",
    "dots that are no step": "https://graph.example/v1.0/me/a..b/...",
    "a query with everything in it": "https://graph.example/v1.0/me?back=https://evil.example/../x@y",
}


@pytest.mark.parametrize("link", EVIL.values(), ids=EVIL)
def test_a_link_that_leads_elsewhere_is_refused(link: str) -> None:
    """Whoever reads it differently. What the error says names the host of the root only."""
    with Web(ROOT) as web, pytest.raises(Misdirected) as refused:
        web.url(link)
    assert refused.value.hint
    assert str(refused.value) == "graph.example gave a link that leads elsewhere; nothing was sent there"


@pytest.mark.parametrize("link", GOOD.values(), ids=GOOD)
def test_a_link_under_the_root_is_followed_as_it_stands(link: str) -> None:
    with Web(ROOT) as web:
        assert web.url(link) == link


@pytest.mark.parametrize(
    ("where", "whole"),
    [
        ("me", f"{ROOT}/me"),
        ("/me", f"{ROOT}/me"),
        ("drive/items/1:/a b.docx:/versions", f"{ROOT}/drive/items/1:/a b.docx:/versions"),
        ("users:batch", f"{ROOT}/users:batch"),
        ("me?$top=1", f"{ROOT}/me?$top=1"),
    ],
)
def test_a_path_lies_under_the_root(where: str, whole: str) -> None:
    with Web(f"{ROOT}/") as web:
        assert web.url(where) == whole


@pytest.mark.parametrize("path", ["../beta/me", "me/../../beta", "..", "%2e%2e/beta", "me\nx"])
def test_a_path_climbs_no_more_than_a_link(path: str) -> None:
    """A name that came from a server may be part of it."""
    with Web(ROOT) as web, pytest.raises(Misdirected):
        web.url(path)


def test_parameters_are_encoded_and_join_those_that_are_there() -> None:
    with Web(ROOT) as web:
        assert web.url("me", {"$filter": "a b&c", "n": 2}) == f"{ROOT}/me?%24filter=a+b%26c&n=2"
        assert web.url("me?x=1", {"n": 2}) == f"{ROOT}/me?x=1&n=2"


@pytest.fixture
def two() -> Iterator[tuple[Loopback, Loopback]]:
    with Loopback(lambda _asked: Reply({})) as mine, Loopback(lambda _asked: Reply({})) as other:
        yield mine, other


def test_nothing_at_all_is_sent_elsewhere(two: tuple[Loopback, Loopback]) -> None:
    """By reads and writes alike, and nothing is sent to the right host either."""
    mine, other = two
    with Web(f"{mine.url}/v1", lambda _fresh: {"Authorization": "Bearer t"}) as web:
        for link in (f"{other.url}/v1/me", f"{mine.url}@{other.url[7:]}/v1/me", f"{mine.url}/v1/%2e%2e/me"):
            for ask in (web.get, lambda where: web.send("POST", where), lambda where: web.ask("REPORT", where)):
                with pytest.raises(Misdirected):
                    ask(link)
    assert (mine.asked, other.asked) == ([], [])


def test_a_link_is_sent_byte_for_byte(two: tuple[Loopback, Loopback]) -> None:
    """What a server puts into its next link is its own affair."""
    mine, _ = two
    opaque = "/v1/me/messages?$skiptoken=AQA%2b%2F==&$deltatoken='x'&a=b+c%20d,(e);f:g@h!*"
    with Web(f"{mine.url}/v1") as web:
        web.get(f"{mine.url}{opaque}")
    assert mine.asked[0].target == opaque


PIECES = st.sampled_from([*"/\\@:?#.%2e;", "https", "http", "graph.example", "evil.example", "v1.0", "\t", "．"])


@given(st.sampled_from(["", "https://graph.example", ROOT, f"{ROOT}/"]), st.lists(PIECES, max_size=8))
def test_whatever_passes_leads_to_the_right_host(begin: str, pieces: list[str]) -> None:
    """By either reading of the address."""
    link = begin + "".join(pieces)
    if lies_under(ROOT, link):
        assert urlsplit(link).netloc.lower() in ("graph.example", "graph.example:443", "graph.example:")
        assert (httpx2.URL(link).host, httpx2.URL(link).scheme) == ("graph.example", "https")
        assert httpx2.URL(link).raw_path.startswith(b"/v1.0")


@pytest.mark.parametrize(
    "root",
    [
        "https://graph.example",
        "https://graph.example/v1.0/",
        "https://GRAPH.example:8443/dav",
        "https://dav.müller.example/",
        "http://127.0.0.1:5600",
        "http://localhost:5600/api",
        "http://localhost",
        "http://[::1]:80",
    ],
)
def test_a_root_is_https_or_this_machine(root: str) -> None:
    assert checked_root(root) == root.rstrip("/")


@pytest.mark.parametrize(
    "root",
    [
        "",
        "graph.example",
        "http://graph.example",
        "http://127.0.0.1.evil.example:80",
        "http://localhost.evil.example",
        "http://127.0.0.1:80@evil.example",
        "https://",
        "https:///v1.0",
        "https://[::1",
        "https://graph.example:port",
        "https://graph.example:99999",
        "https://graph.example/?tenant=1",
        "https://graph.example/#x",
        "https://graph.example\\x",
        "https://graph.example/a/../b",
        "https://gra\nph.example",
        "https://-.example:x",
        "file:///etc",
        "ftp://graph.example",
    ],
)
def test_any_other_root_says_what_to_change(root: str) -> None:
    with pytest.raises(Misused, match="https://") as wrong:
        checked_root(root)
    assert wrong.value.hint


def test_a_password_in_a_root_is_refused_and_not_shown() -> None:
    with pytest.raises(Misused) as wrong:
        checked_root("https://ada:hunter2@dav.example/")
    assert "hunter2" not in f"{wrong.value} {wrong.value!r} {wrong.value.hint}"
