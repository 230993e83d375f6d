"""Grants and the tokens made of them: as they are kept, and as they are counted."""

from dataclasses import dataclass, field
from datetime import datetime

from broker.base.crypto import Secret, fingerprint


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One authorization: its code, then the tokens made of it, die together.

    ``userinfo_claims`` and ``id_token_claims`` were asked by name, beside the scopes;
    ``generation`` counts the refreshes.
    """

    code_digest: bytes = field(repr=False)
    client_id: str
    account_id: str
    sid: str
    browser: str
    auth_event_id: str
    auth_time: datetime
    acr: str
    amr: tuple[str, ...]
    scopes: tuple[str, ...]
    redirect_uri: str
    code_challenge: str | None = None
    nonce: str | None = field(default=None, repr=False)
    userinfo_claims: tuple[str, ...] = ()
    id_token_claims: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    """The resource servers that were asked (RFC 8707); none: no limit was."""
    confirmation: str | None = None
    """Thumbprint of the key that has to be proved with the code, then with the refresh token.

    None: a bearer's. A confidential client's refresh token is protected by the client's own
    proof instead, so that it may change its key (RFC 9449 §5).
    """
    offline: bool = False
    """Whether it outlives the session (OpenID Connect Core §11)."""
    generation: int = 0
    created_at: datetime
    ends_at: datetime
    """When the refresh token ends, however often it is used."""
    barred: bool = False
    """Whether its holder could no longer log in when it was read."""

    @property
    def family_id(self) -> str:
        """Names the grant in the trail."""
        return family_id(self.code_digest)


@dataclass(frozen=True, kw_only=True)
class Bonds:
    """What a token request shows of all that a code is bound to."""

    client_id: str
    redirect_uri: str
    challenge: str | None
    proved: str | None
    """Thumbprint of the key that the request proves."""


@dataclass(frozen=True, kw_only=True)
class GrantState:
    """A grant as it is kept, whatever became of it."""

    grant: Grant
    redeemed: bool
    revoked: bool
    expires_at: datetime
    """When its code, or what came of it, expires unless it is used."""

    def over(self, now: datetime) -> str | None:
        """Return why nothing of it is worth anything any more, or None."""
        if self.revoked:
            return "revoked"
        return "expired" if min(self.expires_at, self.grant.ends_at) <= now else None


@dataclass(frozen=True, kw_only=True)
class AccessToken:
    """What one access token says; opaque or signed (RFC 9068), it is known by its digest."""

    scopes: tuple[str, ...]
    resource: str | None
    """The one resource server that it is for; None: our own userinfo."""
    generation: int
    jti: str | None = None
    confirmation: str | None = None
    issued_at: datetime
    expires_at: datetime

    @property
    def token_type(self) -> str:
        """How it is used: with proofs of the key that it is bound to, or by whoever has it."""
        return "DPoP" if self.confirmation else "Bearer"


@dataclass(frozen=True)
class RefreshToken:
    """A refresh token that we made; it names its grant, which is no secret."""

    secret: Secret
    code_digest: bytes

    @property
    def digest(self) -> bytes:
        """What is kept of it."""
        return fingerprint(self.secret)


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """When a grant that is used now expires unless it is used again: two limits, by its kind."""

    in_session: datetime
    offline: datetime


@dataclass(frozen=True, kw_only=True)
class GrantReach:
    """Which grants are meant: those that have all that is named; every one where nothing is."""

    family_id: str | None = None
    auth_event_id: str | None = None
    account_id: str | None = None
    client_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class GrantsReached:
    """How much of them is good now: unredeemed codes, families, their people and partners."""

    codes: int
    families: int
    people: int
    partners: int


def family_id(code_digest: bytes) -> str:
    """Return the name of a grant in the trail: the first 16 bytes of its code's digest."""
    return code_digest[:16].hex()
