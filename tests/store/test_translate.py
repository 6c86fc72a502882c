"""Nouns become text and come back as they were."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import json
import pkgutil
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autotime.domain
from autotime.domain import doors
from autotime.domain.books import Matter
from autotime.domain.evidence import Evidence
from autotime.domain.policy import Policy
from autotime.domain.spans import Span
from autotime.domain.untrusted import Untrusted
from autotime.store.translate import decode, encode

from .nouns import ODD, anything, evidence, suggestion


def nouns() -> list[type[Any]]:
    """Every frozen dataclass of the domain; a span is a plain value within them."""
    found: set[type[Any]] = set()
    for module in pkgutil.iter_modules(autotime.domain.__path__, "autotime.domain."):
        members = inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
        found |= {kind for _, kind in members if dataclasses.is_dataclass(kind)}
    handed = {kind for kind in found if kind.__module__ == doors.__name__}  # given to guests, never stored
    return sorted(found - {Span} - handed, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", nouns(), ids=lambda kind: kind.__name__)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_noun_comes_back_as_it_was(kind: type[Any], data: st.DataObject) -> None:
    """Whatever its fields hold, and of the same types."""
    noun: Any = data.draw(anything(kind))  # type: ignore[arg-type]  # a class is hashable
    back = decode(kind, encode(noun))
    assert back == noun
    assert all(type(getattr(back, name)) is type(getattr(noun, name)) for name in get_type_hints(kind))


@settings(max_examples=25, deadline=None)
@given(anything(Evidence))
def test_what_is_written_can_be_stored_anywhere(item: Evidence) -> None:
    """No NUL, no halves of characters: any database and any file takes it, and it is JSON."""
    text = encode(item)
    assert "\0" not in text
    assert json.loads(text.encode("utf-8"))["key"] == item.key


def test_the_same_noun_is_always_the_same_text() -> None:
    """Whatever the order of a mapping: hashes of it can be compared."""
    one, other = ({"words_new": 1, "bulk": True}, {"bulk": True, "words_new": 1})
    assert encode(evidence(facts=one)) == encode(evidence(facts=other))


def test_two_different_nouns_are_never_the_same_text() -> None:
    """A written backslash is not a character written with a backslash."""
    texts = ["\ud800", "\\ud800", "\\\\ud800", "\0", "\\u0000", ODD, ""]
    assert len({encode(evidence(subject=Untrusted(text))) for text in texts}) == len(texts)


def test_two_halves_that_meet_are_the_character_they_spell() -> None:
    """The one text that does not come back unchanged; intake lets no half through."""
    assert decode(Evidence, encode(evidence(key="\ud83d\udc69"))).key == "👩"


def test_what_an_older_program_wrote_gets_the_defaults_of_new_fields() -> None:
    """And fields that are no more are passed over."""
    old = {"number": "1", "name": "Lease", "fax": "none"}
    assert decode(Matter, json.dumps(old)) == Matter(number="1", name="Lease")


def test_a_field_without_a_default_must_be_there() -> None:
    """Half a noun is no noun."""
    with pytest.raises(TypeError, match="name"):
        decode(Matter, '{"number":"1"}')


def test_a_type_nobody_can_translate_is_refused_at_once() -> None:
    """Not stored as something else."""

    @dataclasses.dataclass
    class Strange:
        things: set[int]

    Strange.__annotations__["things"] = set[int]
    with pytest.raises(TypeError, match="no translation"):
        encode(Strange({1}))


def test_whole_numbers_stay_whole_and_money_stays_exact() -> None:
    """The types of the domain, not those of JSON."""
    text = encode(suggestion(probability=1.0))
    assert '"seconds":1800' in text
    assert decode(Policy, encode(Policy())).increment_minutes == 6
