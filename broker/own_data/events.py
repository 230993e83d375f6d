"""Events of copies."""

from dataclasses import dataclass
from typing import ClassVar

from broker.audit.model import Event


@dataclass(frozen=True, kw_only=True)
class OwnDataCopied(Event):
    type: ClassVar[str] = "account.data.copied"

    form: str
    """``json``, or ``page``."""
