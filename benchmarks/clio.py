"""Clio, against a stand-in on this machine.

``push``: approved entries (500, 100 when quick) through the engine of delivery to an account that takes 50 requests a
minute, on a virtual clock: requests that were refused as too many, requests an entry, and the time it took against
the least that the limit allows for so many requests. ``pull``: an account of 20,000 matters (1,000 when quick) without
limits, read over the loopback and stored, in a process of its own: seconds and the most memory it held. ``check``: as
many clients with names of a few words and numbers, one in ten of them written twice, and as many matters, looked at as
``books check`` does: seconds, and how many of those that are written twice it proposes.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from autotime.billing.checking import Finding, look
from autotime.billing.clio.biller import ClioBiller
from autotime.billing.joining import Joining
from autotime.billing.picking import Wanted
from autotime.billing.sending import push_entries
from autotime.domain.books import Books, Client, Key, Matter, Thing
from autotime.domain.delivery import DeliveryState
from autotime.domain.doors import Keys
from autotime.store import Store
from autotime.testing.systems.clio import Clio
from autotime.testing.systems.signed import signed_in
from autotime.testing.systems.wire import Clock, Wire
from benchmarks import seconds
from benchmarks._approved import WHO, approved, empty

ENTRIES, MATTERS = 500, 20_000
WINDOW = 60
WOODS = ("Alder", "Birch", "Cedar", "Elder", "Maple", "Rowan", "Willow")
PLACES = ("Avenue", "Bridge", "Court", "Hill", "Lane", "Square", "Yard")
HOUSES = ("Holdings", "Capital", "Mills", "Shipping", "Partners")
OURS = tuple(Matter(number=f"2026-00{n}", name=f"Invented matter {n}", client="C1") for n in (1, 2, 3))


def measure(quick: bool) -> dict[str, Any]:
    matters = 1_000 if quick else MATTERS
    return {"push": _push(100 if quick else ENTRIES), "pull": _pull(matters), "check": _check(matters)}


# -- a push ---------------------------------------------------------------------------------------


def _push(count: int) -> dict[str, Any]:
    clock = Clock()
    clio, keys = _account(clock)
    wire = Wire(clio.answer, clock)
    began = clock()
    with tempfile.TemporaryDirectory() as folder:
        store = approved(Path(folder), count, OURS, keys, task_code="L310")
        biller = ClioBiller(signed_in(), store.systems.keys("clio"), sleep=clock.sleep, wall=clock, carrier=wire)
        took = seconds(lambda: push_entries(store, biller, Wanted(), now=lambda: int(clock()), sleep=clock.sleep))
        agreed = sum(one.agreed for one in store.submissions.in_state(DeliveryState.SENT))
        store.close()
    requests, waited = len(wire.asked), clock() - began
    floor = (requests - 1) // clio.limits.most * WINDOW
    return {
        "entries": count,
        "sent_and_read_back": agreed,
        "refused_as_too_many": clio.limits.refused,
        "requests_per_entry": round(requests / count, 3),
        "virtual_seconds": round(waited),
        "floor_seconds": floor,
        "over_the_floor": round(waited / floor - 1, 4) if floor else 0,
        "own_seconds": round(took, 2),
        "targets": {
            "sent_and_read_back": count,
            "refused_as_too_many": 0,
            "requests_per_entry": 1.3,
            "over_the_floor": 0.1,
        },
    }


def _account(clock: Clock) -> tuple[Clio, list[Key]]:
    clio = Clio(clock)
    user = clio.account.user("Ada Example")["id"]
    client = clio.account.client("Invented client")["id"]
    matters = {matter.number: clio.account.matter(matter.number, client)["id"] for matter in OURS}
    clio.sign_in.keeps(user)
    named = [
        (Thing.TIMEKEEPER, WHO.id, user),
        *((Thing.MATTER, number, remote) for number, remote in matters.items()),
        *((Thing.CODE, code, clio.account.code_id(code)) for code in ("L310", "A103")),
    ]
    return clio, [Key("clio", thing, key, str(remote)) for thing, key, remote in named]


# -- a pull ---------------------------------------------------------------------------------------


def _pull(count: int) -> dict[str, Any]:
    clio = Clio.full(count)
    clio.sign_in.keeps(next(iter(clio.account["user"])))
    with clio.serving() as server:
        child = subprocess.run(
            [sys.executable, "-m", "benchmarks.clio", "pull", server.url], capture_output=True, text=True, check=True
        )
    told: dict[str, Any] = json.loads(child.stdout)
    return {
        **told,
        "requests": clio.limits.taken,
        "targets": {"matters": count, "seconds": 60, "peak_resident_mb": 300},
    }


def pull(url: str) -> dict[str, Any]:
    """In a process of its own: a pull into a new store, page by page."""
    with tempfile.TemporaryDirectory() as folder:
        store = empty(Path(folder))
        took = seconds(lambda: _stored(store, ClioBiller(signed_in(base_url=url), Keys("clio"))))
        matters = len(store.books.load().matters)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        store.close()
    return {"matters": matters, "seconds": round(took, 2), "peak_resident_mb": peak}


def _stored(store: Store, biller: ClioBiller) -> None:
    joining = Joining("clio", Books(), {}, Keys("clio"))
    for page in biller.pull({}):
        step = joining.page(page)
        with store.transaction():
            books = store.books
            books.upsert(clients=step.clients.values(), matters=step.matters.values(), codes=step.codes.values())
            books.upsert_timekeepers(step.people.values())
            store.systems.save_keys(step.keys.values())


# -- a check --------------------------------------------------------------------------------------


def _check(count: int) -> dict[str, Any]:
    clients = [Client(str(number), _name(number)) for number in range(count)]
    matters = [
        Matter(number=client.id, name=client.name, client=client.id, domains=("d.example",)) for client in clients
    ]
    books = Books({client.id: client for client in clients}, {matter.number: matter for matter in matters})
    found: list[Finding] = []
    took = seconds(lambda: found.extend(look(books)))
    twice = {(str(number - 1), str(number)) for number in range(9, count, 10)}
    proposed = {tuple(sorted(one.things, key=int)) for one in found if one.kind == "duplicate"}
    return {
        "clients": count,
        "seconds": round(took, 2),
        "written_twice": len(twice),
        "proposed_of_these": len(twice & proposed),
        "proposed_of_others": len(proposed - twice),
    }


def _name(number: int) -> str:
    """Of one in ten the name is that of the one before, in other words' order and another legal form."""
    of = number - (number % 10 == 9)
    words = f"{WOODS[of % 7]} {PLACES[of // 7 % 7]} {HOUSES[of // 49 % 5]} {of // 245}"
    return f"{words}, LLC" if of == number else f"{' '.join(reversed(words.split()))} Ltd."


if __name__ == "__main__":
    print(json.dumps(pull(sys.argv[2]) if sys.argv[1:2] == ["pull"] else measure("--quick" in sys.argv), indent=2))
