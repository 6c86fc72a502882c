from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.collectors.google import room as rooms


@pytest.fixture
def room() -> Iterator[rooms.Room]:
    with rooms.room() as made:
        yield made
