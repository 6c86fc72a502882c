"""What the Microsoft source sends: reads only, each once, and no more than its parts need."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autotime.collectors.microsoft.collector import MicrosoftCollector
from autotime.domain.errors import AutotimeError
from autotime.domain.evidence import Kind
from autotime.testing import Shelf
from autotime.testing.microsoft import Mailbox, Tenant
from autotime.testing.server import Asked, Status
from tests.collectors.microsoft.office import ada as ada_of
from tests.collectors.microsoft.office import source
from tests.collectors.sources import MONDAY, context, letter

DAY = 86_400
NIGHT = MONDAY + DAY


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with Tenant() as made:
        yield made


@pytest.fixture
def ada(tenant: Tenant) -> Mailbox:
    """A mailbox with one thing of each kind."""
    box = ada_of(tenant)
    box.sends(letter(1))
    box.meets(MONDAY + 3600, MONDAY + 7200, "Call with Harrow")
    box.edits("Lease.docx", MONDAY + 9000)
    return box


def run(made: MicrosoftCollector) -> Shelf:
    return Shelf().run(made, context(NIGHT))


def of_graph(tenant: Tenant) -> list[Asked]:
    return [asked for asked in tenant.server.asked if asked.path.startswith("/v1.0/")]


def inner(asked: Asked) -> list[Any]:
    """The requests of a batch."""
    return asked.json()["requests"] if asked.path.endswith("/$batch") else []


def test_graph_is_only_ever_read(tenant: Tenant, ada: Mailbox, tmp_path: Path) -> None:
    """A batch, which is posted, holds nothing else."""
    run(source(tenant, tmp_path, chats=True, call_records=True, attendance=True))
    posted = [asked for asked in of_graph(tenant) if asked.method != "GET"]
    assert {(asked.method, asked.path) for asked in posted} == {("POST", "/v1.0/$batch")}
    assert {one["method"] for asked in posted for one in inner(asked)} == {"GET"}


def test_nothing_is_asked_for_twice(tenant: Tenant, ada: Mailbox, tmp_path: Path) -> None:
    run(source(tenant, tmp_path, page=100))
    single = [asked.target for asked in of_graph(tenant) if not inner(asked)]
    batched = [f"/v1.0{one['url']}" for asked in of_graph(tenant) for one in inner(asked)]
    assert len({*single, *batched}) == len(single) + len(batched)


@pytest.mark.parametrize(
    ("part", "kind"), [("mail", Kind.MESSAGE), ("calendar", Kind.MEETING), ("files", Kind.DOCUMENT)]
)
def test_a_part_that_is_read_alone_asks_nothing_of_the_others(
    tenant: Tenant, ada: Mailbox, tmp_path: Path, part: str, kind: Kind
) -> None:
    assert [item.kind for item in run(source(tenant, tmp_path, parts=(part,))).items] == [kind]
    words = {"mail": ("/messages", "/mailFolders"), "calendar": ("/calendar",), "files": ("/drive",)}
    others = [word for name, its in words.items() if name != part for word in its]
    assert not any(word in asked.target + asked.body.decode() for asked in of_graph(tenant) for word in others)


def test_a_batch_that_is_refused_at_the_beginning_is_no_reason_to_stop(
    tenant: Tenant, ada: Mailbox, tmp_path: Path
) -> None:
    """What it was to bring is asked for where it is needed."""
    left = iter(range(1))

    def once(asked: Asked) -> Status | None:
        return Status(400) if inner(asked) and next(left, None) is not None else None

    tenant.server.fault_for = once
    assert len(run(source(tenant, tmp_path)).items) == 3


def test_a_mailbox_is_no_way_to_another_path(tenant: Tenant, ada: Mailbox, tmp_path: Path) -> None:
    """Whoever writes the settings names a mailbox with it, and nothing else."""
    made = source(tenant, tmp_path, parts=("mail",), mailbox="x/../../me/messages?$top=1#")
    with pytest.raises(AutotimeError):
        run(made)
    assert all(one["url"].startswith("/users/x%2F..%2F..%2Fme") for asked in of_graph(tenant) for one in inner(asked))
    assert all("/users/x%2F..%2F..%2Fme" in asked.target for asked in of_graph(tenant) if not inner(asked))


def test_where_only_exchange_grants_a_mailbox_no_role_is_missed(tenant: Tenant, ada: Mailbox, tmp_path: Path) -> None:
    """A scope of Exchange alone puts no role into the token: that is no reason to refuse."""
    tenant.registration.roles.clear()
    tenant.scoped[ada.address] = {"Mail.Read", "Calendars.Read"}
    shelf = run(source(tenant, tmp_path, parts=("mail", "calendar")))
    assert (len(shelf.items), shelf.gaps) == (2, [])


def test_what_is_missing_is_told_without_anything_private(tenant: Tenant, ada: Mailbox, tmp_path: Path) -> None:
    tenant.registration.roles -= {"Mail.Read", "Calendars.Read"}
    gaps = run(source(tenant, tmp_path)).gaps
    assert [gap.part for gap in gaps] == ["mail", "calendar"]
    assert not any(word in f"{gaps!r}" for word in ("ada@", "Okafor", "Harrow", "/users/", "receivedDateTime"))


@pytest.mark.parametrize("count", [4_000, pytest.param(50_000, marks=pytest.mark.storm)])
def test_a_full_mailbox_comes_with_little_memory(tenant: Tenant, tmp_path: Path, count: int) -> None:
    """Each page is forgotten once it is stored; what is remembered of a mail is its id."""
    ada_of(tenant).receives_many(count, MONDAY - count * 60)
    made = source(tenant, tmp_path, parts=("mail",), page=500)
    tenant.server.asked = Forgetful()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    found = sum(len(batch.evidence) for batch in made.collect(None, context(NIGHT)))
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert found == count
    assert peak < 12_000_000 + count * 600


class Forgetful(list[Asked]):
    """The stand-in lives in the same process: what it remembers is not the collector's."""

    def append(self, asked: Asked) -> None:
        """Nothing."""
