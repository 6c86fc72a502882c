"""The guests' door: names to collectors and billers, importing exactly the ones the settings name.

Residents come in by the same door. A guest is named ``package.module:Class``; being installed is
not enough.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from autotime.domain.doors import CollectContext, Collector, Connection, FileBiller, Keys
from autotime.domain.errors import Misused
from autotime.domain.evidence import FACTS, Batch, SyncCursor
from autotime.settings import Settings, SourceSettings

COLLECTORS = {
    "mbox": "autotime.collectors.mbox:MboxCollector",
    "maildir": "autotime.collectors.maildir:MaildirCollector",
    "eml": "autotime.collectors.eml:EmlCollector",
    "ics": "autotime.collectors.ics:IcsCollector",
    "documents": "autotime.collectors.documents:DocumentsCollector",
    "msg": "autotime.collectors.msg:MsgCollector",
    "calls": "autotime.collectors.calls:CallsCollector",
    "activitywatch": "autotime.collectors.activitywatch:ActivityWatchCollector",
    "imap": "autotime.collectors.imap:ImapCollector",
    "caldav": "autotime.collectors.caldav:CaldavCollector",
    "microsoft": "autotime.collectors.microsoft.collector:MicrosoftCollector",
    "google": "autotime.collectors.google.collector:GoogleCollector",
}

GUEST = re.compile(r"\w+(\.\w+)*:\w+")
"""``package.module:Class``."""

SEAMS = ("sleep", "clock", "wall", "browse")
"""What a constructor takes for tests only."""

GIVEN = ("account", "source", "connection")
"""What a constructor takes that the settings do not say by that name."""

WORDS = {str: "a text", bool: "true or false", int: "a whole number", float: "a number", Path: "a path"}
LISTS = {str: "a list of texts", Path: "a list of paths"}

BILLERS = {
    "csv": "autotime.billing.csv:CsvBiller",
    "ledes": "autotime.billing.ledes:LedesBiller",
    "ledes-bi": "autotime.billing.ledes:LedesBiBiller",
    "ledes-xml": "autotime.billing.ledes:LedesXmlBiller",
    "clio-csv": "autotime.billing.layouts:ClioSheet",
    "timesolv": "autotime.billing.layouts:TimeSolvSheet",
}


def collector(source: SourceSettings, connection: Connection | None = None) -> Checked:
    """The collector one source asks for, checked; ``Misused`` says what to change in the settings.

    ``connection`` is for collectors that sign in: those with a parameter of that name.
    """
    name = COLLECTORS.get(source.type, source.type)
    whose = f"source «{source.account}»"
    options = {key: _as_paths(key, value) for key, value in source.options().items()}
    if connection is not None and "connection" in inspect.signature(_found(name, whose)).parameters:
        options["connection"] = connection
    made = _made(name, whose, account=source.account, **options)
    if not isinstance(made, Collector):
        raise Misused(f"{whose}: {name} is not a collector")
    return Checked(made)


SYSTEMS = {
    "clio": "autotime.billing.clio.biller:ClioBiller",
    "practicepanther": "autotime.billing.practicepanther.biller:PracticePantherBiller",
    "mycase": "autotime.billing.mycase.biller:MyCaseBiller",
    "timesolv": "autotime.billing.timesolv.biller:TimeSolvBiller",
    "zapier": "autotime.billing.zapier:ZapierBiller",
}
"""Billing systems that are asked over the network. One that stands in ``BILLERS`` too is written to by a file."""


def systems(settings: Settings) -> dict[str, str]:
    """All of them, the guests of the settings among them: those whose constructor takes a ``connection``."""
    return SYSTEMS | {name: where for name, where in settings.billing.guests.items() if _is_asked(name, where)}


def asked(settings: Settings) -> tuple[str, ...]:
    """Targets that entries go to over the network. A system that has a file of its own takes that file."""
    return tuple(name for name in systems(settings) if name not in BILLERS)


def _is_asked(name: str, where: str) -> bool:
    """One that cannot be loaded says so when it is used."""
    try:
        return "connection" in inspect.signature(_found(where, f"target «{name}»")).parameters
    except Misused:
        return False


def system(target: str, settings: Settings, connection: Connection, keys: Keys, **seams: Any) -> Any:
    """The adapter of one billing system: a ``Biller``, a ``BooksSource``, a ``HistorySource``, or several of these.

    ``keys`` are what the system calls the things of the books.
    """
    known = systems(settings)
    if target not in known:
        raise Misused(f"no billing system «{target}»", hint=f"one of: {', '.join(known)}")
    mapping = mapping_of(target, settings)
    return _found(known[target], f"target «{target}»")(connection=connection, keys=keys, mapping=mapping, **seams)


def mapping_of(target: str, settings: Settings) -> dict[str, dict[str, Any]]:
    """What the settings change of how the fields of a target are filled."""
    return {name: rule.model_dump() for name, rule in settings.billing.mapping.get(target, {}).items()}


def file_biller(target: str, settings: Settings) -> FileBiller:
    """The biller of one target."""
    known = settings.billing.guests | BILLERS
    if target not in known:
        raise Misused(f"no billing target «{target}»", hint=f"one of: {', '.join(dict.fromkeys([*known, *SYSTEMS]))}")
    ending = {"lf": "\n", "crlf": "\r\n"}[settings.billing.ledes_line_ending]
    options: dict[str, Any] = {"line_ending": ending} if target in ("ledes", "ledes-bi") else {}
    chosen = {"mapping": mapping_of(target, settings), "columns": settings.billing.columns.get(target)}
    takes = inspect.signature(_found(known[target], f"target «{target}»")).parameters
    for name in (name for name, given in chosen.items() if given and name not in takes):
        raise Misused(
            f"[billing.{name}.{target}]: its fields are fixed",
            hint=f"take [billing.{name}.{target}] out of the settings",
        )
    options |= {name: given for name, given in chosen.items() if given}
    made = _made(known[target], f"target «{target}»", **options)
    if not isinstance(made, FileBiller) or made.target != target:
        raise Misused(f"target «{target}»: {known[target]} is not a biller of files with that target")
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
    factory = _found(name, whose)
    takes = inspect.signature(factory)
    types = {one: _type(one, parameter, factory) for one, parameter in takes.parameters.items()}
    settings = sorted(one for one, type_ in types.items() if one not in GIVEN and type_ is not Callable)
    hint = f"it takes: {', '.join(settings)}; see config.example.toml"
    try:
        takes.bind(**options)
    except TypeError as wrong:
        raise Misused(f"{whose}: {wrong}", hint=hint) from None
    for one, value in options.items():
        if types.get(one) is Callable and not callable(value):  # no settings file holds a function
            raise Misused(f"{whose}: «{one}» is no setting", hint=hint)
        if wanted := _unfit(value, types.get(one, Any)):
            raise Misused(f"{whose}: «{one}» is {wanted}", hint="see config.example.toml")
    return factory(**options)


# -- what a constructor takes ---------------------------------------------------------------------


def _type(name: str, parameter: inspect.Parameter, factory: Any) -> Any:
    """The type of a parameter: ``Callable`` for what only a program can give, ``Any`` where nothing tells."""
    if name in SEAMS:
        return Callable
    said = SimpleNamespace(__annotations__={"it": parameter.annotation})
    try:
        known = get_type_hints(said, vars(sys.modules[factory.__module__]))["it"]
    except Exception:  # noqa: BLE001 - a guest may name what is there for a type checker only
        known = parameter.annotation
    if isinstance(known, str):
        return Callable if "Callable" in known else Any
    either = get_args(known) if get_origin(known) in (Union, UnionType) else (known,)
    return Callable if any((get_origin(one) or one) is Callable for one in either) else known


def _unfit(value: Any, type_: Any) -> str:
    """What is wanted in the place of a value that is not of its type, in words; nothing where it fits."""
    origin, of = get_origin(type_), get_args(type_)
    if origin in (Union, UnionType):
        wanted = [_unfit(value, one) for one in of if one is not type(None)]
        return "" if "" in wanted or value is None else " or ".join(wanted)
    if origin in (Sequence, list, tuple) and of and of[0] in LISTS:
        fits = isinstance(value, list | tuple) and all(_is(one, of[0]) for one in value)
        return "" if fits else LISTS[of[0]]
    return WORDS[type_] if isinstance(type_, type) and type_ in WORDS and not _is(value, type_) else ""


def _is(value: Any, type_: type) -> bool:
    """Settings have no paths: a path is a text there. True and false are no numbers."""
    if isinstance(value, bool):
        return type_ is bool
    return isinstance(value, {float: (float, int), str: (str, Path), Path: (str, Path)}.get(type_, type_))


def _found(name: str, whose: str) -> Any:
    """What a name names. A guest's own trouble is told by its kind: its words may be anything."""
    nobody = Misused(
        f"{whose}: there is no «{name}»", hint=f"one of: {', '.join([*COLLECTORS, *BILLERS])}, or module:Class"
    )
    if not GUEST.fullmatch(name):
        raise nobody
    module, _, attribute = name.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except Exception as broken:  # noqa: BLE001 - whatever a guest's file does when it is read
        if isinstance(broken, AttributeError | ModuleNotFoundError) and (broken.name or "") in name:
            raise nobody from None
        raise Misused(f"{whose}: «{name}» cannot be loaded ({type(broken).__name__})", hint="ask its maker") from None


def _as_paths(key: str, value: Any) -> Any:
    many = [value] if isinstance(value, str) else value
    if key not in ("path", "paths"):
        return value
    if not isinstance(many, list) or not all(isinstance(path, str) for path in many):
        raise Misused(f"«{key}» of a source is a path, or a list of paths", hint="see config.example.toml")
    paths = [Path(path).expanduser() for path in many]
    if key == "path" and len(paths) != 1:
        raise Misused("«path» of a source is one path", hint="see config.example.toml")
    return paths[0] if key == "path" else paths
