"""Folders of documents: an edit is the difference between two looks at a file.

The cursor remembers what each file looked like. A file that changed since the last look was edited;
Word's own count of editing minutes, where it grew, is an upper bound for how long. A first look at a
file created and saved within one day sees that first session; an older file only that it was saved.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from autotime.collectors.files import regular_files, suddenly_empty
from autotime.collectors.properties import READABLE, Properties, Unreadable, properties
from autotime.domain.doors import CollectContext
from autotime.domain.errors import SourceUnavailable
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
Look = dict[str, Any]
"""What a file looked like: size, mtime, minutes, revision, created, and when it was looked at."""


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
        files = list(self._files())
        suddenly_empty(self.account, looks, files, 1)
        changed = [(root, file) for root, file in files if _moved(file, looks.get(str(file)))]
        opened = {file: _opened_at(file) for _, file in changed}
        for first in range(0, len(changed), self.page):
            found: list[Evidence] = []
            bad: list[Quarantined] = []
            for root, file in changed[first : first + self.page]:
                item = self._one(root, file, looks, opened[file], context)
                if isinstance(item, Quarantined):
                    bad.append(item)
                elif item is not None and context.window.contains(item.at):
                    found.append(item)
            done = min(first + self.page, len(changed))
            cursor_now = SyncCursor(json.dumps(looks, sort_keys=True))
            yield Batch(tuple(found), cursor_now, quarantined=tuple(bad), done=done, of=len(changed))

    def _files(self) -> Iterator[tuple[Path, Path]]:
        for root in self.paths:
            if not root.exists():
                raise SourceUnavailable(f"there is no {root}", hint="check the source's paths in the settings")
            for file in regular_files(root):
                if self._is_document(file):
                    yield (root if root.is_dir() else root.parent), file

    def _is_document(self, file: Path) -> bool:
        if file.suffix.lower() not in READABLE or file.name.startswith(("~$", ".")):
            return False
        return not any(file.match(pattern) for pattern in self.ignore)

    def _one(
        self, root: Path, file: Path, looks: dict[str, Look], opened: int, context: CollectContext
    ) -> Evidence | Quarantined | None:
        before = looks.get(str(file)) if "at" in looks.get(str(file), {}) else None
        name = clean(str(file.relative_to(root)), 300)
        try:
            state = file.stat()
            if state.st_size > SIZE_CAP:
                raise Unreadable(f"larger than {SIZE_CAP >> 20} MB")
            said = properties(file)
        except (Unreadable, OSError) as why:
            looks[str(file)] = {"size": _size(file), "mtime": _mtime(file)}
            return Quarantined(name, str(why) if isinstance(why, Unreadable) else "cannot be read")
        saved = _saved_at(said, int(state.st_mtime), context.now)
        looks[str(file)] = _look(state.st_size, _mtime(file), said, context.now)
        if before is not None and not _edited(before, said, saved):
            return None
        return self._evidence(name, file, said, saved, before, opened, context.timekeeper)

    def _evidence(
        self,
        name: str,
        file: Path,
        said: Properties,
        saved: int,
        before: Look | None,
        opened: int,
        timekeeper: Timekeeper,
    ) -> Evidence:
        facts: dict[str, Fact] = {"file": clean(file.name, 200)}
        facts |= _editing(said, saved, before)
        if saved - DAY < opened < saved:
            facts["opened_at"] = opened
        if said.words:
            facts["words"] = said.words
        return Evidence(
            account=self.account,
            source=self.source,
            key=f"{name}@{saved}",
            kind=Kind.DOCUMENT,
            at=saved,
            own=_is_own(said, timekeeper),
            thread=f"file:{name}",
            subject=Untrusted(said.title or clean(file.stem.replace("_", " "), 200)),
            body=Untrusted(said.text),
            place=untrusted(str(Path(name).parent) if str(Path(name).parent) != "." else "", 300),
            people=_people(said),
            facts=facts,
        )


def _moved(file: Path, before: Look | None) -> bool:
    """Size or time differ from the last look: only then is the file opened."""
    try:
        state = file.stat()
    except OSError:
        return False
    if not is_here(state):
        return False
    return before is None or (before["size"], before["mtime"]) != (state.st_size, state.st_mtime_ns)


def is_here(state: os.stat_result) -> bool:
    """A cloud folder shows files that are not on this disk; opening one would download it."""
    windows, mac = getattr(state, "st_file_attributes", 0), getattr(state, "st_flags", 0)
    return not (windows & ELSEWHERE_WINDOWS or mac & ELSEWHERE_MAC)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _mtime(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


def _look(size: int, mtime: int, said: Properties, now: int) -> Look:
    return {
        "size": size,
        "mtime": mtime,
        "minutes": said.minutes,
        "revision": said.revision,
        "created": said.created,
        "modified": said.modified,
        "at": now,
    }


def _saved_at(said: Properties, mtime: int, now: int) -> int:
    """The document's own word for when it was saved, else the file's; never the future."""
    return min(said.modified or mtime, now)


def _edited(before: Look, said: Properties, saved: int) -> bool:
    """Touched, copied or synchronised is not edited: the document itself must say something new."""
    if not said.modified:
        return True
    return (before.get("modified"), before.get("revision")) != (said.modified, said.revision) and saved > 0


def _editing(said: Properties, saved: int, before: Look | None) -> dict[str, Fact]:
    """Minutes since the last look, or of the first session of a young document."""
    facts: dict[str, Fact] = {}
    if said.created:
        facts["created_at"] = said.created
    if before is None:
        young = said.created and 0 <= saved - said.created < DAY
        if young and said.minutes > 0:
            facts["edit_minutes"] = said.minutes
        return facts
    if 0 < int(before.get("at", 0)) < saved:
        facts["observed_from"] = int(before["at"])
    same = before.get("created") == said.created
    grown = said.minutes - int(before.get("minutes", -1))
    if same and said.minutes >= 0 and int(before.get("minutes", -1)) >= 0 and grown > 0:
        facts["edit_minutes"] = grown
    saves = said.revision - int(before.get("revision", 0))
    if same and saves > 0:
        facts["revision_delta"] = saves
    return facts


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


def _opened_at(file: Path) -> int:
    """When Word's or LibreOffice's owner file beside the document appeared, if it is open now. One
    that is older than a day survived a crash."""
    owners = (f"~${file.name[2:]}", f"~${file.name}", f".~lock.{file.name}#")
    for owner in owners:
        since = _mtime(file.with_name(owner)) // 1_000_000_000
        if since:
            return since
    return 0
