"""Zapier: each approved entry as one POST to a hook, whose Zap does with it what the firm built.

A hook's address is its only secret: it is kept sealed, and goes nowhere but to ``hooks.zapier.com`` by https. An
answer of 200 says that Zapier has the entry, and nothing of what its Zap does: no list, no look, no undoing. The same
entry always carries the same ``id`` and ``idempotency_key``, so that a step of the Zap can leave out what it knows.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

from autotime.billing.mapping import Rule, fields, unmapped, version_of
from autotime.billing.once import meant
from autotime.billing.payload import rate_of, refused_time, text
from autotime.domain.delivery import Offers, Remote
from autotime.domain.doors import Connection, Keys, Payload, Person, SignIn
from autotime.domain.errors import InDoubt, Misused, Refused, SignInNeeded, SourceUnavailable
from autotime.domain.work import Billing
from autotime.intake import clean
from autotime.web import Answer, Answered, Carrier, Manners, Network, Web, nobody
from autotime.web.links import is_local

HOST = "hooks.zapier.com"
HOOK = re.compile(r"/hooks/catch/(?:(?P<user>\d+)/)?(?P<key>[A-Za-z0-9_-]+)(?P<silent>/silent)?/?", re.ASCII)
KIND = {"Content-Type": "application/json; charset=utf-8"}

SCHEMA = "autotime.time_entry.v1"
USUAL = {
    "matter_id": Rule("matter"),
    "matter_name": Rule("matter_name"),
    "client_id": Rule("client"),
    "client_name": Rule("client_name"),
    "timekeeper_id": Rule("timekeeper"),
    "timekeeper_name": Rule("timekeeper_name"),
    "timekeeper_email": Rule("timekeeper_email"),
    "date": Rule("day"),
    "hours": Rule("hours"),
    "task_code": Rule("task_code"),
    "activity_code": Rule("activity_code"),
    "narrative": Rule("narrative"),
    "rate": Rule("rate"),
    "amount": Rule("amount"),
    "currency": Rule("currency"),
    "fee_type": Rule("fee_type"),
}
TYPED = ("billing", "travel", "billed_minutes")
"""Told as numbers and as yes or no, whatever the settings say."""

SECOND, LEGACY_SECOND = 25, 3
"""Requests of one second, below what Zapier takes: 30, and 1,000 in five minutes by an address of the old form."""

LATER = (408, 429)
REDO = "autotime connect zapier"


class ZapierBiller:
    """A ``Biller`` whose work nobody can look at, and ``Connectable``."""

    target = "zapier"
    usual = USUAL
    offers = Offers(lists=False, external=True)

    def __init__(
        self,
        connection: Connection,
        keys: Keys,  # noqa: ARG002 - a hook has no ids of its own
        mapping: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        wall: Callable[[], float] = time.time,
        carrier: Carrier | None = None,
    ) -> None:
        self.vault = connection.vault
        self.changed = mapping or {}
        self.mapping_version = f"zapier-1-{version_of(USUAL, self.changed, self.target)}"
        self.wall = wall
        root = str(connection.app.get("base_url") or f"https://{HOST}")
        if root != f"https://{HOST}" and not is_local(root):
            raise Misused("a hook's address goes to hooks.zapier.com only", hint="take base_url out of [zapier]")
        manners = Manners(service="zapier", at_once=1, pace=self._pace)
        self.web = Web(root, nobody, manners, Network(**connection.network), sleep=sleep, wall=wall, carrier=carrier)

    # -- the hook ---------------------------------------------------------------------------------

    def wants(self) -> Mapping[str, str]:
        return {"the address of a Catch Hook": "each approved entry is sent to it once; the address is kept sealed"}

    def connect(self, person: Person, device: bool = False) -> None:  # noqa: ARG002 - nobody signs in
        """Asks for the address. Nothing is sent: whatever is sent runs the Zap."""
        person.say(
            "In Zapier: a Zap with the trigger «Webhooks by Zapier», «Catch Hook» (a paid plan). Copy its address."
        )
        hook = hook_of(person.ask("Address of the hook:", secret=True))
        if not hook["user"]:
            person.say("This address has the old form: Zapier takes 1,000 entries in five minutes by it, not 10,000.")
        self.vault.save(f"https://{HOST}{_path(hook)}")
        person.say("Kept sealed on this machine. Whoever has the address can send to the Zap: treat it as a password.")
        person.say("Zapier says that it received an entry, never what its Zap did: entries count as handed over.")

    def standing(self, now: int) -> SignIn:  # noqa: ARG002 - it does not lapse
        return SignIn(bool(self._kept()))

    def _kept(self) -> Mapping[str, str]:
        try:
            return hook_of(self.vault.load())
        except Misused:
            return {}

    def _pace(self, answer: Answer, wall: float) -> float:  # noqa: ARG002 - Zapier tells no limits
        return 1 / (SECOND if self._kept().get("user") else LEGACY_SECOND)

    # -- one entry --------------------------------------------------------------------------------

    def refuse(self, payload: Payload) -> str:
        """A hook takes anything; what cannot be a day's work is no entry."""
        return refused_time(payload)

    def told(self, payload: Payload) -> dict[str, str | int]:
        """The body, but for ``sent_at``."""
        billing = text(payload, "billing")
        return {
            "event": "time_entry.approved",
            "schema": SCHEMA,
            "id": text(payload, "entry"),
            "idempotency_key": key_of(payload),
            "revision": int(payload.get("revision", 0)),
            **fields(payload, USUAL, self.changed, self.target),
            "duration_seconds": int(payload.get("billed_minutes", 0)) * 60,
            "billable": billing == Billing.BILLABLE,
            "no_charge": billing == Billing.NO_CHARGE,
            "travel": bool(payload.get("travel")),
        }

    def drops(self, payload: Payload) -> tuple[str, ...]:
        return unmapped(payload, USUAL, self.changed, TYPED, self.target)

    def create(self, payload: Payload) -> Remote:
        hook = self._kept()
        if not hook:
            raise SignInNeeded("no address of a hook is kept", hint=REDO)
        sent_at = datetime.fromtimestamp(int(self.wall()), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        body = json.dumps(self.told(payload) | {"sent_at": sent_at}).encode()
        answer = self._posted(_path(hook), body)
        if answer.status != 200:
            raise InDoubt(f"{HOST} answered {answer.status}", kept="it may be received or not", hint="look at the Zap")
        return replace(_remote(payload), id=_receipt(answer) or key_of(payload), created_at=int(self.wall()))

    def _posted(self, path: str, body: bytes) -> Answer:
        try:
            return self.web.send("POST", path, KIND, body)
        except Answered as no:
            if 400 <= no.status < 500 and no.status not in LATER:
                raise Refused(f"{no}: check the address of the hook", hint=REDO) from None
            raise meant(self.web, no, lambda answer: answer.code) from None
        except SourceUnavailable as lost:
            raise InDoubt(str(lost), kept="it may be received or not", hint="look at the Zap's history") from None

    # -- what a hook cannot do --------------------------------------------------------------------

    def present(self, payloads: Sequence[Payload]) -> list[Remote]:  # noqa: ARG002
        return []

    def read(self, remote: str) -> Remote | None:  # noqa: ARG002
        return None

    def same(self, payload: Payload, remote: Remote) -> bool:
        return replace(remote, id="", created_at=0) == _remote(payload)

    def change(self, remote: Remote, payload: Payload) -> Remote:  # noqa: ARG002
        raise Refused("a hook cannot change what it received", hint="change it where the Zap put it")

    def remove(self, remote: Remote) -> None:  # noqa: ARG002
        raise Refused("a hook cannot take back what it received", hint="remove it where the Zap put it")


def key_of(payload: Payload) -> str:
    """What the receiver may know an entry by: the same at every attempt, another for every revision."""
    return f"{text(payload, 'entry')}:{text(payload, 'revision')}"


def _remote(payload: Payload) -> Remote:
    """An entry as it was sent."""
    return Remote(
        id="",
        timekeeper=text(payload, "timekeeper"),
        matter=text(payload, "matter"),
        day=date.fromisoformat(text(payload, "day")),
        seconds=int(payload.get("billed_minutes", 0)) * 60,
        narrative=text(payload, "narrative"),
        task_code=text(payload, "task_code"),
        activity_code=text(payload, "activity_code"),
        rate=rate_of(payload),
        billing=Billing(text(payload, "billing")),
        external=key_of(payload),
    )


def hook_of(address: str) -> Mapping[str, str]:
    """The parts of a hook's address: ``user`` (empty: the old form), ``key``, ``silent``. ``Misused`` shows none."""
    try:
        parts = urlsplit(address.strip())
        here = (parts.scheme, parts.netloc.lower()) == ("https", HOST) and not parts.query and not parts.fragment
    except ValueError:
        here, parts = False, urlsplit("")
    found = HOOK.fullmatch(parts.path) if here else None
    if found is None:
        raise Misused(
            f"that is no address of a hook: it begins with https://{HOST}/hooks/catch/", hint="copy it from the Zap"
        )
    return {name: part or "" for name, part in found.groupdict().items()}


def _path(hook: Mapping[str, str]) -> str:
    whose = f"{hook['user']}/" if hook["user"] else ""
    return f"/hooks/catch/{whose}{hook['key']}{hook['silent']}/"


def _receipt(answer: Answer) -> str:
    """Zapier's own id of the request; nothing where it keeps silent or says something else."""
    try:
        said = answer.json()
    except SourceUnavailable:
        return ""
    told = said.get("id") if isinstance(said, dict) else ""
    return clean(told, 80) if isinstance(told, str) else ""
