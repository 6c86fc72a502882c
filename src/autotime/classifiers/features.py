"""What is kept of a piece of evidence when its text is gone: hashed terms, in named blocks.

Blocks: ``new`` and ``quoted`` (words), ``subject`` (words and pairs), ``chars`` (letter groups of
the subject), ``names`` (words of names and addresses), ``people`` (addresses, with and without
direction), ``sender``, ``circle`` (all who take part, as one), ``domains``, ``thread``, ``entities``
(docket and other numbers), ``place`` (the folder it was filed in), ``kind``. The words of ``new``,
``quoted``, ``subject`` and ``names`` share one space, so that a name in a body meets the same name in
an address.

Terms are hashed to 64 bits with the store's own key: the table does not give up its words.
"""

from __future__ import annotations

import re
import struct
from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

from autotime.domain.evidence import Evidence, Participant, Role
from autotime.domain.learning import FEATURE_VERSION, Features
from autotime.timeline.duplicates import bare_subject

WORD = re.compile(r"[^\W_]+(?:['’&-][^\W_]+)*")
DOCKET = re.compile(
    r"\b\d{1,2}:\d{2}-(?:cv|cr|bk|ap|mc|md|misc)-\d{3,6}\b|\b\d{2,4}-(?:cv|bk|cr)-\d{3,6}\b", re.IGNORECASE
)
DIGIT = re.compile(r"\d")
NUMBERED = re.compile(r"\b(?=[\w.-]*\d)[\w]+(?:[.\-/][\w]+)+\b|\b[a-z]{1,4}\d{3,}\b|\b\d{4,8}\b", re.IGNORECASE)
SENDERS = (Role.FROM, Role.ORGANIZER, Role.AUTHOR)
LONGEST_WORD = 40
NEW_CAP, QUOTED_CAP = 6_000, 4_000
"""Characters of text that are looked at: what a mail is about stands in its first pages."""

PEOPLE_CAP = 30

BLOCKS = (
    "new", "quoted", "subject", "chars", "names", "people", "sender", "circle", "domains", "thread", "entities",
    "place", "kind",
)  # fmt: skip

Hash = Callable[[str], int]


@lru_cache(maxsize=8)
def hasher(key: bytes) -> Hash:
    """The keyed hash of one store. Remembered: words come back."""

    @lru_cache(maxsize=200_000)
    def hashed(term: str) -> int:
        return int.from_bytes(blake2b(term.encode("utf-8", "replace"), digest_size=8, key=key).digest(), "big")

    return hashed


def words(text: str) -> list[str]:
    return [word for word in WORD.findall(text.lower()) if 1 < len(word) <= LONGEST_WORD]


def compute(evidence: Evidence, key: bytes) -> Features:
    """All blocks of one piece. ``key`` is the store's feature key, at most 64 bytes."""
    hashed = hasher(key[:64])
    subject = bare_subject(evidence.subject.reveal())
    new, quoted = evidence.body.reveal()[:NEW_CAP], evidence.quoted.reveal()[:QUOTED_CAP]
    said = words(subject)
    blocks: dict[str, Iterable[str]] = {
        "new": words(new),
        "quoted": words(quoted),
        "subject": [*said, *(f"{a} {b}" for a, b in pairwise(said))],
        "chars": _letter_groups(subject),
        "names": _names(evidence),
        "people": [term for who in evidence.people[:PEOPLE_CAP] for term in _person(who)],
        "sender": [f"sender:{sender}"] if (sender := sender_of(evidence)) else [],
        "circle": ["circle:" + " ".join(circle)] if len(circle := _circle(evidence)) > 1 else [],
        "domains": [f"domain:{mail.partition('@')[2]}" for mail in _circle(evidence)],
        "thread": [
            *([f"thread:{evidence.thread}"] if evidence.thread else []),
            *([f"subject:{subject}"] if subject else []),
        ],
        "entities": entities(f"{subject} {evidence.facts.get('file', '')} {new}"),
        "place": [f"place:{folder}" for folder in _folders(evidence.place.reveal())],
        "kind": [f"kind:{evidence.kind}", f"own:{evidence.own}"],
    }
    return Features(FEATURE_VERSION, {name: _counted(terms, hashed) for name, terms in blocks.items()})


def entities(text: str) -> list[str]:
    """Numbers that name things: dockets, matters, contracts."""
    text = " ".join(piece for piece in text.split() if DIGIT.search(piece))
    found = [f"docket:{docket.lower()}" for docket in DOCKET.findall(text)]
    return found + [f"number:{number.lower()}" for number in NUMBERED.findall(text)[:50]]


def _counted(terms: Iterable[str], hashed: Hash) -> dict[int, int]:
    return {hashed(term): count for term, count in Counter(terms).items()}


def _letter_groups(subject: str) -> list[str]:
    padded = f" {subject[:120]} "
    return [f"c:{padded[i : i + n]}" for n in (3, 4, 5) for i in range(len(padded) - n + 1)]


def sender_of(evidence: Evidence) -> str:
    """The address it came from, or the name where there is no address; nothing for the unsigned."""
    return next((_identity(who) for who in evidence.people if who.role in SENDERS and _identity(who)), "")


def _names(evidence: Evidence) -> list[str]:
    texts = (f"{who.name.reveal()} {who.address.partition('@')[0]}" for who in evidence.people[:PEOPLE_CAP])
    return [word for text in texts for word in words(text.replace(".", " "))]


def _person(who: Participant) -> list[str]:
    identity = _identity(who)
    return [f"{'from' if who.role in SENDERS else 'to'}:{identity}", f"who:{identity}"] if identity else []


def _identity(who: Participant) -> str:
    return who.address or who.name.reveal().casefold()


def _circle(evidence: Evidence) -> list[str]:
    return sorted({who.address for who in evidence.people[:PEOPLE_CAP] if who.address})


def _folders(place: str) -> list[str]:
    """The folder a thing lies in, by the names of its parts, folded as people mean them."""
    return [folded(part) for part in place.split("/") if part]


def folded(name: str) -> str:
    """``Blue_Dog``, ``blue dog`` and ``Blue-Dog`` are one name."""
    return re.sub(r"[\W_]+", " ", name.casefold()).strip()


def pack(features: Features) -> bytes:
    """Features as bytes: version, then for each block its terms and their counts."""
    parts = [struct.pack("<HH", features.version, len(features.blocks))]
    for name, block in features.blocks.items():
        label = name.encode("ascii")
        parts.append(struct.pack("<BI", len(label), len(block)) + label)
        parts.append(array("Q", block.keys()).tobytes())
        parts.append(bytes([count if count < 256 else 255 for count in block.values()]))
    return b"".join(parts) + features.vector


def unpack(data: bytes) -> Features:
    """The inverse of ``pack`` (counts above 255 come back as 255)."""
    version, number = struct.unpack_from("<HH", data)
    place, blocks = 4, {}
    for _ in range(number):
        length, size = struct.unpack_from("<BI", data, place)
        place += 5
        name = data[place : place + length].decode("ascii")
        place += length
        terms = array("Q")
        terms.frombytes(data[place : place + 8 * size])
        counts = data[place + 8 * size : place + 9 * size]
        place += 9 * size
        blocks[name] = dict(zip(terms, counts, strict=True))
    return Features(version, blocks, data[place:])
