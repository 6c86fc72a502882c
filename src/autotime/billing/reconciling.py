"""Approved time against what stands in billing, both ways, in minutes and money, with a word for every difference.

::

    approved here ──┬── stands there, as approved        counted on both sides
                    ├── stands there otherwise           differs
                    ├── was there and is gone            gone
                    └── never got there                  waits, refused, in doubt, handed over
    only there ─────┬── was taken back here              taken_back
                    └── was never ours                   not_ours
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from autotime.billing.payload import CENT, Payload, amount_of, text
from autotime.domain.delivery import DeliveryState, Remote, Submission
from autotime.domain.entries import TimeEntry
from autotime.domain.work import Billing

S = DeliveryState
ZERO = Decimal("0.00")


class What(StrEnum):
    """In what one entry differs between here and there."""

    WAITS = "waits"
    REFUSED = "refused"
    IN_DOUBT = "in_doubt"
    HANDED_OVER = "handed_over"
    GONE = "gone"
    DIFFERS = "differs"
    TAKEN_BACK = "taken_back"
    NOT_OURS = "not_ours"


UNSENT = {
    S.QUEUED: What.WAITS,
    S.SENDING: What.IN_DOUBT,
    S.IN_DOUBT: What.IN_DOUBT,
    S.REFUSED: What.REFUSED,
    S.CANCELLED: What.WAITS,
    S.HANDED_OVER: What.HANDED_OVER,
    S.REMOVED_THERE: What.GONE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """One approved entry, or one that was taken back and may still stand there. ``submission`` is that to the target in
    question, ``None`` where it was never queued for it."""

    entry: TimeEntry
    payload: Payload
    submission: Submission | None


@dataclass(frozen=True, slots=True, kw_only=True)
class There:
    """One entry in billing. ``matter`` is the firm's number, ``amount`` ``None`` where no rate is told, ``currency``
    that of its matter. ``differs`` says in what it is otherwise than it was sent, ``known`` what is known of one that
    is not ours."""

    remote: str
    matter: str
    day: str
    minutes: int
    amount: Decimal | None
    currency: str = ""
    billing: Billing = Billing.BILLABLE
    differs: str = ""
    known: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    what: What
    matter: str
    day: str
    entry: str = ""
    remote: str = ""
    minutes_here: int = 0
    minutes_there: int = 0
    amount_here: Decimal = ZERO
    amount_there: Decimal = ZERO
    reason: str = ""


@dataclass(slots=True, kw_only=True)
class MatterSums:
    """Minutes and money of one matter; billable time only in money, which is of one currency."""

    matter: str
    currency: str = ""
    minutes_here: int = 0
    minutes_there: int = 0
    amount_here: Decimal = ZERO
    amount_there: Decimal = ZERO
    differences: list[Difference] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        return not self.differences and self.minutes_here == self.minutes_there


def reconcile(here: Iterable[Here], there: Sequence[There]) -> list[MatterSums]:
    """By matter. What stands there and is ours is paired by the id it was sent under."""
    sums: dict[str, MatterSums] = {}
    left = {one.remote: one for one in there}
    for one in here:
        found = left.pop(one.submission.receipt, None) if one.submission and one.submission.receipt else None
        _count(sums, one, found)
    for stranger in left.values():
        _add_there(sums, stranger)
        _of(sums, stranger.matter).differences.append(_only_there(stranger))
    return [sums[matter] for matter in sorted(sums)]


def _count(sums: dict[str, MatterSums], here: Here, there: There | None) -> None:
    if here.entry.active:
        total = _of(sums, here.entry.matter, text(here.payload, "currency"))
        total.minutes_here += here.entry.billed_minutes
        total.amount_here += _amount(here.payload)
    if there is not None:
        _add_there(sums, there)
    difference = _difference(here, there)
    if difference is not None:
        _of(sums, here.entry.matter).differences.append(difference)


def _difference(here: Here, there: There | None) -> Difference | None:
    if not here.entry.active:
        return None if there is None else _both(What.TAKEN_BACK, here, there, "it was taken back here and stands there")
    if there is not None:
        differs = there.differs or _in_money(here, there)
        return _both(What.DIFFERS, here, there, differs) if differs else None
    sent = here.submission
    if sent is None:
        return _both(What.WAITS, here, None, "it was not queued for this target")
    if sent.state in UNSENT:
        return _both(UNSENT[sent.state], here, None, sent.reason)
    return _both(What.GONE, here, None, f"{sent.receipt} is not there")


def _in_money(here: Here, there: There) -> str:
    """A cent is the rounding of hours; where no amount is told there, none is compared."""
    ours = amount_of(here.payload)
    if ours is None or there.amount is None or abs(there.amount - ours) <= CENT:
        return ""
    return f"{there.amount:,}, not {ours:,}"


def _both(what: What, here: Here, there: There | None, reason: str) -> Difference:
    active = here.entry.active
    return Difference(
        what=what,
        matter=here.entry.matter,
        day=here.entry.day.isoformat(),
        entry=here.entry.id,
        remote=there.remote if there else "",
        minutes_here=here.entry.billed_minutes if active else 0,
        minutes_there=there.minutes if there else 0,
        amount_here=_amount(here.payload) if active else ZERO,
        amount_there=(there.amount or ZERO) if there else ZERO,
        reason=reason,
    )


def _only_there(there: There) -> Difference:
    return Difference(
        what=What.NOT_OURS,
        matter=there.matter,
        day=there.day,
        remote=there.remote,
        minutes_there=there.minutes,
        amount_there=there.amount or ZERO,
        reason=", ".join(filter(None, (there.known or "it was not sent from here", there.differs))),
    )


def _add_there(sums: dict[str, MatterSums], there: There) -> None:
    total = _of(sums, there.matter, there.currency)
    total.minutes_there += there.minutes
    total.amount_there += there.amount or ZERO


def _of(sums: dict[str, MatterSums], matter: str, currency: str = "") -> MatterSums:
    found = sums.setdefault(matter, MatterSums(matter=matter))
    found.currency = found.currency or currency
    return found


def _amount(payload: Payload) -> Decimal:
    return amount_of(payload) or ZERO


def there_of(remote: Remote, matter: str, *, currency: str = "", differs: str = "", known: str = "") -> There:
    """``matter`` and its currency are ours. Hidden time counts as none, and says so."""
    hours = Decimal(remote.seconds or 0) / 3600
    charged = remote.rate is not None and remote.billing is Billing.BILLABLE
    return There(
        remote=remote.id,
        matter=matter,
        day=remote.day.isoformat(),
        minutes=(remote.seconds or 0) // 60,
        amount=(hours * (remote.rate or ZERO)).quantize(CENT, ROUND_HALF_UP) if charged else None,
        currency=currency,
        billing=remote.billing,
        differs=differs or ("its time is hidden" if remote.seconds is None else ""),
        known=known,
    )


def totals(sums: Iterable[MatterSums]) -> dict[str, Any]:
    """Over all matters: minutes on both sides, money on both sides by currency, and the number of differences."""
    held = list(sums)
    money = {one.currency: {"here": ZERO, "there": ZERO} for one in held if one.amount_here or one.amount_there}
    for one in held:
        if one.currency in money:
            money[one.currency]["here"] += one.amount_here
            money[one.currency]["there"] += one.amount_there
    return {
        "minutes_here": sum(one.minutes_here for one in held),
        "minutes_there": sum(one.minutes_there for one in held),
        "money": money,
        "differences": sum(len(one.differences) for one in held),
    }
