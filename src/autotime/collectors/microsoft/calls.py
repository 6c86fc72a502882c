"""Calls of Teams from the tenant's call records, where somebody switched them on.

The permission covers the whole tenant and only the firm's own app can have it, so the list is asked for
the timekeeper's calls alone, and where the service takes no such filter, others are dropped unread. A record
tells who was there by sessions and their segments; it grows while its parts come in, which its version
shows, and is kept for 30 days. Each stretch in which the timekeeper was connected is a call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from autotime.collectors.microsoft.graph import Graph, Json
from autotime.collectors.microsoft.parts import Me, instant, nobody, quarantined, utc
from autotime.collectors.parts import Page, State
from autotime.domain.doors import CollectContext
from autotime.domain.evidence import Evidence, Gap, Kind, Participant, Quarantined, Role
from autotime.domain.spans import Span, Spans, union
from autotime.intake import address, clean, untrusted
from autotime.web import Answered

DAY = 86_400
KEPT = 30 * DAY
AGAIN = 3 * DAY
"""Records come late and grow: so long before the last run every run looks again."""

RECORDS = "/communications/callRecords"
DETAILS = "?$expand=sessions($expand=segments)"
PEOPLE_CAP = 50
HELP = "only the firm's app can read call records: the administrator grants it CallRecords.Read.All"
IDENTITIES = ("user", "phone", "guest", "azureCommunicationServicesUser", "encrypted")


def read(graph: Graph, state: State, context: CollectContext, me: Me) -> Iterator[Page]:
    """Calls that began since the last run, and those whose records have grown."""
    if not me.id:
        yield Page(state=state, gaps=(nobody("calls"),))
        return
    reading = _Reading(graph, state, context, me)
    try:
        yield from reading.pages()
    except Answered as refused:
        if refused.status != 403:
            raise
        yield Page(state=state, gaps=(Gap("calls", str(refused), HELP),))


class _Reading:
    """``known`` is by record its version, when it began, and the starts of the stretches it gave."""

    def __init__(self, graph: Graph, state: State, context: CollectContext, me: Me) -> None:
        self.graph, self.context, self.me = graph, context, me
        self.until = int(state.get("until", 0))
        self.known: dict[str, list[Any]] = {name: list(told) for name, told in state.get("records", {}).items()}
        self.bad: list[Quarantined] = []

    def pages(self) -> Iterator[Page]:
        for page in self._listed():
            self.bad = []
            found: list[Evidence] = []
            withdrawn: list[str] = []
            for record in self._grown(page.get("value", ())):
                try:
                    given = self._given(record)
                    superseded = self._superseded(record, given)
                except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as broken:
                    self._refuse(record, broken)
                    continue
                found += given
                withdrawn += superseded
            last = "@odata.nextLink" not in page
            state = self._state(self.context.now if last else self.until)
            yield Page(state=state, evidence=tuple(found), withdrawn=tuple(withdrawn), quarantined=tuple(self.bad))

    def _listed(self) -> Iterator[Json]:
        """The timekeeper's own where the service can be asked so, else all."""
        since = max(self.context.window.start, self.context.now - KEPT, self.until - AGAIN)
        window = f"startDateTime ge {utc(since)} and startDateTime lt {utc(self.context.now + DAY)}"
        mine = f"{window} and participants_v2/any(p:p/id eq '{self.me.id}')"
        try:
            yield from self.graph.pages(RECORDS, {"$filter": mine})
        except Answered as refused:
            if refused.status != 400:
                raise
            yield from self.graph.pages(RECORDS, {"$filter": window})

    def _grown(self, rows: Iterable[Any]) -> Iterator[Json]:
        """The whole records of those that are new, or newer than what is known."""
        ids = []
        for row in rows:
            try:
                if self._concerns(row) and int(row["version"]) > self.known.get(row["id"], [0])[0]:
                    ids.append(str(row["id"]))
            except (KeyError, TypeError, ValueError, AttributeError) as broken:
                self._refuse(row, broken)
        paths = [f"{RECORDS}/{quote(name, safe='')}{DETAILS}" for name in dict.fromkeys(ids)]
        for answer in self.graph.batch(paths):
            if isinstance(answer, Answered):
                if answer.status != 404:
                    raise answer
            else:
                yield answer

    def _concerns(self, row: Json) -> bool:
        """Whether the timekeeper was in it, as far as the list tells."""
        listed = [*_participants(row), *filter(None, [_organizer(row)])]
        return not listed or any(self.me.is_in(one) for one in listed)

    def _refuse(self, row: Any, broken: Exception) -> None:
        self.bad.append(quarantined("call", row, f"a call record that cannot be read ({type(broken).__name__})"))

    def _given(self, record: Json) -> list[Evidence]:
        direction = "out" if self._began(record) else "in"
        people = self._people(record, direction)
        id_ = clean(str(record["id"]), 100)
        return [
            Evidence(
                account=self.me.account,
                source="microsoft",
                key=f"call/{id_}/{stretch.start}",
                kind=Kind.CALL,
                at=stretch.start,
                own=True,
                span=stretch,
                people=people,
                facts={"direction": direction},
            )
            for stretch in self._stretches(record)
            if self.context.window.contains(stretch.start)
        ]

    def _superseded(self, record: Json, given: list[Evidence]) -> list[str]:
        """Keys of stretches that an earlier version gave; the record is known from here on."""
        name = str(record["id"])
        before = self.known.get(name, [0, 0, []])[2]
        now = [item.at for item in given]
        self.known[name] = [int(record["version"]), instant(record["startDateTime"]), now]
        return [f"call/{clean(name, 100)}/{start}" for start in before if start not in now]

    def _stretches(self, record: Json) -> Spans:
        """When the timekeeper was connected. A call of two that tells no sessions is told as a whole."""
        sessions = record.get("sessions") or []
        if not sessions and record.get("type") == "peerToPeer":
            return union(filter(None, [_span(record)]))
        mine = (
            part
            for session in sessions
            for part in session.get("segments") or [session]
            if any(self._at(part, end) or self._at(session, end) for end in ("caller", "callee"))
        )
        return union(filter(None, map(_span, mine)))

    def _at(self, part: Json, end: str) -> bool:
        endpoint = part.get(end) or {}
        associated = endpoint.get("associatedIdentity")
        return self.me.is_in(endpoint.get("identity")) or (isinstance(associated, dict) and self.me.are(associated))

    def _began(self, record: Json) -> bool:
        """Whether the timekeeper made the call: the caller of a call of two, else the organizer."""
        sessions = record.get("sessions") or []
        if record.get("type") == "peerToPeer" and sessions:
            return self._at(sessions[0], "caller")
        return self.me.is_in(_organizer(record))

    def _people(self, record: Json, direction: str) -> tuple[Participant, ...]:
        """Who called first, then who was called."""
        mine, theirs = (Role.FROM, Role.TO) if direction == "out" else (Role.TO, Role.FROM)
        self_ = Participant(mine, self.me.addresses[0] if self.me.addresses else "", untrusted(self.me.name, 200))
        others = dict.fromkeys(
            _person(theirs, identities) for identities in _everybody(record) if not self.me.is_in(identities)
        )
        rest = tuple(one for one in others if one is not None)[:PEOPLE_CAP]
        return (self_, *rest) if direction == "out" else (*rest, self_)

    def _state(self, until: int) -> State:
        lately = self.context.now - KEPT - DAY
        return {"until": until, "records": {name: told for name, told in self.known.items() if told[1] >= lately}}


def _organizer(record: Json) -> Any:
    """Who organised it: the newer field, or the one it takes the place of."""
    newer = record.get("organizer_v2")
    return newer.get("identity") if isinstance(newer, dict) else record.get("organizer")


def _participants(record: Json) -> list[Any]:
    newer = record.get("participants_v2")
    if isinstance(newer, list):
        return [one.get("identity") for one in newer if isinstance(one, dict)]
    return list(record.get("participants") or ())


def _everybody(record: Json) -> Iterator[Any]:
    """The organizer first; who is only at the end of a session comes too."""
    yield from filter(None, [_organizer(record)])
    yield from _participants(record)
    for session in record.get("sessions") or ():
        for end in ("caller", "callee"):
            yield (session.get(end) or {}).get("identity")


def _person(role: Role, identities: Any) -> Participant | None:
    """Somebody of the tenant, or a telephone number."""
    for kind in IDENTITIES:
        who = identities.get(kind) if isinstance(identities, dict) else None
        if isinstance(who, dict):
            name = str(who.get("displayName") or (who.get("id") if kind == "phone" else "") or "")
            mail = address(str(who.get("userPrincipalName") or ""))
            return Participant(role, mail, untrusted(name, 200)) if name or mail else None
    return None


def _span(part: Json) -> Span | None:
    start, end = instant(part["startDateTime"]), instant(part["endDateTime"])
    return Span(start, end) if start < end else None
