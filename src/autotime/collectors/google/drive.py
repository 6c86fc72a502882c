"""Drive: which files the timekeeper changed, and the versions they left.

The feed of changes says which files; a first look, or one after a token was refused, lists them. Shared
drives have feeds of their own; which ones matter shows in the files that were changed there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from autotime.collectors.google.activity import instant, utc
from autotime.collectors.google.refusals import entries
from autotime.collectors.google.service import Google
from autotime.collectors.google.sessions import BROKEN, NO_FILES, File, Save, refused
from autotime.domain.evidence import Quarantined
from autotime.web import Answered

ABOUT = "id,name,mimeType,modifiedByMeTime,driveId"
FEED = f"nextPageToken,newStartPageToken,changes(fileId,removed,file({ABOUT}))"
LIST = f"nextPageToken,files({ABOUT})"
VERSIONS = "nextPageToken,revisions(id,modifiedTime,lastModifyingUser(me))"
REFUSED = (400, 404, 410)
"""What a token that is no longer good is answered with; 404 also for a drive one was shown out of."""

PAGE = 1000
EVERYWHERE = {"includeItemsFromAllDrives": True, "supportsAllDrives": True}


@dataclass(slots=True)
class Touched:
    """The files the timekeeper changed, by id; the tokens that hold then, by shared drive (nothing: the
    timekeeper's own feed); what could not be read."""

    files: dict[str, File] = field(default_factory=dict)
    feeds: dict[str, str] = field(default_factory=dict)
    bad: list[Quarantined] = field(default_factory=list)

    def add(self, said: Iterable[Any], since: int = 0) -> None:
        """What is gone, or was never the timekeeper's to change, says nothing."""
        for about in said:
            try:
                file = _file(about)
            except BROKEN as broken:
                self.bad.append(refused(about, broken))
                continue
            if file is not None and file.touched >= since:
                self.files[file.id] = file


def touched(google: Google, feeds: Mapping[str, str], since: int) -> Touched:
    """What every feed tells since its token, however long ago it was saved (a laptop that was offline sends
    it late), or what was saved since that instant where there is no token."""
    found = Touched()
    waiting = ["", *sorted(set(feeds) - {""})]
    while waiting:
        drive = waiting.pop(0)
        try:
            found.feeds[drive] = _feed(google, drive, feeds.get(drive, ""), since, found)
        except Answered as refusal:
            if not drive or refusal.status not in (403, 404):
                raise
            continue
        there = {file.drive for file in found.files.values()}
        waiting += sorted(there - {"", *found.feeds, *waiting})
    return found


def _feed(google: Google, drive: str, token: str, since: int, found: Touched) -> str:
    """Reads one feed, and gives its next token. A first token is taken before the list it stands for."""
    if token:
        try:
            return _changes(google, drive, token, found)
        except Answered as refusal:
            if refusal.status not in REFUSED:
                raise
    changes = google.service("drive").changes()
    start = google.ask(changes.getStartPageToken(supportsAllDrives=True, **_of(drive)))
    files = google.service("drive").files()
    where = {"corpora": "drive", "driveId": drive} if drive else {"corpora": "allDrives"}
    call = files.list(q=f"modifiedTime >= '{utc(since)}'", pageSize=PAGE, fields=LIST, **EVERYWHERE, **where)
    for answer in google.pages(call, files.list_next):
        found.add(entries(answer.get("files")), since)
    return str(start.get("startPageToken", ""))


def _changes(google: Google, drive: str, token: str, found: Touched) -> str:
    changes = google.service("drive").changes()
    call = changes.list(
        pageToken=token, pageSize=PAGE, restrictToMyDrive=False, fields=FEED, **EVERYWHERE, **_of(drive)
    )
    for answer in google.pages(call, changes.list_next):
        found.add(change["file"] for change in entries(answer.get("changes")) if change.get("file"))
        token = str(answer.get("newStartPageToken") or token)
    return token


def _file(about: Mapping[str, Any]) -> File | None:
    if not about.get("modifiedByMeTime") or about.get("mimeType") in NO_FILES:
        return None
    name, mime, drive = str(about["id"]), str(about.get("mimeType", "")), str(about.get("driveId", ""))
    return File(name, str(about.get("name", "")), mime, drive, touched=instant(about["modifiedByMeTime"]))


def _of(drive: str) -> dict[str, str]:
    return {"driveId": drive} if drive else {}


def versions(google: Google, files: Iterable[File], since: Callable[[File], int]) -> None:
    """Adds the timekeeper's own versions since then to each file; the one save Google tells of where they
    may not be read, or are merged or purged: of a busy document few remain."""
    revisions = google.service("drive").revisions()
    asked = {file.id: file for file in files}
    calls = {name: revisions.list(fileId=name, pageSize=PAGE, fields=VERSIONS) for name in asked}
    for name, answer in google.many(calls).items() if calls else ():
        file = asked[name]
        if not isinstance(answer, Answered):
            with suppress(*BROKEN):  # of a version that cannot be read, the file's own last change is left
                file.saves |= set(_own(_following(google, revisions, calls[name], answer), since(file)))
        elif answer.status not in (403, 404):
            raise answer
        if not file.covered():
            file.saves.add(Save(file.touched, file.touched))


def _following(google: Google, revisions: Any, call: Any, answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield answer
    rest = revisions.list_next(call, answer)
    if rest is not None:
        yield from google.pages(rest, revisions.list_next)


def _own(answers: Iterator[dict[str, Any]], since: int) -> Iterator[Save]:
    for answer in answers:
        for revision in entries(answer.get("revisions")):
            if revision.get("lastModifyingUser", {}).get("me") and revision.get("modifiedTime"):
                when = instant(revision["modifiedTime"])
                if when >= since:
                    yield Save(when, when)
