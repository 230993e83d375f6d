"""Answers by idempotency key at rest: sealed; key and request are keyed digests."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import LargeBinary, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from broker.api.model import Answer, Claim
from broker.base.crypto import Vault
from broker.base.db import Base, Database, Instant, Sealed, table


class AnswerRow(Base):
    """One request; without an answer it is under way, or its process died."""

    __tablename__ = "api_answer"

    id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    request: Mapped[bytes] = mapped_column(LargeBinary(32))
    answer: Mapped[bytes | None] = mapped_column(Sealed)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


ANSWER = table(AnswerRow)


@dataclass(frozen=True)
class AnswerStore:
    """Claims keys, keeps and finds answers."""

    db: Database
    vault: Vault

    def claim(self, claim: Claim, request: bytes, now: datetime) -> bool:
        """Take the key unless it is taken; one that has expired, answered or not, is free."""
        self.db.execute(delete(ANSWER).where(ANSWER.c.id == claim.id, ANSWER.c.expires_at <= now))
        values = {"id": claim.id, "request": request, "expires_at": claim.until}
        return self.db.insert_unless_present(ANSWER, values)

    def find(self, key: bytes) -> tuple[bytes, Answer | None] | None:
        """Return the digest of the request that took the key, and its answer once there is one."""
        row = self.db.one(select(ANSWER.c.request, ANSWER.c.answer).where(ANSWER.c.id == key))
        if row is None:
            return None
        request, sealed = row
        if sealed is None:
            return request, None
        return request, Answer(**json.loads(self.vault.open(ANSWER.c.answer, sealed)))

    def keep(self, claim: Claim, answer: Answer, expires_at: datetime) -> None:
        """Keep the answer of that claim, unless another claim has replaced it."""
        sealed = self.vault.seal(ANSWER.c.answer, json.dumps(asdict(answer)))
        self.db.execute(
            update(ANSWER)
            .where(ANSWER.c.id == claim.id, ANSWER.c.expires_at == claim.until)
            .values(answer=sealed, expires_at=expires_at)
        )

    def release(self, claim: Claim) -> None:
        """Free the key, unless another claim has replaced it."""
        mine = (ANSWER.c.id == claim.id, ANSWER.c.expires_at == claim.until)
        self.db.execute(delete(ANSWER).where(*mine))

    def purge(self, now: datetime) -> int:
        """Erase what has expired; return how many."""
        return self.db.execute(delete(ANSWER).where(ANSWER.c.expires_at <= now)).rowcount
