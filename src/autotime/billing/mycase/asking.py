"""Where MyCase lies, how it is asked, and what it says when it refuses.

Lists are bare arrays; the next page is a ``Link`` that is followed as it stands and lasts three days. 25 requests a
second are allowed. Errors are ``{"errors": [{"description", "source": {"pointer" or "parameter"}}]}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from autotime.billing.once import advised
from autotime.billing.signin import Service
from autotime.billing.values import text_of
from autotime.domain.errors import AutotimeError, SignInNeeded, SourceUnavailable
from autotime.web import Answer, Answered, Manners, Web

NAME = "mycase"
API = "https://external-integrations.mycase.com"
SIGN_IN = "https://auth.mycase.com"

DAY = 86_400
PAGE = 1000
SPACING = 0.05
"""Seconds between requests: 20 a second, so that another program of the firm has some of the 25."""

OVERLAP = 600
"""Seconds that are read again, so that no two clocks have to agree."""

MANNERS = Manners(service=NAME, at_once=1, pace=lambda _answer, _wall: SPACING)

PERMISSIONS = {
    "time entries": "to write approved time, once, and to look whether it is there",
    "staff, clients, companies and cases": "to know the firm's people, matters and rates",
}
"""MyCase does not publish the names of its scopes; its own page shows what was granted to the firm's access."""

NOT_PERMITTED = (
    "the firm's access may lack a scope, or whoever signed in the permission to manage billing: "
    f"ask MyCase support, then autotime connect {NAME}"
)
ADVICE = {
    400: f"see what is sent: autotime mapping test {NAME}",
    403: NOT_PERMITTED,
    404: f"it, its case or its staff is gone: autotime books pull {NAME}",
    422: f"correct it (autotime review), or what it names in MyCase and autotime books pull {NAME}",
}
"""What to do about a write that was refused."""

Record = dict[str, Any]


def service_of(app: Mapping[str, Any]) -> Service:
    """Access lasts a day. A sign-in that is not renewed for two weeks ends."""
    base = str(app.get("base_url") or "").rstrip("/") or SIGN_IN
    return Service(
        name=NAME,
        page=f"{base}/login_sessions/new",
        root=base,
        token="tokens",  # noqa: S106 - a path
        client_id=str(app.get("client_id") or ""),
        redirect=str(app.get("redirect_url") or ""),
        as_json=True,
        expires=DAY,
        unused=14 * DAY,
    )


def root_of(app: Mapping[str, Any]) -> str:
    return f"{str(app.get('base_url') or '').rstrip('/') or API}/v1"


# -- reading ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Page:
    """``of``: how many there are in all, by its header; ``None`` where there is none."""

    records: list[Any]
    of: int | None


def read(web: Web, where: str, params: Mapping[str, str | int] | None = None, ok: tuple[int, ...] = ()) -> Answer:
    """One answer, 2xx or of a status in ``ok``. ``SignInNeeded`` or ``SourceUnavailable`` with what MyCase says."""
    try:
        return web.ask("GET", where, params, ok=ok)
    except Answered as refused:
        raise meant(refused) from None


def pages(web: Web, path: str, since: float = 0, **more: str) -> Iterator[Page]:
    """A list, page by page; ``since`` (UTC seconds, 0: all) leaves out what was not made or changed from then on."""
    chosen = {"filter[updated_after]": stamp(since)} if since else {}
    answer = read(web, path, {"page_size": PAGE, **chosen, **more})
    seen: set[str] = set()
    told = 0
    while True:
        page, link = Page(records_of(answer), count_of(answer)), link_of(answer)
        told += len(page.records)
        if not link and len(page.records) >= PAGE and told < (page.of or 0):
            raise SourceUnavailable("MyCase does not say where its list goes on", hint="the next run tries again")
        yield page
        if not link:
            return
        if link in seen:
            raise SourceUnavailable("MyCase names the same next page twice", hint="the next run tries again")
        seen.add(link)
        answer = read(web, link)


def records_of(answer: Answer) -> list[Any]:
    said = answer.json()
    if not isinstance(said, list):
        reason = reasons(answer)
        raise SourceUnavailable(
            "MyCase answers with no list" + (f": {reason}" if reason else ""), hint="the next run tries again"
        )
    return said


def count_of(answer: Answer) -> int | None:
    told = answer.headers.get("item-count", "").strip()
    return int(told) if re.fullmatch(r"\d{1,12}", told, re.ASCII) else None


def link_of(answer: Answer) -> str:
    """The next page after RFC 8288; nothing on the last."""
    for link, attributes in re.findall(r"<([^<>]*)>([^<]*)", answer.headers.get("link", "")):
        if re.search(r';\s*rel\s*=\s*"?(?:[^";]*\s)?next(?:\s[^";]*)?"?\s*(?:[;,]|$)', attributes, re.IGNORECASE):
            return str(link)
    return ""


def stamp(second: float) -> str:
    """MyCase takes a time without an offset for UTC; it is told one all the same."""
    return datetime.fromtimestamp(int(second), UTC).isoformat().replace("+00:00", "Z")


def id_of(record: Any) -> str:
    """The id of an object, or nothing. Ids are whole numbers; the schema of cases calls them numbers."""
    value = record.get("id") if isinstance(record, dict) else None
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value == int(value) and value > 0
    return str(int(value)) if value is not None and whole else ""


def name_of(person: Any) -> str:
    """First and last name as one; nothing where there is none."""
    held = person if isinstance(person, dict) else {}
    return " ".join(filter(None, (text_of(held, "first_name"), text_of(held, "last_name"))))


# -- refusals ---------------------------------------------------------------------------------------


def why(answer: Answer, ours: str) -> str:
    """Why a write was refused, and what to do then. MyCase's words are left out where they use any of ``ours``."""
    return advised(reasons(answer, ours), ADVICE.get(answer.status, ""))


def meant(refused: Answered) -> AutotimeError:
    """What a refusal of a request that only reads means."""
    if refused.status == 401:
        return SignInNeeded("MyCase does not take the sign-in any more", hint=f"autotime connect {NAME}")
    if refused.status == 403:
        return SourceUnavailable(f"{refused}: MyCase does not permit it", hint=NOT_PERMITTED)
    reason = reasons(refused.answer)
    return SourceUnavailable(f"{refused}: {reason}" if reason else str(refused), hint=refused.hint)


def reasons(answer: Answer, ours: str = "") -> str:
    """What MyCase says is wrong, and where. Its words are left out where they use any of ``ours``."""
    try:
        said = answer.json()
    except SourceUnavailable:
        return ""
    errors = said.get("errors") if isinstance(said, dict) else None
    told = [_reason(error, ours) for error in errors[:3]] if isinstance(errors, list) else []
    return "; ".join(filter(None, told))


def _reason(error: Any, ours: str) -> str:
    if not isinstance(error, dict):
        return ""
    source = error.get("source")
    named = source if isinstance(source, dict) else {}
    where = str(named.get("pointer") or named.get("parameter") or "")
    where = where if re.fullmatch(r"[\w/.\[\]-]{1,60}", where, re.ASCII) else ""
    words = text_of(error, "description", 160)
    return ": ".join(filter(None, (where, "" if _words(words) & _words(ours) else words)))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w{4,}", text.casefold()))
