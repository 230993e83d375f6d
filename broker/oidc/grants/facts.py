"""What the trail may know of a token: its kind, a digest, its family and its parent."""

from dataclasses import replace
from typing import Any

from broker.audit.model import TokenFacts
from broker.base.clock import epoch
from broker.base.crypto import Secret, fingerprint
from broker.oidc.grants.model import AccessToken, Grant, RefreshToken
from broker.oidc.signed import key_of


def hash_prefix(token: Secret | str) -> str:
    """Return 16 bytes of the token's SHA-256: what a pasted token is looked up by."""
    return fingerprint(token)[:16].hex()


def of_access_token(text: Secret | str, token: AccessToken, grant: Grant) -> TokenFacts:
    """Tell of an access token that came back."""
    return TokenFacts(
        kind="access",
        jti=token.jti,
        hash_prefix=hash_prefix(text),
        family_id=grant.family_id,
        generation=token.generation,
        exp=epoch(token.expires_at),
        cnf=token.confirmation,
    )


def of_new_access_token(
    text: Secret, token: AccessToken, grant: Grant, parent: RefreshToken | None
) -> TokenFacts:
    """Tell of an access token that was just made; *parent* is the refresh token behind it."""
    return replace(
        of_access_token(text, token, grant),
        parent_jti=hash_prefix(parent.secret) if parent else None,
        kid=key_of(text.reveal()),
    )


def of_new_refresh_token(
    token: RefreshToken, grant: Grant, parent: RefreshToken | None
) -> TokenFacts:
    """Tell of a refresh token that was just made; *parent* is the one that it replaces."""
    return TokenFacts(
        kind="refresh",
        hash_prefix=hash_prefix(token.secret),
        family_id=grant.family_id,
        generation=grant.generation,
        parent_jti=hash_prefix(parent.secret) if parent else None,
        exp=epoch(grant.ends_at),
        cnf=grant.confirmation,
    )


def of_refresh_token(token: RefreshToken, grant: Grant) -> TokenFacts:
    """Tell of a refresh token that came back; its making has told the generation."""
    return TokenFacts(
        kind="refresh",
        hash_prefix=hash_prefix(token.secret),
        family_id=grant.family_id,
        cnf=grant.confirmation,
    )


def of_id_token(text: str, grant: Grant, sid: str, exp: int) -> TokenFacts:
    """Tell of an ID Token, with the session as its partner calls it."""
    return TokenFacts(
        kind="id",
        sid=sid,
        hash_prefix=hash_prefix(text),
        family_id=grant.family_id,
        generation=grant.generation,
        exp=exp,
        kid=key_of(text),
    )


def about(grant: Grant) -> dict[str, Any]:
    """Return what every event of a grant says of it."""
    return {
        "client_id": grant.client_id,
        "subject": grant.account_id,
        "auth_event_id": grant.auth_event_id,
        "session_ref": grant.sid,
        "code_ref": grant.family_id,
    }
