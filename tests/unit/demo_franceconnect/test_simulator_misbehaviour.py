"""Each misbehaviour alters one artefact of one login, as its name says."""

import base64
import gzip
import itertools
import json
import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet
from joserfc.jws import JWSRegistry

from demo.franceconnect.labels import Labels
from demo.franceconnect.misbehaviour.callback import CALLBACK
from demo.franceconnect.misbehaviour.catalogue import MISBEHAVIOURS, NAMES
from demo.franceconnect.misbehaviour.claims import ID_TOKEN, USERINFO
from demo.franceconnect.misbehaviour.documents import DISCOVERY, JWKS
from demo.franceconnect.misbehaviour.seals import SEALS
from demo.franceconnect.misbehaviour.surprises import SURPRISES
from demo.franceconnect.misbehaviour.token import TOKEN
from tests.conftest import ROOT

ISSUER = "https://fc.test/api/v2"
DISCOVERY_PATH = "/api/v2/.well-known/openid-configuration"


def part(token: str, number: int) -> str:
    encoded = token.split(".")[number]
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()


def orders(site, name: str | None, **more: object):
    return site.browser.post("/simulator/misbehaviour", json={"next": name, **more})


# The answer to the callback


@pytest.mark.parametrize("name", CALLBACK)
def test_the_callback_is_altered(site, name):
    information = site.logs_in(misbehaviour=f"callback.{name}").location

    address = site.browser.post(information).location

    sent = sorted(parse_qsl(urlsplit(address).query, keep_blank_values=True))
    code, *rest = sent
    lawful = [("iss", ISSUER), ("state", "s" * 32)]
    assert not (code[0] == "code" and len(code[1]) == 43 and rest == lawful)


def test_a_parameter_may_come_twice(site):
    information = site.logs_in(misbehaviour="callback.code_twice").location

    assert site.browser.post(information).location.count("code=") == 2


# The tokens


@pytest.mark.parametrize("name", TOKEN)
def test_the_token_answer_is_altered(site, name):
    tokens = site.tokens(misbehaviour=f"token.{name}")

    expires_in, access_token = tokens.get("expires_in"), str(tokens.get("access_token"))
    lawful = {"access_token", "expires_in", "id_token", "scope", "token_type"}
    assert not (
        tokens.keys() == lawful
        and (expires_in, tokens["token_type"]) == (60, "Bearer")
        and re.fullmatch(r"[\w-]{43}", access_token)
        and re.fullmatch(r"[\w.-]{100,}", str(tokens["id_token"]), re.ASCII)
    )


@pytest.mark.parametrize("name", ID_TOKEN)
def test_one_claim_of_a_well_signed_id_token_is_wrong(site, name):
    lawful = site.id_token().claims
    claim = (
        "padding" if name == "oversize" else re.match(r"at_hash|c_hash|auth_time|[a-z]+", name)[0]
    )

    claims = site.verifies(site.tokens(misbehaviour=f"id_token.{name}")["id_token"]).claims

    altered = {key for key in lawful.keys() | claims.keys() if lawful.get(key) != claims.get(key)}
    assert claim in altered
    assert altered <= {claim, "exp"}


@pytest.mark.parametrize("name", USERINFO)
def test_one_claim_of_well_signed_userinfo_is_wrong(site, name):
    lawful = site.claims()

    tokens = site.tokens(misbehaviour=f"userinfo.{name}")
    claims = site.verifies(site.userinfo(tokens["access_token"]).text).claims

    altered = {key for key in lawful.keys() | claims.keys() if lawful.get(key) != claims.get(key)}
    assert altered == {"padding" if name == "oversize" else name.split("_")[0]}


@pytest.mark.parametrize("name", SEALS)
@pytest.mark.parametrize("artefact", ["id_token", "userinfo"])
def test_a_token_is_not_what_a_careful_reader_accepts(site, artefact, name):
    tokens = site.tokens(misbehaviour=f"{artefact}.{name}")
    id_token, userinfo = tokens["id_token"], site.userinfo(tokens["access_token"]).text
    faulty, lawful = (id_token, userinfo) if artefact == "id_token" else (userinfo, id_token)

    assert site.verifies(lawful)
    with pytest.raises((JoseError, ValueError, RecursionError)):
        _read_carefully(site, faulty)


def _read_carefully(site, token: str) -> None:
    header, _, _ = token.split(".")
    members = json.loads(part(token, 0), object_pairs_hook=_distinct)
    if len(header) > 4_096 or not isinstance(members, dict):
        raise ValueError("header")
    if members.get("alg") != "ES256" or "typ" in members or "crit" in members:
        raise ValueError("header")
    _verified(site, token, members["kid"])
    json.loads(part(token, 1), object_pairs_hook=_distinct)


def _verified(site, token: str, kid: str | None) -> dict[str, object]:
    """Verify with the published key of that name, or with the only one that can be used."""
    published = site.browser.get("/api/v2/jwks").json["keys"]
    (key,) = (key for key in published if key.get("alg") == "ES256" and kid in {None, key["kid"]})
    tolerant = JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    return jwt.decode(token, ECKey.import_key(key), registry=tolerant).claims


def _distinct(members: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(members)) < len(members):
        raise ValueError("twice")
    return dict(members)


def test_a_forged_token_brings_a_key_that_verifies_it(site):
    """Whoever takes the key from where the header says is fooled."""
    header = json.loads(part(site.tokens(misbehaviour="id_token.jwk_in_header")["id_token"], 0))
    elsewhere = site.tokens(misbehaviour="id_token.jku_in_header")["id_token"]
    address = json.loads(part(elsewhere, 0))["jku"]

    foreign = KeySet.import_key_set(site.browser.get(address).json)

    assert "d" not in header["jwk"]
    assert jwt.decode(elsewhere, foreign, ["ES256"]).claims["nonce"] == "n" * 32
    assert ECKey.import_key(header["jwk"]).thumbprint() == foreign.keys[0].thumbprint()


def test_hs256_verifies_with_what_is_public(site):
    token = site.tokens(misbehaviour="id_token.hs256_public_key")["id_token"]

    assert json.loads(part(token, 0))["alg"] == "HS256"


def test_userinfo_may_be_plain_json(site):
    answer = site.userinfo(site.tokens(misbehaviour="userinfo.plain_json")["access_token"])

    assert answer.mimetype == "application/json"
    assert answer.json["family_name"] == "DUBOIS"


# The published documents


@pytest.mark.parametrize("name", DISCOVERY)
def test_discovery_is_altered_for_one_fetch(site, name):
    orders(site, f"discovery.{name}")

    first, second = (site.browser.get(DISCOVERY_PATH).json for _ in range(2))

    subject = name.split("_")[0]
    altered = {key for key in second if first.get(key) != second[key]}
    assert altered
    assert all(subject.rstrip("s") in key or key.endswith(("uri", "endpoint")) for key in altered)


@pytest.mark.parametrize("name", JWKS)
def test_the_keys_are_altered_for_as_many_fetches_as_stated(site, name):
    lawful = site.browser.get("/api/v2/jwks").json
    orders(site, f"jwks.{name}", fetches=2)

    fetched = [site.browser.get("/api/v2/jwks").json for _ in range(3)]

    assert [document == lawful for document in fetched] == [False, False, True]


def test_a_login_with_a_faulty_jwks_is_signed_with_a_new_key(site):
    before = site.browser.get("/api/v2/jwks").json["keys"]

    token = site.tokens(misbehaviour="jwks.html")["id_token"]

    assert site.browser.get("/api/v2/jwks").mimetype == "text/html"
    assert json.loads(part(token, 0))["kid"] not in {key["kid"] for key in before}
    assert site.verifies(token)


# Rotation


def kids(site) -> list[str]:
    return [key["kid"] for key in site.browser.get("/api/v2/jwks").json["keys"]]


@pytest.mark.parametrize(
    ("moment", "kept"),
    [*itertools.product(["just_before_signing", "between_logins"], [True, False])],
)
def test_the_key_is_replaced_at_the_moment_that_the_name_says(site, moment, kept):
    (old,) = kids(site)
    end = "" if kept else "_old_one_withdrawn"

    code = site.returns(misbehaviour=f"lawful.key_rotated_{moment}{end}")["code"]
    at_the_callback = kids(site)
    token = site.redeems(code).json["id_token"]

    assert (at_the_callback != [old]) == (moment == "between_logins")
    assert (old in kids(site)) == kept
    assert json.loads(part(token, 0))["kid"] != old
    assert site.verifies(token)


def test_a_token_signed_with_a_former_key_still_ends_the_session(site):
    id_token = site.tokens()["id_token"]
    site.tokens(misbehaviour="lawful.key_rotated_between_logins_old_one_withdrawn")

    answer = site.browser.get("/api/v2/session/end", query_string={"id_token_hint": id_token})

    assert answer.status_code == 200


def test_the_key_of_rs256_is_replaced_for_a_site_that_registered_it(rsa_site):
    before = set(kids(rsa_site))

    token = rsa_site.tokens(misbehaviour="lawful.key_rotated_between_logins")["id_token"]

    assert json.loads(part(token, 0))["kid"] not in before
    assert rsa_site.verifies(token, "RS256")


@pytest.mark.parametrize("name", sorted(SURPRISES.keys() - {"answers_compressed"}))
def test_what_is_lawful_verifies(site, name):
    tokens = site.tokens(misbehaviour=f"lawful.{name}")
    userinfo = site.userinfo(tokens["access_token"]).text

    for token in (tokens["id_token"], userinfo):
        claims = _verified(site, token, json.loads(part(token, 0)).get("kid"))
        assert claims["sub"].endswith("v1")


def test_answers_may_be_compressed(site):
    answer = site.redeems(site.returns(misbehaviour="lawful.answers_compressed")["code"])

    assert answer.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(answer.data))["token_type"] == "Bearer"


# Orders


def test_an_order_applies_to_the_next_login_only(site):
    orders(site, "callback.state_missing")

    first, second = site.returns(), site.returns()

    assert "state" not in first
    assert "state" in second


def test_an_order_may_be_taken_back(site):
    orders(site, "jwks.keys_empty")

    answer = orders(site, None)

    assert answer.json == {"next": None}
    assert site.browser.get("/api/v2/jwks").json["keys"]
    assert "state" in site.returns()


@pytest.mark.parametrize(
    "body",
    [
        {"next": "unknown"},
        {"next": []},
        {},
        [],
        {"next": "jwks.html", "fetches": 0},
        {"next": "jwks.html", "fetches": "2"},
    ],
)
def test_an_order_that_is_not_understood_is_refused(site, body):
    answer = site.browser.post("/simulator/misbehaviour", json=body)

    assert answer.status_code == 400
    assert "state" in site.returns()


def test_an_order_about_identity_providers_waits_for_a_login_that_goes_to_one(site):
    orders(site, "idp.state_missing")

    assert "state" in site.returns()


def test_the_names_are_listed_for_programs(site):
    assert site.browser.get("/simulator/misbehaviour").json["available"] == list(NAMES)


# Pages


def options(page: str) -> set[str]:
    return set(re.findall(r'<option value="([^"]+\.[^"]+)"', page))


def test_every_page_of_a_login_offers_them(site):
    choice = site.reaches_choice()
    pages = [site.browser.get(address).text for address in (choice, f"{choice}/account/impots")]
    pages.append(site.browser.get(site.picks(choice, "test").location).text)

    assert options(pages[0]) == set(NAMES)
    assert options(pages[1]) == options(pages[2]) == set(MISBEHAVIOURS)


def test_what_was_chosen_stays_chosen_until_it_is_changed(site):
    choice = site.reaches_choice()
    form = {"idp": "impots", "misbehaviour": "callback.state_missing"}
    account = site.browser.post(f"{choice}/choice", data=form).location

    assert 'value="callback.state_missing" selected' in site.browser.get(account).text
    information = site.picks(choice, "test", "callback.iss_missing").location
    assert 'value="callback.iss_missing" selected' in site.browser.get(information).text
    answer = site.browser.post(information, data={"misbehaviour": ""})

    assert "state=" in answer.location
    assert "iss=" in answer.location


def test_a_known_person_may_still_have_a_login_misbehave(site):
    site.returns()
    information = site.browser.get(site.reaches_choice()).location

    answer = site.browser.post(information, data={"misbehaviour": "callback.state_missing"})

    assert "state=" not in answer.location


def test_an_unknown_name_on_a_page_is_lawful_behaviour(site):
    assert site.returns(misbehaviour="unknown")["iss"] == ISSUER


def test_each_has_a_label_and_each_label_is_used():
    groups = Labels.load().groups

    labelled = [name for group in groups for name in group.labels]

    assert sorted(labelled) == sorted(NAMES)
    assert all(len(label) <= 70 for group in groups for label in group.labels.values())


def test_no_two_of_a_group_look_the_same():
    for group in Labels.load().groups:
        assert len(set(group.labels.values())) == len(group.labels), group.title


def test_the_readme_lists_them_all_and_nothing_else():
    readme = (ROOT / "demo/franceconnect/README.md").read_text()
    rows = re.findall(r"^\| ((?:`\w+` ?)+)\| ((?:`\w+` ?)+)\|$", readme, re.MULTILINE)

    listed = [
        ".".join(pair)
        for artefacts, faults in rows
        for pair in itertools.product(*(re.findall(r"\w+", cell) for cell in (artefacts, faults)))
    ]

    assert sorted(listed) == sorted(NAMES)
