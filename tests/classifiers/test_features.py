"""What is kept when the text is gone: keyed hashes in named blocks, and nothing to read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autotime.classifiers.features import BLOCKS, compute, entities, folded, pack, unpack, words
from autotime.domain.evidence import Participant, Role
from autotime.domain.learning import FEATURE_VERSION, Features
from autotime.domain.untrusted import Untrusted
from tests.classifiers.firm import CONTACT, KEY, STRANGER, mail
from tests.timeline.seen import ME

TERMS = st.dictionaries(st.integers(0, 2**64 - 1), st.integers(1, 255), max_size=20)


@given(st.dictionaries(st.sampled_from(BLOCKS), TERMS), st.binary(max_size=40), st.integers(0, 9))
def test_features_come_back_from_bytes_as_they_were(
    blocks: dict[str, dict[int, int]], vector: bytes, version: int
) -> None:
    """Version, blocks and vector."""
    features = Features(version, blocks, vector)
    assert unpack(pack(features)) == features


def test_a_count_above_a_byte_is_kept_as_its_largest() -> None:
    """255 of a word say what 300 do."""
    assert unpack(pack(Features(1, {"new": {7: 300}}))).blocks["new"] == {7: 255}


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_has_features_in_every_block(subject: str, body: str) -> None:
    """Of the current version; the same text, the same features."""
    item = mail("m", subject, body)
    features = compute(item, KEY)
    assert (features.version, tuple(features.blocks)) == (FEATURE_VERSION, BLOCKS)
    assert compute(item, KEY) == features


def test_another_key_hashes_to_other_terms() -> None:
    """A table of one store says nothing about the words of another."""
    item = mail("m", "freight claim", "deposition")
    one, other = compute(item, KEY), compute(item, b"another key")
    for block in ("new", "subject", "people", "sender"):
        assert not set(one.blocks[block]) & set(other.blocks[block])


def test_a_name_in_a_body_meets_the_same_name_in_an_address() -> None:
    """Words of text and of names share one space."""
    written = compute(mail("m", "", "Call Quartermain."), KEY)
    people = (Participant(Role.FROM, "quartermain@x.example", Untrusted("Ann Quartermain")), Participant(Role.TO, ME))
    signed = compute(mail("n", people=people), KEY)
    assert set(written.blocks["new"]) & set(signed.blocks["names"])


def test_replies_are_of_the_subject_they_reply_to() -> None:
    """In every language of «Re:»."""
    threads = [
        compute(mail("m", subject, sender=STRANGER), KEY).blocks["thread"] for subject in ("Claim", "RE: AW: Claim")
    ]
    assert threads[0] == threads[1] != {}


def test_direction_is_kept_and_so_is_the_person_without_it() -> None:
    """Mail to somebody is not mail from them, but it is about them."""
    to, of = (compute(mail("m", sender=CONTACT, own=own), KEY).blocks["people"] for own in (True, False))
    assert set(to) & set(of)
    assert set(to) - set(of)


def test_numbers_that_name_things() -> None:
    """Dockets, matters and contracts; not the price of lunch."""
    found = entities("In 1:26-cv-00417, matter 2026-001 (deal AB1234): see 12 boxes.")
    assert {"docket:1:26-cv-00417", "number:2026-001", "number:ab1234"} <= set(found)
    assert "number:12" not in found


def test_a_body_of_megabytes_is_looked_at_in_its_first_pages() -> None:
    """Fifty megabytes cost no more than a page."""
    features = compute(mail("m", body="claim " * 2_000 + "epilogue"), KEY)
    assert len(features.blocks["new"]) == len(set(words("claim")))


def test_one_folder_has_many_spellings() -> None:
    """Case, hyphens and underscores aside."""
    assert folded("Quay_Side") == folded("quay-side") == folded(" Quay  Side ")
