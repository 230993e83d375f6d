"""What a request brought: one value per name, empty means absent (OAuth 2.1 §3.1)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from broker.oidc.errors import InvalidRequest

_MAY_REPEAT = "resource"


@dataclass(frozen=True)
class Parameters:
    """The parameters of one request, and the names that came more than once."""

    values: Mapping[str, str] = field(repr=False)
    repeated: frozenset[str] = frozenset()

    @classmethod
    def of(cls, lists: Iterable[tuple[str, list[str]]]) -> Self:
        """Read parsed form or query values; the first of several is kept.

        ``resource`` may come several times (RFC 8707 §2): its values are joined with spaces, which
        no URI holds. InvalidRequest for a NUL, which PostgreSQL cannot hold.
        """
        values, repeated = {}, set()
        for name, given in lists:
            if any("\x00" in text for text in (name, *given)):
                raise InvalidRequest("a parameter holds a NUL")
            if name == _MAY_REPEAT:
                value = " ".join(filter(None, given))
            else:
                value = given[0]
                repeated |= {name} if len(given) > 1 else set()
            if value:
                values[name] = value
        return cls(values, frozenset(repeated))

    def get(self, name: str) -> str | None:
        """Return a value, or None where it is absent or empty."""
        return self.values.get(name)

    def need(self, name: str) -> str:
        """Return a value or raise InvalidRequest."""
        value = self.values.get(name)
        if value is None:
            raise InvalidRequest(f"{name} is required")
        return value

    def require_single(self) -> None:
        """Refuse a name that came twice: readers could differ on which value counts."""
        if self.repeated:
            raise InvalidRequest("a parameter was given more than once")
