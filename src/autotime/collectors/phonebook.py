"""Telephone numbers and the people behind them."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from autotime.domain.evidence import Participant, Role
from autotime.intake import address, clean, untrusted

TELLING = 9
"""Digits at the end of a number that are the same with and without country code and trunk zero."""

SHORTEST = 3
CAP = 16 * 1024 * 1024
WITHHELD = ("", "private", "anonymous", "unknown", "withheld", "restricted", "unavailable", "anonym", "unbekannt")
_EXTENSION = re.compile(r"(?:;|,|\bext\.?|\bx|\bdurchwahl)\s*\d{0,8}$", re.IGNORECASE)


def plain_number(text: str) -> str:
    """Digits with a plus before a country code; nothing where the text is no number."""
    bare = _EXTENSION.sub("", text.strip().removeprefix("tel:").removeprefix("sip:").partition("@")[0])
    bare = bare.replace("(0)", "")
    digits = re.sub(r"[\s().\-/\u2010-\u2015]", "", bare)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    return digits if re.fullmatch(rf"[+*#]?\d{{{SHORTEST},20}}#?", digits) else ""


def ending(number: str) -> str:
    """What two ways of writing one number have in common; short numbers are only themselves."""
    return number.lstrip("+0")[-TELLING:]


@dataclass(frozen=True, slots=True)
class Phonebook:
    """People by the ends of their numbers; where two share one, nobody is named by it."""

    people: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False)
    mark: str = ""

    @classmethod
    def read(cls, path: Path | None) -> Phonebook:
        """A CSV file with the columns name, number and address; lines without a number are passed over."""
        if path is None:
            return cls()
        raw = path.read_bytes()[:CAP]
        rows = csv.DictReader(StringIO(raw.decode("utf-8-sig", "replace").replace("\0", "")))
        return cls(_by_ending(rows), hashlib.blake2b(raw, digest_size=6).hexdigest())

    def person(self, number: str, name: str, role: Role) -> Participant | None:
        """Who has that number, by the name the log gives or else the number itself; ``None`` if it was withheld."""
        plain = plain_number(number)
        known, mail = self.people.get(ending(plain), ("", "")) if plain else ("", "")
        shown = known or name or plain or clean(number, 60)
        return None if shown.casefold() in WITHHELD else Participant(role, mail, untrusted(shown, 200))


def _by_ending(rows: Iterable[Mapping[str | None, str | None]]) -> dict[str, tuple[str, str]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for row in rows:
        cells = {str(name or "").strip().lower(): str(cell or "").strip() for name, cell in row.items()}
        number = plain_number(cells.get("number", ""))
        person = (clean(cells.get("name", ""), 200), address(cells.get("address", "")))
        if number and any(person):
            found.setdefault(ending(number), set()).add(person)
    return {number: min(people) for number, people in found.items() if len(people) == 1}
