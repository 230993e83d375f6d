"""The API's creation: the steps of the app, the same refusals, every answer as described."""

import hypothesis
import pytest
from hypothesis import strategies as st

from broker.accounts.accounts import Accounts
from broker.accounts.model import Channel, Status
from broker.insured.nir import Nir
from broker.signup.by_card import ByCard
from tests.unit.accounts.builders import NIR, claire
from tests.unit.api.conftest import BASE, NativeApp
from tests.unit.mobile.owner import PhoneOwner

pytestmark = pytest.mark.usefixtures("insured_id")
OTHER = Nir("2850729019002")
BROKEN = {
    "a member twice": b'{"cgu": "oui", "cgu": "oui"}',
    "not a number": b'{"cgu": NaN}',
    "a number": b'{"cgu": 1}',
    "a number of many digits": b'{"cgu": ' + b"1" * 5_000 + b"}",
    "a list": b'["cgu"]',
    "depth": b"[" * 60_000,
    "an unknown member": b'{"cgu": "oui", "admin": "oui"}',
    "NUL": b'{"cgu": "oui\\u0000"}',
    "a change of direction": b'{"cgu": "\\u202eiuo"}',
    "half a character": b'{"cgu": "\\ud800"}',
    "no UTF-8": b'{"cgu": "\xff"}',
    "nothing": b"",
}


def test_the_steps_lead_to_a_pending_account_of_the_app(bench, native):
    assert native.begins().json["next"] == "identity"
    found = native.identifies().json
    assert (found["next"], found["iban_mask"][0]) == ("card", "FR..")
    assert native.proves().json == {"next": "contact"}
    assert native.creates().json == {"next": "finished", "masked_email": "c***@e***.fr"}

    account = bench.of(Accounts).by_nir(NIR)
    assert (account.status, account.channel) == (Status.PENDING, Channel.APP)
    assert len(bench.mails("activation")) == 1


def test_a_repeated_last_step_opens_no_second_account(bench, native):
    native.comes_to_account()
    native.creates()

    again = native.creates()

    assert (again.status_code, again.json["next"]) == (409, "finished")
    assert len(bench.events("account.created")) == 1


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_a_body_that_programs_could_read_in_two_ways_is_refused(native, body):
    answer = native.sends("", body)

    assert (answer.status_code, answer.json["code"]) == (400, "json-invalid")


def test_a_body_too_large_and_one_of_another_type_are_refused(native):
    assert native.sends("", b'{"cgu": "' + b"a" * 100_000 + b'"}').status_code == 413
    form = native.sends("", b"cgu=oui", "application/x-www-form-urlencoded")
    assert (form.status_code, form.json["code"]) == (415, "json-media-type")


@pytest.mark.parametrize("step", ["/identite", "/carte", "/compte"])
def test_a_step_without_a_journey_says_where_to_begin(native, step):
    answer = native.posts(step)

    assert (answer.status_code, answer.json["next"]) == (409, "terms")


def test_the_proofs_of_one_person_do_not_serve_the_next_one_who_is_named(bench, native):
    bench.registers(claire(nir=OTHER))
    native.comes_to_account()
    native.identifies(nir=OTHER.value)

    assert native.creates().json["next"] == "card"


def test_every_reason_gives_one_refusal_that_differs_by_its_reference(bench, native):
    bench.registers(claire(nir=OTHER, rights_open=False))
    answers = []
    for changes in ({"nom": "Personne"}, {"nir": OTHER.value}):
        native.begins()
        answers.append(native.identifies(**changes))

    first, second = (answer.json for answer in answers)
    assert [answer.status_code for answer in answers] == [403, 403]
    assert first.pop("reference") != second.pop("reference")
    assert first == second
    assert "FranceConnect" not in first["detail"]


def test_wrong_proofs_are_one_message_until_the_way_is_closed(bench, limit, native):
    limit(ByCard, card_count=2)
    native.begins()
    native.identifies()
    wrong = native.proves(iban7="0000000")
    assert (wrong.status_code, wrong.json["code"]) == (422, "card-mismatch")

    closed = native.proves(vitale11="00000000000")

    assert (closed.status_code, closed.json["code"]) == (403, "creation-refused")
    assert closed.json["reference"] == bench.events("account.create.refused")[-1]["txn"]


def test_the_count_of_identities_is_that_of_the_screens(app, limit, native):
    limit(ByCard, identity_pair_count=1)
    owner = PhoneOwner(app, address="127.0.0.1")
    owner.accepts_terms()
    owner.identifies(nom="Personne")
    native.begins()

    answer = native.identifies()

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_what_is_wrong_is_said_for_each_member(native):
    native.begins()

    answer = native.identifies(nom="", nir="12")

    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json["errors"]] == ["/nom", "/nir"]


def test_a_used_address_is_said(bench, native, client):
    bench.registers(claire(nir=OTHER))
    native.comes_to_account()
    native.creates()
    second = NativeApp(client)
    second.begins()
    second.identifies(nir=OTHER.value)
    second.proves()

    answer = second.creates()

    assert (answer.status_code, answer.json["code"]) == (409, "email-used")
    assert answer.json["errors"][0]["pointer"] == "/email"


def test_a_journey_of_the_api_serves_no_browser(app, native):
    native.comes_to_account()
    owner = PhoneOwner(app)
    owner.opens("/app/conditions")
    owner.client.set_cookie("ameli_creation_app", native.token)

    assert owner.creates().status_code == 409


@pytest.mark.parametrize(
    "text",
    ["٢٨٥٠٧٢٩٠١٩٠٠١", "2850729019001" + "\u0301" * 300, "x" * 401, "２８５０", "\U0001f9e8"],
    ids=["Arabic digits", "combining marks", "too long", "wide digits", "a picture"],
)
def test_a_text_that_is_no_answer_gets_a_message_beside_its_member(native, text):
    native.begins()

    answer = native.identifies(nir=text)

    assert (answer.status_code, answer.json["code"]) == (422, "form-refused")
    assert [one["pointer"] for one in answer.json["errors"]] == ["/nir"]


@hypothesis.settings(max_examples=30, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(data=st.data())
def test_no_text_makes_an_answer_that_is_not_described(native, data):
    texts = st.text(max_size=40)
    step = data.draw(st.sampled_from(["", "/identite", "/carte", "/compte"]))
    schema = native.description["paths"][BASE + step]["post"]["requestBody"]["content"]
    members = schema["application/json"]["schema"]["properties"]

    native.posts(step, **{name: data.draw(texts) for name in members})
