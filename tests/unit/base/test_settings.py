"""Settings: what is read, and what is made of it."""

from pathlib import Path

import pytest

from broker.base.settings import load_settings


@pytest.mark.parametrize("environment", [{}, {"BROKER_DATABASE_URL": "sqlite:///broker.db"}])
def test_a_relative_database_lies_in_the_working_folder_for_every_library(environment):
    settings = load_settings(environment)

    assert settings.database_url == f"sqlite:///{Path.cwd() / 'broker.db'}"


@pytest.mark.parametrize(
    "url", ["sqlite:////var/lib/broker.db", "postgresql+psycopg://broker@db/broker"]
)
def test_an_absolute_database_stays_as_it_is(url):
    assert load_settings({"BROKER_DATABASE_URL": url}).database_url == url
