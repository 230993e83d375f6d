"""Creation with card and IBAN: eligible people pass, all others see one page."""

import re

import pytest

from broker.accounts.accounts import Accounts
from broker.accounts.activation import Activation
from broker.accounts.creation import Creation
from broker.accounts.model import Status
from broker.audit.model import Actor
from broker.insured.birth_date import BirthDate
from broker.insured.lookup import Insured
from broker.insured.model import NirStatus, Quality, VitaleStatus
from broker.insured.nir import Nir
from broker.insured.proofs import Iban
from broker.signup.by_card import ByCard
from tests.unit.accounts.builders import NIR, a_new_account, claire
from tests.unit.signup.visitor import Visitor, goes_to, words

IBANS = (Iban("FR7630004004573690852496284"), Iban("FR7616598039298998096929713"))


def reasons(bench, reference=None):
    events = bench.events("account.create.refused")
    return [e["reason_code"] for e in events if reference in {None, e["txn"]}]


def without_token(page: str) -> str:
    return re.sub(r'(?<=name="jeton_formulaire" value=")[^"]*', "", page)


@pytest.mark.usefixtures("insured_id")
def test_the_whole_journey_opens_a_pending_account(bench, visitor):
    assert goes_to(visitor.identifies()) == "/carte"
    assert goes_to(visitor.proves()) == "/conditions"
    assert goes_to(visitor.accepts_terms()) == "/mot-de-passe"
    assert goes_to(visitor.chooses_password()) == "/coordonnees"
    assert goes_to(visitor.gives_contact()) == "/terminee"

    last = words(visitor.opens("/creation-compte/terminee"))
    assert "21 jours" in last
    assert "c***@e***.fr" in last
    assert "claire@exemple.fr" not in last
    account = bench.of(Accounts).by_nir(NIR)
    assert account.status is Status.PENDING
    (requested,) = bench.events("account.create.requested")
    assert requested["txn"] == account.reference


@pytest.mark.usefixtures("insured_id")
@pytest.mark.parametrize(
    "changes",
    [
        {"nom": "le-gall"},
        {"nom": "Favreau"},
        {"nir": "2.85.07.29.019.001"},
        {"nir": "2-85-07-29-019-001"},
        {"date_naissance": "14-7-1985"},
        {"code_postal": "35\u00a0000"},
    ],
)
def test_what_is_right_in_another_spelling_passes(visitor, changes):
    assert goes_to(visitor.identifies(**changes)) == "/carte"


@pytest.mark.usefixtures("insured_id")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"nom": "Le Goff"}, "unknown:name"),
        ({"date_naissance": "15/07/1985"}, "unknown:birth_date"),
        ({"code_postal": "75001"}, "unknown:postal_code"),
        ({"nir": "1850729019001"}, "unknown:nir"),
    ],
)
def test_a_wrong_answer_leads_to_the_neutral_page(bench, visitor, changes, reason):
    assert goes_to(visitor.identifies(**changes)) == "/impossible"

    assert reasons(bench, visitor.reference()) == [reason]


@pytest.mark.parametrize(
    ("flaw", "reason"),
    [
        ({"regime": "MSA"}, "excluded:regime"),
        ({"rights_open": False}, "excluded:rights"),
        ({"nir_status": NirStatus.PROVISIONAL}, "excluded:nir_status"),
        ({"nir_status": NirStatus.WAITING, "certified": False}, "excluded:nir_status"),
        ({"ibans": ()}, "excluded:no_iban"),
        ({"ibans": IBANS}, "excluded:two_ibans"),
        ({"ibans": (Iban("BE68539007547034"),)}, "excluded:no_iban"),
        ({"vitale_status": VitaleStatus.INACTIVE}, "excluded:vitale"),
        ({"vitale_status": VitaleStatus.OPPOSED}, "excluded:vitale"),
        ({"vitale_status": VitaleStatus.MUTATION_FAILED}, "excluded:vitale"),
        ({"vitale_serial": None}, "excluded:vitale"),
        ({"quality": Quality.AYANT_DROIT}, "unknown:dependant"),
    ],
)
def test_an_excluded_person_sees_the_neutral_page(bench, visitor, flaw, reason):
    bench.registers(claire(**flaw))

    assert goes_to(visitor.identifies()) == "/impossible"

    assert reasons(bench, visitor.reference()) == [reason]


def test_somebody_under_sixteen_is_excluded(bench, visitor):
    bench.registers(claire(birth_date=BirthDate(2010, 3, 3)))

    visitor.identifies(date_naissance="03/03/2010")

    assert reasons(bench) == ["excluded:age"]


@pytest.mark.parametrize("typed", ["00/00/1956", "1/1/1956", "00/01/1956"])
def test_a_partly_unknown_birth_date_is_accepted(bench, visitor, typed):
    bench.registers(claire(birth_date=BirthDate(1956, 0, 0)))

    assert goes_to(visitor.identifies(date_naissance=typed)) == "/carte"


@pytest.mark.parametrize("typed", ["28507 2A019 001", "2 85 07 2a 019 001 01"])
def test_a_corsican_number_is_read_with_its_letter_and_key(bench, visitor, typed):
    bench.registers(claire(nir=Nir("285072A019001")))

    assert goes_to(visitor.identifies(nir=typed)) == "/carte"


@pytest.mark.usefixtures("insured_id")
@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("nir", "285072901900", "invalide"),
        ("nir", "285072901900199", "invalide"),
        ("nir", "", "Saisissez votre numéro"),
        ("nom", "", "Saisissez votre nom"),
        ("nom", "7", "invalide"),
        ("date_naissance", "31/02/1985", "invalide"),
        ("code_postal", "2920", "invalide"),
        ("nom", "x\x01y", "caractère"),
    ],
)
def test_an_unreadable_answer_is_told_beside_its_field(bench, visitor, field, typed, message):
    answer = visitor.identifies(**{field: typed})

    assert answer.status_code == 422
    assert f'id="{field}-erreur"' in answer.text
    assert message in words(answer)
    assert "<title>Erreur" in answer.text
    assert bench.events("account.create") == []


@pytest.mark.usefixtures("insured_id")
def test_neutral_answers_differ_only_by_their_reference(bench, app):
    def answer(**changes):
        visitor = Visitor(app)
        response = visitor.identifies(**changes)
        page = visitor.opens("/creation-compte/impossible")
        headers = {k for k, _ in response.headers}
        return (
            response.status_code,
            response.headers["Location"],
            headers,
            page.status_code,
            without_token(page.text).replace(visitor.reference(), "REF"),
        )

    excluded = claire(nir=Nir("1850729019002"), rights_open=False)
    bench.registers(excluded)
    holder = bench.registers(claire(nir=Nir("1850729019003")))
    bench.of(Creation).open_pending(
        a_new_account(holder, nir=Nir("1850729019003"), email="h@exemple.fr")
    )
    bench.of(Activation).confirm(bench.link("activation"))

    answers = [
        answer(nom="Inconnu"),
        answer(nir="1850729019009"),
        answer(nir="1850729019002"),
        answer(nir="1850729019003"),
    ]

    assert all(one == answers[0] for one in answers)
    assert set(reasons(bench)) == {
        "unknown:name", "unknown:nir", "excluded:rights", "account_exists",
    }  # fmt: skip


def test_the_holder_of_an_account_gets_a_mail(bench, insured_id, visitor):
    bench.of(Creation).open_pending(a_new_account(insured_id))
    bench.of(Activation).confirm(bench.link("activation"))

    assert goes_to(visitor.identifies()) == "/impossible"

    assert reasons(bench, visitor.reference()) == ["account_exists"]
    (mail,) = bench.mails("account_exists")
    assert "claire@exemple.fr" in mail


def test_a_pending_account_does_not_bar_the_journey(bench, insured_id, visitor):
    bench.of(Creation).open_pending(a_new_account(insured_id))

    assert goes_to(visitor.identifies()) == "/carte"


@pytest.mark.usefixtures("insured_id")
def test_the_second_screen_hides_check_digits_and_branch(visitor):
    visitor.identifies()

    page = visitor.opens("/creation-compte/carte").text

    shown = "".join(page.split("FR..")[1].split("</p>")[0].split())
    assert "3000" in shown
    assert "8025000002" in page
    for hidden in ("2496284", "00457", "87785677424", "FR76"):
        assert hidden not in page


@pytest.mark.usefixtures("insured_id")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iban7": "2496285"}, "mismatch:iban"),
        ({"vitale11": "87785677425"}, "mismatch:vitale"),
        ({"iban7": "2496285", "vitale11": "87785677425"}, "mismatch:both"),
    ],
)
def test_a_wrong_proof_gets_one_common_message(bench, visitor, changes, reason):
    visitor.identifies()

    answer = visitor.proves(**changes)

    assert answer.status_code == 422
    assert (
        "Les informations saisies ne correspondent pas à celles de votre dossier." in answer.text
    )
    assert reasons(bench) == [reason]
    assert goes_to(visitor.proves()) == "/conditions"


@pytest.mark.usefixtures("insured_id")
def test_ten_digits_of_a_serial_get_a_hint(visitor):
    visitor.identifies()

    answer = visitor.proves(vitale11="8778567742")

    assert "ajoutez le chiffre 9" in words(answer)


@pytest.mark.usefixtures("insured_id")
def test_letters_of_an_iban_are_read_in_either_case(bench, visitor):
    bench.registers(claire(ibans=(Iban("FR7320041010050500013M02606"),)))
    visitor.identifies()

    assert goes_to(visitor.proves(iban7="3m 02 606")) == "/conditions"


@pytest.mark.usefixtures("insured_id")
def test_the_third_wrong_proof_of_a_day_closes_this_way(bench, app, limit, clock):
    limit(ByCard, card_count=3)
    for expected in (422, 422, 303):
        visitor = Visitor(app)
        visitor.identifies()
        answer = visitor.proves(iban7="0000000")
        assert answer.status_code == expected
    assert goes_to(answer) == "/impossible"

    late = Visitor(app)
    assert goes_to(late.identifies()) == "/impossible"
    assert reasons(bench, late.reference()) == ["limited"]

    clock.advance(days=1, seconds=1)
    assert goes_to(Visitor(app).identifies()) == "/carte"


@pytest.mark.usefixtures("insured_id")
def test_a_right_proof_does_not_count(app, limit):
    limit(ByCard, card_count=1)
    for _ in range(2):
        visitor = Visitor(app)
        visitor.identifies()
        assert goes_to(visitor.proves()) == "/conditions"


@pytest.mark.usefixtures("insured_id")
@pytest.mark.parametrize("nir", ["2850729019001", "1850729019009"])
def test_failures_are_limited_alike_for_numbers_that_exist_or_not(
    bench, visitor, limit, nir, clock
):
    limit(ByCard, identity_pair_count=10)
    for _ in range(10):
        assert goes_to(visitor.identifies(nir=nir, nom="Inconnu")) == "/impossible"

    answer = visitor.identifies(nir=nir, nom="Inconnu")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "3601"
    assert "à partir de <strong>13:00</strong>" in answer.get_data(as_text=True)
    assert reasons(bench).count("limited") == 1
    assert visitor.identifies(nir=nir).status_code == 429

    clock.advance(hours=1, seconds=1)
    assert visitor.identifies(nir=nir, nom="Inconnu").status_code == 303


@pytest.mark.usefixtures("insured_id")
def test_another_address_is_not_slowed_by_a_stranger(app, visitor, limit):
    limit(ByCard, identity_pair_count=1)
    visitor.identifies(nom="Inconnu")
    assert visitor.identifies().status_code == 429

    assert goes_to(Visitor(app, address="198.51.100.9").identifies()) == "/carte"


@pytest.mark.usefixtures("insured_id")
def test_success_does_not_count_as_a_failure(visitor, limit):
    limit(ByCard, identity_pair_count=1, identity_prefix_count=1)

    for _ in range(3):
        assert goes_to(visitor.identifies()) == "/carte"


@pytest.mark.usefixtures("insured_id")
def test_the_mask_is_shown_to_ten_journeys_a_day(bench, visitor, limit):
    limit(ByCard, mask_count=10)
    for _ in range(10):
        assert goes_to(visitor.identifies()) == "/carte"

    assert goes_to(visitor.identifies()) == "/impossible"
    assert reasons(bench, visitor.reference()) == ["limited"]


@pytest.mark.usefixtures("insured_id")
def test_whoever_has_no_serial_number_sees_the_neutral_page(bench, visitor):
    visitor.identifies()

    assert goes_to(visitor.posts("/creation-compte/sans-numero")) == "/impossible"

    assert reasons(bench, visitor.reference()) == ["excluded:vitale"]


@pytest.mark.usefixtures("insured_id")
def test_every_refusal_leaves_a_decision_record(bench, visitor):
    visitor.identifies(nom="Inconnu")

    record = bench.of(Insured).read_decision(visitor.reference(), Actor(kind="admin", ref="a"))

    assert record["reason"] == "unknown:name"
    assert "2850729019001" not in str(record)
