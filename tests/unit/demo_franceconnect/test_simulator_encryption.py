"""The simulator as FranceConnect+: it seals for a site's key, and opens what is sealed for it."""

import json

import pytest
import requests
from joserfc import jwe
from joserfc.jwk import ECKey, JWKRegistry, KeySet, RSAKey
from requests.adapters import BaseAdapter

from tests.unit.demo_franceconnect.conftest import a_config, a_site, a_visit
from tests.unit.demo_franceconnect.test_simulator_remote import Ameli, comes_back

KEYS = "https://site.test/keys"
EC = ECKey.generate_key("P-256", {"kid": "ec", "use": "enc", "alg": "ECDH-ES"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "enc", "alg": "RSA-OAEP-256"})


class SiteKeys(BaseAdapter):
    """Where a site publishes its keys."""

    def __init__(self, *keys, status=200):
        super().__init__()
        self.keys, self.status = list(keys), status

    def close(self): ...

    def send(self, request, **_options):
        answer = requests.Response()
        answer.request, answer.url, answer.status_code = request, request.url, self.status
        answer._content = json.dumps(KeySet(self.keys).as_dict(private=False)).encode()
        return answer


def a_plus(clock, http, algorithm="ECDH-ES", *keys, **how):
    http.mount("https://site.test", SiteKeys(*(keys or (EC, RSA)), **how))
    site = a_site(encryption=algorithm, jwks_uri=KEYS)
    return a_visit(a_config(service_providers=[site]), clock, http)


def opened(token, key):
    registry = jwe.JWERegistry(algorithms=[key.alg, "A256GCM"], strict_check_header=False)
    return jwe.decrypt_compact(token, key, registry=registry)


@pytest.mark.parametrize("key", [EC, RSA], ids=["ECDH-ES", "RSA-OAEP-256"])
def test_both_answers_are_sealed_for_the_key_of_the_site(clock, http, key):
    site = a_plus(clock, http, key.alg)
    tokens = site.tokens()
    userinfo = site.userinfo(tokens["access_token"])

    sealed = opened(tokens["id_token"], key)

    around = {name: sealed.protected[name] for name in ("enc", "kid", "cty", "iss", "aud")}
    assert around == {
        "enc": "A256GCM",
        "kid": key.kid,
        "cty": "JWT",
        "iss": "https://fc.test/api/v2",
        "aud": "site",
    }
    assert site.verifies(sealed.plaintext.decode()).claims["aud"] == "site"
    assert userinfo.content_type.startswith("application/jwt")
    assert site.verifies(opened(userinfo.text, key).plaintext.decode()).claims["email"]


@pytest.mark.parametrize(
    ("keys", "how"),
    [((EC,), {"status": 500}), ((RSA,), {}), ((ECKey.generate_key("P-256"),), {})],
    ids=["down", "other algorithm", "no use"],
)
def test_a_site_without_a_key_gets_no_token(clock, http, keys, how):
    site = a_plus(clock, http, "ECDH-ES", *keys, **how)

    answer = site.redeems(site.returns()["code"])

    assert (answer.status_code, answer.json["error"]) == (500, "server_error")


def test_its_own_keys_are_published_for_identity_providers(site):
    keys = site.browser.get("/api/v2/client/.well-known/keys").json["keys"]

    assert {(key["kty"], key["alg"], key["use"]) for key in keys} == {
        ("EC", "ECDH-ES", "enc"),
        ("RSA", "RSA-OAEP-256", "enc"),
    }
    assert not {"d", "p"} & {name for key in keys for name in key}


class SealingAmeli(Ameli):
    """Seals its answers with the key that FranceConnect publishes, unless a flaw says so."""

    def signed(self, claims):
        token = super().signed(claims)
        if self.flaws.get("open"):
            return token
        header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": self.sealing.kid, "cty": "JWT"}
        return jwe.encrypt_compact(header | self.flaws.get("header", {}), token, self.sealing)


@pytest.fixture
def sealing_ameli(clock, http):
    ameli = SealingAmeli(clock)
    http.mount("https://ameli.test", ameli)
    remote = {
        "discovery": "https://ameli.test/.well-known/openid-configuration",
        "client_id": "franceconnect",
        "client_secret": "a-secret-of-at-least-thirty-two-characters",
        "encryption": "ECDH-ES",
    }
    providers = [{"uid": "ameli", "name": "Ameli.fr", "remote": remote}]
    site = a_visit(a_config(identity_providers=providers), clock, http)
    published = site.browser.get("/api/v2/client/.well-known/keys").json["keys"]
    ameli.sealing = JWKRegistry.import_key(next(k for k in published if k["kty"] == "EC"))
    return site, ameli


def test_an_identity_provider_that_seals_is_understood(sealing_ameli):
    assert comes_back(*sealing_ameli).location.endswith("/information")


@pytest.mark.parametrize("flaws", [{"open": True}, {"header": {"cty": "json"}},
                                   {"header": {"kid": "another"}}], ids=str)  # fmt: skip
def test_what_is_not_sealed_as_registered_ends_on_the_error_page(sealing_ameli, flaws):
    site, ameli = sealing_ameli
    ameli.flaws = flaws

    answer = comes_back(site, ameli)

    assert answer.status_code == 502
    assert "Y020026" in answer.text
