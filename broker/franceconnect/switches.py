"""Switches that an operator turns while the service runs; every node reads them at each use."""

import re
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.base.clock import Clock
from broker.base.db import Base, Database, Instant, table
from broker.base.errors import Refusal
from broker.franceconnect.events import Switched, UpstreamSwitched
from broker.franceconnect.model import CreationDisabled, Disabled, ProviderDisabled, Purpose

FRANCECONNECT, CREATION = "franceconnect", "franceconnect-creation"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class FranceConnectSwitch(Base):
    """A row is there while its name is switched off; no row, no obstacle."""

    __tablename__ = "fc_switch"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    disabled_at: Mapped[datetime] = mapped_column(Instant)


SWITCH = table(FranceConnectSwitch)


class NotASwitch(Refusal):
    """The name is neither FranceConnect, nor its creation, nor the id of a provider."""

    code = "franceconnect.not_a_switch"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


@dataclass(frozen=True)
class Switch:
    """FranceConnect as a whole, creation through it, or one identity provider behind it."""

    name: str
    enabled: bool
    disabled_at: datetime | None = None


@dataclass(frozen=True)
class Switches:
    """Turns FranceConnect, its use for creation, or one identity provider off and on."""

    db: Database
    audit: AuditLog
    clock: Clock

    def list(self) -> list[Switch]:
        """Return the two fixed switches, then each identity provider that is off."""
        off = self._off()
        names = [FRANCECONNECT, CREATION, *sorted(off.keys() - {FRANCECONNECT, CREATION})]
        return [Switch(name, name not in off, off.get(name)) for name in names]

    def disable(
        self, name: str, *, operator: str, reason: str | None = None, kind: str = "admin"
    ) -> Switch:
        """Switch off: departures and callbacks in flight are refused from now on.

        *kind*: what the trail calls whoever does it.
        """
        now = self.clock()
        with self.db.transaction():
            row = {"name": _checked(name), "disabled_at": now}
            was_on = self.db.insert_unless_present(SWITCH, row)
            by = Actor(kind=kind, ref=operator)
            self._record(name, by, reason, before=was_on, after=False)
        return Switch(name, enabled=False, disabled_at=now)

    def enable(self, name: str, *, operator: str, reason: str | None = None) -> Switch:
        """Switch on again."""
        with self.db.transaction():
            gone = self.db.execute(delete(SWITCH).where(SWITCH.c.name == _checked(name))).rowcount
            by = Actor(kind="admin", ref=operator)
            self._record(name, by, reason, before=not gone, after=True)
        return Switch(name, enabled=True)

    def require(self, purpose: Purpose) -> None:
        """Refuse a round trip whose purpose is switched off."""
        off = self._off()
        if FRANCECONNECT in off:
            raise Disabled("disabled")
        if purpose is Purpose.CREATION and CREATION in off:
            raise CreationDisabled("creation_disabled")

    def require_provider(self, idp_id: str | None) -> None:
        """Refuse an identity provider that is off, or an unnamed one while any is off."""
        providers = self._off().keys() - {FRANCECONNECT, CREATION}
        if providers and (idp_id is None or idp_id in providers):
            raise ProviderDisabled("provider_disabled" if idp_id else "provider_unnamed")

    def _off(self) -> dict[str, datetime]:
        return {row.name: row.disabled_at for row in self.db.all(select(SWITCH))}

    def _record(
        self, name: str, by: Actor, reason: str | None, *, before: bool, after: bool
    ) -> None:
        self.audit.record(
            UpstreamSwitched(
                actor=by,
                before=Switched(upstream=name, enabled=before),
                after=Switched(upstream=name, enabled=after, reason=reason or None),
            )
        )


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise NotASwitch
    return name
