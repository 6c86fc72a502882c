"""Set-up, backup, restore, and a lost key."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.cli import firm
from tests.cli.run import autotime

HEARING = ("add", "--date", firm.DAY, "--matter", "2026-001", "--minutes", "30", "--narrative", "Hearing")


def decided(home: Path) -> int:
    """How many entries wait for delivery."""
    return int(autotime(home, "status", "--json").json["submissions"].get("queued", 0))


def test_a_restored_copy_holds_what_was_backed_up(home: Path) -> None:
    """What came later is in the store that was kept aside."""
    autotime(home, *HEARING)
    assert autotime(home, "backup", str(home / "copy.db")).code == 0
    autotime(home, *HEARING)
    assert decided(home) == 2
    done = autotime(home, "restore", str(home / "copy.db"), "--yes")
    assert (done.code, "is kept as" in done.err) == (0, True)
    assert decided(home) == 1
    assert autotime(home, "audit", "verify").code == 0


def test_a_file_that_is_no_backup_replaces_nothing(home: Path) -> None:
    """The store stays as it is, and the next step is named."""
    autotime(home, *HEARING)
    (home / "copy.db").write_bytes(b"not a store" * 1000)
    done = autotime(home, "restore", str(home / "copy.db"), "--yes")
    assert (done.code, "next: " in done.err) == (1, True)
    assert decided(home) == 1


def test_the_recovery_key_brings_a_lost_key_back(tmp_path: Path) -> None:
    """As it was printed at set-up, whatever its case and spaces."""
    home, files = tmp_path / "home", firm.written(tmp_path / "files")
    recovery = firm.initialised(home, files, "--json").json["recovery_key"]
    (home / "AOK.key").unlink()
    assert autotime(home, "status").code == 1
    done = autotime(home, "key", "recover", typed=recovery.lower().replace("-", " ") + "\n")
    assert done.code == 0, done.err
    assert autotime(home, "status").code == 0
    assert (home / "AOK.key").stat().st_mode & 0o777 == 0o600


def test_a_new_machine_needs_the_settings_a_backup_and_the_recovery_key(tmp_path: Path) -> None:
    """Neither store nor key: the copy proves the key, and both are there again."""
    home, files = tmp_path / "home", firm.written(tmp_path / "files")
    recovery = firm.initialised(home, files, "--json").json["recovery_key"]
    autotime(home, "books", "import", str(files / "books.csv"))
    autotime(home, *HEARING)
    autotime(home, "backup", str(tmp_path / "copy.db"))
    (home / "AOK.key").unlink()
    shutil.rmtree(home / "stores")
    wrong = autotime(home, "restore", str(tmp_path / "copy.db"), "--yes", typed="A" * 56 + "\n")
    assert (wrong.code, (home / "AOK.key").exists()) == (2, False)
    done = autotime(home, "restore", str(tmp_path / "copy.db"), "--yes", typed=f"{recovery}\n")
    assert done.code == 0, done.err
    assert decided(home) == 1


def test_a_slip_in_the_recovery_key_is_noticed(home: Path) -> None:
    """Nothing is written."""
    (home / "AOK.key").unlink()
    done = autotime(home, "key", "recover", typed="AAAAAAA-BBBBBBB\n")
    assert (done.code, "next: " in done.err) == (2, True)
    assert not (home / "AOK.key").exists()


def test_another_stores_recovery_key_is_refused(home: Path, tmp_path: Path) -> None:
    """It is proven on the store before it is kept."""
    other = firm.initialised(tmp_path / "other", firm.written(tmp_path / "files"), "--json").json["recovery_key"]
    (home / "AOK.key").unlink()
    done = autotime(home, "key", "recover", typed=f"{other}\n")
    assert (done.code, (home / "AOK.key").exists()) == (1, False)


def test_the_recovery_key_is_data_and_the_advice_is_talk(tmp_path: Path) -> None:
    """So that it can be piped to a printer and nowhere else."""
    done = firm.initialised(tmp_path / "home", firm.written(tmp_path / "files"))
    [line] = done.out.splitlines()
    assert len(line.split("-")) == 8
    assert line not in done.err


def test_set_up_confirms_the_increment_and_says_which_source_is_missing(tmp_path: Path) -> None:
    """Six minutes unless told otherwise; a mailbox may come later."""
    files = firm.written(tmp_path / "files")
    (files / "calendar.ics").unlink()
    done = firm.initialised(tmp_path / "home", files, "--increment", "15")
    assert "billing increment: 15 minutes" in done.err
    assert f"there is no {files / 'calendar.ics'}" in done.err
    assert str(files / "inbox.mbox") not in done.err
