"""An entry from what was shown and what a person changed, or a clear refusal. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2b

from autotime.domain.books import Books, Matter, MatterStatus
from autotime.domain.entries import Origin, Placed, TimeEntry, Unplaced
from autotime.domain.errors import NotAllowed
from autotime.domain.people import Principal
from autotime.domain.policy import Policy
from autotime.domain.spans import intersection, last_seconds
from autotime.domain.work import Billing, Part, Status, Suggestion
from autotime.intake import for_narrative
from autotime.review.acts import Edits
from autotime.review.shares import fitted, owners
from autotime.timeline.rounding import billed_minutes

NARRATIVE_CAP = 4000

PolicyFor = Callable[[Matter | None], Policy]


@dataclass(frozen=True, slots=True)
class Making:
    """What every entry of one decision has in common."""

    day: date
    books: Books
    policy_for: PolicyFor
    principal: Principal
    now: int
    decision_id: str

    def from_shown(self, shown: Suggestion, edits: Edits, ordinal: int, parts: tuple[Part, ...] = ()) -> TimeEntry:
        """The entry a suggestion becomes; ``ordinal`` numbers the entries of one decision."""
        matter = shown.matter if edits.matter is None else edits.matter
        same = matter == shown.matter
        placed, unplaced = self._time(shown, edits)
        made = self.entry(
            ordinal,
            matter=matter,
            placed=placed,
            unplaced=unplaced,
            task_code=_chosen(edits.task_code, shown.task_code if same else self._valid(shown.task_code, matter)),
            activity_code=_chosen(edits.activity_code, shown.activity_code),
            billing=edits.billing or (shown.billing if same else Billing.BILLABLE),
            narrative=_chosen(edits.narrative, shown.narrative),
            travel=bool(edits.travel),
            suggestion=shown.id,
            suggestion_revision=shown.revision,
            evidence=shown.evidence,
            late=shown.late,
        )
        return replace(made, parts=fitted(parts, made.worked_seconds))

    def _valid(self, code: str, matter: str) -> str:
        found = self.books.matters.get(matter)
        return code if found and code in {c.code for c in self.books.task_codes(found)} else ""

    def _time(self, shown: Suggestion, edits: Edits) -> tuple[tuple[Placed, ...], tuple[Unplaced, ...]]:
        """Fewer seconds leave from the front; more are the person's statement, without a place."""
        if shown.status is Status.OFFERED or not shown.spans:
            minutes = self.policy_for(self.books.matters.get(shown.matter)).reading_offer_minutes
            seconds = minutes * 60 if edits.worked_seconds is None else edits.worked_seconds
            return (), (Unplaced(seconds, Origin.MANUAL),)
        wanted = shown.seconds if edits.worked_seconds is None else edits.worked_seconds
        spans = last_seconds(shown.spans, min(wanted, shown.seconds))
        placed = tuple(
            Placed(span, Origin.EVIDENCE, owner)
            for owner, owned in owners(shown)
            for span in intersection(owned, spans)
        )
        more = wanted - shown.seconds
        return placed, ((Unplaced(more, Origin.EDIT),) if more > 0 else ())

    def entry(self, ordinal: int, *, matter: str, narrative: str, **fields: object) -> TimeEntry:
        """An entry on an open matter, in its codes, rounded once by its policy."""
        known = self._matter(matter)
        policy = self.policy_for(known)
        text = for_narrative(narrative, NARRATIVE_CAP + 1)
        if max(len(text), len(narrative) // 4) > NARRATIVE_CAP:
            raise NotAllowed(f"the narrative is longer than {NARRATIVE_CAP} characters", hint="shorten it, or split it")
        if not text:
            raise NotAllowed("an entry says what was done", hint='--narrative "…"')
        rounding = policy.rounding.value
        made = TimeEntry(
            id=entry_id(self.principal.timekeeper, self.decision_id, ordinal),
            timekeeper=self.principal.timekeeper,
            actor=self.principal.actor,
            day=self.day,
            matter=matter,
            client=known.client,
            narrative=text,
            increment_minutes=policy.increment_minutes,
            rounding=rounding,
            billed_minutes=0,
            approved_at=self.now,
            decision=self.decision_id,
            **fields,  # type: ignore[arg-type]
        )
        if made.worked_seconds <= 0:
            raise NotAllowed("an entry needs time", kept="nothing was changed", hint="autotime dismiss")
        self._check_codes(made, known)
        return replace(made, billed_minutes=billed_minutes(made.worked_seconds, policy.increment_minutes, rounding))

    def _matter(self, number: str) -> Matter:
        if not number:
            raise NotAllowed("no matter is chosen", kept="nothing was changed", hint="--matter NUMBER")
        found = self.books.matters.get(number)
        if found is None:
            raise NotAllowed(f"there is no matter {for_narrative(number, 60)}", hint="autotime books list")
        if found.status is MatterStatus.CLOSED:
            raise NotAllowed(f"matter {number} is closed", kept="nothing was changed", hint="choose another matter")
        return found

    def _check_codes(self, entry: TimeEntry, matter: Matter) -> None:
        allowed = {code.code for code in self.books.task_codes(matter)}
        if entry.task_code and allowed and entry.task_code not in allowed:
            raise NotAllowed(f"{entry.task_code} is not in the {matter.code_set} code set", hint="--task CODE")
        activities = {code.code for code in self.books.activity_codes()}
        if entry.activity_code and activities and entry.activity_code not in activities:
            raise NotAllowed(f"there is no activity code {entry.activity_code}", hint="--activity A103")


def entry_id(timekeeper: str, decision: str, ordinal: int) -> str:
    name = "\x1f".join((timekeeper, decision, str(ordinal)))
    return "e" + blake2b(name.encode(), digest_size=8).hexdigest()


def _chosen(edited: str | None, shown: str) -> str:
    return shown if edited is None else edited
