"""A correction: time that was taken back here after it was sent, and approved anew.

::

    unbilled, can be changed there      the entry there is changed
    unbilled, can be removed there      it is removed, then the new one is sent
    billed, locked, or neither          a person corrects it in billing
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autotime.billing.anew import is_anew, way_out
from autotime.billing.picking import Chosen
from autotime.billing.there import STANDS
from autotime.billing.voiding import stays
from autotime.domain.delivery import Remote, Submission
from autotime.domain.doors import Biller
from autotime.domain.entries import TimeEntry


def earlier_ones(taken_back: Sequence[tuple[TimeEntry, Submission]], ready: Sequence[Chosen]) -> dict[str, Submission]:
    """By the id of a new entry, the one that stands there in its place; each at most once."""
    found: dict[str, Submission] = {}
    for old, submission in taken_back:
        new = next((one.entry for one in ready if one.entry.id not in found and is_anew(one.entry, old)), None)
        if new is not None:
            found[new.id] = submission
    return found


def left_there(
    taken_back: Sequence[tuple[TimeEntry, Submission]], corrected: Mapping[str, Submission]
) -> list[tuple[Submission, str]]:
    """What stands there although nothing took its place, with what to do."""
    followed = {one.id for one in corrected.values()}
    return [
        (one, f"it was taken back here, and stands in {one.target}: {way_out(one)}")
        for _, one in taken_back
        if one.id not in followed and one.state in STANDS
    ]


def may_change(biller: Biller, remote: Remote | None) -> bool:
    return remote is not None and not remote.billed and biller.offers.updates


def in_the_way(biller: Biller, remote: Remote | None) -> str:
    """Why an earlier entry can neither be changed nor removed; nothing where it can, or is gone."""
    return "" if may_change(biller, remote) else stays(biller, remote)
