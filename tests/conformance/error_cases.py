"""How each error of the code is provoked, by the form in which its reader meets it."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask
from werkzeug.test import TestResponse

from broker.base.errors import Refusal
from broker.clients.administration import ClientAdministration
from broker.clients.model import DisabledClient, UnknownClient
from broker.oidc import errors
from broker.sessions.sessions import Sessions
from broker.signals.model import StreamUnknown
from tests.conformance.test_encrypted_answers import encrypted
from tests.support.identity_hub import IdentityHub, in_front_of
from tests.support.insured_account import insured_account
from tests.support.key_partner import DPoPKey
from tests.support.own_app import FIRST_PARTY, PASSWORD, OwnApp
from tests.support.partner import OPERATOR, Holder, Partner, parse, register

STATE = "s" * 128
HOSTILE = "https://attacker.test/<script>"


@dataclass(frozen=True)
class World:
    """A partner whose person is logged in, and how others are made."""

    app: Flask
    holder: Holder
    partner: Partner
    make: Callable[..., Partner]
    hub: IdentityHub

    def sends(self, **changes: str | None) -> TestResponse:
        return self.partner.sends(**changes)

    def asks_token(self, **form: str) -> TestResponse:
        return self.partner.calls("/token", form)

    def asks_userinfo(self, **changes: str) -> TestResponse:
        tokens = self.partner.tokens()
        return self.partner.userinfo(changes.get("token", tokens["access_token"]))


def gives_up(world: World) -> TestResponse:
    asked = parse(world.sends(prompt="login").location)["demande"]
    return world.holder.client.get(f"/authorize/annulation?demande={asked}")


def is_not_logged_in(world: World) -> TestResponse:
    world.holder.client = world.app.test_client()
    return world.sends(prompt="none")


def has_not_agreed(world: World) -> TestResponse:
    other = world.make(client_id="autre", new=True)
    return other.sends(prompt="none")


SENT_BACK: dict[type[Refusal], Callable[[World], TestResponse]] = {
    errors.InvalidRequest: lambda w: w.sends(prompt="none login"),
    errors.UnsupportedResponseType: lambda w: w.sends(response_type="token"),
    errors.InvalidScope: lambda w: w.sends(scope="email"),
    errors.AccessDenied: gives_up,
    errors.LoginRequired: is_not_logged_in,
    errors.ConsentRequired: has_not_agreed,
    errors.UnmetAuthenticationRequirements: lambda w: w.sends(
        claims='{"id_token":{"acr":{"essential":true,"values":["eidas3"]}}}'
    ),
    errors.RequestNotSupported: lambda w: w.sends(request="e30.e30."),
    errors.RequestURINotSupported: lambda w: w.sends(request_uri="https://partenaire.test/r"),
    errors.RegistrationNotSupported: lambda w: w.sends(registration="{}"),
    errors.InvalidTarget: lambda w: w.sends(resource="https://unknown.test/"),
}


def cannot_encrypt(world: World) -> TestResponse:
    closed = world.make(
        client_id="closed", jwks_uri="http://localhost:9/jwks", **encrypted("id_token")
    )
    return closed.redeems(closed.code())


def may_not_refresh(world: World) -> TestResponse:
    other = world.make(client_id="autre", grant_types=None)
    return other.refreshes("anything")


def widens(world: World) -> TestResponse:
    tokens = world.partner.tokens(scope="openid")
    return world.partner.refreshes(tokens["refresh_token"], scope="openid email")


def proof(world: World) -> str:
    now = world.app.extensions["broker"][Sessions].clock()
    return DPoPKey().proof("/token", int(now.timestamp()))


def redeems_with(partner: Partner, proof: str) -> TestResponse:
    form = {
        "grant_type": "authorization_code",
        "code": partner.code(),
        "redirect_uri": partner.registered["redirect_uris"][0],
        "code_verifier": partner.verifier,
    }
    return partner.calls("/token", form, headers={"DPoP": proof})


def has_no_nonce(world: World) -> TestResponse:
    other = world.make(client_id="autre", ameli={"dpop_nonce": True})
    return redeems_with(other, proof(world))


def names_another_stream(world: World) -> TestResponse:
    stream = {"endpoint_url": "https://autre.test/evenements"}
    other = world.make(client_id="autre", ameli={"ssf": stream})
    token = other.calls("/token", {"grant_type": "client_credentials"}).get_json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    return world.app.test_client().get("/ssf/status?stream_id=unknown", headers=headers)


TOLD_TO_PROGRAMS: dict[type[Refusal], Callable[[World], TestResponse]] = {
    errors.InvalidRequest: World.asks_token,
    errors.InvalidClient: lambda w: w.partner.calls(
        "/token", {"grant_type": "authorization_code"}, secret="w" * 40
    ),
    errors.InvalidGrant: lambda w: w.partner.redeems("a" * 43),
    errors.InvalidScope: widens,
    errors.InvalidTarget: lambda w: w.partner.redeems(
        w.partner.code(), resource="https://unknown.test/"
    ),
    errors.InvalidProof: lambda w: redeems_with(w.partner, "no proof"),
    errors.NonceRequired: has_no_nonce,
    StreamUnknown: names_another_stream,
    errors.UnauthorizedClient: may_not_refresh,
    errors.UnsupportedGrantType: lambda w: w.asks_token(grant_type="password"),
    errors.ServerError: cannot_encrypt,
    errors.UnknownToken: lambda w: w.partner.calls("/token-evidence", {"token": "a" * 43}),
    errors.EvidencePending: lambda w: w.partner.calls(
        "/token-evidence", {"token": w.partner.tokens()["id_token"]}
    ),
    errors.UnsupportedResponseType: lambda w: w.partner.calls(
        "/par", w.partner.request(response_type="token")
    ),
}


def an_app(world: World) -> OwnApp:
    """Register an app of our own, used by whoever has a password."""
    holder = Holder(world.app, insured_account(world.app, password=PASSWORD))
    return OwnApp(world.app, holder, register(world.app, **FIRST_PARTY))


def tries_too_often(world: World) -> TestResponse:
    app = an_app(world)
    return app.asks(auth_session=app.awaits_code(), resend_code="true")


TOLD_TO_APPS: dict[type[Refusal], Callable[[World], TestResponse]] = {
    errors.InsufficientAuthorization: lambda w: an_app(w).begins(),
    errors.RedirectToWeb: lambda w: an_app(w).begins(
        prompt="create", redirect_uri=FIRST_PARTY["redirect_uris"][0]
    ),
    errors.InvalidSession: lambda w: an_app(w).gives_password("a" * 43),
    errors.StepDelayed: tries_too_often,
}


def in_two_ways(world: World) -> TestResponse:
    token = world.partner.tokens()["access_token"]
    return world.app.test_client().post(
        "/userinfo", data={"access_token": token}, headers={"Authorization": f"Bearer {token}"}
    )


def proves_nothing(world: World) -> TestResponse:
    token = redeems_with(world.partner, proof(world)).get_json()["access_token"]
    headers = {"Authorization": f"DPoP {token}", "DPoP": "no proof"}
    return world.app.test_client().get("/userinfo", headers=headers)


def is_too_narrow(world: World) -> TestResponse:
    tokens = world.partner.tokens(scope="openid email")
    narrow = world.partner.refreshes(tokens["refresh_token"], scope="email").get_json()
    return world.partner.userinfo(narrow["access_token"])


def was_too_weak(world: World) -> TestResponse:
    tokens = world.partner.tokens()
    register(world.app, **{**world.partner.registered, "ameli": {"minimum_acr": "eidas2"}})
    return world.partner.userinfo(tokens["access_token"])


CHALLENGED: dict[type[Refusal], Callable[[World], TestResponse]] = {
    errors.TokenRequired: lambda w: w.app.test_client().get("/userinfo"),
    errors.TwoTokens: in_two_ways,
    errors.ProofRejected: proves_nothing,
    errors.InvalidToken: lambda w: w.asks_userinfo(token="a" * 43),
    errors.InsufficientScope: is_too_narrow,
    errors.InsufficientUserAuthentication: was_too_weak,
}


def was_switched_off(world: World) -> TestResponse:
    world.app.extensions["broker"][ClientAdministration].disable("partenaire", OPERATOR)
    return world.sends()


def is_answered_twice(world: World) -> TestResponse:
    asked = parse(world.sends(prompt="login").location)["demande"]
    world.holder.client.get(f"/authorize/annulation?demande={asked}")
    return world.holder.client.get(f"/authorize/suite?demande={asked}")


def is_incomplete(world: World) -> TestResponse:
    unsure = insured_account(world.app, given_names="")
    return in_front_of(world.hub, unsure).logs_in()


@dataclass(frozen=True)
class OnPage:
    """Where a person reads it, the partner it names, and where its way back leads."""

    act: Callable[[World], TestResponse]
    names: str | None = "Partenaire"
    back: str = 'href="https://partenaire.test/"'


ON_A_PAGE: dict[type[Refusal], OnPage] = {
    errors.UnregisteredRedirectURI: OnPage(lambda w: w.sends(redirect_uri=HOSTILE)),
    errors.RequestExpired: OnPage(is_answered_twice),
    errors.LogoutRequestRefused: OnPage(
        lambda w: w.holder.client.get(
            "/end-session",
            query_string={"client_id": "partenaire", "post_logout_redirect_uri": HOSTILE},
        )
    ),
    errors.IdentityWithheld: OnPage(is_incomplete, "FranceConnect", "Retourner sur FranceConnect"),
    UnknownClient: OnPage(lambda w: w.sends(client_id=HOSTILE), None, 'href="/"'),
    DisabledClient: OnPage(was_switched_off),
}
