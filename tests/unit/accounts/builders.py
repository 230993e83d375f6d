"""Fictional people of the register, and what a completed journey gives for them."""

import json
import re
from dataclasses import dataclass
from itertools import count
from types import MappingProxyType

from flask import Flask
from sqlalchemy import select

from broker.accounts.email_address import EmailAddress
from broker.accounts.model import Channel, Consent, Contact, NewAccount
from broker.accounts.new_browsers import NewBrowsers
from broker.base.crypto import Secret
from broker.foundation import Foundation
from broker.insured.birth_date import BirthDate
from broker.insured.lookup import Insured
from broker.insured.model import InsuredPerson, NirStatus, Quality, Sex, VitaleStatus
from broker.insured.nir import Nir
from broker.insured.proofs import Iban, VitaleSerial
from broker.mail.store import MAIL
from tests.conftest import NOON

NIR = Nir("2850729019001")
BORN = BirthDate(1985, 7, 14)
_references = count(1)
_CLAIRE = MappingProxyType({
    "nir": NIR,
    "nir_status": NirStatus.DEFINITIVE,
    "certified": True,
    "quality": Quality.ASSURE,
    "birth_name": "LE GALL",
    "usage_name": "FAVREAU",
    "given_names": "CLAIRE MARIE",
    "sex": Sex.FEMALE,
    "birth_date": BORN,
    "birthplace": "29019",
    "birthcountry": "99100",
    "regime": "RG",
    "rights_open": True,
    "postal_codes": ("29200", "35000"),
    "ibans": (Iban("FR7630004004573690852496284"),),
    "vitale_serial": VitaleSerial("802500000287785677424"),
    "vitale_status": VitaleStatus.ACTIVE,
})  # fmt: skip


def claire(**changes) -> InsuredPerson:
    """Claire Marie Le Gall, who may create an account; every field can be changed."""
    return InsuredPerson(**{**_CLAIRE, **changes})


def a_new_account(insured_id: str, **changes) -> NewAccount:
    email = changes.pop("email", "claire@exemple.fr")
    values = {
        "insured_id": insured_id,
        "nir": NIR,
        "contact": Contact(
            email=EmailAddress.parse(email), consents=(Consent("studies_email", False, "v1"),)
        ),
        "password_hash": Secret("hash"),
        "channel": Channel.CARD,
        "terms_version": "v1",
        "terms_accepted_at": NOON,
        "reference": f"REF-{next(_references)}",
    }
    return NewAccount(**{**values, **changes})


@dataclass
class Bench:
    """The composed application, a register, and the mails that left."""

    app: Flask

    def of(self, service):
        return self.app.extensions["broker"][service]

    def registers(self, person: InsuredPerson) -> str:
        """Put the person into the register; return the row's id."""
        store = self.of(Insured).store
        (row_id,) = store.sealer.ids([person])
        store.save(store.ready({row_id: person}, NOON))
        return row_id

    def mails(self, kind: str) -> list[str]:
        """Return the texts of that kind that wait, oldest first, the recipient on top."""
        self.of(NewBrowsers).tell()
        f = self.of(Foundation)
        rows = f.db.all(
            select(MAIL)
            .where(MAIL.c.kind == kind, MAIL.c.state == "due")
            .order_by(MAIL.c.created_at)
        )
        return [f.vault.open(MAIL.c.content, row.content) for row in rows]

    def link(self, kind: str) -> Secret:
        """Return the token of the only mail of that kind that waits."""
        (token,) = self.links(kind)
        return token

    def links(self, kind: str) -> list[Secret]:
        """Return the tokens of the mails of that kind that wait, oldest first."""
        return [self._token(mail) for mail in self.mails(kind)]

    def _token(self, mail: str) -> Secret:
        joined = mail.replace("=\n", "").replace("=\r\n", "")
        return Secret(re.findall(r"^http\S+/([\w-]{43})\r?$", joined, re.MULTILINE)[0])

    def events(self, prefix: str) -> list[dict]:
        """Return the bodies of the events whose type begins so."""
        bodies = self.of(Foundation).audit.store.search(type_prefix=prefix)
        return [json.loads(body) for body in bodies]
