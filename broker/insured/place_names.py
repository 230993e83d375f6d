"""What a code of a birthplace stands for: its name, what it became, what it was before."""

from dataclasses import dataclass
from typing import Any, Self

from broker.insured.places import Change, Places, completed
from broker.insured.reference_tables import rows


@dataclass(frozen=True)
class PlaceNames:
    """Codes in force with their names, and the changes between codes."""

    names: dict[str, str]
    places: Places

    @classmethod
    def load(cls) -> Self:
        """Read the reference tables."""
        tables = (*rows("communes"), *rows("countries"))
        return cls({row["code"]: row["name"] for row in tables}, Places.load())

    def describe(self, code: str) -> dict[str, Any]:
        """Return what is known of a code; no name where it is in force no longer."""
        code = completed(code.strip().upper())
        before = [
            change
            for heirs in self.places.heirs.values()
            for change in heirs.values()
            if change.new == code
        ]
        return {
            "code": code,
            "name": self.names.get(code),
            "became": [self._told(c, c.new) for c in self.places.heirs.get(code, {}).values()],
            "was": [self._told(change, change.old) for change in before],
        }

    def _told(self, change: Change, code: str) -> str:
        until = f" (born until {change.until})" if change.until else ""
        name = self.names.get(code)
        return f"{code}{f' {name}' if name else ''}: {change.kind}{until}"
