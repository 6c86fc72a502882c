"""Saying alerts: to a command on its standard input, or by mail. Trouble is returned, never raised."""

from __future__ import annotations

import json
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from email.message import EmailMessage

from autotime.intake import clean
from autotime.operations.alerts import Alert
from autotime.operations.commands import Commands

PATIENCE = 30
"""Seconds for a mail server or a command."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How alerts leave the machine; nothing set: they stand in the report and the status only."""

    command: Sequence[str] = ()
    mail_to: Sequence[str] = ()
    mail_from: str = ""
    smtp_host: str = "localhost"
    smtp_port: int = 25
    starttls: bool = True


def told(alerts: Sequence[Alert], ways: Ways, commands: Commands) -> str:
    """Says the alerts every way that is set; what went wrong, without a word of theirs."""
    troubles = []
    if ways.command:
        troubles.append(_to_command(alerts, ways.command, commands))
    if ways.mail_to:
        troubles.append(_by_mail(alerts, ways))
    return "; ".join(filter(None, troubles))


def _to_command(alerts: Sequence[Alert], command: Sequence[str], commands: Commands) -> str:
    done = commands(list(command), json.dumps({"alerts": [asdict(alert) for alert in alerts]}), PATIENCE)
    return f"the alerts' command ended with {done.code}" if done.code else ""


def _by_mail(alerts: Sequence[Alert], ways: Ways) -> str:
    try:
        with smtplib.SMTP(ways.smtp_host, ways.smtp_port, timeout=PATIENCE) as server:
            if ways.starttls:
                server.starttls(context=ssl.create_default_context())
            server.send_message(letter(alerts, ways))
    except (OSError, smtplib.SMTPException) as refused:
        return f"the alerts' mail was not sent ({type(refused).__name__})"
    return ""


def letter(alerts: Sequence[Alert], ways: Ways) -> EmailMessage:
    """One mail for all: it names accounts, counts and the commands to run, and nothing that was collected."""
    mail = EmailMessage()
    mail["Subject"] = f"autotime: {len(alerts)} thing{'s' if len(alerts) > 1 else ''} to look at"
    mail["From"] = ways.mail_from or ways.mail_to[0]
    mail["To"] = ", ".join(ways.mail_to)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n\n".join(map(_paragraph, alerts)) + "\n")
    return mail


def _paragraph(alert: Alert) -> str:
    said = clean(f"{alert.timekeeper}: {alert.said}", 500)
    return f"{said}\n  next: {clean(alert.hint, 200)}" if alert.hint else said
