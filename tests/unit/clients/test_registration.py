"""Client files: what is accepted, refused, warned about and derived."""

from datetime import date

import pytest
from joserfc.jwk import ECKey

from broker.clients.effects import effects
from broker.clients.files import FileReader
from broker.clients.model import Profile, RegistrationRefused
from tests.support.partner import API, PUBLIC, REFRESHING, a_registration

ONE = ECKey.generate_key("P-256", {"kid": "one"}).as_dict(private=False)
STRICT, LENIENT = FileReader(lenient=False), FileReader(lenient=True)


def client(reader=STRICT, **changes):
    return reader.judge(a_registration(**changes)).registration.client()


@pytest.mark.parametrize(
    "flaw",
    [
        {"client_id": None},
        {"client_id": ""},
        {"client_id": "with space"},
        {"client_secret": "short"},
        {"client_secret": ["list"]},
        {"redirect_uris": []},
        {"redirect_uris": "https://partenaire.test/"},
        {"redirect_uris": ["http://partenaire.test/"]},
        {"redirect_uris": ["http://localhost/"]},
        {"redirect_uris": ["https://partenaire.test/#f"]},
        {"redirect_uris": ["https://partenaire.test@autre.test/"]},
        {"redirect_uris": ["https://partenaire.test:80@autre.test/"]},
        {"redirect_uris": ["https:///chemin"]},
        {"redirect_uris": ["https://partenaire.test\\@autre.test/"]},
        {"redirect_uris": ["https://partenaire.test/ "]},
        {"redirect_uris": ["https://partenaire.test:port/"]},
        {"redirect_uris": ["com.example.app:/retour"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"redirect_uris": ["https://un.test/", "https://deux.test/"]},
        {"post_logout_redirect_uris": ["http://partenaire.test/"]},
        {"policy_uri": "javascript:alert(1)"},
        {"response_types": ["token"]},
        {"grant_types": ["implicit"]},
        {"token_endpoint_auth_method": "client_secret_jwt"},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"token_endpoint_auth_method": "none", "ameli": {"introspects": True, "resource": API}},
        {"jwks": {"keys": []}},
        {"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}},
        {"jwks": {"keys": [{"kty": "RSA", "n": "AAAA", "e": "AQAB"}]}},
        {"jwks": {"keys": [{"kty": "EC", "crv": "P-384", "x": "AAAA", "y": "AAAA"}]}},
        {"jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}]}},
        {"jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "A", "y": "A", "d": "A"}]}},
        {"jwks_uri": "http://partenaire.test/jwks"},
        {"jwks_uri": "http://localhost/jwks", "application_type": "native"},
        {"id_token_signed_response_alg": "HS256"},
        {"id_token_signed_response_alg": "none"},
        {"dpop_bound_access_tokens": "yes, please"},
        {"subject_type": "public"},
        {"scope": "profile"},
        {"scope": "openid nir"},
        {"ameli": {"unknown": 1}},
        {"ameli": {"profile": "fapi2"}},
        {"ameli": {"minimum_acr": "eidas4"}},
        {"ameli": {"code": "never"}},
        {"ameli": {"compatibility": [{"name": "no_tls", "until": "2027-01-01"}]}},
        {"ameli": {"compatibility": [{"name": "no_pkce"}]}},
        {"ameli": {"introspects": True}},
    ],
    ids=str,
)
def test_one_flaw_is_enough_to_refuse_a_file(flaw):
    with pytest.raises(RegistrationRefused) as refusal:
        STRICT.judge(a_registration(**flaw))

    assert refusal.value.flaws
    assert "a-secret-of-the-partner" not in str(refusal.value)


@pytest.mark.parametrize(
    "usual",
    [
        {"redirect_uris": ["https://partenaire.test:8443/retour?a=b"]},
        {"redirect_uris": ["http://127.0.0.1/retour"], "application_type": "native"},
        {"redirect_uris": ["http://[::1]/retour"], "application_type": "native"},
        {"redirect_uris": ["https://un.test/", "https://deux.test/"], "ameli": {"sector": "s"}},
        {"redirect_uris": None, "ameli": {"introspects": True, "resource": "https://api.test"}},
        {"client_name": None},
        {"scope": None},
    ],
    ids=str,
)
def test_what_is_usual_is_accepted(usual):
    assert client(**usual)


FAPI = {
    "client_secret": None,
    "token_endpoint_auth_method": "private_key_jwt",
    "jwks": {"keys": [ECKey.generate_key("P-256").as_dict(private=False)]},
    "ameli": {"profile": "fapi2"},
}


def test_a_client_of_fapi_pushes_its_requests_and_binds_its_tokens():
    partner = client(**FAPI)

    assert partner.require_pushed_authorization_requests
    assert partner.dpop_bound_access_tokens
    assert (partner.code_life(120), partner.code_life(30)) == (60, 30)


def test_another_client_does_so_where_its_file_says_it():
    assert not client().dpop_bound_access_tokens
    assert client(dpop_bound_access_tokens=True).dpop_bound_access_tokens
    assert client().code_life(120) == 120


@pytest.mark.parametrize(
    ("flaw", "named"),
    [
        ({"token_endpoint_auth_method": "client_secret_basic"}, "token_endpoint_auth_method"),
        ({"id_token_signed_response_alg": None}, "id_token_signed_response_alg"),
        ({"userinfo_signed_response_alg": "RS256"}, "userinfo_signed_response_alg"),
        (
            {"redirect_uris": ["http://127.0.0.1/retour"], "application_type": "native"},
            "redirect_uris",
        ),
        (
            {
                "ameli": {
                    "profile": "fapi2",
                    "compatibility": [{"name": "no_pkce", "until": "2027-01-01"}],
                }
            },
            "ameli.compatibility",
        ),
    ],
    ids=str,
)
def test_a_client_of_fapi_meets_every_rule_of_it(flaw, named):
    with pytest.raises(RegistrationRefused) as refusal:
        STRICT.judge(a_registration(**FAPI | flaw))

    assert [text.partition(":")[0] for text in refusal.value.flaws] == [named]


OWN_APP = {
    "client_secret": None,
    "application_type": "native",
    "redirect_uris": ["http://127.0.0.1/retour"],
    "token_endpoint_auth_method": "none",
    "dpop_bound_access_tokens": True,
    "ameli": {"first_party": True},
}


@pytest.mark.parametrize(
    "usual",
    [{}, {k: v for k, v in FAPI.items() if k != "ameli"}],
    ids=["without a proof", "by key"],
)
def test_an_app_of_our_own_is_native_and_binds_its_tokens(usual):
    assert client(**OWN_APP | usual).first_party
    assert not client(**OWN_APP | {"ameli": {}}).first_party


@pytest.mark.parametrize(
    ("flaw", "named"),
    [
        ({"application_type": "web", "redirect_uris": ["https://app.test/"]}, "application_type"),
        ({"dpop_bound_access_tokens": None}, "dpop_bound_access_tokens"),
        (
            {"token_endpoint_auth_method": "client_secret_basic", "client_secret": "s" * 40},
            "token_endpoint_auth_method",
        ),
        ({"ameli": {"first_party": True, "profile": "fapi2"}}, "ameli.profile"),
        (
            {
                "ameli": {
                    "first_party": True,
                    "compatibility": [{"name": "no_pkce", "until": "2027-01-01"}],
                }
            },
            "ameli.compatibility",
        ),
    ],
    ids=str,
)
def test_an_app_of_our_own_meets_every_rule_of_it(flaw, named):
    with pytest.raises(RegistrationRefused) as refusal:
        STRICT.judge(a_registration(**OWN_APP | flaw))

    assert named in [text.partition(":")[0] for text in refusal.value.flaws]


def test_the_operator_reads_that_an_app_asks_for_passwords():
    before, after = client(**OWN_APP | {"ameli": {}}), client(**OWN_APP)
    line = "its own screens ask people for number, password and code"

    assert line in effects(None, after)
    assert effects(before, after) == (line,)
    assert effects(after, before) == (f"no longer: {line}",)


def test_the_operator_reads_that_tokens_are_bound_no_more():
    before, after = client(dpop_bound_access_tokens=True), client()

    assert effects(before, after) == ("protection lifted: tokens are no longer bound to a key",)
    assert effects(after, before) == ()


def test_the_demo_and_tests_may_use_http_anywhere():
    assert client(LENIENT, redirect_uris=["http://partenaire.test/", "http://localhost:9/"])


def test_an_unknown_member_is_ignored_with_a_warning():
    judged = STRICT.judge(a_registration(logo_uri="https://partenaire.test/l", scope="openid x"))

    assert judged.warnings == (
        "logo_uri: ignored, not used here",
        "scope: x is ignored, nothing is known by that name",
    )


@pytest.mark.parametrize(
    ("changes", "sector"),
    [
        ({}, "partenaire.test"),
        ({"redirect_uris": ["https://Partenaire.test/", "http://localhost/"]}, "partenaire.test"),
        ({"redirect_uris": ["http://localhost:9000/", "http://127.0.0.1/"]}, "client:partenaire"),
        ({"ameli": {"sector": "chosen"}}, "chosen"),
        ({"sector_identifier_uri": "https://Groupe.test/sites.json"}, "groupe.test"),
        (
            {"sector_identifier_uri": "https://groupe.test/s", "ameli": {"sector": "chosen"}},
            "chosen",
        ),
        (
            {
                "sector_identifier_uri": "https://groupe.test/s",
                "redirect_uris": ["https://un.test/", "https://deux.test/"],
            },
            "groupe.test",
        ),
    ],
)
def test_the_sector_is_the_only_host_left(changes, sector):
    assert client(LENIENT, **changes).sector == sector


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ("http://127.0.0.1/retour", True),
        ("http://127.0.0.1:49152/retour", True),
        ("http://127.0.0.1:49152/autre", False),
        ("http://localhost:49152/retour", False),
        ("https://127.0.0.1:49152/retour", False),
        ("http://127.0.0.1:49152@autre.test/retour", False),
        ("http://127.0.0.1:x/retour", False),
        ("http://127.0.0.1:49152/retour#f", False),
        ("http://127.0.0.1:65535/retour", True),
        ("http://127.0.0.1:65536/retour", False),
        ("http://127.0.0.1:/retour", False),
        ("http://127.0.0.1:049152/retour", False),
        ("HTTP://127.0.0.1:49152/retour", False),
        ("http://127.0.0.1:49152/retour?", False),
        ("http://127.0.0.1:49152/retour?x=1", False),
        ("http://127.0.0.1:49152/retour\n", False),
    ],
)
def test_only_the_port_of_a_native_loopback_address_is_free(asked, allowed):
    native = client(application_type="native", redirect_uris=["http://127.0.0.1/retour"])

    assert native.may_return_to(asked) is allowed


@pytest.mark.parametrize("registered", ["http://[::1]/", "http://localhost:1234/retour?a=b"])
def test_the_port_is_free_on_each_loopback_address(registered):
    native = client(application_type="native", redirect_uris=[registered])
    start, _, rest = registered.removeprefix("http://").replace(":1234", "").partition("/")

    assert native.may_return_to(f"http://{start}:49152/{rest}")


def test_a_web_clients_loopback_address_is_exact():
    web = client(LENIENT, redirect_uris=["http://localhost:8002/callback"])

    assert web.may_return_to("http://localhost:8002/callback")
    assert not web.may_return_to("http://localhost:8003/callback")


@pytest.mark.parametrize(("day", "needed"), [(date(2026, 6, 30), False), (date(2026, 7, 1), True)])
def test_pkce_is_lifted_until_a_date_and_that_day_included(day, needed):
    lifted = client(ameli={"compatibility": [{"name": "no_pkce", "until": "2026-06-30"}]})

    assert lifted.needs_pkce(day) is needed


def test_franceconnect_sends_no_pkce_and_gets_signed_userinfo_and_a_code_each_time():
    franceconnect = client(ameli={"profile": "franceconnect"})

    assert franceconnect.profile is Profile.FRANCECONNECT
    assert not franceconnect.needs_pkce(date(2026, 1, 1))
    assert franceconnect.userinfo_signed_response_alg == "ES256"
    assert franceconnect.code == "always"


def test_a_client_that_names_no_algorithm_gets_rs256():
    assert client(id_token_signed_response_alg=None).id_token_signed_response_alg == "RS256"


def test_a_scope_of_one_claim_is_covered_by_the_scope_that_holds_it():
    partner = client(scope="openid profile")

    assert partner.may_ask("birthdate")
    assert not partner.may_ask("birthplace")
    assert not partner.may_ask("nir")


def test_the_effects_of_a_new_partner_name_data_and_places():
    assert effects(None, client(scope="openid email")) == (
        "new partner: Partenaire",
        "data disclosed: email, email_verified",
        "people may be sent to: partenaire.test",
        "after a logout, people may be sent to: partenaire.test",
        "assurance required: eidas1, code asked: new_browser",
    )


def test_the_effects_of_a_change_name_what_people_lose_or_gain():
    before = client(scope="openid email", ameli={"minimum_acr": "eidas2", "code": "always"})
    after = client(
        client_name="Nouveau",
        scope="openid phone",
        redirect_uris=["https://nouveau.test/"],
        post_logout_redirect_uris=["https://sortie.test/"],
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [ONE]},
        ameli={"compatibility": [{"name": "no_pkce", "until": "2027-01-01"}]},
    )

    assert effects(before, after) == (
        "people will read: Nouveau (was Partenaire)",
        "every person gets a new sub: sector nouveau.test (was partenaire.test)",
        "data disclosed in addition: phone_number, phone_number_verified",
        "data no longer disclosed: email, email_verified",
        "assurance lowered: eidas2 to eidas1",
        "code asked: new_browser (was always)",
        "people may now be sent to: nouveau.test",
        "people are no longer sent to: partenaire.test",
        "after a logout, people may now be sent to: sortie.test",
        "after a logout, people are no longer sent to: partenaire.test",
        "protection lifted: no_pkce until 2027-01-01",
        "proves itself by: private_key_jwt (was client_secret_basic)",
        "a new key speaks for the partner: one",
    )
    assert effects(after, after) == ()
    assert "no longer lifted until 2027-01-01: no_pkce" in effects(after, before)
    assert "a key ends at once: one" in effects(after, before)


def test_a_client_that_names_no_grant_type_may_not_refresh():
    judged = STRICT.judge(a_registration(scope="openid offline_access"))

    partner = judged.registration.client()
    assert not partner.may_refresh
    assert not partner.may_ask("offline_access")
    assert judged.warnings == (
        "scope: offline_access is ignored, grant_types has no refresh_token",
    )


def test_a_client_that_may_refresh_asks_offline_access_only_where_it_names_it():
    in_session = client(grant_types=["authorization_code", "refresh_token"], scope="openid")
    offline = client(**REFRESHING)

    assert in_session.may_refresh
    assert not in_session.may_ask("offline_access")
    assert offline.may_ask("offline_access")


@pytest.mark.parametrize(("registered", "rotates"), [(REFRESHING, False), (PUBLIC, True)])
def test_only_a_client_without_proof_rotates(registered, rotates):
    assert client(**registered).rotates is rotates


def test_the_effects_of_refreshing_are_told():
    before, after = client(**REFRESHING | {"grant_types": None}), client(**REFRESHING)
    lines = ("keeps access while the person is logged in", "keeps access while the person is away")

    assert effects(before, after) == lines
    assert effects(after, before) == tuple(f"no longer: {line}" for line in lines)


def test_a_resource_server_discloses_nothing_to_itself():
    server = client(
        redirect_uris=None,
        post_logout_redirect_uris=None,
        scope=None,
        ameli={
            "introspects": True,
            "resource": API,
            "access_token_signed_response_alg": "ES256",
        },
    )

    assert server.claims == ()
    assert effects(None, server) == (
        "new partner: Partenaire",
        f"asks about tokens for: {API}",
        f"reads signed tokens by itself: {API}",
    )


@pytest.mark.parametrize("resource", ["https://api.test/", "urn:service:dossiers", API])
def test_a_resource_is_an_absolute_uri(resource):
    assert client(ameli={"introspects": True, "resource": resource}).resource == resource


@pytest.mark.parametrize(
    "resource", ["", "api", "/api", "https://", "https://api.test/#f", "https://api.test/a b",
                 "https://api.té.st/", "https://[api/"],
)  # fmt: skip
def test_anything_else_is_refused_as_a_resource(resource):
    with pytest.raises(RegistrationRefused):
        client(ameli={"introspects": True, "resource": resource})


def test_every_flaw_between_members_is_told_at_once():
    with pytest.raises(RegistrationRefused) as refusal:
        STRICT.judge(
            a_registration(
                client_secret="short",
                redirect_uris=["http://un.test/", "https://deux.test/"],
                scope="openid nir",
            )
        )

    assert refusal.value.flaws == (
        "client_secret: at least 32 characters",
        "ameli.sector: or a sector_identifier_uri, where the redirect URIs have several hosts",
        "scope: nir needs ameli.nir",
        "redirect_uris: https is required (http only on loopback, for native clients)",
    )
