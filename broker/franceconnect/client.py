"""HTTP with FranceConnect: the only outgoing calls of this capability, every answer checked."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from broker.base.clock import Clock
from broker.base.crypto import Secret
from broker.base.jwe import CannotBeOpened, opened
from broker.base.turns import Turns
from broker.franceconnect.directory import Directory, Metadata
from broker.franceconnect.line import Breaker, Line, NarrowAdapter
from broker.franceconnect.model import (
    Claims,
    ClientRefused,
    Proof,
    RoundTripRefused,
    ServerError,
    UntrustedAnswer,
    UntrustedReturn,
)
from broker.franceconnect.registration import Registration
from broker.franceconnect.tokens import (
    Expected,
    check_id_token,
    check_userinfo,
    header_of,
    verified,
)
from broker.franceconnect.unambiguous import content_type, json_object
from broker.keys.encryption import EncryptionKeys

_JWT = "application/jwt"
_TOKEN_ERRORS = frozenset({
    "invalid_client", "invalid_grant", "invalid_request", "invalid_scope", "unauthorized_client",
    "unsupported_grant_type",
})  # fmt: skip
_VISIBLE = re.compile(r"[\x21-\x7e]{1,4096}")  # RFC 6750 §2.1 and RFC 6749 §A.12


@dataclass(frozen=True)
class FranceConnectClient:
    """Authorization address, tokens, userinfo, logout address."""

    registration: Registration
    directory: Directory
    keys: EncryptionKeys
    line: Line
    departures: Line
    clock: Clock

    @classmethod
    def of(
        cls,
        registration: Registration | None,
        keys: EncryptionKeys,
        clock: Clock,
        threads: int,
    ) -> "FranceConnectClient | None":
        """Return the client of a server of that many threads; None without a registration."""
        if registration is None:
            return None
        turns = Turns.of(threads)
        return cls(
            registration,
            Directory(registration.issuer, registration.algorithm),
            keys,
            Line(turns, Breaker()),
            Line(turns, Breaker()),
            clock,
        )

    def authorization_url(self, *, state: Secret, nonce: Secret) -> str:
        """Return the address that begins a round trip.

        The parameters are a closed list: FranceConnect answers any other one, PKCE included, by
        its own error page.
        """
        with self._session() as session:
            metadata = self._metadata_to_leave(session)
            url, _ = session.create_authorization_url(
                metadata.authorization_endpoint,
                state=state.reveal(),
                nonce=nonce.reveal(),
                acr_values=self.registration.acr,
            )
        return str(url)

    def redeem(self, code: str, nonce_digest: bytes, acr: str) -> Proof:
        """Exchange the code and read userinfo; after a fault nothing more is asked."""
        if not _VISIBLE.fullmatch(code):
            raise UntrustedReturn("code")
        with self._session() as session:
            return self.line.run(lambda: self._exchange(session, code, nonce_digest, acr))

    def logout_url(self, endpoint: str, *, id_token: Secret, state: Secret) -> str:
        """Return the address that ends the session at FranceConnect (RP-Initiated Logout §2)."""
        sent = {
            "id_token_hint": id_token.reveal(),
            "state": state.reveal(),
            "post_logout_redirect_uri": self.registration.post_logout_redirect_uri,
        }
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(sent)}"

    def _exchange(self, session: OAuth2Session, code: str, nonce_digest: bytes, acr: str) -> Proof:
        metadata = self._metadata(session)
        # Before the code is spent: afterwards only an unknown key still fetches them.
        self.directory.keys(lambda address: _get(session, address))
        access_token, id_token = _tokens(session, metadata, code)
        id_token = self._opened(id_token)
        expected = Expected(
            issuer=self.registration.issuer,
            client_id=self.registration.client_id,
            acr=acr,
            nonce_digest=nonce_digest,
            code=code,
            access_token=access_token,
            now=self.clock().timestamp(),
        )
        proven = self._verified(session, "id_token", id_token)
        check_id_token(proven, expected)
        told = self._opened(_userinfo(session, metadata, access_token))
        userinfo = self._verified(session, "userinfo", told)
        check_userinfo(userinfo, expected, proven["sub"])
        return Proof(
            sub=proven["sub"],
            acr=proven["acr"],
            auth_time=int(proven["auth_time"]) if "auth_time" in proven else None,
            userinfo=userinfo,
            id_token=Secret(id_token),
            end_session_endpoint=metadata.end_session_endpoint,
        )

    def _metadata_to_leave(self, session: OAuth2Session) -> Metadata:
        """Nobody is sent to a FranceConnect that has not answered within the last minute.

        While it is dead nobody comes back, so that departures alone can notice. They have a
        breaker of their own: a document that can be read makes up for no failed login.
        """
        self.line.breaker.require_working()
        known = self.directory.known_to_leave()
        if known is not None:
            return known
        return self.departures.run(
            lambda: self.directory.metadata_to_leave(lambda address: _get(session, address))
        )

    def _opened(self, token: str) -> str:
        """Return the signed token, out of its encryption where that was agreed, and only there.

        What the header around it repeats of the claims must be right (RFC 7519 §5.3).
        """
        registration = self.registration
        if registration.encryption is None:
            return token
        try:
            signed, header = opened(token, registration.encryption, self.keys.opening)
        except CannotBeOpened as flaw:
            raise UntrustedAnswer(f"jwe.{flaw}") from None
        us = registration.client_id
        if header.get("iss", registration.issuer) != registration.issuer:
            raise UntrustedAnswer("jwe.iss")
        if header.get("aud", us) not in (us, [us]):
            raise UntrustedAnswer("jwe.aud")
        return signed

    def _verified(self, session: OAuth2Session, name: str, token: str) -> Claims:
        algorithm = self.registration.algorithm
        kid = header_of(name, token, algorithm).get("kid")
        key = self.directory.key(kid, lambda address: _get(session, address))
        return verified(name, token, key, algorithm)

    def _metadata(self, session: OAuth2Session) -> Metadata:
        return self.directory.metadata(lambda address: _get(session, address))

    def _session(self) -> OAuth2Session:
        registration = self.registration
        session = OAuth2Session(
            client_id=registration.client_id,
            client_secret=registration.client_secret.reveal(),
            token_endpoint_auth_method="client_secret_post",  # noqa: S106 - a method's name
            scope=registration.scopes,
            redirect_uri=registration.redirect_uri,
            leeway=0,
        )
        # Proxies and certificate bundles of the environment; no proxy leads to this machine.
        session.trust_env = not registration.on_this_machine
        session.mount("https://", NarrowAdapter())
        session.mount("http://", NarrowAdapter())
        session.register_compliance_hook("access_token_response", _token_answer)
        return session


def _get(session: OAuth2Session, address: str) -> requests.Response:
    response: requests.Response = session.get(
        address,
        withhold_token=True,
        allow_redirects=False,
        headers={"Accept": "application/json"},
    )
    return response


def _token_answer(response: requests.Response) -> requests.Response:
    """RFC 6749 §5.1 and §5.2: 200 for tokens, 400 or 401 for errors, and JSON."""
    errors = {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}
    if response.status_code != HTTPStatus.OK and response.status_code not in errors:
        raise UntrustedAnswer("token.status")
    answer = json_object(response, "token")
    if response.status_code in errors and "error" not in answer:
        raise UntrustedAnswer("token.status")
    response.encoding = "utf-8"  # the library reads it again: as it was checked
    return response


def _tokens(session: OAuth2Session, metadata: Metadata, code: str) -> tuple[str, str]:
    """Return the access token and the ID token of the code (OIDC Core §3.1.3)."""
    try:
        answer: dict[str, Any] = session.fetch_token(
            metadata.token_endpoint,
            grant_type="authorization_code",
            code=code,
            allow_redirects=False,
        )
    except OAuthError as error:
        raise _refused_by_token_endpoint(str(error.error)) from None
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise UntrustedAnswer("token.json") from None
    access_token, id_token = answer.get("access_token"), answer.get("id_token")
    if str(answer.get("token_type", "")).lower() != "bearer":
        raise UntrustedAnswer("token.type")
    if not isinstance(access_token, str) or not _VISIBLE.fullmatch(access_token):
        raise UntrustedAnswer("token.access_token")
    if not isinstance(id_token, str) or not id_token.isascii():
        raise UntrustedAnswer("token.id_token")
    return access_token, id_token


def _refused_by_token_endpoint(error: str) -> RoundTripRefused:
    if error not in _TOKEN_ERRORS:
        return ServerError("token.error")
    return ClientRefused(f"token.{error}")


def _userinfo(session: OAuth2Session, metadata: Metadata, access_token: str) -> str:
    """Return the signed claims, still unverified (OIDC Core §5.3.2)."""
    response: requests.Response = session.get(
        metadata.userinfo_endpoint,
        withhold_token=True,
        allow_redirects=False,
        headers={"Authorization": f"Bearer {access_token}", "Accept": _JWT},
    )
    if response.status_code != HTTPStatus.OK:
        raise UntrustedAnswer("userinfo.status")
    if content_type(response) != _JWT:
        raise UntrustedAnswer("userinfo.content_type")
    try:
        return response.content.decode("ascii").strip()
    except UnicodeDecodeError:
        raise UntrustedAnswer("userinfo.content") from None
