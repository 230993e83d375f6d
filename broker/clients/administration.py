"""What operators do with partners: register from files, list, switch off and on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from pathlib import Path
from typing import Any

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.base.clock import Clock
from broker.base.db import Database
from broker.clients.addresses import origin
from broker.clients.delivery_secrets import DeliverySecrets
from broker.clients.directory import Clients
from broker.clients.effects import effects
from broker.clients.events import ClientCreated, ClientDisabled, ClientEnabled, ClientUpdated
from broker.clients.files import ClientFile, FileReader
from broker.clients.model import AuthMethod, Client, RegistrationRefused, UnknownClient
from broker.clients.registration import Registration
from broker.clients.sectors import SectorFiles
from broker.clients.store import ClientStore, StoredClient

SECRET_OVERLAP = timedelta(days=30)
"""How long the previous secret stays valid beside a new one, of a partner that is served."""
_WITH_SECRET = frozenset({AuthMethod.BASIC, AuthMethod.POST})


@dataclass(frozen=True)
class Plan:
    """What applying one client file would do."""

    file: ClientFile
    new: bool
    effects: tuple[str, ...]
    changes: bool
    new_secret: bool
    previous_until: datetime
    """When the secret before a new one ends."""
    before: Client | None
    """The partner as it is registered until then."""

    @property
    def client_id(self) -> str:
        """The partner's client_id."""
        return self.file.registration.client_id

    @property
    def after(self) -> Client:
        """The partner as it would be."""
        return self.file.registration.client()


@dataclass(frozen=True)
class ClientAdministration:
    """Changes the registered partners; each change is audited and known everywhere at once."""

    clients: Clients
    store: ClientStore
    reader: FileReader
    sectors: SectorFiles
    delivery_secrets: DeliverySecrets
    audit: AuditLog
    db: Database
    clock: Clock
    switched_off: Callable[[str], None]
    """Called with the client_id in the transaction that switches a partner off."""

    def plan(self, path: Path) -> tuple[Plan, ...]:
        """Read a client file, or a folder of them, and say what applying would do.

        Raises RegistrationRefused at the first file that breaks a rule: nothing is applied then.
        """
        return self._plans(self.reader.read(path))

    def register(self, document: dict[str, Any], actor: Actor) -> Plan:
        """Apply one registration given as a document."""
        plans = self._plans((self.reader.judge(document),))
        self.apply(plans, actor)
        return plans[0]

    def apply(self, plans: tuple[Plan, ...], actor: Actor) -> None:
        """Do what the plans say, all of it or nothing."""
        with self.db.transaction():
            for plan in plans:
                if plan.changes:
                    self._apply(plan, actor)
            self.clients.snapshot.changed()
        self.clients.snapshot.forget()

    def every(self) -> tuple[dict[str, Any], ...]:
        """Return a listing of the partners."""
        return tuple(_listed(kept) for kept in self.store.every(self.clock()))

    def disable(self, client_id: str, actor: Actor) -> None:
        """Refuse everything to a partner from now on; UnknownClient when there is none."""
        self._switch(client_id, ClientDisabled(client_id=client_id, actor=actor), enabled=False)

    def enable(self, client_id: str, actor: Actor) -> None:
        """Serve a partner again."""
        self._switch(client_id, ClientEnabled(client_id=client_id, actor=actor), enabled=True)

    def _plans(self, files: Iterable[ClientFile]) -> tuple[Plan, ...]:
        known = {kept.client_id: kept for kept in self.store.every(self.clock())}
        plans = tuple(self._plan(file, known.get(file.registration.client_id)) for file in files)
        _require_one_server_each(known, plans)
        return plans

    def _plan(self, file: ClientFile, kept: StoredClient | None) -> Plan:
        registration = file.registration
        before = Registration.model_validate(kept.document).client() if kept else None
        new_secret, until = self._is_new_secret(file, kept), self._previous_until(kept)
        lines = effects(before, registration.client())
        if new_secret and kept and kept.secrets:
            lines = (*lines, f"new secret; the previous one ends: {until:%Y-%m-%d %H:%M} UTC")
        has_secret = new_secret or bool(kept and kept.secrets)
        if registration.token_endpoint_auth_method in _WITH_SECRET and not has_secret:
            raise RegistrationRefused(registration.client_id, ("client_secret: required",))
        new_header = self._is_new_header(file)
        self._require_header_for_another_host(before, file)
        if new_header:
            lines = (*lines, "new authorization header for the receiver of security events")
        changed = kept is None or kept.document != file.document or new_secret or new_header
        if changed:
            self.sectors.require(registration)
        return Plan(file, kept is None, lines, changed, new_secret, until, before)

    def _previous_until(self, kept: StoredClient | None) -> datetime:
        """Return the end of the secret before: at once where the partner is switched off.

        Nobody is served with it then, and it may be in somebody else's hands.
        """
        return self.clock() + (SECRET_OVERLAP if kept and kept.enabled else timedelta())

    def _is_new_secret(self, file: ClientFile, kept: StoredClient | None) -> bool:
        if file.secret is None:
            return False
        digest = self.clients.secret_digest(file.registration.client_id, file.secret)
        latest = kept.secrets[:1] if kept else ()
        return not any(compare_digest(digest, stored.digest) for stored in latest)

    def _require_header_for_another_host(self, before: Client | None, file: ClientFile) -> None:
        """Refuse to send another host the header that was kept for the one before."""
        was = before.shared_signals if before else None
        now = file.registration.ameli.ssf
        if was is None or now is None or file.delivery_secret is not None:
            return
        client_id = file.registration.client_id
        moved = origin(was.endpoint_url) != origin(now.endpoint_url)
        if moved and self.delivery_secrets.of(client_id) is not None:
            flaw = "ameli.ssf.authorization_header: required, its receiver is another host"
            raise RegistrationRefused(client_id, (flaw,))

    def _is_new_header(self, file: ClientFile) -> bool:
        """Tell whether the file brings another header; one without leaves what is kept."""
        header = file.delivery_secret
        return header is not None and (
            header != self.delivery_secrets.of(file.registration.client_id)
        )

    def _apply(self, plan: Plan, actor: Actor) -> None:
        now, client_id = self.clock(), plan.client_id
        self.store.save(client_id, plan.file.document, now)
        if plan.new_secret and plan.file.secret is not None:
            digest = self.clients.secret_digest(client_id, plan.file.secret)
            self.store.add_secret(client_id, digest, now, plan.previous_until)
        if plan.after.shared_signals is None:
            self.delivery_secrets.forget(client_id)
        elif header := plan.file.delivery_secret:
            self.delivery_secrets.keep(client_id, header)
        happened = ClientCreated if plan.new else ClientUpdated
        self.audit.record(happened(client_id=client_id, actor=actor, after=plan.effects))

    def _switch(
        self, client_id: str, event: ClientDisabled | ClientEnabled, *, enabled: bool
    ) -> None:
        with self.db.transaction():
            if not self.store.enable(client_id, enabled=enabled, now=self.clock()):
                raise UnknownClient
            self.audit.record(event)
            if not enabled:
                self.switched_off(client_id)
            self.clients.snapshot.changed()
        self.clients.snapshot.forget()


def _require_one_server_each(known: dict[str, StoredClient], plans: Iterable[Plan]) -> None:
    """Refuse a resource that two partners would serve: each could read the other's tokens."""
    documents = {client_id: kept.document for client_id, kept in known.items()}
    documents |= {plan.client_id: plan.file.document for plan in plans}
    servers: dict[str, str] = {}
    for client_id, document in documents.items():
        resource = document.get("ameli", {}).get("resource")
        if resource is not None and servers.setdefault(resource, client_id) != client_id:
            flaw = f"ameli.resource: {servers[resource]} already serves it"
            raise RegistrationRefused(client_id, (flaw,))


def _listed(kept: StoredClient) -> dict[str, Any]:
    client = Registration.model_validate(kept.document).client()
    return {
        "client_id": client.client_id,
        "client_name": client.client_name,
        "enabled": kept.enabled,
        "profile": str(client.profile),
        "minimum_acr": client.minimum_acr,
        "scope": " ".join(sorted(client.scopes)),
        "secrets": len(kept.secrets),
        "previous_secret_until": _end_of_previous(kept),
        "lifted": [f"{rule.name} until {rule.until}" for rule in client.compatibility],
        "updated_at": kept.updated_at.isoformat(timespec="seconds"),
    }


def _end_of_previous(kept: StoredClient) -> str | None:
    ends = [secret.expires_at for secret in kept.secrets if secret.expires_at is not None]
    return max(ends).isoformat(timespec="seconds") if ends else None
