"""What FranceConnect demands of its identity provider's answers, one test for each demand."""

import pytest

from broker.keys.rotation import Keys
from tests.support.identity_hub import (
    NONCE,
    REGISTRATION,
    STATE,
    IdentityHub,
    demande,
    in_front_of,
)
from tests.support.insured_account import insured_account
from tests.support.partner import OPERATOR, callback, events, header, register
from tests.unit.sessions.conftest import LoginPage

ISSUER = "http://localhost:8000"
IN_FRANCE = {"birthplace_cog": "75107", "birthcountry_cog": "99100"}


@pytest.fixture
def told(app, franceconnect):
    """Return a function: what FranceConnect is told of somebody whose row has these columns."""

    def tell(**columns):
        return in_front_of(franceconnect, insured_account(app, **columns)).receives_identity()

    return tell


def test_the_callback_has_code_state_and_issuer(franceconnect):
    answer = franceconnect.comes_back()

    assert answer.keys() == {"code", "state", "iss"}
    assert (answer["state"], answer["iss"]) == (STATE, ISSUER)


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_both_answers_are_signed_with_the_registered_algorithm(app, holder, algorithm, client):
    registered = register(app, **REGISTRATION, id_token_signed_response_alg=algorithm)
    hub = IdentityHub(app, holder, registered)
    tokens = hub.receives_tokens()
    userinfo = hub.asks_userinfo(tokens["access_token"]).text

    published = {key["kid"]: key["alg"] for key in client.get("/jwks").get_json()["keys"]}
    for token in (tokens["id_token"], userinfo):
        assert header(token)["alg"] == algorithm
        assert published[header(token)["kid"]] == algorithm
        assert hub.verified(token)


def test_the_id_token_says_who_for_whom_and_which_login(franceconnect, clock):
    claims = franceconnect.id_token(franceconnect.receives_tokens())

    now = int(clock().timestamp())
    assert claims["iss"] == ISSUER
    assert claims["aud"] == "franceconnect"
    assert claims["nonce"] == NONCE
    assert claims["iat"] == now < claims["exp"]
    assert claims["acr"] == "eidas1"


def test_the_acr_is_what_the_login_was_and_no_more(franceconnect, app):
    claims = franceconnect.id_token(franceconnect.receives_tokens(acr_values="eidas2 eidas1"))

    (issued,) = events(app, "code.issued")
    assert claims["acr"] == issued["acr"] == "eidas1"
    assert claims["amr"] == ["pwd", "otp"]


def test_the_subject_is_ascii_steady_and_the_same_in_both_answers(franceconnect):
    tokens = franceconnect.receives_tokens()
    again = franceconnect.receives_identity()

    sub = franceconnect.id_token(tokens)["sub"]
    assert sub.isascii()
    assert 0 < len(sub) <= 255
    assert (
        franceconnect.verified(franceconnect.asks_userinfo(tokens["access_token"]).text)["sub"]
        == sub
    )
    assert again["sub"] == sub


def test_names_are_all_first_names_and_the_birth_name(told):
    identity = told(given_names="ANNIE CLAIRE LOUISE", birth_name="BRISSON", usage_name="DUBOIS")

    assert identity["given_name"] == "ANNIE CLAIRE LOUISE"
    assert identity["family_name"] == "BRISSON"
    assert identity["preferred_username"] == "DUBOIS"


def test_without_a_usage_name_there_is_no_preferred_username(told):
    assert not told(usage_name="").get("preferred_username")


@pytest.mark.parametrize(
    ("filed", "sent"),
    [
        ("1947-05-23", "1947-05-23"),
        ("1947-05-00", "1947-05-00"),
        ("1947-00-00", "1947-00-00"),
        ("1947-00-23", "1947-00-00"),  # a day without a month would be refused
    ],
)
def test_a_birth_date_that_is_partly_unknown_keeps_its_zeros(told, filed, sent):
    assert told(birth_date=filed)["birthdate"] == sent


@pytest.mark.parametrize(("filed", "sent"), [("M", "male"), ("F", "female")])
def test_the_gender_is_a_word(told, filed, sent):
    assert told(sex=filed)["gender"] == sent


@pytest.mark.parametrize("place", ["75107", "2A004", "2B050", "97411", "98729"])
def test_born_in_france_the_place_is_a_commune(told, place):
    identity = told(birthplace_cog=place, birthcountry_cog="99100")

    assert (identity["birthplace"], identity["birthcountry"]) == (place, "99100")


@pytest.mark.parametrize("place", ["99352", "91352", "", "ALGER"])
def test_born_abroad_the_place_is_empty(told, place):
    identity = told(birthplace_cog=place, birthcountry_cog="99352")

    assert (identity.get("birthplace"), identity["birthcountry"]) == ("", "99352")


def test_the_email_is_the_one_of_the_account(told):
    assert told(account_email="a.b@exemple.fr")["email"] == "a.b@exemple.fr"


def test_the_number_is_never_told(franceconnect):
    assert "nir" not in franceconnect.receives_identity()


def test_the_access_token_is_opaque_and_short(franceconnect, clock):
    tokens = franceconnect.receives_tokens()

    assert "." not in tokens["access_token"]
    assert tokens["expires_in"] <= 300
    clock.advance(seconds=tokens["expires_in"])
    assert franceconnect.asks_userinfo(tokens["access_token"]).status_code == 401


def test_a_rotation_is_in_the_keys_at_once_and_the_old_one_stays(franceconnect, app, client):
    tokens = franceconnect.receives_tokens()
    old = header(tokens["id_token"])["kid"]

    app.extensions["broker"][Keys].rotate(OPERATOR)

    kids = [key["kid"] for key in client.get("/jwks").get_json()["keys"]]
    assert old in kids
    assert len(kids) == 6
    assert franceconnect.id_token(tokens)["aud"] == "franceconnect"


WITHHELD = [
    ({"identity_certified": "0"}, "certification", "vérifié auprès de l&#39;Insee"),
    ({"given_names": ""}, "given_name", "Vos prénoms manquent"),
    ({"birth_name": ""}, "family_name", "Votre nom de naissance manque"),
    ({"given_names": "A" * 257}, "given_name", "Vos prénoms manquent"),
    ({**IN_FRANCE, "birthplace_cog": ""}, "birthplace", "Votre commune de naissance manque"),
    ({**IN_FRANCE, "birthplace_cog": "AAAAA"}, "birthplace", "commune de naissance manque"),
    ({"birthcountry_cog": ""}, "birthcountry", "Votre pays de naissance manque"),
    ({"birthcountry_cog": "AZERT"}, "birthcountry", "Votre pays de naissance manque"),
    ({"birthcountry_cog": "99999"}, "birthcountry", "Votre pays de naissance manque"),
    ({"account_email": ""}, "email", "d&#39;adresse e-mail"),
]


@pytest.mark.parametrize(
    ("columns", "flaw", "sentence"), WITHHELD, ids=lambda value: str(value)[:40]
)
def test_who_would_be_refused_is_told_why_before_anything_is_sent(
    app, franceconnect, columns, flaw, sentence
):
    hub = in_front_of(franceconnect, insured_account(app, **columns))

    page = hub.logs_in()

    assert page.status_code == 403
    assert "Location" not in page.headers
    assert sentence in page.text
    assert "Retourner sur FranceConnect" in page.text
    assert events(app, "code.issued") == []
    (refused,) = [e for e in events(app, "authz.requested") if e["outcome"] == "failure"]
    assert refused["reason_code"] == f"identity:{flaw}"
    assert refused["auth_event_id"]


def test_all_that_is_missing_is_told_at_once(app, franceconnect):
    columns = {"given_names": "", **IN_FRANCE, "birthplace_cog": "", "account_email": ""}
    page = in_front_of(franceconnect, insured_account(app, **columns)).logs_in()

    for sentence in ("Vos prénoms", "Votre commune", "adresse e-mail"):
        assert sentence in page.text


def test_the_way_on_leads_back_to_franceconnect_with_access_denied(app, franceconnect):
    hub = in_front_of(franceconnect, insured_account(app, identity_certified="0"))
    request = demande(asked := hub.leaves())
    hub.holder.goes_on(asked, amr=("pwd", "otp"))
    browser = LoginPage(hub.holder.client, app)

    gone = browser.posts("/connexion/annuler", demande=request)
    answer = callback(hub.holder.client.get(gone.location))

    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", STATE, ISSUER)


def test_names_of_the_longest_length_are_sent(told):
    assert len(told(given_names="A" * 256)["given_name"]) == 256
