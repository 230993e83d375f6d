"""What every answer carries over https, at every address and to every method."""

import re
import shutil
from io import BytesIO

import pytest

from broker.app import create_app
from tests.conftest import test_settings

ISSUER = "https://compte.example"
HARD = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
}
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
}
PUBLIC = {
    "/.well-known/oauth-authorization-server",
    "/.well-known/openid-configuration",
    "/.well-known/ssf-configuration",
    "/jwks",
}  # the same for everybody, and made to be kept

FOREIGN = {
    *("/authorize", "/end-session"),
    *(
        "/token",
        "/par",
        "/introspect",
        "/revoke",
        "/userinfo",
        "/authorize-challenge",
        "/token-evidence",
        "/ssf/status",
        "/ssf/verify",
    ),
    *(f"/api/v1/creations{step}" for step in ("", "/identite", "/carte", "/compte")),
}  # what programs and partners' pages post: no cookie of a person acts there


@pytest.fixture(scope="module")
def service(sqlite_template, tmp_path_factory):
    database = tmp_path_factory.mktemp("answers") / "broker.db"
    shutil.copy(sqlite_template, database)
    return create_app(test_settings(f"sqlite:///{database}", BROKER_ISSUER=ISSUER))


@pytest.fixture(scope="module")
def answers(service):
    """Return what each address without a part to fill in answers to a stranger's GET."""
    client = service.test_client(use_cookies=False)
    paths = [
        rule.rule
        for rule in service.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments
    ]
    return {path: client.get(path, base_url=ISSUER) for path in [*paths, "/nulle-part"]}


def without(answers, header, *values):
    return [path for path, answer in answers.items() if answer.headers.get(header) not in values]


@pytest.mark.parametrize(("header", "value"), HARD.items())
def test_each_answer_has_the_headers_that_harden_it(answers, header, value):
    assert len(answers) > 60
    assert without(answers, header, value) == []


def test_no_answer_sends_its_address_to_another_site(answers):
    assert without(answers, "Referrer-Policy", "same-origin", "no-referrer") == []


def test_each_page_runs_and_loads_nothing_of_others_and_stands_in_no_frame(answers):
    pages = {path: one for path, one in answers.items() if one.mimetype == "text/html"}
    lacking = {
        path: POLICY - set(answer.headers["Content-Security-Policy"].split("; "))
        for path, answer in pages.items()
    }

    assert len(pages) > 50
    assert {path: missing for path, missing in lacking.items() if missing} == {}
    assert [path for path, one in pages.items() if "unsafe" in str(one.headers)] == []


def test_nothing_is_kept_by_a_cache_but_what_is_public(answers):
    assert set(without(answers, "Cache-Control", "no-store")) == PUBLIC


@pytest.mark.parametrize(
    "path", ["/token", "/par", "/introspect", "/revoke", "/userinfo", "/token-evidence"]
)
def test_no_answer_to_a_program_is_kept_by_a_cache(service, path):
    answer = service.test_client().post(path, base_url=ISSUER, data={"client_id": "partenaire"})

    assert 400 <= answer.status_code < 500
    assert answer.headers["Cache-Control"] == "no-store"


def test_each_text_says_its_charset_and_no_answer_its_maker(answers):
    texts = [answer for answer in answers.values() if answer.mimetype == "text/html"]

    assert {answer.headers["Content-Type"] for answer in texts} == {"text/html; charset=utf-8"}
    for header in ("Server", "X-Powered-By"):
        assert without(answers, header, None) == []


def test_each_cookie_is_for_this_host_https_and_no_script(answers):
    cookies = [one for answer in answers.values() for one in answer.headers.getlist("Set-Cookie")]

    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-ameli_"), cookie
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
        assert len(cookie) < 4_096


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "CONNECT"])
@pytest.mark.parametrize("path", ["/connexion", "/token", "/jwks", "/static/app.css"])
def test_a_method_that_nobody_uses_is_refused(service, path, method):
    answer = service.test_client().open(path, method=method, base_url=ISSUER)

    assert answer.status_code == 405


@pytest.fixture(scope="module")
def posts(service):
    """Return each address that takes a POST, and the view there."""
    return {
        re.sub("<(?:.*:)?(.*?)>", r"\1", rule.rule): service.view_functions[rule.endpoint]
        for rule in service.url_map.iter_rules()
        if "POST" in (rule.methods or ())
    }


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "text/html; charset=utf-8", "multipart/form-data; boundary=x"],
)
def test_what_is_no_form_is_refused_unread_wherever_one_is_posted(service, posts, content_type):
    client, body = service.test_client(), b"client_id=partenaire&token=abcdefgh"
    answers = {
        path: client.post(path, base_url=ISSUER, data=body, content_type=content_type)
        for path in posts
    }

    assert len(posts) > 40
    assert {path for path, one in answers.items() if one.status_code != 415} == set()
    for path, answer in answers.items():
        if path.startswith("/api/"):
            assert answer.json["code"] == "json-media-type", path
        elif hasattr(posts[path], "broker_program"):
            assert answer.json["error"] == "invalid_request", path
        else:
            assert "Cet envoi n&#39;est pas un formulaire de nos pages" in answer.text, path


def test_json_is_read_where_an_address_says_so_and_nowhere_else(service, posts):
    client = service.test_client()

    read = {
        path
        for path in posts
        if client.post(path, base_url=ISSUER, json={"a": "b"}).status_code != 415
    }

    assert read == {
        *(f"/api/v1/creations{step}" for step in ("", "/identite", "/carte", "/compte")),
        *("/ssf/status", "/ssf/verify"),
    }


def test_a_body_whose_end_nobody_can_know_is_refused_at_every_address(service, posts):
    client = service.test_client()

    answers = {
        path: client.post(
            path,
            base_url=ISSUER,
            headers={"Transfer-Encoding": "chunked"},
            input_stream=BytesIO(b"token=abcdefgh"),
            content_type="application/x-www-form-urlencoded",
        )
        for path in posts
    }

    assert {path for path, one in answers.items() if one.status_code != 411} == set()
    assert answers["/token"].json["error"] == "invalid_request"
    assert answers["/api/v1/creations"].json["code"] == "http-411"
    assert "Cet envoi n&#39;annonce pas sa taille" in answers["/connexion"].text


def test_a_post_without_a_body_needs_no_type(service):
    answer = service.test_client().post("/userinfo", base_url=ISSUER)

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "path", ["/.git/config", "/.env", "/static/", "/static/../app.py", "/console"]
)
def test_neither_files_nor_a_console_are_served(service, path):
    assert service.test_client().get(path, base_url=ISSUER).status_code == 404


def test_each_page_of_an_account_is_for_who_is_logged_in(answers):
    pages = {path: one for path, one in answers.items() if path.startswith("/mon-compte")}
    logins = [one.headers.get("Location", "").partition("?")[0] for one in pages.values()]

    assert len(pages) > 10
    assert set(logins) == {"/connexion"}


def test_each_form_wants_its_token_but_those_that_other_sites_post(service):
    client = service.test_client()
    posts = [rule for rule in service.url_map.iter_rules() if "POST" in (rule.methods or ())]
    client.get("/connexion", base_url=ISSUER)

    passed = {
        rule.rule
        for rule in posts
        if client.post(rule.rule.replace("<", "").replace(">", ""), base_url=ISSUER).status_code
        != 400
        or hasattr(service.view_functions[rule.endpoint], "broker_foreign")
    }

    assert len(posts) > 40
    assert passed == FOREIGN
