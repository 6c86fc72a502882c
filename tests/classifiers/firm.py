"""An invented firm's matters, mail about them, and memories of it, for the tests of matching."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from autotime.classifiers.bills import Bills
from autotime.classifiers.features import compute, hasher
from autotime.classifiers.memory import MatterMemory
from autotime.classifiers.ranker import rank
from autotime.domain.books import Books, Client, Matter, MatterStatus
from autotime.domain.decisions import Decision, DecisionKind
from autotime.domain.evidence import Evidence, Kind, Participant, Role
from autotime.domain.learning import Example, ExampleKind
from autotime.domain.matching import Ranking
from autotime.domain.work import Billing, Status, Suggestion
from tests.timeline.seen import ME, MORNING, evidence

KEY = b"a key of this store"
DAY = 86_400
CONTACT, PARTNER, STRANGER = "jo@northwind.example", "lee@firm.example", "who@elsewhere.example"
MILL = Matter(
    number="2026-001",
    name="Northwind Mills v. Harrow",
    client="NORTH",
    parties=("Harrow Freight",),
    contacts=(CONTACT,),
    domains=("northwind.example",),
    dockets=("1:26-cv-00417",),
)
LEASE = Matter(number="2026-002", name="Quayside warehouse lease", client="NORTH", aliases=("Dockside",))
MERGER = Matter(number="2026-003", name="Solstice merger", client="SOLO", domains=("solstice.example",))
OLD = Matter(
    number="2019-900",
    name="Obelisk foreclosure",
    client="SOLO",
    status=MatterStatus.CLOSED,
    dockets=("2:19-cv-00900",),
    domains=("obelisk.example",),
)


def books(*matters: Matter) -> Books:
    chosen = matters or (MILL, LEASE, MERGER, OLD)
    clients = {"NORTH": Client("NORTH", "Northwind Mills, Inc."), "SOLO": Client("SOLO", "Solo Press LLC")}
    return Books(clients=clients, matters={matter.number: matter for matter in chosen})


BOOKS = books()
ABOUT = {
    "2026-001": ("freight claim damages deposition", CONTACT),
    "2026-002": ("warehouse rent premises landlord", "max@quayside.example"),
    "2026-003": ("shares disclosure closing escrow", "kim@solstice.example"),
    "-": ("lunch menu newsletter offers", "shop@news.example"),
}
"""What the filed mail of each matter talks of, and who writes it."""


def mail(key: str, subject: str = "", body: str = "", sender: str = CONTACT, **given: Any) -> Evidence:
    """A message to the timekeeper; ``own=True`` turns it round."""
    people = (Participant(Role.FROM, sender), Participant(Role.TO, ME))
    if given.get("own"):
        people = (Participant(Role.FROM, ME), Participant(Role.TO, sender))
    fields = {"own": False, "people": people, "subject": subject, "body": body, **given}
    return evidence(key, Kind.MESSAGE, fields.pop("at", MORNING), **fields)


def filed(number: int) -> list[tuple[Evidence, str]]:
    """So much mail of the past, an hour apart, in turns about each matter."""
    labels = list(ABOUT)
    found = []
    for place in range(number):
        label = labels[place % len(labels)]
        said, sender = ABOUT[label]
        told = said.split()
        body = f"{said} point {place} {told[place % 4]} {told[(place // 4) % 4]}"
        at = MORNING - (number - place) * 3_600
        found.append((mail(f"past{place}", f"{told[place % 4]} {place}", body, sender, at=at), label))
    return found


def example(item: Evidence, label: str, weight: float = 1.0, teacher: str = "") -> Example:
    return Example(
        kind=ExampleKind.MATTER,
        evidence=item.id,
        revision=1,
        label=label,
        at=item.at,
        weight=weight,
        decision=teacher or f"label:{item.id}",
    )


def memory(
    taught: Iterable[tuple[Evidence, str]] = (),
    also: Iterable[Evidence] = (),
    billed: Sequence[tuple[str, str]] = (),
) -> MatterMemory:
    """A memory that can look up the features of what it was taught, and of ``also``, beside these past bills."""
    taught = list(taught)
    features = {item.id: compute(item, KEY) for item in (*also, *(item for item, _ in taught))}
    made = MatterMemory(features.get, KEY, bills(*billed) if billed else None)
    made.learn_examples(example(item, label) for item, label in taught)
    return made


def bills(*billed: tuple[str, str], days_ago: int = 30) -> Bills:
    """Matters and narratives, all billed so many days before the morning of the mail."""
    day = datetime.fromtimestamp(MORNING, UTC).date() - timedelta(days=days_ago)
    return Bills([(day, *one) for one in billed], hasher(KEY))


def ranked(item: Evidence, known: MatterMemory | None = None, firm: Books = BOOKS) -> Ranking:
    return ranked_all([item], known, firm)[0]


def ranked_all(items: Sequence[Evidence], known: MatterMemory | None = None, firm: Books = BOOKS) -> list[Ranking]:
    return rank(items, firm, known or memory(), MORNING)


def shown(item: Evidence, matter: str = "", preselected: bool = False) -> Suggestion:
    """What the desk showed of one piece of evidence."""
    return Suggestion(
        id=f"s{item.id}",
        revision="r1",
        status=Status.PROPOSED,
        timekeeper="AOK",
        day=datetime.fromtimestamp(item.at, UTC).date(),
        matter=matter,
        probability=0.5,
        alternatives=(),
        task_code="",
        activity_code="A103",
        billing=Billing.BILLABLE,
        seconds=600,
        low_seconds=300,
        high_seconds=900,
        ceiling_seconds=900,
        billed_minutes=12,
        increment_minutes=6,
        rounding="up",
        spans=(),
        evidence=((item.id, 1),),
        narrative="Review correspondence",
        preselected=preselected,
    )


def decision(item: Evidence, label: str, name: str = "d1", saw: Suggestion | None = None, **given: Any) -> Decision:
    """A person said where one piece of evidence belongs; ``saw`` is what was shown, nothing chosen if none."""
    fields = {"kind": DecisionKind.ACCEPTED, "labels": ((item.id, label),), "matter": label, **given}
    return Decision(id=name, actor="AOK", at=MORNING, shown=(saw or shown(item),), **fields)
