"""The demo's firm as each billing system holds it: filled, signed in to, read, and changed by a colleague's hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from autotime.billing import utbms
from autotime.domain.work import Billing
from autotime.example.firm import CASES, STAFF, Staff
from autotime.testing.systems.clio import Clio
from autotime.testing.systems.mycase import MyCase
from autotime.testing.systems.practicepanther import PracticePanther
from tests.cli.browser import fetch
from tests.journeys.approved_week import FRIDAY, Line, minutes_of

CLIENTS = {case.client: case.client_name for case in CASES}
SETS = {"litigation": "Litigation Code Set", "bankruptcy": "Bankruptcy Code Set", "activity": "Activity Code Set"}
SETS |= {"project": "Project Code Set", "counseling": "Counseling Code Set"}
MAILS = {case.client_name: case.contact.mail for case in CASES}
FREE_RATE, TASK = "the rate of what is free", "the task code"


@dataclass(frozen=True)
class Place:
    """``serves`` is the stand-in; ``visits`` what a browser does there; ``lines`` what it holds of the week, in order;
    ``loses`` names what of a line it has no place for. ``by_hand`` changes one entry, removes another
    and adds a third."""

    name: str
    serves: Any
    visits: Callable[[str], object]
    lines: Callable[[], list[Line]]
    by_hand: Callable[[], None]
    loses: tuple[str, ...] = ()

    def keeps(self, line: Line) -> Line:
        """What of a line can stand there."""
        free = FREE_RATE in self.loses and line.billing == Billing.NO_CHARGE
        kept = replace(line, rate=Decimal(0)) if free else line
        return replace(kept, task="") if TASK in self.loses else kept


# -- Clio -----------------------------------------------------------------------------------------


def clio() -> Place:
    account = Clio()
    account.limits.most = 0
    firm = account.account
    users = {staff.id: _clio_user(account, staff) for staff in STAFF}
    named = {name: _clio_client(account, name) for name in dict.fromkeys(CLIENTS.values())}
    for case in CASES:
        firm.matter(case.number, named[case.client_name], case.name)
    _clio_codes(account)

    def visits(page: str) -> None:
        """The associate agrees, and the browser goes back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
        code = account.sign_in.code(users["MOK"], asked["redirect_uri"])
        fetch(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")

    def by_hand() -> None:
        first, second, *_ = (str(one["id"]) for one in account.entries)
        account.edit(first, quantity=60.0)
        del firm["activity"][int(second)]
        account.enter(users["MOK"], next(iter(firm["matter"])), FRIDAY, 720, "By hand")

    return Place("clio", account, visits, lambda: _clio_lines(account, users), by_hand)


def _clio_user(account: Clio, staff: Staff) -> int:
    made = account.account.user(staff.person.name, float(staff.rate), email=staff.person.mail)
    return int(made["id"])


def _clio_client(account: Clio, name: str) -> int:
    made = account.account.client(name, primary_email_address=MAILS[name], primary_phone_number=None)
    return int(made["id"])


def _clio_codes(account: Clio) -> None:
    firm = account.account
    sets = {one["name"]: one for one in firm["set"].values()}
    for name in SETS.values():
        firm.touched(sets.get(name) or firm.add("set", name=name, enabled=True), enabled=True)
    sets = {one["name"]: one for one in firm["set"].values()}
    known = {one["code"] for one in firm["code"].values()}
    for code in utbms.load():
        if code.code_set in SETS and code.code not in known:
            kind = "UtbmsActivity" if code.code_set == "activity" else "UtbmsTask"
            of = sets[SETS[code.code_set]]["id"]
            firm.add("code", code=code.code, name=code.title, description="", type=kind, utbms_set_id=of)


def _clio_lines(account: Clio, users: dict[str, int]) -> list[Line]:
    codes = {number: one["code"] for number, one in account.account["code"].items()}
    people = {number: who for who, number in users.items()}
    return sorted(
        Line(
            one["date"],
            one["matter"]["display_number"],
            people[one["user"]["id"]],
            minutes_of(Decimal(str(one["quantity"])) / 3600),
            one["note"],
            codes.get((one["activity_description"] or {}).get("utbms_task_id"), ""),
            codes.get((one["activity_description"] or {}).get("utbms_activity_id"), ""),
            Decimal(str(one["price"])),
            "no_charge" if one["no_charge"] else "non_billable" if one["non_billable"] else "billable",
        )
        for one in account.entries
    )


# -- PracticePanther ------------------------------------------------------------------------------


def practicepanther() -> Place:
    panther = PracticePanther()
    users = {staff.id: panther.user(staff.person.first, staff.person.last, staff.person.mail) for staff in STAFF}
    accounts = {name: panther.account(name) for name in dict.fromkeys(CLIENTS.values())}
    for case in CASES:
        panther.matter(case.name, account=accounts[case.client_name], number=case.number)  # type: ignore[arg-type]
    for code in utbms.load():
        if code.code_set == "activity":
            panther.item(code.title, code.code)

    def by_hand() -> None:
        first, second = panther.entries[:2]
        panther.edit(first["id"], hours=0.1 if first["hours"] != 0.1 else 0.2)
        panther.entries.remove(second)
        panther.enters(users["MOK"], panther.records["matters"][0], FRIDAY.isoformat(), 0.2, "By hand")

    return Place("practicepanther", panther, fetch, lambda: _panther_lines(panther, users), by_hand, (FREE_RATE,))


def _panther_lines(panther: PracticePanther, users: dict[str, Any]) -> list[Line]:
    people = {one["id"]: who for who, one in users.items()}
    matters = {one["id"]: one["number"] for one in panther.records["matters"]}
    items = {one["id"]: one["code"] for one in panther.records["Items"]}
    return sorted(
        Line(
            one["date"][:10],
            matters[one["matter_ref"]["id"]],
            people[one["billed_by_user_ref"]["id"]],
            minutes_of(one["hours"]),
            one["description"],
            one.get("task_code", ""),
            items[one["item_ref"]["id"]],
            Decimal(str(one["rate"])),
            _billing(one["is_billable"], one["rate"]),
        )
        for one in panther.entries
    )


# -- MyCase ---------------------------------------------------------------------------------------


def mycase() -> Place:
    held = MyCase()
    held.per_second = 10_000
    staff = {one.id: held.employ(one.person.first, one.person.last, one.person.mail, float(one.rate)) for one in STAFF}
    companies = {name: held.company(name) for name in dict.fromkeys(CLIENTS.values())}
    for case in CASES:
        held.open(case.name, case.number, companies=(companies[case.client_name],))

    def by_hand() -> None:
        first, second = held.entries[:2]
        held.touch(first, hours=0.1 if first["hours"] != 0.1 else 0.2)
        held.entries.remove(second)
        held.enters(staff["MOK"], held.held["cases"][0], FRIDAY.isoformat(), 0.2, "By hand")

    return Place("mycase", held, fetch, lambda: _mycase_lines(held, staff), by_hand, (FREE_RATE, TASK))


def _mycase_lines(held: MyCase, staff: dict[str, Any]) -> list[Line]:
    people = {one["id"]: who for who, one in staff.items()}
    matters = {one["id"]: one["case_number"] for one in held.held["cases"]}
    titles = {code.title: code.code for code in utbms.load() if code.code_set == "activity"}
    return sorted(
        Line(
            one["entry_date"],
            matters[one["case"]["id"]],
            people[one["staff"]["id"]],
            minutes_of(one["hours"]),
            one["description"],
            "",
            titles[one["activity_name"]],
            Decimal(one["rate"]),
            _billing(one["billable"], one["rate"]),
        )
        for one in held.entries
    )


def _billing(billable: bool, rate: Any) -> str:
    if not billable:
        return Billing.NON_BILLABLE.value
    return (Billing.BILLABLE if Decimal(str(rate)) else Billing.NO_CHARGE).value


PLACES = {"clio": clio, "practicepanther": practicepanther, "mycase": mycase}
