"""An honest collector behind HTTP keeps every promise."""

from __future__ import annotations

import pytest

from .notes import NotesContract


class TestNotes(NotesContract):
    pass


@pytest.mark.storm
class TestNotesEverywhere(NotesContract):
    """Each fault at every request."""

    places = 1000
