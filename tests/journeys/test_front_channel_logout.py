"""A real browser opens the partners' pages that end their sessions, then goes where it should."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from werkzeug.serving import make_server

from broker.app import create_app
from broker.base.db import Database
from tests.conftest import FrozenClock, test_settings
from tests.support.partner import Holder, Partner, register, sample_account
from tests.support.peer import a_peer
from tests.support.ports import free_port

pytestmark = pytest.mark.journey


@dataclass
class Site:
    """A partner's site: its frame answers only while ``answers`` is set."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    answers: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def talk(self, connection, request: bytes) -> None:
        if not request:
            return  # browsers open connections that they then do not use
        path = request.split(b" ")[1].decode()
        self.asked.append(path)
        if path.startswith("/fin"):
            self.answers.wait(20)
        body = b"<title>Partenaire</title><h1>Au revoir</h1>"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)


@pytest.fixture
def site() -> Iterator[Site]:
    running = Site()
    with a_peer(running.talk) as running.port:
        yield running
        running.answers.set()


@contextmanager
def served(app: Flask, port: int) -> Iterator[None]:
    def as_granian(environ, start):
        return app({**environ, "REMOTE_PORT": str(environ["REMOTE_PORT"])}, start)

    server = make_server("127.0.0.1", port, as_granian, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def logged_in(
    chromium: Browser, sqlite_url: str, clock: FrozenClock, site: Site
) -> Iterator[Callable[..., tuple]]:
    """Return a page whose browser is logged in at the partner, and the address that ends it."""
    port, contexts = free_port(), []
    settings = test_settings(sqlite_url, BROKER_ISSUER=f"http://localhost:{port}")
    app = create_app(settings, clock=clock)

    def open_page(*, javascript: bool):
        holder = Holder(app, sample_account(app))
        partner = Partner(
            app,
            holder,
            register(
                app,
                redirect_uris=[f"{site.address}/retour"],
                post_logout_redirect_uris=[f"{site.address}/au-revoir"],
                frontchannel_logout_uri=f"{site.address}/fin",
            ),
        )
        holder.logs_in()
        hint = partner.tokens()["id_token"]
        context = chromium.new_context(java_script_enabled=javascript)
        contexts.append(context)
        for name in ("ameli_session", "ameli_navigateur"):
            value = holder.client.get_cookie(name).value
            context.add_cookies([{"name": name, "value": value, "url": settings.issuer}])
        query = {
            "id_token_hint": hint,
            "post_logout_redirect_uri": f"{site.address}/au-revoir",
            "state": "the-state",
        }
        return context.new_page(), f"{settings.issuer}/end-session?{urlencode(query)}"

    with served(app, port):
        yield open_page
        for context in contexts:
            context.close()
    app.extensions["broker"][Database].engine.dispose()


@pytest.mark.parametrize("javascript", [True, False], ids=["with-js", "without-js"])
def test_the_frame_is_loaded_before_the_browser_goes_back(logged_in, site, javascript) -> None:
    site.answers.set()
    page, address = logged_in(javascript=javascript)

    page.goto(address)

    expect(page).to_have_url(f"{site.address}/au-revoir?state=the-state")
    called = [path.partition("?")[0] for path in site.asked if "favicon" not in path]
    assert called == ["/fin", "/au-revoir"]
    assert "iss=http%3A%2F%2Flocalhost" in site.asked[0]
    assert "&sid=" in site.asked[0]


def test_a_partner_that_does_not_answer_keeps_nobody_waiting(logged_in, site) -> None:
    page, address = logged_in(javascript=True)

    started = time.monotonic()
    page.goto(address, wait_until="commit")
    expect(page.locator("main")).to_contain_text("Vous êtes déconnecté")
    expect(page).to_have_url(f"{site.address}/au-revoir?state=the-state", timeout=10_000)

    assert time.monotonic() - started < 10


def test_without_script_the_way_back_is_a_link(logged_in, site) -> None:
    page, address = logged_in(javascript=False)

    page.goto(address, wait_until="commit")
    page.get_by_role("link", name="Continuer vers Partenaire").click()

    expect(page).to_have_url(f"{site.address}/au-revoir?state=the-state")
