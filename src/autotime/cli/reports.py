"""reconcile and report."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autotime.cli.common import AsJson, Config, Who, a_date, office, print_json, say, tell
from autotime.domain.errors import Misused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autotime.billing.leakage import Above, Leak
    from autotime.billing.reconciling import MatterSums
    from autotime.office import Office

First = Annotated[
    date | None, typer.Option("--from", parser=a_date, metavar="YYYY-MM-DD", help="First day. Default: 30 days ago.")
]
Last = Annotated[
    date | None, typer.Option("--to", parser=a_date, metavar="YYYY-MM-DD", help="Last day. Default: today.")
]
MONTH = timedelta(days=30)


def register(app: typer.Typer) -> None:
    app.command()(reconcile)
    report = typer.Typer(help="What became of the work.", no_args_is_help=True)
    report.command("leakage")(leakage)
    report.callback()(_reports)
    app.add_typer(report, name="report")


def _reports() -> None:
    """What became of the work."""


def reconcile(
    target: Annotated[str, typer.Argument(help="A billing target; default: that of the settings.")] = "",
    first: First = None,
    last: Last = None,
    config: Config = None,
    timekeeper: Who = "",
    as_json: AsJson = False,
) -> None:
    """Compare approved time with what stands in billing, both ways, by matter. Exit 1 where they differ."""
    from autotime.billing.reconciling import totals
    from autotime.steps.reconciling import reconciled

    with office(config, timekeeper) as here:
        chosen = target or here.settings.billing.target
        if not chosen:
            raise Misused("no billing target is named", hint="autotime reconcile TARGET, or set billing.target")
        begins, ends = _days(here, first, last)
        sums = reconciled(here, chosen, begins, ends)
    if as_json:
        matters = [{**asdict(one), "agrees": one.agrees} for one in sums]
        print_json({"target": chosen, "from": begins, "to": ends, "matters": matters, "totals": totals(sums)})
    else:
        _tell_matters(sums)
        say(f"{chosen}, {begins} to {ends}: {_beside(totals(sums))}")
    if not all(one.agrees for one in sums):
        say("what to do about each kind of difference: docs/how-to/check-what-was-billed.md")
        raise typer.Exit(1)


def _days(here: Office, first: date | None, last: date | None) -> tuple[date, date]:
    ends = last or here.date_of(here.now)
    begins = first or ends - MONTH
    if begins > ends:
        raise Misused(f"{begins} is after {ends}", hint="--from DAY --to A_LATER_DAY")
    return begins, ends


def _tell_matters(sums: Iterable[MatterSums]) -> None:
    for one in sums:
        mark = "=" if one.agrees else "≠"
        tell(f"{mark} {one.matter or 'no matter'}: {_beside(asdict(one))}")
        for found in one.differences:
            what = found.what.value.replace("_", " ")
            tell(
                f"    {found.day} {found.entry or found.remote}: {what}" + (f": {found.reason}" if found.reason else "")
            )


def _beside(sums: Any) -> str:
    here = f"{_hours(sums['minutes_here'])} and {sums['amount_here']:,} approved"
    return f"{here}, {_hours(sums['minutes_there'])} and {sums['amount_there']:,} in billing"


def _hours(minutes: int) -> str:
    return f"{Decimal(minutes) / 60:.2f} h"


def leakage(
    first: First = None, last: Last = None, config: Config = None, timekeeper: Who = "", as_json: AsJson = False
) -> None:
    """Captured work that never reached billing, and entries billed above what was seen."""
    from autotime.steps.reconciling import leaked

    with office(config, timekeeper) as here:
        begins, ends = _days(here, first, last)
        leaks, aboves = leaked(here, begins, ends)
    if as_json:
        print_json({"from": begins, "to": ends, "leaks": [asdict(one) for one in leaks],
                    "above_evidence": [asdict(one) for one in aboves]})  # fmt: skip
        return
    _tell_leaks(leaks)
    _tell_above(aboves)
    lost = sum(one.seconds for one in leaks) // 60
    say(f"{begins} to {ends}: {_hours(lost)} never reached billing; next: autotime review")


def _tell_leaks(leaks: Iterable[Leak]) -> None:
    seconds: Counter[tuple[str, str]] = Counter()
    money: dict[tuple[str, str], Decimal | None] = {}
    for one in leaks:
        key = (one.matter or "no matter", one.step.value.replace("_", " "))
        seconds[key] += one.seconds
        before = money.get(key, Decimal(0))
        money[key] = None if before is None or one.amount is None else before + one.amount
    for (matter, step), worked in sorted(seconds.items()):
        tell(f"{matter}: {step}: {_hours(worked // 60)}, {_money(money[matter, step])}")


def _money(amount: Decimal | None) -> str:
    return "no rate is known" if amount is None else f"{amount:,}"


def _tell_above(aboves: Iterable[Above]) -> None:
    for one in aboves:
        stated = f"{_hours(one.stated // 60)} stated beyond {_hours(one.seen // 60)} seen"
        tell(f"{one.day} {one.entry} {one.matter}: {stated}" + (f", {one.amount:,}" if one.amount is not None else ""))
