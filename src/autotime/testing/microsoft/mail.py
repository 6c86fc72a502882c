"""Mail in the stand-in for Graph: folders, the window list, deltas, attachments' names."""

from __future__ import annotations

import re
from bisect import bisect_left
from html import escape, unescape
from operator import attrgetter

from autotime.testing.microsoft.call import Call, Json, Refusal, bounds, moment
from autotime.testing.microsoft.graph import Route, route
from autotime.testing.microsoft.letters import ROOT, Folder, Letter, Mails, Person, coded

MOST_FILTERED = 5000
"""How many a delta with a filter tells of, however many there are."""


def message(call: Call, letter: Letter) -> Json:
    """All that Graph tells of one mail, before ``$select``."""
    box, wanted = call.box, call.query.get("$select", "")
    said: Json = {
        "@odata.etag": f'W/"{letter.number}.{letter.moves}.{letter.read}"',
        "id": box.letter_id(letter, call.immutable),
        "createdDateTime": moment(letter.sent),
        "lastModifiedDateTime": moment(letter.received),
        "changeKey": f"CQAAABYAAAB{letter.number}",
        "categories": [],
        "receivedDateTime": moment(letter.received),
        "sentDateTime": moment(letter.sent),
        "hasAttachments": bool(letter.attached),
        "internetMessageId": letter.message_id or None,
        "subject": letter.subject,
        "importance": "normal",
        "parentFolderId": box.folders[letter.folder].id,
        "conversationId": coded("AAQkAD", letter.conversation),
        "conversationIndex": letter.index or None,
        "isRead": letter.read,
        "isDraft": letter.draft,
        "webLink": f"https://outlook.office365.com/owa/?ItemID={letter.number}",
        "sender": recipient(letter.sender),
        "from": recipient(letter.sender),
        "toRecipients": [recipient(one) for one in letter.to],
        "ccRecipients": [recipient(one) for one in letter.cc],
        "bccRecipients": [recipient(one) for one in letter.bcc],
        "replyTo": [],
        "flag": {"flagStatus": "notFlagged"},
    }
    if letter.invites:
        said |= {"@odata.type": "#microsoft.graph.eventMessageRequest", "meetingMessageType": "meetingRequest"}
    if "internetMessageHeaders" in wanted and (letter.folder != "sentitems" or box.headers_when_sent):
        said["internetMessageHeaders"] = [{"name": name, "value": value} for name, value in letter.headers]
    if call.may("mail text"):
        said |= {"bodyPreview": letter.text[:255], "body": body(call, letter.text, letter.html)}
        if "attachments" in call.query.get("$expand", ""):
            said["attachments"] = [attachment(letter, n) for n in range(len(letter.attached))]
        return said
    return {name: value for name, value in said.items() if name not in box.basic_hides}


def body(call: Call, text: str, page: str = "") -> Json:
    """As text where that is preferred, else as the page an Exchange makes of it."""
    if call.prefers("outlook.body-content-type") == "text":
        bare = text or unescape(re.sub(r"<[^>]+>", "", re.sub(r"(?i)<(?:br|/p|/div|/li|/tr)[^>]*>", "\n", page)))
        return {"contentType": "text", "content": bare.replace("\r\n", "\n").replace("\n", "\r\n")}
    lines = "".join(f"<div>{escape(line) or '<br>'}</div>" for line in text.splitlines())
    return {"contentType": "html", "content": page or f"<html><head></head><body>{lines}</body></html>"}


def recipient(person: Person) -> Json:
    return {"emailAddress": {"name": person[0] or person[1], "address": person[1]}}


def attachment(letter: Letter, number: int) -> Json:
    name = letter.attached[number]
    return {
        "@odata.type": "#microsoft.graph.fileAttachment",
        "@odata.mediaContentType": "application/octet-stream",
        "id": coded("AAMkAT", f"{letter.number}/{number}"),
        "lastModifiedDateTime": moment(letter.received),
        "name": name,
        "contentType": "application/octet-stream",
        "size": 48_211,
        "isInline": False,
        "contentId": None,
        "contentLocation": None,
    }


def folder(box: Mails, one: Folder) -> Json:
    key = box.folder_key(one.id)
    here = box.by_arrival(key)
    return {
        "id": one.id,
        "displayName": one.name,
        "parentFolderId": one.parent and box.folders[box.folder_key(one.parent)].id,
        "childFolderCount": sum(other.parent == one.id for other in box.folders.values()),
        "unreadItemCount": sum(not letter.read for letter in here),
        "totalItemCount": len(here),
        "isHidden": one.hidden,
    }


def folders(call: Call) -> Json:
    """The folders right below the top, or below the one named; hidden ones only where asked for."""
    parent = call.box.folders[call.box.folder_key(call.part.get("folder", ROOT))]
    hidden = call.query.get("includeHiddenFolders", "").lower() == "true"
    shown = [one for one in call.box.folders.values() if one.parent == parent.id and (hidden or not one.hidden)]
    return call.page(shown, lambda one: call.selected(folder(call.box, one)), call.top(10, 1000))


def one_folder(call: Call) -> Json:
    return call.selected(folder(call.box, call.box.folders[call.box.folder_key(call.part["folder"])]))


def messages(call: Call) -> Json:
    """The window list: of all folders, or of one."""
    where = call.box.folder_key(call.part["folder"]) if "folder" in call.part else ""
    order, _, way = call.query.get("$orderby", "receivedDateTime desc").partition(" ")
    asked = call.query.get("$filter", "")
    if order not in ("receivedDateTime", "sentDateTime"):
        raise Refusal(400, "BadRequest", "The query order is not supported.")
    if asked and not asked.strip().startswith(f"{order} "):
        raise Refusal(400, "InefficientFilter", "The restriction or sort order is too complex for this operation.")
    at = attrgetter({"receivedDateTime": "received", "sentDateTime": "sent"}[order])
    listed = call.box.by_arrival(where)
    listed = listed if order == "receivedDateTime" else sorted(listed, key=at)
    first, end = bounds(asked, order)
    window = listed[bisect_left(listed, first, key=at) : bisect_left(listed, end, key=at)]
    if way.strip() == "desc":
        window.reverse()
    return call.page(window, lambda one: call.selected(message(call, one)), call.top(10, 1000))


def one_message(call: Call) -> Json:
    return call.selected(message(call, call.box.letter(call.part["message"])))


def attachments(call: Call) -> Json:
    if not call.may("mail text"):
        raise Refusal(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    letter = call.box.letter(call.part["message"])
    return call.page(
        range(len(letter.attached)), lambda number: call.selected(attachment(letter, number)), call.top(100, 1000)
    )


def delta(call: Call) -> Json:
    """What changed in one folder since the link: the latest word on each mail, removals as rows of their own."""
    box, key = call.box, call.box.folder_key(call.part["folder"])
    if box.over_quota:
        raise Refusal(403, "ErrorQuotaExceeded", "The mailbox exceeded its quota.")
    token, epoch = call.token(), call.switches.epoch
    if token and token["epoch"] != epoch:
        raise Refusal(410, "SyncStateNotFound", "The sync state generation is not found.")
    since, until = token.get("since", 0), token.get("until") or len(box.changes)
    latest = {letter.number: (letter, why) for letter, why in box.changes[since:until] if letter.folder == key}
    first, end = bounds(call.query.get("$filter", ""), "receivedDateTime")
    rows = [(letter, why) for letter, why in latest.values() if why or first <= letter.received < end]
    if not since:
        rows = [(letter, why) for letter, why in rows if not why]
    if "$filter" in call.query:
        rows = rows[:MOST_FILTERED]
    done = {"@odata.deltaLink": call.link("$deltatoken", since=until, until=0, skip=0, emptied=False, epoch=epoch)}
    size = call.top(10, 1000)
    return call.page(rows, lambda row: _row(call, *row), size, done, since=since, until=until, epoch=epoch)


def _row(call: Call, letter: Letter, why: str) -> Json:
    kind = {"@odata.type": "#microsoft.graph.message"}
    if why or letter.number not in call.box.letters:
        return kind | {"id": call.box.letter_id(letter, call.immutable), "@removed": {"reason": why or "deleted"}}
    return kind | call.selected(message(call, letter))


ROUTES: tuple[Route, ...] = (
    route("/messages", "mail", messages),
    route("/messages/{message}", "mail", one_message),
    route("/messages/{message}/attachments", "mail", attachments),
    route("/mailFolders", "mail", folders),
    route("/mailFolders/{folder}", "mail", one_folder),
    route("/mailFolders/{folder}/childFolders", "mail", folders),
    route("/mailFolders/{folder}/messages", "mail", messages),
    route("/mailFolders/{folder}/messages/delta", "mail", delta),
)
