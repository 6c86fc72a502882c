"""Mails fetched from a server and read: small ones whole, of large ones headers and texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from autotime.collectors.bodyparts import section, without_attachments
from autotime.collectors.mailserver import LATER, SaidNo, Server
from autotime.collectors.messages import Where, quarantined, read
from autotime.domain.errors import SourceUnavailable
from autotime.domain.evidence import Evidence, Quarantined

SMALL = 256 * 1024
"""Bytes up to which a mail is fetched as it is; of a larger one, only its headers and texts."""

AT_ONCE = 4 * 1024 * 1024
HEADER_BYTES = 64 * 1024
OF_TEXT = {"words_new", "words_quoted", "attachments", "attachment_names"}

Said = Mapping[bytes, Any] | None
"""What the server said of one mail; ``None`` where it refused."""


def items(server: Server, uids: Sequence[int], where: Where, *, text: bool) -> Iterator[Evidence | Quarantined]:
    """The mails of the folder that is open; those that are gone are missing."""
    for uid, said in _told(server, uids, text):
        item = _item(said, uid, where, text=text)
        if item is not None:
            yield item


def _told(server: Server, uids: Sequence[int], text: bool) -> Iterator[tuple[int, Said]]:
    if not text:
        yield from _fetched(server, uids, ["INTERNALDATE", f"BODY.PEEK[HEADER]<0.{HEADER_BYTES}>"]).items()
        return
    sizes = _fetched(server, uids, ["INTERNALDATE", "RFC822.SIZE"])
    for some in _groups(sizes):
        whole = _size(sizes[some[0]]) <= SMALL
        for uid, said in (_fetched(server, some, ["BODY.PEEK[]"]) if whole else _large(server, some)).items():
            yield uid, None if said is None else {**(sizes[uid] or {}), **said}


def _fetched(server: Server, uids: Sequence[int], wanted: Sequence[str]) -> dict[int, Said]:
    """Mails by number. One that the server cannot give stops no other, and one that is gone is missing; but
    a server that gives none of several is in trouble itself."""
    found = _divided(server, uids, wanted)
    if len(uids) > 1 and found and not any(found.values()):
        raise SourceUnavailable(f"{server.host} gives no mail", hint="the next run tries again")
    return found


def _divided(server: Server, uids: Sequence[int], wanted: Sequence[str]) -> dict[int, Said]:
    try:
        said = server.fetch(uids, wanted)
        return {uid: said[uid] for uid in uids if uid in said}
    except SaidNo as no:
        if no.code in LATER:
            raise
    if len(uids) == 1:
        return {uids[0]: None}
    half = len(uids) // 2
    return _divided(server, uids[:half], wanted) | _divided(server, uids[half:], wanted)


def _large(server: Server, uids: Sequence[int]) -> dict[int, Said]:
    found: dict[int, Said] = {}
    for uid in uids:
        try:
            found[uid] = {b"BODY[]": without_attachments(partial(_ask, server, uid))}
        except SaidNo as no:
            if no.code in LATER:
                raise
            found[uid] = None
    return found


def _ask(server: Server, uid: int, wanted: Sequence[str]) -> Mapping[bytes, Any]:
    return server.fetch([uid], wanted).get(uid, {})


def _size(said: Said) -> int:
    size = (said or {}).get(b"RFC822.SIZE", 0)
    return size if isinstance(size, int) else 0


def _groups(sizes: Mapping[int, Said]) -> Iterator[list[int]]:
    """Numbers to fetch together: small mails up to a few megabytes, large ones alone."""
    group: list[int] = []
    weight = 0
    for uid, said in sizes.items():
        size = _size(said)
        if group and (size > SMALL or weight + size > AT_ONCE):
            yield group
            group, weight = [], 0
        group, weight = [*group, uid], weight + size
        if size > SMALL:
            yield group
            group, weight = [], 0
    if group:
        yield group


def _item(said: Said, uid: int, where: Where, *, text: bool) -> Evidence | Quarantined | None:
    """What one mail is; ``None`` where it is gone."""
    if said is None:
        return quarantined(str(uid).encode(), where.folder, "the server cannot give it")
    raw = section(said, "" if text else "HEADER").replace(b"\r\n", b"\n")  # as files have it: caps count bytes
    if not raw:
        return None
    came = said.get(b"INTERNALDATE")
    item = read(raw, replace(where, envelope=came.astimezone(UTC).ctime()) if isinstance(came, datetime) else where)
    return item if text or isinstance(item, Quarantined) else _without_text(item)


def _without_text(item: Evidence) -> Evidence:
    """Of headers alone nobody can say how many words there are."""
    return replace(item, facts={name: value for name, value in item.facts.items() if name not in OF_TEXT})
