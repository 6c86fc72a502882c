"""What one timekeeper did in four weeks: conversations, meetings, drafting, and everything that is not work.

Decides what happened; ``mail``, ``calendars`` and ``documents`` write it down.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from autotime.example.firm import CASES, COURT, ZONE, Case, Person, Staff, Topic
from autotime.example.phrases import PERSONAL, admin, asking, news, replying, spam

NOBODY = "-"
"""The truth of what belongs to no matter."""

WEEKS = 4
FILED = 15
"""Working days whose mail was filed in matter folders; what came after lies in the inbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail. ``matter`` is the truth; ``folder`` where its owner keeps it."""

    key: str
    at: datetime
    sender: Person
    to: tuple[Person, ...]
    subject: str
    text: str
    matter: str
    folder: str
    answers: tuple[str, ...] = ()
    listed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One sitting over one document: saved at ``at`` after ``minutes`` of editing."""

    name: str
    folder: str
    title: str
    at: datetime
    minutes: int
    saves: int
    matter: str
    text: str


@dataclass(frozen=True, slots=True)
class Worked:
    """All of one timekeeper's four weeks."""

    staff: Staff
    days: tuple[date, ...]
    letters: tuple[Letter, ...]
    drafts: tuple[Draft, ...]


def working_days(last: date) -> tuple[date, ...]:
    """Four weeks of them, ending on or before ``last``."""
    found: list[date] = []
    day = last
    while len(found) < 5 * WEEKS:
        if day.weekday() < 5:
            found.append(day)
        day -= timedelta(days=1)
    return tuple(reversed(found))


def worked(staff: Staff, colleagues: Sequence[Person], last: date, seed: int) -> Worked:
    """The same seed, the same weeks."""
    chance = Random(f"{seed}/{staff.id}")  # noqa: S311 - an example needs no secrets
    days = working_days(last)
    letters: list[Letter] = []
    drafts: list[Draft] = []
    for number, day in enumerate(days):
        told = _Day(staff, colleagues, day, number < FILED, chance)
        letters += told.letters()
        drafts += told.drafts()
    return Worked(staff, days, tuple(letters), tuple(drafts))


def moment(day: date, hour: int, minute: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(ZONE))


@dataclass(frozen=True, slots=True)
class _Day:
    staff: Staff
    colleagues: Sequence[Person]
    day: date
    filed: bool
    chance: Random

    def letters(self) -> Iterator[Letter]:
        hours = sorted(self.chance.sample(range(8, 18), 5))
        for case, hour in zip(self._cases(5), hours, strict=True):
            yield from self._conversation(case, hour)
        yield from self._noise()
        if self.day.weekday() == 2:
            yield self._between_two()
        if self.chance.random() < 0.4:
            yield self._court_notice()

    def drafts(self) -> Iterator[Draft]:
        starts = self.chance.sample([(9, 40), (11, 20), (13, 50), (15, 30)], 2)
        for case, (hour, minute) in zip(self._cases(2), sorted(starts), strict=True):
            topic, paper = self.chance.choice(case.topics), self.chance.choice(case.papers)
            length = self.chance.randrange(25, 85)
            yield Draft(
                name=f"{paper} {self.day:%Y%m%d}.docx",
                folder=f"{case.number} {case.name}",
                title=paper,
                at=moment(self.day, hour, minute) + timedelta(minutes=length),
                minutes=length,
                saves=self.chance.randrange(3, 14),
                matter=case.number,
                text="\n".join((paper, case.name, *topic.points)),
            )

    def _cases(self, number: int) -> list[Case]:
        """The busiest matters come up most."""
        weights = [3 if place % 3 == 0 else 1 for place in range(len(CASES))]
        return self.chance.choices(CASES, weights, k=number)

    def _conversation(self, case: Case, hour: int) -> Iterator[Letter]:
        topic = self.chance.choice(case.topics)
        asker = self.chance.choice((case.contact, case.contact, case.across, self.colleagues[0]))
        first = self._letter(case, topic, asker, hour, self.chance.randrange(0, 25))
        yield first
        if self.chance.random() < 0.85:
            yield self._answer(case, topic, first)

    def _letter(self, case: Case, topic: Topic, asker: Person, hour: int, minute: int) -> Letter:
        text = asking(self.chance, self.staff.person, asker, topic)
        tag = f"{case.number} " if asker in self.colleagues else ""
        at = moment(self.day, hour, minute)
        return Letter(
            key=self._key(at, case.number),
            at=at,
            sender=asker,
            to=(self.staff.person,),
            subject=f"{tag}{case.alias or case.name.split(' v. ')[0]}: {topic.subject}",
            text=text,
            matter=case.number,
            folder=self._folder(case, "inbox"),
        )

    def _answer(self, case: Case, topic: Topic, first: Letter) -> Letter:
        at = first.at + timedelta(minutes=self.chance.randrange(12, 55))
        others = (self.colleagues[0],) if self.chance.random() < 0.3 and first.sender not in self.colleagues else ()
        return Letter(
            key=self._key(at, f"re-{case.number}"),
            at=at,
            sender=self.staff.person,
            to=(first.sender, *others),
            subject=f"RE: {first.subject}",
            text=replying(self.chance, self.staff.person, first.sender, topic) + _quoted(first),
            matter=case.number,
            folder=self._folder(case, "sent"),
            answers=(first.key,),
        )

    def _noise(self) -> Iterator[Letter]:
        for kind in self.chance.sample((news, spam, admin), 2):
            sender, subject, text, listed = kind(self.chance, self.colleagues[0])
            at = moment(self.day, self.chance.randrange(7, 19), self.chance.randrange(60))
            yield self._plain(at, sender, (self.staff.person,), subject, text, "inbox", listed)
        if self.chance.random() < 0.5:
            friend, subject, text, reply = self.chance.choice(PERSONAL)
            at = moment(self.day, 12, self.chance.randrange(60))
            got = self._plain(at, friend, (self.staff.person,), subject, text, "inbox")
            yield got
            later = at + timedelta(minutes=9)
            yield self._plain(later, self.staff.person, (friend,), f"Re: {subject}", reply, "sent", answers=(got.key,))

    def _plain(
        self,
        at: datetime,
        sender: Person,
        to: tuple[Person, ...],
        subject: str,
        text: str,
        folder: str,
        listed: str = "",
        answers: tuple[str, ...] = (),
    ) -> Letter:
        key = self._key(at, f"plain-{subject[:8]}-{folder}")
        return Letter(
            key=key, at=at, sender=sender, to=to, subject=subject, text=text, matter=NOBODY, folder=folder,
            listed=listed, answers=answers,
        )  # fmt: skip

    def _between_two(self) -> Letter:
        """A client with two matters writes about both under one subject."""
        one, other = self.chance.choice([(CASES[2], CASES[3]), (CASES[5], CASES[6]), (CASES[7], CASES[8])])
        first, second = self.chance.choice(one.topics), self.chance.choice(other.topics)
        points = f"two things. {first.points[0]} And: {second.points[0]}"
        text = f"{self.staff.person.first},\n\n{points}\n\n{one.contact.first}"
        at = moment(self.day, 16, self.chance.randrange(60))
        return Letter(
            key=self._key(at, "two"),
            at=at,
            sender=one.contact,
            to=(self.staff.person,),
            subject="two quick questions",
            text=text,
            matter=one.number,
            folder="inbox",
        )

    def _court_notice(self) -> Letter:
        case = self.chance.choice([one for one in CASES if one.docket])
        number = self.chance.randrange(20, 180)
        at = moment(self.day, 17, self.chance.randrange(60))
        text = (
            f"The following transaction was entered.\nCase Name: {case.name}\nCase Number: {case.docket}\n"
            f"Document Number: {number}\nDocket Text: NOTICE of filing re {case.topics[0].subject}"
        )
        return Letter(
            key=self._key(at, f"ecf-{number}"),
            at=at,
            sender=COURT,
            to=(self.staff.person,),
            subject=f"Activity in Case {case.docket} {case.name} Notice",
            text=text,
            matter=case.number,
            folder=self._folder(case, "inbox"),
        )

    def _folder(self, case: Case, other: str) -> str:
        return case.name if self.filed and self.chance.random() < 0.8 else other

    def _key(self, at: datetime, what: str) -> str:
        plain = "".join(c for c in what if c.isalnum() or c == "-")
        return f"{at:%Y%m%d%H%M}.{plain}.{self.chance.randrange(10**6):06}@{self.staff.id.lower()}.example"


def _quoted(letter: Letter) -> str:
    lines = "\n".join(f"> {line}" for line in letter.text.splitlines())
    return f"\n\nOn {letter.at:%a, %b %d, %Y at %H:%M} {letter.sender.name} wrote:\n{lines}"
