"""Which identities pass, and how the register completes them."""

import pytest

from demo.franceconnect.identity import faulty_fields
from demo.franceconnect.rnipp import rectified


def an_identity(**changes: object) -> dict[str, object]:
    identity = {
        "given_name": "Angela Claire",
        "family_name": "DUBOIS",
        "birthdate": "1962-08-24",
        "gender": "female",
        "birthplace": "75107",
        "birthcountry": "99100",
        "email": "angela@example.org",
    } | changes
    return {name: value for name, value in identity.items() if value is not None}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("given_name", ""),
        ("given_name", None),
        ("given_name", "x" * 257),
        ("family_name", ""),
        ("birthdate", "1962"),
        ("birthdate", "1962-08"),
        ("birthdate", "1962-00-24"),
        ("birthdate", "1962-02-30"),
        ("birthdate", None),
        ("gender", "F"),
        ("gender", None),
        ("birthcountry", "FRANCE"),
        ("birthcountry", None),
        ("birthplace", ""),
        ("birthplace", None),
        ("birthplace", "2C004"),
        ("email", ""),
        ("email", None),
        ("email", "angela"),
        ("preferred_username", 1),
    ],
)
def test_one_faulty_field_is_enough(field, value):
    assert faulty_fields(an_identity(**{field: value})) == [field]


@pytest.mark.parametrize(
    "lawful",
    [
        {"birthdate": "1962-08-00"},
        {"birthdate": "1962-00-00"},
        {"gender": "unspecified"},
        {"birthplace": "2A004"},
        {"birthplace": "98729"},
        {"birthcountry": "99352", "birthplace": ""},
        {"birthcountry": "99352", "birthplace": None},
        {"birthcountry": "99352", "birthplace": "Alger"},
        {"preferred_username": ""},
        {"given_name": "x" * 256},
        {"phone_number": "0102030405"},
    ],
)
def test_lawful_identities_pass(lawful):
    assert faulty_fields(an_identity(**lawful)) == []


@pytest.mark.parametrize(
    ("given", "completed"),
    [("1962-08-00", "1962-08-01"), ("1962-00-00", "1962-01-01"), ("1962-08-24", "1962-08-24")],
)
def test_partial_dates_are_completed_and_kept_as_given(given, completed):
    claims = rectified(an_identity(birthdate=given))

    assert claims["birthdate"] == completed
    assert claims["idp_birthdate"] == given


@pytest.mark.parametrize("sent", ["Alger", "", None])
def test_the_birthplace_is_empty_abroad(sent):
    claims = rectified(an_identity(birthcountry="99352", birthplace=sent))

    assert claims["birthplace"] == ""


@pytest.mark.parametrize(
    "login",
    [
        "mois_00",
        "sans_nom_naissance",
        "sans_prenom",
        "sans_mail",
        "sans_genre",
        "sans_birthplace",
        "test_INVALID_COG",
        "test_CORSE_INVALID",
    ],
)
def test_an_invalid_test_identity_ends_on_the_error_page(site, login):
    answer = site.logs_in(login)

    assert answer.status_code == 400
    assert "Y600006" in answer.text
    assert "Revenir sur Le site" in answer.text


def test_the_person_of_a_refused_identity_may_choose_another_account(site):
    choice = site.reaches_choice()
    site.picks(choice, "sans_mail")

    answer = site.picks(choice, "test")

    assert answer.location.endswith("/information")


@pytest.mark.parametrize(
    ("login", "code", "status"),
    [("Y010004", "Y010004", 403), ("Y180001", "Y180001", 403), ("E020009", "Y020027", 502)],
)
def test_a_failing_login_ends_on_its_error_page(site, login, code, status):
    answer = site.logs_in(login)

    assert answer.status_code == status
    assert code in answer.text


def test_a_person_with_a_usage_name_has_it_beside_the_birth_name(site):
    claims = site.claims("avec_nom_dusage")

    assert claims["family_name"] == "MERCIER"
    assert claims["preferred_username"] == "DUBOIS"


def test_a_person_born_on_an_unknown_day_is_completed_for_the_site(site):
    claims = site.claims(
        "étranger_présumé_né_jour_et_mois", scope="openid birthdate idp_birthdate"
    )

    assert claims["birthdate"] == "1992-01-01"
    assert claims["idp_birthdate"] == "1992-00-00"


def test_every_other_identity_passes(site):
    citizens = site.browser.application.view_functions["pages.account"].__self__.citizens

    refused = [citizen.login for citizen in citizens if not citizen.is_acceptable]

    assert len(list(citizens)) == 429
    assert len(refused) == 8
