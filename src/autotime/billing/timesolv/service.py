"""The way to TimeSolv: its sign-in, and its searches page by page.

Every read is a POST. An answer of 200 says nothing: what it means stands in its body, as ``Status.ResponseCode`` or
as ``ErrorCode``. No total is told; a page that is not full is the last. Limits are not published: one request at a
time, and a page of a hundred.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autotime.billing.registration import Registration
from autotime.billing.signin import Service
from autotime.domain.errors import AutotimeError, SignInNeeded, SourceUnavailable
from autotime.intake import clean
from autotime.web import Answer, Answered, Manners

TARGET = "timesolv"
HOST = "https://apps.timesolv.com"
PAGE = 100
BUSY = frozenset({429, 500, 502, 503, 504})
KIND = {"Content-Type": "application/json; charset=utf-8"}

Row = dict[str, Any]
Criterion = tuple[str, str, str]
"""A field, ``=``, ``>=`` or ``<=``, and a value. All of a search hold together."""


def service_of(app: Mapping[str, Any]) -> Service:
    """There is no refresh token: the code of the sign-in is kept, and used again for each access token."""
    root = str(app.get("base_url") or HOST)
    return Service(
        name=TARGET,
        page=f"{root}/App/Authorize.aspx",
        root=f"{root}/Services/rest/oAuth2V1",
        token="Token",  # noqa: S106 - a path
        client_id=str(app.get("client_id", "")),
        redirect=str(app.get("redirect_url", "")),
        keeps_code=True,
    )


class TimeSolv:
    """Searches, each repeated where that may help."""

    def __init__(self, registration: Registration) -> None:
        manners = Manners(
            service=TARGET,
            at_once=1,
            ended=lambda answer: meaning(answer) == 401,
            throttled=lambda answer: meaning(answer) in BUSY,
        )
        self.web = registration.web(registration.service.root, manners)

    def pages(self, search: str, key: str, criteria: Sequence[Criterion] = ()) -> Iterator[list[Row]]:
        """The rows of a search by rising ``Id``. ``key`` is the name of the list in the answer."""
        number, before = 1, None
        while True:
            rows = self._page(search, key, criteria, number)
            if rows and rows == before:
                raise SourceUnavailable(
                    f"{self.web.host} gives a page of {search} twice", hint="the next run tries again"
                )
            yield rows
            if len(rows) < PAGE:
                return
            number, before = number + 1, rows

    def _page(self, search: str, key: str, criteria: Sequence[Criterion], number: int) -> list[Row]:
        asked = {
            "OrderBy": "Id",
            "SortOrderAscending": True,
            "PageSize": PAGE,
            "PageNumber": number,
            "Criteria": [{"FieldName": name, "Operator": how, "Value": value} for name, how, value in criteria],
        }
        try:
            said = checked(self.web.ask("POST", search, headers=KIND, content=json.dumps(asked).encode()), search)
        except Answered as no:
            raise _meant(no) from None
        rows = said.get(key, ())
        if rows is None:
            return []
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise SourceUnavailable(f"{self.web.host} answers {search} with no list", hint="the next run tries again")
        return rows


def meaning(answer: Answer) -> int:
    """The status an answer means, which may stand in its body; 0 where its body tells none that can be read."""
    if answer.status not in (200, 400):
        return answer.status
    try:
        said = answer.json()
    except SourceUnavailable:
        return answer.status
    if not isinstance(said, dict) or answer.status == 400 or "Status" not in said:
        return 401 if _is_ended(said) else answer.status
    status = said["Status"]
    told = str(status.get("ResponseCode", "")) if isinstance(status, dict) else ""
    return int(told) if told.isascii() and told.isdigit() and len(told) == 3 else 0


def _is_ended(said: Any) -> bool:
    """An ``error`` in the manner of the sign-in and nothing else: the token is not taken any more."""
    return isinstance(said, dict) and isinstance(said.get("error"), str) and bool(said["error"])


def checked(answer: Answer, search: str) -> Row:
    """The body of an answer that means well. ``SignInNeeded`` or ``SourceUnavailable``."""
    said = answer.json()
    if not isinstance(said, dict):
        raise SourceUnavailable(f"TimeSolv answers {search} with no list", hint="the next run tries again")
    if (means := meaning(answer)) == 401:
        raise _ended()
    if means != 200 or said.get("ErrorCode") or "Status" not in said:
        raise _refused(said, means, search)
    return said


def _meant(no: Answered) -> AutotimeError:
    if meaning(no.answer) == 401:
        return _ended()
    return SourceUnavailable(str(no), hint=_next_step(no.status)) if no.status == 403 else no


def _next_step(means: int) -> str:
    return (
        "the next run tries again"
        if means in BUSY
        else f"ask TimeSolv for the permission; then autotime connect {TARGET}"
    )


def _refused(said: Row, means: int, search: str) -> SourceUnavailable:
    status = said.get("Status")
    words = said.get("ErrorMessage") or (status.get("Message") if isinstance(status, dict) else "")
    known = means if "Status" in said else 0
    code = clean(str(said.get("ErrorCode") or known or "without a status"), 40)
    told = clean(str(words or ""), 160)
    return SourceUnavailable(
        f"TimeSolv refuses {search} ({code})" + (f": {told}" if told else ""),
        hint=_next_step(means),
    )


def _ended() -> SignInNeeded:
    return SignInNeeded("TimeSolv does not take the sign-in any more", hint=f"autotime connect {TARGET}")
