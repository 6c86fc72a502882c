"""Keys: where they live, who may read them, and how one comes back from paper."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from autotime.domain.errors import AutotimeError, Misused, NeedsPerson, NotSetUp, WrongKey
from autotime.secrets import KEY_BYTES, KeyFile, KeyringKeys, key_from_recovery, new_key, recovery_key

KEYS = st.binary(min_size=KEY_BYTES, max_size=KEY_BYTES)
KEY = bytes(range(KEY_BYTES))
posix = pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")


# -- the recovery key -----------------------------------------------------------------------------


@given(KEYS)
def test_a_key_comes_back_from_paper(key: bytes) -> None:
    """Eight groups of seven, that a person can read out."""
    paper = recovery_key(key)
    assert [len(group) for group in paper.split("-")] == [7] * 8
    assert key_from_recovery(paper) == key


@given(KEYS, st.data())
def test_case_spaces_and_digits_that_look_like_letters_do_not_matter(key: bytes, data: st.DataObject) -> None:
    """What people do to a long number when they type it."""
    typed = recovery_key(key).translate(str.maketrans("OIB", "018")).lower()
    spaces = data.draw(st.sampled_from([" ", "", " - ", "\n"]))
    assert key_from_recovery(f" {typed.replace('-', spaces)} ") == key


@given(KEYS, st.integers(0, 55), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_one_wrong_character_is_noticed(key: bytes, place: int, other: str) -> None:
    """Wherever it is."""
    letters = recovery_key(key).replace("-", "")
    if letters[place] == other:
        return
    with pytest.raises(Misused):
        key_from_recovery(letters[:place] + other + letters[place + 1 :])


@given(KEYS, st.integers(1, 55))
def test_a_key_that_was_not_typed_to_its_end_is_noticed(key: bytes, length: int) -> None:
    """And nothing like a key comes of it."""
    with pytest.raises(Misused):
        key_from_recovery(recovery_key(key).replace("-", "")[:length])


@given(st.text())
def test_anything_else_is_no_recovery_key(text: str) -> None:
    """It says so, and does not break."""
    with pytest.raises(Misused) as refused:
        key_from_recovery(text)
    assert refused.value.hint


def test_keys_are_random_and_long() -> None:
    """256 bits each."""
    keys = {new_key() for _ in range(20)}
    assert len(keys) == 20
    assert {len(key) for key in keys} == {32}


# -- a key file -----------------------------------------------------------------------------------


@posix
def test_a_key_file_is_its_owners_only(tmp_path: Path) -> None:
    """From the first moment, whatever the mask of the process."""
    before = os.umask(0)
    try:
        KeyFile(tmp_path / "keys" / "AOK.key").save(KEY)
    finally:
        os.umask(before)
    assert (tmp_path / "keys" / "AOK.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


def test_a_key_file_gives_back_its_key(tmp_path: Path) -> None:
    """Whoever asks again."""
    holder = KeyFile(tmp_path / "AOK.key")
    assert not holder.exists()
    holder.save(KEY)
    assert (holder.exists(), holder.load()) == (True, KEY)


@posix
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o620, 0o610, 0o601])
def test_a_key_file_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    """With the command that closes it."""
    holder = KeyFile(tmp_path / "AOK.key")
    holder.save(KEY)
    holder.path.chmod(mode)
    with pytest.raises(NeedsPerson, match="others may read") as refused:
        holder.load()
    assert refused.value.hint == f"chmod 600 {holder.path}"


@posix
@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can give a file away")
def test_a_key_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """Whoever owns it could change it."""
    holder = KeyFile(tmp_path / "AOK.key")
    holder.save(KEY)
    os.chown(holder.path, 12345, -1)
    with pytest.raises(NeedsPerson, match="somebody else"):
        holder.load()


@pytest.mark.parametrize("text", ["", "no key", "00" * 31, "00" * 33, "é", "0"])
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, text: str) -> None:
    """With the way back."""
    path = tmp_path / "AOK.key"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(WrongKey) as refused:
        KeyFile(path).load()
    assert refused.value.hint == "autotime key recover"


def test_a_missing_key_file_is_told_with_the_way_back(tmp_path: Path) -> None:
    """No new key is made in its place: it would open nothing."""
    with pytest.raises(NotSetUp) as missing:
        KeyFile(tmp_path / "AOK.key").load()
    assert missing.value.hint == "autotime key recover"
    assert list(tmp_path.iterdir()) == []


def test_a_new_key_never_takes_the_place_of_a_file(tmp_path: Path) -> None:
    """Nor does a folder break it."""
    holder = KeyFile(tmp_path / "AOK.key")
    holder.save(KEY)
    with pytest.raises(NeedsPerson, match="already"):
        holder.save(bytes(32))
    assert holder.load() == KEY
    with pytest.raises(NeedsPerson):
        KeyFile(tmp_path).load()


def test_a_proven_key_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    """Which is kept beside it."""
    holder = KeyFile(tmp_path / "AOK.key")
    holder.replace(KEY)
    holder.path.write_text("damaged")
    holder.replace(KEY)
    assert holder.load() == KEY
    assert (tmp_path / "AOK.key.replaced").read_text() == "damaged"


# -- the keyring ----------------------------------------------------------------------------------


class Ring(KeyringBackend):
    """A keyring of the operating system that is a dictionary. ``locked`` refuses to be asked."""

    priority = 1
    locked = False

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise KeyringLocked
        self.kept[service, username] = password


class PlaintextKeyring(Ring):
    """One that writes what it is given into a file."""


class Chain(Ring):
    """Several keyrings behind one door, as keyring makes of what it finds."""

    def __init__(self, *backends: Ring) -> None:
        super().__init__()
        self.backends = backends


Ring.__module__ = "keyring.backends.SecretService"
PlaintextKeyring.__module__ = "keyrings.alt.file"


@pytest.fixture
def ring() -> Iterator[Ring]:
    """The machine's keyring for one test."""
    before, made = keyring.get_keyring(), Ring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def test_the_keyring_gives_back_a_key(ring: Ring) -> None:
    """One for each store, under its name."""
    holder = KeyringKeys("autotime", "/home:AOK")
    assert not holder.exists()
    holder.save(KEY)
    assert (holder.exists(), holder.load()) == (True, KEY)
    assert not KeyringKeys("autotime", "/home:BLI").exists()
    holder.replace(bytes(32))
    assert holder.load() == bytes(32)


def test_a_key_the_keyring_does_not_hold_is_told_with_the_way_back(ring: Ring) -> None:
    """No new key is made in its place."""
    with pytest.raises(NotSetUp) as missing:
        KeyringKeys("autotime", "x").load()
    assert missing.value.hint == "autotime key recover"
    assert ring.kept == {}


@pytest.mark.parametrize("found", ["", "no key", "00" * 31, "zz" * 32])
def test_what_is_no_key_is_refused(ring: Ring, found: str) -> None:
    """Somebody else wrote it there."""
    ring.kept["autotime", "x"] = found
    with pytest.raises(WrongKey):
        KeyringKeys("autotime", "x").load()


def test_a_locked_keyring_says_so(ring: Ring) -> None:
    """With what to do, for reading and for keeping."""
    ring.locked = True
    holder = KeyringKeys("autotime", "x")
    for act in (holder.load, lambda: holder.save(KEY)):
        with pytest.raises(NeedsPerson, match="is it locked") as refused:
            act()
        assert "unlock" in refused.value.hint


@pytest.mark.parametrize(
    "backend", [PlaintextKeyring(), Chain(), Chain(PlaintextKeyring()), Chain(Ring(), PlaintextKeyring())]
)
def test_a_keyring_that_may_keep_keys_in_the_clear_is_refused(ring: Ring, backend: Ring) -> None:
    """One such among several is enough: it may be the one that is given the key."""
    keyring.set_keyring(backend)
    holder = KeyringKeys("autotime", "x")
    for act in (holder.exists, holder.load, lambda: holder.save(KEY)):
        with pytest.raises(NotSetUp, match="no keyring here") as refused:
            act()
        assert "--key-file" in refused.value.hint
    assert backend.kept == {}


def test_several_real_keyrings_are_as_good_as_one(ring: Ring) -> None:
    """Desktops have more than one."""
    keyring.set_keyring(Chain(Ring(), Ring()))
    KeyringKeys("autotime", "x").save(KEY)
    assert KeyringKeys("autotime", "x").load() == KEY


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a keyring")
def test_a_machine_without_a_keyring_is_told_of_key_files(ring: Ring) -> None:
    """A server without a desktop."""
    from keyring.backends.fail import Keyring

    keyring.set_keyring(Keyring())  # type: ignore[no-untyped-call]
    with pytest.raises(AutotimeError) as refused:
        KeyringKeys("autotime", "x").exists()
    assert "--key-file" in refused.value.hint
