"""The demo's own file, and what a file may not say."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from demo.franceconnect.citizens import Citizens
from demo.franceconnect.config import Config
from demo.franceconnect.server import outgoing

DEMO = Path(__file__).parents[3] / "demo" / "franceconnect" / "simulator.toml"


def test_the_demo_has_the_seven_accounts_in_order():
    config = Config.load(DEMO)

    assert [idp.name for idp in config.identity_providers] == [
        "impots.gouv.fr",
        "Ameli.fr",
        "L'Identité Numérique",
        "France Identité",
        "MSA",
        "YRIS",
        "trustme",
    ]


def test_every_site_of_the_demo_offers_the_seven_accounts():
    config = Config.load(DEMO)

    for site in config.service_providers:
        assert len(config.identity_providers_of(site)) == 7


def test_the_paths_of_a_file_start_at_its_folder():
    config = Config.load(DEMO)

    assert Citizens.load(config.citizens, config.pivots).find("piv-400")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("port = 8001", "port = 8001\nunknown = true"),
        ('client_secret = "demo-only-ameli-fs-secret-0123456789abcdef"', 'client_secret = "x"'),
        ('algorithm = "ES256"', 'algorithm = "none"'),
    ],
)
def test_a_file_with_a_mistake_is_refused(tmp_path, right, wrong):
    file = tmp_path / "simulator.toml"
    file.write_text(DEMO.read_text(encoding="utf-8").replace(right, wrong, 1), encoding="utf-8")

    with pytest.raises(ValidationError):
        Config.load(file)


def test_calls_to_identity_providers_keep_no_cookie_and_trust_only_the_file():
    config = Config.load(DEMO).model_copy(update={"ca_bundle": Path("ca.pem")})

    http = outgoing(config)

    assert http.verify == "ca.pem"
    assert not http.trust_env
