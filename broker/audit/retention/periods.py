"""How long each class of events is kept."""

import json
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime

from broker.audit.catalogue import kinds
from broker.audit.events import ByClass
from broker.audit.model import Retention
from broker.base.settings import Settings


@dataclass(frozen=True)
class Periods:
    """Months for each class that ends."""

    months: dict[Retention, int]

    @classmethod
    def of(cls, settings: Settings) -> "Periods":
        """Federation is kept as security is, unless a legal basis for longer is named."""
        longer = bool(settings.audit_federation_basis)
        security, federation = settings.audit_security_months, settings.audit_federation_months
        return cls(
            {
                Retention.SECURITY: security,
                Retention.FEDERATION: federation if longer else security,
                Retention.ADMINISTRATION: settings.audit_administration_months,
            }
        )

    def over_before(self, kept: Retention, now: datetime) -> datetime | None:
        """Return the midnight (UTC) before which that class is over; None: it never is.

        By days: what ends during a day goes at once, and one event of the trail tells of it.
        """
        months = self.months.get(kept)
        if months is None:
            return None
        day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
        last = monthrange(year, month + 1)[1]
        return day.replace(year=year, month=month + 1, day=min(day.day, last))

    def told(self) -> ByClass:
        """Return the months as an event tells them."""
        return ByClass(**{str(kept): months for kept, months in self.months.items()})


@dataclass(frozen=True)
class Classes:
    """The class that each type has today; of a type that is gone, the one its event recorded."""

    known: dict[str, Retention]

    @classmethod
    def of_today(cls) -> "Classes":
        """Return those of the types that were imported."""
        return cls({kind: event.retention for kind, event in kinds().items()})

    def of(self, kind: str, body: str) -> Retention:
        """Return the class of an event; what says nothing that is known is never over."""
        if kind in self.known:
            return self.known[kind]
        try:
            return Retention(json.loads(body)["retention"])
        except (ValueError, LookupError, TypeError):
            return Retention.TRAIL
