"""What CalDAV is asked and how its answers are read (RFC 4918, 4791, 6578, 6764).

Answers are XML that somebody else wrote: it goes through defusedxml, and whatever is no multistatus is not
believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin
from xml.sax.saxutils import escape

from autotime.domain.errors import SourceUnavailable
from autotime.domain.spans import Span

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

DAV, CAL, SERVER = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}", "{http://calendarserver.org/ns/}"
NAMESPACES = 'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"'
HEAD = '<?xml version="1.0" encoding="utf-8"?>'
RESPONSES_CAP = 200_000

WHO = "<d:current-user-principal/><c:calendar-home-set/><d:resourcetype/>"
WHICH = "<d:resourcetype/><d:displayname/><c:supported-calendar-component-set/><d:sync-token/><d:supported-report-set/>"


def propfind(props: str) -> bytes:
    return f"{HEAD}<d:propfind {NAMESPACES}><d:prop>{props}</d:prop></d:propfind>".encode()


def query(window: Span) -> bytes:
    """The names and marks of resources with an event in the window."""
    begins = f' start="{_stamp(window.start)}"' if window.start >= 86_400 else ""
    return (
        f"{HEAD}<c:calendar-query {NAMESPACES}><d:prop><d:getetag/></d:prop><c:filter>"
        '<c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">'
        f'<c:time-range{begins} end="{_stamp(window.end)}"/>'
        "</c:comp-filter></c:comp-filter></c:filter></c:calendar-query>"
    ).encode()


def multiget(hrefs: Iterable[str]) -> bytes:
    named = "".join(f"<d:href>{escape(href)}</d:href>" for href in hrefs)
    return (
        f"{HEAD}<c:calendar-multiget {NAMESPACES}><d:prop><d:getetag/><c:calendar-data/></d:prop>"
        f"{named}</c:calendar-multiget>"
    ).encode()


def sync(token: str) -> bytes:
    return (
        f"{HEAD}<d:sync-collection {NAMESPACES}><d:sync-token>{escape(token)}</d:sync-token>"
        "<d:sync-level>1</d:sync-level><d:prop><d:getetag/></d:prop></d:sync-collection>"
    ).encode()


def _stamp(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y%m%dT%H%M%SZ")


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer says of one resource: its path, its status (200 unless it is gone or refused), and the
    properties that were found. ``sets`` are the names of the elements inside a property."""

    href: str
    status: int
    texts: dict[str, str] = field(default_factory=dict, repr=False)
    hrefs: dict[str, list[str]] = field(default_factory=dict, repr=False)
    sets: dict[str, set[str]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Multistatus:
    told: Sequence[Told]
    token: str = ""


def read(body: bytes, path: str) -> Multistatus:
    """An answer to a request at ``path``; ``SourceUnavailable`` where it is none."""
    root = _root(body)
    if root is None or root.tag != f"{DAV}multistatus" or len(root) > RESPONSES_CAP:
        raise SourceUnavailable("the answer is no WebDAV", hint="check the source's url; autotime doctor")
    told = [_told(response, path) for response in root.iter(f"{DAV}response")]
    return Multistatus([one for one in told if one.href], (root.findtext(f"{DAV}sync-token") or "").strip())


def _root(body: bytes) -> Element | None:
    from defusedxml import ElementTree  # noqa: PLC0415 - only calendar servers need it
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415

    try:
        found: Element = ElementTree.fromstring(body, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
        return None
    return found


def _told(response: Element, path: str) -> Told:
    href = urljoin(path, (response.findtext(f"{DAV}href") or "").strip())
    status = _status(response.findtext(f"{DAV}status"))
    told = Told(href, status or 200)
    for found in response.findall(f"{DAV}propstat"):
        if _status(found.findtext(f"{DAV}status")) in (200, 0):
            for prop in found.iterfind(f"{DAV}prop/*"):
                _note(told, prop, path)
    return told


def _note(told: Told, prop: Element, path: str) -> None:
    name = str(prop.tag)
    told.texts[name] = prop.text or ""
    told.hrefs[name] = [urljoin(path, (one.text or "").strip()) for one in prop.iter(f"{DAV}href") if one.text]
    told.sets[name] = {str(one.tag) for one in prop.iter() if one is not prop} | {
        one.get("name", "").upper() for one in prop.iter(f"{CAL}comp")
    }


def _status(line: str | None) -> int:
    """The number in ``HTTP/1.1 404 Not Found``; 0 where there is none."""
    words = (line or "").split()
    return int(words[1]) if len(words) > 1 and words[1].isascii() and words[1].isdigit() and len(words[1]) == 3 else 0
