"""An account whose holder's row in the register says what a test wants."""

import csv
import io

from flask import Flask

from broker.accounts.accounts import Accounts
from broker.accounts.passwords import Passwords
from broker.base.crypto import Secret
from broker.insured.nir import Nir
from broker.insured.register import RegisterImport
from tests.support.partner import OPERATOR
from tests.support.people import every_row

NIR = "2470541043404"
_OWN = {
    "nir": NIR,
    "nir_key": f"{97 - int(NIR) % 97:02}",
    "account_email": "annie.autre@exemple.fr",
    "has_account": "1",
}


def insured_account(app: Flask, *, password: str | None = None, **columns: str) -> str:
    """Import a row like the sample's first, but for these columns; return its account's id."""
    row = {**every_row()[0], **_OWN, **columns}
    file = io.StringIO()
    written = csv.DictWriter(file, list(row))
    written.writeheader()
    written.writerow(row)
    services, bad = app.extensions["broker"], []
    services[RegisterImport].load(
        io.BytesIO(file.getvalue().encode()),
        actor=OPERATOR,
        on_bad_row=bad.append,
        on_progress=lambda _count: None,
    )
    assert bad == []
    accounts = services[Accounts]
    found = accounts.by_nir(Nir.parse(row["nir"]))
    assert found
    if password:
        hashed = services[Passwords].hash(Secret(password))
        with accounts.db.transaction():
            accounts.store.set_password(found.id, hashed)
    return str(found.id)
