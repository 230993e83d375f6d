"""Drafts of unfinished journeys: sealed, bound to a browser, forgotten after a while."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from broker.accounts.model import UpstreamIdentity
from broker.base.crypto import Secret, Vault
from broker.base.db import Base, Database, Instant, Sealed, table
from broker.insured.nir import Nir
from broker.signup.machine import Step, Way
from broker.signup.model import Draft


class DraftRow(Base):
    """One journey; ``id`` is the fingerprint of its cookie."""

    __tablename__ = "signup_draft"

    id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    browser: Mapped[str] = mapped_column(String(64))
    way: Mapped[str] = mapped_column(String(16))
    step: Mapped[str] = mapped_column(String(16))
    state: Mapped[bytes] = mapped_column(Sealed)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


DRAFT = table(DraftRow)


@dataclass(frozen=True)
class DraftStore:
    """Writes and finds drafts."""

    db: Database
    vault: Vault

    def add(self, draft: Draft, browser: str, expires_at: datetime) -> None:
        """Insert a new journey."""
        values = {"id": draft.id, "browser": browser, "way": str(draft.way)}
        self.db.insert_unless_present(DRAFT, values | self._progress(draft, expires_at))

    def get(self, draft_id: bytes, browser: str, now: datetime) -> Draft | None:
        """Return the journey of this browser, unless it has expired."""
        row = self.db.one(
            select(DRAFT).where(
                DRAFT.c.id == draft_id, DRAFT.c.browser == browser, DRAFT.c.expires_at >= now
            )
        )
        if row is None:
            return None
        state = json.loads(self.vault.open(DRAFT.c.state, row.state))
        return _draft(draft_id, Way(row.way), Step(row.step), state)

    def save(self, draft: Draft, expires_at: datetime, *, after: Step) -> bool:
        """Write what changed; False when another request has moved the journey from *after*."""
        moved = self.db.execute(
            update(DRAFT)
            .where(DRAFT.c.id == draft.id, DRAFT.c.step == str(after))
            .values(**self._progress(draft, expires_at))
        )
        return moved.rowcount == 1

    def step_of(self, draft_id: bytes) -> Step | None:
        """Return where a journey stands."""
        step = self.db.scalar(select(DRAFT.c.step).where(DRAFT.c.id == draft_id))
        return Step(step) if step else None

    def remove(self, draft_id: bytes) -> None:
        """Erase a journey."""
        self.db.execute(delete(DRAFT).where(DRAFT.c.id == draft_id))

    def purge(self, now: datetime) -> int:
        """Erase expired journeys; return how many."""
        return self.db.execute(delete(DRAFT).where(DRAFT.c.expires_at < now)).rowcount

    def _progress(self, draft: Draft, expires_at: datetime) -> dict[str, Any]:
        state = self.vault.seal(DRAFT.c.state, json.dumps(_state(draft)))
        return {"step": str(draft.step), "state": state, "expires_at": expires_at}


def _state(draft: Draft) -> dict[str, Any]:
    accepted = draft.terms_accepted_at
    return {
        "reference": draft.reference,
        "insured_id": draft.insured_id,
        "nir": draft.nir.value if draft.nir else None,
        "typed": draft.typed,
        "suggested_email": draft.suggested_email,
        "upstream": [draft.upstream.iss, draft.upstream.sub] if draft.upstream else None,
        "trip": draft.trip,
        "terms_accepted_at": accepted.isoformat() if accepted else None,
        "password_hash": draft.password_hash.reveal() if draft.password_hash else None,
        "masked_email": draft.masked_email,
    }


def _draft(draft_id: bytes, way: Way, step: Step, state: dict[str, Any]) -> Draft:
    accepted, hashed = state["terms_accepted_at"], state["password_hash"]
    return Draft(
        id=draft_id,
        reference=state["reference"],
        way=way,
        step=step,
        insured_id=state["insured_id"],
        nir=Nir(state["nir"]) if state["nir"] else None,
        typed=state["typed"],
        suggested_email=state["suggested_email"],
        upstream=UpstreamIdentity(*state["upstream"]) if state["upstream"] else None,
        trip=state.get("trip"),  # a draft of the release before has none
        terms_accepted_at=datetime.fromisoformat(accepted) if accepted else None,
        password_hash=Secret(hashed) if hashed else None,
        masked_email=state["masked_email"],
    )
