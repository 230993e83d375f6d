"""oidc-client-ts in Chromium, unmodified: a public client that is nothing but a page."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from tests.conftest import ROOT
from tests.support.account_holder import CODE, AccountHolder
from tests.support.partner import a_registration
from tests.support.person import Person
from tests.support.stack import Stack

pytestmark = pytest.mark.clients
_FILES = ROOT / "tests/clients/page"


@dataclass
class Site:
    """A server of files: what a partner's page has behind it, and a stranger's as well."""

    port: int

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"


@pytest.fixture(scope="module")
def sites(stack: Stack, node_modules: Path) -> Iterator[tuple[Site, Site]]:
    """The registered site, and the same files at an origin that nobody registered."""
    application = _files(stack.url("broker"), node_modules)
    servers = [make_server("localhost", 0, application, threaded=True) for _ in range(2)]
    threads = [threading.Thread(target=server.serve_forever) for server in servers]
    for thread in threads:
        thread.start()
    yield Site(servers[0].port), Site(servers[1].port)
    for server, thread in zip(servers, threads, strict=True):
        server.shutdown()
        thread.join()
        server.server_close()


def _files(issuer: str, node_modules: Path) -> Flask:
    app = Flask(__name__)
    library = node_modules / "node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js"
    # What such a page should send: its scripts, and calls to the provider, nothing else.
    policy = f"default-src 'none'; script-src 'self'; connect-src {issuer}"

    def file(path: str) -> Response:
        if path == "oidc-client-ts.min.js":
            return Response(library.read_bytes(), mimetype="text/javascript")
        if path == "page.js":
            return Response((_FILES / path).read_bytes(), mimetype="text/javascript")
        text = (_FILES / "index.html").read_text().replace("ISSUER", issuer)
        return Response(text, headers={"Content-Security-Policy": policy}, mimetype="text/html")

    app.add_url_rule("/", view_func=file, defaults={"path": ""})
    app.add_url_rule("/<path:path>", view_func=file)
    return app


@pytest.fixture(scope="module", autouse=True)
def _registered(stack: Stack, sites: tuple[Site, Site]) -> None:
    site, _ = sites
    registration = a_registration(
        client_id="page",
        client_secret=None,
        token_endpoint_auth_method="none",
        grant_types=["authorization_code", "refresh_token"],
        redirect_uris=[f"{site.origin}/retour"],
        post_logout_redirect_uris=[f"{site.origin}/au-revoir"],
    )
    stack.register(registration)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(locale="fr-FR")
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def logs_in(page: Page, site: Site, stack: Stack, holder: AccountHolder) -> None:
    page.goto(f"{site.origin}/")
    page.evaluate("void manager.signinRedirect()")
    person = Person(page, stack, holder.email)
    codes = len(holder.received(CODE))
    person.logs_in(holder.insured.nir)
    person.gives_code(received=codes + 1)
    agreed = page.get_by_role("button", name="Continuer vers Partenaire", exact=True)
    done = page.get_by_text("Connecté", exact=True)
    expect(agreed.or_(done)).to_be_visible(timeout=20_000)
    if agreed.is_visible():
        agreed.click()
    expect(done).to_be_visible(timeout=20_000)


def test_a_page_logs_in_refreshes_and_logs_out(
    page: Page, sites: tuple[Site, Site], stack: Stack, holder: AccountHolder
) -> None:
    site, _ = sites
    logs_in(page, site, stack, holder)

    user = page.evaluate("manager.getUser()")
    refreshed = page.evaluate("manager.signinSilent()")
    page.evaluate("void manager.signoutRedirect()")
    expect(page.get_by_text("Au revoir", exact=True)).to_be_visible(timeout=20_000)
    after = page.evaluate("manager.getUser()")

    assert user["profile"]["family_name"] == holder.insured.nom
    assert refreshed["access_token"] != user["access_token"]
    assert refreshed["refresh_token"] != user["refresh_token"]
    assert refreshed["profile"]["sub"] == user["profile"]["sub"]
    assert after is None
    page.goto(f"{stack.url('broker')}/mon-compte")
    expect(page.locator("[name=mot_de_passe]")).to_be_visible()


def test_a_page_gives_its_tokens_back(
    page: Page, sites: tuple[Site, Site], stack: Stack, holder: AccountHolder
) -> None:
    logs_in(page, sites[0], stack, holder)
    access = page.evaluate("manager.getUser().then(user => user.access_token)")

    page.evaluate("manager.revokeTokens()")

    assert page.evaluate(_USERINFO, [stack.url("broker"), access]) == 401


def test_a_page_of_another_site_reads_nothing_even_with_the_token(
    page: Page, sites: tuple[Site, Site], stack: Stack, holder: AccountHolder
) -> None:
    site, stranger = sites
    logs_in(page, site, stack, holder)
    access = page.evaluate("manager.getUser().then(user => user.access_token)")
    asked = [stack.url("broker"), access]
    here = page.evaluate(_USERINFO, asked)

    page.goto(f"{stranger.origin}/")

    assert here == 200
    assert page.evaluate(_USERINFO, asked) == "TypeError"
    assert page.evaluate("manager.metadataService.getTokenEndpoint()")  # public for everybody


_USERINFO = """([issuer, token]) => fetch(`${issuer}/userinfo`, {
    headers: { Authorization: `Bearer ${token}` }
}).then(answer => answer.status, fault => fault.name)"""
