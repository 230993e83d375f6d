"""What happened once, and which events of CAEP 1.0 and RISC 1.0 tell it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from broker.accounts.model import Change
from broker.base.db import Transaction
from broker.clients.shared_signals import EventKind
from broker.oidc.grants.participants import Participation

Told = tuple[EventKind, Mapping[str, Any]]
_USER, _ADMIN = "user", "admin"  # CAEP 1.0 §2: initiating_entity


def _password(change_type: str, by: str) -> Told:
    """CAEP 1.0 §3.3."""
    details = {
        "credential_type": "password",
        "change_type": change_type,
        "initiating_entity": by,
    }
    return EventKind.CREDENTIAL_CHANGE, details


TOLD: Mapping[Change, tuple[Told, ...]] = {
    Change.SUSPENDED: ((EventKind.ACCOUNT_DISABLED, {}),),
    Change.REOPENED: ((EventKind.ACCOUNT_ENABLED, {}),),
    Change.CLOSED: ((EventKind.ACCOUNT_PURGED, {}),),
    Change.PASSWORD_CHOSEN: (_password("create", _USER),),
    Change.PASSWORD_CHANGED: (_password("update", _USER),),
    Change.ADDRESS_CHANGED: (
        (EventKind.IDENTIFIER_CHANGED, {}),
        (EventKind.RECOVERY_INFORMATION_CHANGED, {}),
    ),
    Change.INTRUSION_REPORTED: ((EventKind.CREDENTIAL_CHANGE_REQUIRED, {}),),
    Change.TAKEN_BACK: (
        (EventKind.CREDENTIAL_CHANGE_REQUIRED, {}),
        _password("revoke", _USER),
    ),
    Change.CUT_OFF: (
        (EventKind.CREDENTIAL_CHANGE_REQUIRED, {}),
        _password("revoke", _ADMIN),
    ),
}
"""In this order, each by a token of its own (SSF 1.0 §4.1.6: one event per token)."""

_BY_ADMIN = frozenset({"cut", "account_disabled"})
_NOT_REVOKED = frozenset({"logout", "replaced", "idle", "expired", "unused", "account"})


def all_over(reason: str) -> tuple[Told, ...]:
    """Return what tells that every session of a person was revoked."""
    return ((EventKind.SESSION_REVOKED, _revoked(reason)), (EventKind.SESSIONS_REVOKED, {}))


def one_over(reason: str) -> tuple[Told, ...]:
    """Return what tells that one session was revoked; nothing where it came to its usual end.

    A person who logs out, and time, end sessions too: of that, logout notices tell.
    """
    return () if reason in _NOT_REVOKED else ((EventKind.SESSION_REVOKED, _revoked(reason)),)


def _revoked(reason: str) -> Mapping[str, Any]:
    return {"initiating_entity": _ADMIN if reason in _BY_ADMIN else _USER}


@dataclass
class Cause:
    """What is told of one transaction: who was concerned when it began, what was told already."""

    reference: str = field(default_factory=lambda: secrets.token_hex(16))
    concerned: dict[str, Participation] = field(default_factory=dict)
    all_over: set[tuple[str, str]] = field(default_factory=set)
    """Accounts and partners that were told of the end of every session."""

    @classmethod
    def of(cls, transaction: Transaction) -> "Cause":
        """Return the cause that the transaction stands for."""
        found: Cause = transaction.kept.setdefault(cls, cls())
        return found
