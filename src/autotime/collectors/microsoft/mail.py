"""Mail, by a list of all folders in the order it arrived.

The list needs no state on the server's side, sees a mail wherever it was filed since, and is read again two
days back each time, once a week back to the last such week, so that what came late or moved between two pages
is found. (Why not a delta: docs/decisions/0011-mail-list.md.) What the list may leave out of the sent items
is asked for by id, until the list was seen to hold some.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from autotime.collectors.headers import EARLIEST, FUTURE, Headers, Sent, sent_at
from autotime.collectors.messages import Mail, Where, evidence_of
from autotime.collectors.microsoft.conversations import Conversations
from autotime.collectors.microsoft.folders import Folders, folders_of
from autotime.collectors.microsoft.graph import Graph, Json
from autotime.collectors.microsoft.parts import Me, instant, person, quarantined, text_of, utc
from autotime.collectors.parts import Page, State
from autotime.domain.doors import CollectContext
from autotime.domain.errors import SuddenlyEmpty
from autotime.domain.evidence import Evidence, Gap, Participant, Quarantined, Role
from autotime.intake import clean
from autotime.web import Answered, TooLarge, asked_for

OVERLAP = 2 * 86_400
WEEK = 7 * 86_400
PEOPLE_CAP = 100
TOO_SLOW = 504
SMALLEST = 5
"""Mails in a page, below which a service that is too slow, or says too much, is out of order."""

PLAIN_IDS = "Microsoft gave no lasting ids: mail filed elsewhere is read again, and counts once by its Message-ID"
UNLISTED = "not all folders can be listed, and some are never to be stored: mail in unknown ones was left out"

ENVELOPE = (
    "id,internetMessageId,conversationId,conversationIndex,subject,from,sender,toRecipients,ccRecipients,"
    "bccRecipients,sentDateTime,receivedDateTime,parentFolderId,isDraft,hasAttachments"
)
HEADERS = "internetMessageHeaders"
TEXT = 'outlook.body-content-type="text"'
IDS_PAGE = 500
ROLES = (("toRecipients", Role.TO), ("ccRecipients", Role.CC), ("bccRecipients", Role.BCC))


def read(
    graph: Graph, state: State, context: CollectContext, me: Me, mode: str = "text", page: int = 100
) -> Iterator[Page]:
    """What arrived since ``state``'s last mail, and two days before it."""
    yield from _Reading(graph, state, context, me, mode, page).pages()


class _Reading:
    def __init__(self, graph: Graph, state: State, context: CollectContext, me: Me, mode: str, page: int) -> None:
        self.graph, self.context, self.me, self.page = graph, context, me, page
        self.text = mode == "text"
        self.until = int(state.get("until", context.window.start))
        self.held = bool(state.get("held"))
        self.sent_comes = bool(state.get("sent_comes"))
        self.conversations = Conversations(state.get("threads", {}))
        self.checked = int(state.get("checked", context.now))
        back = min(self.checked, self.until) if self._is_week_past() else self.until
        self.since = self.reached = max(context.window.start, back - OVERLAP)
        self.listed: set[str] = set()
        self.folders = Folders()

    def pages(self) -> Iterator[Page]:
        self.folders = folders_of(self.graph, self.me.home, self.context.excluded)
        if self.folders.excluding and not self.folders.whole:
            yield Page(state=self._state(), gaps=(Gap("mail folders", UNLISTED, "autotime doctor"),))
        held = self.held
        for page in self._list():
            listed = (row.get("parentFolderId") for row in page["value"] if isinstance(row, dict))
            self.sent_comes = self.sent_comes or self.folders.sent in listed
            yield self._page(page["value"])
        if held and not self.listed:
            self._refuse_emptiness()
        if not self.sent_comes:
            yield from self._unlisted()
        if not self.graph.lasting:
            yield Page(state=self._state(), gaps=(Gap("mail ids", PLAIN_IDS),))
        if self._is_week_past():
            self.checked = self.context.now
            yield Page(state=self._state())

    def _is_week_past(self) -> bool:
        return self.context.now - self.checked >= WEEK

    def _list(self) -> Iterator[Json]:
        fields = f"{ENVELOPE},{HEADERS}" + (",body" if self.text else "")
        while fields:
            try:
                yield from self._messages(fields)
                return
            except (Answered, TooLarge) as refused:
                fields = self._lesser(fields, refused)

    def _lesser(self, fields: str, refused: Answered | TooLarge) -> str:
        """What to ask for instead: smaller pages where one was not made in time or is too large, no internet
        headers where the permission does not show them."""
        status = asked_for(refused)
        if (status == TOO_SLOW or isinstance(refused, TooLarge)) and self.page > SMALLEST:
            self.page = max(SMALLEST, self.page // 4)
            return fields
        if status in (400, 403) and not self.text and not self.listed and HEADERS in fields:
            return ENVELOPE
        raise refused

    def _messages(self, fields: str) -> Iterator[Json]:
        asked: dict[str, str | int] = {
            "$select": fields,
            "$filter": f"receivedDateTime ge {utc(self.reached)} and receivedDateTime lt {utc(self._end())}",
            "$orderby": "receivedDateTime",
            "$top": self.page,
        }
        less = (TOO_SLOW,) if self.page > SMALLEST else ()
        return self.graph.pages(f"{self.me.home}/messages", asked, TEXT if self.text else "", less)

    def _end(self) -> int:
        return self.context.window.end + OVERLAP

    def _page(self, rows: Sequence[Any], lost: Iterable[Quarantined] = ()) -> Page:
        mails, bad = self._wanted(rows)
        bad += lost
        names = self._attachments(mails)
        found: list[Evidence] = []
        for mail in mails:
            try:
                item = self._evidence(mail, names.get(str(mail["id"]), ()))
            except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as broken:
                bad.append(quarantined("mail", mail, f"a mail that cannot be read ({type(broken).__name__})"))
                continue
            if self.context.window.contains(item.at):
                found.append(item)
        return Page(state=self._state(), evidence=tuple(found), quarantined=tuple(bad))

    def _state(self) -> State:
        threads = self.conversations.since(self.until - OVERLAP)
        return {
            "until": self.until,
            "checked": self.checked,
            "held": self.held,
            "sent_comes": self.sent_comes,
            "threads": threads,
        }

    def _wanted(self, rows: Sequence[Any]) -> tuple[list[Json], list[Quarantined]]:
        """Mails that were not met before in this run. ``until`` moves on with every row."""
        mails: list[Json] = []
        bad: list[Quarantined] = []
        for row in rows:
            try:
                id_, arrived = str(row["id"]), instant(row.get("receivedDateTime") or row["sentDateTime"])
            except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as broken:
                bad.append(quarantined("mail", row, f"a mail that cannot be read ({type(broken).__name__})"))
                continue
            self.held, self.reached = True, max(self.reached, arrived)
            if arrived <= self.context.now + OVERLAP:
                self.until = max(self.until, arrived)
            if id_ not in self.listed and self._is_mail(row):
                mails.append(row)
            self.listed.add(id_)
        return mails, bad

    def _is_mail(self, row: Json) -> bool:
        """No draft, and no chat: those lie in a hidden folder or have no Message-ID."""
        draft = str(row.get("isDraft")).lower() == "true"
        return not draft and bool(row.get("internetMessageId")) and self.folders.holds(str(row.get("parentFolderId")))

    def _attachments(self, mails: Iterable[Json]) -> dict[str, list[str]]:
        """Their names, by mail; no attachment is ever fetched."""
        with_some = [mail for mail in mails if self.text and str(mail.get("hasAttachments")).lower() == "true"]
        paths = [f"{self._path(mail['id'])}/attachments?$select=name" for mail in with_some]
        return {
            str(mail["id"]): [str(one.get("name") or "") for one in answer.get("value", ()) if isinstance(one, dict)]
            for mail, answer in zip(with_some, self.graph.batch(paths), strict=True)
            if not isinstance(answer, Answered)
        }

    def _path(self, id_: Any) -> str:
        return f"{self.me.home}/messages/{quote(str(id_), safe='')}"

    def _evidence(self, row: Json, attached: Sequence[str]) -> Evidence:
        people = _people(row)
        headers = _headers(row)
        told = len(headers) > ("thread-index" in headers)
        sender = next((who.address for who in people if who.role is Role.FROM), "")
        sent = _sent(row, headers, self.context.now)
        identity = clean(str(row["internetMessageId"]).strip().strip("<>"), 250)
        mail = Mail(
            headers=headers,
            people=people,
            sent=sent,
            subject=str(row.get("subject") or ""),
            text=text_of(row.get("body")) if self.text else None,
            attached=attached,
            own=True if sender and sender in self.me.addresses else None,
            thread="" if told else self.conversations.thread(row, sent.at, identity),
            identity=identity,
        )
        folder = self.folders.name(str(row.get("parentFolderId")))
        where = Where(self.me.account, "microsoft", folder, self.context.timekeeper, self.context.now)
        item = evidence_of(mail, where, clean(f"mail/{row['id']}", 300))
        if told:
            self.conversations.hears(row, item.thread)
        return item

    def _unlisted(self) -> Iterator[Page]:
        """Sent mail of the same days that the list left out: whether it has a time of arrival is not known."""
        asked: dict[str, str | int] = {
            "$select": "id,sentDateTime",
            "$filter": f"sentDateTime ge {utc(self.since)} and sentDateTime lt {utc(self._end())}",
            "$orderby": "sentDateTime",
            "$top": IDS_PAGE,
        }
        fields = f"{ENVELOPE},{HEADERS},body" if self.text else ENVELOPE
        for page in self.graph.pages(f"{self.me.home}/mailFolders/sentitems/messages", asked):
            rows = [row for row in page["value"] if isinstance(row, dict) and row.get("id")]
            strange = [row for row in rows if str(row["id"]) not in self.listed]
            answers = self.graph.batch([f"{self._path(row['id'])}?$select={fields}" for row in strange], TEXT)
            lost = [
                quarantined("mail", row, f"a mail the service did not give ({answer.status})")
                for row, answer in zip(strange, answers, strict=True)
                if isinstance(answer, Answered) and answer.status != 404
            ]
            found = [answer for answer in answers if not isinstance(answer, Answered)]
            if found or lost:
                yield self._page(found, lost)

    def _refuse_emptiness(self) -> None:
        """A mailbox that had mail and has none at all is more likely broken than tidied up."""
        some = self.graph.get(f"{self.me.home}/messages", {"$select": "id", "$top": 1})
        if not some.get("value"):
            raise SuddenlyEmpty(
                f"the mailbox of «{self.me.account}» held mail and is empty now",
                kept="everything collected from it",
                hint="look at the mailbox; if it is right, sign in again: " + f'autotime connect "{self.me.account}"',
            )


def _people(row: Json) -> tuple[Participant, ...]:
    """Sender first, then recipients; at most a hundred."""
    found = [person(Role.FROM, row.get("from") or row.get("sender"))]
    found += [person(role, one) for name, role in ROLES for one in row.get(name) or ()]
    return tuple(who for who in found if who is not None)[:PEOPLE_CAP]


def _headers(row: Json) -> Headers:
    """As a mail file has them; Graph's own trace of when a reply was begun stands where Outlook's does."""
    headers: dict[str, list[str]] = {}
    for one in row.get(HEADERS) or ():
        headers.setdefault(str(one["name"]).lower(), []).append(str(one.get("value") or ""))
    if row.get("conversationIndex"):
        headers.setdefault("thread-index", [str(row["conversationIndex"])])
    return headers


def _sent(row: Json, headers: Headers, now: int) -> Sent:
    """By its own headers, which also tell the sender's zone; else as Graph says; else when it arrived. A time
    that no mail can have (null is the year 1) is none."""
    dated = sent_at(headers, now)
    if dated is not None:
        return dated
    for name, assumed in (("sentDateTime", False), ("receivedDateTime", True)):
        at = instant(row[name]) if row.get(name) else 0
        if EARLIEST <= at <= now + FUTURE:
            return Sent(at, None, assumed=assumed)
    raise ValueError("no usable date")
