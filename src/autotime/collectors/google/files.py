"""Files the timekeeper worked on, as sessions.

Drive Activity is the main source; for files it does not tell of (lent by others, or where it was not
granted) the versions are, and at least the time of the last own change. All go into one timeline a file,
so nothing counts twice. Each run reads the last two days again, for what came late, and remembers the
saves of five weeks: what Google merges or forgets in the meantime stays. A file that was saved earlier and
told late is read again from a day before. A file whose own change lies before all that is remembered is not:
somebody else changed it since, and what Google left of its versions would look like other sessions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autotime.collectors.edits import PAUSE, Session, key_of
from autotime.collectors.google import activity, drive
from autotime.collectors.google.refusals import Missing
from autotime.collectors.google.service import Google
from autotime.collectors.google.sessions import File, evidence_of, remembered, told
from autotime.collectors.parts import Page, State
from autotime.domain.doors import CollectContext
from autotime.domain.evidence import Evidence, Gap, Quarantined
from autotime.domain.spans import Span
from autotime.web import Answered

DAY = 86_400
AGAIN = 2 * DAY
REMEMBERED = 35 * DAY
FIRST = 35 * DAY
"""How far a first reading looks back where nobody says."""


def read(google: Google, state: State, context: CollectContext) -> Iterator[Page]:
    """Sessions of files; ``Missing`` where neither Drive nor Drive Activity may be asked."""
    yield from _Reading(google, state, context).pages()


class _Reading:
    """``files`` are those with saves that are known, of this run and of the last days before it."""

    def __init__(self, google: Google, state: State, context: CollectContext) -> None:
        self.google, self.context = google, context
        self.before: dict[str, Any] = dict(state.get("saves", {}))
        self.files = remembered(self.before)
        self.sessions = {name: set(file.sessions()) for name, file in self.files.items()}
        """Those that were given; a file that has another name now gives none of them again."""
        self.feeds: dict[str, str] = dict(state.get("feeds", {}))
        self.until = int(state.get("until", 0))
        self.earliest = context.window.start or max(0, context.now - FIRST)
        """From when files are listed, where no feed tells what changed."""
        again = max(context.window.start, min(self.until, context.now) - AGAIN)
        self.since = again if self.until else self.earliest
        """From when this run reads: what is older was read."""
        self.gaps: list[Gap] = []
        self.bad: list[Quarantined] = []

    def pages(self) -> Iterator[Page]:
        """A page before the last remembers no more than what it and those before it gave."""
        changed = self._touched()
        news = self._acts(changed.files, changed.feeds) | self._others(changed.files)
        saves = dict(self.before)
        for names in _chunks(sorted(news), max(1, self.google.page // 4)):
            saves |= told(self.files[name] for name in names)
            state = {"feeds": self.feeds, "until": self.until, "saves": dict(saves)}
            yield Page(state=state, evidence=tuple(self._given(names)))
        yield Page(
            state={"feeds": changed.feeds, "until": self.context.now, "saves": self._remembered()},
            withdrawn=tuple(sorted(self._gone())),
            quarantined=(*changed.bad, *self.bad),
            gaps=tuple(self.gaps),
        )

    def _touched(self) -> drive.Touched:
        try:
            return drive.touched(self.google, self.feeds, self.earliest)
        except Missing as missing:
            self.gaps.append(Gap("list of changed files", str(missing), missing.hint))
            return drive.Touched(feeds=self.feeds)

    def _acts(self, touched: dict[str, File], feeds: dict[str, str]) -> set[str]:
        """Takes in what Drive Activity tells; the ids of files with a save that was not known."""
        places = [activity.MY_DRIVE, *(activity.in_drive(name) for name in feeds if name)]
        try:
            news = {name for place in places for name in self._take(place, touched)}
            alone = self._unread(touched)
            return news.union(*(self._take(activity.on_file(file.id), touched, self._edge(file)) for file in alone))
        except Missing as missing:
            if self.gaps:
                raise
            self.gaps.append(Gap("edit sessions (Drive Activity)", str(missing), missing.hint))
            return set()

    def _edge(self, file: File) -> int:
        """From when the saves of a file are all known; earlier where it was saved long before it was told."""
        return max(0, min(self.since, file.touched - DAY)) if file.touched else self.since

    def _take(self, below: dict[str, str], touched: dict[str, File], since: int = 0) -> set[str]:
        news = set()
        window = Span(since or self.since, self.context.now + DAY)
        try:
            for act in activity.read(self.google, below, window):
                if isinstance(act, Quarantined):
                    self.bad.append(act)
                    continue
                file = self._known(touched.get(act.id, act))
                if not act.saves <= file.saves:
                    file.saves |= act.saves
                    news.add(file.id)
        except Answered as refused:
            if refused.status not in (403, 404):
                raise
        return news

    def _others(self, touched: dict[str, File]) -> set[str]:
        """Versions of the files that nothing else tells enough of."""
        found = self._unread(touched)
        drive.versions(self.google, found, self._edge)
        return {file.id for file in found}

    def _unread(self, touched: dict[str, File]) -> list[File]:
        """Files with a change of the timekeeper's own that is not known, and would be if it had been read."""
        files = [self._known(file) for file in touched.values()]
        return [file for file in files if not file.covered() and file.touched >= self.until - REMEMBERED]

    def _known(self, said: File) -> File:
        """The file with all its saves; its name and place are what was told last."""
        file = self.files.setdefault(said.id, File(said.id))
        file.name, file.mime = said.name or file.name, said.mime or file.mime
        file.drive, file.touched = said.drive or file.drive, max(said.touched, file.touched)
        return file

    def _given(self, names: list[str]) -> Iterator[Evidence]:
        for file in (self.files[name] for name in names):
            before = self.sessions.get(file.id, set())
            for session in (one for one in file.sessions() if one not in before):
                if self.context.window.contains(session.start) and not self._is_cut(file, session):
                    yield evidence_of(file, session, self.google.account, self.context.timekeeper)

    def _is_cut(self, file: File, session: Session) -> bool:
        """Whether a session may have begun before the edge of what was read of a file that was told late."""
        edge = self._edge(file)
        return edge < self.since and session.start < edge + PAUSE

    def _gone(self) -> Iterator[str]:
        """Sessions that begin at another time now."""
        for name, before in self.sessions.items():
            starts = {one.start for one in before} - {one.start for one in self.files[name].sessions()}
            yield from (key_of(name, start) for start in starts)

    def _remembered(self) -> dict[str, Any]:
        return told(file.since(self.context.now - REMEMBERED) for file in self.files.values())


def _chunks(names: list[str], size: int) -> Iterator[list[str]]:
    """So many files at once; each has a few sessions."""
    for first in range(0, len(names), size):
        yield names[first : first + size]
