"""The partner's own session and its way out."""

from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from demo.partner.app import create_app
from demo.partner.settings import PartnerSettings


def _returned_query(response):
    return {
        key: values[0]
        for key, values in parse_qs(urlsplit(response.headers["Location"]).query).items()
    }


def test_the_home_page_offers_both_ways_in_and_sets_no_cookie(visitor):
    page = visitor.browser.get("/")

    assert "Se connecter avec le compte ameli" in page.text
    assert "S'identifier avec FranceConnect" in page.text
    assert visitor.cookie() == ""


def test_a_login_changes_the_session_identifier(visitor):
    visitor.leaves("ameli")
    before = visitor.cookie()

    visitor.returns()

    assert before
    assert visitor.cookie() != before


def test_the_former_identifier_opens_nothing(visitor):
    visitor.leaves("ameli")
    before = visitor.cookie()
    visitor.returns()

    visitor.browser.set_cookie("partenaire_exemple", before)

    assert "Vous êtes connecté" not in visitor.browser.get("/").text


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(visitor):
    visitor.leaves("ameli")

    cookie = visitor.browser.get_cookie("partenaire_exemple")

    assert cookie.http_only
    assert cookie.same_site == "Lax"


def test_logout_ends_the_session_here_then_at_the_provider(visitor, provider):
    visitor.logs_in("ameli")

    response = visitor.browser.post("/deconnexion")

    sent = _returned_query(response)
    assert response.headers["Location"].startswith(f"{provider.issuer}/end_session?")
    assert set(sent) == {"id_token_hint", "post_logout_redirect_uri", "state"}
    assert sent["post_logout_redirect_uri"] == "http://localhost:8002/deconnecte"
    assert "Vous êtes connecté" not in visitor.browser.get("/").text


def test_the_way_back_from_logout_is_checked_once(visitor):
    visitor.logs_in("ameli")
    state = _returned_query(visitor.browser.post("/deconnexion"))["state"]

    back = visitor.browser.get("/deconnecte", query_string={"state": state})
    again = visitor.browser.get("/deconnecte", query_string={"state": state})

    assert back.status_code == HTTPStatus.OK
    assert "Vous êtes déconnecté" in back.text
    assert again.status_code == HTTPStatus.BAD_REQUEST


def test_a_forged_end_of_logout_is_not_confirmed(visitor):
    visitor.logs_in("ameli")

    page = visitor.browser.get("/deconnecte?state=forged")

    assert page.status_code == HTTPStatus.BAD_REQUEST
    assert "Vous êtes connecté" in visitor.browser.get("/").text


def test_another_site_cannot_log_people_out(visitor):
    visitor.logs_in("ameli")

    page = visitor.browser.post("/deconnexion", headers={"Sec-Fetch-Site": "same-site"})

    assert page.status_code == HTTPStatus.FORBIDDEN
    assert "Vous êtes connecté" in visitor.browser.get("/").text


def test_logout_without_a_login_leads_home(visitor):
    response = visitor.browser.post("/deconnexion")

    assert response.headers["Location"] == "/"


def test_a_silent_provider_is_explained_kindly(settings):
    silent = PartnerSettings.parse(
        {
            "public_url": settings.public_url,
            "providers": {
                "ameli": {
                    "issuer": "http://127.0.0.1:9",  # the discard port: nobody answers
                    "client_id": "partner",
                    "client_secret": "direct-secret",
                    "token_endpoint_auth_method": "client_secret_basic",
                    "redirect_path": "/callback",
                    "scope": "openid",
                    "signing_algorithm": "ES256",
                    "pkce": True,
                    "signed_userinfo": False,
                }
            },
        }
    )

    page = create_app(silent).test_client().post("/connexion/ameli")

    assert page.status_code == HTTPStatus.BAD_GATEWAY
    assert "ne répond pas" in page.text


def test_over_https_the_cookie_is_for_https_alone():
    document = {"public_url": "https://partenaire.example", "port": 8002, "providers": {}}
    settings = PartnerSettings.parse(document)

    answer = create_app(settings).test_client().get("/deconnecte")

    assert settings.port == 8002
    assert "; Secure; " in answer.headers["Set-Cookie"]
