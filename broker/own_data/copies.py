"""Gathers what the service keeps of one person from the capabilities that keep it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from broker.accounts.accounts import Accounts
from broker.accounts.address_wait import AddressWait
from broker.accounts.contact_change import ContactChange
from broker.accounts.model import Account
from broker.audit.log import AuditLog
from broker.audit.questions.history import History
from broker.base.clock import Clock
from broker.clients.directory import Clients
from broker.insured.birth_date import BirthDate
from broker.insured.lookup import Insured
from broker.oidc.claims.readable import lines
from broker.oidc.consents.agreements import Consents
from broker.oidc.consents.model import AuthorizedService
from broker.oidc.consents.receipts import Receipt, Receipts
from broker.own_data.events import OwnDataCopied
from broker.own_data.model import Node, Said
from broker.sessions.memory import BrowserMemory
from broker.sessions.model import Session
from broker.sessions.sessions import Sessions

_SINCE = timedelta(days=3 * 365)  # the trail keeps nothing of a person for longer
_LOGIN = "session.created"
ACTS = (
    "account.created", "account.activated", "account.contact.changed", "account.data.copied",
    "account.disabled", "account.enabled", "account.intrusion.reported",
    "browser.forgotten", "browser.remembered", "consent.given", "consent.revoked",
    "credential.password.changed", "credential.reset.done", "cut.told", "fc.linked", "fc.unlinked",
    "identifier.email.changed", "identifier.email.requested", "identifier.email.undone",
)  # fmt: skip


@dataclass(frozen=True)
class Copies:
    """Tells people all that their account holds, the number masked: they know it."""

    accounts: Accounts
    address_wait: AddressWait
    contact: ContactChange
    insured: Insured
    sessions: Sessions
    memory: BrowserMemory
    consents: Consents
    receipts: Receipts
    clients: Clients
    history: History
    audit: AuditLog
    clock: Clock

    def make(self, session: Session, form: str) -> dict[str, Node]:
        """Return the copy, and record that it was made; whoever calls has checked the password.

        Raises AddressTooNew: what was read cannot be taken back.
        """
        self.address_wait.require_over(session.account_id, "data_copy", session.auth_event_id)
        account = self.accounts.get(session.account_id)
        self.audit.record(
            OwnDataCopied(subject=account.id, auth_event_id=session.auth_event_id, form=form)
        )
        return {
            "made_at": self.clock(),
            "account": _account(account),
            "identity": self._identity(account),
            **self._contact(account),
            "ties": [
                {"issuer": tie.identity.iss, "since": tie.tied_at}
                for tie in self.accounts.ties(account.id)
            ],
            **self._browsers(account.id),
            "services": [_service(one) for one in self.consents.authorized(account.id)],
            "receipts": [_receipt(one) for one in self.receipts.every(account.id)],
            "logins": self._logins(account.id),
            "acts": self._acts(account.id),
        }

    def _identity(self, account: Account) -> Node:
        person = self.insured.person(account.insured_id)
        return {
            "nir": person.nir.masked,
            "birth_name": person.birth_name,
            "usage_name": person.usage_name,
            "given_names": person.given_names,
            "sex": Said(f"sex.{person.sex}"),
            "birth_date": _french(person.birth_date),
            "birthplace": person.birthplace,
            "birthcountry": person.birthcountry,
            "postal_codes": list(person.postal_codes),
        }

    def _contact(self, account: Account) -> dict[str, Node]:
        reach = self.contact.present(account.id)
        return {
            "contact": {
                "email": account.email.reveal(),
                "mobile": reach.mobile.shown if reach.mobile else None,
                "landline": reach.landline.shown if reach.landline else None,
            },
            "answers": [
                {
                    "question": Said(f"fields.{consent.purpose}"),
                    "given": consent.given,
                    "text_version": consent.text_version,
                }
                for consent in reach.consents
            ],
        }

    def _browsers(self, account_id: str) -> dict[str, Node]:
        return {
            "sessions": [
                {
                    "browser": _browser(one.session.label),
                    "since": one.session.auth_time,
                    "seen_at": one.seen_at,
                }
                for one in self.sessions.every(account_id)
            ],
            "browsers": [
                {"browser": _browser(b.label), "since": b.created_at, "until": b.expires_at}
                for b in self.memory.every(account_id)
            ],
        }

    def _logins(self, account_id: str) -> list[Node]:
        return [
            {
                "at": _time(event),
                "ways": [Said(f"amr.{way}") for way in event["amr"]],
                "service": self._name(event) or Said("here"),
                "reference": event["auth_event_id"],
            }
            for event in self._events(account_id, _LOGIN)
        ]

    def _acts(self, account_id: str) -> list[Node]:
        return [self._act(event) for event in self._events(account_id, *ACTS)]

    def _act(self, event: dict[str, Any]) -> Node:
        told: dict[str, Node] = {"at": _time(event), "act": Said(f"act.{event['type']}")}
        if "client_id" in event:
            told["service"] = self._name(event)
        if "data" in event:
            told["data"] = _data(lines(event["data"]))
        if "fields" in event:
            told["changed"] = [Said(f"fields.{name}") for name in event["fields"]]
        return told

    def _events(self, account_id: str, *kinds: str) -> list[dict[str, Any]]:
        return self.history.bodies(account_id, kinds, since=self.clock() - _SINCE)

    def _name(self, event: dict[str, Any]) -> str | None:
        client = self.clients.registered(event.get("client_id", ""))
        return client.client_name if client else event.get("client_id")


def _account(account: Account) -> Node:
    return {
        "created_at": account.created_at,
        "channel": Said(f"channel.{account.channel}"),
        "activated_at": account.activated_at,
        "reference": account.reference,
        "has_password": account.has_password,
    }


def _service(service: AuthorizedService) -> Node:
    return {
        "service": service.client.client_name,
        "since": service.since,
        "data": _data(service.data),
    }


def _receipt(receipt: Receipt) -> Node:
    return {
        "service": receipt.client.client_name if receipt.client else receipt.client_id,
        "given_at": receipt.given_at,
        "last_given_at": receipt.last_given_at,
        "data": _data(receipt.data),
        "reads": receipt.reads,
        "read_at": receipt.read_at,
        "reference": receipt.login,
    }


def _data(names: Iterable[str]) -> list[Node]:
    return [Said(f"data.{name}") for name in names]


def _browser(label: str) -> Node:
    return label.replace(", ", " sur ") if label else Said("unknown_browser")


def _french(date: BirthDate) -> str:
    return f"{date.day:02}/{date.month:02}/{date.year:04}"


def _time(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["time"])
