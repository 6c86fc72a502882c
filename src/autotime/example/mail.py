"""Letters as files: mbox for one timekeeper, Maildir for another, ``.eml`` for the third."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from autotime.example.days import Letter


def message(letter: Letter) -> bytes:
    """The letter as RFC 5322, plain text."""
    made = EmailMessage()
    made["Message-ID"] = f"<{letter.key}>"
    made["Date"] = format_datetime(letter.at)
    made["From"] = f'"{letter.sender.name}" <{letter.sender.mail}>'
    made["To"] = ", ".join(f'"{one.name}" <{one.mail}>' for one in letter.to)
    made["Subject"] = letter.subject
    if letter.answers:
        made["In-Reply-To"] = f"<{letter.answers[-1]}>"
        made["References"] = " ".join(f"<{key}>" for key in letter.answers)
    if letter.listed:
        made["List-Id"] = f"<{letter.listed}>"
        made["Precedence"] = "bulk"
    made.set_content(letter.text + "\n")
    return made.as_bytes()


def write_mbox(letters: Iterable[Letter], folder: Path) -> None:
    """One file a mail folder."""
    for name, held in _by_folder(letters).items():
        parts = [b"From - %b\n%b\n" % (f"{one.at:%a %b %d %H:%M:%S %Y}".encode(), message(one)) for one in held]
        path = folder / f"{_file_name(name)}.mbox"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(parts))


def write_maildir(letters: Iterable[Letter], folder: Path) -> None:
    """The inbox is the Maildir itself, other folders lie in it under a dot."""
    for name, held in _by_folder(letters).items():
        place = folder if name == "inbox" else folder / f".{_file_name(name)}"
        for part in ("cur", "new", "tmp"):
            (place / part).mkdir(parents=True, exist_ok=True)
        for one in held:
            (place / "cur" / f"{int(one.at.timestamp())}.{one.key.partition('@')[0]}:2,S").write_bytes(message(one))


def write_eml(letters: Iterable[Letter], folder: Path) -> None:
    for name, held in _by_folder(letters).items():
        place = folder / _file_name(name)
        place.mkdir(parents=True, exist_ok=True)
        for one in held:
            (place / f"{one.key.partition('@')[0]}.eml").write_bytes(message(one))


def _by_folder(letters: Iterable[Letter]) -> dict[str, list[Letter]]:
    held: dict[str, list[Letter]] = defaultdict(list)
    for letter in sorted(letters, key=lambda one: (one.at, one.key)):
        held[letter.folder].append(letter)
    return held


def _file_name(folder: str) -> str:
    return folder.replace("/", "-").replace(".", "")
