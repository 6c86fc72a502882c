"""A store in memory, as small as what a collector may rely on: a page goes in whole, or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field

from autotime.domain.doors import CollectContext, Collector
from autotime.domain.evidence import Batch, Evidence, Gap, SyncCursor


@dataclass(slots=True)
class Shelf:
    """What was collected. ``new``, ``changed``, ``failed``, ``gaps`` and ``pages`` are of the last ``run``."""

    cursor: SyncCursor | None = None
    evidence: dict[str, Evidence] = field(default_factory=dict)
    quarantined: dict[str, str] = field(default_factory=dict)
    new: int = 0
    changed: int = 0
    failed: int = 0
    pages: int = 0
    gaps: list[Gap] = field(default_factory=list)

    def run(self, collector: Collector, context: CollectContext, pages: int | None = None) -> Shelf:
        """Stores the pages that come, or the first few of them: then the run was killed while
        reading the next one."""
        self.new = self.changed = self.failed = self.pages = 0
        self.gaps = []
        if pages == 0:
            return self
        for batch in collector.collect(self.cursor, context):
            self._keep(batch)
            self.pages += 1
            if self.pages == pages:
                break
        return self

    def _keep(self, batch: Batch) -> None:
        for item in batch.evidence:
            before = self.evidence.get(item.id)
            self.new += before is None
            self.changed += before is not None and before != item
            self.evidence[item.id] = item
        for key in batch.withdrawn:
            gone = [item.id for item in self.evidence.values() if item.key == key]
            for one in gone:
                del self.evidence[one]
        self.failed += sum(bad.key not in self.quarantined for bad in batch.quarantined)
        self.quarantined |= {bad.key: bad.reason for bad in batch.quarantined}
        self.gaps += batch.gaps
        self.cursor = SyncCursor(str(batch.cursor.value))

    @property
    def items(self) -> list[Evidence]:
        """In order of time."""
        return sorted(self.evidence.values(), key=lambda item: (item.at, item.id))
