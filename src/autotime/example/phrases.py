"""How the people of the example firm write."""

from __future__ import annotations

from random import Random

from autotime.example.firm import DOMAIN, Person, Topic

OPENING = (
    "Thanks for the call.",
    "I went through the file again this morning.",
    "Following up on last week.",
    "Before I forget:",
    "Where we stand:",
    "A short update.",
    "As promised.",
    "Sorry to come back to this so late.",
)
THOUGHT = (
    "I have gone through it and think we should hold our position, for the reasons below.",
    "My reading of the record is a little different, and I would rather say so now than later.",
    "We can live with most of this. Two points need a decision from you before anything goes out.",
    "I checked the authorities; the better view is with us, though not without risk.",
    "Agreed in substance. I have put the changes into the draft and marked what is new.",
    "Let us not concede this yet. There is room to narrow it without giving up the principle.",
)
STEP = (
    "I will circulate a revised version this afternoon.",
    "I have asked Priya to pull the underlying documents so that we can be exact about the dates.",
    "If you are content, I will call the other side tomorrow and report back.",
    "Please let me have any comments by noon; after that it becomes hard to make the deadline.",
    "The next step is ours, and I would take it this week rather than wait for them.",
    "I suggest half an hour on the phone to settle the open points.",
)
RISK = (
    "The risk is that they read our silence as agreement, so the letter should say plainly that it is not.",
    "What worries me is the timing: once the period has run we lose the better argument.",
    "On cost, the narrow version is about a third of the work of the broad one.",
    "If it came to a hearing, I would expect the judge to split the difference.",
)
CLOSING = ("Best,", "Regards,", "Thanks,", "Many thanks,")

PARTNER = Person("Elena Marsh", "elena.marsh@homemail.example")
COACH = Person("Coach Danny", "danny@lakeside-soccer.example")
PERSONAL = (
    (PARTNER, "dinner friday", "Shall I book the Thai place for seven?", "Seven is good, straight from work."),
    (COACH, "saturday practice", "Practice moved to field 2, same time.", "Got it, we will be there."),
    (PARTNER, "dentist", "Reminder: the appointment is on Tuesday at four.", "Moved it to Thursday, thanks."),
)  # fmt: skip


def asking(chance: Random, to: Person, sender: Person, topic: Topic) -> str:
    points = chance.sample(topic.points, k=chance.randrange(2, len(topic.points) + 1))
    return "\n\n".join((f"{to.first},", " ".join((chance.choice(OPENING), *points)), topic.ask, sender.first))


def replying(chance: Random, sender: Person, to: Person, topic: Topic) -> str:
    """A considered answer: eighty to two hundred words, some of them the topic's own."""
    said = [chance.choice(THOUGHT), f"On the {topic.subject}: {chance.choice(topic.points)}"]
    said += chance.sample((*STEP, *RISK), k=chance.randrange(2, 5))
    return "\n\n".join((f"{to.first},", *said, chance.choice(CLOSING), sender.name))


Noise = tuple[Person, str, str, str]
"""Sender, subject, text, and the list it came over."""


def news(chance: Random, _: Person) -> Noise:
    topic = chance.choice(("Restrictive covenants", "Freight and logistics", "Health privacy", "Bankruptcy"))
    sender = Person("Daily Docket", "newsletter@dailydocket.example")
    text = f"{topic} update: five decisions you should know. Unsubscribe at the foot of this page."
    return sender, f"Daily Docket: {topic} this week", text, "daily.dailydocket.example"


def spam(chance: Random, _: Person) -> Noise:
    number = chance.randrange(1000, 9999)
    sender = Person("Parcel Desk", f"notice{number}@parcel-desk.example")
    return sender, f"Your parcel {number} is waiting", "Confirm your address within 24 hours to receive it.", ""


def admin(chance: Random, colleague: Person) -> Noise:
    subject, text = chance.choice(
        (
            ("time entries for the month", "Please release your time by the last working day."),
            ("printer on 14", "The printer on 14 is out of service until Wednesday."),
            ("conflicts check new client", "Please reply only if you have represented the company below."),
            ("lunch and learn", "Sandwiches in the library at noon. Topic: legal writing."),
        )
    )
    sender = chance.choice((colleague, Person("Office Services", f"office@{DOMAIN}")))
    return sender, subject, text, ""
