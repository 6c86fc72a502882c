"""What Google says no with, and what that means: later, not permitted, switched off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autotime.domain.errors import SourceUnavailable
from autotime.domain.evidence import Gap
from autotime.web import Answer
from autotime.web.client import BUSY

RATE = {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED"}
UNGRANTED = {"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}
OFF = {"accessNotConfigured", "SERVICE_DISABLED", "domainPolicy", "failedPrecondition", "FAILED_PRECONDITION"}


class Missing(SourceUnavailable):
    """A permission that was not given, or a service that is off: a gap, and the other parts go on."""

    def gap(self, part: str) -> Gap:
        return Gap(part, str(self), self.hint)


def ungranted(account: str, scopes: Mapping[str, str]) -> Missing:
    """The permission that is missing, by name, and what to do."""
    named = ", ".join(scope.rpartition("/")[2] for scope in scopes)
    return Missing(
        f"the sign-in does not have the permission {named}",
        hint=f'autotime connect "{account}", and leave every box ticked',
    )


def throttled(answer: Answer) -> bool:
    """Whether to ask again later: also the 403 that means «too fast»."""
    return answer.status in BUSY or (answer.status == 403 and bool(reasons_of(answer) & RATE))


def reasons_of(answer: Answer) -> set[str]:
    """The words for why in an error of Google's, in its old manner and in its new one."""
    try:
        said = answer.json()
    except SourceUnavailable:
        return set()
    error = said.get("error") if isinstance(said, dict) else None
    if not isinstance(error, dict):
        return set()
    given = [entry for name in ("errors", "details") for entry in entries(error.get(name))]
    return {str(word) for word in (error.get("status"), *(entry.get("reason") for entry in given)) if word}


def entries(value: Any) -> list[dict[str, Any]]:
    """The objects of a list in an answer, whatever else may stand there."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
