"""TimeSolv's time cards: what stands there, of one user and some days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from autotime.billing.payload import CENT, sha256
from autotime.billing.timesolv.service import Row, TimeSolv
from autotime.domain.delivery import Remote
from autotime.domain.doors import HistoryPage
from autotime.domain.work import Billing
from autotime.intake import clean

UNBILLED = frozenset({"new", "submitted", "approved", "rejected"})
KINDS = {"billable": Billing.BILLABLE, "non-billable": Billing.NON_BILLABLE, "no charge": Billing.NO_CHARGE}
LONGEST = 100_000


def between(service: TimeSolv, user: str, first: date, last: date) -> Iterator[HistoryPage]:
    """Pages of the cards of a user, both days counted in."""
    criteria = (("FirmUserId", "=", user), ("Date", ">=", first.isoformat()), ("Date", "<=", last.isoformat()))
    seen: Counter[str] = Counter()
    for rows in service.pages("timecardSearch", "TimeCards", criteria):
        cards, bad = _read(rows, seen)
        yield HistoryPage(tuple(one for one in cards if one.timekeeper == user and first <= one.day <= last), bad)


def _read(rows: Iterable[Row], seen: Counter[str]) -> tuple[list[Remote], tuple[str, ...]]:
    found, bad = [], []
    for row in rows:
        try:
            found.append(remote_of(row, seen))
        except (KeyError, ValueError, ArithmeticError) as odd:
            why = f"no {odd.args[0]}" if isinstance(odd, KeyError) else type(odd).__name__
            bad.append(f"time card {clean(_word(row.get('Id')), 40) or 'without an id'} cannot be read ({why})")
    return found, tuple(bad)


def remote_of(row: Row, seen: Counter[str]) -> Remote:
    """``KeyError``, ``ValueError`` or ``ArithmeticError`` for a card that cannot be read."""
    return Remote(
        id=_id(row, seen),
        timekeeper=_word(row["FirmUserId"]),
        matter=_word(row["ProjectId"]),
        day=date.fromisoformat(_word(row["Date"])[:10]),
        seconds=_seconds(row),
        rate=_rate(row),
        narrative=clean(_word(row.get("Notes")), LONGEST, lines=True),
        billing=KINDS.get(_word(row.get("BillableStatus")).casefold(), Billing.BILLABLE),
        billed=_word(row.get("TimeCardStatus")).casefold() not in {"", *UNBILLED},
    )


def _id(row: Row, seen: Counter[str]) -> str:
    """Its own, or where it tells none, a mark of what it says and of how many have said so."""
    if told := _word(row.get("Id")):
        return told
    said = "\x1f".join(_word(row.get(name)) for name in ("Date", "FirmUserId", "ProjectId", "Duration", "Notes"))
    mark = sha256(said)[:16]
    seen[mark] += 1
    return f"{mark}-{seen[mark]}"


def _seconds(row: Row) -> int | None:
    told = row.get("Duration")
    return None if told is None else int((Decimal(_word(told)) * 3600).to_integral_value())


def _rate(row: Row) -> Decimal | None:
    """Money per hour as the card's amount tells it; ``None`` where that is no whole number of cents."""
    hours, amount = (Decimal(_word(row.get(name)) or 0) for name in ("Duration", "TotalAmount"))
    rate = (amount / hours).quantize(CENT) if hours > 0 and amount > 0 else None
    return rate if rate is not None and (rate * hours).quantize(CENT) == amount else None


def _word(value: object) -> str:
    return "" if value is None or isinstance(value, bool | dict | list) else str(value).strip()
