"""One OpenID Provider, used through Authlib with the checks that Authlib leaves to its user."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests
from authlib.integrations.flask_client import FlaskIntegration, FlaskOAuth2App, OAuthError
from flask import session
from joserfc.errors import JoseError
from werkzeug import Response

from demo.partner.answer import Answer, require_assurance, require_issuer
from demo.partner.logout_token import (
    EndedSession,
    LogoutTokenRefused,
    SeenTokens,
    read_logout_token,
)
from demo.partner.refusal import LoginRefused
from demo.partner.security_event import EventRefused, SecurityEvent, read_event, require_sender
from demo.partner.settings import PartnerSettings, ProviderSettings
from demo.partner.userinfo import read_userinfo

# Authlib reads discovery once per process and keys only on an unknown kid: a withdrawn key would
# stay trusted until the restart.
_DISCOVERY_LIFE_SECONDS = 3600.0
_TIMEOUT_SECONDS = 5
_CLOCK_SKEW_SECONDS = 30


class Provider:
    """Sends browsers to one provider and judges what they bring back."""

    def __init__(
        self, settings: ProviderSettings, site: PartnerSettings, now: Callable[[], float]
    ) -> None:
        self.settings = settings
        self._redirect_uri = site.public_url + settings.redirect_path
        self._verify = str(site.ca_bundle) if site.ca_bundle else True
        self._now = now
        self._lock = threading.Lock()
        self._client: FlaskOAuth2App | None = None
        self._discovered_at = 0.0
        self._seen = SeenTokens()

    def start(self) -> Response:
        """Redirect to the provider; state, nonce and code_verifier stay in the session."""
        # 43 characters each: FranceConnect asks for at least 32.
        request = {"state": secrets.token_urlsafe(32), "nonce": secrets.token_urlsafe(32)}
        if self.settings.acr_values:
            request["acr_values"] = self.settings.acr_values
        if self.settings.claims:
            request["claims"] = self.settings.claims
        with _failures_explained():
            redirect: Response = self._discovered().authorize_redirect(
                self._redirect_uri, **request
            )
        return redirect

    def finish(self, response: Mapping[str, str]) -> Answer:
        """Turn the authorization response into the identity it stands for.

        Raises LoginRefused with the provider's error, or with the check that failed.
        """
        with _failures_explained():
            client = self._discovered()
            with _single_use_state(client, response.get("state", "")):
                require_issuer(response, self.settings.issuer)
                token = self._redeem(client)
            userinfo = read_userinfo(client, token, self.settings)
        if userinfo.get("sub") != token["userinfo"]["sub"]:
            raise LoginRefused("userinfo_subject_mismatch")
        return Answer.of(self.settings.name, token, userinfo)

    def ended_session(self, logout_token: str) -> EndedSession:
        """Return whose sessions the provider says are over, or raise LogoutTokenRefused."""
        try:
            return read_logout_token(self._discovered(), logout_token, self.settings, self._seen)
        except requests.RequestException as error:
            raise LogoutTokenRefused("provider_unreachable") from error

    def security_event(self, compact: str, authorization: str) -> SecurityEvent:
        """Return the event that the provider pushes, or raise EventRefused."""
        require_sender(self.settings, authorization)
        try:
            return read_event(self._discovered(), compact, self.settings, time.time())
        except requests.RequestException as error:
            raise EventRefused("invalid_key", "the provider's keys cannot be had") from error

    def logout_url(self, id_token: str, return_to: str, state: str) -> str:
        """Return the address that ends the session at the provider, then comes back."""
        with _failures_explained():
            address: str = self._discovered().create_logout_url(
                post_logout_redirect_uri=return_to, id_token_hint=id_token, state=state
            )["url"]
        return address

    def _redeem(self, client: FlaskOAuth2App) -> dict[str, Any]:
        """Exchange the code; Authlib would accept a token response without an id_token."""
        settings = self.settings
        token: dict[str, Any] = client.authorize_access_token(
            claims_options={
                "iss": {"essential": True, "value": settings.issuer},
                "aud": {"essential": True, "value": settings.client_id},
                "sub": {"essential": True},
            },
            leeway=_CLOCK_SKEW_SECONDS,
        )
        if not token.get("userinfo"):
            raise LoginRefused("id_token_missing")
        require_assurance(token["userinfo"], settings.acr_values)
        return token

    def _discovered(self) -> FlaskOAuth2App:
        """Return an Authlib client that knows the provider's metadata of the last hour."""
        with self._lock:
            if self._client is None or self._now() - self._discovered_at > _DISCOVERY_LIFE_SECONDS:
                self._client = self._new_client()
                self._discovered_at = self._now()
            return self._client

    def _new_client(self) -> FlaskOAuth2App:
        settings = self.settings
        client = FlaskOAuth2App(
            FlaskIntegration(settings.name),
            settings.name,
            client_id=settings.client_id,
            client_secret=settings.client_secret,
            server_metadata_url=settings.issuer + "/.well-known/openid-configuration",
            client_kwargs={
                "scope": settings.scope,
                "token_endpoint_auth_method": settings.token_endpoint_auth_method,
                "code_challenge_method": "S256" if settings.pkce else None,
                "default_timeout": _TIMEOUT_SECONDS,
                # Authlib's 60 s would call a token of 60 s expired at once.
                "leeway": 0,
                # No proxy and no .netrc of the machine may touch the client's credentials.
                "trust_env": False,
                "verify": self._verify,
            },
        )
        metadata = client.load_server_metadata()
        if metadata.get("issuer") != settings.issuer:
            raise LoginRefused("discovery_issuer_mismatch", status=502)
        # Authlib accepts every algorithm that the provider lists; one was agreed.
        metadata["id_token_signing_alg_values_supported"] = [settings.signing_algorithm]
        return client


@contextmanager
def _single_use_state(client: FlaskOAuth2App, state: str) -> Iterator[None]:
    """Require an answer to a request of this very browser, once (RFC 6749 section 10.12).

    Authlib itself reports an error response without looking at its state.
    """
    if not client.framework.get_state_data(session, state):
        raise LoginRefused("state_unknown")
    try:
        yield
    finally:
        client.framework.clear_state_data(session, state)


@contextmanager
def _failures_explained() -> Iterator[None]:
    """Turn each library's failures into a LoginRefused that a page can explain."""
    try:
        yield
    except OAuthError as error:
        raise LoginRefused(error.error, error.description or "") from error
    except requests.RequestException as error:
        raise LoginRefused("provider_unreachable", status=502) from error
    except JoseError as error:
        raise LoginRefused(error.error, error.description or "", status=502) from error
    except ValueError as error:
        raise LoginRefused("provider_answer_malformed", status=502) from error
