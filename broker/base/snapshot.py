"""What operators change while the service runs: held in memory, and soon new everywhere."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Integer, String, bindparam, select, update
from sqlalchemy.orm import Mapped, mapped_column

from broker.base.db import Base, Database, table
from broker.base.statements import Prepared

_Value = TypeVar("_Value")
_TRUSTED_FOR = 0.4  # seconds without asking: a change is everywhere within one second


class SnapshotVersion(Base):
    """How often a snapshot's content has changed; one small row tells every process."""

    __tablename__ = "snapshot_version"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(Integer)


VERSION = table(SnapshotVersion)
_NUMBER = Prepared(select(VERSION.c.number).where(VERSION.c.name == bindparam("name")))


@dataclass(frozen=True, slots=True)
class _Held(Generic[_Value]):
    value: _Value
    number: int
    until: float  # of the machine's monotonic clock: this is no business time


class Snapshot(Generic[_Value]):
    """One value loaded from the database and kept until its version number changes.

    A process believes what it holds for 0.4 s, then compares the number (one row), and loads
    again only when it differs.
    """

    def __init__(self, name: str, db: Database, load: Callable[[], _Value]) -> None:
        self._name = name
        self._db = db
        self._load = load
        self._held: _Held[_Value] | None = None

    def current(self) -> _Value:
        """Return the value, at most one second behind any process's change."""
        held = self._held
        if held is not None and time.monotonic() < held.until:
            return held.value
        return self._compared(held).value

    def renewed(self) -> bool:
        """Compare at once; tell whether what was believed until now is no longer so.

        For a "no" that the last 0.4 s may have turned into a yes.
        """
        held = self._held
        return held is not None and self._compared(held).number != held.number

    def changed(self) -> None:
        """Tell every process; belongs in the transaction that changed the content."""
        if not self._db.insert_unless_present(VERSION, {"name": self._name, "number": 1}):
            self._db.execute(
                update(VERSION)
                .where(VERSION.c.name == self._name)
                .values(number=VERSION.c.number + 1)
            )

    def forget(self) -> None:
        """Load again at the next use; call it after the commit, for this process."""
        self._held = None

    def _compared(self, held: _Held[_Value] | None) -> _Held[_Value]:
        # The number first: what changes between the two reads is loaded once more, never missed.
        number = self._number()
        fresh = held.value if held is not None and held.number == number else self._load()
        compared = self._held = _Held(fresh, number, time.monotonic() + _TRUSTED_FOR)
        return compared

    def _number(self) -> int:
        return self._db.scalar(_NUMBER, name=self._name) or 0
