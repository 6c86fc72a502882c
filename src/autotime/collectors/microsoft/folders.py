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
DEPTH = 30
CALLED = {"inbox": "Inbox", "sentitems": "Sent"}
"""The names these two have in every source, whatever language the mailbox speaks."""

SKIPPED = ("drafts", "junkemail", "outbox")
WELL_KNOWN = (*CALLED, *SKIPPED)


@dataclass(frozen=True, slots=True)
class Folders:
    """``names`` by id. Mail in ``skipped``, or in no folder that is shown (Teams keeps chats in a hidden
    one), is left out. Where not all could be asked for (``whole``), what lies in an unknown one is kept,
    unless some are never to be stored (``excluding``): it may be one of those. ``sent`` is one's id."""

    names: Mapping[str, str] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    whole: bool = True
    excluding: bool = False
    sent: str = ""

    def name(self, id_: str) -> str:
        return self.names.get(id_, "")

    def holds(self, id_: str) -> bool:
        return id_ not in self.skipped and (id_ in self.names or not (self.whole or self.excluding))


def paths_of(home: str) -> list[str]:
    """What is asked first: which are the well-known ones, and the list."""
    special = [f"{home}/mailFolders/{name}?$select=id" for name in WELL_KNOWN]
    return [*special, f"{home}/mailFolders?$select={FIELDS}&$top={PAGE}"]


def folders_of(graph: Graph, home: str, excluded: frozenset[str] = frozenset()) -> Folders:
    """Two requests for most mailboxes: the well-known ones with the list, then the children. ``excluded``
    are names, case-folded: as the mailbox shows them, or as every source calls them."""
    *special, first = graph.batch(paths_of(home))
    if isinstance(first, Answered) and first.status != 403:
        raise first
    ids = {
        name: str(one.get("id", ""))
        for name, one in zip(WELL_KNOWN, special, strict=True)
        if not isinstance(one, Answered)
    }
    rows, whole = _all(graph, home, first)
    names = {str(one["id"]): clean(str(one.get("displayName") or ""), 300) for one in rows}
    called = {ids[name]: called for name, called in CALLED.items() if name in ids}
    never = {id_ for id_, name in (*names.items(), *called.items()) if name.casefold() in excluded}
    skipped = never | {ids[name] for name in SKIPPED if name in ids}
    return Folders(names | called, frozenset(skipped), whole, bool(excluded), ids.get("sentitems", ""))


def _all(graph: Graph, home: str, first: Json | Answered) -> tuple[list[Json], bool]:
    """Every folder, level by level, and whether those are all: a list that is refused hides some."""
    rows: list[Json] = []
    answers, whole = [first], True
    for _ in range(DEPTH):
        whole = whole and not any(isinstance(one, Answered) and one.status != 404 for one in answers)
        level = [row for page in answers if not isinstance(page, Answered) for row in _rows(graph, page)]
        rows += level
        parents = [quote(str(one["id"]), safe="") for one in level if one.get("childFolderCount")]
        if not parents:
            return rows, whole
        answers = graph.batch(
            [f"{home}/mailFolders/{id_}/childFolders?$select={FIELDS}&$top={PAGE}" for id_ in parents]
        )
    return rows, False


def _rows(graph: Graph, page: Json) -> Iterator[Json]:
    pages = [page, *(graph.pages(page["@odata.nextLink"]) if page.get("@odata.nextLink") else ())]
    for one in pages:
        yield from (row for row in one.get("value", ()) if isinstance(row, dict) and row.get("id"))
