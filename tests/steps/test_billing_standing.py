"""How a billing target stands: what is counted, and which command comes next."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autotime.domain.delivery import DeliveryState, Submission
from autotime.office import Office, billing_connection
from autotime.secrets import KeyFile
from autotime.settings import Settings
from autotime.steps.billing_standing import Standing, held, lapses, standings
from tests.billing.firm import entry, found

S = DeliveryState
DAY = 86_400
NOW = 1_773_000_000


def office(folder: Path, states: tuple[DeliveryState, ...] = (), target: str = "mycase", **more: Any) -> Office:
    """An office with one entry in each state on its way to a target."""
    KeyFile(folder / "key").save(bytes(32))
    people = [{"id": "AOK", "last": "Okafor"}]
    given: dict[str, Any] = {"mycase": {"client_id": "client-1"}, "billing": {"target": "mycase"}, **more}
    settings = Settings(
        home=folder, store={"key": "file", "key_file": str(folder / "key")}, timekeepers=people, **given
    )
    store = found(folder, *(entry(number) for number in range(len(states))))
    for one, state in zip(store.submissions.in_state(S.QUEUED), states, strict=True):
        _move(store, replace(one, target=target), state)
    return Office(store, settings, settings.timekeeper(), NOW)


def _move(store: Any, one: Submission, state: DeliveryState) -> None:
    """Along the ways there are."""
    steps = {S.QUEUED: [], S.SENDING: [S.SENDING], S.REFUSED: [S.SENDING, S.REFUSED], S.SENT: [S.SENDING, S.SENT]}
    steps |= {S.IN_DOUBT: [S.SENDING, S.IN_DOUBT], S.HANDED_OVER: [S.SENDING, S.HANDED_OVER]}
    steps |= {state: [S.SENDING, S.SENT, state] for state in (S.DRIFTED, S.DUPLICATE_FOUND, S.REMOVED_THERE)}
    with store.transaction():
        for step in [S.QUEUED, *steps[state]]:
            store.submissions.save(replace(one, state=step))


def signs_in(here: Office, target: str = "mycase", used: int = NOW) -> None:
    kept = {"access_token": "access-1", "refresh_token": "refresh-1", "ends": used + DAY, "used": used, "who": "Ada"}
    billing_connection(here.settings, "AOK", target).vault.save(json.dumps(kept))


def only(here: Office) -> Standing:
    [one] = standings(here)
    return one


def test_an_office_without_a_target_has_nothing_to_tell(tmp_path: Path) -> None:
    assert standings(office(tmp_path, billing={})) == []


def test_a_configured_system_that_nobody_signed_in_to_asks_for_it(tmp_path: Path) -> None:
    one = only(office(tmp_path, (S.QUEUED,)))
    assert (one.configured, one.hint, one.states) == (True, "autotime connect mycase", {"queued": 1})
    assert (one.told()["signed_in"], one.told()["sign_in_lapses"]) == (False, None)


def test_a_system_somebody_signed_in_to_is_told_though_no_setting_names_it(tmp_path: Path) -> None:
    here = office(tmp_path, billing={})
    signs_in(here)
    one = only(here)
    assert (one.configured, one.told()["signed_in"], one.told()["signed_in_as"], one.hint) == (False, True, "Ada", "")
    assert one.days_left(NOW) == 14
    assert lapses(here) == {"mycase": NOW + 14 * DAY}


@pytest.mark.parametrize(
    ("state", "command"),
    [
        (S.QUEUED, "autotime push mycase --dry-run"),
        (S.SENT, ""),
        (S.REFUSED, "autotime resolve mycase"),
        (S.IN_DOUBT, "autotime resolve mycase"),
        (S.DUPLICATE_FOUND, "autotime resolve mycase"),
        (S.REMOVED_THERE, "autotime resolve mycase"),
        (S.DRIFTED, "autotime resolve mycase"),
        (S.HANDED_OVER, ""),
    ],
)
def test_the_next_command_is_that_of_the_worst(tmp_path: Path, state: DeliveryState, command: str) -> None:
    here = office(tmp_path, (S.SENT, state))
    signs_in(here)
    assert (only(here).hint, only(here).states[state.value] > 0) == (command, True)


def test_what_a_push_left_behind_with_a_reason_is_counted(tmp_path: Path) -> None:
    here = office(tmp_path, (S.QUEUED, S.QUEUED))
    signs_in(here)
    one = here.store.submissions.in_state(S.QUEUED)[0]
    with here.store.transaction():
        here.store.submissions.save(replace(one, reason="no rate is set"))
    assert (only(here).held, held(here), only(here).hint) == (1, 1, "autotime resolve mycase")


def test_a_file_needs_no_sign_in(tmp_path: Path) -> None:
    one = only(office(tmp_path, (S.QUEUED,), target="csv", billing={"target": "csv"}))
    assert (one.told()["signed_in"], one.hint) == (None, "autotime push csv --dry-run")


def test_settings_that_cannot_be_used_are_told_in_its_place(tmp_path: Path) -> None:
    """And keep no other from being told."""
    here = office(tmp_path, billing={"target": "clio"}, clio={"client_id": "c", "version": "3.0.0"})
    signs_in(here)
    first, second = standings(here)
    assert (first.target, bool(first.trouble), second.target) == ("clio", True, "mycase")
