"""How an account comes to be tied to a FranceConnect identity, for tests about what follows."""

from flask import Flask

from broker.accounts.accounts import Accounts
from broker.accounts.model import UpstreamIdentity
from broker.accounts.tying import Tying
from broker.base.db import Database


def tie(app: Flask, account_id: str, iss: str, sub: str) -> None:
    services = app.extensions["broker"]
    with services[Database].transaction():
        account = services[Accounts].locked(account_id)
        services[Tying].tie(
            account, UpstreamIdentity(iss, sub), replacing=None, auth_event_id="K7TP-4WQD-2M"
        )
