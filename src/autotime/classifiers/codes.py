"""UTBMS codes by first rules: the activity from the kind of evidence, the task from its words.

The rules are tables anybody can read. A code is only ever answered if the firm's books hold it and,
for tasks, if it is in the matter's own code set.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from autotime.classifiers.names import own_domains
from autotime.domain.books import Books, Matter
from autotime.domain.evidence import Evidence, Kind
from autotime.domain.people import Timekeeper

DRAFT, REVIEW, IN_FIRM, CLIENT, COUNSEL, OTHERS = "A103", "A104", "A105", "A106", "A107", "A108"
RESEARCH, ATTEND, PREPARE, OTHER = "A102", "A109", "A101", "A111"

MEETING_WORDS = (
    (
        ATTEND,
        r"hearing|deposition|\btrial\b|closing|mediation|arbitration|oral argument|conference with the court|\bCMC\b",
    ),
    (PREPARE, r"\bprep(?:are|aration)?\b|moot|dry run|rehears"),
)
DOCUMENT_WORDS = ((RESEARCH, r"research|memo(?:randum)? (?:of law|on)|case law|authorities"),)

TASKS: dict[str, tuple[tuple[str, str], ...]] = {
    "litigation": (
        ("L350", r"motions? to compel|protective order|discovery motion|meet and confer"),
        ("L330", r"deposition|deponent|\bdepo\b"),
        ("L340", r"expert (?:report|disclosure|discovery)|daubert"),
        (
            "L310",
            r"interrogator|requests? for (?:production|admission)|written discovery"
            r"|discovery re(?:sponse|quest)s|\bRFPs?\b",
        ),
        ("L320", r"document (?:production|review)|privilege log|bates|custodian"),
        ("L240", r"summary judgment|dispositive|motion to dismiss"),
        ("L210", r"complaint|\banswer\b|counterclaim|pleading"),
        ("L220", r"injunction|restraining order|\bTRO\b"),
        ("L230", r"status conference|case management|scheduling order|pretrial conference|court mandated"),
        ("L250", r"\bmotion\b|in limine|\bbrief\b"),
        ("L160", r"settle|mediat|demand letter"),
        ("L410", r"witness (?:list|prep|outline)|cross.examin"),
        ("L430", r"jury instruction|trial brief|written submissions"),
        ("L440", r"trial prep|exhibit list|trial binder"),
        ("L450", r"\btrial\b|hearing"),
        ("L510", r"appeal|appellate"),
        ("L130", r"\bexpert\b|consultant"),
        ("L110", r"interview|investigat|facts?\b|chronology"),
        ("L120", r"strateg|analysis|assess|research|memo"),
    ),
    "project": (
        ("P600", r"closing|signature pages?|completion|funds flow"),
        ("P500", r"revis|redline|mark.?up|comments|negotiat|turn of the draft|counterpart"),
        ("P400", r"draft|prepare|term sheet|agreement|contract|amendment"),
        ("P240", r"real estate|title (?:report|commitment)|survey|lease"),
        ("P210", r"corporate|charter|bylaws|board|resolution"),
        ("P230", r"\btax\b"),
        ("P260", r"intellectual property|patent|licen[sc]e"),
        ("P280", r"diligence|data room"),
        ("P300", r"structure|strateg|analysis"),
        ("P700", r"post.closing"),
        ("P100", r"kick.?off|administration|working group list"),
    ),
    "counseling": (
        ("C200", r"research|case law|statute|regulation"),
        ("C100", r"facts?\b|interview|gather"),
        ("C400", r"third part|notice to|letter to"),
        ("C300", r"advi[cs]e|analysis|question|policy|opinion|guidance|review"),
    ),
    "bankruptcy": (
        ("B310", r"proofs? of claim|claims? (?:objection|register|administration)"),
        ("B320", r"plan|disclosure statement"),
        ("B230", r"cash collateral|financing|\bDIP\b"),
        ("B140", r"relief from stay|automatic stay|adequate protection"),
        ("B130", r"asset (?:sale|disposition)|363|auction"),
        ("B150", r"creditors?.? committee|341|meeting of creditors"),
        ("B160", r"fee application|retention|employment application"),
        ("B185", r"assumption|rejection|executory|lease"),
        ("B190", r"adversary|contested|motion|objection"),
        ("B110", r"administration|schedules|status"),
    ),
}
GENERAL = {"litigation": "L120", "project": "P400", "counseling": "C300", "bankruptcy": "B110"}
"""Where no word tells: the phase most work of such a matter falls into."""

LAW_FIRM = re.compile(
    r"(?:^|[.-])(?:law|legal|llp|attorneys?|counsel|lex|solicitors?)|law(?:firm)?\.|llp\.|(?:legal|counsel)\.", re.I
)
COURT = re.compile(r"uscourts|courts?\.|\.gov$", re.I)


def activity_code(evidence: Sequence[Evidence], timekeeper: Timekeeper, matter: Matter | None, books: Books) -> str:
    """What most of the evidence says was done; empty where the books hold no such code."""
    known = {code.code for code in books.activity_codes()}
    votes = Counter(_activity(item, timekeeper, matter, books) for item in evidence if item.own)
    votes = votes or Counter(_activity(item, timekeeper, matter, books) for item in evidence)
    return next((code for code, _ in sorted(votes.items(), key=lambda v: (-v[1], v[0])) if code in known), "")


def _activity(item: Evidence, timekeeper: Timekeeper, matter: Matter | None, books: Books) -> str:
    text = item.subject.reveal()
    if item.kind is Kind.DOCUMENT:
        return _by_words(DOCUMENT_WORDS, text) or (DRAFT if item.own else REVIEW)
    if item.kind is Kind.MEETING:
        found = _by_words(MEETING_WORDS, text)
        if found:
            return found
    elif not item.own:
        return REVIEW
    return _communication(item, timekeeper, matter, books)


def _communication(item: Evidence, timekeeper: Timekeeper, matter: Matter | None, books: Books) -> str:
    """With whom: the client before counsel, counsel before others, colleagues only if nobody else."""
    own = own_domains(timekeeper)
    others = [who.address for who in item.people if who.address and who.address not in timekeeper.emails]
    outside = [mail for mail in others if mail.partition("@")[2] not in own]
    if not outside:
        return IN_FIRM
    if any(_is_client(mail, matter, books) for mail in outside):
        return CLIENT
    if any(LAW_FIRM.search(mail.partition("@")[2]) for mail in outside):
        return COUNSEL
    return OTHERS


def _is_client(mail: str, matter: Matter | None, books: Books) -> bool:
    """A contact at one of the client's own domains. Contacts elsewhere may be anybody: experts, courts."""
    if matter is None:
        return False
    same = [m for m in books.matters.values() if m.client and m.client == matter.client] or [matter]
    domain = mail.partition("@")[2]
    return any(domain in one.domains for one in same)


def task_code(evidence: Sequence[Evidence], matter: Matter | None, books: Books, billed: Sequence[str] = ()) -> str:
    """The task whose words weigh most, from the matter's set. Where none do, what was ``billed`` on the matter before
    (codes, the most frequent first), else the set's general task."""
    if matter is None or not matter.code_set:
        return ""
    allowed = {code.code for code in books.task_codes(matter)}
    rules = TASKS.get(matter.code_set, ())
    votes: Counter[str] = Counter()
    for item in evidence:
        votes.update(_task_votes(item, rules))
    ranked = sorted(votes.items(), key=lambda vote: (-vote[1], _place(rules, vote[0])))
    answers = (*(code for code, _ in ranked), *billed, GENERAL.get(matter.code_set, ""))
    return next((code for code in answers if code in allowed), "")


def _task_votes(item: Evidence, rules: Iterable[tuple[str, str]]) -> Counter[str]:
    """A subject or file name counts three times, the first lines of the body once."""
    votes: Counter[str] = Counter()
    subject = f"{item.subject.reveal()} {item.facts.get('file', '')}".replace("_", " ")
    body = item.body.reveal()[:1500]
    for code, pattern in rules:
        votes[code] += 3 * bool(re.search(pattern, subject, re.I)) + bool(re.search(pattern, body, re.I))
    return +votes


def _place(rules: Sequence[tuple[str, str]], code: str) -> int:
    return next((place for place, (other, _) in enumerate(rules) if other == code), len(rules))


def _by_words(rules: Iterable[tuple[str, str]], text: str) -> str:
    return next((code for code, pattern in rules if re.search(pattern, text, re.I)), "")
