"""The register's tables: rows found by keyed digests, personal data sealed."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, Row, Select, String, Text, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.crypto import KeyedHash, Vault
from broker.base.db import Base, Database, Instant, Sealed, table
from broker.insured.birth_date import BirthDate
from broker.insured.matching import record_key
from broker.insured.model import InsuredPerson, NirStatus, Quality, Sex, VitaleStatus
from broker.insured.names import fold
from broker.insured.nir import Nir
from broker.insured.proofs import Iban, VitaleSerial

_DIGEST = 16  # bytes kept of each digest: 128 bits


class InsuredRow(Base):
    """One row of the register; ``id`` is the keyed digest of what identifies it."""

    __tablename__ = "insured_person"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    nir_index: Mapped[bytes] = mapped_column(LargeBinary(_DIGEST), index=True)
    match_index: Mapped[bytes | None] = mapped_column(LargeBinary(_DIGEST), index=True)
    """Absent for dependants, who are never candidates."""
    civil_status: Mapped[bytes] = mapped_column(Sealed)
    proofs: Mapped[bytes] = mapped_column(Sealed)
    nir_status: Mapped[str] = mapped_column(String(16))
    certified: Mapped[bool]
    quality: Mapped[str] = mapped_column(String(16))
    regime: Mapped[str] = mapped_column(String(16))
    rights_open: Mapped[bool]
    vitale_status: Mapped[str] = mapped_column(String(16))
    loaded_at: Mapped[datetime] = mapped_column(Instant)


class DecisionRow(Base):
    """The decision record behind a reference shown on a page; it holds no value of a person."""

    __tablename__ = "insured_decision"

    reference: Mapped[str] = mapped_column(String(16), primary_key=True)
    decided_at: Mapped[datetime] = mapped_column(Instant, index=True)
    body: Mapped[str] = mapped_column(Text)


INSURED = table(InsuredRow)
DECISION = table(DecisionRow)
_UPDATED = [column.name for column in INSURED.columns if not column.primary_key]


@dataclass(frozen=True)
class Registered:
    """A row of the register with its identifier."""

    id: str
    person: InsuredPerson


@dataclass(frozen=True)
class InsuredStore:
    """Writes and finds rows of the register."""

    db: Database
    vault: Vault
    index: KeyedHash

    def save(self, people: Iterable[InsuredPerson], at: datetime) -> list[Registered]:
        """Insert or update the rows, in a transaction; of rows with one id the last one holds."""
        registered = {(row := Registered(self._id(person), person)).id: row for person in people}
        if registered:
            values = [self._values(row, at) for row in registered.values()]
            self.db.execute(self._upsert(), values)
        return list(registered.values())

    def get(self, insured_id: str) -> InsuredPerson | None:
        """Return one row."""
        row = self.db.one(select(INSURED).where(INSURED.c.id == insured_id))
        return self._person(row) if row else None

    def of_nir(self, nir: Nir) -> list[Registered]:
        """Return the holder's rows and those of the dependants, in the order of loading."""
        return self._found(select(INSURED).where(INSURED.c.nir_index == self._nir_digest(nir)))

    def candidates(self, keys: Iterable[str]) -> list[Registered]:
        """Return the rows under any of the lookup keys, in the order of loading."""
        digests = [self._digest("match", key) for key in keys]
        return self._found(select(INSURED).where(INSURED.c.match_index.in_(digests)))

    def keep_decision(self, reference: str, record: dict[str, Any], at: datetime) -> None:
        """Keep a decision record under its reference; the first one of a reference holds."""
        body = json.dumps(record, ensure_ascii=False, sort_keys=True)
        values = {"reference": reference, "decided_at": at, "body": body}
        self.db.insert_unless_present(DECISION, values)

    def decision(self, reference: str) -> dict[str, Any] | None:
        """Return the record kept under that reference."""
        body = self.db.scalar(select(DECISION.c.body).where(DECISION.c.reference == reference))
        return dict(json.loads(body)) if body else None

    def purge_decisions(self, before: datetime) -> int:
        """Delete older records; return how many."""
        return self.db.execute(delete(DECISION).where(DECISION.c.decided_at < before)).rowcount

    def _found(self, statement: Select[Any]) -> list[Registered]:
        rows = self.db.all(statement.order_by(INSURED.c.loaded_at, INSURED.c.id))
        return [Registered(row.id, self._person(row)) for row in rows]

    def _upsert(self) -> Any:  # noqa: ANN401 - the two dialects have no common type
        insert = sqlite.insert if self.db.engine.dialect.name == "sqlite" else postgresql.insert
        statement = insert(INSURED)
        updated = {name: statement.excluded[name] for name in _UPDATED}
        return statement.on_conflict_do_update(index_elements=[INSURED.c.id], set_=updated)

    def _id(self, person: InsuredPerson) -> str:
        """Return the digest of nir, quality, birth date and given names (data/README.md)."""
        identity = (
            person.nir.value, person.quality, str(person.birth_date), fold(person.given_names),
        )  # fmt: skip
        return urlsafe_b64encode(self._digest("row", "|".join(identity))).rstrip(b"=").decode()

    def _nir_digest(self, nir: Nir) -> bytes:
        return self._digest("nir", nir.value)

    def _digest(self, label: str, value: str) -> bytes:
        return self.index.digest(f"insured.{label}", value)[:_DIGEST]

    def _values(self, row: Registered, at: datetime) -> dict[str, Any]:
        person = row.person
        key = self._digest("match", record_key(person)) if person.in_own_right else None
        return {
            "id": row.id,
            "nir_index": self._nir_digest(person.nir),
            "match_index": key,
            "civil_status": self.vault.seal(INSURED.c.civil_status, _civil_status(person)),
            "proofs": self.vault.seal(INSURED.c.proofs, _proofs(person)),
            "nir_status": str(person.nir_status),
            "certified": person.certified,
            "quality": str(person.quality),
            "regime": person.regime,
            "rights_open": person.rights_open,
            "vitale_status": str(person.vitale_status),
            "loaded_at": at,
        }

    def _person(self, row: Row[Any]) -> InsuredPerson:
        civil = json.loads(self.vault.open(INSURED.c.civil_status, row.civil_status))
        nir, birth_name, usage_name, given_names, sex, birth_date, birthplace, country = civil
        codes, ibans, serial = json.loads(self.vault.open(INSURED.c.proofs, row.proofs))
        return InsuredPerson(
            nir=Nir(nir),
            nir_status=NirStatus(row.nir_status),
            certified=row.certified,
            quality=Quality(row.quality),
            birth_name=birth_name,
            usage_name=usage_name,
            given_names=given_names,
            sex=Sex(sex),
            birth_date=BirthDate.iso(birth_date),
            birthplace=birthplace,
            birthcountry=country,
            regime=row.regime,
            rights_open=row.rights_open,
            postal_codes=tuple(codes),
            ibans=tuple(map(Iban, ibans)),
            vitale_serial=VitaleSerial(serial) if serial else None,
            vitale_status=VitaleStatus(row.vitale_status),
        )


def _civil_status(person: InsuredPerson) -> str:
    return _compact([
        person.nir.value, person.birth_name, person.usage_name, person.given_names,
        person.sex, str(person.birth_date), person.birthplace, person.birthcountry,
    ])  # fmt: skip


def _proofs(person: InsuredPerson) -> str:
    serial = person.vitale_serial.value if person.vitale_serial else ""
    ibans = [iban.value for iban in person.ibans]
    return _compact([person.postal_codes, ibans, serial])


def _compact(values: Sequence[object]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))
