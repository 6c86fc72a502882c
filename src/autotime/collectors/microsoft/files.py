"""Files the timekeeper saved in OneDrive, as sessions of work.

The drive's delta says which files changed; the versions of those say who saved them when. Saves of the
timekeeper that follow each other closely are one session, a save alone is a point; what others saved is
not the timekeeper's work, and is left out::

    versions   a   a     p   a                  a         a: the timekeeper, p: somebody else
    sessions   [=============)                  a
                              ← a gap of 20 min →

A label, a share or a move changes a file and makes no version: it gives nothing. A file that is gone
withdraws nothing: it was worked on. Histories are trimmed, so the saves of the last weeks are remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from autotime.collectors.edits import PAUSE, Session, evidence_of, key_of
from autotime.collectors.microsoft.graph import Graph, Json
from autotime.collectors.microsoft.parts import Me, instant, nobody, quarantined, utc
from autotime.collectors.parts import Page, State
from autotime.domain.doors import CollectContext
from autotime.domain.errors import CursorExpired, SuddenlyEmpty
from autotime.domain.evidence import Evidence, Gap, Quarantined
from autotime.web import Answered

LATELY = 35 * 86_400
"""How long saves are remembered, and how far back a drive is read that was never read before."""

ABOUT = {"$select": "id,folder"}
VERSIONS = "$select=id,lastModifiedDateTime,lastModifiedBy"
HELP = "the administrator grants Files.Read (of the firm's app: Files.Read.All, or Sites.Selected)"


def sessions(saves: Iterable[int], pause: int = PAUSE) -> list[Session]:
    """Saves of one file that follow each other within ``pause`` seconds belong together."""
    runs: list[list[int]] = []
    for save in sorted(set(saves)):
        if not runs or save > runs[-1][-1] + pause:
            runs.append([])
        runs[-1].append(save)
    return [Session(run[0], run[-1], len(run)) for run in runs]


def read(graph: Graph, state: State, context: CollectContext, me: Me, pause: int = PAUSE) -> Iterator[Page]:
    """The files that changed since the last time, page by page. Whose saves they are must be known: what was
    passed over by its link never comes again."""
    if not me.known:
        yield Page(state=state, gaps=(nobody("files"),))
        return
    yield from _Reading(graph, state, context, me, pause).pages()


class _Reading:
    """``saves`` are the timekeeper's own, by item: those of this run and of the last weeks."""

    def __init__(self, graph: Graph, state: State, context: CollectContext, me: Me, pause: int) -> None:
        self.graph, self.context, self.me, self.pause = graph, context, me, pause
        self.link = str(state.get("link", ""))
        self.saves = self._lately(state.get("saves", {}))
        self.horizon = max(context.window.start, context.now - LATELY)
        self.gaps: list[Gap] = []

    def pages(self) -> Iterator[Page]:
        for page in self._changes():
            found: list[Evidence] = []
            withdrawn: list[str] = []
            files, bad = self._files(page["value"])
            self._refuse_emptiness(page["value"], files)
            for file, versions in self._versions(files):
                given, superseded = self._sessions(file, versions)
                found += given
                withdrawn += superseded
            yield Page(
                state=self._state(page),
                evidence=tuple(found),
                withdrawn=tuple(withdrawn),
                quarantined=tuple(bad),
                gaps=tuple(self.gaps),
            )

    def _changes(self) -> Iterator[Json]:
        """From the saved link; where that is gone, from the place the service names, or from a date."""
        if not self.link:
            yield from self._since()
            return
        try:
            yield from self.graph.pages(self.link)
        except (CursorExpired, Answered) as gone:
            if isinstance(gone, Answered) and gone.status not in (400, 404, 410):
                raise
            elsewhere = gone.answer.headers.get("location", "") if isinstance(gone, Answered) else ""
            yield from self.graph.pages(elsewhere) if elsewhere else self._since()

    def _since(self) -> Iterator[Json]:
        """OneDrive for business takes a date for a token; where none is taken, everything is listed."""
        drive = f"{self.me.home}/drive/root/delta"
        try:
            yield from self.graph.pages(drive, {"token": utc(self.horizon)})
        except (CursorExpired, Answered) as refused:
            if isinstance(refused, Answered) and refused.status not in (400, 410):
                raise
            yield from self.graph.pages(drive)

    def _files(self, rows: Iterable[Any]) -> tuple[list[Json], list[Quarantined]]:
        """Files that changed lately, the last word on each; folders and what is gone say nothing."""
        files: dict[str, Json] = {}
        bad: list[Quarantined] = []
        for row in rows:
            try:
                files.pop(row["id"], None)
                if "file" in row and "deleted" not in row and instant(row["lastModifiedDateTime"]) >= self.horizon:
                    files[row["id"]] = row
            except (KeyError, TypeError, ValueError, OverflowError) as broken:
                bad.append(quarantined("edit", row, f"a file that cannot be read ({type(broken).__name__})"))
        return list(files.values()), bad

    def _refuse_emptiness(self, rows: Iterable[Any], files: list[Json]) -> None:
        """A drive that held files and has none at all is more likely broken than tidied up."""
        gone = [row for row in rows if isinstance(row, dict) and ("deleted" in row or "root" in row)]
        if not self.saves or files or not gone:
            return
        tops = [row for row in gone if "root" in row] or [self.graph.get(f"{self.me.home}/drive/root", ABOUT)]
        if (tops[-1].get("folder") or {}).get("childCount") == 0:
            raise SuddenlyEmpty(
                f"the OneDrive of «{self.me.account}» held files and is empty now",
                kept="everything collected from it",
                hint="look at OneDrive; if it is right, wait some weeks, or remove the source and add it again",
            )

    def _versions(self, files: list[Json]) -> Iterator[tuple[Json, list[Json]]]:
        """Each file with its versions, newest first, as far back as is asked for."""
        paths = [f"{self.me.home}/drive/items/{quote(str(file['id']), safe='!')}/versions?{VERSIONS}" for file in files]
        for file, answer in zip(files, self.graph.batch(paths), strict=True):
            if isinstance(answer, Answered):
                self._unread(answer)
                continue
            yield file, list(self._following(answer))

    def _following(self, answer: Json) -> Iterator[Json]:
        """All versions, but of a long history not those before what is asked for."""
        link = answer.get("@odata.nextLink")
        for page in chain([answer], self.graph.pages(link) if link else ()):
            rows = [row for row in page.get("value", ()) if isinstance(row, dict)]
            yield from rows
            if rows and not self._recent(rows[-1]):
                return

    def _unread(self, refused: Answered) -> None:
        """A file that is gone by now says nothing; whose versions may not be read is a gap."""
        if refused.status not in (403, 404):
            raise refused
        if refused.status == 403 and not self.gaps:
            self.gaps.append(Gap("versions of files", str(refused), HELP))

    def _recent(self, version: Any) -> bool:
        try:
            return instant(version["lastModifiedDateTime"]) >= self.horizon
        except (KeyError, TypeError, ValueError, OverflowError):
            return False

    def _sessions(self, file: Json, versions: Iterable[Json]) -> tuple[list[Evidence], list[str]]:
        """The sessions with a save that was not known, and the keys of those that grew into another."""
        known = self.saves.get(file["id"], [])
        saves = sorted({*known, *self._own(versions)})
        before = {one.start for one in sessions(known, self.pause)}
        now = sessions(saves, self.pause)
        self.saves[file["id"]] = saves
        fresh = set(saves) - set(known)
        given = [
            self._evidence(file, one)
            for one in now
            if self.context.window.contains(one.start) and any(one.start <= save <= one.end for save in fresh)
        ]
        return given, [key_of(file["id"], start) for start in sorted(before - {one.start for one in now})]

    def _own(self, versions: Iterable[Json]) -> Iterator[int]:
        for version in versions:
            if self.me.is_in(version.get("lastModifiedBy")) and self._recent(version):
                yield instant(version["lastModifiedDateTime"])

    def _evidence(self, file: Json, session: Session) -> Evidence:
        name = str(file.get("name") or "")
        return evidence_of(
            session,
            account=self.me.account,
            source="microsoft",
            file=str(file["id"]),
            name=name,
            title=PurePath(name).stem,
            timekeeper=self.context.timekeeper,
        )

    def _state(self, page: Json) -> State:
        """The link to go on from, once it is known to lead to Graph, and whole sessions of the last weeks."""
        link = page.get("@odata.nextLink") or page.get("@odata.deltaLink") or self.link
        self.graph.web.url(link, None)
        return {"link": link, "saves": self._lately(self.saves)}

    def _lately(self, saves: Mapping[str, list[int]]) -> dict[str, list[int]]:
        kept = {name: self._kept(theirs) for name, theirs in saves.items()}
        return {name: theirs for name, theirs in kept.items() if theirs}

    def _kept(self, saves: list[int]) -> list[int]:
        recent = [one for one in sessions(saves, self.pause) if one.end >= self.context.now - LATELY]
        return [save for save in saves if recent and save >= recent[0].start]
