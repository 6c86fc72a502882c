"""One owner for every second.

::

    meeting          [==================)
    mail     [====|                           claims
    edit         [==========|           [===|

    meeting          [==================)
    mail     [====|                           owned
    edit          [==)                  [===|

Stronger evidence wins: explicit, then call, meeting, active, passive; among equals the likelier
matter, then the id. Approved seconds are taken before anything is given.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping, Sequence

from autotime.domain.spans import Span, Spans, difference, union
from autotime.domain.work import Owned, Strength, Support

STRENGTH = {strength: rank for rank, strength in enumerate(Strength)}


def allocate(supports: Sequence[Support], probability: Mapping[str, float], taken: Spans = ()) -> list[Owned]:
    """The seconds each piece of evidence owns; pieces that own none are left out. Ordered by id.

    ``probability`` is of the evidence's own matter. The owned spans are disjoint and cover exactly
    the union of the supports without ``taken``.
    """
    claims = _merged(supports)
    spans_of = {support.evidence: support.spans for support in claims}
    order = [evidence for *_, evidence in sorted(_priority(support, probability) for support in claims)]
    owned = _sweep(order, spans_of)
    free = {evidence: difference(spans, taken) for evidence, spans in owned.items()}
    return [Owned(evidence, free[evidence]) for evidence in sorted(free) if free[evidence]]


def _merged(supports: Iterable[Support]) -> list[Support]:
    """One support a piece of evidence: a duplicate adds nothing."""
    best: dict[str, Support] = {}
    for support in (support for support in supports if support.spans):
        known = best.get(support.evidence)
        best[support.evidence] = _both(known, support) if known else support
    return list(best.values())


def _both(one: Support, other: Support) -> Support:
    strength = min(one.strength, other.strength, key=STRENGTH.__getitem__)
    return Support(one.evidence, union((*one.spans, *other.spans)), strength, one.rule)


def _priority(support: Support, probability: Mapping[str, float]) -> tuple[int, float, str]:
    return STRENGTH[support.strength], -probability.get(support.evidence, 0.0), support.evidence


def _sweep(order: Sequence[str], spans_of: Mapping[str, Spans]) -> dict[str, Spans]:
    """Walks over all ends of spans; between two of them the best open claim owns everything."""
    events: list[tuple[int, int, int]] = []
    for rank, evidence in enumerate(order):
        for span in spans_of[evidence]:
            events += [(span.start, 1, rank), (span.end, 0, rank)]
    events.sort()
    open_claims: list[int] = []
    given: dict[int, list[Span]] = {}
    before = 0
    for instant, opens, rank in events:
        if open_claims and instant > before:
            given.setdefault(open_claims[0], []).append(Span(before, instant))
        if opens:
            insort(open_claims, rank)
        else:
            open_claims.remove(rank)
        before = instant
    return {order[rank]: union(spans) for rank, spans in given.items()}
