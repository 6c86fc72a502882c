"""Writes what follows from the code: ``config.example.toml``, and the references of settings and commands.

``python -m docs.generate`` (``make docs``) writes them; a test holds the committed files against it.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from autotime.cli import app
from autotime.plugins import COLLECTORS
from autotime.settings import Settings, SourceSettings

ROOT = Path(__file__).parents[1]

TOP = """\
# Every setting of autotime, its meaning below it, and its default. Written by `make docs`.
#
# Copy it to config.toml in autotime's home folder (`autotime doctor` names it) and keep what you change: what is left
# out has its default. A line that begins with # and no space is an example of what may be set.
"""


def shown(section: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    """The settings of a section, in their order."""
    return [(name, field) for name, field in section.model_fields.items() if not field.exclude]


def plain(section: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    return [(name, field) for name, field in shown(section) if not section_of(field)]


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """The section a field is, lists, or maps names to; ``None`` for a plain setting."""
    kinds = (field.annotation, *get_args(field.annotation))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def sections(section: type[BaseModel], below: str = "") -> Iterator[tuple[str, str, type[BaseModel]]]:
    """Every section: its name in the file (``[policy.clients.NORTH]``), its meaning, and what it is; outer first."""
    for name, field in shown(section):
        if inner := section_of(field):
            path = f"{below}{name}" + (f".{toml_key(field.examples[0])}" if field.examples else "")
            listed = str(field.annotation).startswith("list")
            yield (f"[[{path}]]" if listed else f"[{path}]"), field.description or "", inner
            yield from sections(inner, f"{path}.")


USUAL = {
    "ignore": ["*.bak"],
    "host": "imap.firm.example",
    "user": "you@firm.example",
    "url": "https://dav.firm.example/",
    "mailbox": "you@firm.example",
    "contacts": "~/contacts.csv",
    "folders": ["INBOX", "Sent"],
    "calendars": ["Work"],
    "zone": "America/New_York",
    "denied_apps": ["Solitaire"],
}
"""What a setting without a telling default may look like."""

INSIDE = ("account", "connection", "source", "page", "sleep", "clock", "wall", "browse")
"""What a collector is built from that is no setting."""


def options(kind: str) -> dict[str, Any]:
    """What a collector is built from beside its account, with an example or its default."""
    usual = USUAL | {"path": f"~/{kind}", "paths": [f"~/{kind}"]}
    takes = inspect.signature(collector(kind)).parameters.values()
    return {
        one.name: telling(one.default) or usual.get(one.name, one.default) for one in takes if one.name not in INSIDE
    }


def telling(default: Any) -> Any:
    """A default that shows what a setting looks like; nothing where it is empty or there is none."""
    if default is inspect.Parameter.empty:
        return None
    return list(default) if isinstance(default, tuple | frozenset) else default


def meaning(kind: str) -> str:
    return " ".join((inspect.getdoc(collector(kind)) or "").split()).replace("``", "")


def collector(kind: str) -> Any:
    module, _, name = COLLECTORS[kind].partition(":")
    return getattr(import_module(module), name)


# -- config.example.toml --------------------------------------------------------------------------


def example() -> str:
    return TOP + "".join(f"\n# {told}\n{table(header, section)}" for header, told, section in sections(Settings))


def table(header: str, section: type[BaseModel]) -> str:
    """One table, or for sources one of each type. Tables within tables, and sources, are examples only."""
    if section is SourceSettings:
        return "\n".join(source(kind) for kind in COLLECTORS)
    off = "#" if "." in header else ""
    return f"{off}{header}\n" + "".join(setting(name, field, off) for name, field in plain(section))


def setting(name: str, field: FieldInfo, off: str = "") -> str:
    """The setting and its meaning; one that has an example has no default worth a line."""
    value = field.examples[0] if field.examples else field.default
    off = off or ("#" if field.examples and not field.is_required() else "")
    return f"{off}{name} = {toml(value)}\n#   {field.description}\n"


def source(kind: str) -> str:
    if kind == next(iter(COLLECTORS)):
        lines = ["#[[sources]]\n", *(setting(name, field, "#") for name, field in plain(SourceSettings))]
    else:
        lines = [f'#[[sources]]\n#account = "my {kind}"\n#type = "{kind}"\n']
    lines += [f"#{name} = {toml(value)}\n" for name, value in options(kind).items()]
    return "".join(lines) + f"#   {meaning(kind)}\n"


def toml(value: Any) -> str:
    """A TOML value: most of JSON's are."""
    if isinstance(value, dict):
        return (
            "{ " + ", ".join(f"{toml_key(key)} = {toml(one)}" for key, one in value.items()) + " }" if value else "{}"
        )
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f'"{value}"'
    return json.dumps(value.value if isinstance(value, Enum) else value, ensure_ascii=False)


def toml_key(key: str) -> str:
    return key if key.isidentifier() else f'"{key}"'


# -- docs/reference -------------------------------------------------------------------------------


SETTINGS = """\
# Settings

One TOML file, `config.toml` in autotime's home folder. `AUTOTIME_HOME` moves the folder, `--config FILE` names another
file; nothing else is taken from the environment. A setting nobody knows is refused, with the line it is on.
[`config.example.toml`](../../config.example.toml) shows all of them.
"""


def settings_page() -> str:
    return SETTINGS + "".join(section_page(*one) for one in sections(Settings))


def section_page(header: str, told: str, section: type[BaseModel]) -> str:
    rows = "".join(row(name, field) for name, field in plain(section))
    page = f"\n## `{header}`\n\n{told}\n\n| setting | default | meaning |\n|---|---|---|\n{rows}"
    if section is not SourceSettings:
        return page
    types = "".join(f"| `{kind}` | {code(options(kind))} | {meaning(kind)} |\n" for kind in COLLECTORS)
    return f"{page}\nWhat each type takes beside these:\n\n| type | settings | meaning |\n|---|---|---|\n{types}"


def row(name: str, field: FieldInfo) -> str:
    default = (
        "must be set" if field.is_required() else "" if field.default in (None, "") else code([toml(field.default)])
    )
    return f"| `{name}` | {default} | {field.description} |\n"


def code(words: Any) -> str:
    return ", ".join(f"`{word}`" for word in words)


COMMANDS = """\
# Commands

Standard output is data, standard error is talk. Exit 0: done; 1: a problem a person must solve; 2: the command or a
file given to it is wrong. `--help` after any command says what stands here.
"""


def commands_page() -> str:
    root: Any = typer.main.get_command(app)
    return COMMANDS + "".join(command(name, one) for name, one in commands(root, "autotime"))


def commands(group: TyperGroup, before: str) -> Iterator[tuple[str, TyperCommand]]:
    for word, one in group.commands.items():
        if isinstance(one, TyperGroup):
            yield from commands(one, f"{before} {word}")
        elif isinstance(one, TyperCommand):
            yield f"{before} {word}", one


def command(name: str, one: TyperCommand) -> str:
    arguments = [p for p in one.params if isinstance(p, TyperArgument)]
    given = [p for p in one.params if isinstance(p, TyperOption) and not p.hidden]
    usage = " ".join([name, *(str(a.name).upper() for a in arguments), *(["[OPTIONS]"] if given else [])])
    lines = [f"\n## `{name}`\n\n{inspect.cleandoc(one.help or '')}\n\n```text\n{usage}\n```\n\n"]
    lines += [f"- `{str(a.name).upper()}`: {a.help}\n" for a in arguments]
    lines += [f"- `{', '.join([*p.opts, *p.secondary_opts])}`: {p.help}{standing(p)}\n" for p in given]
    return "".join(lines)


def standing(option: TyperOption) -> str:
    """What holds where the option is not given."""
    if option.required:
        return " (must be given)"
    return "" if option.default in (None, "", False, True, [], ()) else f" (default: {option.default})"


PAGES = {
    "config.example.toml": example,
    "docs/reference/settings.md": settings_page,
    "docs/reference/commands.md": commands_page,
}
"""What is generated, and by what."""


def main() -> None:
    for name, page in PAGES.items():
        (ROOT / name).write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
