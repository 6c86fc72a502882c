"""What Clio says when it refuses, and what to do then."""

from __future__ import annotations

import re
from typing import Any

from autotime.billing.values import repeats
from autotime.domain.errors import AutotimeError, SignInNeeded, SourceUnavailable
from autotime.intake import clean
from autotime.web import Answer, Answered

LONGEST = 160

ADVICE = {
    400: "see what is sent: autotime mapping test clio",
    403: "the app's permissions or the user's role do not allow it, or it is locked",
    404: "it is gone, or not yours to see: autotime books pull clio",
    410: "set version under [clio] to one that Clio's change log lists",
    412: "it was changed there meanwhile: look at it in Clio",
    422: "correct it (autotime review), or what it names in Clio",
}
"""What to do about a write that was refused. Of what is refused the sentence is kept, so that this is part of it."""


def meant(refused: Answered, version: str) -> AutotimeError:
    """What a refusal of a request that only reads means. Clio's sentence is not told: whose words it repeats is
    not known there."""
    told = " ".join(filter(None, (str(refused), _kind(refused.answer))))
    match refused.status:
        case 401:
            return SignInNeeded(
                "Clio does not take the sign-in any more",
                hint="autotime connect clio; right after a sign-in, see region under [clio]",
            )
        case 403 if is_page(refused.answer):
            return SourceUnavailable(
                "a firewall in front of Clio answered with a page (403)",
                hint="the next run tries again; if it stays so, ask Clio's support with the time of this message",
            )
        case 403:
            return SourceUnavailable(
                f"{told}: Clio does not permit it",
                hint="give the app the permission in Clio's developer portal, or the user the role in Clio; "
                "then autotime connect clio",
            )
        case 410:
            return SourceUnavailable(
                f"Clio no longer knows version {version} of its API",
                kept="nothing was written",
                hint="set version under [clio] to one that Clio's change log lists, and try again",
            )
        case _:
            return SourceUnavailable(told, hint=refused.hint)


def _kind(answer: Answer) -> str:
    """Clio's word for a kind of error, in brackets."""
    try:
        said = answer.json()
    except SourceUnavailable:
        return ""
    error = said.get("error") if isinstance(said, dict) else None
    kind = error.get("type") if isinstance(error, dict) else None
    return f"({kind})" if isinstance(kind, str) and re.fullmatch(r"\w{1,60}", kind, re.ASCII) else ""


def is_page(answer: Answer) -> bool:
    """A page where data belong: it comes from somebody in front of Clio."""
    return "json" not in answer.headers.get("content-type", "")


def reason_of(answer: Answer, ours: str = "") -> str:
    """Clio's own words for a refusal of a write, short and clean, and what to do then. The words are left out where
    they repeat a text of ours."""
    try:
        said = answer.json()
    except SourceUnavailable:
        said = None
    words = clean(_words(said), LONGEST)
    words = "" if repeats(words, ours) else words
    advice = ADVICE.get(answer.status, "")
    return f"{words} ({advice})" if words and advice else words or advice


def _words(said: Any) -> str:
    """From the shape of the specification, and from three others that were seen."""
    if not isinstance(said, dict):
        return ""
    errors = said.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    for found in (said.get("error"), said.get("message"), first):
        words = found.get("message") if isinstance(found, dict) else found
        if isinstance(words, str) and words:
            return words
    return ""
