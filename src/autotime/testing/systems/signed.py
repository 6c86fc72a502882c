"""A sign-in that is kept in memory."""

from __future__ import annotations

import json
import shutil
import tempfile
import weakref
from pathlib import Path
from secrets import token_hex
from typing import Any

from autotime.domain.doors import Connection

LASTS = 4_102_444_800
"""When a kept access token ends, unless told otherwise."""


class Kept:
    """A ``Vault``. ``path`` is where the lock of a renewal lies; a place of its own goes when the sign-in does."""

    def __init__(self, secret: str = "", path: Path | None = None) -> None:
        self.secret = secret
        self.path = path or self._own_place()

    def _own_place(self) -> Path:
        folder = Path(tempfile.gettempdir()) / f"autotime-{token_hex(8)}"
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return folder / "sign-in"

    def load(self) -> str:
        return self.secret

    def save(self, secret: str) -> None:
        self.secret = secret

    def forget(self) -> None:
        self.secret = ""


def signed_in(access: str = "access-1", refresh: str = "refresh-1", ends: int = LASTS, **app: Any) -> Connection:
    """The connection of a person who has signed in, in the manner of ``billing.signin``. ``app`` is the settings
    section of the system."""
    kept = {"access_token": access, "refresh_token": refresh, "ends": ends, "secret": "client-secret"}
    return Connection(Kept(json.dumps(kept)), Kept(), {"client_id": "client-1", "base_url": "", **app})
