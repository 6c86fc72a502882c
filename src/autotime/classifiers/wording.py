"""Subjects and titles as a bill says them: what they are about, without what a mail program put there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from autotime.domain.books import Books, Matter
from autotime.domain.evidence import Evidence, Kind
from autotime.intake import for_narrative
from autotime.timeline.duplicates import PREFIX

ABOUT = 90
"""Characters of a subject that are told."""

TAG = re.compile(r"^\s*(?:\[[^\]]{1,30}\]|\([^)]{1,30}\)|#\S{1,30})\s*")
NOTICE = re.compile(r"^activity in case\s+\S+\s+", re.I)
ANSWERED = re.compile(r"^(?:accepted|declined|tentative|cancell?ed|updated|invitation)\s*:\s+", re.I)
SEPARATED = r"\s*(?:[:–—|,]|-(?=\s)|/(?=\s))\s*"
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
VERSION = re.compile(
    r"(?:[\s_-]*(?:\bv\d+\b|\bfinal\b|\bclean\b|\bredline\b|\(\d+\)|\b\d{6,8}\b|\b\d{4}-\d\d-\d\d\b))+\s*$", re.I
)
COMPANY = re.compile(
    r"[\s,]+(?:inc|incorporated|llc|llp|lp|l\.p|ltd|limited|corp|corporation|co|company|plc|gmbh|ag|s\.?a|n\.?a)\.?$",
    re.I,
)
VERSUS = re.compile(r"\s+(?:v|vs)\.?\s+", re.I)

PAPERS = re.compile(
    r"addendum|advice|affidavit|agenda|agreement|amendment|analysis|answer|appendix|application|brief"
    r"|bylaws|certificate|charter|checklist|chronology|claim|comments|complaint|contract|declaration"
    r"|deed|demand|draft|email|exhibit|exhibits|form|index|instructions|interrogatories|judgment|lease"
    r"|letter|licence|license|list|log|memo|memorandum|minutes|motion|notes|notice|objection"
    r"|objections|opinion|order|outline|petition|plan|policy|presentation|proposal|release|reply"
    r"|report|request|requests|resolution|resolutions|response|responses|schedule|schedules|script"
    r"|sheet|statement|stipulation|subpoena|summary|term|terms|timeline|trust|will",
    re.I,
)
"""Words that name a paper: a title built on one reads as an object, «revise the … order»."""

OPENING = re.compile(
    r"amended|closing|confidentiality|consulting|deposition|discovery|draft|employment|engagement"
    r"|expert|final|first|second|third|fourth|guaranty|issues|joint|legal|limited|loan|master|mutual"
    r"|new|non-disclosure|opening|opposition|privilege|proposed|purchase|record|revised|royalty|sale"
    r"|service|settlement|share|side|stock|supplemental|supply|title|trial|witness",
    re.I,
)
"""Words a paper's name may begin with that are no names."""

SMALL = re.compile(r"\s+(?:to|of|for|on|in|re|with|from|regarding|against|by|at|under|between)\s+", re.I)


def about(item: Evidence, matter: Matter | None, books: Books) -> str:
    """What a piece is about: no reply marks, tags, numbers, versions, nor the matter's own name in front."""
    text = _unmarked(item.subject.reveal())
    if is_notice(item):
        text = _filing(text, matter)
    if item.kind is Kind.DOCUMENT:
        text = VERSION.sub("", CAMEL.sub(" ", re.sub(r"\.\w{3,4}$", "", text).replace("_", " ")))
    if matter is not None:
        text = _without_matter(text, matter, books)
    return cut(for_narrative(text, 400).strip(" -–—:;,.|/"), ABOUT)


def is_notice(item: Evidence) -> bool:
    """A court's e-filing system, telling of a filing."""
    return bool(NOTICE.match(PREFIX.sub("", item.subject.reveal())))


def _filing(text: str, matter: Matter | None) -> str:
    """What was filed: the notice's subject without the case's own name; nothing where it says no more."""
    for name in sorted(_fronts([matter.name] if matter else []), key=lambda name: (-len(name), name)):
        text = re.sub(rf"^\s*{name}\s+(?=\S)", "", text, count=1, flags=re.I)
    return "" if text.casefold() in ("notice", "order") else text


def names_of(matter: Matter, books: Books) -> Iterator[str]:
    """All a matter is called: its name and sides, its client with and without the legal form, aliases."""
    client = books.client_of(matter).name
    yield from (matter.name, *VERSUS.split(matter.name), client, COMPANY.sub("", client))
    yield from (part for alias in matter.aliases for part in (alias, COMPANY.sub("", alias)))


def titled(title: str) -> str:
    """A document's title as the object of a sentence: a paper by its kind, anything else in quotes."""
    if not _names_a_paper(title):
        return '"' + title.replace('"', "'") + '"'
    first, space, rest = title.partition(" ")
    plain = bool(PAPERS.fullmatch(first) or OPENING.fullmatch(first)) and not rest[:1].isupper()
    return (first.lower() if plain else first) + space + rest


def cut(text: str, length: int) -> str:
    """At most so many characters, ending with a whole word."""
    if len(text) <= length:
        return text
    return text[: length + 1].rpartition(" ")[0].rstrip(" ,;:-") or text[:length]


def _unmarked(text: str) -> str:
    """Without marks of replies, lists, calendars and courts, in whatever order they were put there."""
    for _ in range(6):
        before = text
        for mark in (PREFIX, TAG, ANSWERED, NOTICE):
            text = mark.sub("", text, count=1)
        if text == before:
            break
    return text


def _without_matter(text: str, matter: Matter, books: Books) -> str:
    """Numbers go wherever they stand; names only from the front, and only where more follows."""
    for number in (matter.number, matter.client_matter_id, *matter.dockets):
        if number:
            text = re.sub(rf"[\[(]?(?<!\w){re.escape(number)}(?!\w)[\])]?\s*[:-]?\s*", "", text, flags=re.I)
    for name in sorted(_fronts(names_of(matter, books)), key=lambda name: (-len(name), name)):
        shorter = re.sub(rf"^\s*{name}{SEPARATED}(?=\S)", "", text, count=1, flags=re.I)
        if shorter != text:
            return shorter
    return text


def _fronts(names: Iterable[str]) -> set[str]:
    """Patterns: names as they are, and the shorter ones people write for long names."""
    told: set[str] = set()
    for name in names:
        parts = [re.escape(word) for word in re.split(r"[\s_]+", name.strip()) if word]
        if len(name.strip()) > 2:
            told.add(r"[\s_]+".join(parts))
        told |= {r"[\s_]+".join(parts[:n]) for n in range(2, len(parts))}
    return told


def _names_a_paper(title: str) -> bool:
    """Its first word, or the last before «of», «to», «for» … that is no name or number, is a kind of paper."""
    words = SMALL.split(title, maxsplit=1)[0].split() or [""]
    while len(words) > 1 and not PAPERS.fullmatch(words[-1]) and not (words[-1].isalpha() and words[-1].islower()):
        words.pop()
    return bool(PAPERS.fullmatch(words[0]) or PAPERS.fullmatch(words[-1]))
