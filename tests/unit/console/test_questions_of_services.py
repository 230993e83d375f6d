"""Saved questions about services and what they hold: what each finds and leaves out."""

from joserfc import jws

from broker.audit.model import Outcome, TokenFacts, Upstream
from broker.console.model import Role
from broker.franceconnect.events import RoundTripFailed
from broker.oidc.resources.events import TokenIntrospected
from tests.support.partner import API, Holder, Partner, callback, register, sample_account


def test_what_was_used_after_its_end_is_told_with_the_reason(record, ask):
    fact = {"client_id": "mutuelle", "audience": "https://api.test", "client_auth_method": "none"}
    ended = {"token": TokenFacts(kind="access"), "code_ref": "c" * 32}
    record(
        TokenIntrospected(outcome=Outcome.FAILURE, reason_code="revoked", **fact, **ended),
        TokenIntrospected(**fact, **ended),
    )

    (row,) = ask("used_after_end").rows
    assert (row["Service"], row["Raison"], row["Événements"]) == ("mutuelle", "revoked", "1")


def test_refusals_of_franceconnect_are_told_with_the_provider(record, ask):
    loop = Upstream(iss="https://fc.test", idp="ameli")
    record(*[RoundTripFailed(reason_code="low_acr", upstream=loop)] * 2)

    (row,) = ask("franceconnect_refused").rows
    assert (row["Raison"], row["Fournisseur d'identité"], row["Événements"]) == (
        "low_acr", "ameli", "2",
    )  # fmt: skip


def test_what_the_tokens_of_a_partner_still_allow_is_told(app, ask):
    holder = Holder(app, sample_account(app))
    holder.logs_in()
    partner = Partner(app, holder, register(app))
    partner.redeems(callback(partner.sends())["code"])

    (row,) = ask("tokens_alive", indice="partenaire").rows
    assert (row["Service"], row["Personnes"], row["Autorisations d'accès"]) == (
        "partenaire", "1", "1",
    )  # fmt: skip
    assert ask("tokens_alive", indice="autre").rows == []


def test_what_a_key_signed_and_is_still_good_is_told(app, ask):
    register(
        app, client_id="api", redirect_uris=None, post_logout_redirect_uris=None,
        ameli={"introspects": True, "resource": API, "access_token_signed_response_alg": "ES256"},
    )  # fmt: skip
    holder = Holder(app, sample_account(app))
    holder.logs_in()
    partner = Partner(app, holder, register(app))
    signed = partner.redeems(callback(partner.sends(resource=API))["code"]).get_json()
    partner.redeems(callback(partner.sends())["code"])  # not signed: no key made it
    kid = jws.extract_compact(signed["access_token"].encode()).headers()["kid"]

    rows = ask("tokens_alive", indice=kid).rows

    assert [(row["Service"], row["Autorisations d'accès"]) for row in rows] == [
        ("partenaire", "1")
    ]


def test_what_another_key_signed_at_the_same_time_is_not_of_it(app, ask):
    other = "https://other.test"
    for resource, algorithm in ((API, "ES256"), (other, "PS256")):
        register(
            app, client_id=algorithm.lower(), redirect_uris=None, post_logout_redirect_uris=None,
            ameli={"introspects": True, "resource": resource,
                   "access_token_signed_response_alg": algorithm},
        )  # fmt: skip
    holder = Holder(app, sample_account(app))
    holder.logs_in()
    partner = Partner(app, holder, register(app))
    kids = []
    for resource in (API, other):
        sent = partner.redeems(callback(partner.sends(resource=resource))["code"]).get_json()
        kids.append(jws.extract_compact(sent["access_token"].encode()).headers()["kid"])

    answers = [ask("tokens_alive", indice=kid).rows for kid in kids]

    assert len(set(kids)) == 2
    assert [row["Autorisations d'accès"] for (row,) in answers] == ["1", "1"]


def test_a_responder_is_led_from_there_to_the_cuts(enrolled):
    reader, responder = enrolled("bob"), enrolled("carole", Role.RESPONDER)

    pages = [each.opens("/audit/questions/tokens_alive").text for each in (reader, responder)]

    assert [">Couper un service ou une clé</a>" in page for page in pages] == [False, True]
