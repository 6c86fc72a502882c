"""Outlook's Thread-Index, by published and by computed values."""

from __future__ import annotations

import base64

from hypothesis import given
from hypothesis import strategies as st

from autotime.collectors.messages import Where, read
from autotime.collectors.threads import EPOCH, TICKS, reply_opened_at
from autotime.domain.evidence import Evidence
from autotime.testing.collectors import NOW

from .sources import ADA, MONDAY, at, letter

PUBLISHED = "AQHWLRNo4NaOjvXU8EODe0ZotrA8B6itzaxf"
"""A reply of 18 May 2020 to a conversation begun at 12:54:02 UTC, opened at 12:57:39."""


def classic(begun: int, opened: int) -> str:
    """As desktop Outlook writes it: header time in 2^16 ticks, delta in 2^18 ticks."""
    header = ((begun + EPOCH) * TICKS) >> 16
    delta = ((opened + EPOCH) * TICKS - (header << 16)) >> 18
    return base64.b64encode(header.to_bytes(6, "big") + b"\7" * 16 + delta.to_bytes(4, "big") + b"\0").decode()


def test_a_published_value_of_exchange_is_read_as_published() -> None:
    """Its delta counts from a misreading of its own header, and wraps."""
    opened = at("2020-05-18T12:57:39+00:00")
    assert reply_opened_at(PUBLISHED, opened + 300) == opened


@given(writing=st.integers(0, 80_000), age=st.integers(0, 3_000_000))
def test_a_classic_value_gives_the_moment_the_reply_was_opened(writing: int, age: int) -> None:
    """To within the hundredth of a second the field can hold."""
    found = reply_opened_at(classic(MONDAY - writing - age, MONDAY - writing), MONDAY)
    assert found is not None
    assert abs(found - (MONDAY - writing)) <= 1


def test_a_value_after_the_mail_or_long_before_it_is_not_believed() -> None:
    """Two minutes of difference between two clocks are allowed, and never count as time after the mail."""
    assert reply_opened_at(classic(MONDAY - 99_000, MONDAY - 90_000), MONDAY) is None
    assert reply_opened_at(classic(MONDAY - 9000, MONDAY + 600), MONDAY) is None
    assert reply_opened_at(classic(MONDAY - 9000, MONDAY + 60), MONDAY) == MONDAY


@given(st.binary(max_size=80) | st.text(max_size=80))
def test_no_value_breaks_the_reading(data: bytes | str) -> None:
    """Base64 or not, long or short: a moment of the day before the mail, or nothing."""
    text = base64.b64encode(data).decode() if isinstance(data, bytes) else data
    found = reply_opened_at(text, MONDAY)
    assert found is None or MONDAY - 86_400 <= found <= MONDAY


def test_only_the_timekeepers_own_mail_says_when_it_was_opened() -> None:
    """When somebody else opened theirs is their own business, and outsiders could write anything there."""
    index = f"Thread-Index: {classic(MONDAY - 9000, MONDAY - 600)}"
    own = read(letter(1, headers=[index]), Where("office", "mbox", "sent", ADA, NOW))
    other = read(letter(1, headers=[index, "From: b@x.example"]), Where("office", "mbox", "inbox", ADA, NOW))
    assert isinstance(own, Evidence)
    assert isinstance(other, Evidence)
    assert abs(own.number("reply_opened_at") - (MONDAY - 600)) <= 1
    assert "reply_opened_at" not in other.facts
