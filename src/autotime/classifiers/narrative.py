"""The words on the bill, from the evidence only: what was done, with whom, about what.

A narrative never says what the evidence does not, and never holds a word that belongs to another
client: phrases with another client's names or numbers are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from autotime.classifiers.features import folded
from autotime.domain.books import Books, Matter
from autotime.domain.evidence import Evidence, Kind, Participant, Role
from autotime.domain.people import Timekeeper
from autotime.domain.spans import Spans, total
from autotime.intake import for_narrative
from autotime.timeline.duplicates import PREFIX

VERBS = {(Kind.MESSAGE, True): "Correspond with", (Kind.MESSAGE, False): "Review correspondence from"}
LONGEST = 240
ABOUT = 90
PEOPLE = 2
TAG = re.compile(r"^\s*[\[(#][^\])]{1,30}[\])]\s*")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
VERSION = re.compile(r"[\s_-]*(?:\bv\d+\b|\bfinal\b|\bclean\b|\bredline\b|\(\d+\)|\b\d{6,8}\b)+\s*$", re.I)
NOTICE = re.compile(r"^activity in case\s+\S+\s+", re.I)


def draft(
    evidence: Sequence[Evidence],
    owned: Mapping[str, Spans],
    matter: Matter | None,
    timekeeper: Timekeeper,
    books: Books,
) -> str:
    """One narrative for a block: its acts by time spent, joined by semicolons, at most 240 characters."""
    barred = barred_terms(matter, books)
    ordered = sorted(evidence, key=lambda item: (-total(owned.get(item.id, ())), item.at, item.id))
    acting = [item for item in ordered if item.id in owned] or ordered
    phrases: list[str] = []
    for phrase in (_phrase(item, matter, timekeeper, barred) for item in acting):
        if phrase and not any(_covers(said, phrase) for said in phrases):
            phrases.append(phrase)
    return _sentence(phrases)


def barred_terms(matter: Matter | None, books: Books) -> frozenset[str]:
    """Folded names and numbers of other clients' matters; none of them may stand on this bill."""
    own = set(_terms(matter, books)) if matter else set()
    client = matter.client if matter else None
    others = [m for m in books.matters.values() if matter is None or m.client != client or not client]
    return frozenset(
        term for one in others if one is not matter for term in _terms(one, books) if len(term) > 3 and term not in own
    )


def _terms(matter: Matter, books: Books) -> Iterable[str]:
    names = (
        matter.number,
        matter.name,
        books.client_of(matter).name,
        *matter.parties,
        *matter.aliases,
        *matter.dockets,
    )
    return (folded(name) for name in names if name)


def _phrase(item: Evidence, matter: Matter | None, timekeeper: Timekeeper, barred: frozenset[str]) -> str:
    about = _about(item, matter)
    if _leaks(about, barred):
        about = ""
    if item.kind is Kind.DOCUMENT:
        return f"{'Draft and revise' if item.own else 'Review'} {about}" if about else "Draft and revise document"
    if item.kind is Kind.MEETING:
        return _meeting(item, about, timekeeper, barred)
    with_whom = _whom(item, timekeeper, barred)
    verb = VERBS.get((item.kind, item.own), "Telephone conference with")
    said = f"{verb} {with_whom}" if with_whom else verb.rpartition(" ")[0]
    return f"{said} re {about}" if about else said


def _meeting(item: Evidence, about: str, timekeeper: Timekeeper, barred: frozenset[str]) -> str:
    if not about:
        return "Attend meeting"
    if re.search(r"hearing|deposition|trial|closing|mediation|conference|call|meeting|argument", about, re.I):
        return f"Attend {about}"
    with_whom = _whom(item, timekeeper, barred)
    return f"Conference with {with_whom} re {about}" if with_whom else f"Attend meeting re {about}"


def _about(item: Evidence, matter: Matter | None) -> str:
    """The subject without reply marks, tags, matter numbers and versions."""
    text = PREFIX.sub("", item.subject.reveal())
    text = TAG.sub("", NOTICE.sub("", text))
    if item.kind is Kind.DOCUMENT:
        text = VERSION.sub("", CAMEL.sub(" ", re.sub(r"\.\w{3,4}$", "", text).replace("_", " ")))
    for number in (matter.number, *matter.dockets) if matter else ():
        text = re.sub(rf"[\[(]?\b{re.escape(number)}\b[\])]?\s*[:-]?\s*", "", text, flags=re.I)
    text = for_narrative(text.strip(" -:;,."), 400)
    return _cut(text, ABOUT)


def _whom(item: Evidence, timekeeper: Timekeeper, barred: frozenset[str]) -> str:
    """The people on the other side, colleagues by their initials; at most two, and how many more."""
    roles = (Role.TO, Role.ATTENDEE, Role.CC) if item.own else (Role.FROM, Role.ORGANIZER)
    own = {mail.partition("@")[2] for mail in timekeeper.emails}
    names: dict[str, None] = {}
    for role in roles:
        for who in item.people:
            if who.role is role and who.address not in timekeeper.emails:
                name = display_name(who, own)
                if name and not _leaks(name, barred):
                    names[name] = None
    first = list(names)[:PEOPLE]
    more = len(names) - len(first)
    return ", ".join(first) + (" and others" if more > 0 else "") if more > 0 else " and ".join(first)


def display_name(who: Participant, own_domains: Iterable[str]) -> str:
    """``R. Ortiz`` for outsiders, initials for colleagues, the domain's own name where there is no name."""
    first, last = _name(who)
    if not last:
        return ""
    if who.address.partition("@")[2] in set(own_domains):
        return f"{first[:1]}{last[:1]}".upper() if first else last
    return f"{first[:1].upper()}. {last}" if first else last


def _name(who: Participant) -> tuple[str, str]:
    """First and last name from the display name, else from the address; companies have only a last."""
    said = re.sub(r"<.*|[\"']|/.*|\(.*?\)", "", for_narrative(who.name, 80)).strip(" ,")
    if "@" in said or not said:
        said = who.address.partition("@")[0].replace(".", " ").replace("_", " ").title()
    last, comma, first = said.partition(",")
    if comma:
        return first.split()[0] if first.split() else "", last.strip()
    parts = [part for part in said.split() if part]
    if len(parts) < 2:
        return "", parts[0] if parts else ""
    return parts[0], parts[-1]


def _leaks(text: str, barred: frozenset[str]) -> bool:
    if not text or not barred:
        return False
    spaced = f" {folded(text)} "
    return any(f" {term} " in spaced for term in barred)


def _covers(said: str, phrase: str) -> bool:
    return said.casefold().startswith(phrase.casefold()) or phrase.casefold() in said.casefold()


def _sentence(phrases: Sequence[str]) -> str:
    """As many whole phrases as fit; the first one cut at a word if it alone is too long."""
    if not phrases:
        return "Attend to matter"
    text = _cut(phrases[0], LONGEST)
    for phrase in phrases[1:]:
        more = f"{text}; {phrase[:1].lower()}{phrase[1:]}"
        if len(more) > LONGEST:
            break
        text = more
    return text


def _cut(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    return text[:length].rpartition(" ")[0].rstrip(" ,;:-") or text[:length]
