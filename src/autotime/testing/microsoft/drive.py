"""A OneDrive in the stand-in for Microsoft 365: how a test edits documents, the drive's delta and the versions."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace

from autotime.testing.microsoft.call import Call, Json, Refusal, instant, moment
from autotime.testing.microsoft.graph import Route, route

Author = tuple[str, str]
"""A user id and a name to show."""

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One item of a drive; ``versions`` are who saved and when, oldest first. A folder has none."""

    id: str
    name: str
    created: int
    touched: int
    """When the item changed last: by a save, or by a label, a share, a move."""

    touched_by: Author
    versions: tuple[tuple[int, Author], ...] = ()
    folder: bool = False
    deleted: bool = False


class Drive:
    """What a person keeps in OneDrive, and how a test works on it."""

    address: str
    name: str
    id: str

    def __init__(self) -> None:
        self.driveless = False
        """No OneDrive has been made for the person."""

        self.drive_id = "b!" + hashlib.blake2b(self.address.encode(), digest_size=12).hexdigest()
        me = (self.id, self.name)
        self.documents: dict[str, Document] = {
            "01ROOT": Document(id="01ROOT", name="root", created=0, touched=0, touched_by=me, folder=True)
        }
        self.touches: list[tuple[str, int]] = []
        """Item and UTC second, as things happened."""

    def edits(self, name: str, *times: int, by: Author | None = None) -> Document:
        """Saves a document at these UTC seconds, as its owner or as somebody else; each makes a version."""
        author = by or (self.id, self.name)
        key = "01" + hashlib.blake2b(f"{self.address}{name}".encode(), digest_size=8).hexdigest().upper()
        before = self.documents.get(key) or Document(
            id=key, name=name, created=times[0], touched=times[0], touched_by=author
        )
        versions = tuple(sorted((*before.versions, *((at, author) for at in times))))
        return self._store(replace(before, versions=versions, touched=versions[-1][0], touched_by=versions[-1][1]))

    def labels(self, document: Document, at: int, by: Author | None = None) -> Document:
        """Something about the item changes, and no word in it."""
        now = self.documents[document.id]
        return self._store(replace(now, touched=at, touched_by=by or (self.id, self.name)))

    def forgets_versions(self, document: Document, keep: int) -> Document:
        """A policy trims the history."""
        now = self.documents[document.id]
        return self._store(replace(now, versions=now.versions[-keep:]))

    def throws_away(self, document: Document, at: int) -> Document:
        return self._store(replace(self.documents[document.id], deleted=True, touched=at))

    def has_directory(self, name: str, at: int) -> Document:
        me = (self.id, self.name)
        return self._store(
            Document(id=f"01DIR{name.upper()}", name=name, created=at, touched=at, touched_by=me, folder=True)
        )

    def children(self, key: str) -> int:
        """How many lie in a folder: all in the root, none elsewhere."""
        return sum(not one.deleted for one in self.documents.values()) - 1 if key == "01ROOT" else 0

    def _store(self, document: Document) -> Document:
        self.documents[document.id] = document
        self.touches.append((document.id, document.touched))
        return document


# -- answers ----------------------------------------------------------------------------------


def item(call: Call, key: str, changed_only: bool) -> Json:
    """One row of a delta: a removed item has no name, and where only changes come the cTag is missing."""
    one = call.box.documents.get(key)
    if one is None or one.deleted:
        return {"id": key, "deleted": {"state": "softdeleted"}}
    said: Json = {
        "@odata.type": "#microsoft.graph.driveItem",
        "id": one.id,
        "name": one.name,
        "eTag": f'"{{{one.id}}},{one.touched}"',
        "createdDateTime": moment(one.created),
        "lastModifiedDateTime": moment(one.touched),
        "createdBy": identity(one.versions[0][1] if one.versions else one.touched_by),
        "lastModifiedBy": identity(one.touched_by),
        "webUrl": f"https://okafor-my.sharepoint.example/{one.id}",
        "size": 48_211,
        "parentReference": {
            "driveId": call.box.drive_id,
            "driveType": "business",
            "id": "01ROOT",
            "siteId": "okafor-my.sharepoint.example,1,2",
        },
        "fileSystemInfo": {"createdDateTime": moment(one.created), "lastModifiedDateTime": moment(one.touched)},
    }
    if one.folder:
        return said | {"folder": {"childCount": call.box.children(key)}} | ({"root": {}} if key == "01ROOT" else {})
    if not changed_only:
        said["cTag"] = f'"c:{{{one.id}}},{len(one.versions)}"'
    return said | {"file": {"mimeType": WORD, "hashes": {"quickXorHash": "abc="}}}


def identity(author: Author) -> Json:
    id_, shown = author
    return {"user": {"displayName": shown} | ({"id": id_} if id_ else {})}


def drive(call: Call) -> Json:
    _there(call)
    owner = identity((call.box.id, call.box.name))
    return call.selected({"id": call.box.drive_id, "driveType": "business", "name": "OneDrive", "owner": owner})


def delta(call: Call) -> Json:
    """From the start, from now (``latest``), from a time, or from a link: the latest state of each item, once."""
    _there(call)
    box, epoch = call.box, call.switches.epoch
    asked, token = call.query.get("token", ""), call.token()
    if token and token["epoch"] != epoch:
        fresh = {"Location": call.link("token", epoch=epoch, since=0, until=0, skip=0)}
        raise Refusal(410, "resyncChangesApplyDifferences", "Resync required.", fresh if call.switches.location else {})
    until = token.get("until") or len(box.touches)
    since = until if asked == "latest" else token.get("since", 0)
    first = instant(asked) if re.match(r"\d{4}-", asked) else token.get("first", 0)
    touched = dict.fromkeys(key for key, at in box.touches[since:until] if at >= first)
    rows = [] if asked == "latest" else ["01ROOT", *touched]
    done = {"@odata.deltaLink": call.link("token", since=until, until=0, first=0, skip=0, emptied=False, epoch=epoch)}
    size = call.top(200, 1000)
    return call.page(
        rows,
        lambda key: call.selected(item(call, key, bool(since or first))),
        size,
        done,
        since=since,
        until=until,
        first=first,
        epoch=epoch,
    )


def root(call: Call) -> Json:
    _there(call)
    return call.selected(item(call, "01ROOT", changed_only=False))


def versions(call: Call) -> Json:
    """Newest first. The list of a removed item is gone."""
    _there(call)
    one = call.box.documents.get(call.part["item"])
    if one is None or one.deleted:
        raise Refusal(404, "itemNotFound", "The resource could not be found.")
    numbered = list(enumerate(one.versions, start=1))[::-1]
    return call.page(numbered, lambda row: call.selected(_version(row[0], *row[1])), call.top(200, 1000))


def _version(number: int, at: int, author: Author) -> Json:
    return {
        "id": f"{number}.0",
        "lastModifiedDateTime": moment(at),
        "size": 48_000 + number,
        "lastModifiedBy": identity(author),
    }


def _there(call: Call) -> None:
    if call.box.driveless:
        raise Refusal(404, "ResourceNotFound", "User's mysite not found.")


ROUTES: tuple[Route, ...] = (
    route("/drive", "files", drive),
    route("/drive/root", "files", root),
    route("/drive/root/delta", "files", delta),
    route("/drive/items/{item}/versions", "files", versions),
)
