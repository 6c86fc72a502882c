"""The stand-in tenant behaves as Graph and Entra are said to: else what is tested against it proves little."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest

from autotime.testing.microsoft import Mailbox, Tenant
from autotime.testing.server import Status
from tests.collectors.sources import MONDAY, letter

ADA = "ada@okafor.example"
SCOPE = "https://graph.microsoft.com/Mail.Read offline_access openid profile"
BACK = "http://localhost:1"


class Client:
    """A program that talks to the tenant, without manners."""

    def __init__(self, tenant: Tenant, who: str = ADA, *permissions: str, prefer: str = "") -> None:
        self.tenant = tenant
        self.headers = {"Authorization": f"Bearer {tenant.token(who, *permissions)}", "Prefer": prefer}

    def ask(self, path: str, **query: str) -> httpx2.Response:
        url = path if path.startswith("http") else self.tenant.root + path
        named = {f"${name.removeprefix('_')}" if name[0] == "_" else name: value for name, value in query.items()}
        return httpx2.get(f"{url}?{urlencode(named)}" if named else url, headers=self.headers, trust_env=False)

    def get(self, path: str, **query: str) -> Any:
        answer = self.ask(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, path: str, **query: str) -> tuple[int, str]:
        answer = self.ask(path, **query)
        assert {"date", "request-id", "client-request-id"} <= answer.json()["error"]["innerError"].keys()
        return answer.status_code, answer.json()["error"]["code"]

    def pages(self, path: str, **query: str) -> list[Any]:
        said = [self.get(path, **query)]
        while "@odata.nextLink" in said[-1]:
            said.append(self.get(said[-1]["@odata.nextLink"]))
        return said

    def rows(self, path: str, **query: str) -> list[Any]:
        return [row for page in self.pages(path, **query) for row in page["value"]]


@pytest.fixture
def tenant():
    with Tenant() as made:
        yield made


@pytest.fixture
def ada(tenant) -> Mailbox:
    return tenant.mailbox(ADA, "Ada Okafor")


def token(tenant: Tenant, **form: str) -> Any:
    form = {"client_id": tenant.registration.client_id, **form}
    address = f"{tenant.url}/okafor.example/oauth2/v2.0/token"
    return httpx2.post(address, content=urlencode(form).encode(), trust_env=False).json()


def authorize(tenant: Tenant, verifier: str = "v" * 43, **more: str) -> dict[str, str]:
    """The browser's way to the page and back, with ``response_mode=query``."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {"client_id": tenant.registration.client_id, "redirect_uri": BACK, "scope": SCOPE, "state": "s"}
    asked |= {"code_challenge": challenge, "code_challenge_method": "S256", "response_type": "code", **more}
    tenant.entra.person = ADA
    page = httpx2.get(f"{tenant.url}/t/oauth2/v2.0/authorize?{urlencode(asked)}", trust_env=False)
    assert page.status_code == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(page.headers["location"]).query).items()}


def by_code(tenant: Tenant, verifier: str = "v" * 43) -> Any:
    code = authorize(tenant)["code"]
    return token(tenant, grant_type="authorization_code", code=code, code_verifier=verifier, redirect_uri=BACK)


def self_signed() -> tuple[Any, bytes]:
    """A key, and its certificate as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key, name = rsa.generate_private_key(65537, 2048), x509.Name([])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(datetime.now(UTC)).not_valid_after(datetime.now(UTC) + timedelta(1))
    return key, made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


# -- signing in -------------------------------------------------------------------------------


def test_a_code_is_good_once_and_only_with_its_proof(tenant, ada):
    assert by_code(tenant, "w" * 43)["error"] == "invalid_grant"
    code = authorize(tenant)["code"]
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": "v" * 43, "redirect_uri": BACK}
    said = token(tenant, **form)
    assert {"access_token", "refresh_token", "id_token", "client_info"} <= said.keys()
    assert token(tenant, **form)["error"] == "invalid_grant"


def test_a_refresh_token_is_used_up_by_its_use(tenant, ada):
    first = by_code(tenant)["refresh_token"]
    second = token(tenant, grant_type="refresh_token", refresh_token=first, scope=SCOPE)
    assert second["refresh_token"] != first
    assert token(tenant, grant_type="refresh_token", refresh_token=first, scope=SCOPE)["error"] == "invalid_grant"


def test_a_revoked_sign_in_and_one_that_wants_a_second_factor_are_refused(tenant, ada):
    said = by_code(tenant)
    form = {"grant_type": "refresh_token", "refresh_token": said["refresh_token"], "scope": SCOPE}
    tenant.entra.interaction = ADA
    assert token(tenant, **form)["error"] == "interaction_required"
    tenant.entra.interaction = ""
    tenant.entra.revoke(ADA)
    assert token(tenant, **form)["error"] == "invalid_grant"


def test_a_device_code_is_pending_until_somebody_enters_it(tenant, ada):
    tenant.entra.person = ADA
    form = urlencode({"client_id": tenant.registration.client_id, "scope": SCOPE}).encode()
    flow = httpx2.post(f"{tenant.url}/t/oauth2/v2.0/devicecode", content=form, trust_env=False).json()
    asked = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": flow["device_code"]}
    assert token(tenant, **asked)["error"] == "authorization_pending"
    assert "access_token" in token(tenant, **asked)


def test_client_credentials_are_answered_without_a_scope_and_without_a_refresh_token(tenant):
    asked = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
    said = token(tenant, **asked, client_secret=tenant.registration.secret)
    assert said.keys() == {"token_type", "expires_in", "ext_expires_in", "access_token"}
    assert token(tenant, **asked, client_secret="another")["error"] == "invalid_client"


def test_a_certificate_takes_the_place_of_the_secret(tenant):
    import jwt

    (key, tenant.registration.certificate), (forged, _) = (self_signed() for _ in range(2))
    claims = {"iss": tenant.registration.client_id, "aud": "https://login.microsoftonline.com/t/oauth2/v2.0/token"}
    asked = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
    assert "access_token" in token(tenant, **asked, client_assertion=jwt.encode(claims, key, "PS256"))
    assert token(tenant, **asked, client_assertion=jwt.encode(claims, forged, "PS256"))["error"] == "invalid_client"


def test_scopes_the_administrator_refuses_are_refused_by_name(tenant, ada):
    tenant.registration.refused.add("https://graph.microsoft.com/Mail.Read")
    said = authorize(tenant)
    assert said["error"] == "access_denied"
    assert "Mail.Read" in said["error_description"]
    assert said["state"] == "s"


def test_a_withheld_scope_is_missing_from_the_token(tenant, ada):
    tenant.registration.withheld.add("Mail.Read")
    said = by_code(tenant)
    assert "Mail.Read" not in said["scope"]
    headers = {"Authorization": f"Bearer {said['access_token']}"}
    assert httpx2.get(f"{tenant.root}/me/messages", headers=headers, trust_env=False).status_code == 403


def test_expired_forged_and_void_tokens_are_refused(tenant, ada):
    client = Client(tenant)
    client.get("/me")
    tenant.entra.expire_access()
    assert client.refused("/me") == (401, "InvalidAuthenticationToken")
    tenant.entra.lasts = -1
    assert Client(tenant).refused("/me") == (401, "InvalidAuthenticationToken")
    client.headers["Authorization"] = "Bearer a.b.c"
    assert client.refused("/me") == (401, "InvalidAuthenticationToken")


# -- whose things, and what the token allows --------------------------------------------------


def test_a_person_sees_their_own_mailbox_and_an_app_none_by_me(tenant, ada):
    tenant.mailbox("ben@okafor.example")
    assert Client(tenant).refused("/users/ben@okafor.example/messages") == (403, "ErrorAccessDenied")
    assert Client(tenant, "").refused("/me/messages") == (400, "BadRequest")
    assert Client(tenant, "").get(f"/users/{ADA}")["id"] == ada.id
    assert Client(tenant, "").refused("/users/nobody@okafor.example") == (404, "ErrorInvalidUser")


def test_without_the_permission_nothing_is_given(tenant, ada):
    plain = Client(tenant, ADA, "User.Read")
    assert plain.refused("/me/messages") == (403, "ErrorAccessDenied")
    assert plain.refused("/me/drive/root/delta") == (403, "accessDenied")
    assert plain.refused("/me/chats") == (403, "Forbidden")
    assert Client(tenant, ADA, "Mail.Read").refused("/me") == (403, "Authorization_RequestDenied")


def test_what_entra_and_exchange_grant_an_app_adds_up(tenant, ada):
    """The union trap: a scope of Exchange limits nothing where Entra granted the whole tenant."""
    tenant.mailbox("ben@okafor.example")
    tenant.scoped[ADA] = {"Mail.ReadBasic"}
    scoped, whole = Client(tenant, "", "User.Read.All"), Client(tenant, "", "Mail.Read")
    assert scoped.get(f"/users/{ADA}/messages")["value"] == []
    assert scoped.refused("/users/ben@okafor.example/messages") == (403, "ErrorAccessDenied")
    assert whole.get("/users/ben@okafor.example/messages")["value"] == []


def test_basic_permissions_hide_text_and_attachments(tenant, ada):
    ada.receives(at=MONDAY, attached=("lease.pdf",))
    ada.meets(MONDAY, MONDAY + 60, text="Bring the lease.")
    basic = Client(tenant, ADA, "Mail.ReadBasic", "Calendars.ReadBasic")
    [mail] = basic.rows("/me/messages", _expand="attachments")
    assert not {"body", "bodyPreview", "uniqueBody", "attachments"} & mail.keys()
    assert mail["subject"] == "Harrow lease"
    assert basic.refused(f"/me/messages/{mail['id']}/attachments") == (403, "ErrorAccessDenied")
    window = {"startDateTime": "2026-03-09", "endDateTime": "2026-03-10"}
    assert "body" not in basic.rows("/me/calendarView", **window)[0]
    assert "body" in Client(tenant).rows("/me/calendarView", **window)[0]


def test_a_person_without_a_mailbox_is_told_apart(tenant, ada):
    ada.unlicensed = True
    assert Client(tenant).refused("/me/messages") == (404, "MailboxNotEnabledForRESTAPI")
    ada.driveless = True
    assert Client(tenant).refused("/me/drive") == (404, "ResourceNotFound")


# -- batches and faults -----------------------------------------------------------------------


def batch(client: Client, *requests: dict[str, Any]) -> dict[str, Any]:
    body = json.dumps({"requests": [{"method": "GET", **one} for one in requests]}).encode()
    address = f"{client.tenant.root}/$batch"
    answer = httpx2.post(address, content=body, headers=client.headers, trust_env=False)
    assert answer.status_code == 200
    return {one["id"]: one for one in answer.json()["responses"]}


def test_each_request_of_a_batch_has_a_status_of_its_own(tenant, ada):
    tenant.fail_in_batch(None, Status(429, {"Retry-After": "3"}))
    said = batch(Client(tenant), *({"id": name, "url": url} for name, url in (("a", "/me"), ("b", "/me"), ("c", "/x"))))
    assert [said[name]["status"] for name in "abc"] == [200, 429, 404]
    assert said["b"]["headers"]["Retry-After"] == "3"
    assert said["a"]["body"]["mail"] == ADA


def test_what_depends_on_a_failure_in_a_batch_fails(tenant, ada):
    said = batch(Client(tenant), {"id": "a", "url": "/x"}, {"id": "b", "url": "/me", "dependsOn": ["a"]})
    assert said["b"]["status"] == 424


def test_preferences_of_a_batch_stand_in_each_request(tenant, ada):
    ada.receives(at=MONDAY)
    client = Client(tenant, prefer='IdType="ImmutableId"')
    inner = {"headers": {"Prefer": 'IdType="ImmutableId"'}}
    said = batch(client, {"id": "a", "url": "/me/messages"}, {"id": "b", "url": "/me/messages", **inner})
    assert "Preference-Applied" not in said["a"]["headers"]
    assert said["b"]["headers"]["Preference-Applied"] == 'IdType="ImmutableId"'
    assert said["a"]["body"]["value"][0]["id"] != said["b"]["body"]["value"][0]["id"]


def test_a_batch_that_is_too_long_or_leads_elsewhere_is_refused(tenant, ada):
    many = [{"id": str(n), "url": "/me"} for n in range(21)]
    with pytest.raises(AssertionError):
        batch(Client(tenant), *many)
    with pytest.raises(AssertionError):
        batch(Client(tenant), {"id": "1", "url": f"{tenant.root}/me"})


def test_faults_and_counts_are_the_servers(tenant, ada):
    tenant.server.faults += [Status(503)]
    client = Client(tenant)
    assert client.ask("/me").status_code == 503
    client.get("/me")
    assert (tenant.requests, tenant.most_at_once) == (2, 1)


# -- lists ------------------------------------------------------------------------------------


def test_switches_make_lists_odd_as_graph_may(tenant, ada):
    for n in range(5):
        ada.receives(at=MONDAY + n)
    client = Client(tenant)

    def sizes() -> list[int]:
        return [len(page["value"]) for page in client.pages("/me/messages", _top="2")]

    assert sizes() == [2, 2, 1]
    tenant.empty_page_with_next()
    assert sizes() == [0, 2, 0, 2, 0, 1]
    tenant.switches.empty_pages = False
    tenant.repeat_page()
    assert sizes() == [2, 4, 3]
    tenant.loop_page()
    links = [client.get("/me/messages", _top="2")["@odata.nextLink"]]
    links.append(client.get(links[0])["@odata.nextLink"])
    assert links[0] == links[1]
    tenant.lead_away("https://elsewhere.example/v1.0")
    assert client.get("/me/messages")["@odata.nextLink"].startswith("https://elsewhere.example/v1.0/me/messages")


def test_preferences_are_not_carried_by_links(tenant, ada):
    ada.receives(at=MONDAY)
    ada.receives(at=MONDAY + 1)
    client = Client(tenant, prefer='IdType="ImmutableId"')
    first = client.ask("/me/messages", _top="1")
    assert first.headers["preference-applied"] == 'IdType="ImmutableId"'
    client.headers["Prefer"] = ""
    [second] = client.get(first.json()["@odata.nextLink"])["value"]
    assert second["id"].startswith("AAMkAD")
    assert first.json()["value"][0]["id"].startswith("AAkALg")


@pytest.mark.parametrize("top", ["0", "1001", "x"])
def test_page_sizes_have_bounds(tenant, ada, top):
    assert Client(tenant).refused("/me/messages", _top=top) == (400, "ErrorInvalidParameter")


def test_fifty_thousand_mails_are_listed_by_pages(tenant, ada):
    """The window finds its place without looking at each."""
    ada.receives_many(50_000, MONDAY)
    client = Client(tenant)
    window = f"receivedDateTime ge {moment(MONDAY + 40_000 * 60)}"
    page = client.get("/me/messages", _filter=window, _orderby="receivedDateTime", _top="2", _select="subject")
    assert [row["subject"] for row in page["value"]] == ["Harrow lease no. 40000", "Harrow lease no. 40001"]


def moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_mail_as_it_went_over_the_wire_is_told_in_graphs_words(tenant, ada):
    ada.receives(
        letter(7, headers=["Subject: =?utf-8?q?L=C3=A9ase?=", "References: <root@harrow.example> <b@x.example>"])
    )
    [mail] = Client(tenant, prefer='outlook.body-content-type="text"').rows(
        "/me/messages", _select="subject,body,from,internetMessageId,internetMessageHeaders,sentDateTime"
    )
    assert mail["subject"] == "Léase"
    assert mail["body"] == {"contentType": "text", "content": "The lease is signed.\r\n"}
    assert mail["internetMessageId"] == "<7@okafor.example>"
    assert {"name": "References", "value": "<root@harrow.example> <b@x.example>"} in mail["internetMessageHeaders"]
    assert mail["sentDateTime"] == moment(MONDAY)
