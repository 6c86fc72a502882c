"""Which document a window shows, from its title and its program.

::

    Smith v Jones - Motion.docx  -  Read-Only - Word        a file name that ends like one
    Smith v Jones - Motion - Word                           the same where Windows hides the endings
    Order.pdf (SECURED) - Adobe Acrobat Reader (64-bit)
    Lease – draft 3 - Google Docs - Mozilla Firefox         a document without a file
    Inbox - ada@okafor.example - Outlook                    no document
"""

from __future__ import annotations

import re

from autotime.intake import clean

LONGEST = 200

MAIL = re.compile(r"outlook|olk|thunderbird|mail|hxtsr|evolution|superhuman|lotus|notes2", re.IGNORECASE)
SHELLS = {"explorer", "finder", "nautilus", "dolphin", "thunar", "nemo", "totalcmd64", "doublecmd"}
"""Programs that show files and are not work on them."""

BROWSERS = re.compile(
    r"chrom|firefox|msedge|microsoft edge|safari|\bbrave|\bopera\b|vivaldi|\barc\b|iexplore|librewolf|\bzen\b",
    re.IGNORECASE,
)
HIDDEN = re.compile(r"incognito|inprivate|private browsing|inkognito|privater modus|navigation privée", re.IGNORECASE)
"""What browsers write into the title of a window that keeps no history."""

WEB_MAIL = re.compile(r" [-–—] (?:Gmail|Outlook|Yahoo Mail|Proton Mail|.* Mail)(?: [-–—]|$)|\bGmail\b", re.IGNORECASE)

ENDINGS = "docx?|docm|dotx?|rtf|odt|wpd|wps|pages|xlsx?|xlsm|xlsb|ods|csv|numbers|pptx?|pptm|ppsx?|odp|keynote|pdf"
NAMED = re.compile(rf"(?P<name>.{{1,{LONGEST}}}?\.(?:{ENDINGS}))(?=$|[^\w.]|\.(?:\W|$))", re.IGNORECASE)

PROGRAM = re.compile(
    r"\s+[-–—]\s+(?:(?:Microsoft\s+)?(?:Word|Excel|PowerPoint)(?:\s+\(.*\))?"
    r"|(?:LibreOffice|OpenOffice|Apache OpenOffice|OnlyOffice|ONLYOFFICE)\b.*"
    r"|Adobe (?:Acrobat|Reader)\b.*|Corel WordPerfect\b.*|WordPerfect\b.*)$"
)
BEFORE = re.compile(
    r"^(?:Microsoft (?:Word|Excel|PowerPoint)|(?:Corel )?WordPerfect[^\[]*|PowerPoint Slide Show)\s+-\s+\[?"
)
ON_THE_WEB = re.compile(
    r"^(?P<name>.+?) [-–—] (?:Google (?:Docs|Sheets|Slides)"
    r"|(?:Microsoft )?(?:Word|Excel|PowerPoint)(?: Online)?)(?: [-–—]|$)"
)
STATE = re.compile(
    r"\s*(?:[-–—]\s+)?[\[(]?(?:Read-Only|Compatibility Mode|Protected View|AutoRecovered|Autosaved|Repaired|Group"
    r"|SECURED|Last (?:Modified|saved).*|Saved(?: to .*)?|Saving.*|Shared|Final)[\])]?$",
    re.IGNORECASE,
)
PATH = re.compile(r"[A-Za-z]:[\\/]|[\\/]|~/")
OFFICE = {"winword", "microsoft word", "excel", "microsoft excel", "powerpnt", "microsoft powerpoint"}
START = {"", "word", "excel", "powerpoint", "microsoft word", "microsoft excel", "microsoft powerpoint", "opening",
         "start center", "home", "tools"}  # fmt: skip
"""Titles of a program that has nothing open yet."""


def program(app: str) -> str:
    """A program's name as it is compared: in lower case, without ``.exe`` or ``.app``."""
    return re.sub(r"\.(?:exe|app|bin)$", "", app.strip().casefold())


def is_hidden(app: str, title: str) -> bool:
    """A window of a browser that keeps no history."""
    return bool(BROWSERS.search(app) and HIDDEN.search(title))


def document(app: str, title: str) -> str:
    """The name of the document that is open, cleaned; nothing where the window shows none."""
    name, text = program(app), clean(title, 2 * LONGEST).lstrip("*●• ")
    if MAIL.search(name) or name in SHELLS:
        return ""
    if BROWSERS.search(name):
        return "" if WEB_MAIL.search(text) else _on_the_web(text)
    shown = BEFORE.sub("", text)
    if named := NAMED.match(shown):
        return _file(named["name"])
    bare = PROGRAM.sub("", shown)
    return _stated(bare) if bare != text or name in OFFICE else ""


def _on_the_web(text: str) -> str:
    found = ON_THE_WEB.match(text)
    if found:
        return _file(found["name"])
    named = NAMED.match(text)
    return _file(named["name"]) if named else ""


def _stated(text: str) -> str:
    """A name without what the program says of its state."""
    before = ""
    while before != text:
        before, text = text, STATE.sub("", text).rstrip("] ")
    text = re.sub(r":\d$", "", text)
    return "" if text.casefold() in START else _file(text)


def _file(name: str) -> str:
    """The last step of a path; a slash in a name («Klage ./. Meier») makes none. Nothing for what is no name."""
    name = name.strip("[] ")
    if PATH.match(name):
        name = re.split(r"[\\/]", name)[-1]
    return name.strip()[:LONGEST] if any(sign.isalnum() for sign in name) else ""
