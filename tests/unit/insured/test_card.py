"""Creation with card and IBAN: the four answers, then the two, and every reason to say no."""

import csv
import json
from datetime import date
from pathlib import Path

import pytest
from insured_builders import person

from broker.insured.birth_date import BirthDate
from broker.insured.card import CardAnswers, CardProofs, identify, mask, prove
from broker.insured.eligibility import Eligibility, Option
from broker.insured.filed import FiledRow, read_person
from broker.insured.model import NirStatus, Quality, VitaleStatus
from broker.insured.names import TypedName
from broker.insured.nir import Nir
from broker.insured.proofs import Iban, IbanEnd, PostalCode, VitaleEnd
from broker.insured.regimes import Regimes

ROOT = Path(__file__).resolve().parents[3]
TODAY = date(2026, 3, 2)
REGIMES = Regimes.load()


def answers(nom="Le Gall", nir="2850729019001", date_naissance="14/07/1985", code_postal="29200"):
    return CardAnswers(
        name=TypedName.parse(nom),
        nir=Nir.parse(nir),
        birth_date=BirthDate.parse(date_naissance),
        postal_code=PostalCode.parse(code_postal),
    )


def proofs(iban7="2496284", vitale11="87785677424"):
    return CardProofs(iban=IbanEnd.parse(iban7), vitale=VitaleEnd.parse(vitale11))


def reason(given, *rows):
    return identify(given, rows).reason


@pytest.mark.parametrize("name", ["LE GALL", "legall", "Le-Gall", "Martin", "MARTÍN", "le gall"])
def test_birth_or_usage_name_in_any_spelling(name):
    assert reason(answers(nom=name), person()) is None


def test_a_present_or_previous_post_code():
    assert reason(answers(code_postal="35000"), person()) is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (answers(nom="Le Gal"), "unknown:name"),
        (answers(nom="Claire"), "unknown:name"),
        (answers(date_naissance="15/07/1985"), "unknown:birth_date"),
        (answers(date_naissance="00/07/1985"), "unknown:birth_date"),
        (answers(code_postal="29000"), "unknown:postal_code"),
        (answers(nom="X Y", date_naissance="15/07/1985", code_postal="29000"), "unknown:name"),
        (answers(date_naissance="15/07/1985", code_postal="29000"), "unknown:birth_date"),
    ],
)
def test_the_first_wrong_answer_is_the_reason(given, expected):
    assert reason(given, person()) == expected


def test_a_number_that_nobody_has_is_the_reason():
    assert reason(answers()) == "unknown:nir"


def test_an_empty_usage_name_is_no_name():
    assert reason(answers(nom="-a"), person(usage_name="")) == "unknown:name"


def test_a_dependant_never_opens_the_account_of_the_holder():
    child = person(
        quality=Quality.AYANT_DROIT, given_names="LEO", birth_date=BirthDate(2009, 3, 11)
    )
    of_child = answers(date_naissance="11/03/2009")

    assert reason(of_child, person(), child) == "unknown:dependant"
    assert reason(of_child, child) == "unknown:dependant"
    assert reason(answers(date_naissance="12/03/2009"), person(), child) == "unknown:birth_date"
    assert identify(answers(), (child, person())).chosen == 1


def test_two_people_of_one_number_a_century_apart_are_told_apart():
    rows = (person(birth_date=BirthDate(1915, 7, 14)), person(birth_date=BirthDate(2015, 7, 14)))
    given = answers(nir="2150729019001", date_naissance="14/07/2015")

    assert identify(given, rows).chosen == 1


@pytest.mark.parametrize("typed", ["00/00/1956", "01/01/1956", "0/1/1956", "1/0/1956"])
@pytest.mark.parametrize("filed", [BirthDate(1956, 0, 0), BirthDate(1956, 1, 1)])
def test_lunar_dates_are_answered_with_00_or_01(typed, filed):
    lunar = person(birth_date=filed, nir=Nir("2562099352001"))

    assert reason(answers(nir="2562099352001", date_naissance=typed), lunar) is None


def test_a_first_of_january_is_no_lunar_date():
    born_then = person(birth_date=BirthDate(1956, 1, 1), nir=Nir("2560199352001"))
    given = answers(nir="2560199352001", date_naissance="00/00/1956")

    assert reason(given, born_then) == "unknown:birth_date"


@pytest.mark.parametrize("typed", ["285072A004001", "2 85 07 2a 004 001", "285072A00400163"])
def test_corsican_and_15_character_numbers(typed):
    assert reason(answers(nir=typed), person(nir=Nir("285072A004001"))) is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (proofs(), None),
        (proofs(iban7="2496285"), "mismatch:iban"),
        (proofs(vitale11="87785677425"), "mismatch:vitale"),
        (proofs(iban7="0000000", vitale11="00000000000"), "mismatch:both"),
    ],
)
def test_both_proofs_must_agree(given, expected):
    assert prove(given, person()).reason == expected


def test_without_account_or_card_on_file_no_proof_agrees():
    assert prove(proofs(), person(ibans=(), vitale_serial=None)).reason == "mismatch:both"


def test_the_mask_shows_what_is_to_be_completed():
    shown = mask(person())

    assert " ".join(shown.iban) == "FR.. 3000 4... ..36 9085"
    assert shown.serial == "8025000002"


@pytest.mark.parametrize(
    "changes",
    [{"ibans": ()}, {"vitale_serial": None}, {"ibans": (Iban("BE68539007547034"),)}],
)
def test_there_is_no_mask_without_a_french_account_and_a_card(changes):
    assert mask(person(**changes)) is None


FRENCH, OTHER_FRENCH = Iban("FR7630004004573690852496284"), Iban("FR7630066882930533754132542")
EXCLUDED = [
    # rule, what differs, excluded with the card, excluded by FranceConnect
    ("regime", {"regime": "MSA"}, True, True),
    ("regime", {"regime": "MGEN"}, True, True),
    ("rights", {"rights_open": False}, True, True),
    ("nir_status", {"nir_status": NirStatus.PROVISIONAL}, True, True),
    ("nir_status", {"nir_status": NirStatus.PROVISIONAL, "certified": False}, True, True),
    ("nir_status", {"nir_status": NirStatus.WAITING, "certified": False}, True, True),
    ("nir_status", {"certified": False}, False, True),
    ("nir_status", {"nir_status": NirStatus.WAITING}, False, False),
    ("no_iban", {"ibans": ()}, True, False),
    ("no_iban", {"ibans": (Iban("BE68539007547034"),)}, True, False),
    ("two_ibans", {"ibans": (FRENCH, OTHER_FRENCH)}, True, True),
    ("vitale", {"vitale_status": VitaleStatus.INACTIVE}, True, False),
    ("vitale", {"vitale_status": VitaleStatus.OPPOSED}, True, False),
    ("vitale", {"vitale_status": VitaleStatus.MUTATION_FAILED}, True, False),
    ("vitale", {"vitale_serial": None}, True, False),
    ("age", {"birth_date": BirthDate(2010, 3, 3)}, True, True),
    ("age", {"birth_date": BirthDate(2010, 3, 2)}, False, False),
    ("age", {"quality": Quality.AYANT_DROIT}, True, True),
    ("", {}, False, False),
]


@pytest.mark.parametrize(("rule", "changes", "card", "franceconnect"), EXCLUDED)
def test_each_exclusion_holds_for_the_ways_it_is_meant_for(rule, changes, card, franceconnect):
    eligibility = Eligibility(REGIMES, two_ribs_block_franceconnect=True)

    for option, excluded in ((Option.CARD, card), (Option.FRANCECONNECT, franceconnect)):
        expected = (rule,) if excluded else ()
        assert eligibility.exclusions(person(**changes), option, TODAY) == expected


def test_two_accounts_block_franceconnect_by_a_setting_alone():
    lenient = Eligibility(REGIMES, two_ribs_block_franceconnect=False)
    two = person(ibans=(FRENCH, OTHER_FRENCH))

    assert lenient.exclusions(two, Option.FRANCECONNECT, TODAY) == ()
    assert lenient.exclusions(two, Option.CARD, TODAY) == ("two_ibans",)


@pytest.mark.parametrize(
    "regime", ["RG", "CAMIEG", "CANSSM", "CAVIMAC", "CNMSS", "CRPCEN", "ENIM", "MGP"]
)
def test_the_eight_schemes_are_served(regime):
    eligibility = Eligibility(REGIMES, two_ribs_block_franceconnect=True)

    assert eligibility.exclusions(person(regime=regime), Option.CARD, TODAY) == ()


def test_several_exclusions_are_told_in_the_order_of_the_rules():
    eligibility = Eligibility(REGIMES, two_ribs_block_franceconnect=True)
    nobody = person(regime="MSA", rights_open=False, ibans=(), vitale_status=VitaleStatus.OPPOSED)

    found = eligibility.exclusions(nobody, Option.CARD, TODAY)

    assert found == ("regime", "rights", "no_iban", "vitale")


def _sample():
    with (ROOT / "data/records.csv").open() as lines:
        for values in csv.DictReader(lines):
            row = FiledRow(**values)
            yield read_person(row, REGIMES), row.has_account == "1"


def _judge(form, people, with_account):
    """Walk through both screens in the order of the journey."""
    given = answers(form["nom"], form["nir"], form["date_naissance"], form["code_postal"])
    rows = people.get(given.nir, [])
    found = identify(given, rows)
    if found.chosen is None:
        return found.reason
    one = rows[found.chosen]
    excluded = Eligibility(REGIMES, two_ribs_block_franceconnect=True).exclusions(
        one, Option.CARD, TODAY
    )
    if excluded:
        return f"excluded:{excluded[0]}"
    if one.nir in with_account:
        return "account_exists"
    return prove(proofs(form["iban7"], form["vitale11"]), one).reason or "ok"


def test_every_case_of_the_sample():
    people, with_account = {}, set()
    for one, has_account in _sample():
        people.setdefault(one.nir, []).append(one)
        if has_account:
            with_account.add(one.nir)

    for line in (ROOT / "data/cv_cases.jsonl").read_text().splitlines():
        case = json.loads(line)
        expected = ":".join(filter(None, (case["expect"], case["reason"])))
        assert (case["id"], _judge(case["form"], people, with_account)) == (case["id"], expected)
