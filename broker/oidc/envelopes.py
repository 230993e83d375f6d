"""Encrypted answers (OpenID Connect Core §10.2): the key is found before anything is spent."""

from dataclasses import dataclass, field

from joserfc.jwk import Key

from broker.audit.log import AuditLog
from broker.base.jwe import sealed_for
from broker.clients.keys import PartnerKeys
from broker.clients.model import Client, KeysUnavailable
from broker.oidc.errors import ServerError
from broker.oidc.events import EncryptionFailed


@dataclass(frozen=True)
class Envelope:
    """What an answer leaves in; an open one where the client registered no encryption."""

    algorithm: str | None = None
    key: Key | None = field(default=None, repr=False)

    @property
    def closes(self) -> bool:
        """Whether only the client can read what is inside."""
        return self.key is not None

    def around(self, content: str, *, nested: bool) -> str:
        """Return *content* as it leaves; *nested*: it is a signed JWT."""
        if self.algorithm is None or self.key is None:
            return content
        return sealed_for(self.key, self.algorithm, content, nested=nested)


@dataclass(frozen=True)
class Envelopes:
    """Gives the envelope of an answer; may call the client, hence never inside a transaction."""

    keys: PartnerKeys
    audit: AuditLog

    def for_id_token(self, client: Client) -> Envelope:
        """Return the envelope of an ID Token, or raise ServerError: nothing leaves in the open."""
        return self._envelope(client, client.id_token_encrypted_response_alg)

    def for_userinfo(self, client: Client) -> Envelope:
        """Return the envelope of userinfo, likewise."""
        return self._envelope(client, client.userinfo_encrypted_response_alg)

    def _envelope(self, client: Client, algorithm: str | None) -> Envelope:
        if algorithm is None:
            return Envelope()
        try:
            return Envelope(algorithm, self.keys.encrypting(client, algorithm))
        except KeysUnavailable as unavailable:
            failed = EncryptionFailed(client_id=client.client_id, reason_code=unavailable.reason)
            self.audit.record(failed)
        raise ServerError("the answer cannot be encrypted: no key of the client serves")
