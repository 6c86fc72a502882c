"""A sign-in on the disk opens with the timekeeper's own key only, and is whole or not there (F40, F41)."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotime.domain.doors import Vault
from autotime.domain.errors import NotSetUp
from autotime.office import FIRM, vault
from autotime.settings import parse
from autotime.vault import SealedFile, file_name

from .kills import killed_at

SECRET = '{"refresh_token": "0.AXoA-bluefin"}'


def sealed(path: Path, key: bytes = bytes(32)) -> SealedFile:
    return SealedFile(path, lambda: key)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sign-ins" / "AOK-mail"


def test_what_was_saved_is_loaded(path: Path) -> None:
    """Also by another process, which has the same key."""
    vault: Vault = sealed(path)
    vault.save(SECRET)
    assert sealed(path).load() == SECRET
    vault.save("another")
    assert sealed(path).load() == "another"


@given(secret=st.text(max_size=300))
def test_any_text_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, secret: str) -> None:
    vault = sealed(tmp_path_factory.getbasetemp() / "any")
    vault.save(secret)
    assert vault.load() == secret


def test_nothing_of_it_is_on_the_disk_in_clear(path: Path) -> None:
    """And twice the same looks different."""
    sealed(path).save(SECRET)
    once = path.read_bytes()
    sealed(path).save(SECRET)
    assert b"bluefin" not in once
    assert path.read_bytes() != once
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_only_the_timekeeper_may_read_it(path: Path) -> None:
    """Whatever the umask, and whatever mode a file that was there had."""
    before = os.umask(0)
    try:
        sealed(path).save(SECRET)
        assert (mode(path), mode(path.parent)) == (0o600, 0o700)
        path.chmod(0o644)
        sealed(path).save(SECRET)
        assert mode(path) == 0o600
    finally:
        os.umask(before)


def test_a_wrong_key_opens_nothing_and_the_file_is_set_aside(path: Path) -> None:
    """The way on is to sign in again; the old file is kept beside for who has the right key."""
    sealed(path).save(SECRET)
    was = path.read_bytes()
    assert sealed(path, b"x" * 32).load() == ""
    aside = path.with_name(f"{path.name}.damaged")
    assert not path.exists()
    assert (aside.read_bytes(), mode(aside)) == (was, 0o600)
    sealed(path, b"x" * 32).save("new")
    assert sealed(path, b"x" * 32).load() == "new"


def test_the_store_key_itself_seals_nothing(path: Path) -> None:
    """What is derived from it for sign-ins opens no store, and the other way round."""
    from cryptography.fernet import Fernet, InvalidToken

    sealed(path).save(SECRET)
    with pytest.raises(InvalidToken):
        Fernet(b"A" * 43 + b"=").decrypt(path.read_bytes())


@pytest.mark.parametrize("spoil", ["cut", "flip", "grow"])
def test_a_file_that_is_damaged_anywhere_is_set_aside(path: Path, spoil: str) -> None:
    """Cut at every byte, one bit turned in every byte, or with something added: nothing, and never a crash."""
    vault = sealed(path)
    vault.save(SECRET)
    whole = path.read_bytes()
    for place in range(len(whole)):
        if spoil == "cut":
            path.write_bytes(whole[:place])
        elif spoil == "flip":
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x80]) + whole[place + 1 :])
        else:
            path.write_bytes(whole + whole[: place + 1])
        assert vault.load() == ""
        assert not path.exists()


def test_damage_in_one_sign_in_harms_no_other(path: Path) -> None:
    other = path.with_name("AOK-calendar")
    sealed(path).save(SECRET)
    sealed(other).save("calendar")
    path.write_bytes(b"\x00" * 99)
    assert (sealed(path).load(), sealed(other).load()) == ("", "calendar")


def test_the_key_is_asked_for_only_when_there_is_something_to_open_or_seal(path: Path) -> None:
    """A keyring may ask a person, and a night's run may not reach it."""
    asked = []

    def key() -> bytes:
        asked.append(1)
        return bytes(32)

    vault = SealedFile(path, key)
    assert vault.load() == ""
    vault.forget()
    assert asked == []
    vault.save(SECRET)
    assert vault.load() == SECRET
    assert asked == [1, 1]


def test_only_sealing_asks_for_a_key_that_may_be_made(path: Path) -> None:
    """Opening goes by the key that is there."""
    vault = SealedFile(path, lambda: bytes(32), lambda: b"\x01" * 32)
    sealed(path).save(SECRET)
    assert vault.load() == SECRET
    vault.save(SECRET)
    assert sealed(path, b"\x01" * 32).load() == SECRET


@pytest.mark.parametrize("owner", ["AOK", FIRM])
def test_a_key_that_is_gone_for_a_night_costs_no_sign_in(tmp_path: Path, owner: str) -> None:
    """No new key takes its place; the first sign-in of all makes one."""
    data = {"timekeepers": [{"id": "AOK", "last": "Okafor"}]}
    data["store"] = {"key": "file", "key_file": str(tmp_path / "disk" / "{timekeeper}.key")}
    settings = parse(data, tmp_path / "config.toml", tmp_path / "home")
    kept = vault(settings, owner, "microsoft office")
    kept.save(SECRET)
    (tmp_path / "disk").rename(tmp_path / "unmounted")
    before = kept.path.read_bytes()
    with pytest.raises(NotSetUp):
        vault(settings, owner, "microsoft office").load()
    assert not (tmp_path / "disk").exists()
    assert [(file, file.read_bytes()) for file in kept.path.parent.iterdir()] == [(kept.path, before)]
    (tmp_path / "unmounted").rename(tmp_path / "disk")
    assert vault(settings, owner, "microsoft office").load() == SECRET


def test_a_key_that_is_out_of_reach_leaves_the_sign_in_alone(path: Path) -> None:
    """It is no damage: the file stays where it is."""

    def locked() -> bytes:
        raise PermissionError("the keyring is locked")

    sealed(path).save(SECRET)
    for act in (SealedFile(path, locked).load, lambda: SealedFile(path, locked).save("other")):
        with pytest.raises(PermissionError):
            act()
    assert sealed(path).load() == SECRET


def test_what_is_forgotten_is_gone(path: Path) -> None:
    vault = sealed(path)
    vault.save(SECRET)
    vault.forget()
    vault.forget()
    assert vault.load() == ""
    assert list(path.parent.iterdir()) == []


def test_what_was_set_aside_is_forgotten_with_it(path: Path) -> None:
    sealed(path).save(SECRET)
    sealed(path, b"x" * 32).load()
    sealed(path).forget()
    assert list(path.parent.iterdir()) == []


def test_two_who_find_the_same_damage_do_not_stumble(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one has set the file aside already."""
    sealed(path).save(SECRET)
    other, read = sealed(path, b"y" * 32), Path.read_bytes

    def read_while_another_does(file: Path) -> bytes:
        monkeypatch.setattr(Path, "read_bytes", read)
        content = read(file)
        assert other.load() == ""
        return content

    monkeypatch.setattr(Path, "read_bytes", read_while_another_does)
    assert sealed(path, b"x" * 32).load() == ""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills need fork and SIGKILL")
def test_killed_while_saving_the_old_sign_in_or_the_new_is_there(path: Path) -> None:
    """Whole; what the killed one left behind is sealed, nobody else's to read, and swept up."""
    vault, seen = sealed(path), list[tuple[bool, str]]()
    for place in range(1, 4):
        vault.save("the old one")
        killed = killed_at(str(place), lambda: vault.save("the new one"))
        seen.append((killed, vault.load()))
        for left in path.parent.iterdir():
            assert mode(left) == 0o600
            assert b"the new one" not in left.read_bytes()
            os.utime(left, (0, 0))
    assert seen == [(True, "the old one"), (True, "the new one"), (False, "the new one")]
    vault.save("newer")
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_what_another_program_is_saving_is_not_swept_up(path: Path) -> None:
    sealed(path).save("old")
    theirs = path.with_name(f"{path.name}.1234.new")
    theirs.write_bytes(b"half")
    sealed(path).save("new")
    assert theirs.exists()
    sealed(path).forget()
    assert list(path.parent.iterdir()) == []


def run_together(*work: Callable[[], object]) -> None:
    threads = [threading.Thread(target=one) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_many_who_save_at_once_leave_one_whole_sign_in(path: Path) -> None:
    """Whoever was last; nobody who reads meanwhile finds half of one."""
    vault, loaded = sealed(path), list[str]()
    vault.save("0" * 2000)

    def save(number: int) -> None:
        for _ in range(20):
            sealed(path).save(str(number) * 2000)

    def load() -> None:
        loaded.extend(sealed(path).load() for _ in range(100))

    run_together(*(lambda number=number: save(number) for number in range(4)), load, load)
    assert {(len(text), len(set(text))) for text in [*loaded, vault.load()]} == {(2000, 1)}
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_many_programs_that_save_at_once_leave_one_whole_sign_in(path: Path) -> None:
    children = []
    for number in range(4):
        child = os.fork()
        if child == 0:
            try:
                for _ in range(10):
                    sealed(path).save(str(number) * 2000)
            except BaseException:  # noqa: BLE001 - a forked child never returns into the test
                os._exit(1)
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0, 0]
    assert len(set(sealed(path).load())) == 1
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_full_disk_keeps_the_old_sign_in(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    sealed(path).save("old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        sealed(path).save("new")
    assert sealed(path).load() == "old"
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_name_says_whose_sign_in_it_is_and_no_two_share_a_file() -> None:
    assert file_name("AOK", "microsoft ada@okafor.example").startswith("AOK-microsoft-ada-okafor-example-")
    names = ["google a b", "google a-b", "google a/b", "../../etc/passwd", "ü", "ö", "", "x" * 300]
    files = [file_name("AOK", name) for name in names]
    assert len(set(files)) == len(names)
    assert all("/" not in file and ".." not in file and len(file) < 80 and file.isascii() for file in files)
