"""The schema of client files says the same as the typed members; the documents say the same."""

import json
from datetime import date

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator, FormatChecker

from broker.base.messages import Messages
from broker.cli import broker
from broker.clients.files import FileReader
from broker.clients.model import RegistrationRefused
from broker.clients.registration import AmeliKeys, LiftedRule, Registration
from broker.clients.schema import schema
from broker.clients.shared_signals import SharedSignals
from scripts.write_client_reference import members, written
from tests.conftest import ROOT
from tests.support.partner import API, PUBLIC, REFRESHING, a_registration

WORDS = Messages.load(ROOT / "templates/messages")
SCHEMA = schema(WORDS.sentence)
JUDGE = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
MEMBERS = dict(members(SCHEMA))
SAMPLES = sorted(ROOT.glob("config/*/clients/*.json"))


def accepted_by_schema(document):
    return JUDGE.is_valid(document)


def accepted_by_model(document):
    try:
        FileReader(lenient=True).judge(document)
    except RegistrationRefused:
        return False
    return True


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.name)
def test_the_files_of_the_demo_pass_and_name_it(file):
    document = json.loads(file.read_text())

    assert list(JUDGE.iter_errors(document)) == []
    assert (file.parent / document["$schema"]).resolve() == ROOT / "docs/client.schema.json"
    assert FileReader(lenient=True).read_one(file).warnings == ()


@pytest.mark.parametrize(
    "changes",
    [{}, REFRESHING, PUBLIC, {"jwks": None}, {"default_max_age": 0}, {"logo_uri": "https://x/"},
     {"redirect_uris": None, "scope": None, "ameli": {"resource": API, "introspects": True}},
     {"ameli": {"compatibility": [{"name": "no_pkce", "until": "2027-06-30"}]}},
     {"ameli": {"ssf": {"endpoint_url": "https://x/", "authorization_header": "x" * 32}}}],
    ids=str,
)  # fmt: skip
def test_what_the_members_accept_the_schema_accepts(changes):
    document = a_registration(**changes)

    assert accepted_by_model(document)
    assert accepted_by_schema(document)


@pytest.mark.parametrize("name", [n for n, member in MEMBERS.items() if "." not in n and
                                  n not in {"$schema", "client_id"}])  # fmt: skip
@pytest.mark.parametrize("value", [{"a": 1}, [1], 1, -1, "other", "", True, 1.5], ids=repr)
def test_a_value_of_another_kind_is_refused_by_both_or_by_neither(name, value):
    """What the schema alone accepts breaks a rule between members, or on addresses."""
    document = a_registration() | {name: value}

    if not accepted_by_schema(document):
        assert not accepted_by_model(document)
    elif not accepted_by_model(document):
        assert MEMBERS[name].get("format") == "uri" or name in _JUDGED_WITH_OTHERS


# What is well formed alone, and refused for what stands beside it or for what it holds.
_JUDGED_WITH_OTHERS = {
    "client_uri", "policy_uri", "redirect_uris", "post_logout_redirect_uris", "jwks_uri", "jwks",
    "sector_identifier_uri", "backchannel_logout_uri", "frontchannel_logout_uri", "scope",
}  # fmt: skip


@pytest.mark.parametrize(
    "name", [n for n in MEMBERS if n.startswith("ameli.") and n.count(".") == 1]
)
@pytest.mark.parametrize("value", [{"a": 1}, [1], 1, "other", "", True], ids=repr)
def test_a_key_of_ours_is_refused_by_both_or_by_neither(name, value):
    keys = {"resource": API} | {name.removeprefix("ameli."): value}
    document = a_registration(ameli=keys)

    if name in {"ameli.profile", "ameli.resource", "ameli.first_party"}:
        # Rules between members, and of URIs.
        assert accepted_by_schema(document) or not accepted_by_model(document)
    else:
        assert accepted_by_schema(document) == accepted_by_model(document)


def test_an_unknown_key_of_ours_is_refused_by_both():
    document = a_registration(ameli={"sectors": "x"})

    assert not accepted_by_schema(document)
    assert not accepted_by_model(document)


@pytest.mark.parametrize("text", ["not a date", "2027-13-01", "30/06/2027"])
def test_a_day_is_a_date_for_both(text):
    document = a_registration(ameli={"compatibility": [{"name": "no_pkce", "until": text}]})

    assert not accepted_by_schema(document)
    assert not accepted_by_model(document)


def test_every_member_is_in_the_schema_and_nothing_else():
    typed = {*Registration.model_fields, "$schema", "client_secret"}
    typed |= {f"ameli.{name}" for name in AmeliKeys.model_fields}
    typed |= {f"ameli.compatibility.{name}" for name in LiftedRule.model_fields}
    typed |= {f"ameli.ssf.{name}" for name in SharedSignals.model_fields}

    assert set(MEMBERS) == typed


def test_the_documents_are_what_the_members_say():
    for place, text in written().items():
        assert place.read_text() == text, "run python -m scripts.write_client_reference"


def test_the_command_prints_the_schema_that_the_documents_hold():
    printed = CliRunner().invoke(broker, ["clients", "schema"])

    assert printed.output == (ROOT / "docs/client.schema.json").read_text()


def test_a_day_of_a_toml_file_is_read_too():
    rule = {"name": "no_pkce", "until": date(2027, 6, 30)}

    assert accepted_by_model(a_registration(ameli={"compatibility": [rule]}))
