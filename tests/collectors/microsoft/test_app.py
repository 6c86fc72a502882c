"""The firm's registration with Microsoft: clouds, and the least that is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from autotime.collectors.microsoft.app import App, needed, wanted
from autotime.domain.errors import Misused

ALL = ("mail", "calendar", "files", "attendance", "chats", "calls")


def app(**said: Any) -> App:
    return App.of({"client_id": "1111-2222", **said})


# -- clouds -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cloud", "authority", "root"),
    [
        ("global", "https://login.microsoftonline.com", "https://graph.microsoft.com/v1.0"),
        ("usgov", "https://login.microsoftonline.us", "https://graph.microsoft.us/v1.0"),
        ("dod", "https://login.microsoftonline.us", "https://dod-graph.microsoft.us/v1.0"),
        ("china", "https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn/v1.0"),
    ],
)
def test_each_cloud_has_a_sign_in_and_a_graph_of_its_own(cloud: str, authority: str, root: str) -> None:
    made = app(cloud=cloud)
    assert (made.authority, made.root) == (authority, root)
    assert made.audience == root.removesuffix("/v1.0")


def test_only_a_national_clouds_permissions_carry_its_graphs_name() -> None:
    """Without it they would be those of the global cloud, whose tokens are worth nothing there."""
    assert app().scopes(["Mail.Read"]) == ["Mail.Read"]
    assert app(cloud="usgov").scopes(["Mail.Read", "User.Read"]) == [
        "https://graph.microsoft.us/Mail.Read",
        "https://graph.microsoft.us/User.Read",
    ]
    assert app(cloud="dod").scopes(["Mail.Read"]) == ["https://dod-graph.microsoft.us/Mail.Read"]


@pytest.mark.parametrize(
    "url", ["https://graph.sov.example", "https://graph.sov.example/", "https://graph.sov.example/v1.0/"]
)
def test_a_cloud_that_is_not_known_yet_is_set_by_its_addresses_with_or_without_a_version(url: str) -> None:
    made = app(base_url=url, authority="https://login.sov.example/")
    assert made.root == "https://graph.sov.example/v1.0"
    assert (made.audience, made.authority) == ("https://graph.sov.example", "https://login.sov.example")
    assert made.scopes(["Mail.Read"]) == ["https://graph.sov.example/Mail.Read"]


def test_another_version_stays_as_it_was_set() -> None:
    made = app(base_url="https://graph.microsoft.com/beta")
    assert made.root == "https://graph.microsoft.com/beta"
    assert made.scopes(["Mail.Read"]) == ["Mail.Read"]


def test_a_graph_on_this_machine_is_signed_in_to_as_the_clouds_own() -> None:
    made = app(base_url="http://127.0.0.1:8000", test_authority="http://localhost:8000/")
    assert (made.root, made.audience) == ("http://127.0.0.1:8000/v1.0", "https://graph.microsoft.com")
    assert made.test_authority == "http://localhost:8000"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"cloud": "moon"}, "moon"),
        ({"client_id": ""}, "which app"),
        ({"client_id": None}, "which app"),
        ({"base_url": "http://graph.microsoft.com"}, "https://"),
        ({"base_url": "https://user:pw@graph.microsoft.com"}, "https://"),
        ({"authority": "http://login.microsoftonline.com"}, "https://"),
        ({"authority": "http://127.0.0.1:8000"}, "https://"),
        ({"test_authority": "https://login.microsoftonline.com"}, "this machine"),
        ({"test_authority": "http://login.microsoftonline.com"}, "https://"),
        ({"test_authority": "http://192.168.1.2"}, "https://"),
    ],
)
def test_a_setting_that_cannot_be_says_what_to_change(said: dict[str, Any], told: str) -> None:
    with pytest.raises(Misused, match=told) as wrong:
        app(**said)
    assert wrong.value.hint
    assert "pw" not in f"{wrong.value} {wrong.value.hint}"


# -- tenants ----------------------------------------------------------------------------------


@pytest.mark.parametrize("tenant", ["", "common", "Organizations", "consumers"])
def test_a_firm_names_its_tenant(tenant: str) -> None:
    """A daemon has no person whose account would tell it."""
    with pytest.raises(Misused, match="tenant") as wrong:
        app(tenant=tenant).firm_tenant()
    assert "microsoft.tenant" in wrong.value.hint


def test_a_person_may_sign_in_whatever_their_tenant() -> None:
    assert app().tenant == "organizations"
    assert app(tenant="okafor.example").firm_tenant() == "okafor.example"


# -- permissions ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "mode", "least"),
    [
        (("mail",), "text", {"User.Read", "Mail.Read"}),
        (("mail",), "metadata", {"User.Read", "Mail.ReadBasic"}),
        (("calendar",), "text", {"User.Read", "Calendars.Read"}),
        (("calendar",), "metadata", {"User.Read", "Calendars.ReadBasic"}),
        (("files",), "metadata", {"User.Read", "Files.Read"}),
        (("attendance",), "text", {"User.Read", "OnlineMeetings.Read", "OnlineMeetingArtifact.Read.All"}),
        (("chats",), "text", {"User.Read", "Chat.Read"}),
        (("calls",), "text", {"User.Read"}),
    ],
)
def test_a_person_is_asked_for_the_least_that_serves(parts: tuple[str, ...], mode: str, least: set[str]) -> None:
    assert wanted(parts, mode).keys() == least


def test_metadata_alone_never_asks_for_a_text() -> None:
    assert not {"Mail.Read", "Calendars.Read"} & wanted(ALL, "metadata").keys()


def test_every_permission_that_is_asked_for_only_reads_and_has_its_reason() -> None:
    for mode in ("text", "metadata"):
        assert all(reason for reason in wanted(ALL, mode).values())
        assert not any("Write" in name or "Send" in name for name in wanted(ALL, mode))


def test_what_an_administrator_must_grant_is_named_for_a_person_and_for_the_firm() -> None:
    assert needed("mail", "text", firm=False) == "Mail.Read"
    assert needed("mail", "metadata", firm=False) == "Mail.ReadBasic"
    assert needed("mail", "metadata", firm=True) == "Mail.ReadBasic.All"
    assert needed("calendar", "text", firm=True) == "Calendars.Read"
    assert needed("files", "metadata", firm=True) == "Files.Read.All"
    assert needed("calls", "text", firm=False) == "CallRecords.Read.All"
