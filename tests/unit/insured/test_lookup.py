"""What journeys, accounts and commands ask the register, on both databases."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from insured_builders import answers, claims, person
from sqlalchemy import select

from broker.audit.model import Actor
from broker.audit.store import EVENT
from broker.insured.birth_date import BirthDate
from broker.insured.card import CardProofs
from broker.insured.civil_identity import IdentityIncomplete, IdentityNotCertified
from broker.insured.eligibility import Option
from broker.insured.lookup import DecisionUnknown, NotInRegister
from broker.insured.model import Quality
from broker.insured.nir import Nir
from broker.insured.proofs import IbanEnd, PostalCode, VitaleEnd

ADVISER = Actor(kind="admin", ref="adviser")


def test_a_person_opens_again_as_they_were_sealed(bench):
    (insured_id,) = bench.register(person())

    assert bench.insured.person(insured_id) == person()


def test_somebody_who_is_not_in_the_register_is_not_found(bench):
    with pytest.raises(NotInRegister):
        bench.insured.person("nobody")


def test_the_four_answers_find_an_eligible_person(bench):
    (insured_id,) = bench.register(person())

    finding = bench.insured.by_card(answers())

    assert (finding.found, finding.insured_id, finding.nir) == (
        True, insured_id, Nir("2850729019001"),
    )  # fmt: skip


def test_answers_that_disagree_find_nobody(bench):
    bench.register(person())

    finding = bench.insured.by_card(answers(postal_code=PostalCode("13001")))

    assert (finding.reason, finding.insured_id) == ("unknown:postal_code", None)


def test_an_excluded_person_is_found_and_refused(bench):
    (insured_id,) = bench.register(person(regime="MSA"))

    finding = bench.insured.by_card(answers())

    assert (finding.reason, finding.insured_id) == ("excluded:regime", insured_id)


def test_a_dependant_under_the_same_number_changes_nothing(bench):
    child = person(quality=Quality.AYANT_DROIT, birth_date=BirthDate(2012, 1, 1))
    bench.register(person(), child)

    assert bench.insured.by_card(answers()).found
    finding = bench.insured.by_card(answers(birth_date=BirthDate(2012, 1, 1)))
    assert finding.reason == "unknown:dependant"


def test_the_two_proofs(bench):
    (insured_id,) = bench.register(person())
    right = CardProofs(iban=IbanEnd("2496284"), vitale=VitaleEnd("87785677424"))
    wrong = CardProofs(iban=IbanEnd("2496284"), vitale=VitaleEnd("87785677420"))

    assert bench.insured.prove(insured_id, right).found
    assert bench.insured.prove(insured_id, wrong).reason == "mismatch:vitale"
    assert bench.insured.card_mask(insured_id).serial == "8025000002"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"given_names": "ANNE"}, "unknown"),
        ({"certified": False}, "excluded:nir_status"),
        ({"regime": "MSA"}, "excluded:regime"),
        ({"ibans": ()}, None),
    ],
)
def test_a_pivot_identity_finds_an_eligible_person_or_says_why_not(bench, changes, reason):
    bench.register(person(**changes))

    assert bench.insured.by_pivot(claims()).reason == reason


def test_eligibility_is_asked_again_at_the_last_step(bench):
    (insured_id,) = bench.register(person())
    bench.register(person(rights_open=False))

    again = bench.insured.eligible_again(insured_id, Option.CARD)

    assert again.reason == "excluded:rights"


def test_sixteen_is_counted_at_the_clock_s_date(bench):
    (insured_id,) = bench.register(person(birth_date=BirthDate(2010, 3, 3)))
    assert bench.insured.eligible_again(insured_id, Option.FRANCECONNECT).reason == "excluded:age"

    bench.clock.advance(days=1)

    assert bench.insured.eligible_again(insured_id, Option.FRANCECONNECT).found


def test_partners_get_the_certified_identity_in_the_formats_of_franceconnect(bench):
    french, abroad, lunar = bench.register(
        person(),
        person(birthplace="91352", birthcountry="99352", nir=Nir("2850791352001")),
        person(birth_date=BirthDate(1985, 0, 0), nir=Nir("2852029019001")),
    )

    identity = bench.insured.identity_of(french)
    assert (identity.family_name, identity.given_name, identity.usage_name) == (
        "LE GALL", "CLAIRE MARIE", "MARTIN",
    )  # fmt: skip
    assert (identity.birthdate, identity.gender) == ("1985-07-14", "female")
    assert (identity.birthplace, identity.birthcountry) == ("29019", "99100")
    assert bench.insured.identity_of(abroad).birthplace == ""
    assert bench.insured.identity_of(lunar).birthdate == "1985-00-00"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"certified": False}, IdentityNotCertified),
        ({"given_names": ""}, IdentityIncomplete),
        ({"birthplace": ""}, IdentityIncomplete),
    ],
)
def test_an_uncertified_or_incomplete_identity_is_told_to_nobody(bench, changes, refusal):
    (insured_id,) = bench.register(person(**changes))

    with pytest.raises(refusal):
        bench.insured.identity_of(insured_id)


def test_a_decision_is_kept_and_read_by_an_adviser_which_is_audited(bench):
    bench.register(person())
    finding = bench.insured.by_card(answers(postal_code=PostalCode("13001")))
    bench.insured.keep("K7TP-4WQD-2M", finding)

    record = bench.insured.read_decision(" k7tp-4wqd-2m ", ADVISER)

    assert record["candidates"][0]["criteria"]["postal_code"] == {"agrees": False}
    body = json.loads(bench.db.scalar(select(EVENT.c.body)))
    assert (body["type"], body["txn"], body["actor"]["ref"]) == (
        "insured.decision.read", "K7TP-4WQD-2M", "adviser",
    )  # fmt: skip


def test_an_unknown_reference_is_refused(bench):
    with pytest.raises(DecisionUnknown):
        bench.insured.read_decision("K7TP-4WQD-2M", ADVISER)


def test_old_decisions_are_purged(bench):
    finding = bench.insured.by_card(answers())
    bench.insured.keep("OLD", finding)
    bench.clock.advance(days=2)
    bench.insured.keep("NEW", finding)

    assert bench.insured.purge_decisions(bench.clock() - timedelta(days=1)) == 1
    assert bench.insured.read_decision("NEW", ADVISER)


def accepted_and_refused(bench):
    bench.register(person())
    return bench.insured.by_pivot(claims()), bench.insured.by_pivot(claims(family_name="AUTRE"))


def test_the_first_refusal_of_a_reference_holds(bench):
    _, refused = accepted_and_refused(bench)
    bench.insured.keep("REF", replace(refused, record={"first": True}))
    bench.insured.keep("REF", replace(refused, record={"second": True}))

    assert bench.insured.read_decision("REF", ADVISER) == {"first": True}


def test_a_refusal_completes_the_record_of_who_was_found_before(bench):
    accepted, refused = accepted_and_refused(bench)
    later = replace(refused, record={"reason": "excluded:rights", "exclusions": ["rights"]})
    bench.insured.keep("REF", accepted)
    bench.insured.keep("REF", later)

    record = bench.insured.read_decision("REF", ADVISER)

    assert (record["outcome"], record["exclusions"]) == ("matched", ["rights"])


def test_nothing_accepted_replaces_a_refusal(bench):
    accepted, refused = accepted_and_refused(bench)
    bench.insured.keep("REF", refused)
    bench.insured.keep("REF", accepted)

    assert bench.insured.read_decision("REF", ADVISER)["outcome"] == "none"
