"""One process at a time at the sign-in of a source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autotime.domain.doors import Vault
from autotime.domain.errors import SourceUnavailable


@contextmanager
def locked(vault: Vault) -> Iterator[None]:
    """The lock is the kernel's, so that a killed run keeps none; one that is held for longer than a few seconds
    ends this attempt (``SourceUnavailable``), and no more than that. Not to be taken twice by one process."""
    from msal_extensions import CrossPlatLock, LockError  # noqa: PLC0415 - 0.1 s, and only who signs in needs it

    Path(vault.path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with CrossPlatLock(f"{vault.path}.lockfile"):
            yield
    except LockError:
        raise SourceUnavailable(
            "another program is at the sign-in of this source", hint="the next run tries again"
        ) from None
