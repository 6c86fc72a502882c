"""How approved time stands with each billing target: signed in or not, what waits, what is in doubt, what comes next.

No network is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from autotime import plugins
from autotime.domain.delivery import DeliveryState
from autotime.domain.doors import SignIn
from autotime.domain.errors import AutotimeError
from autotime.intake import for_screen
from autotime.office import Office
from autotime.review.words import counted
from autotime.steps import systems
from autotime.steps.delivering import targets

S = DeliveryState
DOUBTFUL = (S.SENDING, S.IN_DOUBT, S.DRIFTED, S.DUPLICATE_FOUND, S.REMOVED_THERE)
"""States that a look or a person ends."""

SOON = 7
"""Days before a sign-in lapses at which somebody should sign in again."""

WORDS = {
    S.QUEUED: "wait",
    S.IN_DOUBT: "in doubt",
    S.HANDED_OVER: "handed over",
    S.DUPLICATE_FOUND: "there more than once",
    S.REMOVED_THERE: "gone there",
    S.DRIFTED: "changed there",
}
"""States that people are told by other words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One target. ``sign_in`` is ``None`` where nobody signs in; ``states`` counts submissions, ``held`` those of the
    queued ones that a push left behind with a reason. ``trouble``: why it cannot be told how the sign-in stands."""

    target: str
    configured: bool
    sign_in: SignIn | None
    states: Mapping[str, int]
    held: int = 0
    trouble: str = ""
    hint: str = ""

    def days_left(self, now: int) -> int | None:
        """Whole days until the sign-in lapses; ``None`` where it does not, or there is none."""
        lapses = self.sign_in.lapses_at if self.sign_in and self.sign_in.signed_in else 0
        return (lapses - now) // 86_400 if lapses else None

    def told(self) -> dict[str, Any]:
        lapses = self.sign_in.lapses_at if self.sign_in else 0
        return {
            "target": self.target,
            "configured": self.configured,
            "signed_in": self.sign_in.signed_in if self.sign_in else None,
            "signed_in_as": self.sign_in.who if self.sign_in else "",
            "sign_in_lapses": datetime.fromtimestamp(lapses, UTC).isoformat() if lapses else None,
            "states": dict(self.states),
            "held": self.held,
            "trouble": self.trouble,
            "hint": self.hint,
        }


def standings(office: Office) -> list[Standing]:
    """Targets the settings name, systems somebody signed in to, and whatever has time that is not settled."""
    billing = office.settings.billing
    configured = [*filter(None, [billing.target, *billing.clients.values()])]
    known = dict.fromkeys([*configured, *_kept(office), *_unsettled(office)])
    return [_standing(office, target, target in configured) for target in known]


def _kept(office: Office) -> Iterator[str]:
    return (name for name in plugins.systems(office.settings) if systems.is_kept(office, name))


def _unsettled(office: Office) -> Iterator[str]:
    states = (S.QUEUED, S.REFUSED, S.HANDED_OVER, *DOUBTFUL)
    found = {one.target for one in office.store.submissions.in_state(*states) if not one.copy}
    return (name for name in targets(office.settings) if name in found)


def _standing(office: Office, target: str, configured: bool) -> Standing:
    mine = ("", target) if target == office.settings.billing.target else (target,)
    found = [one for one in office.store.submissions.in_state(*S) if not one.copy and one.target in mine]
    states = dict(Counter(one.state.value for one in found))
    held = sum(one.state is S.QUEUED and bool(one.reason) for one in found)
    sign_in, trouble, hint = None, "", ""
    try:
        sign_in = systems.standing(office, target) if target in plugins.systems(office.settings) else None
    except AutotimeError as wrong:
        trouble, hint = str(wrong), wrong.hint
    needed = sign_in is not None and not sign_in.signed_in and target not in plugins.BILLERS
    hint = hint or (
        f"autotime connect {target}"
        if needed
        else _next(target, target in plugins.asked(office.settings), states, held)
    )
    return Standing(
        target=target, configured=configured, sign_in=sign_in, states=states, held=held, trouble=trouble, hint=hint
    )


def _next(target: str, over_network: bool, states: Mapping[str, int], held: int) -> str:
    """The command that takes the worst of it further."""
    if over_network and (held or any(state in states for state in (*DOUBTFUL, S.REFUSED))):
        return f"autotime resolve {target}"
    return f"autotime push {target} --dry-run" if S.QUEUED in states or S.REFUSED in states else ""


def lapses(office: Office) -> dict[str, int]:
    """When the sign-in to each system lapses, UTC seconds; 0: it does not."""
    return {one.target: one.sign_in.lapses_at for one in standings(office) if one.sign_in and one.sign_in.signed_in}


def held(office: Office) -> int:
    """Entries that a push left behind with a reason."""
    return sum(one.held for one in standings(office))


def said(told: Mapping[str, Any], now: datetime) -> Iterator[str]:
    """How a target stands, in words, from what ``Standing.told`` says: the sign-in, then what is on its way."""
    if told["signed_in"] is not None:
        who = f" as {for_screen(told['signed_in_as'])}" if told["signed_in_as"] else ""
        yield f"signed in{who}" if told["signed_in"] else "not signed in"
    if told["signed_in"] and told["sign_in_lapses"]:
        days = (datetime.fromisoformat(told["sign_in_lapses"]) - now).days
        yield f"lapses in {counted(days, 'day')} if it is not used"
    yield from (f"{count} {WORDS.get(S(state), state)}" for state, count in told["states"].items())
    if told["held"]:
        yield f"{told['held']} of them held back with a reason"
    if told["signed_in"] is None and not told["states"]:
        yield "nothing waits"
