"""The collectors of ``docs/how-to/add-a-collector.md`` work as printed, and keep every promise."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from autotime import plugins
from autotime.domain.doors import Connectable, Connection
from autotime.domain.errors import SignInNeeded
from autotime.settings import NetworkSettings, SourceSettings
from autotime.testing import Shelf
from autotime.testing.collectors import NOW
from autotime.vault import SealedFile

from .sources import context

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-collector.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def as_module(name: str, *printed: str, **known: object) -> ModuleType:
    """A collector and its test, in one module as a reader would have them in two files."""
    module = ModuleType(name)
    sys.modules[name] = module
    module.__dict__.update(known)
    for block in printed:
        exec(compile(block, str(GUIDE), "exec", dont_inherit=True), module.__dict__)  # noqa: S102 - our own page
    return module


JOURNAL = as_module("journal", *blocks("python")[:2])
EXCHANGE = as_module("exchange", blocks("python")[1].partition("\n\n\n")[0], *blocks("python")[2:])
TestJournal = JOURNAL.TestJournal
TestExchange = EXCHANGE.TestExchange


def sources() -> list[SourceSettings]:
    """As printed."""
    return [SourceSettings(**source) for block in blocks("toml") for source in tomllib.loads(block)["sources"]]


def test_the_settings_as_printed_load_the_collectors(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By the door every guest comes in by; the one that asks for a connection gets it."""
    monkeypatch.setitem(sys.modules, "journal", JOURNAL)
    monkeypatch.setitem(sys.modules, "exchange", EXCHANGE)
    given = connection(tmp_path)
    made = [plugins.collector(source, given) for source in sources()]
    assert [(one.account, one.source) for one in made] == [("phone", "journal"), ("telephone", "exchange")]
    assert made[1].guest.connection is given
    assert made[1].guest.root == "https://exchange.firm.example/api"


def connection(folder: Path) -> Connection:
    vault = SealedFile(folder / "key", lambda: bytes(32))
    return Connection(vault, vault, network=NetworkSettings().model_dump())


class Ada:
    """Somebody who has the key."""

    def say(self, line: str) -> None: ...

    def ask(self, question: str, secret: bool = False) -> str:
        assert secret
        return "sesame"


def test_a_person_signs_in_to_the_exchange(tmp_path: Path) -> None:
    """It is a ``Connectable``, and before that its run asks for a sign-in."""
    with EXCHANGE.Exchange() as exchange:
        exchange.hold([0])
        made = EXCHANGE.ExchangeCollector("telephone", exchange.url, connection(tmp_path))
        assert isinstance(made, Connectable)
        assert not made.standing(NOW).signed_in
        with pytest.raises(SignInNeeded):
            Shelf().run(made, context())
        made.connect(Ada())
        assert made.standing(NOW).signed_in
        assert len(Shelf().run(made, context()).items) == 1


def test_the_collectors_are_short() -> None:
    """What a guest has to write fits on a page or two."""
    assert all(len(blocks("python")[place].splitlines()) < 100 for place in (0, 2))
