"""Where sign-ins are kept: small files that only the timekeeper's own key opens.

The key lives in the OS keyring or in the key file somebody chose, as the store's does, so that a
token is never on the disk in clear, also where a desktop's keyring is out of reach (a night's run, a
server). A file is replaced whole, mode 0600; one that is damaged is set aside, and its owner signs in again.
"""

from __future__ import annotations

import base64
import glob
import hashlib
import math
import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from autotime.failpoints import point

PURPOSE = b"autotime sign-ins"
LEFT_BEHIND = 3600
"""Seconds after which a save cannot be at work any more."""


class SealedFile:
    """One secret text at ``path``. ``key`` is asked for only when something is there to open or to seal.

    ``sealing`` may make the first key; without it ``key`` seals too. What is there opens with a key that is there:
    a new one would make damage of a key that is out of reach.
    """

    def __init__(self, path: Path, key: Callable[[], bytes], sealing: Callable[[], bytes] | None = None) -> None:
        self.path = path
        self._key = key
        self._sealing = sealing or key

    def load(self) -> str:
        """The secret, or nothing where there is none or what is there does not open."""
        try:
            sealed = self.path.read_bytes()
        except FileNotFoundError:
            return ""
        try:
            return _fernet(self._key()).decrypt(sealed).decode("utf-8")
        except (InvalidToken, UnicodeDecodeError):
            with suppress(FileNotFoundError):  # another program may have set it aside meanwhile
                os.replace(self.path, self.path.with_name(f"{self.path.name}.damaged"))
            return ""

    def save(self, secret: str) -> None:
        """All or nothing, whoever else saves at the same time and wherever this is killed."""
        sealed = _fernet(self._sealing()).encrypt(secret.encode("utf-8"))
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self.path.with_name(f"{self.path.name}.{token_hex(4)}.new")
        try:
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            point("vault.written")
            self._sweep(fresh.stat().st_mtime - LEFT_BEHIND)
            os.replace(fresh, self.path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise
        point("vault.saved")

    def forget(self) -> None:
        """Also what was set aside."""
        self.path.unlink(missing_ok=True)
        self.path.with_name(f"{self.path.name}.damaged").unlink(missing_ok=True)
        self._sweep(math.inf)

    def _sweep(self, before: float) -> None:
        """What a save that was killed left behind. One that is at work is younger."""
        for left in self.path.parent.glob(f"{glob.escape(self.path.name)}.*.new"):
            with suppress(FileNotFoundError):
                if left.stat().st_mtime < before:
                    left.unlink()


def _fernet(key: bytes) -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=PURPOSE).derive(key)
    return Fernet(base64.urlsafe_b64encode(derived))


def file_name(timekeeper: str, name: str) -> str:
    """A file's name for the sign-in of one source: readable, and as distinct as the names it is made of."""
    plain = re.sub(r"[^A-Za-z0-9-]+", "-", name)[:40].strip("-")
    return f"{timekeeper}-{plain}-{hashlib.blake2b(name.encode('utf-8'), digest_size=4).hexdigest()}"
