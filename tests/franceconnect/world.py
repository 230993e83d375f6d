"""The broker, the simulated FranceConnect behind it, and one person's browser."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import Flask
from sqlalchemy import select, text
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from broker.audit.store import AuditStore
from broker.base.browser import FORM_TOKEN, Browser
from broker.base.crypto import fingerprint
from broker.base.db import Base, Database
from broker.franceconnect.identities import Identities
from broker.franceconnect.model import Purpose, VerifiedIdentity
from broker.franceconnect.relying_party import FranceConnect
from broker.franceconnect.store import IDENTITY
from broker.franceconnect.switches import Switches
from demo.franceconnect.config import Config
from demo.franceconnect.server import create_app as create_simulator

ROOT = Path(__file__).resolve().parents[2]
BROKER = "http://localhost:8000"
LEVELS = ("eidas1", "eidas2", "eidas3")
SECRET = "a-secret-of-at-least-thirty-two-characters"
COOKIE = "browser-of-the-person"
_PASSING = ("audit_", "limit_", "fc_round_trip")
Environ = dict[str, Any]
Answer = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


@dataclass
class Upstream:
    """A simulated FranceConnect in a thread; ``answers`` stand in for its own by path."""

    port: int = 0
    calls: list[str] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)
    simulator: Flask | None = None
    sleep: Callable[[float], object] = lambda _seconds: None
    """How the simulator takes its time; by default it takes none."""

    @property
    def issuer(self) -> str:
        return f"http://localhost:{self.port}/api/v2"

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if not path.startswith("/api/v2/interaction"):
            self.calls.append(path.removeprefix("/api/v2"))
        answer = self.answers.get(path.removeprefix("/api/v2"))
        if answer:
            return answer(environ, start_response)
        assert self.simulator is not None
        return self.simulator.wsgi_app(environ, start_response)

    @classmethod
    @contextmanager
    def running(
        cls,
        clock: Callable[[], float],
        sleep: Callable[[float], object] = lambda _seconds: None,
        **site: Any,
    ) -> Iterator["Upstream"]:
        upstream = cls(sleep=sleep)
        with make_server("127.0.0.1", 0, upstream, threaded=True) as server:
            upstream.port = server.server_port
            upstream.renew(clock, **site)
            thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            yield upstream
            server.shutdown()
            thread.join()

    def renew(
        self, clock: Callable[[], float], levels: Sequence[str] = LEVELS, **site: Any
    ) -> None:
        """Start the simulator anew, with new keys."""
        config = Config.model_validate(
            _config(self.issuer, self.port, site) | {"acr_values": list(levels)}
        )
        self.simulator = create_simulator(config, clock=clock, sleep=self.sleep)


def _config(issuer: str, port: int, site: dict[str, Any]) -> dict[str, Any]:
    names = "profile birth email idp_birthdate idp_id preferred_username"
    pivot = "given_name family_name birthdate gender birthplace birthcountry"
    return {
        "issuer": issuer,
        "port": port,
        "sub_secret": SECRET,
        "citizens": ROOT / "data/franceconnect_citizens.csv",
        "service_providers": [
            {
                "client_id": "ameli-fs",
                "client_secret": SECRET,
                "name": "L'Assurance Maladie",
                "entity": "ameli",
                "redirect_uris": [f"{BROKER}/franceconnect/callback"],
                "post_logout_redirect_uris": [f"{BROKER}/franceconnect/logout-callback"],
                "scopes": ["openid", *names.split(), *pivot.split()],
                **site,
            }
        ],
        "identity_providers": [
            {"uid": "impots", "name": "impots.gouv.fr"},
            {"uid": "msa", "name": "MSA"},
        ],
    }


@dataclass
class World:
    """What a test of a round trip says: depart, identify, come back."""

    app: Flask
    upstream: Upstream

    def __post_init__(self) -> None:
        self.client = self.app.test_client()
        self.client.set_cookie("ameli_navigateur", COOKIE)
        self.browser = fingerprint(COOKIE).hex()[:32]

    def service(self, wanted: type) -> Any:
        return self.app.extensions["broker"][wanted]

    @property
    def franceconnect(self) -> FranceConnect:
        return self.service(FranceConnect)

    def claim(
        self, transaction: str, purpose: Purpose = Purpose.CREATION, *, browser: str | None = None
    ) -> VerifiedIdentity:
        """Take the identity that a round trip brought back."""
        identities = self.service(Identities)
        return identities.claim(transaction, browser or self.browser, purpose)

    @property
    def switches(self) -> Switches:
        return self.service(Switches)

    def depart(self, purpose: Purpose = Purpose.CREATION) -> str:
        """Return the address that the person's browser is sent to."""
        return self.franceconnect.start(
            purpose=purpose, browser=self.browser, return_to="/suite", retry_to="/debut"
        )

    def identify(
        self, address: str, *, misbehaviour: str = "", idp: str = "impots", login: str = "test"
    ) -> str:
        """Do what the person does at FranceConnect; return where FranceConnect sends them."""
        with requests.Session() as browser:
            browser.trust_env = False
            choice = browser.get(address)
            assert choice.status_code == 200, choice.text
            answered = browser.post(
                f"{choice.url}/account/{idp}",
                data={"login": login, "password": "123", "misbehaviour": misbehaviour},
            )
            assert answered.url.endswith("/information"), answered.text
            back = browser.post(answered.url, allow_redirects=False)
            return str(back.headers["Location"])

    def come_back(self, address: str, *, client: Any = None) -> TestResponse:
        """Follow FranceConnect's redirect to the broker; counts the calls from here on."""
        self.upstream.calls.clear()
        parts = urlsplit(address)
        return (client or self.client).get(f"{parts.path}?{parts.query}")

    def round_trip(self, misbehaviour: str = "", **how: Any) -> TestResponse:
        """Depart, identify, come back."""
        return self.come_back(self.identify(self.depart(), misbehaviour=misbehaviour, **how))

    def order(self, misbehaviour: str | None, fetches: int = 1) -> None:
        """Have FranceConnect's next login, or the next fetches of a document, misbehave."""
        address = f"http://localhost:{self.upstream.port}/simulator/misbehaviour"
        answer = requests.post(address, json={"next": misbehaviour, "fetches": fetches})
        assert answer.status_code == 200, answer.text
        self.upstream.calls.clear()

    @property
    def kept(self) -> dict[str, int]:
        """How many rows each table has, but for the trail, limits and departures."""
        names = (name for name in Base.metadata.tables if not name.startswith(_PASSING))
        counting = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in names)
        return dict(map(tuple, self.service(Database).all(text(counting))))

    def events(self, type_prefix: str = "fc.") -> list[dict[str, Any]]:
        """Return the events of the trail, oldest first."""
        found = self.service(AuditStore).search(type_prefix=type_prefix)
        return [json.loads(body) for body in found]

    def form_token(self) -> dict[str, str]:
        """Return the form token of this person's browser."""
        browser = self.service(Browser)
        with self.app.test_request_context(headers={"Cookie": f"ameli_navigateur={COOKIE}"}):
            return {FORM_TOKEN: browser.form_token()}

    @property
    def identities(self) -> int:
        """How many identities wait to be claimed."""
        return len(self.service(Database).all(select(IDENTITY.c.id)))


def transaction_of(response: TestResponse) -> str:
    """Return the id that the broker's redirect carries."""
    assert response.status_code == 303, response.text
    path, _, identifier = response.location.partition("?transaction=")
    assert path == "/suite"
    return identifier


def text_answer(body: bytes, kind: str = "text/html", status: str = "200 OK") -> Answer:
    def answer(_environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    return answer


def redirecting(to: str) -> Answer:
    def answer(_environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("302 Found", [("Location", to), ("Content-Length", "0")])
        return [b""]

    return answer


def failing_answer(_environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("503 Down", [("Content-Length", "0")])
    return [b""]
