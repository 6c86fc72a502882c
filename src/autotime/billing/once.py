"""One request that changes something at a billing system, and what its answer proves.

::

    2xx, readable                    done
    400 403 404 405 409 410 412 422  refused: not done, and asking again would not help
    401, or as Manners.ended says    a person signs in again
    429, 403 that is a page          not done, and may be asked again
    401, and no new token for now    not done, and may be asked again
    anything else, or no answer      in doubt: ended by looking, or by a person
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from autotime.billing.signin import NotRenewed
from autotime.domain.errors import InDoubt, NotDelivered, Refused, SignInNeeded, SourceUnavailable
from autotime.web import Answer, Answered, Web, asked_wait

T = TypeVar("T")

NO = frozenset({400, 403, 404, 405, 409, 410, 412, 422})
"""What proves that nothing was done."""

TOO_MANY = 429


def once(
    web: Web,
    method: str,
    where: str,
    body: Mapping[str, Any] | None = None,
    *,
    read: Callable[[Any], T],
    why: Callable[[Answer], str] = lambda answer: answer.code,
    headers: Mapping[str, str] | None = None,
) -> T:
    """What ``read`` makes of the answer's JSON (``None`` where it has no body). ``why`` finds the system's reason in
    a refusal, as a text that may be shown; it is cut and cleaned by the caller.

    ``Refused``, ``NotDelivered``, ``SignInNeeded`` or ``InDoubt``, as above.
    """
    content = None if body is None else json.dumps(body).encode()
    kind = {"Content-Type": "application/json; charset=utf-8"} if content is not None else {}
    try:
        answer = web.send(method, where, {**kind, **(headers or {})}, content)
    except Answered as refused:
        raise meant(web, refused, why) from None
    except NotRenewed as ended:
        raise NotDelivered(f"{ended}; nothing was written", hint=ended.hint) from None
    except SourceUnavailable as lost:
        raise InDoubt(str(lost), kept="it may be done or not", hint="autotime resolve") from None
    try:
        return read(answer.json() if answer.body else None)
    except (SourceUnavailable, KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as odd:
        raise InDoubt(
            f"{web.host} answered {answer.status} with what cannot be read ({type(odd).__name__})",
            kept="it is probably done",
            hint="autotime resolve",
        ) from None


def advised(words: str, advice: str) -> str:
    """A system's reason with what to do about it. Of what is refused the sentence is kept, so that this is part of
    it."""
    return f"{words} ({advice})" if words and advice else words or advice


def meant(web: Web, refused: Answered, why: Callable[[Answer], str]) -> Exception:
    """What a refusal of a write proves."""
    answer, said = refused.answer, str(refused)
    if web.manners.ended(answer):
        return SignInNeeded(
            f"{web.host} does not take the sign-in any more", hint=f"autotime connect {web.manners.service}"
        )
    if refused.status == TOO_MANY or (refused.status == 403 and "json" not in answer.headers.get("content-type", "")):
        return NotDelivered(said, hint="it is sent again", wait=asked_wait(answer.headers, web.wall()) or 0)
    if refused.status in NO:
        reason = why(answer)
        return Refused(f"{said}: {reason}" if reason and reason not in said else said)
    return InDoubt(said, kept="it may be done or not", hint="autotime resolve")
