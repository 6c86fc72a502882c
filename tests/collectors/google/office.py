"""A source of Ada's in an invented workspace: what a settings file and a sealed sign-in would make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from autotime.collectors.google.app import App
from autotime.collectors.google.collector import GoogleCollector
from autotime.collectors.google.quota import Quota
from autotime.collectors.google.service import Google
from autotime.domain.doors import Connection
from autotime.testing.google import EVERYTHING, Workspace
from autotime.vault import SealedFile

ADA = "ada@okafor.example"


def never(_seconds: float) -> None:
    """No test waits for the clock."""


def vault(folder: Path, name: str) -> SealedFile:
    return SealedFile(folder / "sign-ins" / name, lambda: b"a key of thirty-two bytes in all")


def connection(workspace: Workspace, folder: Path, scopes: Sequence[str] = EVERYTHING) -> Connection:
    """Ada has signed in already and given these permissions; none: she has not."""
    own = vault(folder, "ada")
    if scopes and not own.load():
        own.save(workspace.sign_in(workspace.user(ADA), scopes))
    return Connection(own, vault(folder, "firm"), workspace.settings(folder))


def source(workspace: Workspace, folder: Path, scopes: Sequence[str] = EVERYTHING, **options: Any) -> GoogleCollector:
    """Mail alone unless ``parts`` says otherwise; a first run looks back for half a year."""
    usual = {"parts": ("mail",), "first_days": 180, "page": 2, "sleep": never}
    return GoogleCollector("office", connection(workspace, folder, scopes), **(usual | options))


def google(
    workspace: Workspace,
    sleep: Callable[[float], None] = never,
    scopes: Sequence[str] = EVERYTHING,
    **options: Any,
) -> Google:
    """The way to the workspace with a token of Ada's; each fresh one is a new one."""
    granted = frozenset(f"https://www.googleapis.com/auth/{name}" for name in scopes)
    tokens = [workspace.desk.grant(ADA, granted)]

    def headers(fresh: bool) -> dict[str, str]:
        if fresh:
            tokens.append(workspace.desk.grant(ADA, granted))
        return {"Authorization": f"Bearer {tokens[-1]}"}

    workspace.user(ADA)
    quota = options.pop("quota", None) or Quota(10**9, sleep=never)
    return Google(App(base_url=workspace.url), lambda _api: headers, quota=quota, sleep=sleep, **options)
