"""An insured person as the register knows them, and the civil identity that partners receive."""

from dataclasses import dataclass, field
from enum import StrEnum

from broker.insured.birth_date import BirthDate
from broker.insured.nir import Nir
from broker.insured.proofs import Iban, VitaleSerial


class NirStatus(StrEnum):
    """What the number is; the first digit never decides."""

    DEFINITIVE = "definitive"
    WAITING = "waiting"
    PROVISIONAL = "provisional"


class Sex(StrEnum):
    """Sex of the civil status."""

    MALE = "M"
    FEMALE = "F"


class Quality(StrEnum):
    """Insured in their own right, or dependant under somebody's number."""

    ASSURE = "assure"
    AYANT_DROIT = "ayant_droit"


class VitaleStatus(StrEnum):
    """State of the card; mutation_failed: the move between two caisses went wrong."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    OPPOSED = "opposed"
    MUTATION_FAILED = "mutation_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class InsuredPerson:
    """One row of the register. Nothing personal shows in its repr."""

    nir: Nir
    nir_status: NirStatus
    certified: bool
    quality: Quality
    birth_name: str = field(repr=False)
    usage_name: str = field(repr=False)
    given_names: str = field(repr=False)
    sex: Sex = field(repr=False)
    birth_date: BirthDate
    birthplace: str = field(repr=False)
    birthcountry: str = field(repr=False)
    regime: str
    rights_open: bool
    postal_codes: tuple[str, ...] = field(repr=False)
    """The present one first, then the previous ones."""
    ibans: tuple[Iban, ...]
    vitale_serial: VitaleSerial | None
    vitale_status: VitaleStatus

    @property
    def in_own_right(self) -> bool:
        """Whether the person is insured in their own right, not as a dependant."""
        return self.quality is Quality.ASSURE

    @property
    def known_birth_date(self) -> BirthDate:
        """The birth date without what was presumed.

        A NIR given without a month shows that the first of January is no date.
        """
        date = self.birth_date
        if self.nir.month_unknown and (date.month, date.day) == (1, 1):
            return BirthDate(date.year, 0, 0)
        return date


@dataclass(frozen=True, slots=True, kw_only=True)
class CivilIdentity:
    """The six pivot fields as FranceConnect names and formats them, certified by the register."""

    family_name: str = field(repr=False)
    given_name: str = field(repr=False)
    birthdate: str = field(repr=False)
    gender: str = field(repr=False)
    birthplace: str = field(repr=False)
    birthcountry: str = field(repr=False)
    usage_name: str | None = field(repr=False, default=None)
