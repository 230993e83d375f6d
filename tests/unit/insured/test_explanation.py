"""A decision told to an adviser: what was compared, how it agreed, what to do now."""

import re

import pytest
from insured_builders import BOOK, MemoryRegister, answers, claims, people, person

from broker.base.messages import Messages
from broker.insured.birth_date import BirthDate
from broker.insured.eligibility import Option
from broker.insured.explanation import explain
from broker.insured.matching import Outcome
from broker.insured.model import NirStatus, Quality
from broker.insured.nir import Nir
from broker.insured.tolerances import Criterion, Tolerance
from tests.conftest import ROOT
from tests.support.population import cases

MESSAGES = Messages.load(ROOT / "templates/messages")
CATALOGUE = (ROOT / "templates/messages/insured.toml").read_text()


def told(given, *known):
    record = MemoryRegister.of(*known).match(given)[0].record
    return explain(record, MESSAGES)


def plain(lines):
    return [line.replace("\u00a0", " ") for line in lines]


TOLD = """
La personne a voulu créer son compte avec FranceConnect. \
Son identité a été cherchée dans le référentiel des assurés.
Personne ne correspond en tout point.

Le dossier comparé (numéro définitif, identité certifiée) :
- Assuré à titre personnel : identique
- Nom de naissance : identique, \
si l'on ne tient pas compte des espaces, traits d'union et apostrophes
- Prénoms : une des deux listes est plus courte, et commence par les mêmes prénoms ; \
identique, si l'on ne tient pas compte des majuscules
- Sexe : identique
- Date de naissance : identique
- Lieu de naissance : différent

Que faire maintenant ?
- Vérifiez d'abord qui vous parle. \
Ne lui dites pas ce qui diffère : un fraudeur pourrait s'en servir.
- Comparez le dossier avec une pièce d'identité ou un acte de naissance. \
Si c'est le dossier qui se trompe, faites-le corriger, puis la personne recommencera. \
Si c'est FranceConnect, elle doit s'adresser à l'Insee.

Règles de rapprochement : version 2026-12. Codes des lieux : \
"""


def test_a_refusal_by_franceconnect_is_told_from_beginning_to_end():
    known = person(birth_name="LE-GALL", birthplace="35238", nir=Nir("2850735238001"))

    lines = plain(told(claims(given_name="Claire"), known))

    assert "\n".join(lines).startswith(TOLD.strip("\n"))


def test_what_the_rules_do_not_accept_is_told_with_its_reason():
    neighbour = person(birthplace="01033", nir=Nir("2850701033001"))

    lines = plain(told(claims(birthplace="01018"), neighbour))

    assert (
        "- Lieu de naissance : pas assez sûr : les deux communes ont fusionné ; "
        "à la naissance, ces deux communes étaient distinctes"
    ) in lines


def test_several_candidates_are_told_the_nearest_first_three_at_most():
    crowd = [person(given_names="CAMILLE", nir=Nir(f"285072901900{i}")) for i in range(5)]

    lines = plain(told(claims(), *crowd))

    titles = [line for line in lines if line.endswith(":")]
    assert titles == [
        "Le dossier le plus proche, sur 5 comparés (numéro définitif, identité certifiée) :",
        *["Un autre dossier (numéro définitif, identité certifiée) :"] * 2,
    ]
    assert "Les autres dossiers comparés diffèrent au moins autant." in lines


@pytest.mark.parametrize(
    ("given", "known", "sentence"),
    [
        (claims(), [], "Aucun dossier n'a ce nom, ce sexe et cette date de naissance."),
        (claims(), [person(), person(nir=Nir("2850729019002"))], "Ne choisissez pas à sa place."),
        (claims(), [person(certified=False)], "Demandez un acte de naissance"),
        (claims(gender="unspecified"), [], "Le sexe n'est pas précisé."),
        (
            claims(birthdate="1985-01-01", idp_birthdate=None),
            [],
            "La date transmise porte un 01",
        ),
        (
            claims(),
            [person(), person(given_names="CLAIRE")],
            "même numéro que le premier",
        ),
    ],
)
def test_each_refusal_is_told_with_what_to_do(given, known, sentence):
    assert sentence in "\n".join(plain(told(given, *known)))


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        ({"kind": "card", "reason": "limited"}, "Trop d'essais ont été faits"),
        ({"kind": "franceconnect", "reason": "account_exists"}, "Mot de passe oublié"),
        ({"kind": "card", "exclusions": ["two_ibans"]}, "supprimez l'autre"),
    ],
)
def test_a_refusal_without_comparison_is_told_too(record, sentence):
    assert sentence in "\n".join(explain(record, MESSAGES))


def test_a_refusal_by_card_is_told_with_what_differs(sqlite_bench):
    sqlite_bench.register(person())
    wrong = answers(birth_date=BirthDate(1985, 7, 15))

    lines = plain(explain(sqlite_bench.insured.by_card(wrong).record, MESSAGES))

    assert lines[:7] == [
        "La personne a voulu créer son compte avec sa carte Vitale et son IBAN.",
        "Les quatre réponses ne correspondent à aucun dossier d'assuré.",
        "",
        "Le dossier comparé (assuré) :",
        "- Nom (de naissance ou d'usage) : identique",
        "- Date de naissance : différent",
        "- Code postal (actuel ou précédent) : identique",
    ]


def test_a_dependant_who_answered_right_is_advised_to_have_a_number(sqlite_bench):
    sqlite_bench.register(person(quality=Quality.AYANT_DROIT))

    lines = explain(sqlite_bench.insured.by_card(answers()).record, MESSAGES)

    assert any("il lui faut son propre numéro" in line for line in lines)


def test_every_decision_of_the_population_can_be_told():
    """A missing sentence would raise."""
    for case in cases("told"):
        for rules in BOOK.versions.values():
            register = MemoryRegister.of(*people(case.rows), rules=rules)
            assert explain(register.match(case.claims)[0].record, MESSAGES)


def test_every_word_a_record_may_hold_has_its_sentence():
    near = {Tolerance.FORM, Tolerance.CASE, Tolerance.ACCENTS, Tolerance.SEPARATORS}
    words = [f"criterion.{name}" for name in Criterion]
    words += [f"outcome.{outcome}" for outcome in Outcome]
    words += [f"{'near' if word in near else 'aside'}.{word}" for word in Tolerance]
    words += [f"number.{status}" for status in NirStatus]
    words += [f"quality.{quality}" for quality in Quality]
    words += [f"kind.{option}" for option in Option]
    excluded = "regime rights nir_status no_iban two_ibans vitale age"
    words += [f"{what}.{rule}" for rule in excluded.split() for what in ("exclusion", "advice")]
    flaws = "family_name given_name gender birthdate birthplace birthcountry"
    words += [f"flaw.{claim}" for claim in flaws.split()]

    assert all(MESSAGES.sentence(f"decision.{word}") for word in words)


def test_double_punctuation_never_begins_a_line():
    sentences = [line for line in CATALOGUE.splitlines() if not line.startswith("#")]

    assert [
        line for line in sentences if re.search(r'[^\u00a0=\]"] ?[:;?!»](?=[ "]|$)', line)
    ] == []


def test_an_adviser_is_never_told_a_value():
    known = person(birth_name="SECRETNAMELONGER")

    lines = "\n".join(told(claims(family_name="SECRETNAMELONG"), known))

    assert "SECRET" not in lines
