"""A partner, and an account holder's browser, against the application in this process."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.support.identity_hub import REGISTRATION, IdentityHub
from tests.support.insured_account import insured_account
from tests.support.key_partner import KEYS, DPoPKey, FapiPartner, a_key
from tests.support.logout_receiver import a_logout_receiver
from tests.support.own_app import FIRST_PARTY, PASSWORD, OwnApp
from tests.support.partner import (
    API,
    PUBLIC,
    REFRESHING,
    Holder,
    Partner,
    register,
    sample_account,
)

pytest.register_assert_rewrite(
    "tests.conformance.basic_modules", "tests.conformance.suite", "tests.conformance.fapi"
)
from tests.conformance.suite import Suite  # noqa: E402 - after its assertions are rewritten

NO_PKCE = {"compatibility": [{"name": "no_pkce", "until": "2027-06-30"}]}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The protocol's rules do not depend on the database; parallel use is tested elsewhere."""
    return sqlite_url


@pytest.fixture
def holder(app: Flask) -> Holder:
    return Holder(app, sample_account(app))


@pytest.fixture
def a_partner(app: Flask, holder: Holder) -> Callable[..., Partner]:
    """Return a function that registers a partner, with changes, ``new`` to the holder or not."""

    def make(*, new: bool = False, **changes: object) -> Partner:
        return Partner(app, holder, register(app, **changes), new=new)

    return make


@pytest.fixture
def franceconnect(app: Flask, holder: Holder) -> IdentityHub:
    """FranceConnect, for whom the broker is an identity provider."""
    return IdentityHub(app, holder, register(app, **REGISTRATION))


@pytest.fixture
def partner(a_partner: Callable[..., Partner]) -> Partner:
    return a_partner()


@pytest.fixture
def refreshing(a_partner, holder) -> Partner:
    """A partner with a secret, that may refresh; its person is logged in."""
    holder.logs_in()
    return a_partner(**REFRESHING)


@pytest.fixture
def public(a_partner, holder) -> Partner:
    """An application without a secret, that may refresh; its person is logged in."""
    holder.logs_in()
    return a_partner(**PUBLIC)


@pytest.fixture
def a_server(app: Flask, holder: Holder) -> Callable[..., Partner]:
    """Return a function that registers a resource server."""

    def make(client_id: str = "api", resource: str = API, **ameli: object) -> Partner:
        keys = {"introspects": True, "resource": resource, **ameli}
        document = register(
            app,
            client_id=client_id,
            redirect_uris=None,
            post_logout_redirect_uris=None,
            ameli={name: value for name, value in keys.items() if value is not None},
        )
        return Partner(app, holder, document)

    return make


@pytest.fixture
def server(a_server: Callable[..., Partner]) -> Partner:
    return a_server()


@pytest.fixture
def a_fapi_partner(app, holder, a_partner) -> Callable[..., FapiPartner]:
    """Return a function that registers a client of FAPI 2.0; its person is logged in."""
    holder.logs_in()

    def make(algorithm: str = "ES256", dpop: str = "ES256", **changes: object) -> FapiPartner:
        registered = {
            **REFRESHING,
            "client_secret": None,
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": {"keys": [KEYS[algorithm].as_dict(private=False)]},
            "ameli": {"profile": "fapi2"},
            **changes,
        }
        partner = FapiPartner(app, holder, a_partner(**registered).registered)
        partner.algorithm, partner.key = algorithm, KEYS[algorithm]
        partner.dpop = DPoPKey(dpop, a_key(dpop))
        return partner

    return make


@pytest.fixture
def fapi(a_fapi_partner: Callable[..., FapiPartner]) -> FapiPartner:
    return a_fapi_partner()


@pytest.fixture
def with_password(app: Flask) -> Holder:
    """Return a holder who logs in on an app's own screens."""
    return Holder(app, insured_account(app, password=PASSWORD))


@pytest.fixture
def an_app(app: Flask, with_password: Holder) -> Callable[..., OwnApp]:
    """Return a function that registers an app of ours, ``new`` to the holder or not."""

    def make(*, new: bool = False, **changes: object) -> OwnApp:
        return OwnApp(app, with_password, register(app, **{**FIRST_PARTY, **changes}), new=new)

    return make


@pytest.fixture
def own_app(an_app: Callable[..., OwnApp]) -> OwnApp:
    return an_app()


@pytest.fixture
def response_mode() -> str | None:
    return None


@pytest.fixture
def a_suite(a_partner: Callable[..., Partner], response_mode: str | None) -> Callable[..., Suite]:
    """Return a function that registers a client of the certification plans."""

    def make(**changes: object) -> Suite:
        registered: dict[str, object] = {"id_token_signed_response_alg": None, "ameli": NO_PKCE}
        return Suite(a_partner(new=True, **{**registered, **changes}), response_mode)

    return make


@pytest.fixture
def suite(a_suite: Callable[..., Suite]) -> Suite:
    return a_suite()


@pytest.fixture
def receiver():
    with a_logout_receiver() as running:
        yield running


@pytest.fixture
def told(a_partner, receiver):
    """A partner that asked to be told."""
    return a_partner(backchannel_logout_uri=receiver.address)
