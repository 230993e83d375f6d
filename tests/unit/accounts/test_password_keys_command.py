"""``broker password-keys``: which keys passwords still need."""

import json

from broker.accounts.creation import Creation
from broker.accounts.passwords import Passwords
from broker.app import create_app
from broker.base.crypto import Secret
from tests.conftest import ROOT, test_settings
from tests.support.commands import command
from tests.unit.accounts.builders import Bench, a_new_account, claire

OLD = f"2026a:{'A' * 43}="
NEW = f"2027a:{'B' * 42}A="


def test_a_key_that_passwords_need_is_missed_aloud(sqlite_url):
    bench = Bench(create_app(test_settings(sqlite_url, BROKER_PASSWORD_KEYS=OLD)))
    hashed = bench.of(Passwords).hash(Secret("Tulipes&Violon7"))
    insured_id = bench.registers(claire())
    bench.of(Creation).open_pending(a_new_account(insured_id, password_hash=hashed))

    kept = counted(sqlite_url, f"{NEW},{OLD}")
    forgotten = counted(sqlite_url, NEW)

    assert kept == (
        0,
        {"2027a": ("active", 0), "2026a": ("readable", 1), "secret-key": ("readable", 0)},
    )
    assert forgotten == (
        1,
        {"2027a": ("active", 0), "2026a": ("missing", 1), "secret-key": ("readable", 0)},
    )


def counted(url, keys):
    environment = {
        "BROKER_SETTINGS": str(ROOT / "config/test.toml"),
        "BROKER_DATABASE_URL": url,
        "BROKER_PASSWORD_KEYS": keys,
    }
    done = command("password-keys", "--json", environment=environment)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return done.code, {row["key"]: (row["state"], row["accounts"]) for row in rows}
