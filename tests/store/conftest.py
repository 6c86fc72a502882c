"""Each test of the store runs on an encrypted file and on a PostgreSQL, on a store of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from autotime.store import Store
from tests.store.places import NoServer, Place, a_file, database, dropped, emptied, server, unused_name

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a server that runs as long as the tests."""
    pytest.importorskip("psycopg", reason="the PostgreSQL driver is not installed: pip install 'autotime[postgres]'")
    try:
        with server() as url:
            yield url
    except NoServer as none:
        pytest.skip(str(none))


@pytest.fixture(scope="session")
def founded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an empty store, to be copied."""
    folder = tmp_path_factory.mktemp("founded")
    a_file(folder).open(create=True).close()
    return folder / "stores"


@pytest.fixture(scope="session")
def founded_database(postgres: str) -> Place:
    """A database with an empty store, which one test after the other is given."""
    place = database(postgres, "founded")
    place.open(create=True).close()
    return place


@pytest.fixture
def file(founded_file: Path, tmp_path: Path) -> Place:
    """An empty store in a file, for what only files have."""
    shutil.copytree(founded_file, tmp_path / "stores")
    return a_file(tmp_path)


@pytest.fixture(params=DATABASES)
def place(request: pytest.FixtureRequest) -> Place:
    """An empty store on each kind of database."""
    if request.param == "sqlite":
        return request.getfixturevalue("file")  # type: ignore[no-any-return]
    return emptied(request.getfixturevalue("founded_database"))


@pytest.fixture(params=DATABASES)
def nowhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A place on each kind of database where no store was made yet."""
    if request.param == "sqlite":
        yield a_file(tmp_path)
        return
    postgres = request.getfixturevalue("postgres")
    fresh = database(postgres, unused_name())
    yield fresh
    dropped(postgres, fresh)


@pytest.fixture
def own(nowhere: Place) -> Place:
    """An empty store on each kind of database, whose tables may be changed."""
    nowhere.open(create=True).close()
    return nowhere


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    """An empty store, opened for the timekeeper AOK."""
    with place.open() as opened:
        yield opened
