"""What a request may ask beyond the certification: PKCE, prompts, claims, hints, tabs."""

import json

import pytest

from broker.clients.scopes import CLAIMS
from tests.support.partner import Partner, callback, events, parse, register, sample_account

NIR = "2470541043403"  # of the person of the sample


def test_a_request_without_pkce_succeeds_where_a_file_lifts_it(a_partner, holder):
    partner = a_partner(ameli={"compatibility": [{"name": "no_pkce", "until": "2026-03-02"}]})
    holder.logs_in()

    answer = partner.receives(partner.sends(code_challenge=None, code_challenge_method=None))

    assert partner.redeems(answer["code"], code_verifier=None).status_code == 200


def test_the_exception_ends_with_its_last_day(a_partner, holder):
    partner = a_partner(ameli={"compatibility": [{"name": "no_pkce", "until": "2026-03-01"}]})
    holder.logs_in()

    answer = partner.receives(partner.sends(code_challenge=None, code_challenge_method=None))

    assert answer["error"] == "invalid_request"


# --- How the answer travels


def test_a_form_post_answer_goes_to_the_partner_alone(partner: Partner, holder):
    holder.logs_in()

    response = partner.sends(response_mode="form_post")

    policy = response.headers["Content-Security-Policy"]
    assert "form-action 'self' https://partenaire.test;" in policy
    assert partner.redeems(partner.receives(response)["code"]).status_code == 200


def test_a_form_post_answer_after_our_own_form_needs_no_script(partner, holder):
    response = holder.goes_on(partner.sends(response_mode="form_post"))

    page = response.get_data(as_text=True)
    assert '<form method="post" action="https://partenaire.test/retour" data-goes-on>' in page
    assert "Continuer" in page
    assert "<script>" not in page


def test_a_query_of_the_redirect_uri_is_kept(a_partner, holder):
    partner = a_partner(redirect_uris=["https://partenaire.test/retour?a=b"])
    holder.logs_in()

    answer = parse(partner.sends().location)

    assert answer["a"] == "b"
    assert answer["code"]


@pytest.mark.parametrize("way", ["suite", "annulation"])
def test_an_address_withdrawn_while_a_request_waits_gets_no_answer(partner, holder, app, way):
    request_id = parse(partner.sends().location)["demande"]
    holder.logs_in(request_id)
    register(app, redirect_uris=["https://partenaire.test/autre"])

    answer = holder.client.get(f"/authorize/{way}?demande={request_id}")

    assert (answer.status_code, answer.location) == (400, None)
    assert partner.registered["redirect_uris"][0] not in answer.text


# --- prompt


def test_select_account_shows_who_is_logged_in_and_goes_on_with_them(partner, holder):
    holder.logs_in()

    asked = partner.sends(prompt="select_account")
    page = holder.client.get(asked.location)
    answer = callback(holder.client.post("/authorize/suite", data=callback(page)))

    assert "ANNIE BRISSON" in page.get_data(as_text=True)
    assert "Utiliser un autre compte" in page.get_data(as_text=True)
    assert answer["code"]


def test_select_account_is_answered_by_a_login_made_for_it(partner, holder, app):
    holder.logs_in()
    page = holder.client.get(partner.sends(prompt="select_account").location)
    form = {**callback(page), "choix": "autre_compte"}

    to_login = holder.client.post("/authorize/suite", data=form)
    holder.account_id = sample_account(app, 2)
    partner.request()  # the other person, too, has been to this partner before
    answer = callback(holder.goes_on(to_login))

    assert answer["code"]


def test_select_account_with_nobody_logged_in_asks_the_login_alone(partner, holder):
    answer = callback(holder.goes_on(partner.sends(prompt="select_account")))

    assert answer["code"]


def test_login_and_consent_together_ask_both(partner, holder):
    holder.logs_in()

    asked = partner.sends(prompt="login consent")
    page = holder.goes_on(asked)

    assert asked.location.startswith("/connexion")
    assert 'name="vu"' in page.get_data(as_text=True)
    assert callback(holder.client.post("/authorize/suite", data=callback(page)))["code"]


def test_create_begins_with_the_creation_and_goes_on_with_the_same_request(partner, holder, clock):
    asked = partner.sends(prompt="create")
    creation = holder.client.get(asked.location)
    clock.advance(minutes=30)  # the mail, the activation

    to_login = holder.client.get("/connexion")
    again = holder.client.get("/connexion")
    answer = callback(holder.goes_on(to_login))

    assert asked.location.startswith("/creation-compte?demande=")
    assert creation.status_code == 200
    assert to_login.location == f"/connexion?{asked.location.partition('?')[2]}"
    assert again.status_code == 200  # once: later the login is for the account page
    assert (answer["state"], set(answer)) == ("s" * 128, {"code", "state", "iss"})


def test_create_after_the_request_has_expired_asks_the_same_again(partner, holder, clock):
    holder.client.get(partner.sends(prompt="create").location)
    clock.advance(hours=5)

    again = holder.client.get(holder.client.get("/connexion").location)

    assert again.location.startswith("/connexion?demande=")
    assert callback(holder.goes_on(again))["state"] == "s" * 128


def test_create_asks_whoever_is_logged_in_too(partner, holder):
    holder.logs_in()

    assert partner.sends(prompt="create").location.startswith("/creation-compte?demande=")


def test_the_login_page_leads_to_the_creation_and_back_to_the_request(partner, holder):
    login = holder.client.get(partner.sends().location).get_data(as_text=True)
    creation = login.split('href="/creation-compte?demande=')[1].split('"')[0]
    holder.client.get(f"/creation-compte?demande={creation}")

    assert holder.client.get("/connexion").location == f"/connexion?demande={creation}"


@pytest.mark.parametrize("left", ["", "inconnue", "../x", "a" * 65])
def test_a_request_that_is_not_this_browsers_leads_nowhere(client, left):
    client.get("/creation-compte", query_string={"demande": left})

    response = client.get("/connexion")
    if response.status_code == 303:
        response = client.get(response.location)

    assert response.status_code == 200
    assert "pour continuer vers" not in response.get_data(as_text=True)


@pytest.mark.parametrize(
    "prompt",
    [
        "none login",
        "none consent",
        "none select_account",
        "none create",
        "create login",
        "create select_account",
        "create login consent",
        "shout",
        "login shout",
        "LOGIN",
    ],
)
def test_prompts_that_contradict_each_other_or_mean_nothing_are_refused(partner, holder, prompt):
    holder.logs_in()

    answer = callback(partner.sends(prompt=prompt))

    assert (answer["error"], answer["state"]) == ("invalid_request", "s" * 128)


@pytest.mark.parametrize(
    "prompt", ["login", "consent", "select_account", "create", "login consent",
               "login select_account", "consent select_account", "create consent"]
)  # fmt: skip
def test_prompts_that_go_together_ask_the_person(partner, holder, prompt):
    holder.logs_in()

    response = partner.sends(prompt=prompt)

    assert response.location.startswith(("/connexion?", "/authorize/suite?", "/creation-compte?"))


# --- claims


@pytest.mark.parametrize("scope", sorted(CLAIMS.keys() - {"openid", "nir", "offline_access"}))
def test_each_scope_tells_its_own_claims_in_userinfo_alone(a_partner, holder, scope):
    partner = a_partner(scope=f"openid {scope}")
    holder.logs_in()
    tokens = partner.tokens(scope=f"openid {scope}")

    told = partner.userinfo(tokens["access_token"]).get_json()

    assert told.keys() - {"sub"} <= set(CLAIMS[scope])
    assert tokens["scope"] == f"openid {scope}"


@pytest.mark.parametrize(
    ("claims", "error"),
    [
        ("[", "invalid_request"),
        ("null", "invalid_request"),
        ("[]", "invalid_request"),
        ('"x"', "invalid_request"),
        ('{"userinfo":1}', "invalid_request"),
        ('{"userinfo":{"email":true}}', "invalid_request"),
        ('{"userinfo":{"email":{"essential":"yes"}}}', "invalid_request"),
        ('{"id_token":{"acr":{"values":"eidas1"}}}', "invalid_request"),
        ('{"id_token":{"acr":{"values":[1]}}}', "invalid_request"),
        ('{"id_token":{"sub":{"value":1}}}', "invalid_request"),
        (f'{{"userinfo":{{"{"a" * 8171}":null}}}}', "invalid_request"),
        (f'{{"userinfo":{{"{"a" * 8170}":null}}}}', None),
        ('{"userinfo":null,"id_token":null}', None),
        ('{"other":{"email":null}}', None),
        ('{"userinfo":{"unknown":null,"http://x/y":{"essential":true}}}', None),
        ('{"userinfo":{"email":{"essential":true,"other":1}}}', None),
    ],
)
def test_the_claims_parameter_is_read_strictly(partner, holder, claims, error):
    holder.logs_in()

    assert callback(partner.sends(claims=claims)).get("error") == error


def test_claims_asked_by_name_come_where_they_were_asked(partner, holder):
    holder.logs_in()
    asked = {
        "userinfo": {"gender": {"essential": True}, "email": None},
        "id_token": {"birthdate": None, "auth_time": {"essential": True}},
    }

    tokens = partner.tokens(claims=json.dumps(asked))

    claims = partner.id_token(tokens)
    told = partner.userinfo(tokens["access_token"]).get_json()
    assert told.keys() == {"sub", "gender", "email"}
    assert claims["birthdate"] == "1947-05-23"
    assert "gender" not in claims
    assert claims["auth_time"]


def test_a_value_that_is_not_the_persons_changes_nothing_of_what_is_told(partner, holder):
    holder.logs_in()
    asked = {"userinfo": {"family_name": {"value": "DUPONT"}, "gender": {"values": ["male"]}}}

    tokens = partner.tokens(claims=json.dumps(asked))

    told = partner.userinfo(tokens["access_token"]).get_json()
    assert (told["family_name"], told["gender"]) == ("BRISSON", "female")


@pytest.mark.parametrize("place", ["id_token", "userinfo"])
def test_the_sub_that_was_asked_is_answered_for_or_nobody_is(partner, holder, place):
    holder.logs_in()
    sub = partner.id_token(partner.tokens())["sub"]

    def asks(member):
        claims = json.dumps({place: {"sub": member}})
        return callback(partner.sends(claims=claims, prompt="none"))

    assert asks({"value": sub})["code"]
    assert asks({"values": ["another", sub]})["code"]
    assert asks({"value": "another"})["error"] == "login_required"
    assert asks({"values": []})["error"] == "login_required"
    assert asks({"essential": True})["code"]


def test_two_subs_that_exclude_each_other_are_nobody(partner, holder):
    holder.logs_in()
    tokens = partner.tokens()
    claims = json.dumps({"id_token": {"sub": {"value": "another"}}})

    answer = callback(
        partner.sends(claims=claims, id_token_hint=tokens["id_token"], prompt="none")
    )

    assert answer["error"] == "login_required"


# --- Hints


@pytest.mark.parametrize(
    ("hint", "shown"),
    [
        (NIR, NIR),
        ("2 47 05 41 043 403", NIR),
        ("2470541043403 99", ""),  # a wrong key
        ("annie.brisson945@exemple.fr", ""),
        ("<script>", ""),
        ("1" * 5_000, ""),
    ],
)
def test_a_login_hint_fills_the_number_in_when_it_is_one(partner, holder, hint, shown):
    page = holder.client.get(partner.sends(login_hint=hint).location).get_data(as_text=True)

    assert f'name="nir" type="text" value="{shown}"' in page


def test_a_login_hint_tells_nothing_of_accounts(partner, holder):
    pages = [
        holder.client.get(partner.sends(login_hint=number).location).get_data(as_text=True)
        for number in (NIR, "1620931555001")
    ]

    assert pages[0].count("\n") == pages[1].count("\n")
    assert ["BRISSON" in page for page in pages] == [False, False]


# --- Tabs, expiry, the way back


def test_an_expired_request_can_be_asked_again_with_the_same_parameters(partner, holder, clock):
    asked = partner.sends(state="the same", nonce="n-1")
    request_id = parse(asked.location)["demande"]
    clock.advance(hours=1)

    expired = holder.client.get(f"/connexion?demande={request_id}")
    too_late = holder.client.get(f"/authorize/suite?demande={request_id}")
    again = holder.client.get(f"/authorize/reprise?demande={request_id}")
    answer = callback(holder.goes_on(again))

    for page, status in ((expired, 410), (too_late, 400)):
        text = page.get_data(as_text=True)
        assert page.status_code == status
        assert f'href="/authorize/reprise?demande={request_id}"' in text
        assert "Vous veniez de <strong>Partenaire</strong>" in text
    tokens = partner.redeems(answer["code"]).get_json()
    assert answer["state"] == "the same"
    assert partner.id_token(tokens)["nonce"] == "n-1"


def test_what_was_answered_is_not_asked_again(partner, holder):
    asked = partner.sends()
    request_id = parse(asked.location)["demande"]
    holder.goes_on(asked)

    again = holder.client.get(f"/authorize/reprise?demande={request_id}")

    assert again.status_code == 400
    assert "/authorize/reprise" not in again.get_data(as_text=True)


def test_a_pushed_request_that_was_left_is_used_once_all_the_same(partner, holder, clock):
    pushed = partner.calls("/par", partner.request()).get_json()["request_uri"]
    query = {"client_id": "partenaire", "request_uri": pushed}
    left = [parse(holder.client.get("/authorize", query_string=query).location)["demande"]
            for _ in range(2)]  # fmt: skip
    clock.advance(hours=1)

    answers = [
        holder.goes_on(holder.client.get(f"/authorize/reprise?demande={request_id}"))
        for request_id in left[:1]
    ] + [holder.client.get(f"/authorize/reprise?demande={left[1]}")]

    assert callback(answers[0])["code"]
    assert answers[1].status_code == 400


def test_a_request_of_another_browser_is_not_asked_again(partner, app, clock):
    request_id = parse(partner.sends().location)["demande"]
    clock.advance(hours=1)

    stranger = app.test_client().get(f"/authorize/reprise?demande={request_id}")

    assert stranger.status_code == 400
    assert "Partenaire" not in stranger.get_data(as_text=True)


def test_the_trail_tells_why_a_request_waited(partner, holder, app):
    partner.sends()
    holder.logs_in()
    for prompt in ("login", "consent", "select_account"):
        partner.sends(prompt=prompt)

    waited = {event["reason_code"] for event in events(app, "authz.requested")}

    assert waited == {
        "login:no_session",
        "login:requested",
        "information:requested",
        "information:select_account",
    }
