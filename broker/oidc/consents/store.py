"""Where it is kept what people agreed to: one row per person and partner."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, select, update

from broker.base.db import Database
from broker.base.statements import Prepared
from broker.oidc.consents.model import Consent
from broker.oidc.consents.tables import CONSENT
from broker.sessions.tables import SESSION

_PRESENT = select(CONSENT).where(
    CONSENT.c.account_id == bindparam("account_id"), CONSENT.c.client_id == bindparam("client_id")
)
_OF, _HELD = Prepared(_PRESENT), Prepared(_PRESENT.with_for_update())
_HELD_IN_SESSION = Prepared(
    select(CONSENT)
    .join(SESSION, SESSION.c.account_id == CONSENT.c.account_id)
    .where(
        SESSION.c.sid == bindparam("sid"),
        SESSION.c.ended_at.is_(None),
        CONSENT.c.client_id == bindparam("client_id"),
    )
    .with_for_update(read=True)
)


@dataclass(frozen=True)
class ConsentStore:
    """Reads and writes consents."""

    db: Database

    def of(self, account_id: str, client_id: str) -> Consent | None:
        """Return what the person agreed to for that partner."""
        row = self.db.one(_OF, account_id=account_id, client_id=client_id)
        return _consent(row) if row else None

    def hold(self, account_id: str, client_id: str) -> Consent | None:
        """Return what the person agreed to, and keep it from changing before the transaction ends.

        What a transaction gives on its strength is given before the consent ends, and ends then.
        """
        row = self.db.one(_HELD, account_id=account_id, client_id=client_id)
        return _consent(row) if row else None

    def hold_in_session(self, sid: str, client_id: str) -> Consent | None:
        """Return what the person of a session agreed to, and keep both from ending, as ``hold``.

        None where there is no consent, or the session has ended.
        """
        row = self.db.one(_HELD_IN_SESSION, sid=sid, client_id=client_id)
        return _consent(row) if row else None

    def every(self, account_id: str) -> list[Consent]:
        """Return what the person agreed to, the newest first."""
        rows = self.db.all(
            select(CONSENT)
            .where(CONSENT.c.account_id == account_id)
            .order_by(CONSENT.c.given_at.desc(), CONSENT.c.client_id)
        )
        return [_consent(row) for row in rows]

    def given_to(self, client_id: str) -> list[tuple[frozenset[str], str, int]]:
        """Return what people agreed to for a partner: the data, the wording, how many people."""
        rows = self.db.all(
            select(CONSENT.c.data, CONSENT.c.version, func.count().label("number"))
            .where(CONSENT.c.client_id == client_id)
            .group_by(CONSENT.c.data, CONSENT.c.version)
        )
        return [(frozenset(row.data.split()), row.version, row.number) for row in rows]

    def keep(self, account_id: str, consent: Consent) -> None:
        """Keep a consent in place of the one before."""
        values = {
            "data": " ".join(sorted(consent.data)),
            "version": consent.version,
            "given_at": consent.given_at,
        }
        about = {"account_id": account_id, "client_id": consent.client_id}
        if not self.db.insert_unless_present(CONSENT, about | values):
            self.db.execute(
                update(CONSENT).where(*_about(account_id, consent.client_id)).values(**values)
            )

    def remove(self, account_id: str, client_id: str) -> bool:
        """Forget a consent; False when there is none."""
        done = self.db.execute(delete(CONSENT).where(*_about(account_id, client_id)))
        return done.rowcount == 1

    def forget(self, account_id: str) -> None:
        """Forget all that a person agreed to; their account is removed."""
        self.db.execute(delete(CONSENT).where(CONSENT.c.account_id == account_id))


def _about(account_id: str, client_id: str) -> tuple[Any, Any]:
    return CONSENT.c.account_id == account_id, CONSENT.c.client_id == client_id


def _consent(row: Row[Any]) -> Consent:
    return Consent(
        client_id=row.client_id,
        data=frozenset(row.data.split()),
        version=row.version,
        given_at=row.given_at,
    )
