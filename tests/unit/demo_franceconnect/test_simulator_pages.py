"""What people see on their way, and how they turn back."""

import re

import pytest

CALLBACK = "https://site.test/callback"


def test_every_page_says_that_it_is_a_simulator(site):
    choice = site.reaches_choice()
    addresses = ["/", "/en-savoir-plus", choice, f"{choice}/account/impots"]

    pages = [site.browser.get(address).text for address in addresses]
    pages.append(site.browser.get(site.picks(choice, "test").location).text)

    assert all("Simulateur de démonstration." in page for page in pages)


def test_the_choice_shows_the_accounts_open_to_the_site(site):
    page = site.browser.get(site.reaches_choice()).text

    assert "impots.gouv.fr" in page
    assert "Ameli.fr" in page


def test_a_hidden_account_is_not_shown(site):
    site.client_id = "sibling"

    page = site.browser.get(site.reaches_choice()).text

    assert "impots.gouv.fr" in page
    assert "Ameli.fr" not in page


@pytest.mark.parametrize("uid", ["ameli", "nobody"])
def test_a_hidden_or_unknown_account_cannot_be_chosen(site, uid):
    site.client_id = "sibling"

    answer = site.browser.post(f"{site.reaches_choice()}/choice", data={"idp": uid})

    assert answer.status_code == 400
    assert "Y020019" in answer.text


def test_choosing_an_account_leads_to_its_login_page(site):
    choice = site.reaches_choice()

    answer = site.browser.post(f"{choice}/choice", data={"idp": "impots"})

    page = site.browser.get(answer.location).text
    assert "Se connecter avec impots.gouv.fr" in page
    assert 'value="123"' in page


def test_the_real_account_has_no_simulated_login_page(site):
    account = f"{site.reaches_choice()}/account/ameli"

    shown = site.browser.get(account)
    posted = site.browser.post(account, data={"login": "test", "password": "123"})

    assert shown.status_code == posted.status_code == 400


def test_going_back_to_the_site_is_access_denied(site):
    choice = site.reaches_choice()

    answer = site.browser.get(f"{choice}/abort")

    assert answer.location == (
        f"{CALLBACK}?error=access_denied&error_description=User+auth+aborted"
        f"&state={'s' * 32}&iss=https%3A%2F%2Ffc.test%2Fapi%2Fv2"
    )


def test_identities_are_found_by_name_without_accents(site):
    account = f"{site.reaches_choice()}/account/impots"

    page = site.browser.get(account, query_string={"q": "dubinore joelle"}).text

    assert "1 identité trouvée" in page
    assert "caractères_spéciaux" in page


def test_an_identity_of_the_list_fills_the_login(site):
    account = f"{site.reaches_choice()}/account/impots"

    page = site.browser.get(account, query_string={"login": "piv-3"}).text

    assert 'value="piv-3" list=' in page


@pytest.mark.parametrize(("login", "password"), [("nobody", "123"), ("test", "1234")])
def test_wrong_credentials_stay_on_the_login_page(site, login, password):
    account = f"{site.reaches_choice()}/account/impots"

    answer = site.browser.post(account, data={"login": login, "password": password})

    page = site.browser.get(answer.location).text
    assert "Erreur\u00a0: " in page
    assert 'aria-invalid="true"' in page
    assert f'value="{login}" list=' in page


@pytest.mark.parametrize(
    ("login", "welcome"),
    [
        ("test", "Bienvenue Mme DUBOIS Angela Claire Louise née le 24/08/1962"),
        ("sans_nom_dusage", "Bienvenue M. DUPONT Paul Louis né le 24/08/1962"),
        ("genre_indéfini", "Bienvenue LAFORGE Camille né(e) le 07/08/1954"),
    ],
)
def test_the_information_page_shows_who_was_identified(site, login, welcome):
    page = site.browser.get(site.logs_in(login).location).text

    assert welcome in re.sub(r"\s+", " ", page)
    assert "Continuer sur Le site" in page
    assert "Ce n'est pas vous\u00a0?" in page
    assert "En savoir plus sur FranceConnect" in page


def test_the_information_page_needs_an_identified_person(site):
    choice = site.reaches_choice()

    shown = site.browser.get(f"{choice}/information")
    posted = site.browser.post(f"{choice}/information")

    assert shown.location == posted.location == choice


def test_somebody_else_may_choose_an_account(site):
    information = site.logs_in().location
    choice = information.removesuffix("/information")

    site.browser.post(f"{choice}/somebody-else")

    assert "Choisissez un compte" in site.browser.get(choice).text


def test_an_interaction_ends_once(site):
    information = site.logs_in().location
    site.browser.post(information)

    again = site.browser.post(information)

    assert again.status_code == 401
    assert "Y190001" in again.text


def test_an_interaction_belongs_to_its_browser(site):
    information = site.logs_in().location

    answer = site.browser.application.test_client().post(information)

    assert answer.status_code == 401


def test_an_interaction_lives_30_minutes(site):
    choice = site.reaches_choice()
    site.clock.advance(1800)

    answer = site.browser.get(choice)

    assert answer.status_code == 401


def test_a_second_login_within_30_minutes_skips_the_account(site):
    first = site.id_token().claims
    site.clock.advance(1799)

    answer = site.browser.get(site.reaches_choice())

    assert answer.location.endswith("/information")
    tokens = site.redeems(_code(site.browser.post(answer.location))).json
    assert site.verifies(tokens["id_token"]).claims["auth_time"] == first["auth_time"]


def test_after_30_minutes_the_account_is_asked_again(site):
    site.returns()
    site.clock.advance(1800)

    page = site.browser.get(site.reaches_choice()).text

    assert "Choisissez un compte" in page


def test_a_site_may_skip_the_information_page_with_prompt_login(site):
    site.client_id = "quick"

    answer = site.logs_in(prompt="login")

    assert answer.location.startswith(CALLBACK)


def test_other_sites_always_show_the_information_page(site):
    answer = site.logs_in(prompt="login")

    assert answer.location.endswith("/information")


def test_pages_forbid_scripts_and_caches(site):
    answer = site.browser.get(site.reaches_choice())

    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script" not in answer.text


def test_the_health_address_answers(site):
    assert site.browser.get("/health/live").json == {"status": "ok"}


def _code(answer) -> str:
    return answer.location.partition("code=")[2].partition("&")[0]
