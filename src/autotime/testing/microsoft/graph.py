"""A stand-in for Microsoft Graph v1.0: routing, permissions, errors and ``$batch``.

The answers themselves come from the files beside it: ``mail``, ``calendar``,
``drive``, ``meetings``, ``calls``.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from autotime.testing.microsoft.call import ACCEPTED, DENIED, TEAMS, Call, Json, Refusal, Switches, carried
from autotime.testing.server import Asked, Reply, Status

MAILBOX = ("mail", "calendar", "settings")

Handler = Callable[[Call], Json]


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request is answered: a path below a mailbox (or below the root), and the permission for it."""

    pattern: re.Pattern[str]
    need: str
    handler: Handler
    anyone: bool = False


def route(pattern: str, need: str, handler: Handler, *, anyone: bool = False) -> Route:
    """``{name}`` in a pattern is one segment. ``anyone``: not below one user."""
    return Route(re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)), need, handler, anyone)


class Graph:
    """Answers below ``root`` (which ends in the version). ``box`` finds a mailbox by address or id."""

    def __init__(
        self,
        root: str,
        routes: Iterable[Route],
        claims: Callable[[str], Json | None],
        box: Callable[[str], Any],
        scoped: Callable[[Any], frozenset[str]],
    ) -> None:
        self.root, self.claims, self.box, self.scoped = root, claims, box, scoped
        self.routes = list(routes)
        self.switches = Switches()
        self.inner = 0
        """Requests inside batches so far."""

    def answer(self, asked: Asked) -> Reply:
        known = {"request-id": str(uuid.uuid4()), "client-request-id": asked.headers.get("client-request-id", "")}
        try:
            target = asked.target[len(urlsplit(self.root).path) :]
            said = self._batch(asked) if target == "/$batch" else self._one(target, asked.headers)
        except Refusal as refusal:
            said = refusal.reply(known["client-request-id"])
        return Reply(said.body, said.status, {**known, **said.headers}, said.kind)

    def _batch(self, asked: Asked) -> Reply:
        """Each request inside has a status of its own; the answers come in another order."""
        requests = asked.json()["requests"]
        ids = [one["id"] for one in requests]
        if len(requests) > 20 or len(set(ids)) != len(ids) or any(one["url"].startswith("http") for one in requests):
            raise Refusal(400, "BadRequest", "Invalid batch payload format.")
        done: dict[str, Json] = {}
        for one in requests:
            failed = [done[parent]["status"] >= 400 for parent in one.get("dependsOn", [])]
            reply = Refusal(424, "FailedDependency").reply("") if any(failed) else self._inside(one, asked.headers)
            headers = {"Content-Type": "application/json", **reply.headers}
            done[one["id"]] = {"id": one["id"], "status": reply.status, "headers": headers, "body": reply.body}
        return Reply({"responses": list(done.values())[::-1]})

    def _inside(self, one: Json, headers: Mapping[str, str]) -> Reply:
        self.inner += 1
        fault = self.switches.batch.pop(0) if self.switches.batch else None
        if isinstance(fault, Status):
            return Reply(fault.body, fault.status, fault.headers)
        own = {name.lower(): value for name, value in one.get("headers", {}).items()}
        try:
            return self._one(one["url"], {"authorization": headers.get("authorization", ""), **own})
        except Refusal as refusal:
            return refusal.reply("")

    def _one(self, target: str, headers: Mapping[str, str]) -> Reply:
        parts = urlsplit(target)
        path = unquote(parts.path)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        kept = carried(query).get("query", {})
        claims = self.claims(headers.get("authorization", "").removeprefix("Bearer "))
        if claims is None:
            raise Refusal(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
        found, box, part = self._routed(path, claims)
        allowed = self._allowed(claims, box)
        if box is not None and box.unlicensed and found.need in MAILBOX:
            raise Refusal(404, "MailboxNotEnabledForRESTAPI", "The mailbox is inactive, soft-deleted or on-premise.")
        if not allowed & ACCEPTED[found.need]:
            usual = "Forbidden" if found.need in TEAMS else "ErrorAccessDenied"
            raise Refusal(403, DENIED.get(found.need, usual), "Access is denied. Check credentials and try again.")
        call = Call(self.root, box, parts.path, part, {**kept, **query}, headers, allowed, self.switches)
        body = found.handler(call)
        return Reply(body, headers={"Preference-Applied": call.applied} if call.applied else {})

    def _allowed(self, claims: Json, box: Any) -> frozenset[str]:
        """The union of what Entra granted and, for an app, what Exchange grants it for this mailbox."""
        if claims["idtyp"] == "user":
            return frozenset(claims["scp"].split())
        return frozenset(claims["roles"]) | (self.scoped(box) if box is not None else frozenset())

    def _routed(self, path: str, claims: Json) -> tuple[Route, Any, Mapping[str, str]]:
        box, below = None, path
        if whose := re.match(r"/(?:me|users/([^/]+))(?=/|$)", path):
            box, below = self._whose(whose[1] or "", claims), path[whose.end() :]
        elif named := re.match(r"/drives/([^/]+)(?=/)", path):
            box, below = self._drive(named[1], claims), f"/drive{path[named.end() :]}"
        for one in self.routes:
            found = one.pattern.fullmatch(below)
            if found and (box is None) == one.anyone:
                return one, box, found.groupdict()
        raise Refusal(404 if box is None else 400, "ResourceNotFound", "Resource not found for the segment.")

    def _drive(self, name: str, claims: Json) -> Any:
        box = self.box(name)
        own = claims["idtyp"] == "app" or (box is not None and claims["oid"] == box.id)
        if box is None or not (own or "Files.Read.All" in claims["scp"].split()):
            raise Refusal(404, "itemNotFound", "The resource could not be found.")
        return box

    def _whose(self, name: str, claims: Json) -> Any:
        if not name and claims["idtyp"] == "app":
            raise Refusal(400, "BadRequest", "/me request is only valid with delegated authentication flow.")
        box = self.box(name or claims["oid"])
        if box is None:
            raise Refusal(404, "ErrorInvalidUser", "The requested user is invalid.")
        if claims["idtyp"] == "user" and claims["oid"] != box.id:
            raise Refusal(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
        return box
