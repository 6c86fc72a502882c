"""``msal``'s token cache, sealed: in the vault, read and written whole, under a lock between processes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from autotime.domain.doors import Vault
from autotime.web.locks import locked

UNUSED = 90 * 86_400
"""After how long without use a sign-in is expected to lapse: what is generally said of such apps, not promised."""


@contextmanager
def as_kept(cache: Any, vault: Vault) -> Iterator[None]:
    """``msal``'s cache as the vault holds it now. What changes in it is kept before anybody uses it, whole:
    a sign-in is used up by its renewal, so one run at a time, and nothing half."""
    with locked(vault):
        cache.deserialize(json.dumps(_kept(vault)))
        try:
            yield
        finally:
            if cache.has_state_changed:
                vault.save(cache.serialize())


def replace(vault: Vault, content: str) -> None:
    """Another sign-in takes the place of the one that was kept, also while a run renews that one."""
    with locked(vault):
        vault.save(content)


def who_is_in(vault: Vault) -> str:
    """The address that signed in, or Microsoft's own name for who did; nothing where nobody has."""
    for account in _kept(vault).get("Account", {}).values():
        return str(account.get("username") or account.get("home_account_id") or "").lower()
    return ""


def granted_in(vault: Vault) -> frozenset[str]:
    """Short names of what was given: by the access tokens that are kept, else by what they are renewed with."""
    kept = _kept(vault)
    tokens = kept.get("AccessToken") or kept.get("RefreshToken") or {}
    return frozenset(short(scope) for token in tokens.values() for scope in str(token.get("target", "")).split())


def lapses_at(vault: Vault) -> int:
    """When the sign-in is expected to lapse if nobody uses it: UTC second; 0 where there is none."""
    renewed = [str(token.get("last_modification_time")) for token in _kept(vault).get("RefreshToken", {}).values()]
    return max((int(when) + UNUSED for when in renewed if when.isdigit()), default=0)


def short(scope: str) -> str:
    return scope.rpartition("/")[2]


def _kept(vault: Vault) -> dict[str, dict[str, dict[str, Any]]]:
    """The sections of the cache; what is no cache counts as an empty one."""
    try:
        kept = json.loads(vault.load() or "{}")
    except ValueError:
        return {}
    sections = kept.values() if isinstance(kept, dict) else (None,)
    entries = [one for section in sections for one in (section.values() if isinstance(section, dict) else (None,))]
    return kept if all(isinstance(one, dict) for one in entries) else {}
