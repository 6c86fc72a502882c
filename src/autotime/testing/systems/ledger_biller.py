"""The adapter of the ledger: the smallest one that keeps every promise of a ``Biller``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from autotime.billing.mapping import Rule, fields, unmapped, version_of
from autotime.billing.once import once
from autotime.billing.signin import Service, Tokens
from autotime.domain.books import Thing
from autotime.domain.delivery import Offers, Remote
from autotime.domain.doors import Connection, Keys, Payload
from autotime.domain.errors import Refused, SourceUnavailable
from autotime.domain.work import Billing
from autotime.intake import clean
from autotime.web import Carrier, Manners, Network, Web, asked_for

ROOT = "https://ledger.example"
LONGEST = 10_000
T = TypeVar("T")
USUAL = {
    "date": Rule("day"),
    "text": Rule("narrative"),
    "task": Rule("task_code"),
    "rate": Rule("rate"),
    "kind": Rule("billing"),
}
CARRIED = ("timekeeper", "matter", "billed_minutes")
"""What it is told by its own ids and as a number."""


class LedgerBiller:
    target = "ledger"
    offers = Offers(updates=True, removes=True, locks=True)

    def __init__(
        self,
        connection: Connection,
        keys: Keys,
        mapping: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        wall: Callable[[], float] = time.time,
        carrier: Carrier | None = None,
    ) -> None:
        self.keys, self.mapping = keys, mapping or {}
        self.mapping_version = version_of(USUAL, self.mapping, self.target)
        root, network = connection.app.get("base_url") or ROOT, Network(**connection.network)
        client = str(connection.app.get("client_id", ""))
        service = Service(name=self.target, page=f"{root}/sign-in", root=root, token="token", client_id=client)  # noqa: S106
        tokens = Tokens(service, connection.vault, network, wall=wall, carrier=carrier)
        manners = Manners(service=self.target)
        self.web = Web(f"{root}/api", tokens.headers, manners, network, sleep=sleep, wall=wall, carrier=carrier)

    # -- what it is told --------------------------------------------------------------------------

    def refuse(self, payload: Payload) -> str:
        told = self.told(payload)
        if not told["user"]:
            return f"timekeeper «{payload['timekeeper']}» is not known there: autotime books pull ledger"
        if not told["matter"]:
            return f"matter «{payload['matter']}» is not known there: autotime books pull ledger"
        if not 0 < int(told["seconds"]) <= 86_400:
            return "its time is not between 0 and 24 hours: autotime undo it and approve it again"
        if not 0 < len(str(told["text"])) <= LONGEST:
            return f"its narrative is empty or longer than {LONGEST:,} characters: autotime undo it and shorten it"
        return ""

    def told(self, payload: Payload) -> Mapping[str, str | int]:
        return {
            **fields(payload, USUAL, self.mapping, self.target),
            "user": self.keys.remote(Thing.TIMEKEEPER, str(payload["timekeeper"])),
            "matter": self.keys.remote(Thing.MATTER, str(payload["matter"])),
            "seconds": int(payload["billed_minutes"]) * 60,
        }

    def drops(self, payload: Payload) -> tuple[str, ...]:
        return unmapped(payload, USUAL, self.mapping, CARRIED, self.target)

    # -- what stands there ------------------------------------------------------------------------

    def present(self, payloads: Sequence[Payload]) -> list[Remote]:
        """All of these timekeepers, from the first of these days to the last."""
        days = [str(payload["day"]) for payload in payloads]
        users = sorted({str(self.told(payload)["user"]) for payload in payloads})
        return list(self._listed({"user": ",".join(users), "from": min(days), "to": max(days)})) if days else []

    def _listed(self, asked: Mapping[str, str]) -> Iterator[Remote]:
        page, seen = self.web.get("entries", asked).json(), {""}
        while True:
            yield from _sound(lambda said: [remote(one) for one in said["entries"]], page)
            after = _sound(lambda said: str(said["next"]), page)
            if not after:
                return
            if after in seen:
                raise SourceUnavailable("the ledger's pages lead in a circle", hint="the next run tries again")
            seen.add(after)
            page = self.web.get(after).json()

    def read(self, remote_id: str) -> Remote | None:
        try:
            return _sound(remote, self.web.get(f"entries/{remote_id}").json())
        except SourceUnavailable as answered:
            if asked_for(answered) == 404:
                return None
            raise

    def same(self, payload: Payload, remote: Remote) -> bool:
        told = self.told(payload)
        words = clean(str(told["text"]), LONGEST, lines=True).split()
        ours = (told["user"], told["matter"], told["date"], told["seconds"], words)
        return ours == (
            remote.timekeeper,
            remote.matter,
            remote.day.isoformat(),
            remote.seconds,
            remote.narrative.split(),
        )

    # -- what changes something -------------------------------------------------------------------

    def create(self, payload: Payload) -> Remote:
        return once(self.web, "POST", "entries", self.told(payload), read=remote)

    def change(self, there: Remote, payload: Payload) -> Remote:
        _untouched(there)
        version = {"If-Match": there.version}
        return once(self.web, "PUT", f"entries/{there.id}", self.told(payload), read=remote, headers=version)

    def remove(self, there: Remote) -> None:
        _untouched(there)
        once(self.web, "DELETE", f"entries/{there.id}", read=lambda _: None, headers={"If-Match": there.version})


def remote(said: Mapping[str, Any]) -> Remote:
    """An entry as it is held there. ``KeyError``, ``TypeError``, ``ValueError`` where it is none."""
    return Remote(
        id=_id(said["id"]),
        timekeeper=_id(said["user"]),
        matter=_id(said["matter"]),
        day=date.fromisoformat(said["date"]),
        seconds=_seconds(said["seconds"]),
        narrative=clean(said["text"], LONGEST, lines=True),
        task_code=clean(said["task"], 20),
        rate=Decimal(said["rate"]) if said["rate"] else None,
        billing=Billing(said["kind"]),
        billed=bool(said["billed"]),
        version=_id(said["version"]),
        created_at=int(said["created_at"]),
    )


def _seconds(said: Any) -> int | None:
    """Nothing where they are hidden."""
    if said is not None and type(said) is not int:
        raise ValueError("no time")
    return said


def _id(said: Any) -> str:
    text = clean(said, 80)
    if not text:
        raise ValueError("no id")
    return text


def _sound(read: Callable[[Any], T], said: Any) -> T:
    try:
        return read(said)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        raise SourceUnavailable(
            "the ledger answers with what cannot be read", hint="the next run tries again"
        ) from None


def _untouched(there: Remote) -> None:
    if there.billed:
        raise Refused(f"{there.id} is billed: it is not touched", hint="correct it there")
