"""DPoP (RFC 9449) outside FAPI 2.0: who may, who must, challenges, what servers read."""

import pytest
from sqlalchemy import func, select

from broker.base.db import Database
from broker.oidc.proofs.tables import PROOF
from broker.oidc.provider import Provider
from tests.conformance.fapi import is_refused
from tests.support.key_partner import DPoPKey, FapiPartner
from tests.support.partner import API, PUBLIC, REFRESHING, Partner, events, parse

ALGS = 'algs="ES256 PS256 Ed25519"'


class BoundPartner(FapiPartner):
    """A partner of any registration that sends proofs."""

    calls = Partner.calls

    def code(self, **changes):
        return self.receives(self.sends(**changes))["code"]


@pytest.fixture
def bound(app, holder, a_partner):
    holder.logs_in()

    def make(**registered):
        partner = BoundPartner(app, holder, a_partner(**registered).registered)
        partner.dpop = DPoPKey()
        return partner

    return make


@pytest.fixture
def public(bound):
    return bound(**PUBLIC)


def tokens(response):
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_json()


def test_any_client_may_bind_its_token_and_a_plain_one_pays_nothing(bound):
    partner = bound()

    plain = tokens(partner.redeems(partner.code(), proof=None))
    mine = tokens(partner.redeems(partner.code()))

    assert (plain["token_type"], mine["token_type"]) == ("Bearer", "DPoP")
    assert partner.reads(plain["access_token"], proof=None, scheme="Bearer").status_code == 200
    assert partner.reads(mine["access_token"]).status_code == 200


def test_a_client_registered_with_bound_tokens_gets_no_other(bound):
    partner = bound(**REFRESHING, dpop_bound_access_tokens=True)
    token = tokens(partner.redeems(partner.code()))["refresh_token"]

    assert is_refused(partner.redeems(partner.code(), proof=None), "invalid_dpop_proof")
    assert is_refused(partner.refreshes(token, proof=None), "invalid_dpop_proof")


def test_a_bound_token_serves_no_bearer_and_a_bearers_token_no_key(bound, app):
    partner = bound()
    mine = tokens(partner.redeems(partner.code()))["access_token"]
    plain = tokens(partner.redeems(partner.code(), proof=None))["access_token"]

    as_bearer = partner.reads(mine, scheme="Bearer")
    in_body = app.test_client().post("/userinfo", data={"access_token": mine})
    as_bound = partner.reads(plain)

    assert [r.status_code for r in (as_bearer, in_body, as_bound)] == [401, 401, 401]
    told = as_bearer.headers["WWW-Authenticate"]
    assert told == (
        'Bearer error="invalid_token", error_description="the access token is bound to a key",'
        f" DPoP {ALGS}"
    )
    assert as_bound.headers["WWW-Authenticate"] == (
        'DPoP error="invalid_token", error_description="the access token is bound to no key",'
        f" {ALGS}"
    )


def test_another_key_is_told_so_in_the_scheme_that_was_used(bound, app):
    partner = bound()
    token = tokens(partner.redeems(partner.code()))["access_token"]
    stolen = DPoPKey().proof("/userinfo", partner.now, method="GET", token=token)

    response = partner.reads(token, proof=stolen)

    assert response.headers["WWW-Authenticate"] == (
        'DPoP error="invalid_token", error_description="the access token is bound to a key",'
        f" {ALGS}"
    )
    (refused,) = events(app, "userinfo.read")
    assert (refused["outcome"], refused["token"]["cnf"]) == ("failure", partner.dpop.thumbprint)


def test_a_flawed_proof_is_told_so_and_traced_with_its_key(bound, app):
    partner = bound()
    token = tokens(partner.redeems(partner.code()))["access_token"]

    response = partner.reads(token, proof=partner.proof("/token", token=token))

    assert response.headers["WWW-Authenticate"] == (
        'DPoP error="invalid_dpop_proof",'
        f' error_description="the DPoP proof is not valid: htm", {ALGS}'
    )
    (refused,) = events(app, "dpop.proof.refused")
    assert (refused["reason_code"], refused["cnf"]) == ("htm", partner.dpop.thumbprint)
    assert refused["client_id"] == "partenaire"


def test_a_proof_without_a_token_proves_nobody(app, bound):
    headers = {"DPoP": bound().proof("/userinfo", method="GET")}

    response = app.test_client().get("/userinfo", headers=headers)

    assert response.headers["WWW-Authenticate"] == f"Bearer, DPoP {ALGS}"


def test_a_public_clients_refresh_token_is_bound_to_its_key(public):
    token = tokens(public.redeems(public.code()))["refresh_token"]
    thief = DPoPKey()

    assert is_refused(public.refreshes(token, proof=None), "invalid_grant")
    stolen = public.refreshes(token, proof=thief.proof("/token", public.now))
    assert is_refused(stolen, "invalid_grant")
    second = tokens(public.refreshes(token))
    assert second["token_type"] == "DPoP"
    assert tokens(public.refreshes(token)) == second  # repeated with a new proof of the same key
    stolen = public.refreshes(token, proof=thief.proof("/token", public.now))
    assert is_refused(stolen, "invalid_grant")
    assert public.reads(second["access_token"]).status_code == 200


def test_a_public_client_that_begins_with_proofs_is_bound_from_then_on(public):
    first = tokens(public.redeems(public.code(), proof=None))

    second = tokens(public.refreshes(first["refresh_token"]))

    assert (first["token_type"], second["token_type"]) == ("Bearer", "DPoP")
    assert is_refused(public.refreshes(second["refresh_token"], proof=None), "invalid_grant")
    assert public.refreshes(second["refresh_token"]).status_code == 200


def test_a_code_is_bound_at_the_authorization_endpoint_too(bound, app):
    partner = bound()
    granted = partner.code(dpop_jkt=partner.dpop.thumbprint)
    other = DPoPKey().proof("/token", partner.now)

    assert is_refused(partner.redeems(granted, proof=None), "invalid_grant")
    assert is_refused(partner.redeems(granted, proof=other), "invalid_grant")
    assert {e["reason_code"] for e in events(app, "code.redeemed")} == {"key"}
    assert events(app, "code.issued")[0]["cnf"] == partner.dpop.thumbprint
    assert partner.redeems(granted).status_code == 200


@pytest.mark.parametrize("thumbprint", ["short", "A" * 42 + "=", "A" * 44])
def test_a_thumbprint_that_is_none_is_refused(bound, thumbprint):
    answer = parse(bound().sends(dpop_jkt=thumbprint).location)

    assert answer["error"] == "invalid_request"


@pytest.mark.parametrize("path", ["/token", "/par"])
def test_a_proof_serves_once_whatever_it_was_for(bound, app, path):
    partner = bound()
    proof = partner.proof(path)
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    first = partner.calls(path, form, headers={"DPoP": proof})

    again = partner.calls(path, form, headers={"DPoP": proof})

    assert first.get_json()["error"] != "invalid_dpop_proof"
    assert is_refused(again, "invalid_dpop_proof")
    (replayed,) = events(app, "dpop.proof.replayed")
    assert replayed["cnf"] == partner.dpop.thumbprint


def test_a_proof_is_remembered_for_as_long_as_it_could_be_used(bound, app, clock):
    partner = bound()
    proof = partner.proof("/par", iat=30)  # its maker's clock is ahead
    assert partner.pushes(proof=proof).status_code == 201
    clock.advance(seconds=90)
    purges(app)

    assert is_refused(partner.pushes(proof=proof), "invalid_dpop_proof")
    assert len(events(app, "dpop.proof.replayed")) == 1
    assert proofs_kept(app) == 1
    clock.advance(seconds=31)
    purges(app)
    assert proofs_kept(app) == 0


def purges(app):
    for task in app.extensions["broker"][Provider].tasks():
        task.run()


def proofs_kept(app):
    db = app.extensions["broker"][Database]
    return db.scalar(select(func.count()).select_from(PROOF))


def test_nobody_uses_up_the_proofs_of_another_key(bound):
    partner = bound()
    taken = DPoPKey().proof("/par", partner.now, jti="the same")
    partner.pushes(proof=taken)

    assert partner.pushes(proof=partner.proof("/par", jti="the same")).status_code == 201


def test_servers_read_which_key_a_token_is_bound_to(bound, a_server, app):
    reader = a_server()
    signed = a_server("lecteur", "https://lecteur.test/", access_token_signed_response_alg="ES256")
    partner = bound()
    thumbprint = {"jkt": partner.dpop.thumbprint}

    opaque = tokens(partner.redeems(partner.code(resource=API)))["access_token"]
    plain = tokens(partner.redeems(partner.code(resource=API), proof=None))["access_token"]
    code = partner.code(resource="https://lecteur.test/")
    jwt = tokens(partner.redeems(code))["access_token"]

    told = reader.introspects(opaque)
    assert (told["token_type"], told["cnf"]) == ("DPoP", thumbprint)
    assert reader.introspects(plain)["token_type"] == "Bearer"
    assert "cnf" not in reader.introspects(plain)
    assert signed.verified(jwt)["cnf"] == thumbprint
    issued = [e["token"].get("cnf") for e in events(app, "token.issued")]
    assert issued.count(partner.dpop.thumbprint) == 2


def test_no_token_of_a_fapi_client_is_signed_with_less(a_fapi_partner, a_server):
    """FAPI 2.0 §5.4.1: also where a resource server reads RS256."""
    a_server("ancien", "https://ancien.test/", access_token_signed_response_alg="RS256")
    a_server("recent", "https://recent.test/", access_token_signed_response_alg="PS256")
    partner = a_fapi_partner()

    assert is_refused(partner.pushes(resource="https://ancien.test/"), "invalid_target")
    granted = partner.code()
    assert is_refused(partner.redeems(granted, resource="https://ancien.test/"), "invalid_target")
    answer = tokens(partner.redeems(granted, resource="https://recent.test/"))
    assert partner.verified(answer["access_token"])["cnf"] == {"jkt": partner.dpop.thumbprint}
