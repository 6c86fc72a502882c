"""``msal``'s token cache, sealed: in the vault, written whole, under a lock between processes."""

from __future__ import annotations

from pathlib import Path

from msal_extensions import PersistedTokenCache
from msal_extensions.persistence import BasePersistence, PersistenceNotFound

from autotime.domain.doors import Vault


def sealed_cache(vault: Vault) -> PersistedTokenCache:
    """A cache any number of processes may share. Its lock is the kernel's: a killed run leaves none behind."""
    Path(vault.path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return PersistedTokenCache(SealedPersistence(vault))


class SealedPersistence(BasePersistence):  # type: ignore[misc]  # the library ships no types
    """Keeps the cache's text in a vault."""

    is_encrypted = True

    def __init__(self, vault: Vault) -> None:
        self.vault = vault

    def save(self, content: str) -> None:
        self.vault.save(content)

    def load(self) -> str:
        kept = self.vault.load()
        if not kept:
            raise PersistenceNotFound(location=self.get_location())
        return kept

    def time_last_modified(self) -> float:
        try:
            return self.vault.path.stat().st_mtime
        except FileNotFoundError:
            raise PersistenceNotFound(location=self.get_location()) from None

    def get_location(self) -> str:
        return str(self.vault.path)
