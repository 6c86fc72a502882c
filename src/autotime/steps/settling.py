"""What became of approved time in billing systems: looked into, settled by a person, or taken back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING

from autotime import plugins
from autotime.domain.delivery import DeliveryState
from autotime.domain.doors import Biller, Connectable, Renewable
from autotime.domain.errors import AutotimeError, Misused
from autotime.office import Office
from autotime.steps.delivering import biller_of
from autotime.store.audit import AuditReport

if TYPE_CHECKING:
    from autotime.billing.picking import PushLine
    from autotime.billing.resolving import Answer, Case

S = DeliveryState
OPEN = (S.SENDING, S.IN_DOUBT, S.SENT, S.DRIFTED, S.DUPLICATE_FOUND, S.REMOVED_THERE)
WAITING = (S.QUEUED, S.REFUSED)


@dataclass(frozen=True, slots=True)
class LookedInto:
    """What a look at one billing system found. ``changed``: entries of which something new is known, by state."""

    target: str
    changed: dict[str, int]
    trouble: str = ""
    hint: str = ""

    def told(self) -> dict[str, object]:
        return asdict(self)


def look_into(office: Office) -> list[LookedInto]:
    """Ends doubt that can be ended and sweeps what was sent, in the systems this timekeeper is signed in to. Nothing
    is sent. A system that cannot be asked is told, and keeps no other from being asked. Where nothing was sent, a
    sign-in that ends unless it is renewed is renewed."""
    busy = _with(office, OPEN)
    known = [target for target in plugins.asked(office.settings) if _signed_in(office, target)]
    looked = [_looked(office, target) for target in known]
    return [one for one in looked if one.target in busy or one.changed or one.trouble]


def _with(office: Office, states: Iterable[DeliveryState]) -> list[str]:
    """Systems that have submissions in these states."""
    found = {one.target for one in office.store.submissions.in_state(*states)}
    return [target for target in plugins.asked(office.settings) if target in found]


def _signed_in(office: Office, target: str) -> bool:
    try:
        biller = biller_of(office, target)
        return not isinstance(biller, Connectable) or biller.standing(office.now).signed_in
    except AutotimeError:
        return False


def _looked(office: Office, target: str) -> LookedInto:
    from autotime.billing import doubt, sweep  # noqa: PLC0415

    try:
        biller = biller_of(office, target)
        if isinstance(biller, Renewable):
            biller.renew()
        lines = [*doubt.look(office.store, biller, office.now), *sweep.sweep(office.store, biller, office.now)]
    except (AutotimeError, OSError) as trouble:
        return LookedInto(target, {}, str(trouble), getattr(trouble, "hint", ""))
    return LookedInto(target, _counted(lines))


def _counted(lines: Iterable[PushLine]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.state] = counts.get(line.state, 0) + 1
    return counts


def unsettled(office: Office, target: str = "", first: date | None = None) -> list[tuple[Biller, Case]]:
    """All a person must settle, by system; of one system where it is named. What was sent of late is looked at, or
    for the days from ``first`` on."""
    from autotime.billing import resolving  # noqa: PLC0415

    if target and target not in plugins.asked(office.settings):
        raise Misused(
            f"«{target}» is not asked over the network", hint=f"one of: {', '.join(plugins.asked(office.settings))}"
        )
    wanted = [target] if target else [one for one in _with(office, (*OPEN, *WAITING)) if _signed_in(office, one)]
    found = []
    for name in wanted:
        biller = biller_of(office, name)
        found += [(biller, case) for case in resolving.cases(office.store, biller, office.now, first)]
    return found


def settle(office: Office, biller: Biller, case: Case, answer: Answer, remote: str = "") -> None:
    """Does what a person answered, and records it."""
    from autotime.billing import resolving  # noqa: PLC0415

    resolving.settle(office.store, biller, case, answer, remote, office.now)


def audited(office: Office) -> AuditReport:
    """The audit chain held against the tables, and all that was delivered against its approval."""
    from autotime.billing.proving import unapproved  # noqa: PLC0415

    report = office.store.audit.verify()
    problem = report.problem or next(unapproved(office.store), "")
    return AuditReport(report.records, not problem, problem)


def void(office: Office, batch: str, *, entry: str = "", dry_run: bool = False) -> tuple[PushLine, ...]:
    """Takes back what one push delivered and is not billed yet, or one entry of it; the lines say what of each."""
    from autotime.billing import voiding  # noqa: PLC0415

    store = office.store
    found = voiding.batch_of(store, batch)
    if found.file_name:
        if entry:
            raise Misused(f"{batch} is a file: it is taken back as a whole")
        return voiding.void_file(store, found, dry_run=dry_run)
    return voiding.void_entries(store, biller_of(office, found.target), found, only=entry, dry_run=dry_run)
