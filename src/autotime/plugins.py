"""The guests' door: names to collectors and billers, importing exactly the ones the settings name.

Residents come in by the same door. A guest is named ``package.module:Class``; being installed is
not enough.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from autotime.domain.doors import CollectContext, Collector, FileBiller
from autotime.domain.errors import Misused
from autotime.domain.evidence import FACTS, Batch, SyncCursor
from autotime.settings import Settings, SourceSettings

COLLECTORS = {
    "mbox": "autotime.collectors.mbox:MboxCollector",
    "maildir": "autotime.collectors.maildir:MaildirCollector",
    "eml": "autotime.collectors.eml:EmlCollector",
    "ics": "autotime.collectors.ics:IcsCollector",
    "documents": "autotime.collectors.documents:DocumentsCollector",
}

BILLERS = {
    "csv": "autotime.billing.csv:CsvBiller",
    "ledes": "autotime.billing.ledes:LedesBiller",
}


def collector(source: SourceSettings) -> Collector:
    """The collector one source asks for, checked; ``Misused`` says what to change in the settings."""
    name = COLLECTORS.get(source.type, source.type)
    options = {key: _as_paths(key, value) for key, value in source.options().items()}
    made = _made(name, f"source «{source.account}»", account=source.account, **options)
    if not isinstance(made, Collector):
        raise Misused(f"source «{source.account}»: {name} is not a collector")
    return Checked(made)


def file_biller(target: str, settings: Settings) -> FileBiller:
    """The biller of one target."""
    if target not in BILLERS:
        raise Misused(f"no billing target «{target}»", hint=f"one of: {', '.join(BILLERS)}")
    ending = {"lf": "\n", "crlf": "\r\n"}[settings.billing.ledes_line_ending]
    options = {"line_ending": ending} if target == "ledes" else {}
    made = _made(BILLERS[target], f"target «{target}»", **options)
    if not isinstance(made, FileBiller):
        raise Misused(f"target «{target}»: {BILLERS[target]} is not a biller of files")
    return made


class Checked:
    """A collector whose pages are looked at before they are believed."""

    def __init__(self, guest: Collector) -> None:
        self.guest = guest
        self.account = guest.account
        self.source = guest.source

    def collect(self, cursor: SyncCursor | None, context: CollectContext) -> Iterator[Batch]:
        for batch in self.guest.collect(cursor, context):
            for item in batch.evidence:
                strange = set(item.facts) - FACTS.keys()
                if strange or (item.account, item.source) != (self.account, self.source):
                    raise Misused(
                        f"the collector of «{self.account}» returned evidence that is not well formed"
                        + (f": unknown facts {', '.join(sorted(strange))}" if strange else "")
                    )
            yield batch


def _made(name: str, whose: str, **options: Any) -> Any:
    module, _, attribute = name.partition(":")
    try:
        factory = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError):
        known = ", ".join([*COLLECTORS, *BILLERS])
        raise Misused(f"{whose}: there is no «{name}»", hint=f"one of: {known}, or module:Class") from None
    try:
        inspect.signature(factory).bind(**options)
    except TypeError as wrong:
        raise Misused(f"{whose}: {wrong}", hint="see config.example.toml") from None
    return factory(**options)


def _as_paths(key: str, value: Any) -> Any:
    if key == "path":
        return Path(value).expanduser()
    if key == "paths":
        many = [value] if isinstance(value, str) else value
        return [Path(path).expanduser() for path in many]
    return value
