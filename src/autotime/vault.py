"""Where sign-ins are kept: small files that only the timekeeper's own key opens.

The key lives in the OS keyring or in the key file somebody chose, as the store's does, so that a
token is never on the disk in clear, also where a desktop's keyring is out of reach (a night's run, a
server). A file is replaced whole, mode 0600; one that is damaged is set aside, and its owner signs in again.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PURPOSE = b"autotime sign-ins"


class SealedFile:
    """One secret text at ``path``. ``key`` is asked for only when something is there to open or to seal."""

    def __init__(self, path: Path, key: Callable[[], bytes]) -> None:
        self.path = path
        self._key = key

    def load(self) -> str:
        """The secret, or nothing where there is none or what is there does not open."""
        try:
            sealed = self.path.read_bytes()
        except FileNotFoundError:
            return ""
        try:
            return self._fernet().decrypt(sealed).decode("utf-8")
        except (InvalidToken, UnicodeDecodeError):
            os.replace(self.path, self.path.with_name(f"{self.path.name}.damaged"))
            return ""

    def save(self, secret: str) -> None:
        sealed = self._fernet().encrypt(secret.encode("utf-8"))
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, self.path)

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)

    def _fernet(self) -> Fernet:
        derived = HKDF(SHA256(), 32, salt=None, info=PURPOSE).derive(self._key())
        return Fernet(base64.urlsafe_b64encode(derived))


def file_name(timekeeper: str, name: str) -> str:
    """A file's name for the sign-in of one source: readable, and as distinct as the names it is made of."""
    plain = re.sub(r"[^A-Za-z0-9-]+", "-", name)[:40].strip("-")
    return f"{timekeeper}-{plain}-{hashlib.blake2b(name.encode('utf-8'), digest_size=4).hexdigest()}"
