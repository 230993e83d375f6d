"""Evidence of tokens: a partner gets the proof that the trail holds what was issued to it."""

import json
import re
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from broker.audit.log import AuditLog
from broker.audit.model import Actor, Outcome, TokenFacts
from broker.audit.proofs.evidence import Line, NotSigned
from broker.audit.proofs.partner_proofs import PartnerProofs
from broker.audit.sealing.checkpoint import Checkpoint
from broker.audit.sealing.note import NoteRefused
from broker.audit.sealing.tree_store import TrailBroken
from broker.base.counters import Counters
from broker.base.db import Database
from broker.base.errors import Throttled
from broker.base.limits import Limits
from broker.clients.directory import Clients
from broker.clients.model import AuthMethod, Client
from broker.oidc.errors import (
    EvidencePending,
    InvalidRequest,
    ServerError,
    UnauthorizedClient,
    UnknownToken,
)
from broker.oidc.grants.facts import hash_prefix
from broker.oidc.parameters import Parameters
from broker.oidc.proofs.client_auth import ClientAuthentication
from broker.oidc.tokens.events import EvidenceGiven

_SHA256 = re.compile("[0-9a-f]{64}")


class Named(NamedTuple):
    """How a token is named: by the column of the trail that may hold this value."""

    column: str
    value: str

    @classmethod
    def of(cls, form: Parameters) -> Self:
        """Read the one of ``token``, ``token_sha256`` and ``jti`` that was sent."""
        token, digest, jti = map(form.get, ("token", "token_sha256", "jti"))
        if [token, digest, jti].count(None) != 2:  # noqa: PLR2004 - one of three
            raise InvalidRequest("one of token, token_sha256 and jti is required")
        if jti is not None:
            return cls("made_jti", jti)
        if digest is not None and not _SHA256.fullmatch(digest):
            raise InvalidRequest("token_sha256 is 64 hexadecimal digits in lower case")
        return cls("made_ref", digest[:32] if digest else hash_prefix(token or ""))


@dataclass(frozen=True)
class TokenEvidence:
    """Proves tokens to the client that they were issued to; to others they are all unknown."""

    authentication: ClientAuthentication
    clients: Clients
    counters: Counters
    limits: Limits
    proofs: PartnerProofs
    audit: AuditLog
    db: Database

    def answer(self, form: Parameters, authorization: str | None) -> list[Line]:
        """Return the lines of evidence of the client's own token."""
        form.require_single()
        client = self.authentication.authenticate(form, authorization)
        if client.token_endpoint_auth_method is AuthMethod.NONE:
            raise UnauthorizedClient("a client without credentials is given no evidence")
        named, older = Named.of(form), self._older(form.get("checkpoint"))
        self._count(client)
        return self.give(client.client_id, named, older, _asked_by(client))

    def give(
        self, client_id: str, named: Named, older: Checkpoint | None, asked_by: dict[str, Any]
    ) -> list[Line]:
        """Return the lines for whoever may see what this client may; recorded either way."""
        body = self.proofs.find(client_id, *named)
        if body is None:
            # Another text than a partner's name may be the token itself, typed in its place.
            known = self.clients.registered(client_id)
            self._refuse("unknown", {**asked_by, "client_id": known and client_id})
            raise UnknownToken("no such token was issued to this client")
        asked_by = {**asked_by, "client_id": client_id, **_about(json.loads(body))}
        try:
            lines = self.proofs.prove(body, older)
        except NotSigned:
            self._refuse("pending", asked_by)
            raise EvidencePending from None
        except TrailBroken:
            self._refuse("broken", asked_by)
            raise ServerError("the trail does not prove this token; tell us") from None
        self.audit.record(EvidenceGiven(**asked_by))
        return lines

    def _older(self, note: str | None) -> Checkpoint | None:
        try:
            return self.proofs.opened(note) if note is not None else None
        except NoteRefused:
            raise InvalidRequest("checkpoint is none that this log signed") from None

    def _count(self, client: Client) -> None:
        """Take one question of this client; only who proved to be it uses them up."""
        count, window = self.limits.token_evidence_count, self.limits.token_evidence_window
        try:
            with self.db.transaction():
                self.counters.take("token evidence", client.client_id, count=count, window=window)
        except Throttled:
            self._refuse("limited", {**_asked_by(client), "client_id": client.client_id})
            raise

    def _refuse(self, reason: str, asked_by: dict[str, Any]) -> None:
        self.audit.record(EvidenceGiven(**asked_by, outcome=Outcome.FAILURE, reason_code=reason))


def _asked_by(client: Client) -> dict[str, Any]:
    return {
        "actor": Actor(kind="client", ref=client.client_id),
        "client_auth_method": str(client.token_endpoint_auth_method),
    }


def _about(issued: dict[str, Any]) -> dict[str, Any]:
    """Return what leads from this event to the token's: its login, its code, its digest."""
    token = issued["token"]
    return {
        "auth_event_id": issued.get("auth_event_id"),
        "code_ref": issued.get("code_ref"),
        "token": TokenFacts(kind=token["kind"], hash_prefix=token["hash_prefix"]),
    }
