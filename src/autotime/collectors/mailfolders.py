"""The folders of a mailbox: which are read, and under which names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autotime.collectors.mailserver import Listed
from autotime.collectors.messages import SENT_FOLDERS
from autotime.intake import clean

NO_WORK = {"\\drafts", "\\junk", "\\trash", "\\flagged", "\\important"}
"""Folders that are left out: nobody's work, or views of mail that lies in another."""

NAMED_SO = {
    "drafts", "entwürfe", "brouillons", "borradores", "junk", "junk e-mail", "junk email", "spam", "bulk mail",
    "trash", "bin", "deleted items", "deleted messages", "papierkorb", "gelöschte elemente", "corbeille",
}  # fmt: skip
"""Their names where the server does not say what a folder is for."""

CLOSED = {"\\noselect", "\\nonexistent"}


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that is read, and what its mails' ``place`` is."""

    listed: Listed
    place: str


def readable(listed: Sequence[Listed]) -> Iterator[Folder]:
    told = any("\\sent" in one.flags for one in listed)
    for one in listed:
        if not one.flags & CLOSED:
            yield Folder(one, _place(one, told))


def _place(one: Listed, told: bool) -> str:
    """The folder's name, the well-known ones under the names they have everywhere."""
    levels = one.levels
    if levels[0].casefold() == "inbox":
        levels[0] = "Inbox"
    if "\\sent" in one.flags or (not told and levels[-1].casefold() in SENT_FOLDERS):
        return "Sent"
    return clean("/".join(levels), 300) or "unnamed"


def names_of(folder: Folder) -> set[str]:
    """What a person may call it."""
    return {folder.place.casefold(), "/".join(folder.listed.levels).casefold(), folder.listed.raw.casefold()}


def is_left_out(one: Listed, listed: Sequence[Listed]) -> bool:
    """It, or a folder it lies in, is of no work."""
    return any(_is_no_work(other) for other in listed if other is one or _lies_in(one, other))


def _lies_in(one: Listed, other: Listed) -> bool:
    return bool(other.parting) and one.raw.startswith(other.raw + other.parting)


def _is_no_work(one: Listed) -> bool:
    return bool(one.flags & NO_WORK) or one.levels[-1].casefold() in NAMED_SO
