"""A login through FranceConnect on its way to a partner: no hop raises its level."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest

from broker.franceconnect.model import Purpose
from tests.conftest import FrozenClock
from tests.franceconnect.conftest import Worlds
from tests.franceconnect.plus import served
from tests.franceconnect.world import Upstream, World, transaction_of
from tests.support.insured_account import NIR, insured_account
from tests.support.partner import API, REFRESHING, Holder, Partner, callback, parse, register
from tests.support.ties import tie
from tests.unit.sessions.conftest import LoginPage

PASSWORD = "Tulipes&Violon7"
REFUSED = "unmet_authentication_requirements"
ESSENTIAL = '{"id_token":{"acr":{"essential":true,"values":["eidas2"]}}}'
Exchange = Callable[..., Any]


@dataclass
class Chain:
    """FranceConnect, the broker behind it, a partner and an API behind that."""

    world: World
    partner: Partner
    api: Partner
    clock: FrozenClock

    @classmethod
    def of(cls, world: World, clock: FrozenClock) -> "Chain":
        account = insured_account(world.app, password=PASSWORD)
        transaction = transaction_of(world.come_back(world.identify(world.depart(Purpose.LOGIN))))
        identity = world.claim(transaction, Purpose.LOGIN)
        tie(world.app, account, identity.iss, identity.sub)
        holder = Holder(world.app, account)
        holder.client = world.client
        partner = Partner(world.app, holder, register(world.app, **REFRESHING))
        keys = {"introspects": True, "resource": API}
        server = register(
            world.app, client_id="api", redirect_uris=None, post_logout_redirect_uris=None,
            ameli=keys,
        )  # fmt: skip
        return cls(world, partner, Partner(world.app, holder, server), clock)

    @property
    def page(self) -> LoginPage:
        return LoginPage(self.world.client, self.world.app)

    def leaves(self, request: str) -> str:
        """Leave the login of that request for FranceConnect; return its address."""
        left = self.page.posts("/connexion/franceconnect", demande=request)
        return left.location or unescape(re.findall(r"url=([^\"]+)", left.text)[0])

    def through_franceconnect(self, request: str) -> dict[str, str]:
        """Log in with FranceConnect where the request waits; return what the partner receives."""
        back = self.world.come_back(self.world.identify(self.leaves(request)))
        return self._goes_on(self.world.client.get(back.location))

    def by_password(self, request: str) -> dict[str, str]:
        return self._goes_on(self.page.gives_password(PASSWORD, NIR, demande=request))

    def _goes_on(self, step: Any) -> dict[str, str]:
        if "/connexion/code" in step.location:
            step = self.page.gives_code(step)
        return callback(self.world.client.get(step.location))

    def asks(self, **changes: Any) -> str:
        """The partner sends the browser; return the request that waits for the login."""
        self.clock.advance(minutes=1)  # so that the code of this login is the newest
        return parse(self.partner.sends(**changes).location)["demande"]


@pytest.fixture
def a_chain(a_world: Worlds, upstream: Upstream, clock: FrozenClock) -> Exchange:
    @contextmanager
    def build(acr: str = "eidas1") -> Iterator[Chain]:
        plus = {"BROKER_FRANCECONNECT_JWE": "ECDH-ES", "BROKER_FRANCECONNECT_ACR": acr}
        with a_world(**(plus if acr != "eidas1" else {})) as world, served(world.app) as address:
            site = {"encryption": "ECDH-ES", "jwks_uri": f"{address}/franceconnect/jwks"}
            upstream.renew(lambda: clock().timestamp(), **(site if acr != "eidas1" else {}))
            yield Chain.of(world, clock)

    return build


@pytest.mark.parametrize("acr", ["eidas1", "eidas2"])
def test_every_answer_about_a_login_tells_the_level_of_franceconnect(
    a_chain: Exchange, acr: str
) -> None:
    with a_chain(acr) as chain:
        answer = chain.through_franceconnect(chain.asks(acr_values="eidas3 eidas2 eidas1"))
        tokens = chain.partner.redeems(answer["code"]).get_json()
        claims = chain.partner.id_token(tokens)
        read = chain.partner.userinfo(tokens["access_token"]).get_json()
        told = chain.api.introspects(
            chain.partner.tokens(resource=API, scope="openid")["access_token"]
        )
        renewed = chain.partner.refreshes(tokens["refresh_token"]).get_json()

    assert claims["acr"] == acr
    assert read["sub"] == told["sub"] == claims["sub"]
    assert "acr" not in read  # userinfo tells about the person, not about a login
    assert (told["acr"], told["amr"], told["auth_time"]) == (
        acr, claims["amr"], claims["auth_time"],
    )  # fmt: skip
    again = chain.partner.id_token(renewed)
    assert (again["acr"], again["auth_time"]) == (acr, claims["auth_time"])


def test_a_weaker_session_is_asked_once_for_the_level_that_a_partner_prefers(
    a_chain: Exchange,
) -> None:
    with a_chain("eidas2") as chain:
        chain.by_password(chain.asks())
        silent = callback(chain.partner.sends(acr_values="eidas2", prompt="none"))
        contented = callback(chain.partner.sends(acr_values="eidas2 eidas1"))
        weaker = chain.by_password(chain.asks(acr_values="eidas3 eidas2"))
        stronger = chain.through_franceconnect(chain.asks(acr_values="eidas2"))
        at_once = callback(chain.partner.sends(acr_values="eidas2"))

    assert all("code" in answer for answer in (silent, contented, weaker, stronger, at_once))


def test_a_login_of_ours_is_never_above_eidas1(a_chain: Exchange) -> None:
    with a_chain("eidas2") as chain:
        answer = chain.by_password(chain.asks(acr_values="eidas2"))
        claims = chain.partner.id_token(chain.partner.redeems(answer["code"]).get_json())

    assert claims["acr"] == "eidas1"  # acr_values is a preference (OpenID Connect Core 3.1.2.1)
    assert "mfa" not in claims["amr"]


@pytest.mark.parametrize(
    ("values", "told"), [('["eidas1"]', "eidas1"), ('["eidas1","eidas2","eidas3"]', "eidas2")]
)
def test_an_essential_level_is_answered_by_one_of_those_asked(
    a_chain: Exchange, values: str, told: str
) -> None:
    asked = f'{{"id_token":{{"acr":{{"essential":true,"values":{values}}}}}}}'
    with a_chain("eidas2") as chain:
        answer = chain.through_franceconnect(chain.asks(claims=asked))
        claims = chain.partner.id_token(chain.partner.redeems(answer["code"]).get_json())

    assert claims["acr"] == told


def test_an_essential_level_that_the_login_did_not_reach_is_no_login(a_chain: Exchange) -> None:
    with a_chain("eidas2") as chain:
        refused = chain.by_password(chain.asks(claims=ESSENTIAL))
        reached = chain.through_franceconnect(chain.asks(claims=ESSENTIAL))
        claims = chain.partner.id_token(chain.partner.redeems(reached["code"]).get_json())

    assert (refused["error"], "code" in refused) == (REFUSED, False)
    assert claims["acr"] == "eidas2"


def test_a_level_above_that_of_franceconnect_is_refused_before_the_login(
    a_chain: Exchange,
) -> None:
    with a_chain("eidas1") as chain:
        answer = callback(chain.partner.sends(claims=ESSENTIAL))

    assert answer["error"] == REFUSED


def test_a_later_login_by_password_does_not_keep_the_level(a_chain: Exchange) -> None:
    with a_chain("eidas2") as chain:
        chain.through_franceconnect(chain.asks())
        answer = chain.by_password(chain.asks(prompt="login"))
        claims = chain.partner.id_token(chain.partner.redeems(answer["code"]).get_json())

    assert claims["acr"] == "eidas1"


def test_a_level_that_franceconnect_did_not_reach_opens_nothing(a_chain: Exchange) -> None:
    with a_chain("eidas2") as chain:
        request = chain.asks()
        lower = chain.world.identify(chain.leaves(request), misbehaviour="id_token.acr_lower")
        back = chain.world.come_back(lower)

        assert back.status_code == 403
        assert chain.world.client.get(f"/authorize/suite?demande={request}").status_code == 303
        assert chain.world.events("code.issued") == []
