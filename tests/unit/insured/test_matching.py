"""A pivot identity is one certified person, or refused: each kind of discrepancy."""

import pytest
from insured_builders import MemoryRegister, claims, outcome, person

from broker.insured.birth_date import BirthDate
from broker.insured.model import NirStatus, Quality, Sex
from broker.insured.nir import Nir


def test_the_same_identity_matches():
    decision, nir = MemoryRegister.of(person()).match(claims())

    assert (str(decision.outcome), nir) == ("matched", "2850729019001")


def test_an_empty_register_has_nobody():
    assert outcome(claims()) == "none"


# Rows 1 and 2: spelling.


@pytest.mark.parametrize(
    ("given", "filed"),
    [
        ("LE GALL", "LEGALL"),
        ("Le Gall", "LE GALL"),
        ("LE-GALL", "LE GALL"),
        ("LE\u00a0GALL", "LE GALL"),
        ("LE  GALL", "LE GALL"),
        ("ASSURE--ESSAI", "ASSURE-ESSAI"),
        ("N'DIAYE", "N DIAYE"),
        ("N\u2019DIAYE", "NDIAYE"),
        ("ŒUVRÉ", "OEUVRE"),
        ("LÆTIN", "LAETIN"),
        ("BE\u0301RUBE\u0301", "BÉRUBÉ"),
        ("ÇORLU", "CORLU"),
        ("D'HÉRÉ-DE LA TOUR", "DHERE DE LATOUR"),
    ],
)
def test_accents_case_and_separators_do_not_matter(given, filed):
    assert outcome(claims(family_name=given), person(birth_name=filed)) == "matched"


@pytest.mark.parametrize(
    ("given", "filed"),
    [
        ("MARTIN", "LE GALL"),  # row 3: her married name
        ("LE GALLE", "LE GALL"),
        ("LE GAL", "LE GALL"),
        ("GALL", "LE GALL"),
        ("LE GALL MARTIN", "LE GALL"),
        ("LE GALL", "LE GALL DIT MARTIN"),
        ("LE GALL2", "LE GALL"),
        ("SAINT GALL", "ST GALL"),
        ("LE GALL", ""),
    ],
)
def test_another_birth_name_never_matches(given, filed):
    assert outcome(claims(family_name=given), person(birth_name=filed)) == "none"


def test_preferred_username_never_counts():
    assert outcome(claims(family_name="MARTIN", preferred_username="LE GALL"), person()) == "none"


# Rows 4 to 7: given names.


@pytest.mark.parametrize(
    ("given", "filed"),
    [
        (["Claire"], "CLAIRE MARIE"),
        (["Claire", "Marie", "Anne"], "CLAIRE MARIE"),
        (["Anne-Marie"], "ANNE MARIE"),
        (["Anne Marie"], "ANNE-MARIE"),
        (["Anne-Marie", "Claire"], "ANNEMARIE"),
        (["Jean Philippe", "Arnaud"], "JEAN-PHILIPPE"),
        (["Jean Philippe", "Arnaud"], "JEAN PHILIPPE"),
        (["Mai", "Thi Lan"], "MAI THI LAN THI HOA"),
        (["Zoé"], "ZOÉ"),
        (["CLAIRE", "MARIE"], "Claire, Marie"),
    ],
)
def test_the_shorter_list_of_given_names_ends_where_a_name_ends(given, filed):
    pivot = claims(given_name=" ".join(given), given_name_array=given)

    assert outcome(pivot, person(given_names=filed)) == "matched"


@pytest.mark.parametrize(
    ("given", "filed"),
    [
        (["Marie", "Claire"], "CLAIRE MARIE"),  # row 6: swapped
        (["Marie"], "CLAIRE MARIE"),  # row 6: usual second name
        (["Claire", "Anne"], "CLAIRE MARIE"),  # row 7
        (["Claire", "Marie", "Anne"], "CLAIRE MARIE LOUISE"),
        (["Jean"], "JEAN-PIERRE"),  # row 5
        (["Jean-Pierre"], "JEAN"),
        (["Jean Pierre"], "JEAN"),
        (["Jean"], "JEANNE"),
        (["Clair"], "CLAIRE MARIE"),
        (["Claire", "Mar"], "CLAIRE MARIE"),
        (["Claire"], ""),
    ],
)
def test_other_given_names_never_match(given, filed):
    pivot = claims(given_name=" ".join(given), given_name_array=given)

    assert outcome(pivot, person(given_names=filed)) == "none"


def test_names_separated_by_commas_are_read():
    pivot = claims(given_name="Claire, Marie", given_name_array=None)

    assert outcome(pivot, person(given_names="CLAIRE")) == "matched"


# Rows 8 to 12: places.


@pytest.mark.parametrize(
    ("given", "filed", "nir"),
    [
        (("20127", "99100"), ("2A127", "99100"), "2350120127061"),
        (("2A127", "99100"), ("20127", "99100"), "2350120127061"),
        (("69387", "99100"), ("69123", "99100"), "2720869387233"),
        (("75056", "99100"), ("75114", "99100"), "2870375114979"),
        (("9122", "99100"), ("09122", "99100"), "2850709122001"),
        ((9122, "99100"), ("09122", "99100"), "2850709122001"),
        (("2a004", "99100"), ("2A004", "99100"), "285072A004001"),
        (("", "99352"), ("91352", "99352"), "2550791352001"),
        ((None, "99352"), ("99352", "99352"), "2550799352001"),
        (("91352", "99352"), ("99352", "99352"), "2550791352001"),
        (("91352", "99100"), ("91352", "99352"), "2550791352001"),
        (("LONDON", "99132"), ("99132", "99132"), "2390199132611"),
        (("99132", "99132"), ("99132", "99132"), "2390199132611"),
        (("", "99155"), ("99123", "99123"), "2550799123001"),
        (("", "99123"), ("99155", "99155"), "2550799123001"),
    ],
)
def test_a_place_matches_under_the_code_of_any_time(given, filed, nir):
    pivot = claims(birthplace=given[0], birthcountry=given[1])
    known = person(birthplace=filed[0], birthcountry=filed[1], nir=Nir(nir))

    assert outcome(pivot, known) == "matched"


@pytest.mark.parametrize(
    ("given", "filed", "nir"),
    [
        (("34172", "99100"), ("69123", "99100"), "2850769387001"),
        (("75115", "99100"), ("75114", "99100"), "2870375114979"),
        (("75115", "99100"), ("75056", "99100"), "2870375114979"),  # the NIR says 75114
        (("01091", "99100"), ("01033", "99100"), "2850701018001"),  # a neighbour, since merged
        (("92352", "99352"), ("91352", "99352"), "2550791352001"),
        (("92352", "99352"), ("99352", "99352"), "2550791352001"),  # the NIR says Algiers
        (("", "99350"), ("91352", "99352"), "2550791352001"),
        (("", "99148"), ("99155", "99155"), "2550799123001"),
        (("29019", "99100"), ("99352", "99352"), "2550799352001"),
        (("", "99352"), ("29019", "99100"), "2850729019001"),
        (("29019", "99100"), ("", "99100"), "2850729019001"),
        (("29019", "99100"), ("99999", "99100"), "2850729019001"),
        (("", "99139"), ("", ""), "2850799139001"),
    ],
)
def test_another_place_never_matches(given, filed, nir):
    pivot = claims(birthplace=given[0], birthcountry=given[1])
    known = person(birthplace=filed[0], birthcountry=filed[1], nir=Nir(nir))

    assert outcome(pivot, known) == "none"


def test_a_city_alone_cannot_choose_between_two_arrondissements():
    pivot = claims(birthplace="75056")
    first = person(birthplace="75114", nir=Nir("2850775114001"))
    second = person(birthplace="75115", nir=Nir("2850775115001"))

    assert outcome(pivot, first) == "matched"
    assert outcome(pivot, first, second) == "several"


def test_a_country_alone_cannot_choose_between_two_departements_of_algeria():
    pivot = claims(birthplace="", birthcountry="99352")
    algiers = person(birthplace="91352", birthcountry="99352", nir=Nir("2550791352001"))
    oran = person(birthplace="92352", birthcountry="99352", nir=Nir("2550792352001"))

    assert outcome(pivot, algiers) == "matched"
    assert outcome(pivot, algiers, oran) == "several"


# Rows 13 and 15: dates.


@pytest.mark.parametrize(
    ("birthdate", "idp", "filed", "nir", "expected"),
    [
        ("1960-01-01", "1960-00-00", "1960-00-00", "2602099212151", "matched"),
        ("1960-07-01", "1960-07-00", "1960-07-00", "2600799212151", "matched"),
        ("1960-00-00", None, "1960-00-00", "2602099212151", "matched"),
        ("1960-07-00", None, "1960-07-00", "2600799212151", "matched"),
        ("1960-01-01", "1960-00-00", "1960-01-01", "2602099212151", "matched"),  # NIR month 20
        ("1960-01-01", "1960-00-00", "1960-01-01", "2600199212151", "none"),  # really born then
        ("1960-07-01", "1960-07-00", "1960-07-01", "2600799212151", "none"),
        ("1960-01-01", "1960-01-01", "1960-00-00", "2602099212151", "none"),
        ("1960-01-01", None, "1960-00-00", "2602099212151", "matched"),
        ("1960-07-01", None, "1960-07-00", "2600799212151", "matched"),
        ("1960-07-02", None, "1960-07-00", "2600799212151", "none"),
        ("1960-07-01", None, "1960-00-00", "2602099212151", "none"),
        ("1960-01-01", "1961-00-00", "1960-00-00", "2602099212151", "none"),
        ("1960-05-12", "1960-00-00", "1960-05-12", "2600599212151", "matched"),  # corrected
        ("1960-05-12", "1960-12-05", "1960-05-12", "2600599212151", "matched"),
        ("1960-05-12", "nonsense", "1960-05-12", "2600599212151", "matched"),
        ("1960-12-05", "1960-12-05", "1960-05-12", "2600599212151", "none"),
        ("1960-05-13", "1960-05-13", "1960-05-12", "2600599212151", "none"),
        ("2060-05-12", "2060-05-12", "1960-05-12", "2600599212151", "none"),
    ],
)
def test_dates_are_equal_in_full_and_unknown_parts_equal_unknown_parts(
    birthdate, idp, filed, nir, expected
):
    pivot = claims(birthdate=birthdate, idp_birthdate=idp, birthplace="", birthcountry="99212")
    known = person(
        birth_date=BirthDate.iso(filed), nir=Nir(nir), birthplace="99212", birthcountry="99212"
    )

    assert outcome(pivot, known) == expected


def test_without_the_stated_date_a_rival_refuses():
    pivot = claims(birthdate="1985-01-01", idp_birthdate=None)
    unknown = person(birth_date=BirthDate(1985, 0, 0), nir=Nir("2852029019001"))
    first_of_january = person(birth_date=BirthDate(1985, 1, 1), nir=Nir("2850129019001"))

    assert outcome(pivot, unknown) == "matched"
    assert outcome(pivot, unknown, first_of_january) == "several"


def test_a_first_of_the_month_that_the_national_register_found_may_be_an_unknown_day():
    pivot = claims(birthdate="1985-07-01", idp_birthdate="1985-00-00")
    unknown = person(birth_date=BirthDate(1985, 7, 0), nir=Nir("2850729019002"))
    first = person(birth_date=BirthDate(1985, 7, 1))

    assert outcome(pivot, first) == "matched"
    assert outcome(pivot, unknown) == "matched"
    assert outcome(pivot, first, unknown) == "several"


def test_the_centenarian_of_the_same_number_is_somebody_else():
    child = person(birth_date=BirthDate(2015, 7, 14), nir=Nir("2150729019001"))
    old = person(birth_date=BirthDate(1915, 7, 14), nir=Nir("2150729019001"))

    assert outcome(claims(birthdate="1915-07-14"), child, old) == "matched"
    assert outcome(claims(birthdate="1915-07-14"), child) == "none"


# Rows 14, 16, 17, 18: who counts.


def test_exact_homonyms_refuse():
    homonyms = person(), person(nir=Nir("2850729019002"))

    assert outcome(claims(), *homonyms) == "several"


def test_twins_are_told_apart_by_their_first_given_name():
    claire, anne = person(), person(given_names="ANNE MARIE", nir=Nir("2850729019002"))

    assert MemoryRegister.of(claire, anne).match(claims())[1] == claire.nir.value
    assert outcome(claims(), anne) == "none"


def test_twins_whose_lists_begin_alike_refuse_a_longer_list():
    short = person(given_names="CLAIRE")
    long = person(given_names="CLAIRE MARIE", nir=Nir("2850729019002"))

    assert outcome(claims(), short, long) == "several"


def test_parent_and_child_of_one_name_differ_by_their_date():
    mother = person(birth_date=BirthDate(1955, 7, 14), nir=Nir("2550729019001"))

    assert outcome(claims(), mother) == "none"
    assert MemoryRegister.of(mother, person()).match(claims())[1] == "2850729019001"


def test_the_other_sex_never_matches():
    assert outcome(claims(gender="male"), person()) == "none"


def test_a_dependant_is_no_candidate():
    assert outcome(claims(), person(quality=Quality.AYANT_DROIT)) == "none"


def test_an_uncertified_identity_is_refused():
    assert outcome(claims(), person(certified=False)) == "uncertified"


@pytest.mark.parametrize("certified", [True, False])
def test_a_waiting_number_beside_the_definitive_one_refuses(certified):
    waiting = person(nir=Nir("7850729019001"), nir_status=NirStatus.WAITING, certified=certified)

    assert outcome(claims(), person(), waiting) == "several"


def test_one_number_loaded_twice_with_other_given_names_is_one_person():
    before, after = person(given_names="CLAIRE"), person(given_names="CLAIRE MARIE")

    decision, nir = MemoryRegister.of(before, after).match(claims())

    assert (decision.chosen, nir) == (1, before.nir.value)


# Row 19: fields cut by an older system.


@pytest.mark.parametrize(
    ("given", "filed", "expected"),
    [
        ("MONTMORENCY-DE LA ROCHEFOUCAULD", "MONTMORENCY-DE LA ROCHEF", "none"),  # 24
        ("MONTMORENCY-DE LA ROCHEFOUCAULD", "MONTMORENCY-DE LA ROCHEFO", "matched"),  # 25
        ("MONTMORENCY-DE LA ROCHEFO", "MONTMORENCY-DE LA ROCHEFOUCAULD", "matched"),
        ("MONTMORENCY-DE LA ROCHEFOUCAULD", "MONTMORENCY-DE LA ROCHEFOU", "none"),  # 26
        ("MONTMORENCY-DE LA ROCHEFALA", "MONTMORENCY-DE LA ROCHEFO", "none"),
    ],
)
def test_a_birth_name_may_be_cut_at_the_limit_alone(given, filed, expected):
    assert outcome(claims(family_name=given), person(birth_name=filed)) == expected


@pytest.mark.parametrize(
    ("given", "filed", "expected"),
    [
        ("Marie-Bernadettine Anne", "MARIE-BERNADETT", "matched"),  # 15
        ("Marie-Bernadettine Anne", "MARIE-BERNADET", "none"),
        ("Marie-Bernadettine Anne", "MARIE-BERNADETTI", "none"),
        ("Marie-Bernard", "MARIE-BERNADETT", "none"),
    ],
)
def test_given_names_may_be_cut_at_the_limit_alone(given, filed, expected):
    assert outcome(claims(given_name=given), person(given_names=filed)) == expected


def test_male_and_female_are_the_only_sexes_of_the_register():
    assert [str(sex) for sex in Sex] == ["M", "F"]
