"""Real servers of standards, started on this machine for the tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from autotime.domain.doors import Connection

PASSWORD = "correct-horse"
DOVECOT = "/usr/sbin/dovecot"
USERS = 300


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def running(command: Sequence[str], port: int, **options: object) -> Iterator[None]:
    """A server as a child of this process, from the moment it listens."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)  # type: ignore[call-overload]
    try:
        for _ in range(400):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if child.poll() is not None:
                    break
                time.sleep(0.025)
        assert child.poll() is None, f"{Path(command[0]).name} did not start"
        yield
    finally:
        child.terminate()
        child.wait(10)


@dataclass
class MailHouse:
    """An IMAP server with many users of one password, each given away once."""

    port: int
    kind: str
    given: int = field(default=0)

    def user(self) -> str:
        self.given += 1
        assert self.given < USERS
        return f"u{self.given}"


@contextmanager
def pymap() -> Iterator[MailHouse]:
    from pymap.config import IMAPConfig

    program = Path(sys.executable).with_name("pymap")
    if not program.exists():
        pytest.skip("pymap is not installed beside this Python")
    with tempfile.TemporaryDirectory() as folder:
        secret = IMAPConfig._get_hash_context(None).hash(PASSWORD)
        users = [f"u{number}" for number in range(USERS)]
        Path(folder, "pymap-etc-passwd").write_text("".join(f"{user}:x::::{user}:\n" for user in users))
        Path(folder, "pymap-etc-shadow").write_text("".join(f"{user}:{secret}:::::::\n" for user in users))
        Path(folder, "pymap-etc-group").write_text("")
        port = free_port()
        services = ["--no-service", "managesieve", "--no-service", "admin"]
        listening = ["--host", "127.0.0.1", "--port", str(port), "--no-tls"]
        with running([str(program), *listening, *services, "maildir", folder], port):
            yield MailHouse(port, "pymap")


CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
disable_plaintext_auth = no
default_login_user = {login}
default_internal_user = {internal}
default_internal_group = {group}
first_valid_uid = 0
mail_location = maildir:{folder}/mail/%u
auth_mechanisms = plain login
auth_failure_delay = 0
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox "Sent Items" {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Bin {{
    special_use = \\Trash
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
  service_count = 0
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""


@contextmanager
def dovecot(certificate: tuple[Path, Path] | None = None) -> Iterator[MailHouse]:
    """With a certificate and its key, it offers STARTTLS."""
    if not Path(DOVECOT).exists():
        pytest.skip(f"dovecot is not installed at {DOVECOT}")
    folder = Path(tempfile.mkdtemp(prefix="dovecot"))
    try:
        port, (login, internal, owner) = free_port(), _dovecot_users()
        config = CONFIG.format(
            folder=folder,
            ssl=f"yes\nssl_cert = <{certificate[0]}\nssl_key = <{certificate[1]}" if certificate else "no",
            login=login,
            internal=internal,
            group=_group(internal),
            password=PASSWORD,
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            port=port,
        )
        folder.chmod(0o755)
        for name in ("run", "state", "mail"):
            (folder / name).mkdir()
        os.chown(folder / "mail", owner.pw_uid, owner.pw_gid)
        (folder / "dovecot.conf").write_text(config)
        with running([DOVECOT, "-F", "-c", str(folder / "dovecot.conf")], port):
            yield MailHouse(port, "dovecot")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _dovecot_users() -> tuple[str, str, Any]:
    """Who signs people in, who keeps the house, and whose the mail is. Root gives its powers away."""
    import pwd

    me = pwd.getpwuid(os.getuid())
    if me.pw_uid:
        return me.pw_name, me.pw_name, me
    try:
        return "dovenull", "dovecot", pwd.getpwnam("nobody")
    except KeyError:
        pytest.skip("dovecot's users are not on this machine")


def _group(user: str) -> str:
    import grp
    import pwd

    return grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name


class Kept:
    """A vault in memory."""

    path = Path("kept")

    def __init__(self, secret: str = "") -> None:
        self.secret = secret

    def load(self) -> str:
        return self.secret

    def save(self, secret: str) -> None:
        self.secret = secret

    def forget(self) -> None:
        self.secret = ""


def connection(secret: str = PASSWORD, **network: str) -> Connection:
    return Connection(Kept(secret), Kept(), network=network)


@dataclass
class Sitting:
    """A person who answers as told, and what was said to them."""

    answers: list[str]
    told: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.told.append(line)

    def ask(self, question: str, secret: bool = False) -> str:
        assert secret == ("assword" in question)
        return self.answers.pop(0)


@contextmanager
def aw_server(storage: str = "memory") -> Iterator[str]:
    """ActivityWatch's own server, whose address this is. It needs another peewee than ours would, so it lives in
    an environment of its own."""
    program = os.environ.get("AUTOTIME_TEST_AW_SERVER", "")
    if not program:
        pytest.skip("AUTOTIME_TEST_AW_SERVER names no aw-server")
    with tempfile.TemporaryDirectory() as home:
        port, places = (
            free_port(),
            {"XDG_DATA_HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home, "HOME": home},
        )
        command = [program, "--testing", "--storage", storage, "--host", "127.0.0.1", "--port", str(port)]
        with running(command, port, env={**os.environ, **places}):
            yield f"http://127.0.0.1:{port}"
