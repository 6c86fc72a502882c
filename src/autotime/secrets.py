"""Where the key of a store lives: the OS keyring, or a key file somebody chose.

There is no silent third way: a key is never written beside its data unless a person said so, and a
keyring that stores plain text is refused.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from autotime.domain.errors import Misused, NeedsPerson, NotSetUp, WrongKey

KEY_BYTES = 32
CHECK_BYTES = 3
GROUP = 7
KEYRINGS = ("macOS", "Windows", "SecretService", "kwallet", "libsecret")
RECOVER = "autotime key recover"


class KeyStore(Protocol):
    """One place for one key."""

    def exists(self) -> bool: ...

    def load(self) -> bytes: ...

    def save(self, key: bytes) -> None:
        """Keeps a new key; ``NeedsPerson`` where a file of that name is there."""

    def replace(self, key: bytes) -> None:
        """Keeps a key that is proven, in the place of whatever was there."""


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def recovery_key(key: bytes) -> str:
    """The key as eight groups of seven letters and digits, the last ones a check against slips."""
    text = base64.b32encode(key + _check(key)).decode("ascii").rstrip("=")
    return "-".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def key_from_recovery(text: str) -> bytes:
    """The key behind a recovery key; spaces, case and dashes do not matter. ``Misused`` on a slip."""
    letters = "".join(c for c in text.upper() if c.isalnum()).translate(str.maketrans("018", "OIB"))
    try:
        whole = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except ValueError:
        raise Misused("that is no recovery key", hint="it has letters A to Z and digits 2 to 7") from None
    key, check = whole[:KEY_BYTES], whole[KEY_BYTES:]
    if len(whole) != KEY_BYTES + CHECK_BYTES or check != _check(key):
        raise Misused("a character of the recovery key is wrong or missing", hint="compare it with the paper")
    return key


def _check(key: bytes) -> bytes:
    return hashlib.sha256(b"autotime recovery" + key).digest()[:CHECK_BYTES]


class KeyFile:
    """A file of mode 0600 that holds the key in hexadecimal."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        return self.path.exists()

    def load(self) -> bytes:
        try:
            self._refuse_loose()
            text = self.path.read_text("ascii").strip()
            key = bytes.fromhex(text)
        except FileNotFoundError:
            raise NotSetUp(f"there is no key file {self.path}", hint=RECOVER) from None
        except (ValueError, UnicodeDecodeError):
            raise WrongKey(f"{self.path} holds no key", hint=RECOVER) from None
        except OSError as unreadable:
            raise NeedsPerson(f"{self.path} cannot be read: {unreadable.strerror}") from None
        if len(key) != KEY_BYTES:
            raise WrongKey(f"{self.path} holds no key of {KEY_BYTES} bytes", hint=RECOVER)
        return key

    def save(self, key: bytes) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise NeedsPerson(
                f"there is a {self.path} already", kept="it was not touched", hint="choose another --key-file"
            ) from None
        except OSError as refused:
            raise NeedsPerson(f"{self.path} cannot be written: {refused.strerror}") from None
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(key.hex() + "\n")

    def replace(self, key: bytes) -> None:
        """The file that was there is kept beside it, as ``NAME.replaced``."""
        if self.exists():
            os.replace(self.path, self.path.with_name(f"{self.path.name}.replaced"))
        self.save(key)

    def _refuse_loose(self) -> None:
        if os.name != "posix":
            return
        state = self.path.stat()
        if state.st_mode & 0o077:
            raise NeedsPerson(f"others may read the key file {self.path}", hint=f"chmod 600 {self.path}")
        if state.st_uid not in (os.getuid(), 0):
            raise NeedsPerson(f"the key file {self.path} belongs to somebody else", hint=f"chown $USER {self.path}")


class KeyringKeys:
    """The operating system's keyring."""

    def __init__(self, service: str, name: str) -> None:
        self.service = service
        self.name = name

    def exists(self) -> bool:
        return self._read() is not None

    def load(self) -> bytes:
        found = self._read()
        if found is None:
            raise NotSetUp("the keyring holds no key for this store", hint=RECOVER)
        if not re.fullmatch(f"[0-9a-f]{{{2 * KEY_BYTES}}}", found):
            raise WrongKey("what the keyring holds for this store is no key", hint=RECOVER)
        return bytes.fromhex(found)

    def save(self, key: bytes) -> None:
        with _keyring() as keyring:
            keyring.set_password(self.service, self.name, key.hex())

    replace = save

    def _read(self) -> str | None:
        with _keyring() as keyring:
            found: str | None = keyring.get_password(self.service, self.name)
        return found


@contextmanager
def _keyring() -> Iterator[Any]:
    """The keyring, if it is a real one: each of several, since any of them may be given the key."""
    import keyring  # noqa: PLC0415 - 0.1 s, and a key file needs none of it
    from keyring.errors import KeyringError  # noqa: PLC0415

    backend = keyring.get_keyring()
    members = [f"{type(one).__module__}.{type(one).__name__}" for one in getattr(backend, "backends", [backend])]
    strange = [member for member in members if not any(name in member for name in KEYRINGS)]
    if strange or not members:
        raise NotSetUp(
            "there is no keyring here that would keep the store's key safe" + (f": {strange[0]}" if strange else ""),
            kept="nothing was made",
            hint="autotime init --key-file PATH (mode 0600, on a disk you trust)",
        )
    try:
        yield keyring
    except KeyringError as refused:
        raise NeedsPerson(
            f"the keyring refused ({type(refused).__name__}): is it locked?", hint="unlock it, then run this again"
        ) from None
