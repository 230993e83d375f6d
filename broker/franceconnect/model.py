"""A round trip to FranceConnect, the identity it brings back, and the ways it fails."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any, ClassVar

from broker.base.crypto import Secret
from broker.base.errors import Refusal

Claims = Mapping[str, Any]
_AMELI = "ameli"
ACR_LEVELS = ("eidas1", "eidas2", "eidas3")
_CIVIL_IDENTITY = (
    "family_name", "given_name", "given_name_array", "gender", "birthdate", "birthplace",
    "birthcountry", "idp_birthdate", "preferred_username",
)  # fmt: skip


class Purpose(StrEnum):
    """What the person wants to do with the identity; ``TIE`` follows a login that found no tie."""

    CREATION = "creation"
    LOGIN = "login"
    TIE = "tie"


@dataclass(frozen=True, kw_only=True)
class RoundTrip:
    """One departure to FranceConnect, from one browser; used once, kept by digests."""

    id: str
    purpose: Purpose
    browser: str
    return_to: str
    """Local path that receives ``transaction``, the id of the round trip."""
    retry_to: str
    """Local path offered when it fails."""
    acr: str
    state_digest: bytes = field(repr=False)
    nonce_digest: bytes = field(repr=False)
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What the token and userinfo answers held, once everything was checked."""

    sub: str = field(repr=False)
    acr: str
    auth_time: int | None
    userinfo: Claims = field(repr=False)
    id_token: Secret
    end_session_endpoint: str | None


@dataclass(frozen=True, kw_only=True)
class VerifiedIdentity:
    """Whom FranceConnect vouched for, for a few minutes, in the browser that asked.

    ``claims`` holds the civil identity as received (``insured.pivot`` reads it), ``idp_id`` the
    identity provider behind FranceConnect: an account is never created through ``ameli``.
    """

    id: str
    purpose: Purpose
    iss: str
    sub: str = field(repr=False)
    acr: str
    auth_time: int | None
    idp_id: str | None
    claims: Claims = field(repr=False)
    email: Secret | None
    verified_at: datetime

    @property
    def name(self) -> str:
        """Whom a page may name, in the browser that asked; empty where the names are no text."""
        names = (self.claims.get("given_name"), self.claims.get("family_name"))
        return " ".join(name for name in names if isinstance(name, str)).strip()

    @property
    def through_ameli(self) -> bool:
        """Whether we are that identity provider: whoever comes that way has an account."""
        return self.idp_id == _AMELI

    @classmethod
    def of(cls, trip: RoundTrip, issuer: str, proof: Proof, now: datetime) -> "VerifiedIdentity":
        """Keep of *proof* what the journeys need; the rest of userinfo is dropped at once."""
        told = proof.userinfo
        email, idp_id = told.get("email"), told.get("idp_id")
        return cls(
            id=trip.id,
            purpose=trip.purpose,
            iss=issuer,
            sub=proof.sub,
            acr=proof.acr,
            auth_time=proof.auth_time,
            idp_id=idp_id if isinstance(idp_id, str) and idp_id else None,
            claims={name: told[name] for name in _CIVIL_IDENTITY if name in told},
            email=Secret(email) if isinstance(email, str) and email else None,
            verified_at=now,
        )


@dataclass(frozen=True, kw_only=True)
class UpstreamSession:
    """A session at FranceConnect that this browser still has because of us."""

    id_token: Secret
    end_session_endpoint: str


class RoundTripRefused(Refusal):
    """The round trip ends here; ``reason`` goes to the trail, ``retry_to`` to the page."""

    code: ClassVar[str] = "franceconnect.unknown_error"
    status: ClassVar[int] = HTTPStatus.BAD_GATEWAY

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_to: str | None = None


class AccessDenied(RoundTripRefused):
    """The person gave up, or FranceConnect could not confirm who they are."""

    code = "franceconnect.access_denied"
    status = HTTPStatus.BAD_REQUEST


class ServerError(RoundTripRefused):
    """FranceConnect failed."""

    code = "franceconnect.server_error"


class TemporarilyUnavailable(RoundTripRefused):
    """FranceConnect cannot be reached, or not in time."""

    code = "franceconnect.temporarily_unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class InvalidScope(RoundTripRefused):
    """A scope was asked that FranceConnect does not grant us."""

    code = "franceconnect.invalid_scope"


class InvalidRequest(RoundTripRefused):
    """FranceConnect did not understand our request."""

    code = "franceconnect.invalid_request"


class InvalidAcr(RoundTripRefused):
    """The level asked is above FranceConnect's platform."""

    code = "franceconnect.invalid_acr"


class InvalidIdpHint(RoundTripRefused):
    """An identity provider was hinted that is not ours to choose."""

    code = "franceconnect.invalid_idp_hint"


class UnsupportedResponseType(RoundTripRefused):
    """Another response type than code was asked."""

    code = "franceconnect.unsupported_response_type"


class LoginRequired(RoundTripRefused):
    """FranceConnect wants the person to log in again."""

    code = "franceconnect.login_required"
    status = HTTPStatus.BAD_REQUEST


class ClientRefused(RoundTripRefused):
    """FranceConnect's token endpoint does not recognise us, or not this code."""

    code = "franceconnect.client_refused"


class RoundTripLost(RoundTripRefused):
    """The state is missing, unknown, used, too old, or another browser's."""

    code = "franceconnect.round_trip_lost"
    status = HTTPStatus.BAD_REQUEST


class UntrustedAnswer(RoundTripRefused):
    """An answer failed a check: nothing of it is kept and nothing more is asked."""

    code = "franceconnect.untrusted_answer"


class UntrustedReturn(UntrustedAnswer):
    """What the browser brought cannot be FranceConnect's answer; anybody can send such a thing."""

    status = HTTPStatus.BAD_REQUEST


class LowAcr(RoundTripRefused):
    """The person was identified at a lower level than was asked."""

    code = "franceconnect.low_acr"
    status = HTTPStatus.FORBIDDEN


class Disabled(RoundTripRefused):
    """FranceConnect is switched off."""

    code = "franceconnect.disabled"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class CreationDisabled(RoundTripRefused):
    """Creation through FranceConnect is switched off."""

    code = "franceconnect.creation_disabled"
    status = HTTPStatus.SERVICE_UNAVAILABLE


class ProviderDisabled(RoundTripRefused):
    """The identity provider that the person chose is switched off."""

    code = "franceconnect.provider_disabled"
    status = HTTPStatus.FORBIDDEN


class AnswerAwaited(RoundTripRefused):
    """FranceConnect sent the person here to log in: from there nobody goes to FranceConnect."""

    code = "franceconnect.answer_awaited"
    status = HTTPStatus.CONFLICT


class NotConfigured(RoundTripRefused):
    """This deployment has no FranceConnect."""

    code = "franceconnect.not_configured"
    status = HTTPStatus.NOT_FOUND


class IdentityExpired(Refusal):
    """The identity was already used, is older than its minutes, or another browser's."""

    code = "franceconnect.identity_expired"
    status = HTTPStatus.GONE


ANSWERED_ERRORS: Mapping[str, type[RoundTripRefused]] = {
    "access_denied": AccessDenied,
    "server_error": ServerError,
    "temporarily_unavailable": TemporarilyUnavailable,
    "invalid_scope": InvalidScope,
    "invalid_request": InvalidRequest,
    "invalid_acr": InvalidAcr,
    "invalid_idp_hint": InvalidIdpHint,
    "unsupported_response_type": UnsupportedResponseType,
    "login_required": LoginRequired,
    "interaction_required": LoginRequired,
}
"""The errors that FranceConnect sends to the callback (RFC 6749 §4.1.2.1, OIDC Core §3.1.2.6)."""


def answered_error(error: str) -> RoundTripRefused:
    """Return the refusal of an ``error`` parameter; the trail never holds a free text."""
    known = ANSWERED_ERRORS.get(error)
    return known(error) if known else RoundTripRefused("unknown_error")
