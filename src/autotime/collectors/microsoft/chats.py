"""Chats of Teams, where somebody switched them on: each message a person wrote, the timekeeper's own as own.

What a chat itself says of its last change is about its name and members, so every chat is asked for what
was written since the last run. The filter on time counts only beside an order by the same time, newest
first. What Teams itself writes (somebody joined, a call ended) is nobody's work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from autotime.collectors.html import visible_text
from autotime.collectors.messages import BODY_CAP, tidy
from autotime.collectors.microsoft.graph import Graph, Json
from autotime.collectors.microsoft.parts import Me, instant, nobody, quarantined, utc
from autotime.collectors.parts import Page, State
from autotime.domain.doors import CollectContext
from autotime.domain.evidence import Evidence, Fact, Gap, Kind, Participant, Quarantined, Role
from autotime.domain.untrusted import Untrusted
from autotime.intake import address, clean, untrusted
from autotime.web import Answered

DAY = 86_400
AGAIN = DAY
"""How long before the last run every run reads again."""

FIRST = 35 * DAY
PAGE = 50
PEOPLE_CAP = 50


def read(graph: Graph, state: State, context: CollectContext, me: Me, mode: str = "text") -> Iterator[Page]:
    """All chats, some at a time; how far it has come moves once all were read."""
    if not me.known:
        yield Page(state=state, gaps=(nobody("chats"),))
        return
    before = int(state.get("until", 0))
    since = max(context.window.start, before - AGAIN if before else context.now - FIRST)
    for chats in graph.pages(f"{me.home}/chats", {"$expand": "members", "$top": PAGE}):
        reading = _Reading(graph, context, me, since, mode == "text")
        found = tuple(reading.of([chat for chat in chats.get("value", ()) if isinstance(chat, dict)]))
        last = "@odata.nextLink" not in chats
        yield Page(
            state={"until": context.now if last else before},
            evidence=found,
            quarantined=tuple(reading.bad),
            gaps=tuple(reading.gaps),
        )


class _Reading:
    def __init__(self, graph: Graph, context: CollectContext, me: Me, since: int, text: bool) -> None:
        self.graph, self.context, self.me, self.since, self.text = graph, context, me, since, text
        self.bad: list[Quarantined] = []
        self.gaps: list[Gap] = []

    def of(self, chats: list[Json]) -> Iterator[Evidence]:
        known = [chat for chat in chats if chat.get("id")]
        for chat, answer in zip(known, self.graph.batch([self._path(chat) for chat in known]), strict=True):
            if isinstance(answer, Answered):
                self._unread(answer)
                continue
            yield from self._written(chat, answer)
            if link := answer.get("@odata.nextLink"):
                for page in self.graph.pages(link):
                    yield from self._written(chat, page)

    def _path(self, chat: Json) -> str:
        changed = "lastModifiedDateTime"
        window = f"{changed} gt {utc(self.since - 1)} and {changed} lt {utc(self.context.now + DAY)}"
        query = {"$top": PAGE, "$orderby": f"{changed} desc", "$filter": window}
        return f"{self.me.home}/chats/{quote(str(chat['id']), safe='')}/messages?{urlencode(query, quote_via=quote)}"

    def _unread(self, refused: Answered) -> None:
        """A chat that was left or ended meanwhile says nothing."""
        if refused.status not in (403, 404):
            raise refused
        if refused.status == 403 and not self.gaps:
            self.gaps.append(Gap("chats", str(refused), "the administrator grants Chat.Read"))

    def _written(self, chat: Json, page: Json) -> Iterator[Evidence]:
        for row in page.get("value", ()):
            try:
                item = _evidence(chat, row, self.me, self.text)
            except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as broken:
                self.bad.append(quarantined("chat", row, f"a message that cannot be read ({type(broken).__name__})"))
                continue
            if item is not None and self.context.window.contains(item.at):
                yield item


def _evidence(chat: Json, row: Json, me: Me, text: bool) -> Evidence | None:
    """One message, with or without its text; ``None`` for what is none, or what its author took back."""
    if row.get("messageType", "message") != "message" or row.get("deletedDateTime"):
        return None
    author = (row.get("from") or {}).get("user")
    if not author:
        return None
    body = _body(row) if text else ""
    facts: dict[str, Fact] = {"chat": True, "words_new": len(body.split())} if text else {"chat": True}
    id_ = clean(str(chat["id"]), 200)
    return Evidence(
        account=me.account,
        source="microsoft",
        key=f"chat/{id_}/{clean(str(row['id']), 60)}",
        kind=Kind.MESSAGE,
        at=instant(row["createdDateTime"]),
        own=me.are(author),
        thread=f"chat:{id_}",
        subject=untrusted(str(chat.get("topic") or ""), 500),
        body=Untrusted(body[:BODY_CAP]),
        people=_people(chat, author, me),
        facts=facts,
    )


def _body(row: Json) -> str:
    said = row.get("body") or {}
    content = str(said.get("content") or "")
    return tidy(visible_text(content) if said.get("contentType") == "html" else content)


def _people(chat: Json, author: Mapping[str, Any], me: Me) -> tuple[Participant, ...]:
    """The author first, then the other members."""
    members = [one for one in chat.get("members") or () if isinstance(one, dict)]
    wrote = [one for one in members if one.get("userId") and one["userId"] == author.get("id")]
    others = [one for one in members if one not in wrote]
    mine = me.addresses[0] if me.addresses and me.are(author) else ""
    first = Participant(
        Role.FROM,
        mine or address(str(wrote[0].get("email") or "") if wrote else ""),
        untrusted(str(author.get("displayName") or ""), 200),
    )
    rest = (
        Participant(Role.TO, address(str(one.get("email") or "")), untrusted(str(one.get("displayName") or ""), 200))
        for one in others[:PEOPLE_CAP]
    )
    return (first, *rest)
