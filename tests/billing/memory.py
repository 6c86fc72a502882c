"""A billing system in memory, at the door of ``Biller``, with a plan of faults and a clock of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from autotime.billing.payload import rate_of, text
from autotime.domain.delivery import Offers, Remote
from autotime.domain.errors import InDoubt, NotDelivered, Refused, SignInNeeded
from autotime.domain.work import Billing
from tests.billing.firm import NOW

MINUTE = 60
HOUR = 3600


@dataclass
class Clock:
    now: int = NOW

    def __call__(self) -> int:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += int(seconds)


@dataclass
class MemoryBiller:
    """``plan`` says what becomes of each create, in order: ``ok``, ``not_done``, ``done_5xx``, ``lost_before``,
    ``lost_after``, ``late`` (done ``delay`` seconds later), ``too_many``, ``no``, ``signed_out``, ``odd`` (done, and
    the adapter breaks). After the plan all is well."""

    clock: Clock
    target: str = "memory"
    mapping_version: str = "1"
    offers: Offers = field(default_factory=lambda: Offers(updates=True, removes=True))
    plan: list[str] = field(default_factory=list)
    delay: int = 5 * MINUTE
    wait: float = 7
    lossy: tuple[str, ...] = ()
    refusal: str = ""
    broken: Exception | None = None
    rows: list[Remote] = field(default_factory=list)
    coming: list[tuple[int, Remote]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    number: int = 100

    def refuse(self, payload: Mapping[str, str | int]) -> str:
        return self.refusal

    def told(self, payload: Mapping[str, str | int]) -> dict[str, str | int]:
        return {"note": text(payload, "narrative"), "quantity": int(payload["billed_minutes"]) * 60}

    def drops(self, payload: Mapping[str, str | int]) -> tuple[str, ...]:
        return self.lossy

    def present(self, payloads: Sequence[Mapping[str, str | int]]) -> list[Remote]:
        self.asked.append("present")
        if self.broken:
            raise self.broken
        days = {text(payload, "day") for payload in payloads}
        return [row for row in self.there() if row.day.isoformat() in days]

    def same(self, payload: Mapping[str, str | int], remote: Remote) -> bool:
        made = replace(self.row(payload), id=remote.id, version=remote.version, billed=remote.billed)
        return replace(remote, created_at=0) == made

    def create(self, payload: Mapping[str, str | int]) -> Remote:
        self.asked.append("create")
        fault = self.plan.pop(0) if self.plan else "ok"
        if fault in ("ok", "done_5xx", "lost_after", "odd"):
            self.add(self.row(payload))
        if fault == "late":
            self.coming.append((self.clock() + self.delay, self.row(payload)))
        if fault == "ok":
            return self.rows[-1]
        raise self.trouble(fault)

    def trouble(self, fault: str) -> Exception:
        known: dict[str, Exception] = {
            "too_many": NotDelivered("memory answered 429", wait=self.wait),
            "no": Refused("memory answered 422: the matter is closed"),
            "signed_out": SignInNeeded("memory does not take the sign-in any more", hint="autotime connect memory"),
            "odd": KeyError("id"),
        }
        return known.get(fault, InDoubt("memory did not answer", hint="autotime resolve"))

    def read(self, remote: str) -> Remote | None:
        self.asked.append("read")
        return next((row for row in self.there() if row.id == remote), None)

    def change(self, remote: Remote, payload: Mapping[str, str | int]) -> Remote:
        self.asked.append("change")
        found = self._free(remote)
        changed = replace(self.row(payload), id=found.id, version=found.version + "'")
        self.rows[self.rows.index(found)] = changed
        return changed

    def remove(self, remote: Remote) -> None:
        self.asked.append("remove")
        self.rows.remove(self._free(remote))

    def _free(self, remote: Remote) -> Remote:
        found = next((row for row in self.rows if row.id == remote.id), None)
        if found is None or found.billed or found.version != remote.version:
            raise Refused("memory answered 409: it is billed, or was changed meanwhile")
        return found

    def there(self) -> list[Remote]:
        for at, row in list(self.coming):
            if at <= self.clock():
                self.coming.remove((at, row))
                self.add(row)
        return list(self.rows)

    def add(self, row: Remote) -> Remote:
        self.number += 1
        self.rows.append(replace(row, id=f"r{self.number}", version="v1"))
        return self.rows[-1]

    def row(self, payload: Mapping[str, str | int]) -> Remote:
        return Remote(
            id="",
            timekeeper=text(payload, "timekeeper"),
            matter=text(payload, "matter"),
            day=date.fromisoformat(text(payload, "day")),
            seconds=int(payload["billed_minutes"]) * 60,
            narrative=text(payload, "narrative"),
            task_code=text(payload, "task_code"),
            activity_code=text(payload, "activity_code"),
            rate=rate_of(payload),
            billing=Billing(text(payload, "billing")),
        )
