"""What decisions and filed mail have taught."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from autotime.domain.learning import Example
from autotime.store.drawer import Drawer, table_of
from autotime.store.tables import ExampleRow
from autotime.store.translate import decode, encode

EXAMPLE = table_of(ExampleRow)


class ExampleDrawer(Drawer):
    def add(self, examples: Iterable[Example]) -> None:
        rows = [
            {
                "decision": e.decision,
                "kind": e.kind.value,
                "evidence": e.evidence,
                "at": e.at,
                "data": encode(e),
            }
            for e in {(e.decision, e.kind, e.evidence): e for e in examples}.values()
        ]
        self.write(EXAMPLE.insert(), rows)

    def retract(self, decision: str) -> int:
        """Forgets all that one decision (or import) taught. How many lessons that was."""
        return self.write(EXAMPLE.delete().where(self.mine(EXAMPLE), EXAMPLE.c.decision == decision))

    def all(self) -> list[Example]:
        """In order of time."""
        order = (EXAMPLE.c.at, EXAMPLE.c.evidence, EXAMPLE.c.decision, EXAMPLE.c.kind)
        chosen = select(EXAMPLE.c.data).where(self.mine(EXAMPLE)).order_by(*order)
        return [decode(Example, row.data) for row in self.rows(chosen)]
