"""Plain methods beside ours, on the same splits: what a matter guess is worth must be seen against them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from autotime.domain.evidence import Role
from autotime.training.labelled import Labelled

Predict = Callable[[Sequence[Labelled], Sequence[Labelled]], list[str]]
"""From what is known and what is asked to one answer for each of the latter."""


def majority(known: Sequence[Labelled], asked: Sequence[Labelled]) -> list[str]:
    """What was answered most."""
    return [Counter(one.label for one in known).most_common(1)[0][0]] * len(asked)


def last_used(known: Sequence[Labelled], asked: Sequence[Labelled]) -> list[str]:
    """What was answered last."""
    return [known[-1].label] * len(asked)


def sender_rule(known: Sequence[Labelled], asked: Sequence[Labelled]) -> list[str]:
    """What this sender's mail was about most; else what was answered most."""
    about: dict[str, Counter[str]] = defaultdict(Counter)
    for one in known:
        about[_sender(one)][one.label] += 1
    other = majority(known, asked[:1])[0] if asked else ""
    return [about[_sender(one)].most_common(1)[0][0] if about[_sender(one)] else other for one in asked]


def naive_bayes(known: Sequence[Labelled], asked: Sequence[Labelled]) -> list[str]:
    """Complement naive Bayes over counts of words."""
    from sklearn.feature_extraction.text import CountVectorizer  # noqa: PLC0415 - only evaluating needs it
    from sklearn.naive_bayes import ComplementNB  # noqa: PLC0415

    return _fitted(CountVectorizer(), ComplementNB(alpha=0.3), known, asked)


def linear_svm(known: Sequence[Labelled], asked: Sequence[Labelled]) -> list[str]:
    """A linear support vector machine over TF-IDF of one bag of words, headers and body."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    return _fitted(TfidfVectorizer(sublinear_tf=True), LinearSVC(random_state=0), known, asked)


BASELINES: dict[str, Predict] = {
    "majority": majority,
    "last_used": last_used,
    "sender_rule": sender_rule,
    "naive_bayes": naive_bayes,
    "linear_svm": linear_svm,
}


def _fitted(words: object, model: object, known: Sequence[Labelled], asked: Sequence[Labelled]) -> list[str]:
    if len({one.label for one in known}) < 2:
        return majority(known, asked)
    rows = words.fit_transform(map(_bag, known))  # type: ignore[attr-defined]
    model.fit(rows, [one.label for one in known])  # type: ignore[attr-defined]
    return [str(label) for label in model.predict(words.transform(map(_bag, asked)))]  # type: ignore[attr-defined]


def _bag(one: Labelled) -> str:
    item = one.item
    people = " ".join(f"{who.address} {who.name.reveal()}" for who in item.people)
    return " ".join((people, item.subject.reveal(), item.body.reveal(), item.quoted.reveal()))


def _sender(one: Labelled) -> str:
    return next((who.address for who in one.item.people if who.role is Role.FROM), "")
