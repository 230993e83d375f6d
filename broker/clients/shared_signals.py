"""What a partner's file says of shared signals: where security events are sent, and which."""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from broker.clients.addresses import Address

SHORTEST_HEADER = 32  # characters: as a client_secret
_CREDENTIALS = re.compile(r"[!-~]+( [!-~]+)*")  # RFC 9110 §11.4, in one line
_CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
_RISC = "https://schemas.openid.net/secevent/risc/event-type/"


class EventKind(StrEnum):
    """An event of CAEP 1.0 or RISC 1.0, by the last part of its address."""

    SESSION_REVOKED = "session-revoked"
    CREDENTIAL_CHANGE = "credential-change"
    ACCOUNT_DISABLED = "account-disabled"
    ACCOUNT_ENABLED = "account-enabled"
    ACCOUNT_PURGED = "account-purged"
    IDENTIFIER_CHANGED = "identifier-changed"
    RECOVERY_INFORMATION_CHANGED = "recovery-information-changed"
    CREDENTIAL_CHANGE_REQUIRED = "account-credential-change-required"
    SESSIONS_REVOKED = "sessions-revoked"

    @property
    def uri(self) -> str:
        """The event's address, which names it in a token."""
        return (_CAEP if self.of_caep else _RISC) + self.value

    @property
    def of_caep(self) -> bool:
        """Whether CAEP defines it: its events tell when they happened, and who acted."""
        return self in {EventKind.SESSION_REVOKED, EventKind.CREDENTIAL_CHANGE}


# Sent to those alone that ask: session-revoked and recovery-information-changed say the same (RISC
# 1.0 §2.11, and §2.5 for a provider that is not the one of the address).
_ON_DEMAND = frozenset({EventKind.SESSIONS_REVOKED, EventKind.IDENTIFIER_CHANGED})
USUAL = tuple(kind for kind in EventKind if kind not in _ON_DEMAND)


def _checked_header(header: SecretStr) -> SecretStr:
    if not _CREDENTIALS.fullmatch(header.get_secret_value()):
        raise ValueError("a scheme and its credentials, in one line of printable ASCII")
    return header


class SharedSignals(BaseModel):
    """The one event stream of a client (SSF 1.0 §8.1.1), pushed to it (RFC 8935)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    endpoint_url: Address
    events: tuple[EventKind, ...] = Field(default=USUAL, min_length=1)
    authorization_header: (
        Annotated[
            SecretStr,
            Field(min_length=SHORTEST_HEADER, max_length=1_024),
            AfterValidator(_checked_header),
        ]
        | None
    ) = None
    """In the file alone: it is kept sealed, beside the registration."""

    def without_header(self) -> "SharedSignals":
        """Return what may be told of the stream."""
        return self.model_copy(update={"authorization_header": None})
