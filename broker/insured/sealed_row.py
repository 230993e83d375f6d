"""A person as a row at rest, and back: keyed digests to find it, personal data sealed."""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from broker.base.bulk import Columns
from broker.base.crypto import KeyedHash, Vault
from broker.insured.birth_date import BirthDate
from broker.insured.matching import record_key
from broker.insured.model import InsuredPerson, NirStatus, Quality, Sex, VitaleStatus
from broker.insured.names import fold
from broker.insured.nir import Nir
from broker.insured.proofs import Iban, VitaleSerial
from broker.insured.tables import DIGEST, INSURED

_ID = 22  # characters of a digest, without padding
_BETWEEN, _WITHIN = "\n", "|"  # a row of the file is one line, and its lists have bars


@dataclass(frozen=True)
class RowSealer:
    """Seals persons into rows and opens rows."""

    vault: Vault
    index: KeyedHash

    def ids(self, people: Iterable[InsuredPerson]) -> list[str]:
        """Return the digests of nir, quality, birth date and given names (data/README.md)."""
        digests = self._digests("row", map(_identity, people))
        return [urlsafe_b64encode(digest)[:_ID].decode() for digest in digests]

    def nir_digest(self, nir: Nir) -> bytes:
        """Return what all rows of a number share."""
        return self._digests("nir", [nir.value])[0]

    def match_digests(self, keys: Iterable[str]) -> list[bytes]:
        """Return what all rows under each lookup key share."""
        return self._digests("match", keys)

    def seal(self, people: Mapping[str, InsuredPerson]) -> Columns:
        """Return the columns of people by their ids, but for the moment of loading."""
        rows = people.values()
        return {
            "id": list(people),
            "nir_index": self._digests("nir", (row.nir.value for row in rows)),
            "match_index": self._match_indexes(rows),
            "civil_status": self.vault.seal_all(INSURED.c.civil_status, map(_civil_status, rows)),
            "proofs": self.vault.seal_all(INSURED.c.proofs, map(_proofs, rows)),
            "nir_status": [str(row.nir_status) for row in rows],
            "certified": [row.certified for row in rows],
            "quality": [str(row.quality) for row in rows],
            "regime": [row.regime for row in rows],
            "rights_open": [row.rights_open for row in rows],
            "vitale_status": [str(row.vitale_status) for row in rows],
        }

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

    def _match_indexes(self, rows: Iterable[InsuredPerson]) -> list[bytes | None]:
        keys = [record_key(row) if row.in_own_right else None for row in rows]
        found = iter(self.match_digests(key for key in keys if key is not None))
        return [None if key is None else next(found) for key in keys]

    def _digests(self, label: str, values: Iterable[str]) -> list[bytes]:
        return [digest[:DIGEST] for digest in self.index.digests(f"insured.{label}", values)]


def _identity(person: InsuredPerson) -> str:
    given_names = fold(person.given_names)
    return f"{person.nir.value}|{person.quality}|{person.birth_date}|{given_names}"


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
