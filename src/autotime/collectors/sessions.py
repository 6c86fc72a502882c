"""Saves of one document, told one after the other, gathered into edit sessions.

::

    opened          save    save      save                        save
      |──────────────|───────|─────────|·······(a long while)······|
      [=============================== )                           |
                 one session                              a save alone: no stretch

Where the program counts its own minutes of editing, a session reaches as far back from each save as it
counted since the one before, and is never longer than it counted in all. Where it counts nothing, saves
within half an hour of each other are one session.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from autotime.domain.spans import Span

GAP = 1800
"""Seconds between two saves of one session, where nothing counts the minutes between them."""

SLACK = 300
"""Seconds without editing that interrupt no session."""

COUNTING = 12 * 3600
"""For how long a counter that was seen to run is believed to run on: then no growth is less than a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """``first`` is its first save, which names it; ``counted`` the seconds its program counted, -1 where it
    did not count between some of its saves. UTC seconds."""

    first: int
    start: int
    until: int
    saves: int = 1
    counted: int = -1

    @property
    def span(self) -> Span | None:
        """The stretch it accounts for, ending at the last save; none for a save alone."""
        length = self.until - self.start
        if self.counted >= 0:
            length = min(length, self.counted)
        return Span(self.until - length, self.until) if self.until > self.first and length > 0 else None


def after_save(
    session: Session | None, saved: int, *, saves: int = 1, counted: int = -1, opened: int = 0, floor: int = 0
) -> Session:
    """The session this save belongs to: the one at hand, continued, or a new one.

    ``counted`` are the seconds counted since the save before (-1: nothing counts), ``opened`` since when
    the document is open (0: not known), ``floor`` the save before or its creation: nothing reaches below.
    """
    reach = counted if counted >= 0 else GAP - SLACK
    began = max(saved - reach, opened, floor)
    if session and session.until < saved and began <= session.until + SLACK:
        both = session.counted + counted if min(session.counted, counted) >= 0 else -1
        return replace(session, until=saved, saves=session.saves + saves, counted=both)
    return Session(first=saved, start=_beginning(saved, counted, opened, floor), until=saved, counted=counted)


def _beginning(saved: int, counted: int, opened: int, floor: int) -> int:
    """Where nothing counts, a document that was opened within the gap before its first save was being edited."""
    if counted >= 0:
        return max(saved - counted, opened, floor)
    return max(opened, floor) if saved - GAP <= opened < saved else saved
