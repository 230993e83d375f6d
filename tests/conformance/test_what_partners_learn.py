"""Subjects, scopes, civil identity and the NIR: what a partner learns of a person, and no more."""

import base64
import re

import pytest

from broker.base.crypto import KeyedHash
from broker.clients.directory import Clients
from broker.oidc.claims.subjects import Subjects
from broker.sessions.sessions import Sessions
from tests.support.insured_account import NIR as OTHER_NIR
from tests.support.insured_account import insured_account
from tests.support.partner import Holder, Partner, callback, register

NIR = "2470541043403"


def test_the_sub_comes_of_a_random_account_and_of_nothing_of_the_person(app):
    account = insured_account(app)
    partner = Partner(app, Holder(app, account), register(app))
    partner.holder.logs_in()

    sub = partner.id_token(partner.tokens())["sub"]

    assert re.fullmatch(r"[0-9a-f]{32}", account)
    assert account not in sub
    assert OTHER_NIR not in sub


def test_another_key_gives_other_subjects_under_the_same_version(a_partner, app):
    a_partner()
    registered = app.extensions["broker"][Clients].get("partenaire")

    one, two = (Subjects(KeyedHash(key * 32)).sub(registered, "a" * 32) for key in (b"1", b"2"))

    assert one != two
    assert one.endswith("v1")
    assert two.endswith("v1")
    assert Subjects(KeyedHash(b"1" * 32)).sub(registered, "a" * 32) == one
    assert Subjects(KeyedHash(b"1" * 32)).sub(registered, "b" * 32) != one


def test_two_partners_know_a_session_under_two_names_each_under_one(a_partner, holder, app):
    one = a_partner()
    other = a_partner(client_id="autre", redirect_uris=["https://autre.test/retour"])
    holder.logs_in()
    (opened,) = app.extensions["broker"][Sessions].every(holder.account_id)

    (first, again), (elsewhere,) = (
        [partner.id_token(partner.tokens())["sid"] for _ in range(times)]
        for partner, times in ((one, 2), (other, 1))
    )

    assert first == again
    assert len({first, elsewhere, opened.session.sid}) == 3


@pytest.mark.parametrize("scope", ["phone", "address", "birthdate", "nir"])
def test_a_scope_that_is_not_the_partners_own_is_refused(a_partner, holder, scope):
    partner = a_partner(scope="openid email")
    holder.logs_in()

    refused = callback(partner.sends(scope=f"openid email {scope}"))

    assert refused["error"] == "invalid_scope"
    told = partner.userinfo(partner.tokens(scope="openid email")["access_token"]).get_json()
    assert told.keys() == {"sub", "email", "email_verified"}


def test_an_identity_that_is_not_certified_is_not_told(app):
    account = insured_account(app, identity_certified="0")
    partner = Partner(app, Holder(app, account), register(app))
    partner.holder.logs_in()

    told = partner.userinfo(
        partner.tokens(scope="openid profile birth email")["access_token"]
    ).get_json()

    assert told.keys() == {"sub", "email", "email_verified"}


def test_the_civil_identity_is_the_registers_at_the_time_of_reading(app):
    account = insured_account(app, birth_name="LEGRAND", given_names="ZOE ANNE")
    partner = Partner(app, Holder(app, account), register(app))
    partner.holder.logs_in()

    told = partner.userinfo(partner.tokens(scope="openid profile")["access_token"]).get_json()

    assert (told["family_name"], told["given_name"]) == ("LEGRAND", "ZOE ANNE")


CLAIMS = '{"id_token":{"nir":{"essential":true},"sub":null},"userinfo":{"nir":null}}'


@pytest.mark.parametrize(
    ("ameli", "scope"), [({"nir": True}, "openid nir profile"), ({}, "openid profile")]
)
def test_the_number_is_in_no_address_and_no_token(a_partner, holder, ameli, scope):
    partner = a_partner(ameli=ameli)
    holder.logs_in()

    sent = partner.sends(scope=scope, claims=CLAIMS)
    tokens = partner.redeems(callback(sent)["code"]).get_json()
    told = partner.userinfo(tokens["access_token"]).get_json()

    assert told.get("nir") == (NIR if ameli else None)
    everywhere = [sent.location, *map(str, tokens.values()), _payload(tokens["id_token"])]
    assert [text for text in everywhere if NIR in text] == []
    assert NIR not in told["sub"]


def _payload(token):
    encoded = token.split(".")[1]
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
