"""A push as the desk is told of it: each entry with day, matter, hours and money, and what it would lose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from autotime.billing.losses import accepted
from autotime.billing.outbox import PushReport
from autotime.billing.payload import Payload, amount_of, text
from autotime.billing.picking import PushLine, Told
from autotime.billing.totals import came_to
from autotime.domain.delivery import Delivery, DeliveryState
from autotime.domain.progress import Progress, silent
from autotime.office import Office
from autotime.review.view import Pushed, PushedLine
from autotime.steps.delivering import push
from autotime.store import Store

UNFINISHED = (DeliveryState.SENDING, DeliveryState.IN_DOUBT)


def pushed(
    office: Office, asked: Delivery, *, dry_run: bool, agreed: Sequence[str], progress: Progress = silent
) -> Pushed:
    """Delivers what is asked for, or tells what that would do. Of its fields only ``agreed`` ones may be lost."""

    def agrees(fields: Sequence[str]) -> bool:
        return set(fields) <= set(agreed)

    return _told(office.store, asked.target, push(office, asked, dry_run=dry_run, accept=agrees, progress=progress))


def _told(store: Store, target: str, report: PushReport) -> Pushed:
    told = {one.entry_id: one for one in report.told}
    return Pushed(
        target=target,
        lines=tuple(_line(line, report.payloads.get(line.entry_id), told.get(line.entry_id)) for line in report.lines),
        total=came_to(report),
        file=str(report.path or ""),
        lost=report.lost,
        warned=report.warned,
        losing=_losing(store, target, report.told),
        unfinished=len(store.submissions.in_state(*UNFINISHED, target=target)),
        stopped=report.stopped,
    )


def _line(line: PushLine, payload: Payload | None, told: Told | None) -> PushedLine:
    made = PushedLine(number=line.entry_id, state=line.state, reason=line.reason, receipt=line.receipt)
    if told:
        made = replace(made, told=told.fields, drops=told.drops)
    if payload is None:
        return made
    return replace(
        made,
        day=text(payload, "day"),
        matter=text(payload, "matter"),
        minutes=int(payload["billed_minutes"]),
        amount=amount_of(payload),
        currency=text(payload, "currency"),
        narrative=text(payload, "narrative"),
    )


def _losing(store: Store, target: str, told: Sequence[Told]) -> Counter[str]:
    """Fields nobody agreed to lose so far, and of how many entries."""
    known = accepted(store, target)
    return Counter(name for one in told for name in one.drops if name not in known)
