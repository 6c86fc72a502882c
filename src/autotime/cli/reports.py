"""reconcile and report."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autotime.cli.common import AsJson, Config, Who, a_date, office, print_json, say, tell
from autotime.cli.sums import hours
from autotime.domain.amounts import money, moneys
from autotime.domain.errors import Misused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
        say(f"{chosen}, {begins} to {ends}: {_in_all(totals(sums))}")
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
        here, there = money(one.amount_here, one.currency), money(one.amount_there, one.currency)
        tell(f"{mark} {one.matter or 'no matter'}: {_beside(one.minutes_here, here, one.minutes_there, there)}")
        for found in one.differences:
            what = found.what.value.replace("_", " ")
            tell(
                f"    {found.day} {found.entry or found.remote}: {what}" + (f": {found.reason}" if found.reason else "")
            )


def _in_all(sums: Mapping[str, Any]) -> str:
    sides = [moneys({currency: both[side] for currency, both in sums["money"].items()}) for side in ("here", "there")]
    return _beside(sums["minutes_here"], sides[0], sums["minutes_there"], sides[1])


def _beside(minutes_here: int, here: str, minutes_there: int, there: str) -> str:
    return f"{hours(minutes_here)} and {here} approved, {hours(minutes_there)} and {there} in billing"


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
    say(f"{begins} to {ends}: {hours(lost)} never reached billing; next: autotime review")


def _tell_leaks(leaks: Iterable[Leak]) -> None:
    seconds: Counter[tuple[str, str]] = Counter()
    lost: dict[tuple[str, str], Decimal | None] = {}
    currencies: dict[str, str] = {}
    for one in leaks:
        key = (one.matter or "no matter", one.step.value.replace("_", " "))
        seconds[key] += one.seconds
        before = lost.get(key, Decimal(0))
        lost[key] = None if before is None or one.amount is None else before + one.amount
        currencies[key[0]] = one.currency
    for (matter, step), worked in sorted(seconds.items()):
        tell(f"{matter}: {step}: {hours(worked // 60)}, {money(lost[matter, step], currencies[matter])}")


def _tell_above(aboves: Iterable[Above]) -> None:
    for one in aboves:
        stated = f"{hours(one.stated // 60)} stated beyond {hours(one.seen // 60)} seen"
        costs = f", {money(one.amount, one.currency)}" if one.amount is not None else ""
        tell(f"{one.day} {one.entry} {one.matter}: {stated}{costs}")
