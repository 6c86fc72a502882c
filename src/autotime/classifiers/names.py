"""People as a bill names them: ``R. Ortiz`` outside the firm, initials inside it, never a guess.

A display name is taken at its word. Without one, an address tells a name only where its local part
is ``first.last`` or ``f.last``; otherwise the organisation's domain stands for whoever it was, or the address where
the domain is a mail provider's and stands for nobody.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from autotime.domain.evidence import Participant
from autotime.domain.people import Timekeeper
from autotime.intake import for_narrative

PEOPLE = 3
"""Names told before «and others»."""

PROVIDERS = frozenset((
    "gmail.com", "googlemail.com", "yahoo.com", "ymail.com", "hotmail.com", "outlook.com", "live.com",
    "msn.com", "aol.com", "icloud.com", "me.com", "mac.com", "proton.me", "protonmail.com", "gmx.com",
    "gmx.net", "gmx.de", "web.de", "fastmail.com", "comcast.net", "att.net",
))  # fmt: skip
"""Domains whose users have nothing in common: no firm, no client."""

FIRST_LAST = re.compile(r"([a-z]+)[._]{1,2}(?:[a-z][._])?([a-z]{3,}(?:-[a-z]{2,})?)")
ADDED = re.compile(r"<.*|[\"]|(?<=\w)/.*|\(.*?\)|\[.*?\]")
SUFFIX = re.compile(r"[\s,]+(?:jr|sr|ii|iii|iv|esq|esquire|ph\.?d|m\.?d|j\.?d|ll\.?m|cpa)\.?(?=\s*(?:,|$))", re.I)
TITLE = re.compile(r"^(?:mr|mrs|ms|dr|prof|hon|judge)\.?\s+", re.I)
PARTICLES = frozenset((
    "al", "bin", "da", "de", "del", "della", "den", "der", "di", "du", "la", "le", "ten", "ter", "van", "von",
))  # fmt: skip
OFFICE_WORDS = re.compile(
    r"\b(?:desk|services?|team|notifications?|notices?|support|office|department|dept|billing|accounts?|court|clerk|"
    r"bank|inc|llc|llp|lp|ltd|corp|co|company|partners|group|newsletter|news|alerts?|help|info|sales|admin|mail|"
    r"reply|no-?reply|system|calendar|docket|library|committee|board|agency|association|university|center|centre)\b",
    re.I,
)
WHOLE_NAME = 40


def own_domains(timekeeper: Timekeeper) -> frozenset[str]:
    """The firm's mail domains; a mail provider's is nobody's firm."""
    return frozenset(mail.partition("@")[2] for mail in timekeeper.emails) - PROVIDERS


def display_name(who: Participant, own: Collection[str]) -> str:
    """How one person is named on a bill; empty where nothing fit to print is known of them."""
    domain = who.address.partition("@")[2]
    first, last = _said(for_narrative(who.name, 80)) or _read(who.address)
    if not last:
        return _stand_in(who.address, domain, domain in own)
    if not first:
        return last
    return f"{first[0]}{last[0]}".upper() if domain in own else f"{first[0].upper()}. {last}"


def listed(names: Sequence[str]) -> str:
    """``A``, ``A and B``, ``A, B and C``, ``A, B, C and others``."""
    if len(names) > PEOPLE:
        return ", ".join(names[:PEOPLE]) + " and others"
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def _said(name: str) -> tuple[str, str] | None:
    """First and last of a display name; an office or a single word is a last name only."""
    said = TITLE.sub("", SUFFIX.sub("", ADDED.sub("", name))).strip(" ,'")
    if not said or "@" in said or not any(letter.isalpha() for letter in said):
        return None
    if OFFICE_WORDS.search(said):
        return "", said[:WHOLE_NAME].rstrip(" ,")
    last, comma, first = said.partition(",")
    if comma and first.split():
        return first.split()[0], last.strip()
    parts = said.replace(",", " ").split()
    if len(parts) == 1:
        return ("", said) if said[0].isupper() and said[1:].islower() else None
    surname = next((n for n, part in enumerate(parts[1:-1], 1) if part in PARTICLES), len(parts) - 1)
    return parts[0], " ".join(parts[surname:])


def _read(address: str) -> tuple[str, str]:
    """A name out of an address, where the address is made of one."""
    found = FIRST_LAST.fullmatch(address.partition("@")[0])
    if found is None or OFFICE_WORDS.search(" ".join(found.groups())):
        return "", ""
    return found[1].capitalize(), "-".join(part.capitalize() for part in found[2].split("-"))


def _stand_in(address: str, domain: str, ours: bool) -> str:
    return address if ours or domain in PROVIDERS else domain
