"""Prices that matters have of their own.

Where the list of matters shows whose they are, they come from there. Of what lies so deep Clio may show ids only; then,
and where a price is a group's or a category's, it is asked what an hour of whoever signed in costs on that matter. To
send the user's own rate in its place would bill a wrong amount.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from autotime.billing.clio.entries import id_of
from autotime.billing.clio.nouns import own_rates, plain_rate
from autotime.billing.clio.site import Site
from autotime.billing.values import number_of, text_of
from autotime.domain.books import Matter, MatterStatus, Rate
from autotime.domain.doors import Pulled

OWN = ("Matter", "Client")
"""Whose price it may be that goes before the user's own."""


def completed(
    site: Site, things: Sequence[Pulled], records: Sequence[Any]
) -> tuple[tuple[Pulled, ...], tuple[str, ...]]:
    """Matters with the prices that the list did not show, and what a person is told where there is no telling.
    Closed matters are left as they are."""
    unseen = {_id(record): record for record in records if _unseen(record)}
    done, untold = [], []
    for thing in things:
        matter = thing.noun
        if thing.remote in unseen and isinstance(matter, Matter) and matter.status is not MatterStatus.CLOSED:
            prices = _prices(site, thing.remote)
            if len(prices) != 1:
                number = text_of(unseen[thing.remote], "display_number")
                untold.append(f"matter {number} has rates of its own, and Clio does not say which is yours")
            own = tuple(Rate(site.me, price) for price in prices if price is not None and len(prices) == 1)
            shown = tuple(rate for rate in matter.rates if not own or rate.timekeeper != site.me)
            thing = replace(thing, noun=replace(matter, rates=(*shown, *own)), sees=site.me)  # noqa: PLW2901
        done.append(thing)
    return tuple(done), tuple(untold)


def _unseen(record: Any) -> bool:
    return isinstance(record, dict) and any(plain_rate(row) is None for row in own_rates(record))


def _id(record: Any) -> str:
    try:
        return id_of(record)
    except ValueError:
        return ""


def _prices(site: Site, matter: str) -> set[Decimal | None]:
    """What an hour costs there under each category; ``None``: the user's own rate. A price that a category has of
    its own is not for entries without one."""
    asks = {"rate_for[matter_id]": matter, "rate_for[user_id]": site.me, "fields": "id,rate{amount,type,hierarchy}"}
    rates = [
        record.get("rate")
        for page in site.pages("activity_descriptions.json", asks)
        for record in page.records
        if isinstance(record, dict)
    ]
    told = [rate for rate in rates if isinstance(rate, dict) and rate.get("type") != "FlatRate"]
    own = {number_of(rate.get("amount")) for rate in told if rate.get("hierarchy") in OWN}
    return own | ({None} if any(rate.get("hierarchy") == "Default" for rate in told) else set())
