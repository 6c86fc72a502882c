"""Where a token may go: to what lies under the root it was issued for, and nowhere else.

A link is looked at twice, as text and as the address that would be sent, because readers of addresses
disagree about backslashes, userinfo, letters that look alike and steps upwards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import SplitResult, unquote, urlencode, urlsplit

import httpx2

from autotime.domain.errors import Misused

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PORTS = {"http": 80, "https": 443}

Params = Mapping[str, str | int]


def checked_root(root: str) -> str:
    """An API root without its last slash; ``Misused`` unless it is https, or http to this machine itself."""
    if not _can_be_a_root(root):
        shown = "it" if "@" in root else f"«{root[:80]}»"
        raise Misused(
            f"{shown} cannot be a service's address: it must begin with https:// and hold no name, password, ? or #",
            hint="plain http is for a server on this machine: http://127.0.0.1:PORT",
        )
    return root.rstrip("/")


def _can_be_a_root(root: str) -> bool:
    try:
        parts, sent = urlsplit(root), httpx2.URL(root)
        scheme, host, _port = _origin(parts)
    except (ValueError, httpx2.InvalidURL):
        return False
    right = scheme == "https" or (scheme == "http" and host in LOOPBACK)
    odd = "@" in parts.netloc or "\\" in root or parts.query or parts.fragment or _climbs(parts.path)
    return bool(right and host and sent.host) and not odd


def is_local(root: str) -> bool:
    """Whether a root is plain http, which only this machine may be."""
    return urlsplit(root).scheme == "http"


def address(root: str, where: str, params: Params | None = None) -> str:
    """The whole address of a path below the root, or of a link; nothing where it does not lie under the root."""
    whole = where if re.match(r"https?:|[\w+.-]*://|//", where, re.IGNORECASE) else f"{root}/{where.lstrip('/')}"
    if not lies_under(root, whole):
        return ""
    return f"{whole}{'&' if '?' in whole else '?'}{urlencode(params)}" if params else whole


def lies_under(root: str, link: str) -> bool:
    try:
        parts, mine = urlsplit(link), urlsplit(root)
        sent, base = httpx2.URL(link), httpx2.URL(root)
        same_text = _origin(parts) == _origin(mine) and "@" not in parts.netloc
    except (ValueError, httpx2.InvalidURL):
        return False
    same = (sent.scheme, sent.raw_host, sent.port) == (base.scheme, base.raw_host, base.port)
    below = all(_below(there, here) for there, here in ((parts.path, mine.path), (sent.path, base.path.rstrip("/"))))
    return same_text and same and below and not _climbs(parts.path)


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)


def _below(path: str, root: str) -> bool:
    return path == root or path.startswith(f"{root}/")


def _climbs(path: str) -> bool:
    """Whether any reader, however often it decodes, may take a step of the path for one upwards."""
    for _ in range(3):
        path = unquote(path)
    return any(step.split(";")[0] in (".", "..") for step in re.split(r"[/\\]", path))
