"""The words on the bill, from the evidence only: what was done, with whom, about what.

A narrative never says what the evidence does not, and never holds a word that belongs to another
client: phrases with another client's names or numbers lose them, and so do its people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autotime.classifiers import names, wording
from autotime.classifiers.features import folded
from autotime.domain.books import Books, Matter
from autotime.domain.evidence import Evidence, Kind, Participant, Role
from autotime.domain.people import Timekeeper
from autotime.domain.spans import Spans, total
from autotime.domain.untrusted import Untrusted

LONGEST = 240
ATTENDED = re.compile(
    r"^(?!.*\b(?:prep|preparation|planning|strategy|outline|debrief)\b)"
    r"(?:hearing|deposition|trial|closing|mediation|arbitration|oral argument|meet and confer|"
    r"kick-?off|(?:status|scheduling|pretrial|settlement|case management) conference|"
    r"(?:team|board|committee|client|internal|staff) meeting)\b",
    re.I,
)
CALL = re.compile(
    r"^(?:(?:tele|phone|video|zoom|teams|conference|client|follow-?up|quick|short)[ -]?)*"
    r"(?:call|teleconference|telecon)"
    r"(?:\s+with\s+(?P<whom>.+?))?(?:\s*[:–—-]\s+|\s*,?\s+(?:re:?|about|on|regarding)\s+|$)(?P<about>.*)$",
    re.I,
)
CONFERENCE = re.compile(r"^(?:conference|meeting|conf)(?:\s*[:–—-]\s+|\s+(?:re:?|about|on|regarding)\s+)", re.I)
NAME = re.compile(r"[A-Z][\w.'’-]+(?: (?:[a-z]{2,3} ){0,2}[A-Z][\w.'’-]*){1,2}")
MARKED = re.compile(r"\b(?:[A-Z]|\d)")

RECEIVED, SENT = "Review correspondence from", "Correspond with"
VERBS = {(Kind.MESSAGE, True): SENT, (Kind.MESSAGE, False): RECEIVED}
ALONE = {SENT: "Correspond", RECEIVED: "Review correspondence"}
CALLED, CONFERRED = "Telephone conference with", "Conference with"
GENERIC = frozenset((
    "first", "second", "national", "american", "united", "general", "city", "county", "state", "north",
    "south", "east", "west", "the",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Barred:
    """What may not stand on this bill: folded names and numbers, people's addresses and domains."""

    terms: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()

    def speaks(self, text: str) -> bool:
        """Whether another client's name or number stands in the text. One word alone must be written
        as a name or number to count as one: a matter called «tasks» bars no «tasks»."""
        spaced = f" {folded(text)} "
        found = [term for term in self.terms if f" {term} " in spaced]
        if any(" " in term for term in found):
            return True
        marked = {folded(word) for word in re.findall(r"[^\s]+", text) if MARKED.search(word)}
        pieces = {piece for word in marked for piece in word.split()}
        return any(term in pieces for term in found)

    def holds(self, who: Participant) -> bool:
        return bool({who.address, who.address.partition("@")[2]} & self.addresses)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done: «verb» with «whom» re «about»."""

    verb: str
    about: str
    whom: tuple[str, ...] = ()


def draft(
    evidence: Sequence[Evidence],
    owned: Mapping[str, Spans],
    matter: Matter | None,
    timekeeper: Timekeeper,
    books: Books,
    barred: Barred | None = None,
) -> str:
    """One narrative for a block: its acts by time spent, joined by semicolons, at most 240 characters.

    ``barred`` is ``barred_for`` this matter, where it is known already.
    """
    barred = barred or barred_for(matter, books)
    ordered = sorted(evidence, key=lambda item: (-total(owned.get(item.id, ())), item.at, item.id))
    acting = [item for item in ordered if item.id in owned] or ordered
    phrases: list[str] = []
    for act in _together(_act(item, matter, timekeeper, books, barred) for item in acting):
        phrase = _phrase(act)
        if not any(_covers(said, phrase) for said in phrases):
            phrases.append(phrase)
    return _sentence(phrases)


def barred_for(matter: Matter | None, books: Books) -> Barred:
    """The names, numbers, contacts and domains of every other client that are not this one's too.

    Where the books name no client, each matter is a client of its own. Without a matter nobody knows
    whose bill this is, and every name is barred.
    """
    mine = [m for m in books.matters.values() if _same_client(m, matter)]
    others = [m for m in books.matters.values() if not _same_client(m, matter)]
    own = {term for one in mine for term in _terms(one, books)} | {w for t in mine for w in _words(t, books)}
    terms = {term for one in others for term in _terms(one, books)}
    near = {mail for one in mine for mail in (*one.contacts, *one.domains)} | names.PROVIDERS
    mails = {mail for one in others for mail in (*one.contacts, *one.domains)}
    return Barred(frozenset(t for t in terms - own if len(t) > 3), frozenset(mails - near))


def _same_client(one: Matter, matter: Matter | None) -> bool:
    if matter is None:
        return False
    return one.client == matter.client if matter.client else one.number == matter.number


def _terms(matter: Matter, books: Books) -> Iterable[str]:
    client = wording.COMPANY.sub("", books.client_of(matter).name).split()
    first = client[0] if len(client) > 1 and len(client[0]) > 4 and client[0].casefold() not in GENERIC else ""
    called = (*wording.names_of(matter, books), matter.number, *matter.parties, *matter.dockets, first)
    return (folded(name) for name in called if name)


def _words(matter: Matter, books: Books) -> Iterable[str]:
    return (word for term in _terms(matter, books) for word in term.split())


def _act(item: Evidence, matter: Matter | None, timekeeper: Timekeeper, books: Books, barred: Barred) -> Act:
    told = wording.about(item, matter, books)
    about = "" if barred.speaks(told) else told
    whom = _whom(item, timekeeper, barred)
    if item.kind is Kind.DOCUMENT:
        verb = "Draft and revise" if item.own else "Review"
        return Act(verb, wording.titled(about) if about else "document")
    if item.kind is Kind.MEETING:
        return _meeting(about, whom)
    if item.kind is Kind.MESSAGE and not item.own and wording.is_notice(item):
        return Act("Review notice of electronic filing", about)
    return Act(VERBS.get((item.kind, item.own), CALLED), about, whom)


def _meeting(about: str, whom: tuple[str, ...]) -> Act:
    """Meetings are named in calendars by their kind: «Call with …», «Conference: …», «Deposition of …»."""
    called = CALL.match(about)
    if called:
        return Act(CALLED, called["about"].strip(" -:,"), _called(called["whom"] or "", whom))
    if ATTENDED.match(about):
        return Act("Attend", f"{about[:1].lower()}{about[1:]}")
    return Act(CONFERRED, CONFERENCE.sub("", about), whom)


def _called(said: str, whom: tuple[str, ...]) -> tuple[str, ...]:
    """Who a call was with: a name in its title, else the people in it, else what the title says."""
    if NAME.fullmatch(said):
        return (names.display_name(Participant(Role.ATTENDEE, "", Untrusted(said)), ()),)
    return whom or ((said,) if said else ())


def _whom(item: Evidence, timekeeper: Timekeeper, barred: Barred) -> tuple[str, ...]:
    """The people on the other side, in order of their part: no two alike, none of another client."""
    own = names.own_domains(timekeeper)
    found: dict[str, None] = {}
    for role in _others(item):
        for who in item.people:
            if who.role is role and who.address not in timekeeper.emails and not barred.holds(who):
                name = names.display_name(who, own)
                if name and not _is_self(name, who, timekeeper) and not barred.speaks(name):
                    found[name] = None
    return tuple(found)


def _others(item: Evidence) -> tuple[Role, ...]:
    if item.kind in (Kind.MEETING, Kind.CALL):
        return Role.ORGANIZER, Role.ATTENDEE, Role.FROM, Role.TO
    return (Role.TO, Role.CC) if item.own else (Role.FROM,)


def _is_self(name: str, who: Participant, timekeeper: Timekeeper) -> bool:
    """The timekeeper, named without an address."""
    return not who.address and name in (f"{timekeeper.first[:1]}. {timekeeper.last}", timekeeper.last)


def _together(acts: Iterable[Act]) -> list[Act]:
    """Acts about one thing in one phrase, with everybody in it; an answer covers the mail it answers."""
    joined: dict[tuple[str, str], Act] = {}
    for act in acts:
        about = act.about.casefold()
        verb, gone = act.verb, None
        if act.verb == RECEIVED and (SENT, about) in joined:
            verb = SENT
        elif act.verb == SENT:
            gone = joined.pop((RECEIVED, about), None)
        known = joined.get((verb, about), act)
        whom = (*known.whom, *act.whom, *(gone.whom if gone else ()))
        joined[verb, about] = Act(verb, known.about, tuple(dict.fromkeys(whom)))
    return list(joined.values())


def _phrase(act: Act) -> str:
    if act.verb in ("Attend", "Draft and revise", "Review"):
        return f"{act.verb} {act.about}"
    if act.verb == CONFERRED and not act.whom:
        return f"Attend meeting re {act.about}" if act.about else "Attend meeting"
    verb = act.verb if act.whom else ALONE.get(act.verb, act.verb.removesuffix(" with"))
    said = f"{verb} {names.listed(act.whom)}" if act.whom else verb
    return f"{said} re {act.about}" if act.about else said


def _covers(said: str, phrase: str) -> bool:
    return phrase.casefold() in said.casefold()


def _sentence(phrases: Sequence[str]) -> str:
    """As many whole phrases as fit; the first one cut at a word if it alone is too long."""
    if not phrases:
        return "Attend to matter"
    text = wording.cut(phrases[0], LONGEST)
    for phrase in phrases[1:]:
        more = f"{text}; {phrase[:1].lower()}{phrase[1:]}"
        if len(more) > LONGEST:
            break
        text = more
    return text
