"""The mail folders of a mailbox, by id: what they are called, and which hold nothing of the timekeeper's work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from autotime.collectors.microsoft.graph import Graph, Json
from autotime.intake import clean
from autotime.web import Answered

FIELDS = "id,displayName,childFolderCount"
PAGE = 250
DEPTH = 12
CALLED = {"inbox": "Inbox", "sentitems": "Sent"}
"""The names these two have in every source, whatever language the mailbox speaks."""

SKIPPED = ("drafts", "junkemail", "outbox")
WELL_KNOWN = (*CALLED, *SKIPPED)


@dataclass(frozen=True, slots=True)
class Folders:
    """``names`` by id. Mail in ``skipped``, or in no folder that is shown (Teams keeps chats in a hidden
    one), is left out. Unknown altogether where the permission does not reach that far. ``sent`` is one's id."""

    names: Mapping[str, str] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    known: bool = True
    sent: str = ""

    def name(self, id_: str) -> str:
        return self.names.get(id_, "")

    def holds(self, id_: str) -> bool:
        return not self.known or (id_ in self.names and id_ not in self.skipped)


def paths_of(home: str) -> list[str]:
    """What is asked first: which are the well-known ones, and the list."""
    special = [f"{home}/mailFolders/{name}?$select=id" for name in WELL_KNOWN]
    return [*special, f"{home}/mailFolders?$select={FIELDS}&$top={PAGE}"]


def folders_of(graph: Graph, home: str) -> Folders:
    """Two requests for most mailboxes: the well-known ones with the list, then the children."""
    *special, first = graph.batch(paths_of(home))
    if isinstance(first, Answered):
        if first.status == 403:
            return Folders(known=False)
        raise first
    ids = {
        name: str(one.get("id", ""))
        for name, one in zip(WELL_KNOWN, special, strict=True)
        if not isinstance(one, Answered)
    }
    names = {str(one["id"]): clean(str(one.get("displayName") or ""), 300) for one in _all(graph, home, first)}
    names |= {ids[name]: called for name, called in CALLED.items() if name in ids}
    skipped = frozenset(ids[name] for name in SKIPPED if name in ids)
    return Folders(names, skipped, sent=ids.get("sentitems", ""))


def _all(graph: Graph, home: str, first: Json) -> Iterator[Json]:
    """Every folder, level by level."""
    level = list(_rows(graph, first))
    for _ in range(DEPTH):
        yield from level
        parents = [str(one["id"]) for one in level if one.get("childFolderCount")]
        paths = [
            f"{home}/mailFolders/{quote(id_, safe='')}/childFolders?$select={FIELDS}&$top={PAGE}" for id_ in parents
        ]
        level = [row for page in graph.batch(paths) if not isinstance(page, Answered) for row in _rows(graph, page)]


def _rows(graph: Graph, page: Json) -> Iterator[Json]:
    pages = [page, *(graph.pages(page["@odata.nextLink"]) if page.get("@odata.nextLink") else ())]
    for one in pages:
        yield from (row for row in one.get("value", ()) if isinstance(row, dict) and row.get("id"))
