"""Mail filed by matter: what the firm taught long before autotime came.

A folder teaches when its name is a matter's number, name or alias (or when a mapping says so); no
folder is guessed.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autotime.classifiers.features import folded
from autotime.domain.books import Books
from autotime.domain.errors import Misused
from autotime.domain.evidence import Evidence, Kind
from autotime.domain.learning import Example, ExampleKind
from autotime.intake import for_screen


def matter_of_folder(books: Books, mapping: Mapping[str, str]) -> dict[str, str]:
    """Folded folder name → matter number. Names that two matters share teach nothing."""
    owners: dict[str, set[str]] = defaultdict(set)
    for matter in books.matters.values():
        for name in (matter.number, matter.name, *matter.aliases):
            owners[folded(name)].add(matter.number)
    known = {name: next(iter(numbers)) for name, numbers in owners.items() if len(numbers) == 1}
    unknown = sorted(set(mapping.values()) - set(books.matters))
    if unknown:
        raise Misused(f"the mapping names matters that are not in the books: {', '.join(unknown)}")
    return known | {folded(folder): matter for folder, matter in mapping.items()}


def read_mapping(data: bytes) -> dict[str, str]:
    """CSV with the columns ``folder, matter``; ``Misused`` says what is wrong with it."""
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig", "replace"), newline=None))
    try:
        if not rows.fieldnames or not {"folder", "matter"} <= set(rows.fieldnames):
            raise Misused("the mapping needs the columns folder, matter")
        return {row["folder"]: row["matter"] for row in rows if row["folder"] and row["matter"]}
    except csv.Error as broken:
        raise Misused(f"the mapping is no CSV, near line {rows.line_num + 1}: {broken}") from None


@dataclass(frozen=True, slots=True)
class Filed:
    """What was found in folders."""

    messages: tuple[tuple[Evidence, str], ...]
    unknown: dict[str, int]

    @property
    def learned(self) -> dict[str, tuple[str, int]]:
        counts = Counter((for_screen(item.place), matter) for item, matter in self.messages)
        return {folder: (matter, count) for (folder, matter), count in counts.items()}

    def examples(self, teacher: str) -> list[Example]:
        return [
            Example(
                kind=ExampleKind.MATTER,
                evidence=item.id,
                revision=item.revision,
                label=matter,
                at=item.at,
                weight=1.0,
                decision=teacher,
            )
            for item, matter in self.messages
        ]


def lessons_from(evidence: Iterable[Evidence], known: Mapping[str, str]) -> Filed:
    """Sorts messages by whether the folder they lie in names a matter."""
    filed: list[tuple[Evidence, str]] = []
    unknown: Counter[str] = Counter()
    for item in evidence:
        if item.kind is not Kind.MESSAGE:
            continue
        matter = known.get(folded(item.place.reveal()))
        if matter:
            filed.append((item, matter))
        else:
            unknown[for_screen(item.place)] += 1
    return Filed(tuple(filed), dict(unknown))
