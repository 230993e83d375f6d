"""Whole stories in Chromium over TLS, on three sites that are foreign to each other."""

import pytest
from playwright.sync_api import expect

from tests.support.sites import NAMES
from tests.support.watch import Watch

pytestmark = pytest.mark.journey
_GAVE_UP = "La connexion a été abandonnée avant la fin."
WAYS = {
    "desktop": {},
    "mobile": {"mobile": True},
    "without-js": {"javascript": False},
}


def goes_to_ameli_through_franceconnect(person):
    person.page.goto(person.stack.url("partner"))
    person.clicks("S'identifier avec FranceConnect")
    person.clicks("Ameli.fr")


def is_logged_out_of_ameli(person):
    person.opens("/mon-compte")
    expect(person.page).to_have_url(f"{person.stack.url('broker')}/connexion")


def test_creates_an_account_by_card_logs_in_and_opens_the_partner(newcomer, insured):
    person = newcomer()

    person.gives_identity(**insured.identity)
    person.gives_proofs(insured.iban7, insured.vitale11)
    person.completes_creation()
    person.activates()
    person.opens("/connexion")
    person.logs_in(insured.nir)
    person.gives_code(remember=True)
    expect(person.page).to_have_url(f"{person.stack.url('broker')}/mon-compte")
    person.page.goto(person.stack.url("partner"))
    person.clicks("Se connecter avec le compte ameli")
    person.agrees()

    person.sees(insured.nom)
    person.sees("eidas1")
    cookies = person.page.context.cookies()
    assert {cookie["domain"] for cookie in cookies} == {NAMES["broker"], NAMES["partner"]}
    for cookie in cookies:
        protection = (cookie["secure"], cookie["httpOnly"], cookie["sameSite"], cookie["path"])
        assert protection == (True, True, "Lax", "/"), cookie["name"]
    ours = [cookie["name"] for cookie in cookies if cookie["domain"] == NAMES["broker"]]
    assert len(ours) >= 3
    assert [name for name in ours if not name.startswith("__Host-ameli_")] == []


@pytest.mark.parametrize(
    ("login", "way"), [("test", "desktop"), ("caractères_spéciaux", "without-js")]
)
def test_creates_an_account_by_franceconnect(newcomer, login, way):
    person = newcomer(**WAYS[way])

    person.starts_with_franceconnect(login)
    person.completes_creation()
    person.activates()

    # FranceConnect's session ended with the creation: it asks again who is there.
    person.opens("/creation-compte")
    person.clicks("S'identifier avec FranceConnect")
    person.sees("Choisissez un compte pour vous connecter")


@pytest.mark.parametrize("way", list(WAYS))
def test_goes_round_the_circle_and_out_of_all_three(newcomer, holder, way):
    person = newcomer(**WAYS[way])
    person.email = holder.email

    goes_to_ameli_through_franceconnect(person)
    person.logs_in(holder.insured.nir)
    person.gives_code()
    person.continues_from_franceconnect()
    person.sees(holder.insured.nom)
    person.clicks("Se déconnecter")

    person.sees("Vous êtes déconnecté")
    assert person.page.url.startswith(f"{person.stack.url('partner')}/deconnecte?state=")
    is_logged_out_of_ameli(person)
    person.page.goto(person.stack.url("partner"))
    person.clicks("S'identifier avec FranceConnect")
    person.sees("Choisissez un compte pour vous connecter")


def test_logs_in_at_the_partner_and_out_again(newcomer, holder):
    person = newcomer(mobile=True)
    person.email = holder.email
    person.page.goto(person.stack.url("partner"))
    person.clicks("Se connecter avec le compte ameli")
    person.logs_in(holder.insured.nir)
    person.gives_code()
    person.agrees()
    person.sees(holder.insured.nom)

    person.clicks("Se déconnecter")

    person.sees("Vous êtes déconnecté")
    is_logged_out_of_ameli(person)


@pytest.mark.parametrize(("step", "way"), [("login", "desktop"), ("code", "without-js")])
def test_gives_up_at_ameli_and_is_back_at_the_partner(newcomer, holder, step, way):
    person = newcomer(**WAYS[way])
    person.page.goto(person.stack.url("partner"))
    person.clicks("Se connecter avec le compte ameli")
    if step == "code":
        person.logs_in(holder.insured.nir)

    person.clicks("Annuler et revenir à Partenaire d'exemple")

    person.sees(_GAVE_UP)
    assert person.page.url.startswith(person.stack.url("partner"))


def test_refuses_what_the_partner_would_receive_and_is_back_there(newcomer, holder):
    person = newcomer()
    person.email = holder.email
    person.page.goto(person.stack.url("partner"))
    person.clicks("Se connecter avec le compte ameli")
    person.logs_in(holder.insured.nir)
    person.gives_code()

    person.clicks("Refuser et revenir à Partenaire d'exemple")

    person.sees(_GAVE_UP)


def test_gives_up_at_the_choice_of_franceconnect_and_is_back_at_the_partner(newcomer):
    person = newcomer()
    person.page.goto(person.stack.url("partner"))
    person.clicks("S'identifier avec FranceConnect")

    person.page.get_by_role("link", name="Revenir sur Partenaire d'exemple").click()

    person.sees(_GAVE_UP)


@pytest.mark.parametrize(("step", "way"), [("login", "without-js"), ("code", "desktop")])
def test_returns_from_ameli_to_franceconnect_and_takes_another_account(
    newcomer, holder, step, way
):
    person = newcomer(**WAYS[way])
    goes_to_ameli_through_franceconnect(person)
    if step == "code":
        person.logs_in(holder.insured.nir)

    person.clicks("Retourner sur FranceConnect")

    person.sees("La connexion à Ameli.fr n'a pas été possible.")
    person.identifies_at_franceconnect("sans_nom_dusage")
    person.sees("DUPONT")


@pytest.mark.parametrize("end", ["Revenir sur Partenaire d'exemple", "Ce n'est pas vous\u00a0?"])
def test_gives_up_on_the_information_page_of_franceconnect(newcomer, holder, end):
    person = newcomer()
    person.email = holder.email
    goes_to_ameli_through_franceconnect(person)
    person.logs_in(holder.insured.nir)
    person.gives_code()
    person.sees(f"Continuer sur {'Partenaire'}")

    person.page.get_by_text(end, exact=True).click()

    if end == "Ce n'est pas vous\u00a0?":
        person.sees("Choisissez un compte pour vous connecter")
    else:
        person.sees(_GAVE_UP)


def test_gives_up_a_creation_at_franceconnect_and_may_try_again(newcomer):
    person = newcomer()
    person.opens("/creation-compte")
    person.clicks("S'identifier avec FranceConnect")

    person.page.get_by_role("link", name="Revenir sur L'Assurance Maladie").click()

    person.sees("Réessayer")
    person.page.get_by_role("link", name="Réessayer").click()
    expect(person.page).to_have_url(f"{person.stack.url('broker')}/creation-compte")


def test_a_form_on_another_site_acts_for_nobody(newcomer, holder):
    person = newcomer()
    person.email = holder.email
    person.opens("/connexion")
    person.logs_in(holder.insured.nir)
    person.gives_code()
    expect(person.page).to_have_url(f"{person.stack.url('broker')}/mon-compte")

    person.page.goto(person.stack.url("partner"))
    person.page.evaluate(
        """address => {
            const form = document.createElement('form');
            form.method = 'post';
            form.action = address;
            document.body.append(form);
            form.submit();
        }""",
        f"{person.stack.url('broker')}/deconnexion",
    )

    person.sees("Votre session a expiré")
    person.opens("/mon-compte")
    expect(person.page).to_have_url(f"{person.stack.url('broker')}/mon-compte")


def test_a_script_of_somebody_else_on_our_page_is_refused_and_noticed(chromium, stack):
    context = chromium.new_context()
    watch, page = Watch(context, frozenset(NAMES.values())), context.new_page()
    page.goto(f"{stack.url('broker')}/connexion")

    page.evaluate(
        """() => {
            const script = document.createElement('script');
            script.textContent = 'window.taken = true';
            document.body.append(script);
            fetch('https://mouchard.example/').catch(() => null);
        }"""
    )

    assert page.evaluate("window.taken") is None
    assert "Content Security Policy" in watch.complaints[0]
    context.close()
