"""The page that says which data goes to a partner: shown once, remembered, withdrawn."""

import re
import threading
from urllib.parse import quote

import pytest

from broker.base.messages import Messages
from broker.clients.administration import ClientAdministration
from broker.oidc.claims.person import SUPPORTED
from broker.oidc.consents import agreements as consent
from tests.conftest import ROOT
from tests.support.partner import (
    OPERATOR,
    agrees_to_all,
    callback,
    events,
    parse,
    register,
    sample_account,
)

STOPPING = "/mon-compte/services/arreter?service=partenaire"


@pytest.fixture
def newcomer(a_partner):
    """A partner that the holder has never been to."""
    return a_partner(new=True, client_uri="https://partenaire.test/")


def page_of(holder, response):
    """Follow the browser to the page that informs."""
    assert response.location.startswith("/authorize/suite?demande=")
    return holder.client.get(response.location)


def answers(holder, page, **choice):
    """Post the page's form, without the name of a button unless one is given."""
    return holder.client.post("/authorize/suite", data={**callback(page), **choice})


def agrees(holder, response):
    return answers(holder, page_of(holder, response))


def listed(page):
    return re.findall(r"<li>(.*?)</li>", page.get_data(as_text=True))


def test_the_first_visit_says_who_asks_what_and_goes_on_with_one_form(newcomer, holder):
    holder.logs_in()

    page = page_of(holder, newcomer.sends(scope="openid email birthdate"))
    answer = callback(answers(holder, page))

    text = page.get_data(as_text=True)
    assert listed(page) == [
        "Votre date de naissance",
        "Votre adresse e-mail",
        "Un identifiant qui vous désigne dans ce service et dans aucun autre",
    ]
    assert "ANNIE BRISSON" in text
    assert "partenaire.test" in text
    assert text.count('method="post"') == 1
    assert newcomer.redeems(answer["code"]).status_code == 200


def test_the_page_comes_once_after_the_login_too(newcomer, holder):
    asked = newcomer.sends()
    page = holder.goes_on(asked)
    first = callback(answers(holder, page))

    second = callback(newcomer.sends())

    assert first["code"]
    assert second["code"]


def test_the_page_comes_again_when_more_is_asked_and_only_then(newcomer, holder):
    holder.logs_in()
    agrees(holder, newcomer.sends(scope="openid email profile"))

    less = newcomer.sends(scope="openid email")
    more = newcomer.sends(scope="openid email phone")

    assert callback(less)["code"]
    assert "Votre numéro de téléphone" in listed(page_of(holder, more))


def test_data_asked_by_name_counts_too(newcomer, holder):
    holder.logs_in()
    agrees(holder, newcomer.sends())

    by_name = newcomer.sends(claims='{"id_token":{"gender":null},"userinfo":{"email":null}}')

    assert listed(page_of(holder, by_name))[:2] == ["Votre sexe", "Votre adresse e-mail"]


def test_what_was_agreed_adds_up(newcomer, holder):
    holder.logs_in()
    for scope in ("openid email", "openid phone"):
        agrees(holder, newcomer.sends(scope=scope))

    both = newcomer.sends(scope="openid email phone")

    assert callback(both)["code"]


def test_a_new_wording_is_read_once_more(newcomer, holder, app):
    agrees_to_all(app, holder.account_id, "partenaire", version="2020-01")
    holder.logs_in()

    answer = callback(agrees(holder, newcomer.sends()))

    assert answer["code"]
    assert callback(newcomer.sends())["code"]


def test_prompt_none_without_an_agreement_is_consent_required(newcomer, holder):
    holder.logs_in()

    answer = callback(newcomer.sends(prompt="none"))

    assert (answer["error"], answer["state"]) == ("consent_required", "s" * 128)


@pytest.mark.parametrize("response_mode", [None, "form_post"])
def test_refusing_answers_access_denied_and_remembers_nothing(
    newcomer, holder, app, response_mode
):
    holder.logs_in()
    page = page_of(holder, newcomer.sends(response_mode=response_mode))

    answer = callback(answers(holder, page, choix="refuser"))

    assert answer["error"] == "access_denied"
    assert answer["state"] == "s" * 128
    assert answer["iss"] == "http://localhost:8000"
    assert "code" not in answer
    assert [e["client_id"] for e in events(app, "consent.refused")] == ["partenaire"]
    assert page_of(holder, newcomer.sends()).status_code == 200


def test_prompt_consent_shows_the_page_to_whoever_agreed_before(partner, holder):
    holder.logs_in()

    page = page_of(holder, partner.sends(prompt="consent"))

    assert callback(answers(holder, page))["code"]


def test_another_account_can_be_chosen_on_the_page(newcomer, holder, app):
    holder.logs_in()
    page = page_of(holder, newcomer.sends())

    to_login = answers(holder, page, choix="autre_compte")
    holder.account_id = sample_account(app, 2)
    page = holder.goes_on(to_login)

    assert callback(answers(holder, page))["code"]


def test_an_answer_to_a_page_shown_to_somebody_else_shows_it_again(newcomer, holder, app):
    holder.logs_in()
    page = page_of(holder, newcomer.sends())
    holder.account_id = sample_account(app, 2)
    holder.logs_in()

    again = answers(holder, page)

    assert "ANNIE BRISSON" not in again.get_data(as_text=True)
    assert callback(answers(holder, again))["code"]


def test_a_page_without_its_proof_is_shown_again(newcomer, holder):
    holder.logs_in()
    page = page_of(holder, newcomer.sends())

    again = answers(holder, page, vu="")

    assert "Continuer vers Partenaire" in again.get_data(as_text=True)


def test_the_page_is_answered_in_its_own_browser_alone(newcomer, holder, app):
    holder.logs_in()
    fields = callback(page_of(holder, newcomer.sends()))
    thief = app.test_client()
    token = callback(thief.get("/connexion"))["jeton_formulaire"]

    stolen = thief.post("/authorize/suite", data={**fields, "jeton_formulaire": token})

    assert stolen.status_code == 400
    assert "code=" not in stolen.get_data(as_text=True)


def test_two_answers_to_one_page_give_one_code(newcomer, holder, app):
    holder.logs_in()
    page = page_of(holder, newcomer.sends())
    cookies = {n: holder.client.get_cookie(n).value for n in ("ameli_session", "ameli_navigateur")}
    statuses = []

    def answer():
        browser = app.test_client()
        for name, value in cookies.items():
            browser.set_cookie(name, value)
        done = browser.post("/authorize/suite", data=callback(page))
        statuses.append("code=" in done.get_data(as_text=True))

    threads = [threading.Thread(target=answer) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses.count(True) == 1
    assert len(events(app, "consent.given")) == 1


def test_franceconnect_informs_by_itself(holder, a_partner):
    franceconnect = a_partner(
        new=True, client_id="franceconnect", ameli={"profile": "franceconnect"}
    )
    asked = franceconnect.sends(code_challenge=None, code_challenge_method=None)

    answer = callback(holder.goes_on(asked, amr=("pwd", "otp")))

    assert answer["code"]


def test_the_account_page_lists_what_is_shared_and_ends_it(newcomer, holder, app):
    holder.logs_in()
    code = callback(agrees(holder, newcomer.sends(scope="openid email")))["code"]
    access_token = newcomer.redeems(code).get_json()["access_token"]
    waiting = newcomer.code(scope="openid email")

    services = holder.client.get("/mon-compte/services")
    asked = holder.client.get(STOPPING)
    still = newcomer.userinfo(access_token)
    after = holder.client.post("/mon-compte/services", data=callback(asked))

    assert still.status_code == 200
    assert listed(asked)[0] == listed(services)[0]
    assert listed(services)[0] == "Votre adresse e-mail"
    assert "autorisé depuis le 02/03/2026" in services.get_data(as_text=True)
    assert after.location == "/mon-compte/services?arret=partenaire"
    assert "aucun service" in holder.client.get(after.location).get_data(as_text=True)
    assert newcomer.userinfo(access_token).status_code == 401
    assert newcomer.redeems(waiting).get_json()["error"] == "invalid_grant"
    assert page_of(holder, newcomer.sends(scope="openid email")).status_code == 200
    assert [e["client_id"] for e in events(app, "consent.revoked")] == ["partenaire"]


def test_ending_it_for_one_partner_leaves_the_others_alone(newcomer, holder, a_partner):
    other = a_partner(client_id="autre")
    holder.logs_in()
    agrees(holder, newcomer.sends())
    access_token = other.tokens()["access_token"]

    token = callback(holder.client.get(STOPPING))["jeton_formulaire"]
    for service in ("partenaire", "partenaire", "inconnu"):
        form = {"service": service, "jeton_formulaire": token}
        assert holder.client.post("/mon-compte/services", data=form).status_code == 303

    assert other.userinfo(access_token).status_code == 200


def test_the_list_is_for_people_who_are_logged_in(client):
    assert client.get("/mon-compte/services").location == "/connexion?vers=/mon-compte/services"
    assert client.get(STOPPING).location == f"/connexion?vers={quote(STOPPING, safe='/?')}"


@pytest.mark.parametrize("service", ["", "?service=inconnu", "?service=partenaire"])
def test_nothing_is_asked_about_a_service_that_shares_nothing(holder, newcomer, service):
    holder.logs_in()
    newcomer.sends()

    asked = holder.client.get(f"/mon-compte/services/arreter{service}")

    assert asked.location == "/mon-compte/services"


def test_a_disabled_partner_stays_on_the_list(newcomer, holder, app):
    holder.logs_in()
    agrees(holder, newcomer.sends())

    app.extensions["broker"][ClientAdministration].disable("partenaire", OPERATOR)

    page = holder.client.get("/mon-compte/services").get_data(as_text=True)
    assert "Partenaire" in page


def test_each_claim_has_its_line():
    sentences = Messages.load(ROOT / "templates/messages").sentences

    assert {f"data.{claim}" for claim in (*SUPPORTED, "nir", "sub")} <= sentences.keys()


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (("email", "email_verified"), ("email",)),
        (("email_verified",), ("email_verified",)),
        (("name", "given_name", "family_name"), ("given_name", "family_name")),
        (("name", "given_name"), ("name", "given_name")),
    ],
)
def test_what_goes_without_saying_is_not_listed(data, lines):
    assert consent.lines(data) == lines


def test_the_page_names_the_privacy_notice_of_the_partner(holder, a_partner):
    partner = a_partner(new=True, policy_uri="https://partenaire.test/donnees")
    holder.logs_in()

    page = page_of(holder, partner.sends()).get_data(as_text=True)

    assert 'href="https://partenaire.test/donnees"' in page


def test_a_request_of_a_switched_off_partner_ends_on_a_page_that_names_it(app, newcomer, holder):
    holder.logs_in()
    request_id = parse(newcomer.sends().location)["demande"]
    app.extensions["broker"][ClientAdministration].disable("partenaire", OPERATOR)

    page = holder.client.get(f"/authorize/suite?demande={request_id}")

    assert page.status_code == 403
    assert "Vous veniez de <strong>Partenaire</strong>" in page.get_data(as_text=True)


def test_a_file_may_change_what_a_partner_asks(app, newcomer, holder):
    holder.logs_in()
    agrees(holder, newcomer.sends(scope="openid email"))
    register(app, scope="openid phone")

    page = page_of(holder, newcomer.sends(scope="openid phone"))

    assert listed(page)[0] == "Votre numéro de téléphone"
