"""Fictional people, and a register in memory that finds them as the store does."""

import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field

from broker.insured.birth_date import BirthDate
from broker.insured.card import CardAnswers
from broker.insured.filed import FiledRow, read_person
from broker.insured.matching import Decision, decide, lookup_keys, record_key, unusable
from broker.insured.model import InsuredPerson, NirStatus, Quality, Sex, VitaleStatus
from broker.insured.names import TypedName
from broker.insured.nir import Nir
from broker.insured.pivot import PivotIdentity, UnusablePivot
from broker.insured.proofs import Iban, PostalCode, VitaleSerial
from broker.insured.regimes import Regimes
from broker.insured.rules import MatchingRules, Rulebook

BOOK = Rulebook.load()
RULES = BOOK.in_force
REGIMES = Regimes.load()


def person(**changes):
    """Claire Marie Le Gall, born in Brest; every field can be changed."""
    values = {
        "nir": Nir("2850729019001"),
        "nir_status": NirStatus.DEFINITIVE,
        "certified": True,
        "quality": Quality.ASSURE,
        "birth_name": "LE GALL",
        "usage_name": "MARTIN",
        "given_names": "CLAIRE MARIE",
        "sex": Sex.FEMALE,
        "birth_date": BirthDate(1985, 7, 14),
        "birthplace": "29019",
        "birthcountry": "99100",
        "regime": "RG",
        "rights_open": True,
        "postal_codes": ("29200", "35000"),
        "ibans": (Iban("FR7630004004573690852496284"),),
        "vitale_serial": VitaleSerial("802500000287785677424"),
        "vitale_status": VitaleStatus.ACTIVE,
    }
    return InsuredPerson(**(values | changes))


def people(rows):
    """Read rows of the register's file, as the import does."""
    for row in rows:
        composed = {k: unicodedata.normalize("NFC", value).strip() for k, value in row.items()}
        yield read_person(FiledRow(**composed), REGIMES)


def claims(**changes):
    """What FranceConnect says of Claire Marie Le Gall."""
    values = {
        "sub": "s",
        "family_name": "LE GALL",
        "given_name": "Claire Marie",
        "given_name_array": ["Claire", "Marie"],
        "birthdate": "1985-07-14",
        "idp_birthdate": "1985-07-14",
        "gender": "female",
        "birthplace": "29019",
        "birthcountry": "99100",
    }
    values.update(changes)
    if "given_name" in changes and "given_name_array" not in changes:
        values["given_name_array"] = changes["given_name"].split()
    if "birthdate" in changes and "idp_birthdate" not in changes:
        values["idp_birthdate"] = changes["birthdate"]
    return {name: value for name, value in values.items() if value is not None}


@dataclass
class MemoryRegister:
    rules: MatchingRules = RULES
    rows: dict = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, *people, rules=RULES):
        register = cls(rules)
        for one in people:
            if one.in_own_right:
                register.rows[record_key(one)].append(one)
        return register

    def match(self, given) -> tuple[Decision, str]:
        """Return the decision and the NIR, empty unless matched."""
        try:
            pivot = PivotIdentity.read(given, self.rules.places)
        except UnusablePivot as refusal:
            return unusable(refusal.flaw, self.rules), ""
        found = [one for key in lookup_keys(pivot) for one in self.rows.get(key, ())]
        decision = decide(pivot, found, self.rules)
        return decision, "" if decision.chosen is None else found[decision.chosen].nir.value


def answers(**changes):
    values = {
        "name": TypedName.parse("Le Gall"),
        "nir": Nir("2850729019001"),
        "birth_date": BirthDate(1985, 7, 14),
        "postal_code": PostalCode("29200"),
    }
    return CardAnswers(**(values | changes))


def outcome(given, *people):
    return str(MemoryRegister.of(*people).match(given)[0].outcome)
