"""Logins spread over days, each with the events of its acts, as the stream that COPY takes."""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import chain
from typing import Any

from broker.audit.commitment import canonical
from broker.audit.log import AuditLog

A_DAY = 10_000_000 // 30  # events: a smaller trail is a shorter one, not a thinner one
END = datetime(2026, 11, 1, tzinfo=UTC)
COLUMNS = ("event_id", "type", "time", "subject_ref", "client_id", "auth_event_id", "request_id",
           "made_ref", "made_jti", "body", "mac")  # fmt: skip
BLOCK = 250  # logins of one piece of the stream
_PEOPLE = 200_000
_APART = timedelta(seconds=0.4)  # between the events of one login
_LOGIN = (
    "login.password.ok", "otp.sent", "otp.ok", "session.created", "authz.requested", "code.issued",
    "code.redeemed", "token.issued", "token.introspected", "userinfo.read",
)  # fmt: skip
_TOKENS = {"token.issued", "token.introspected", "userinfo.read"}
_CODES = {"code.issued", "code.redeemed", *_TOKENS}
_RARE = {  # what one login in so many adds
    9: ("login.password.failed",),
    90: ("login.password.failed", "otp.failed", "login.password.throttled"),
    400: ("account.create.refused", "mail.refused", "fc.callback.refused"),
    900: ("refresh.reuse", "code.replayed", "identifier.email.changed", "console.viewed"),
}
_EACH = len(_LOGIN) + sum(len(types) / often for often, types in _RARE.items())
Body = dict[str, Any]


@dataclass(frozen=True)
class Login:
    """One login, told by its rank: whose, from where, and what it made."""

    rank: int

    def name(self, of: str, size: int = 32) -> str:
        """Return what something of this login is called."""
        return hashlib.sha256(f"{of}{self.rank}".encode()).hexdigest()[:size]

    @property
    def subject(self) -> str:
        """Whose login it is."""
        person = self.rank * 7_919 % _PEOPLE
        return hashlib.sha256(f"person{person}".encode()).hexdigest()[:43]

    @property
    def client_id(self) -> str:
        """Where to."""
        return f"partner{self.rank % 40}"

    def types(self) -> Iterator[str]:
        """Yield what happened, in order."""
        rare = (types for often, types in _RARE.items() if self.rank % often == 0)
        return chain(*rare, _LOGIN)

    @cached_property
    def common(self) -> Body:
        """What each of its events says."""
        third, fourth = self.rank * 31 // 256 % 256, self.rank * 31 % 256
        address = f"10.{self.rank % 64}.{third}.{fourth}"
        return {
            "v": 1,
            "retention": "security",
            "subject_ref": self.subject,
            "auth_event_id": self.name("login", 10),
            "browsing_session_id": self.name("browser"),
            "session_ref": self.name("session"),
            "client_id": self.client_id,
            "src": {"ip": address, "port": 40_000, "ua": "Firefox/140"},
            "http": {"method": "POST", "route": "/authorize"},
        }

    @cached_property
    def token(self) -> Body:
        """The token that it ends with."""
        return {"kind": "access", "hash_prefix": self.name("token"), "jti": self.name("jti"),
                "family_id": self.name("code"), "generation": 0}  # fmt: skip


@dataclass(frozen=True)
class Logins:
    """At least so many events, of logins at even distances."""

    events: int
    audit: AuditLog

    @property
    def count(self) -> int:
        """How many logins these are."""
        return math.ceil(self.events / _EACH)

    @property
    def lasting(self) -> timedelta:
        """From the first one to the last."""
        return timedelta(days=self.events / A_DAY)

    def at(self, moment: datetime) -> Login:
        """Return the login of that moment."""
        return Login((moment - (END - self.lasting)) // self._step)

    @property
    def _step(self) -> timedelta:
        return self.lasting / self.count

    def __call__(self, ranks: range) -> bytes:
        """Return the events of these logins as lines of a COPY; runs in child processes."""
        rows = list(chain.from_iterable(map(self._rows, map(Login, ranks))))
        marks = self.audit.marks([str(row[-1]) for row in rows])
        lines = (
            "\t".join((*row, rf"\\x{mark.hex()}")) for row, mark in zip(rows, marks, strict=True)
        )
        return "".join(f"{line}\n" for line in lines).encode()

    def _rows(self, login: Login) -> Iterator[tuple[str, ...]]:
        moment = END - self.lasting + self._step * login.rank
        for number, kind in enumerate(login.types()):
            yield _row(login, number, kind, moment + _APART * number)


def _row(login: Login, number: int, kind: str, moment: datetime) -> tuple[str, ...]:
    event_id, request_id = _id(login, number, moment), login.name(kind, 10)
    body: Body = {
        **login.common,
        "event_id": event_id,
        "type": kind,
        "time": moment.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "outcome": "failure" if "fail" in kind or "refused" in kind else "success",
        "request_id": request_id,
    }
    made_ref = made_jti = r"\N"
    if kind in _CODES:
        body["code_ref"] = login.name("code")
    if kind in _TOKENS or kind == "refresh.reuse":
        body["token"] = login.token
    if kind == "token.issued":
        made_ref, made_jti = login.token["hash_prefix"], login.token["jti"]
    elif kind in {"code.issued", "session.created"}:
        made_ref = login.name(kind.partition(".")[0])
    return (
        event_id, kind, body["time"], body["subject_ref"], body["client_id"],
        body["auth_event_id"], request_id, made_ref, made_jti, canonical(body),
    )  # fmt: skip


def _id(login: Login, number: int, moment: datetime) -> str:
    """Return an id of version 7: many times faster than with chance in it."""
    digits = f"{int(moment.timestamp() * 1_000):012x}"
    return f"{digits[:8]}-{digits[8:]}-7{number:03x}-8000-{login.rank:012x}"
