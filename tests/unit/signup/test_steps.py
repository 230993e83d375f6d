"""Steps in order, in one browser, for a while; the last one judges everything again."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from broker.accounts.accounts import Accounts
from broker.accounts.activation import Activation
from broker.accounts.creation import Creation
from broker.accounts.email_address import EmailAddress
from broker.accounts.model import Contact
from broker.accounts.passwords import Passwords
from broker.accounts.store import ACCOUNT
from broker.base.crypto import Secret, fingerprint
from broker.base.db import Database
from broker.foundation import Foundation
from broker.insured.nir import Nir
from broker.signup.completion import Completion
from broker.signup.journeys import Journeys
from broker.signup.model import OutOfOrder
from broker.signup.store import DRAFT
from tests.unit.accounts.builders import NIR, a_new_account, claire
from tests.unit.signup.visitor import PASSWORD, PROOFS, Visitor, goes_to, words

pytestmark = pytest.mark.usefixtures("insured_id")
LATER_STEPS = ("carte", "conditions", "mot-de-passe", "coordonnees", "impossible", "terminee")


@pytest.mark.parametrize("step", LATER_STEPS)
def test_a_step_without_a_journey_leads_to_the_beginning(visitor, step):
    answer = visitor.opens(f"/creation-compte/{step}")

    assert answer.status_code == 409
    assert 'href="/creation-compte"' in answer.text


@pytest.mark.parametrize("step", ["conditions", "mot-de-passe", "coordonnees"])
def test_a_step_ahead_leads_back_to_the_one_that_is_missing(visitor, step):
    visitor.identifies()

    answer = visitor.posts(f"/creation-compte/{step}")

    assert answer.status_code == 409
    assert 'href="/creation-compte/carte"' in answer.text


def test_an_earlier_step_may_be_done_again(visitor):
    visitor.comes_to_contact()

    assert visitor.opens("/creation-compte/conditions").status_code == 200
    assert goes_to(visitor.accepts_terms()) == "/mot-de-passe"
    assert visitor.opens("/creation-compte/coordonnees").status_code == 200


def test_the_first_screen_shows_again_what_was_typed(visitor):
    visitor.identifies()

    assert 'value="Le Gall"' in visitor.opens("/creation-compte").text


def test_a_journey_belongs_to_its_browser(app, visitor):
    visitor.comes_to_contact()
    thief = Visitor(app)
    stolen = visitor.client.get_cookie("ameli_creation")
    thief.client.set_cookie(stolen.key, stolen.value)

    assert thief.gives_contact().status_code == 409


def test_a_journey_ends_an_hour_after_the_last_act(visitor, clock):
    visitor.identifies()
    clock.advance(minutes=59)
    visitor.proves()
    clock.advance(minutes=60)
    assert visitor.opens("/creation-compte/conditions").status_code == 200

    clock.advance(seconds=1)
    assert visitor.opens("/creation-compte/conditions").status_code == 409


def test_cancelling_erases_the_journey(bench, visitor):
    visitor.comes_to_contact()

    answer = visitor.posts("/creation-compte/annuler")

    assert answer.headers["Location"] == "/connexion"
    assert bench.of(Database).scalar(select(func.count()).select_from(DRAFT)) == 0
    assert visitor.gives_contact().status_code == 409


def test_expired_journeys_are_purged(bench, visitor, clock):
    visitor.identifies()
    clock.advance(hours=1, seconds=1)

    (task,) = bench.of(Journeys).tasks()

    assert task.run() == 1


def test_what_was_typed_is_sealed_at_rest(bench, visitor):
    visitor.comes_to_contact()

    stored = b"".join(v for v in bench.of(Database).one(select(DRAFT)) if isinstance(v, bytes))

    for secret in (NIR.value, "Le Gall", "argon2", PASSWORD):
        assert secret.encode() not in stored


def test_a_proof_is_compared_and_dropped(bench, visitor):
    visitor.identifies()
    visitor.proves(iban7="0000000")
    visitor.proves()
    vault = bench.of(Foundation).vault

    state = vault.open(DRAFT.c.state, bench.of(Database).one(select(DRAFT)).state)

    assert NIR.value in state
    for proof in (*PROOFS.values(), "0000000"):
        assert proof not in state


def test_terms_must_be_accepted(visitor):
    visitor.identifies()
    visitor.proves()

    answer = visitor.posts("/creation-compte/conditions")

    assert answer.status_code == 422
    assert "cochez la case" in words(answer)


@pytest.mark.parametrize(
    ("password", "again", "message"),
    [
        ("", "", "Saisissez un mot de passe."),
        ("court", "court", "entre 8 et 50 caractères"),
        ("Tulipes1985Violon", None, "votre date de naissance ou une partie"),
        ("Favreau&2031", None, "trop facile à deviner"),
        (PASSWORD, "Tulipes&Violon8", "Les deux mots de passe sont différents."),
    ],
)
def test_a_password_that_breaks_a_rule_is_refused(visitor, password, again, message):
    for step in (visitor.identifies, visitor.proves, visitor.accepts_terms):
        step()

    answer = visitor.chooses_password(password, again)

    assert answer.status_code == 422
    assert message in words(answer)
    assert not password or f'value="{password}"' not in answer.text


def test_the_chosen_password_opens_the_account(bench, visitor):
    visitor.comes_to_contact()
    visitor.gives_contact()

    account = bench.of(Accounts).by_nir(NIR)

    assert bench.of(Passwords).verify(account, Secret(PASSWORD))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "claire"}, "email"),
        ({"email_confirmation": "clara@exemple.fr"}, "email_confirmation"),
        ({"email_confirmation": ""}, "email_confirmation"),
        ({"consentement_email": ""}, "consentement_email"),
        ({"consentement_sms": "peut-être"}, "consentement_sms"),
        ({"telephone_portable": "12"}, "telephone_portable"),
        ({"telephone_fixe": "06 12 34 56 78"}, "telephone_fixe"),
    ],
)
def test_a_contact_that_cannot_be_read_is_told_beside_its_field(visitor, changes, field):
    visitor.comes_to_contact()

    answer = visitor.gives_contact(**changes)

    assert answer.status_code == 422
    assert f'id="{field}-erreur"' in answer.text


def test_two_addresses_that_differ_are_told_together_with_what_else_is_missing(visitor):
    visitor.comes_to_contact()

    answer = visitor.gives_contact(email_confirmation="clara@exemple.fr", consentement_sms="")

    for field in ("email_confirmation", "consentement_sms"):
        assert f'id="{field}-erreur"' in answer.text


def test_an_address_that_cannot_be_read_is_not_compared_with_its_repetition(visitor):
    visitor.comes_to_contact()

    answer = visitor.gives_contact(email="", email_confirmation="")

    assert 'id="email-erreur"' in answer.text
    assert 'id="email_confirmation-erreur"' not in answer.text


def test_an_address_repeated_in_capitals_is_the_same(visitor):
    visitor.comes_to_contact()

    answer = visitor.gives_contact(email_confirmation="CLAIRE@exemple.fr")

    assert answer.status_code == 303


def test_telephones_and_consents_are_kept(bench, visitor):
    visitor.comes_to_contact()
    visitor.gives_contact(telephone_portable="06 12 34 56 78", telephone_fixe="01 23 45 67 89")

    account = bench.of(Accounts).by_nir(NIR)

    mobile, landline = bench.of(Accounts).telephones(account.id)
    assert (mobile.value, landline.value) == ("+33612345678", "+33123456789")
    given = {c.purpose: c.given for c in bench.of(Creation).consents.of(account.id)}
    assert given == {"studies_email": False, "studies_telephone": False, "studies_sms": True}


def test_a_used_address_is_told_and_recorded(bench, visitor):
    other = Nir("1850729019002")
    row = bench.registers(claire(nir=other))
    bench.of(Creation).open_pending(a_new_account(row, nir=other))
    visitor.comes_to_contact()

    answer = visitor.gives_contact()

    assert answer.status_code == 409
    assert "déjà utilisée" in words(answer)
    (event,) = bench.events("security.input.reject")
    assert event["reason_code"] == "email_used"
    another = {"email": "c@exemple.fr", "email_confirmation": "c@exemple.fr"}
    assert goes_to(visitor.gives_contact(**another)) == "/terminee"


def test_addresses_cannot_be_tried_for_ever(bench, visitor, limit):
    other = Nir("1850729019002")
    row = bench.registers(claire(nir=other))
    bench.of(Creation).open_pending(a_new_account(row, nir=other))
    limit(Completion, email_used_count=2)
    visitor.comes_to_contact()

    answers = [visitor.gives_contact().status_code for _ in range(3)]

    assert answers == [409, 409, 429]
    told = bench.events("security.input.reject")
    assert [each["reason_code"] for each in told] == ["email_used", "email_used", "limited"]
    assert len({each["txn"] for each in told}) == 1


def test_addresses_cannot_be_tried_for_ever_by_creating_the_account_again_and_again(
    visitor, limit
):
    limit(Completion, email_used_count=2)

    answers = []
    for number in range(3):
        visitor.comes_to_contact()
        email = f"libre{number}@exemple.fr"
        answers.append(visitor.gives_contact(email=email, email_confirmation=email).status_code)

    assert answers == [303, 303, 429]


def test_an_address_in_a_journey_of_the_same_person_is_free(bench, insured_id, visitor):
    bench.of(Creation).open_pending(a_new_account(insured_id))
    visitor.comes_to_contact()

    assert goes_to(visitor.gives_contact()) == "/terminee"


def test_rights_are_judged_again_at_the_last_step(bench, visitor):
    visitor.comes_to_contact()
    bench.registers(claire(rights_open=False))

    assert goes_to(visitor.gives_contact()) == "/impossible"

    (event,) = bench.events("account.create.refused")
    assert event["reason_code"] == "excluded:rights"
    assert event["txn"] == visitor.reference()
    assert bench.of(Accounts).by_nir(NIR) is None


def test_an_account_opened_meanwhile_bars_the_last_step(bench, insured_id, visitor):
    visitor.comes_to_contact()
    bench.of(Creation).open_pending(a_new_account(insured_id, email="other@exemple.fr"))
    bench.of(Activation).confirm(bench.link("activation"))

    assert goes_to(visitor.gives_contact()) == "/impossible"

    (event,) = bench.events("account.create.refused")
    assert event["reason_code"] == "account_exists"
    assert len(bench.mails("account_exists")) == 1


def test_posting_the_last_step_twice_opens_one_account(bench, visitor):
    visitor.comes_to_contact()
    first, second = visitor.gives_contact(), visitor.gives_contact()

    assert goes_to(first) == goes_to(second) == "/terminee"
    assert len(bench.events("account.created")) == 1


def test_twenty_parallel_last_steps_of_one_journey_open_one_account(bench, visitor):
    visitor.comes_to_contact()
    cookie = Secret(visitor.client.get_cookie("ameli_creation").value)
    browser = fingerprint(visitor.client.get_cookie("ameli_navigateur").value).hex()[:32]
    draft = bench.of(Journeys).current(cookie, browser)
    contact = Contact(email=EmailAddress.parse("claire@exemple.fr"))

    def attempt(_):
        try:
            bench.of(Completion).finish(replace(draft), contact)
        except OutOfOrder:
            return 0
        return 1

    with ThreadPoolExecutor(20) as pool:
        done = sum(pool.map(attempt, range(20)))

    db = bench.of(Database)
    assert done == 1
    assert db.scalar(select(func.count()).select_from(ACCOUNT)) == 1
    assert len(bench.mails("activation")) == 1


def test_twenty_parallel_journeys_of_one_person_leave_one_account(bench, app):
    visitors = [Visitor(app) for _ in range(20)]
    for one in visitors:
        one.comes_to_contact()

    def finish(numbered):
        number, one = numbered
        email = f"claire{number}@exemple.fr"
        return goes_to(one.gives_contact(email=email, email_confirmation=email))

    with ThreadPoolExecutor(20) as pool:
        ends = set(pool.map(finish, enumerate(visitors)))

    assert ends == {"/terminee"}
    assert bench.of(Database).scalar(select(func.count()).select_from(ACCOUNT)) == 1
    assert len(bench.mails("activation")) == 1
