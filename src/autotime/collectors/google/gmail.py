"""Mail: a window the first time, what the history tells from then on.

The history id is taken before a window is read, so that nothing falls between. A history that is too
old (404) is one more window, from two days before the last run. Of a mail come its headers and, unless
the source is metadata only, the text a reader sees and the names of attachments; never an attachment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from autotime.collectors.google.letters import HEADERS, big_texts, evidence_of, folder_of, folders_of, is_mail
from autotime.collectors.google.refusals import entries
from autotime.collectors.google.service import Google
from autotime.collectors.messages import Where
from autotime.collectors.parts import Page, State
from autotime.domain.doors import CollectContext
from autotime.domain.errors import SourceUnavailable, SuddenlyEmpty
from autotime.domain.evidence import Evidence, Quarantined
from autotime.intake import clean
from autotime.web import Answered

DAY = 86_400
OVERLAP = 2 * DAY
LOOK_BACK = 30 * DAY
"""What is read again after a history expired, or from two days before the last run if that was longer ago."""

LARGEST_TEXT = 5_000_000
"""Bytes of one text part that is fetched on its own; no person writes more."""

ME = "me"
CHANGES = ["messageAdded", "labelAdded"]
FRESH_LABELS = ("SENT", "INBOX")
"""A label by which a mail that was there becomes one to read: sent at its time, or no spam after all."""

Answers = Mapping[str, Any]


def read(google: Google, state: State, context: CollectContext) -> Iterator[Page]:
    """Every mail of the window, or what came since the state. ``SuddenlyEmpty`` for a mailbox that held mail."""
    yield from _Mailbox(google, context).read(dict(state))


class _TooOldError(Exception):
    """Gmail no longer knows the history id."""


class _Mailbox:
    """One run over one mailbox. A state holds ``history`` (where changes go on), ``at`` (when that was, UTC
    seconds), ``held`` (whether there was mail) and, while a window is read, ``since`` and ``page``."""

    def __init__(self, google: Google, context: CollectContext) -> None:
        self.google, self.context = google, context
        self.users = google.service("gmail").users()
        self.messages = self.users.messages()  # made once: Google's client takes milliseconds for it
        self.searches = google.mode == "text"
        self._names: dict[str, str] | None = None

    def read(self, state: dict[str, Any]) -> Iterator[Page]:
        profile = self.google.ask(self.users.getProfile(userId=ME))
        history, total = _number(profile.get("historyId")), profile.get("messagesTotal")
        if not history or not isinstance(total, int):
            raise SourceUnavailable("Gmail tells nothing of the mailbox", hint="the next run tries again")
        self._not_emptied(state, total)
        fresh = {"history": history, "at": self.context.now, "held": total > 0}
        if not _number(state.get("history")):
            state = fresh | {"since": self.context.window.start}
        if "since" in state:
            yield from self._window(state)
        try:
            yield from self._changes(_number(state["history"]), fresh)
        except _TooOldError:
            state = fresh | {"since": self._again_from(_number(state.get("at")))}
            yield from self._window(state)

    def _again_from(self, last: int) -> int:
        return max(self.context.window.start, min(last - OVERLAP, self.context.now - LOOK_BACK))

    def _not_emptied(self, state: State, total: int) -> None:
        if state.get("held") and not total:
            raise SuddenlyEmpty(
                f"the mailbox of «{self.google.account}» held mail at the last run and is empty now",
                kept="all that was collected before",
                hint="look into the mailbox; if it is empty for good, connect it under another name",
            )

    # -- a window -----------------------------------------------------------------------------

    def _window(self, state: dict[str, Any]) -> Iterator[Page]:
        """Newest first; ``state`` loses ``since`` and ``page`` when it is done."""
        since = _number(state["since"])
        for answer in self._listed(state, since):
            if "messages" not in answer and "resultSizeEstimate" not in answer and "nextPageToken" not in answer:
                raise SourceUnavailable(
                    "Gmail's list has another shape than it should", hint="the next run tries again"
                )
            mails = self._mails(_ids(answer.get("messages")))
            token = str(answer.get("nextPageToken") or "")
            if not token or self._all_before(mails, since):
                del state["since"]
                state.pop("page", None)
            else:
                state["page"] = token
            yield self._page(mails, state, since)
            if "since" not in state:
                return

    def _listed(self, state: dict[str, Any], since: int) -> Iterator[dict[str, Any]]:
        """The pages of the list from where the last run stopped; from its start where Gmail forgot that."""
        messages = self.messages
        asked: dict[str, Any] = {"userId": ME, "maxResults": self.google.page}
        if self.searches:  # epoch seconds: a date alone would mean midnight in California
            asked["q"] = f"after:{max(0, since - DAY)} before:{self.context.window.end + DAY}"
        if state.get("page"):
            try:
                yield from self.google.pages(messages.list(**asked, pageToken=state["page"]), messages.list_next)
                return
            except Answered as refused:
                if refused.status not in (400, 404):
                    raise
        yield from self.google.pages(messages.list(**asked), messages.list_next)

    def _all_before(self, mails: Iterable[Answers], since: int) -> bool:
        """Whether a whole page lies before the window: without a search that is how its end is known."""
        taken = [_number(mail.get("internalDate")) // 1000 for mail in mails]
        return not self.searches and bool(taken) and max(taken) < since

    # -- changes ------------------------------------------------------------------------------

    def _changes(self, start: int, fresh: Mapping[str, Any]) -> Iterator[Page]:
        """Page by page; each page's state goes on after its last record, the last one's after all of them."""
        for answer in self._history(start):
            end = _number(answer.get("historyId"))
            if not end:
                raise SourceUnavailable("Gmail's history has no end", hint="the next run tries again")
            records = entries(answer.get("history"))
            start = max([start, *(_number(record.get("id")) for record in records)])
            mails = self._mails(_changed(records))
            last = not answer.get("nextPageToken")
            yield self._page(mails, {**fresh, "history": max(start, end) if last else start})

    def _history(self, start: int) -> Iterator[dict[str, Any]]:
        """A 404 means an id that is too old here, and a mail that is gone elsewhere."""
        history = self.users.history()
        call = history.list(userId=ME, startHistoryId=start, historyTypes=CHANGES, maxResults=self.google.page)
        try:
            yield from self.google.pages(call, history.list_next)
        except Answered as refused:
            if refused.status != 404:
                raise
            raise _TooOldError from None

    # -- mails --------------------------------------------------------------------------------

    def _mails(self, ids: Iterable[str]) -> list[dict[str, Any]]:
        """The mails that are still there. One that cannot be had comes as its id and ``refused``."""
        names = list(dict.fromkeys(ids))
        answers = self.google.many({name: self._call(name) for name in names})
        mails = []
        for name in names:
            answer = answers[name]
            if isinstance(answer, Answered):
                if answer.status == 403:
                    raise answer
                if answer.status != 404:
                    mails.append({"id": name, "refused": answer.status})
            elif answer.get("id") != name:
                raise SourceUnavailable("Gmail gave another mail than was asked for", hint="the next run tries again")
            else:
                mails.append(answer)
        return mails

    def _call(self, name: str) -> Any:
        """``fields`` leave out the snippet, which is text in either mode."""
        if self.searches:
            fields = "id,threadId,labelIds,internalDate,payload"
            return self.messages.get(userId=ME, id=name, format="full", fields=fields)
        fields = "id,threadId,labelIds,internalDate,payload(headers,mimeType)"
        return self.messages.get(userId=ME, id=name, format="metadata", metadataHeaders=HEADERS, fields=fields)

    def _page(self, mails: Iterable[dict[str, Any]], state: Mapping[str, Any], since: int = 0) -> Page:
        read = [self._one(mail) for mail in mails if is_mail(mail) and not self._is_excluded(mail)]
        came = [item for item in read if isinstance(item, Evidence)]
        evidence = [item for item in came if item.at >= since and self.context.window.contains(item.at)]
        bad = tuple(item for item in read if isinstance(item, Quarantined))
        return Page(state=dict(state), evidence=tuple(evidence), quarantined=bad)

    def _one(self, mail: dict[str, Any]) -> Evidence | Quarantined:
        if "refused" in mail:
            return Quarantined(clean(str(mail["id"]), 100), f"Gmail does not give this mail ({mail['refused']})")
        for body in big_texts(mail):
            self._fetch(mail["id"], body)
        who, now = self.context.timekeeper, self.context.now
        where = Where(self.google.account, "google", folder_of(mail, self.names), who, now)
        return evidence_of(mail, where, text=self.searches)

    def _is_excluded(self, mail: Answers) -> bool:
        """Whether any of its labels is one that is never stored, not only the one it is filed under."""
        excluded = self.context.excluded
        return bool(excluded) and any(name.casefold() in excluded for name in folders_of(mail, self.names))

    def _fetch(self, name: str, body: dict[str, Any]) -> None:
        """Puts the data of a text that came as a name of its own into its place."""
        if _number(body.get("size")) > LARGEST_TEXT:
            return
        attachments = self.messages.attachments()
        call = attachments.get(userId=ME, messageId=name, id=str(body["attachmentId"]), fields="data")
        try:
            body["data"] = self.google.ask(call).get("data", "")
        except Answered as refused:
            if refused.status != 404:
                raise

    def names(self) -> dict[str, str]:
        """The mailbox's own labels by id; asked for once a run, when the first of them is met."""
        if self._names is None:
            told = self.google.ask(self.users.labels().list(userId=ME, fields="labels(id,name,type)"))
            labels = [one for one in entries(told.get("labels")) if one.get("type") == "user"]
            self._names = {str(one.get("id")): clean(str(one.get("name", "")), 200) for one in labels}
        return self._names


def _ids(messages: Any) -> Iterator[str]:
    for message in entries(messages):
        if isinstance(message.get("id"), str):
            yield message["id"]


def _changed(records: Iterable[Answers]) -> Iterator[str]:
    """Mails that were added, and those that a label made ones to read."""
    for record in records:
        yield from _ids([one.get("message") for one in entries(record.get("messagesAdded"))])
        for one in entries(record.get("labelsAdded")):
            labels = one.get("labelIds")
            if isinstance(labels, list) and any(label in FRESH_LABELS for label in labels):
                yield from _ids([one.get("message")])


def _number(value: Any) -> int:
    """Google writes 64-bit numbers as text; 0 for what is none."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
