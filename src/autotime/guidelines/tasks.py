"""How many tasks a narrative tells of.

A task begins with a verb of legal work. Verbs that share one object are one task («review and revise the
agreement»), as is what prepares it («prepare for and attend»); travel is always a task of its own.

::

    Review and revise lease; call with J. Ortiz re: closing
    └──── one task ───────┘  └──────── another ─────────┘
"""

from __future__ import annotations

import re

TRAVEL = frozenset(["travel", "drive", "fly", "commute"])
PREPARING = frozenset(["prepare", "plan"])
VERBS = TRAVEL | PREPARING | frozenset(
    [
        "address", "advise", "analyze", "appear", "argue", "assemble", "assess", "attend", "begin", "calendar",
        "call", "cite-check", "collect", "communicate", "compare", "compile", "compose", "conduct", "confer",
        "conference", "confirm", "consider", "consult", "continue", "coordinate", "correspond", "create", "defend",
        "depose", "develop", "discuss", "draft", "edit", "email", "evaluate", "examine", "exchange", "execute",
        "file", "finalize", "follow", "gather", "identify", "incorporate", "index", "inspect", "instruct",
        "interview", "investigate", "join", "leave", "listen", "locate", "mail", "manage", "mark", "meet", "modify",
        "negotiate", "obtain", "order", "organize", "outline", "oversee", "participate", "phone", "process", "proof",
        "proofread", "propose", "provide", "read", "receive", "record", "redact", "redline", "request", "research",
        "respond", "review", "revise", "scan", "schedule", "search", "send", "serve", "settle", "strategize", "study",
        "submit", "summarize", "supervise", "take", "telephone", "transmit", "update", "verify", "visit", "work",
        "write",
    ]
)  # fmt: skip
"""Base forms; the other forms are brought back to these."""

NOUNS = frozenset(
    [
        "address", "call", "conference", "draft", "email", "file", "index", "interview", "mark", "order", "plan",
        "process", "proof", "record", "request", "research", "review", "schedule", "search", "study", "take",
        "travel", "work",
    ]
)  # fmt: skip
"""Verbs that are nouns as often: after a comma or «and» they begin a task only where an object or a partner follows."""

FOLLOWS = frozenset(
    [
        "a", "an", "the", "with", "to", "all", "his", "her", "its", "their", "our", "client's", "from", "of",
        "motion", "reply", "response", "letter", "brief", "memo", "memorandum", "agreement", "complaint", "answer",
        "order", "declaration", "declarations", "documents", "discovery",
    ]
)  # fmt: skip

SEPARATORS = re.compile(r"\s*(?:;|,|\.(?=\s)|\band\b|&|/|\bplus\b|\bthen\b)\s*", re.IGNORECASE)
HANDLE = re.compile(r"\s*(?:\([^)]*\)|\[[^\]]*\])\s*")
SHARED = re.compile(r"\b(?:to|for|with|at|in|on|from|of|about|against)$", re.IGNORECASE)
AFTERTHOUGHT = re.compile(r"\b(?:re|regarding|concerning|about|including|relating to|in light of)\b", re.IGNORECASE)
IRREGULAR = {"wrote": "write", "met": "meet", "sent": "send", "took": "take", "read": "read", "drove": "drive",
             "flew": "fly", "began": "begin", "left": "leave", "emails": "email", "e-mail": "email", "e-mails": "email",
             "calls": "call", "conferences": "conference", "analyse": "analyze", "analysed": "analyze",
             "organise": "organize", "finalise": "finalize", "summarise": "summarize"}  # fmt: skip


def tasks(narrative: str) -> tuple[str, ...]:
    """The tasks of a narrative, each as it is told. What comes after «regarding» is its subject, not a further task."""
    found: list[str] = []
    shares = False
    for sentence in re.split(r";|\.\s", HANDLE.sub(" ", narrative)):
        told = AFTERTHOUGHT.split(sentence, maxsplit=1)[0]
        for piece in filter(None, SEPARATORS.split(told.strip())):
            verb = _verb(piece, first=not found or not piece[:1].islower())
            if not verb:
                shares = False if found else shares
                continue
            before = _verb(found[-1], first=True) if found else ""
            if shares and not {verb, before} & TRAVEL:
                found[-1] = f"{found[-1]} and {piece}"
            else:
                found.append(piece)
            shares = _shares_object(piece)
    return tuple(found)


def verb_of(text: str) -> str:
    """The verb a narrative begins with, in its base form; nothing where it begins otherwise."""
    return _verb(HANDLE.sub(" ", text).strip(), first=True)


def _verb(piece: str, first: bool) -> str:
    words = re.findall(r"[A-Za-z][A-Za-z'-]*", piece)
    while (
        words and words[0].lower() in ("to", "further", "also", "continue", "continued", "telephone") and len(words) > 1
    ):
        words = words[1:]
    if not words:
        return ""
    base = _base(words[0].lower())
    is_noun = (
        not first and base in NOUNS and base == words[0].lower() and words[1:2] and words[1].lower() not in FOLLOWS
    )
    return base if base in VERBS and not is_noun else ""


def _base(word: str) -> str:
    if word in VERBS:
        return word
    if word in IRREGULAR:
        return IRREGULAR[word]
    for ending in ("ing", "ed", "es", "s"):
        stem = word.removesuffix(ending)
        if stem == word:
            continue
        for made in (stem, stem + "e", stem[:-1] if len(stem) > 2 and stem[-1] == stem[-2] else stem):
            if made in VERBS:
                return made
        if stem.endswith("i") and stem[:-1] + "y" in VERBS:
            return stem[:-1] + "y"
    return word


def _shares_object(piece: str) -> bool:
    """Whether its object is still to come: a verb alone, or one that ends in a preposition."""
    return len(piece.split()) == 1 or bool(SHARED.search(piece))
