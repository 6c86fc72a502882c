"""What is derived and can be made again: rankings and suggestions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import func, select

from autotime.domain.matching import Ranking
from autotime.domain.work import Status, Suggestion
from autotime.store.drawer import Drawer, table_of
from autotime.store.tables import RankingRow, SuggestionRow
from autotime.store.translate import decode, encode

RANKING, SUGGESTION = table_of(RankingRow), table_of(SuggestionRow)


class RankingDrawer(Drawer):
    def put(self, rankings: Iterable[Ranking]) -> None:
        rows = [{"evidence": ranking.evidence, "data": encode(ranking)} for ranking in rankings]
        self.replace(RANKING, ("evidence",), rows)

    def get(self, ids: Iterable[str]) -> dict[str, Ranking]:
        rows = self.by_ids(RANKING, "evidence", ids, "evidence", "data")
        return {row.evidence: decode(Ranking, row.data) for row in rows}


class SuggestionDrawer(Drawer):
    def replace_day(self, day: date, items: Sequence[Suggestion]) -> None:
        """All of a day's suggestions, in the order they are shown."""
        with self.store.transaction():
            self.write(SUGGESTION.delete().where(self.mine(SUGGESTION), SUGGESTION.c.day == day.isoformat()))
            self.write(SUGGESTION.insert(), (_row(item, place) for place, item in enumerate(items)))

    def on(self, day: date) -> list[Suggestion]:
        chosen = select(SUGGESTION.c.data).where(self.mine(SUGGESTION), SUGGESTION.c.day == day.isoformat())
        return [decode(Suggestion, row.data) for row in self.rows(chosen.order_by(SUGGESTION.c.position))]

    def get(self, wanted: str) -> Suggestion | None:
        found = self.scalar(select(SUGGESTION.c.data).where(self.mine(SUGGESTION), SUGGESTION.c.id == wanted))
        return None if found is None else decode(Suggestion, found)

    def days(self) -> list[date]:
        rows = self.rows(select(SUGGESTION.c.day).where(self.mine(SUGGESTION)).distinct())
        return sorted(date.fromisoformat(row.day) for row in rows)

    def undecided(self, statuses: Iterable[Status]) -> dict[date, int]:
        """How many suggestions of each day are in one of the statuses."""
        wanted = [status.value for status in statuses]
        rows = self.rows(
            select(SUGGESTION.c.day, func.count().label("n"))
            .where(self.mine(SUGGESTION), SUGGESTION.c.status.in_(wanted))
            .group_by(SUGGESTION.c.day)
        )
        return {date.fromisoformat(row.day): row.n for row in rows}


def _row(item: Suggestion, place: int) -> dict[str, object]:
    return {
        "id": item.id,
        "day": item.day.isoformat(),
        "position": place,
        "status": item.status.value,
        "data": encode(item),
    }
