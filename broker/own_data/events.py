"""Events of copies."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event
from broker.audit.taxonomy import Activity


@dataclass(frozen=True, kw_only=True)
class OwnDataCopied(Event):
    """Its holder asked for a copy of the data."""

    type: ClassVar[str] = "account.data.copied"
    activity: ClassVar[Activity] = Activity.READ

    form: str
