"""A person as a row at rest, and back: keyed digests to find it, personal data sealed."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from broker.base.crypto import KeyedHash, Vault
from broker.insured.birth_date import BirthDate
from broker.insured.matching import record_key
from broker.insured.model import InsuredPerson, NirStatus, Quality, Sex, VitaleStatus
from broker.insured.names import fold
from broker.insured.nir import Nir
from broker.insured.proofs import Iban, VitaleSerial
from broker.insured.tables import DIGEST, INSURED

_BETWEEN, _WITHIN = "\n", "|"  # a row of the file is one line, and its lists have bars

SealedRow = tuple[object, ...]
"""Values of every column but the last one, the moment of loading, in the table's order."""


@dataclass(frozen=True)
class RowSealer:
    """Seals persons into rows and opens rows."""

    vault: Vault
    index: KeyedHash

    def id_of(self, person: InsuredPerson) -> str:
        """Return the digest of nir, quality, birth date and given names (data/README.md)."""
        given_names = fold(person.given_names)
        identity = (person.nir.value, person.quality.value, str(person.birth_date), given_names)
        return urlsafe_b64encode(self._digest("row", "|".join(identity))).rstrip(b"=").decode()

    def nir_digest(self, nir: Nir) -> bytes:
        """Return what all rows of a number share."""
        return self._digest("nir", nir.value)

    def match_digest(self, key: str) -> bytes:
        """Return what all rows under one lookup key share."""
        return self._digest("match", key)

    def seal(self, insured_id: str, person: InsuredPerson) -> SealedRow:
        """Return the row of a person."""
        return (
            insured_id,
            self.nir_digest(person.nir),
            self.match_digest(record_key(person)) if person.in_own_right else None,
            self.vault.seal(INSURED.c.civil_status, _civil_status(person)),
            self.vault.seal(INSURED.c.proofs, _proofs(person)),
            person.nir_status.value,
            person.certified,
            person.quality.value,
            person.regime,
            person.rights_open,
            person.vitale_status.value,
        )

    def open(self, row: Row[Any]) -> InsuredPerson:
        """Return the person of a row."""
        civil = self.vault.open(INSURED.c.civil_status, row.civil_status).split(_BETWEEN)
        nir, birth_name, usage_name, given_names, sex, birth_date, birthplace, country = civil
        proofs = self.vault.open(INSURED.c.proofs, row.proofs).split(_BETWEEN)
        codes, ibans, serial = proofs
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
            postal_codes=tuple(_several(codes)),
            ibans=tuple(map(Iban, _several(ibans))),
            vitale_serial=VitaleSerial(serial) if serial else None,
            vitale_status=VitaleStatus(row.vitale_status),
        )

    def _digest(self, label: str, value: str) -> bytes:
        return self.index.digest(f"insured.{label}", value)[:DIGEST]


def _civil_status(person: InsuredPerson) -> str:
    return _BETWEEN.join((
        person.nir.value, person.birth_name, person.usage_name, person.given_names,
        person.sex.value, str(person.birth_date), person.birthplace, person.birthcountry,
    ))  # fmt: skip


def _proofs(person: InsuredPerson) -> str:
    serial = person.vitale_serial.value if person.vitale_serial else ""
    ibans = _WITHIN.join(iban.value for iban in person.ibans)
    return _BETWEEN.join((_WITHIN.join(person.postal_codes), ibans, serial))


def _several(text: str) -> list[str]:
    return text.split(_WITHIN) if text else []
