"""Cuts that touch many people: a partner, a key, FranceConnect, everybody's sessions."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from broker.audit.model import Actor
from broker.audit.questions.signed_tokens import SignedTokens
from broker.clients.administration import ClientAdministration
from broker.cuts.effect import REASON, counted
from broker.cuts.model import Counts, Kind, Target, TargetUnknown
from broker.franceconnect.leg import Leg
from broker.keys.encryption import EncryptionKeys
from broker.keys.model import EncryptionKey, SigningKey, State
from broker.keys.rotation import Keys
from broker.oidc.grants.families import Families
from broker.oidc.grants.model import GrantReach
from broker.oidc.logout.notices import LogoutNotices
from broker.sessions.model import Reach
from broker.sessions.reach import SessionReach


@dataclass(frozen=True)
class ClientCut:
    """A partner: it is switched off, and what it held does not come back with it."""

    administration: ClientAdministration
    families: Families

    def find(self, name: str) -> Target:
        """Return the partner of that ``client_id``, served or not."""
        if not any(each["client_id"] == name for each in self.administration.every()):
            raise TargetUnknown
        return Target(kind=Kind.CLIENT, name=name, client_id=name)

    def count(self, target: Target) -> Counts:
        """Count what it holds, and whether it is served."""
        served = any(
            each["client_id"] == target.name and each["enabled"]
            for each in self.administration.every()
        )
        held = counted(None, self.families.count(GrantReach(client_id=target.name)))
        return replace(held, partners=None, doors=int(served))

    def end(self, target: Target, actor: Actor, _reason: str) -> None:
        """Switch it off, which tells it of the end of its sessions; end what it holds."""
        self.administration.disable(target.name, actor)
        self.families.end_within(GrantReach(client_id=target.name), REASON)


@dataclass(frozen=True)
class KeyCut:
    """A key that signs or decrypts: what it signed is not believed any more."""

    signing: Keys
    encryption: EncryptionKeys
    signed: SignedTokens

    def find(self, name: str) -> Target:
        """Return the key of that ``kid``."""
        if all(key.kid != name for key in self._every()):
            raise TargetUnknown
        return Target(kind=Kind.KEY, name=name)

    def count(self, target: Target) -> Counts:
        """Tell whether it is believed, and how many tokens are because it signed them."""
        now = self.signing.clock()
        believed = [
            key
            for key in self._every()
            if key.kid == target.name and key.state(now) is not State.REMOVED
        ]
        if self._opens(target.name):
            return Counts(doors=len(believed))
        alive = self.signed.alive(target.name) if believed else {}
        return Counts(
            id_tokens=alive.get("id", 0),
            access_tokens=alive.get("access", 0),
            doors=len(believed),
        )

    def end(self, target: Target, actor: Actor, _reason: str) -> None:
        """Withdraw it; another one takes its place at once if need be."""
        if not self.count(target).doors:
            return
        owner = self.encryption if self._opens(target.name) else self.signing
        owner.retire(target.name, actor)

    def _opens(self, kid: str) -> bool:
        return any(key.kid == kid for key in self.encryption.every())

    def _every(self) -> tuple[SigningKey | EncryptionKey, ...]:
        return (*self.signing.every(), *self.encryption.every())


@dataclass(frozen=True)
class UpstreamCut:
    """The way over FranceConnect."""

    leg: Leg

    def find(self, _name: str) -> Target:
        """Return FranceConnect, the one there is."""
        return Target(kind=Kind.UPSTREAM, name="franceconnect")

    def count(self, _target: Target) -> Counts:
        """Count what is under way, and whether the way is open."""
        return Counts(trips=self.leg.under_way(), doors=int(self.leg.is_open()))

    def end(self, _target: Target, actor: Actor, reason: str) -> None:
        """Close it."""
        self.leg.close(actor, reason)


@dataclass(frozen=True)
class EverybodyCut:
    """Every session, waiting login, code and family, of everybody."""

    sessions: SessionReach
    notices: LogoutNotices
    families: Families
    tell: Callable[[str], None]
    """Tells of the end of everybody's sessions, and why, whoever listens to security events."""

    def find(self, _name: str) -> Target:
        """Return everybody."""
        return Target(kind=Kind.EVERYBODY, name="everybody")

    def count(self, _target: Target) -> Counts:
        """Count all that stands."""
        return counted(self.sessions.count(Reach()), self.families.count(GrantReach()))

    def end(self, _target: Target, _actor: Actor, _reason: str) -> None:
        """End all of it; partners are told, before what tells which they are ends."""
        self.sessions.end(Reach(), REASON)
        self.notices.of_everybody(REASON)
        self.tell(REASON)
        self.families.end_within(GrantReach(), REASON)
