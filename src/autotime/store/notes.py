"""Small things a store remembers: runs, and values by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from autotime.store.drawer import Drawer, table_of
from autotime.store.tables import MetaRow, RunRow

RUN, META = table_of(RunRow), table_of(MetaRow)


class RunDrawer(Drawer):
    def start(self, kind: str, now: int) -> int:
        with self.store.transaction():
            number = (self.scalar(select(func.max(RUN.c.number)).where(self.mine(RUN))) or 0) + 1
            self.write(
                RUN.insert(),
                [{"number": number, "kind": kind, "started_at": now, "finished_at": 0, "report": "{}"}],
            )
        return int(number)

    def finish(self, number: int, now: int, report: Mapping[str, Any]) -> None:
        done = RUN.update().where(self.mine(RUN), RUN.c.number == number)
        self.write(done.values(finished_at=now, report=json.dumps(report, sort_keys=True)))

    def last(self, kind: str) -> dict[str, Any] | None:
        rows = self.rows(select(RUN).where(self.mine(RUN), RUN.c.kind == kind).order_by(RUN.c.number.desc()).limit(1))
        if not rows:
            return None
        row = rows[0]
        return {
            "started_at": row.started_at,
            "finished_at": row.finished_at,
            "report": json.loads(row.report),
        }


class MetaDrawer(Drawer):
    def get(self, key: str) -> str:
        return str(self.scalar(select(META.c.value).where(self.mine(META), META.c.key == key)) or "")

    def set(self, key: str, value: str) -> None:
        with self.store.transaction():
            self.replace(META, ("key",), [{"key": key, "value": value}])
