"""The files of one mailbox of the stand-in Workspace: what changed, which versions there are, and who did what when.

::

    drive = Drive("ada@okafor.example")
    file = drive.saves("Motion to compel", "2026-03-09T15:00:00Z")
    drive.saves(file, "2026-03-09T15:10:00Z")
    drive.saves(file, "2026-03-09T15:12:00Z", by="ben@harrow.example")
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from autotime.testing.google.routes import Caller, Quirks, Refused, Route, Slice, page_of
from autotime.testing.server import Asked

Thing = dict[str, Any]

DOCUMENT = "application/vnd.google-apps.document"
ACTIONS = ("edit", "create", "comment", "move", "rename", "delete", "permissionChange")


@dataclass(slots=True)
class File:
    """``drive`` is the shared drive it lies in, ``lent`` says it lies in somebody else's My Drive. ``readable``
    says whether its versions may be read."""

    about: Thing
    drive: str = ""
    lent: bool = False
    readable: bool = True
    revisions: list[Thing] = field(default_factory=list)


@dataclass(slots=True)
class Drive:
    """``largest_page`` makes pages small. ``activities`` are rows of Drive Activity with their file."""

    mail: str
    files: dict[str, File] = field(default_factory=dict)
    drives: dict[str, str] = field(default_factory=dict)
    changes: list[Thing] = field(default_factory=list)
    activities: list[tuple[str, Thing]] = field(default_factory=list)
    largest_page: int = 1000
    oldest_token: int = 1

    # -- what people do -----------------------------------------------------------------------

    def shares(self, name: str) -> str:
        """A shared drive, by its id."""
        made = f"0A{len(self.drives):04d}"
        self.drives[made] = name
        return made

    def saves(
        self,
        file: str,
        at: str,
        *,
        by: str = "",
        mime: str = DOCUMENT,
        drive: str = "",
        lent: bool = False,
        version: bool = True,
        action: str = "edit",
        name: str = "",
    ) -> str:
        """A file is saved, and made (with the id ``name``) if none has this id; its id. ``action`` names the
        row of Drive Activity (nothing: none is written), ``version`` says whether a revision stays."""
        mine = by in ("", self.mail)
        if file in self.files:
            name = file
        else:
            name = name or f"1F{len(self.files):04d}"
            about = {"name": file, "mimeType": mime, "createdTime": at, "version": "0", "trashed": False}
            self.files[name] = File(
                {"kind": "drive#file", "id": name, "ownedByMe": not (lent or drive), **about}, drive, lent
            )
            if drive:
                self.files[name].about["driveId"] = drive
        kept = self.files[name]
        user = _user(by or self.mail, mine)
        kept.about |= {"modifiedTime": at, "lastModifyingUser": user, "version": str(int(kept.about["version"]) + 1)}
        kept.about |= {"modifiedByMeTime": at, "modifiedByMe": True, "viewedByMeTime": at} if mine else {}
        if version:
            number = str(len(kept.revisions) + 1)
            revision = {"kind": "drive#revision", "id": number, "modifiedTime": at, "lastModifyingUser": user}
            kept.revisions.append(revision)
        if action:
            self.acts(name, action, at, mine=mine)
        self._changed(name, at)
        return name

    def acts(self, file: str, action: str, at: str, until: str = "", *, mine: bool = True) -> None:
        """A row of Drive Activity alone; with ``until`` over a stretch of time."""
        kept = self.files[file]
        known = {"personName": "people/1080", "isCurrentUser": True} if mine else {"personName": "people/2090"}
        detail = {"comment": {"post": {"subtype": "ADDED"}}} if action == "comment" else {action: {}}
        if action == "create":
            detail = {"create": {"new": {}}}
        item = {"name": f"items/{file}", "title": kept.about["name"], "mimeType": kept.about["mimeType"]}
        whole = {"driveItem": {**item, "driveFile": {}}}
        row = {
            "primaryActionDetail": detail,
            "actors": [{"user": {"knownUser": known}}],
            "actions": [{"detail": detail}],
            "targets": [{"fileComment": {"parent": item}} if action == "comment" else whole],
            **({"timeRange": {"startTime": at, "endTime": until}} if until else {"timestamp": at}),
        }
        self.activities.append((file, row))

    def trashes(self, file: str, at: str) -> None:
        self.files[file].about["trashed"] = True
        self._changed(file, at)

    def loses(self, file: str, at: str) -> None:
        """Removed, or no longer shared."""
        del self.files[file]
        self._changed(file, at)

    def merges_versions(self, file: str) -> None:
        """What Google does to the versions of a busy document: only the last one stays."""
        self.files[file].revisions = self.files[file].revisions[-1:]

    def clear(self) -> None:
        self.files.clear()
        self.activities.clear()

    def expire_tokens(self) -> None:
        self.changes.append({"fileId": "", "time": "2026-01-01T00:00:00.000Z"})
        self.oldest_token = self.next_token

    def _changed(self, file: str, at: str) -> None:
        """A file stands in the feed once, at its last change."""
        self.changes.append({"fileId": file, "time": at})

    @property
    def next_token(self) -> int:
        return len(self.changes) + 1

    # -- what is answered ---------------------------------------------------------------------

    def list_changes(self, query: Mapping[str, str], quirks: Quirks) -> Thing:
        start, _, inner = query["pageToken"].partition("~")
        if not start.isdigit() or not self.oldest_token <= int(start) <= self.next_token:
            raise Refused(400, "invalid", "Invalid Value")
        drive, since = query.get("driveId", ""), int(start) - 1
        last = {change["fileId"]: number for number, change in enumerate(self.changes)}
        rows = [
            self._change(change)
            for number, change in enumerate(self.changes)
            if number >= since and last[change["fileId"]] == number and self._seen(change["fileId"], query, drive)
        ]
        page = self._page(rows, {**query, "pageToken": inner}, quirks, "fileId")
        if page.token:
            return {"kind": "drive#changeList", "changes": page.items, "nextPageToken": f"{start}~{page.token}"}
        return {"kind": "drive#changeList", "changes": page.items, "newStartPageToken": str(self.next_token)}

    def _seen(self, file: str, query: Mapping[str, str], drive: str) -> bool:
        if not file:
            return False
        kept = self.files.get(file)
        if kept and kept.lent and query.get("restrictToMyDrive") == "true":
            return False
        there = kept.drive if kept else ""
        everywhere = query.get("includeItemsFromAllDrives") == query.get("supportsAllDrives") == "true"
        return there == drive if drive else not there or everywhere

    def _change(self, change: Thing) -> Thing:
        kept = self.files.get(change["fileId"])
        said = {"kind": "drive#change", "changeType": "file", "removed": kept is None, **change}
        return {**said, "file": kept.about} if kept else said

    def list_files(self, query: Mapping[str, str], quirks: Quirks) -> Thing:
        """``modifiedTime >= '…'`` and ``trashed = false`` are the questions understood."""
        asked = query.get("q", "")
        since = re.search(r"modifiedTime\s*>=?\s*'([^']+)'", asked)
        if re.sub(r"modifiedTime\s*>=?\s*'[^']+'|trashed\s*=\s*false|and|\s", "", asked):
            raise Refused(400, "invalid", "Invalid Value")
        if query.get("corpora") == "drive" and query.get("driveId") not in self.drives:
            raise Refused(404, "notFound", "Shared drive not found")
        found = [
            kept.about
            for kept in self.files.values()
            if self._listed(kept, query)
            and not (since and instant(kept.about["modifiedTime"]) < instant(since[1]))
            and not ("trashed" in asked and kept.about["trashed"])
        ]
        return {
            "kind": "drive#fileList",
            "incompleteSearch": False,
            **self._page(found, query, quirks, "id").answer("files"),
        }

    def _listed(self, kept: File, query: Mapping[str, str]) -> bool:
        corpora = query.get("corpora", "user")
        if corpora == "drive":
            return kept.drive == query["driveId"]
        return not kept.drive or corpora == "allDrives"

    def list_revisions(self, file: str, query: Mapping[str, str], quirks: Quirks) -> Thing:
        if file not in self.files:
            raise Refused(404, "notFound", f"File not found: {file}.")
        if not self.files[file].readable:
            raise Refused(
                403, "insufficientFilePermissions", "The user does not have sufficient permissions for this file."
            )
        return {
            "kind": "drive#revisionList",
            **self._page(self.files[file].revisions, query, quirks, "id").answer("revisions"),
        }

    def query(self, asked: Mapping[str, Any], quirks: Quirks) -> Thing:
        """Drive Activity, newest first. A row has no id: its place among all of them stands in for one."""
        if "ancestorName" in asked and "itemName" in asked:
            raise Refused(400, "badRequest", "Only one of ancestor_name and item_name may be set.")
        wanted = _filter(asked.get("filter", ""))
        rows: list[Thing] = []
        for place, (file, row) in enumerate(self.activities):
            if self._below(file, asked) and wanted(row):
                rows.append({"place": place, "row": row})
        rows.sort(key=lambda one: (_ends(one["row"]), one["place"]), reverse=True)
        size = min(asked.get("pageSize", 50), self.largest_page)
        page = page_of(rows, asked.get("pageToken", ""), size, quirks, lambda one: str(one["place"]))
        return Slice([one["row"] for one in page.items], page.token).answer("activities")

    def _below(self, file: str, asked: Mapping[str, Any]) -> bool:
        if "itemName" in asked:
            if asked["itemName"].removeprefix("items/") not in self.files:
                raise Refused(404, "notFound", "The item was not found.")
            return bool(asked["itemName"] == f"items/{file}")
        root = asked.get("ancestorName", "items/root")
        kept = self.files.get(file)
        if root == "items/root":
            return kept is not None and not kept.drive and not kept.lent
        if root.removeprefix("items/") not in self.drives:
            raise Refused(404, "notFound", "The ancestor was not found.")
        return kept is not None and root == f"items/{kept.drive}"

    def _page(self, rows: list[Thing], query: Mapping[str, str], quirks: Quirks, name: str) -> Slice[Thing]:
        size = min(int(query.get("pageSize", 100)), self.largest_page)
        return page_of(rows, query.get("pageToken", ""), size, quirks, lambda row: str(row[name]))


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _user(mail: str, mine: bool) -> Thing:
    return {"kind": "drive#user", "displayName": mail.partition("@")[0].title(), "me": mine, "emailAddress": mail}


def _ends(row: Thing) -> datetime:
    return instant(row["timestamp"] if "timestamp" in row else row["timeRange"]["endTime"])


def _filter(text: str) -> Any:
    """``time`` with a comparison, and ``detail.action_detail_case:(EDIT CREATE)``, joined by AND."""
    tests = [_test(part.strip()) for part in text.split(" AND ") if part.strip()]
    return lambda row: all(test(row) for test in tests)


def _test(part: str) -> Any:
    time = re.fullmatch(r'time\s*(>=|<=|>|<)\s*"([^"]+)"', part)
    if time:
        bound = instant(time[2])
        compared = {">=": datetime.__ge__, "<=": datetime.__le__, ">": datetime.__gt__, "<": datetime.__lt__}[time[1]]
        return lambda row: compared(_ends(row), bound)
    cases = re.fullmatch(r"detail\.action_detail_case:\s*\(?([A-Z_ ]+)\)?", part)
    if not cases:
        raise Refused(400, "badRequest", "Invalid filter.")
    names = {name.lower() for name in cases[1].split()}
    return lambda row: bool(names & set(row["primaryActionDetail"]))


def _about(user: Any, _caller: Caller, asked: Asked, _names: Mapping[str, str]) -> Thing:
    if not asked.query.get("fields"):
        raise Refused(400, "required", "The 'fields' parameter is required for this method.")
    return {"kind": "drive#about", "user": _user(user.drive.mail, mine=True)}


def _start_token(user: Any, _caller: Caller, asked: Asked, _names: Mapping[str, str]) -> Thing:
    drive: Drive = user.drive
    if "driveId" in asked.query and asked.query["driveId"] not in drive.drives:
        raise Refused(404, "notFound", "Shared drive not found")
    return {"kind": "drive#startPageToken", "startPageToken": str(drive.next_token)}


def _changes(user: Any, _caller: Caller, asked: Asked, _names: Mapping[str, str]) -> Thing:
    drive: Drive = user.drive
    everywhere = asked.query.get("includeItemsFromAllDrives") == asked.query.get("supportsAllDrives") == "true"
    if "driveId" in asked.query and not everywhere:
        raise Refused(400, "invalidParameter", "includeItemsFromAllDrives must be true when driveId is specified")
    if asked.query.get("driveId", "") not in ("", *drive.drives):
        raise Refused(404, "notFound", "Shared drive not found")
    return drive.list_changes(asked.query, user.workspace.quirks)


def _files(user: Any, _caller: Caller, asked: Asked, _names: Mapping[str, str]) -> Thing:
    drive: Drive = user.drive
    return drive.list_files(asked.query, user.workspace.quirks)


def _revisions(user: Any, _caller: Caller, asked: Asked, names: Mapping[str, str]) -> Thing:
    drive: Drive = user.drive
    return drive.list_revisions(names["file"], asked.query, user.workspace.quirks)


def _drives(user: Any, _caller: Caller, asked: Asked, _names: Mapping[str, str]) -> Thing:
    drive: Drive = user.drive
    rows = [{"kind": "drive#drive", "id": key, "name": name} for key, name in drive.drives.items()]
    page = page_of(rows, asked.query.get("pageToken", ""), 100, user.workspace.quirks, lambda row: row["id"])
    return {"kind": "drive#driveList", **page.answer("drives")}


def _query(user: Any, _caller: Caller, asked: Asked, _names: Mapping[str, str]) -> Thing:
    drive: Drive = user.drive
    return drive.query(asked.json(), user.workspace.quirks)


READ = ("drive.metadata.readonly", "drive.readonly")
ROUTES = (
    Route("GET", "/drive/v3/about", READ, _about),
    Route("GET", "/drive/v3/changes/startPageToken", READ, _start_token),
    Route("GET", "/drive/v3/changes", READ, _changes),
    Route("GET", "/drive/v3/files", READ, _files),
    Route("GET", "/drive/v3/files/{file}/revisions", READ, _revisions),
    Route("GET", "/drive/v3/drives", ("drive.readonly",), _drives),
    Route("POST", "/v2/activity:query", ("drive.activity.readonly",), _query),
)
