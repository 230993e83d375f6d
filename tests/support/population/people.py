"""A fictional person, their row in the register and their identity at FranceConnect."""

import random
import string
from dataclasses import dataclass, replace
from typing import Any

SURNAMES = (
    "MARTIN", "BERNARD", "LEFÈVRE", "GARCÍA", "NGUYEN", "MÜLLER", "BÉRUBÉ", "GRÖNING", "ÇELİK",
    "HUSSEIN", "TRAORÉ", "CASTAÑEDA", "KOVAČEVIĆ", "OUÉDRAOGO", "VU", "LO", "PEÑA", "SØRENSEN",
)  # fmt: skip
COMPOUND = (
    "LE GALL", "DE LA TOUR", "D'ESTIENNE", "N'DIAYE", "SAINT-MARTIN", "DUPONT-MOREL",
    "VAN DER BERG", "L'HERMITTE", "BEN ALI", "DE'ATH-O'BRIEN",
)  # fmt: skip
LONG = (
    "MONTMORENCY-DE LA ROCHEFOUCAULD", "BERNASCONI SIMON-LAURENTINS", "HENRIC VAN DEN NUWENHUSEN",
    "CORETH VON UND ZU COREDO UND STARKENBERG", "DE MONTESQUIOU-FEZENSAC D'ARTAGNAN",
)  # fmt: skip
GIVEN = (
    "Claire", "Élodie", "Zoé", "Noël", "Loïc", "Inès", "Camille", "Dominique", "Gaëtan", "Ange",
    "Maël", "Thérèse", "Françoise", "Benoît", "Aïcha", "Chloé", "Anaïs", "Cécile", "Jérôme", "Li",
)  # fmt: skip
COMPOUND_GIVEN = ("Jean-Pierre", "Marie-Thérèse", "Anne-Sophie", "Jean-François", "Léa-Rose")
LONG_GIVEN = ("Marie-Bernadettine", "Jean-Christopherson", "Maximiliennette-Rose")
_COMMUNES = ("29019", "35238", "67482", "97411", "06088", "44109", "98818", "59350", "31555")
_ABROAD = ("99139", "99127", "99208", "99341", "99330", "99109")
_PLAIN = dict(zip("ÉÈËÊÏÎÍİÔÖØÜÇÑČĆŸŁĐÁÀÂ", "EEEEIIIIOOOUCNCCYLDAAA", strict=True))
_PLAIN |= {"Œ": "OE", "Æ": "AE"}
_KEY, _IBAN = 97, "FR7630004004573690852496284"


@dataclass(frozen=True)
class Person:
    """The truth about somebody; *birth* has 0 for what nobody knows."""

    birth_name: str
    given: tuple[str, ...]
    male: bool
    birth: tuple[int, int, int]
    place: str
    country: str
    order: int
    usage_name: str = ""
    number: str | None = None
    """A number that is not built from the rest."""

    @property
    def nir(self) -> str:
        if self.number:
            return self.number
        year, month, _ = self.birth
        return f"{1 if self.male else 2}{year % 100:02}{month or 20:02}{self.place}{self.order:03}"

    @property
    def born(self) -> str:
        return "{:04}-{:02}-{:02}".format(*self.birth)

    @property
    def presumed(self) -> str:
        year, month, day = self.birth
        return f"{year:04}-{month or 1:02}-{day or 1:02}"

    def but(self, **changes: Any) -> "Person":
        return replace(self, **changes)

    def row(self, **changes: str) -> dict[str, str]:
        """Return the row as the register usually writes it: capitals without accents."""
        values = {
            "nir": self.nir, "nir_key": "", "nir_status": "definitive", "identity_certified": "1",
            "birth_name": plain(self.birth_name), "usage_name": self.usage_name,
            "given_names": plain(" ".join(self.given)), "sex": "M" if self.male else "F",
            "birth_date": self.born, "birthplace_cog": self.place,
            "birthcountry_cog": self.country, "regime": "RG", "rights_open": "1",
            "postal_code": "35000", "previous_postal_codes": "", "ibans": _IBAN,
            "vitale_serial": "802500000287785677424", "vitale_status": "active",
            "has_account": "0", "quality": "assure", "holder_nir": "", "account_email": "",
        }  # fmt: skip
        values.update(changes)
        number = values["nir"].replace("2A", "19").replace("2B", "18")
        values["nir_key"] = f"{_KEY - int(number) % _KEY:02}"
        return values

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return what FranceConnect says; a claim given as None is left out."""
        values: dict[str, Any] = {
            "family_name": self.birth_name, "given_name": " ".join(self.given),
            "given_name_array": list(self.given), "birthdate": self.presumed,
            "idp_birthdate": self.born, "gender": "male" if self.male else "female",
            "birthplace": self.place if self.country == "99100" else "",
            "birthcountry": self.country,
        }  # fmt: skip
        values.update(changes)
        return {name: value for name, value in values.items() if value is not None}

    def named(self, given: list[str], **changes: Any) -> dict[str, Any]:
        """Return the claims with other given names, as text and as array."""
        return self.claims(given_name=" ".join(given), given_name_array=given, **changes)


def plain(text: str) -> str:
    """Write *text* as old systems do: capitals, no accents, hyphens and apostrophes kept."""
    return "".join(_PLAIN.get(char, char) for char in text.upper())


class Draw(random.Random):
    """Draws people of whom no two share a date of birth with the same beginning of a name."""

    def __init__(self, seed: object) -> None:
        super().__init__(str(seed))
        self._taken: set[tuple[object, ...]] = set()

    def person(self, **changes: Any) -> Person:
        """Draw somebody; any field can be given."""
        while True:
            person = self._person(**changes)
            mark = (plain(person.birth_name)[:6], person.birth[0], *person.birth[1:])
            unknown = not person.birth[1]
            if (mark, person.country) not in self._taken or (changes and unknown):
                self._taken.add((mark, person.country))
                return person

    def _person(self, **changes: Any) -> Person:
        abroad = self.random() < 0.2
        place = self.choice(_ABROAD if abroad else _COMMUNES)
        values: dict[str, Any] = {
            "birth_name": f"{self.choice(SURNAMES)}{self.ending()}",
            "given": tuple(self.sample(GIVEN, self.randint(1, 4))),
            "male": self.random() < 0.5,
            "birth": (self.randint(1926, 2008), self.randint(1, 12), self.randint(13, 28)),
            "place": place,
            "country": place if abroad else "99100",
            "order": self.randint(1, 998),
        }
        return Person(**{**values, **changes})

    def ending(self) -> str:
        """Return three letters that make a name of nobody else's."""
        return "".join(self.choices(string.ascii_uppercase, k=3))

    def double(self) -> str:
        """Return a birth name with a separator."""
        return f"{self.choice(COMPOUND)}{self.ending()}"
