"""connect."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autotime.cli.common import (
    AsJson,
    Config,
    Who,
    at_a_terminal,
    confirm,
    office,
    print_json,
    say,
    settings_of,
    tell,
)
from autotime.domain.errors import Misused

if TYPE_CHECKING:
    from autotime.domain.doors import SignIn
    from autotime.office import Office
    from autotime.settings import Settings, SourceSettings
    from autotime.steps.connecting import Tried


def register(app: typer.Typer) -> None:
    app.command()(connect)


def connect(
    source: Annotated[
        str,
        typer.Argument(
            help="A source of the settings by its name, a new one (microsoft, google, imap, caldav), or a billing "
            "system: clio, practicepanther, mycase, timesolv, zapier."
        ),
    ],
    account: Annotated[str, typer.Option("--account", help="Your name for a new source.", show_default=False)] = "",
    given: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A setting of a new source; may be repeated."),
    ] = None,
    device: Annotated[bool, typer.Option("--device", help="Sign in by a code on another device.")] = False,
    firm: Annotated[
        bool, typer.Option("--firm", help="The firm's own sign-in for every mailbox (microsoft, google).")
    ] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Take the sign-in off this machine.")] = False,
    example: Annotated[
        bool, typer.Option("--example/--no-example", help="Show one item as it would be stored.")
    ] = True,
    yes: Annotated[bool, typer.Option("--yes", help="Add a new source to the settings without asking.")] = False,
    config: Config = None,
    timekeeper: Who = "",
    as_json: AsJson = False,
) -> None:
    """Sign in to a source or a billing system: what it asks for and why, one test call, and what would be stored."""
    from autotime import plugins
    from autotime.steps import connecting

    settings = settings_of(config)
    if source in plugins.systems(settings):
        _system(settings, source, _settings(given), config, timekeeper, device, forget, yes, as_json)
        return
    chosen = connecting.any_of(settings, source) if firm else None
    who = settings.timekeeper(timekeeper or (chosen.timekeeper if chosen else "")).id
    chosen = chosen or connecting.found(settings, who, source)
    if not (firm or forget or at_a_terminal()):
        raise Misused("signing in needs a person at a terminal", hint=f'autotime connect "{source}", in a terminal')
    if chosen is None and forget:
        raise Misused(f"there is no source of type {source}", hint="autotime status")
    if chosen is None:
        chosen = _added(settings, config, source, account or source, _settings(given), firm, yes, who)
    with office(config, who) as here:
        if forget:
            connecting.forget(here, chosen, firm=firm)
            _say_forgotten(chosen, as_json)
        else:
            _connected(here, chosen, device, firm, example, as_json)


def _settings(given: list[str] | None) -> dict[str, Any]:
    """Values as TOML has them; what is none is text."""
    from autotime.steps.connecting import value_of

    pairs = [one.partition("=") for one in given or []]
    if wrong := [name for name, sign, _ in pairs if not sign or not name.isidentifier()]:
        raise Misused(f"--set takes NAME=VALUE, not «{wrong[0]}»", hint="--set mailbox=ada@firm.example")
    return {name: value_of(value) for name, _, value in pairs}


# -- a new source ---------------------------------------------------------------------------------


def _added(
    settings: Settings,
    config: Path | None,
    kind: str,
    account: str,
    given: dict[str, Any],
    firm: bool,
    yes: bool,
    who: str,
) -> SourceSettings:
    """The source as the settings then name it, once a person has seen what is added."""
    from autotime.settings import config_path
    from autotime.steps import connecting

    asked = list(connecting.questions(settings, kind, firm))
    answers: dict[tuple[str, str], Any] = {}
    for section, name in asked:
        answers[section, name] = given.pop(name, "") or Terminal().ask(f"{connecting.question(name)}:")
    answers |= {("sources", name): value for name, value in given.items()}
    several = len(settings.timekeepers) > 1
    added = connecting.addition(kind, account, answers, who if several else "")
    path = config_path(config)
    say(f"This is added to {path}:\n{added.text}")
    confirm("Add it?", yes)
    connecting.add_to(path, added)
    chosen = connecting.found(settings_of(config), who, account)
    assert chosen is not None  # noqa: S101 - it was just added
    return chosen


# -- a billing system -----------------------------------------------------------------------------


def _system(
    settings: Settings,
    target: str,
    given: dict[str, Any],
    config: Path | None,
    timekeeper: str,
    elsewhere: bool,
    forget: bool,
    yes: bool,
    as_json: bool,
) -> None:
    from autotime.review.words import counted
    from autotime.steps import systems

    if not (forget or at_a_terminal()):
        raise Misused("signing in needs a person at a terminal", hint=f"autotime connect {target}, in a terminal")
    if not forget:
        _registered(settings, target, given, config, yes)
    with office(config, timekeeper) as here:
        if forget:
            systems.forget(here, target)
            say(f"the sign-in of {target} is gone from this machine; what was sent stays sent")
            if as_json:
                print_json({"system": target, "signed_in": False})
            return
        _say_system(target, dict(systems.connectable(here, target).wants()))
        signed = systems.sign_in(here, target, Terminal(), elsewhere=elsewhere)
        _say_standing(signed.standing, {}, here.now)
    if as_json:
        print_json({"system": target, **asdict(signed.standing), "things": signed.things})
    if signed.things is not None:
        say(f"test call: it answers; {counted(signed.things, 'thing')} on the first page of its books")
        say(f"next: autotime books pull {target}, then autotime push {target} --dry-run")
    else:
        say(f"next: autotime push {target} --dry-run")


def _registered(settings: Settings, target: str, given: dict[str, Any], config: Path | None, yes: bool) -> None:
    """Adds what the settings lack of the registration, once a person has seen it."""
    from autotime.settings import config_path
    from autotime.steps import connecting, systems

    lacking = systems.missing(settings, target)
    if not lacking:
        return
    answers = {name: given.get(name) or Terminal().ask(f"{name} of the firm's access to {target}:") for name in lacking}
    added = systems.addition(target, {**given, **answers})
    path = config_path(config)
    say(f"This is added to {path}:\n{added.text}")
    confirm("Add it?", yes)
    connecting.add_to(path, added)


def _say_system(target: str, wants: dict[str, str]) -> None:
    say(f"{target} asks for:")
    for permission, why in wants.items():
        say(f"  {permission}\n    {why}")


# -- signing in -----------------------------------------------------------------------------------


class Terminal:
    """Whoever sits at the terminal: talk goes to standard error, standard output is data."""

    def say(self, line: str) -> None:
        say(line)

    def ask(self, question: str, secret: bool = False) -> str:
        if not sys.stdin.isatty():
            raise Misused(f"«{question}» needs a person at a terminal", hint="run it in a terminal, or use --set")
        return str(typer.prompt(question.rstrip(":"), hide_input=secret, err=True))


def _connected(here: Office, source: SourceSettings, device: bool, firm: bool, example: bool, as_json: bool) -> None:
    from autotime.steps import connecting

    wants = connecting.permissions(here, source, firm=firm)
    _say_wants(source, wants, firm)
    stands = connecting.sign_in(here, source, Terminal(), device=device, firm=firm)
    tried = connecting.try_once(here, source, firm=firm)
    _say_standing(stands, wants, here.now)
    _say_tried(tried)
    if as_json:
        print_json(_told(source, wants, stands, tried))
    elif example and tried.example is not None:
        tell("One item of yours, as it would be stored (nothing is stored yet):")
        for line in connecting.shown(tried.example, here.timekeeper.zone):
            tell(f"  {line}")
    say(f'next: autotime collect --account "{source.account}", then autotime schedule install')


def _say_wants(source: SourceSettings, wants: dict[str, str], firm: bool) -> None:
    if wants:
        say(f"«{source.account}» asks for{', granted to the firm by an administrator' if firm else ''}:")
    for permission, why in wants.items():
        say(f"  {permission}\n    {why}")


def _say_standing(stands: SignIn, wants: dict[str, str], now: int) -> None:
    say(f"signed in{f' as {stands.who}' if stands.who else ''}")
    if stands.lapses_at:
        say(f"  it lapses in {(stands.lapses_at - now) // 86_400} days if it is not used")
    for permission in stands.missing:
        say(f"  not given, so not collected: {permission} ({wants.get(permission, 'no reason is known')})")


def _say_tried(tried: Tried) -> None:
    from autotime.review.words import counted

    held = f"{counted(len(tried.evidence), 'item')} on the first page" if tried.evidence else "nothing there yet"
    say(f"test call: it answers; of the last 30 days, {held}")
    for gap in tried.gaps:
        say(f"  not collected: {gap.part}: {gap.reason}" + (f"\n    next: {gap.hint}" if gap.hint else ""))


def _told(source: SourceSettings, wants: dict[str, str], stands: SignIn, tried: Tried) -> dict[str, Any]:
    """For programs: counts, and no word of an item."""
    return {
        "account": source.account,
        "type": source.type,
        "permissions": [{"permission": name, "why": why} for name, why in wants.items()],
        "signed_in": stands.signed_in,
        "signed_in_as": stands.who,
        "missing_permissions": list(stands.missing),
        "test": {"items": len(tried.evidence), "gaps": [asdict(gap) for gap in tried.gaps]},
    }


def _say_forgotten(source: SourceSettings, as_json: bool) -> None:
    if as_json:
        print_json({"account": source.account, "type": source.type, "signed_in": False})
    say(f"the sign-in of «{source.account}» is gone from this machine; what was collected stays")
    say("  also take it back at the service: docs/for-your-administrator.md says where")
    say(f'next: autotime connect "{source.account}", to sign in again')
