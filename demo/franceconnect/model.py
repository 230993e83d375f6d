"""What travels through a login: the request, the person, the grant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from demo.franceconnect.config import IdentityProvider, ServiceProvider

Claims = dict[str, Any]


@dataclass(frozen=True)
class AuthorizationRequest:
    """What a site asked, once checked."""

    site: ServiceProvider
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    nonce: str
    acr: str
    prompts: frozenset[str] = frozenset()
    amr_asked: bool = False
    idp_hint: str | None = None


@dataclass(frozen=True)
class IdentityProviderSession:
    """What is needed to log out of a remote identity provider afterwards."""

    end_session_endpoint: str
    client_id: str
    id_token: str = field(repr=False)
    misuse: str | None = None


@dataclass(frozen=True)
class Person:
    """Somebody whom an identity provider knew and whose identity was rectified."""

    claims: Claims = field(repr=False)
    idp: IdentityProvider
    auth_time: int
    recorded_sub: str | None = None
    idp_session: IdentityProviderSession | None = None


@dataclass(frozen=True)
class Interaction:
    """One request on its way through the pages, in one browser."""

    id: str
    browser: str
    request: AuthorizationRequest
    person: Person | None = None
    misbehaviour: str | None = None


@dataclass(frozen=True)
class Grant:
    """What an authorization code, then an access token, stands for."""

    request: AuthorizationRequest
    person: Person
    sub: str
    access_token: str = field(repr=False)
    misbehaviour: str | None = None


def with_parameters(
    address: str, parameters: Mapping[str, object], *, in_fragment: bool = False
) -> str:
    """Add *parameters* to *address*, whatever it already carries.

    A parameter whose value is a list is given several times.
    """
    query = urlencode(parameters, doseq=True)
    if in_fragment:
        return f"{address}#{query}"
    return address + ("&" if urlsplit(address).query else "?") + query
