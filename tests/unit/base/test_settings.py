"""Settings: what is read, and what is made of it."""

import base64
from pathlib import Path

import pytest

from broker.base.errors import ServiceNotReady
from broker.base.settings import load_settings

KEY = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize("environment", [{}, {"BROKER_DATABASE_URL": "sqlite:///broker.db"}])
def test_a_relative_database_lies_in_the_working_folder_for_every_library(environment):
    settings = load_settings(environment)

    assert settings.database_url == f"sqlite:///{Path.cwd() / 'broker.db'}"


@pytest.mark.parametrize(
    "url", ["sqlite:////var/lib/broker.db", "postgresql+psycopg://broker@db/broker"]
)
def test_an_absolute_database_stays_as_it_is(url):
    assert load_settings({"BROKER_DATABASE_URL": url}).database_url == url


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({}, ("secret-key",)),
        ({"BROKER_PASSWORD_KEYS": ""}, ("secret-key",)),
        ({"BROKER_PASSWORD_KEYS": f"2027a:{KEY}, 2026a:{KEY}"}, ("2027a", "2026a")),
        ({"BROKER_PASSWORD_KEYS": f"secret-key,2026a:{KEY}"}, ("secret-key", "2026a")),
    ],
)
def test_password_keys_keep_their_order_and_the_secret_key_gives_one_where_none_is_named(
    given, read
):
    assert tuple(key_id for key_id, _ in load_settings(given).password_keys) == read


@pytest.mark.parametrize(
    "value",
    [
        f"2$a:{KEY}",
        f"{'x' * 41}:{KEY}",
        f"a:{KEY},a:{KEY}",
        "a:c2hvcnQ=",
        "a",
        f"secret-key:{KEY}",
    ],
)
def test_a_password_key_that_a_hash_could_not_name_is_refused_without_a_word_of_it(value):
    with pytest.raises(ServiceNotReady) as refusal:
        load_settings({"BROKER_PASSWORD_KEYS": value})

    assert str(refusal.value).startswith("settings refused: password_keys: ")
    assert KEY not in str(refusal.value)
