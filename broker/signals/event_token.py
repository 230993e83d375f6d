"""Security event tokens (RFC 8417), as SSF 1.0 §4 narrows them."""

from dataclasses import dataclass
from typing import Any

from broker.base.clock import epoch
from broker.clients.model import Client
from broker.clients.shared_signals import EventKind
from broker.oidc.claims.subjects import Subjects
from broker.oidc.signed import Signer
from broker.signals.model import VERIFICATION, Signal, stream_id

ALGORITHM = "RS256"  # CAEP interoperability profile 1.0 §2.6; the one for every receiver
MEDIA_TYPE = "application/secevent+jwt"
_TYPE = "secevent+jwt"
_VERIFICATION = "https://schemas.openid.net/secevent/ssf/event-type/verification"


@dataclass(frozen=True)
class EventTokens:
    """Never with ``sub`` or ``exp``: no token of another kind can pass for one, nor one for it."""

    signer: Signer
    subjects: Subjects
    issuer: str

    def issue(self, client: Client, signal: Signal) -> str:
        """Return the token of one event, the same at each try but for the key that signs it."""
        claims = {
            "iss": self.issuer,
            "aud": client.client_id,
            "iat": epoch(signal.created_at),
            "jti": signal.id,
            "txn": signal.txn,
            "sub_id": self._subject(client, signal),
            "events": {_uri(signal.kind): dict(signal.details)},
        }
        return self.signer.sign(ALGORITHM, claims, kind=_TYPE)

    def _subject(self, client: Client, signal: Signal) -> dict[str, Any]:
        """Name whom it is about as this receiver does (RFC 9493; SSF 1.0 §3)."""
        if signal.account_id is None:
            return {"format": "opaque", "id": stream_id(client.client_id)}
        if signal.address is not None:
            return {"format": "email", "email": signal.address.reveal()}
        person = {
            "format": "iss_sub",
            "iss": self.issuer,
            "sub": self.subjects.sub(client, signal.account_id),
        }
        if signal.sid is None:
            return person
        session = {"format": "opaque", "id": self.subjects.sid(client, signal.sid)}
        return {"format": "complex", "user": person, "session": session}


def _uri(kind: str) -> str:
    return _VERIFICATION if kind == VERIFICATION else EventKind(kind).uri
