"""A browser in which a person allows what a page asks for."""

from __future__ import annotations

import threading
import webbrowser
from collections.abc import Callable
from urllib.request import urlopen

import pytest

Visit = Callable[[str], object]


class Browser(webbrowser.BaseBrowser):
    """Goes where it is sent, while the program waits for its answer."""

    def __init__(self, visit: Visit) -> None:
        super().__init__()
        self.visit = visit

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        threading.Thread(target=self.visit, args=(url,), daemon=True).start()
        return True


def fetch(url: str) -> None:
    """Follows a page that sends the browser on at once."""
    with urlopen(url, timeout=10) as page:  # noqa: S310 - a stand-in's own address
        page.read()


def installed(monkeypatch: pytest.MonkeyPatch, visit: Visit) -> None:
    """The only browser of this machine, for one test."""
    monkeypatch.setattr(webbrowser, "_tryorder", ["ada"])
    monkeypatch.setattr(webbrowser, "_browsers", {"ada": [None, Browser(visit)]})
