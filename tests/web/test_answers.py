"""What an answer says: one sound JSON document, or trouble that another run may mend (F51, F52)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.domain.errors import Misused, SourceUnavailable
from autotime.web import Answer, Answered, asked_for

JSON = {"content-type": "application/json; charset=utf-8"}

UNSOUND = {
    "nothing": b"",
    "half": b'{"value": [1, 2',
    "a page": b"<html></html>",
    "NaN": b'{"n": NaN}',
    "infinity": b"[-Infinity]",
    "an infinite number": b'{"n": 1e999}',
    "minus the same": b"-1e999",
    "5,000 digits": b"9" * 5000,
    "more than 64 bits": b'{"size": 9223372036854775808}',
    "100,000 lists": b"[" * 100_000,
    "100,000 closed lists": b"[" * 100_000 + b"]" * 100_000,
    "100,000 objects": b'{"a":' * 100_000,
    "two documents": b"{}{}",
    "another encoding": '{"a": "ü"}'.encode("latin-1"),
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "raw half of a pair": b'"\xed\xa0\x80"',
    "a control character": b'"\x00"',
    "a comment": b"{} // done",
}


@pytest.mark.parametrize("body", UNSOUND.values(), ids=UNSOUND)
def test_unsound_json_is_refused_and_never_a_crash(body: bytes) -> None:
    answer = Answer(200, JSON, body)
    for _ in range(2):
        with pytest.raises(SourceUnavailable, match="no sound JSON") as refused:
            answer.json()
        assert refused.value.hint
    assert answer.is_half is bool(body)
    assert answer.code == ""


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'["\\ud83d\\ude00", "\\uD83D\\uDE00"]', ["😀", "😀"]),
        (b'["\\ud800", "a\\udfffb"]', ["?", "a?b"]),
        (b'{"\\ud800": 1}', {"?": 1}),
        (b'["\\\\ud800"]', ["\\ud800"]),
        (b"[9223372036854775807, -9223372036854775807, 1.5, 1e3]", [2**63 - 1, -(2**63) + 1, 1.5, 1000.0]),
        (b" \r\n null ", None),
    ],
)
def test_what_is_odd_but_sound_is_made_plain(body: bytes, said: Any) -> None:
    """A byte order mark goes, the last of two names wins, and half a pair, which no store takes, becomes «?»."""
    assert Answer(200, JSON, body).json() == said


JSONS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(JSONS, st.booleans())
def test_every_sound_document_is_read_as_it_stands(said: Any, ascii_only: bool) -> None:
    body = json.dumps(said, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    assert Answer(200, JSON, body).json() == said


@given(
    st.binary(max_size=60)
    | st.text(alphabet='[]{}",:\\ud8eE+-.0123456789NaInfty truefalsn', max_size=60).map(str.encode)
)
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """And what is read, every store takes."""
    try:
        said = Answer(200, JSON, body).json()
    except SourceUnavailable:
        return
    json.dumps(said, ensure_ascii=False, allow_nan=False).encode("utf-8")


@pytest.mark.parametrize("kind", ["text/html", "text/html; charset=utf-8", "text/plain", ""])
def test_a_page_is_no_answer_whatever_its_status(kind: str) -> None:
    """A captive portal, with 200; what it says is not told."""
    answer = Answer(200, {"content-type": kind}, b"<html>{}</html>")
    with pytest.raises(SourceUnavailable, match="a page, not data") as refused:
        answer.json()
    assert refused.value.hint
    assert not answer.is_half


def test_without_a_kind_it_is_taken_for_data() -> None:
    assert Answer(200, {}, b"{}").json() == {}


def test_it_is_read_once() -> None:
    answer = Answer(200, JSON, b'{"a": []}')
    assert answer.json() is answer.json()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": {"code": "ErrorItemNotFound", "message": "Bluefin"}}, "ErrorItemNotFound"),
        ({"error": {"code": 403, "errors": [{"reason": "quotaExceeded"}], "message": "Bluefin"}}, "quotaExceeded"),
        ({"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "Bluefin"}}, "PERMISSION_DENIED"),
        ({"error": {"code": 403}}, "403"),
        ({"error": "invalid_grant", "error_description": "Bluefin"}, "invalid_grant"),
        ({"error": "the matter of Bluefin"}, ""),
        ({"error": {"code": "the matter of Bluefin"}}, ""),
        ({"error": {"code": "Blüefin"}}, ""),
        ({"error": {"code": "a" * 81}}, ""),
        ({"error": {"code": ["a"], "errors": "b"}}, ""),
        ({"error": {"errors": [7]}}, ""),
        ({"error": ["x"]}, ""),
        ({"error": None}, ""),
        (["error"], ""),
        ("error", ""),
    ],
)
def test_a_refusal_has_a_word_for_why_and_never_a_sentence(body: Any, code: str) -> None:
    """In the manner of Graph, of both generations of Google, and of OAuth."""
    answer = Answer(403, JSON, json.dumps(body).encode())
    assert answer.code == code
    assert Answered("no", answer).code == code


@pytest.mark.parametrize(
    ("headers", "shown"),
    [
        ({"request-id": "abc-1"}, "abc-1"),
        ({"x-request-id": "b", "x-ms-request-id": "a"}, "a"),
        ({"request-id": "the matter of Bluefin"}, ""),
        ({}, ""),
    ],
)
def test_the_request_id_is_a_token_or_nothing(headers: dict[str, str], shown: str) -> None:
    assert Answer(500, headers, b"").request_id == shown


def test_what_it_says_is_not_in_its_repr() -> None:
    assert repr(Answer(200, {"location": "Bluefin"}, b'"Bluefin"')) == "Answer(status=200)"


def test_the_status_behind_an_error() -> None:
    assert asked_for(Answered("no", Answer(410, {}, b""))) == 410
    assert asked_for(Misused("no")) == 0
