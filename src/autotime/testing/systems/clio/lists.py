"""The lists of an account: which parameters each takes, and what they leave of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from autotime.testing.systems.clio.listing import day, since
from autotime.testing.systems.clio.refusals import No
from autotime.testing.systems.clio.shapes import Record

Query = Mapping[str, str]
Keeps = Callable[[Query], Callable[[Record], bool]]
RATE_FOR = ("rate_for[user_id]", "rate_for[matter_id]")
USUAL = ("limit", "page_token", "updated_since", "created_since")


@dataclass(frozen=True, slots=True)
class List:
    """``most`` records a page; ``orders`` are the fields it may be put in order by."""

    kind: str
    takes: tuple[str, ...]
    orders: tuple[str, ...]
    keeps: Keeps
    most: int = 200


def _activities(query: Query) -> Callable[[Record], bool]:
    fresh = since(query)
    first, last = day(query.get("start_date", "0001-01-01")), day(query.get("end_date", "9999-12-31"))
    ids = {name: int(query[f"{name}_id"]) for name in ("user", "matter") if f"{name}_id" in query}
    status = query.get("status", "")
    if status not in ("", *STATUSES):
        raise No(400, "status: not a valid status")

    def keeps(one: Record) -> bool:
        right = all(one[name] == value for name, value in ids.items()) and query.get("type", one["type"]) == one["type"]
        words = query.get("query", "").lower() in one["note"].lower()
        return first <= one["date"] <= last and right and words and fresh(one) and STATUSES.get(status, _any)(one)

    return keeps


STATUSES: Mapping[str, Callable[[Record], bool]] = {
    "billed": lambda one: bool(one["billed"]),
    "draft": lambda one: one["on_bill"] and not one["billed"],
    "unbilled": lambda one: not one["on_bill"],
    "billable": lambda one: not one["non_billable"],
    "non_billable": lambda one: bool(one["non_billable"]),
}


def _any(_one: Record) -> bool:
    return True


def _matters(query: Query) -> Callable[[Record], bool]:
    states = {one.strip().title() for one in query["status"].split(",")} if "status" in query else set()
    if states - {"Open", "Pending", "Closed"}:
        raise No(400, "status: not a valid status")
    client, fresh = int(query.get("client_id", 0)), since(query)
    return lambda one: (not states or one["status"] in states) and fresh(one) and client in (0, one["client"])


def _contacts(query: Query) -> Callable[[Record], bool]:
    fresh, only = since(query), query.get("client_only") == "true"
    return lambda one: fresh(one) and (one["is_client"] or not only) and query.get("type", one["type"]) == one["type"]


def _users(query: Query) -> Callable[[Record], bool]:
    fresh, enabled = since(query), query.get("enabled", "")
    return lambda one: fresh(one) and enabled in ("", str(one["enabled"]).lower())


def _categories(query: Query) -> Callable[[Record], bool]:
    fresh = since(query)
    return lambda one: fresh(one) and query.get("type", one["type"]) == one["type"]


def _codes(query: Query) -> Callable[[Record], bool]:
    fresh, of = since(query), int(query.get("utbms_set_id", 0))
    return lambda one: fresh(one) and query.get("type", one["type"]) == one["type"] and of in (0, one["utbms_set_id"])


LISTS = {
    "/activities.json": List(
        "activity",
        (*USUAL, "order", "type", "user_id", "matter_id", "start_date", "end_date", "status", "query"),
        ("id", "date", "note", "price", "updated_at"),
        _activities,
    ),
    "/users.json": List(
        "user", (*USUAL, "order", "enabled", "name"), ("id", "name", "email", "last_name"), _users, most=2000
    ),
    "/contacts.json": List("contact", (*USUAL, "order", "client_only", "type", "query"), ("id", "name"), _contacts),
    "/matters.json": List(
        "matter", (*USUAL, "order", "status", "client_id", "query"), ("id", "display_number"), _matters
    ),
    "/activity_descriptions.json": List("category", (*USUAL, "type", *RATE_FOR), ("id",), _categories),
    "/utbms/codes.json": List("code", (*USUAL, "order", "type", "utbms_set_id"), ("id", "name"), _codes),
    "/utbms/sets.json": List("set", (*USUAL, "order"), ("id", "name"), since),
}
