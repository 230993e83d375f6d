"""Codes and access tokens of before the migration live on after it."""

from datetime import timedelta

from alembic import command
from sqlalchemy import create_engine, text

from broker.base.crypto import fingerprint
from broker.base.db import Database
from broker.base.engine import prepare_engine
from broker.migration import _config, migrate
from broker.oidc.tokens.store import TokenStore
from tests.conftest import NOON, test_settings

_BEFORE = "0004"


def test_an_access_token_survives_the_migration(database_url):
    engine = create_engine(database_url)
    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, _BEFORE)
        connection.execute(
            text(
                "INSERT INTO oidc_grant (code_digest, client_id, account_id, sid, auth_event_id,"
                " auth_time, acr, amr, scopes, userinfo_claims, id_token_claims, redirect_uri,"
                " created_at, code_expires_at, redeemed_at, access_digest, access_expires_at)"
                " VALUES (:code, 'partenaire', 'compte', 'session', 'connexion', :now, 'eidas1',"
                " 'pwd otp', 'openid email', '', '', 'https://partenaire.test/', :now, :soon,"
                " :now, :access, :later)"
            ),
            {
                "code": fingerprint("code"),
                "access": fingerprint("jeton"),
                "now": _kept(NOON, engine),
                "soon": _kept(NOON + timedelta(minutes=1), engine),
                "later": _kept(NOON + timedelta(minutes=5), engine),
            },
        )
    engine.dispose()

    migrate(test_settings(database_url))

    engine = create_engine(database_url)
    prepare_engine(engine)
    found = TokenStore(Database(engine)).access("jeton")
    engine.dispose()
    assert found
    token, state = found
    assert (token.scopes, token.issued_at) == (("openid", "email"), NOON)
    assert token.expires_at == NOON + timedelta(minutes=5)
    assert state.over(NOON + timedelta(minutes=4, seconds=59)) is None
    assert state.over(NOON + timedelta(minutes=5)) == "expired"
    assert state.grant.amr == ("pwd", "otp")


def _kept(moment, engine):
    return moment.replace(tzinfo=None) if engine.dialect.name == "sqlite" else moment
