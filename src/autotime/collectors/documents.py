"""Folders of documents: an edit is the difference between two looks at a file.

The cursor remembers what each file looked like. A file that changed since the last look was edited;
Word's own count of editing minutes, where it grew, is an upper bound for how long. A first look at a
file created and saved within one day sees that first session; an older file only that it was saved.

Looks that lie minutes apart see more: saves that follow each other become one session, and an owner file
tells since when a document is open, also when it is closed by the time of the save that is seen.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from autotime.collectors.files import must_be_there, regular_files, suddenly_empty
from autotime.collectors.glimpses import glimpse
from autotime.collectors.looks import (
    FOR_GOOD,
    GOES_ON,
    Look,
    Memory,
    is_news,
    new_key,
    superseded,
    to_be_read_again,
    unread,
)
from autotime.collectors.owners import Owners, is_owner, opened_at, owner_files
from autotime.collectors.properties import READABLE, Properties, Unreadable, properties
from autotime.collectors.sessions import COUNTING, Session, after_save
from autotime.domain.doors import CollectContext
from autotime.domain.evidence import Batch, Evidence, Fact, Kind, Participant, Quarantined, Role, SyncCursor
from autotime.domain.people import Timekeeper
from autotime.domain.untrusted import Untrusted
from autotime.intake import clean, untrusted

SIZE_CAP = 100 * 1024 * 1024
ELSEWHERE_WINDOWS = 0x0040_0000 | 0x1000
"""FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS and FILE_ATTRIBUTE_OFFLINE."""

ELSEWHERE_MAC = 0x4000_0000
"""SF_DATALESS."""

DAY = int(timedelta(days=1).total_seconds())


@dataclass(frozen=True, slots=True)
class DocumentsCollector:
    """``paths`` are folders; ``ignore`` are name patterns left out (``*.bak``)."""

    account: str
    paths: Sequence[Path]
    ignore: Sequence[str] = ()
    page: int = 200
    source: str = "documents"

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        looks: dict[str, Look] = json.loads(cursor.value) if cursor else {}
        files, owners = self._listed()
        suddenly_empty(self.account, looks, files, 1)
        memory = Memory(looks, frozenset(str(file) for _, file in files))
        changed = [(root, file) for root, file in files if _moved(file, looks.get(str(file)))]
        opened = {file: opened_at(file, owners, context.now) for _, file in files}
        news = _note_open(opened, {file for _, file in changed}, looks)
        for first in range(0, len(changed) or int(news), self.page):
            found: list[Evidence] = []
            bad: list[Quarantined] = []
            gone: list[str] = []
            for root, file in changed[first : first + self.page]:
                item = self._one(root, file, memory, opened[file], context, gone)
                if isinstance(item, Quarantined):
                    bad.append(item)
                elif item is not None and context.window.contains(item.at):
                    found.append(item)
            done = min(first + self.page, len(changed))
            cursor_now = SyncCursor(json.dumps(looks, sort_keys=True))
            yield Batch(tuple(found), cursor_now, tuple(gone), quarantined=tuple(bad), done=done, of=len(changed))

    @staticmethod
    def retry(cursor: SyncCursor) -> SyncCursor:
        """Files that could not be read are read again; what was seen of the documents is kept."""
        looks: dict[str, Look] = json.loads(cursor.value)
        again = {path: to_be_read_again(look) for path, look in looks.items()}
        return SyncCursor(json.dumps(again, sort_keys=True))

    def glimpse(self) -> str:
        """A digest of what a look would see: names, sizes and times, no contents. The same: nothing to read."""
        must_be_there(self.paths)
        return glimpse(self.paths, READABLE)

    def _listed(self) -> tuple[list[tuple[Path, Path]], Owners]:
        """Documents, each with the folder it was found under, and the owner files beside them."""
        files: list[tuple[Path, Path]] = []
        owners: dict[Path, int] = {}
        must_be_there(self.paths)
        for root in self.paths:
            inside = regular_files(root)
            folder, beside = (root.parent, owner_files(root)) if root.is_file() else (root, inside)
            files += [(folder, file) for file in inside if self._is_document(file)]
            owners |= {file: _mtime(file) // 1_000_000_000 for file in beside if is_owner(file) and file.exists()}
        return files, owners

    def _is_document(self, file: Path) -> bool:
        if file.suffix.lower() not in READABLE or file.name.startswith(("~$", ".")):
            return False
        return not any(file.match(pattern) for pattern in self.ignore)

    def _one(
        self, root: Path, file: Path, memory: Memory, opened: int, context: CollectContext, gone: list[str]
    ) -> Evidence | Quarantined | None:
        """What a look at one file says; ``gone`` gathers the keys that it supersedes."""
        name = clean(str(file.relative_to(root)), 300)
        try:
            state = file.stat()  # before it is read: what is saved meanwhile is news at the next look
        except OSError:
            return None
        try:
            said = _readable(file, state)
        except (Unreadable, OSError) as why:
            look = unread(memory.looks.get(str(file)), state, opened, for_good=state.st_size > SIZE_CAP)
            memory.put(str(file), look)
            reason = str(why) if isinstance(why, Unreadable) else "cannot be read"
            return Quarantined(name, reason) if look["unread"] == FOR_GOOD else None
        before, counted = memory.before(str(file), said), memory.counted(str(file), said)
        saved = _saved_at(said, int(state.st_mtime), context.now)
        look = _look(state, said, context.now, opened, before)
        memory.put(str(file), look)
        if before is not None and not _edited(before, said, saved):
            return None
        facts = _editing(said, saved, before, counted)
        if since := _open_at_save(saved, opened, before):
            facts["opened_at"] = since
        if _grown(said, saved, before, counted) > 0:
            look["grew"] = saved
        if before is None and _is_written(said) and _is_young(said, saved):
            look["born"] = said.created
            gone += superseded(name, look)
        own = _is_own(said, context.timekeeper)
        session = _session(saved, facts, before) if own and _is_written(said) else None
        return self._evidence(name, _key(name, look, saved, session), file, said, saved, facts, own, session)

    def _evidence(
        self,
        name: str,
        key: str,
        file: Path,
        said: Properties,
        saved: int,
        facts: dict[str, Fact],
        own: bool,
        session: Session | None,
    ) -> Evidence:
        """A save, or the session it continues: then under the name of the session's first save."""
        span = session.span if session else None
        if session and span:
            facts = {fact: facts[fact] for fact in ("created_at", "opened_at") if fact in facts} | {
                "saves": session.saves
            }
        facts |= {"file": clean(file.name, 200)} | ({"words": said.words} if said.words else {})
        return Evidence(
            account=self.account,
            source=self.source,
            key=key,
            kind=Kind.DOCUMENT,
            at=span.start if span else saved,
            span=span,
            own=own,
            thread=f"file:{name}",
            subject=Untrusted(said.title or clean(file.stem.replace("_", " "), 200)),
            body=Untrusted(said.text),
            place=untrusted(str(Path(name).parent) if str(Path(name).parent) != "." else "", 300),
            people=_people(said),
            facts=facts,
        )


def _moved(file: Path, before: Look | None) -> bool:
    """Whether the file is opened: it lies here, and is not as it was at the last look."""
    try:
        state = file.stat()
    except OSError:
        return False
    return is_here(state) and is_news(before, state)


def is_here(state: os.stat_result) -> bool:
    """A cloud folder shows files that are not on this disk; opening one would download it."""
    windows, mac = getattr(state, "st_file_attributes", 0), getattr(state, "st_flags", 0)
    return not (windows & ELSEWHERE_WINDOWS or mac & ELSEWHERE_MAC)


def _mtime(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


def _readable(file: Path, state: os.stat_result) -> Properties:
    if state.st_size > SIZE_CAP:
        raise Unreadable(f"larger than {SIZE_CAP >> 20} MB")
    return properties(file)


def _look(state: os.stat_result, said: Properties, now: int, opened: int, before: Look | None) -> Look:
    look: Look = {
        "size": state.st_size,
        "mtime": state.st_mtime_ns,
        "minutes": said.minutes,
        "revision": said.revision,
        "created": said.created,
        "modified": said.modified,
        "at": now,
    }
    if opened:
        look["open"] = opened
    return look | {key: (before or {})[key] for key in GOES_ON if key in (before or {})}


def _key(name: str, look: Look, saved: int, session: Session | None) -> str:
    """The name of a session that goes on, else a new one."""
    known = look.get("key") or f"{name}@{session.first if session else saved}"
    key = known if session and session.span else new_key(name, look, saved)
    if session:
        look["session"] = asdict(session)
        look["key"] = key if session.first == saved else known
    return key


def _saved_at(said: Properties, mtime: int, now: int) -> int:
    """The document's own word for when it was saved, else the file's; never the future."""
    return min(said.modified or mtime, now)


def _edited(before: Look, said: Properties, saved: int) -> bool:
    """Touched, copied or synchronised is not edited: the document itself must say something new."""
    if not said.modified:
        return True
    return (before.get("modified"), before.get("revision")) != (said.modified, said.revision) and saved > 0


def _editing(said: Properties, saved: int, before: Look | None, counted: int) -> dict[str, Fact]:
    """Minutes since the last look, or of the first session of a young document. Where a counter that runs
    did not move it was less than one."""
    facts: dict[str, Fact] = {"created_at": said.created} if said.created else {}
    grown = _grown(said, saved, before, counted)
    if grown > 0:
        facts["edit_minutes"] = grown
    if before is None:
        return facts
    if grown == 0 and 0 <= saved - int(before.get("grew", 0)) < COUNTING:
        facts["edit_minutes"] = 1
    if 0 < int(before.get("at", 0)) < saved:
        facts["observed_from"] = int(before["at"])
    saves = said.revision - int(before.get("revision", 0))
    if before.get("created") == said.created and saves > 0:
        facts["revision_delta"] = saves
    return facts


def _is_young(said: Properties, saved: int) -> bool:
    return said.created > 0 and 0 <= saved - said.created < DAY


def _grown(said: Properties, saved: int, before: Look | None, counted: int) -> int:
    """Minutes the document's own count grew by; -1 where that says nothing. All of them for a young document, but
    those that were ``counted`` in the one it is a copy of."""
    if before is None:
        return said.minutes - max(counted, 0) if _is_young(said, saved) else -1
    same = before.get("created") == said.created and said.minutes >= 0 and int(before.get("minutes", -1)) >= 0
    return max(said.minutes - int(before["minutes"]), -1) if same else -1


def _session(saved: int, facts: Mapping[str, Fact], before: Look | None) -> Session:
    """The session this save belongs to."""
    known = (before or {}).get("session")
    floor = max(int(facts.get("created_at", 0)), int((before or {}).get("modified", 0)))
    return after_save(
        Session(**known) if known else None,
        saved,
        saves=max(int(facts.get("revision_delta", 1)), 1),
        counted=int(facts["edit_minutes"]) * 60 if "edit_minutes" in facts else -1,
        opened=int(facts.get("opened_at", 0)),
        floor=min(floor, saved),
    )


def _is_written(said: Properties) -> bool:
    """Whether a program counts its saves or its minutes; a PDF is exported, not written."""
    return said.revision > 0 or said.minutes >= 0


def _is_own(said: Properties, timekeeper: Timekeeper) -> bool:
    """Last saved by the timekeeper, by name or initials; a document that names nobody lies in the
    timekeeper's own folder and counts as theirs."""
    name = (said.last_modified_by or said.creator).casefold()
    if not name or name == "python-docx":
        return True
    if timekeeper.last.casefold() in name.split() or timekeeper.last.casefold() in name.replace(",", " ").split():
        return not timekeeper.first or timekeeper.first[:1].casefold() in {part[:1] for part in name.split()}
    return name in {timekeeper.id.casefold(), timekeeper.initials.casefold(), *timekeeper.emails}


def _people(said: Properties) -> tuple[Participant, ...]:
    names = dict.fromkeys(name for name in (said.last_modified_by, said.creator) if name)
    return tuple(Participant(Role.AUTHOR, "", Untrusted(name)) for name in names)


def _note_open(opened: dict[Path, int], changed: set[Path], looks: dict[str, Look]) -> bool:
    """Remembers, of documents that were not saved, since when each is open; whether that is news."""
    news = False
    for file, since in opened.items():
        look = looks.get(str(file))
        if look is not None and file not in changed and look.get("open", 0) != since:
            look["open"] = since
            news = True
    return news


def _open_at_save(saved: int, opened: int, before: Look | None) -> int:
    """Since when it was open when it was saved: as it is now, or was at the last look, if it is closed by now.
    An owner file that is a day older than the save survived a crash: nobody writes for a day."""
    known = (opened, int((before or {}).get("open", 0)))
    return next((since for since in known if saved - DAY < since < saved), 0)
