"""The app's creation: the terms first, then the same services, limits and trail as on the web."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from broker.accounts.accounts import Accounts
from broker.accounts.contact_change import ContactChange
from broker.accounts.model import Channel, Status
from broker.base.browser import FORM_TOKEN
from broker.base.crypto import Secret, fingerprint
from broker.insured.nir import Nir
from broker.signup.by_card import ByCard
from broker.signup.journeys import Journeys
from tests.unit.accounts.builders import NIR, Bench, claire
from tests.unit.mobile.owner import ACCOUNT, PhoneOwner
from tests.unit.signup.visitor import Visitor, words

pytestmark = pytest.mark.usefixtures("insured_id")
OTHER = Nir("2850729019002")
COOKIES = ("creation_app", "navigateur")
STEPS = ("identite", "carte", "compte", "impossible")


def consents(bench: Bench) -> dict[str, bool]:
    account = bench.of(Accounts).by_nir(NIR)
    present = bench.of(ContactChange).present(account.id)
    return {consent.purpose: consent.given for consent in present.consents}


def test_the_screens_lead_to_a_pending_account_of_the_app(bench, owner):
    assert "Première connexion" in owner.opens("/app").text
    assert owner.accepts_terms().location == "/app/identite"
    assert owner.identifies().location == "/app/carte"
    assert owner.proves().location == "/app/compte"
    assert owner.creates().location == "/app"

    home = words(owner.opens("/app"))
    assert "Consultez votre messagerie" in home
    assert "c***@e***.fr" in home
    assert "claire@exemple.fr" not in home
    account = bench.of(Accounts).by_nir(NIR)
    assert (account.status, account.channel) == (Status.PENDING, Channel.APP)
    (requested,) = bench.events("account.create.requested")
    assert (requested["txn"], requested["reason_code"]) == (account.reference, "app")


def test_the_mask_is_shown_and_its_check_digits_are_not(owner):
    owner.accepts_terms()
    owner.identifies()

    screen = words(owner.opens("/app/carte"))

    assert "<span>FR..</span>" in screen
    assert "Les 7 derniers caractères de mon IBAN" in screen


@pytest.mark.parametrize("step", STEPS)
def test_a_screen_without_a_journey_leads_to_the_terms(owner, step):
    answer = owner.opens(f"/app/{step}")

    assert answer.status_code == 409
    assert 'href="/app/conditions"' in answer.text


@pytest.mark.parametrize("step", ["carte", "compte"])
def test_a_screen_ahead_leads_back_to_the_one_that_is_missing(owner, step):
    owner.accepts_terms()

    answer = owner.opens(f"/app/{step}")

    assert answer.status_code == 409
    assert 'href="/app/identite"' in answer.text


def test_who_refuses_the_terms_is_back_at_the_start(owner):
    owner.accepts_terms()

    assert owner.posts("/app/refus").location == "/app"
    assert owner.opens("/app/identite").status_code == 409


def test_the_proofs_of_one_person_do_not_serve_the_next_one_who_is_named(bench, owner):
    other = claire(nir=OTHER)
    bench.registers(other)
    owner.comes_to_account()

    assert owner.identifies(nir=other.nir.value).location == "/app/carte"
    assert owner.opens("/app/compte").status_code == 409


def test_a_journey_belongs_to_its_phone(app, owner):
    owner.comes_to_account()
    thief = PhoneOwner(app)
    stolen = owner.client.get_cookie("ameli_creation_app")
    thief.client.set_cookie(stolen.key, stolen.value)

    assert thief.creates().status_code == 409


def test_the_journey_of_the_app_is_not_that_of_the_site(app, owner):
    owner.comes_to_account()
    same_browser = Visitor(app)
    same_browser.client = owner.client

    assert same_browser.opens("/creation-compte/coordonnees").status_code == 409


def test_an_ineligible_person_sees_the_neutral_screen_without_franceconnect(bench, owner):
    bench.registers(claire(rights_open=False))
    owner.accepts_terms()

    assert owner.identifies().location == "/app/impossible"

    screen = words(owner.opens("/app/impossible"))
    (refused,) = bench.events("account.create.refused")
    assert refused["txn"] in screen
    assert "Contactez votre caisse" in screen
    assert "FranceConnect" not in screen


def test_who_has_no_serial_number_is_sent_to_the_caisse(bench, owner):
    owner.accepts_terms()
    owner.identifies()

    assert owner.posts("/app/sans-numero").location == "/app/impossible"
    assert bench.events("account.create.refused")[0]["reason_code"] == "excluded:vitale"


def test_wrong_proofs_have_one_message_and_share_their_count_with_the_site(app, limit):
    limit(ByCard, card_count=3)
    owner, visitor = PhoneOwner(app), Visitor(app)
    owner.accepts_terms()
    owner.identifies()
    wrong = owner.proves(iban7="0000000")
    assert wrong.status_code == 422
    assert "ne correspondent pas" in words(wrong)
    visitor.identifies()
    assert visitor.proves(vitale11="00000000000").status_code == 422

    assert owner.proves(iban7="0000000").location == "/app/impossible"
    assert visitor.proves().location == "/creation-compte/impossible"


def test_too_many_identities_get_the_neutral_screen_with_the_time_of_the_next_try(limit, owner):
    limit(ByCard, identity_pair_count=1)
    owner.accepts_terms()
    owner.identifies(nom="Le Goff")
    owner.accepts_terms()

    answer = owner.identifies()

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Vous pourrez réessayer à partir de" in words(answer)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"email_confirmation": "autre@exemple.fr"}, "Les deux adresses e-mail sont différentes"),
        ({"mot_de_passe_confirmation": "Autre&Mot7"}, "Les deux mots de passe sont différents"),
        ({"consentement_email": ""}, "Répondez Oui ou Non"),
        ({"telephone": "12"}, "Le numéro de téléphone est invalide"),
        ({"mot_de_passe": "court", "mot_de_passe_confirmation": "court"}, "entre 8 et 50"),
    ],
)
def test_a_wrong_answer_is_explained_and_the_password_is_not_shown_again(owner, changes, message):
    owner.comes_to_account()

    answer = owner.creates(**changes)

    assert answer.status_code == 422
    assert message in words(answer)
    assert 'value="claire@exemple.fr"' in answer.text
    assert changes.get("mot_de_passe", "Tulipes&Violon7") not in answer.text


def test_the_password_must_not_hold_the_name_of_the_address(owner):
    owner.comes_to_account()
    password = "Marguerite&7x"

    answer = owner.creates(
        email="marguerite@exemple.fr",
        email_confirmation="marguerite@exemple.fr",
        mot_de_passe=password,
        mot_de_passe_confirmation=password,
    )

    assert answer.status_code == 422
    assert "trop facile à deviner" in words(answer)


def test_a_used_address_is_said_and_another_one_goes_on(app, bench, owner):
    other = claire(nir=OTHER)
    bench.registers(other)
    first = PhoneOwner(app)
    first.accepts_terms()
    first.identifies(nir=other.nir.value)
    first.proves()
    first.creates()
    owner.comes_to_account()

    used = owner.creates()

    assert used.status_code == 409
    assert "déjà utilisée" in words(used)
    again = {"email": "claire2@exemple.fr", "email_confirmation": "claire2@exemple.fr"}
    assert owner.creates(**again).location == "/app"


def test_the_letter_and_the_studies_are_kept_apart_and_no_answer_is_a_no(bench, owner):
    owner.comes_to_account()

    owner.creates(consentement_email="oui", consentement_telephone="non")

    assert consents(bench) == {
        "newsletter_email": True,
        "studies_email": True,
        "newsletter_telephone": False,
        "studies_telephone": False,
        "newsletter_sms": False,
        "studies_sms": False,
    }


@pytest.mark.parametrize(
    ("typed", "kind"), [("06 39 98 12 34", "mobile"), ("01 99 00 12 34", "landline")]
)
def test_the_one_telephone_is_kept_as_what_it_is(bench, owner, typed, kind):
    owner.comes_to_account()

    owner.creates(telephone=typed)

    present = bench.of(ContactChange).present(bench.of(Accounts).by_nir(NIR).id)
    assert {"mobile": present.mobile, "landline": present.landline}[kind] is not None
    assert (present.mobile is None) != (present.landline is None)


def test_parallel_posts_of_the_last_screen_open_one_account(app, bench, owner):
    owner.comes_to_account()
    token = owner.form_token()
    cookies = [owner.client.get_cookie(f"ameli_{n}") for n in COOKIES]

    def post(_: int) -> int:
        phone = PhoneOwner(app)
        for cookie in cookies:
            phone.client.set_cookie(cookie.key, cookie.value)
        fields = {FORM_TOKEN: token, **ACCOUNT}
        return phone.client.post("/app/compte", data=fields).status_code

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(post, range(4))) == [303] * 4

    assert len(bench.events("account.created")) == 1


def test_a_journey_ends_an_hour_after_the_last_act(owner, clock):
    owner.accepts_terms()
    clock.advance(minutes=60)
    assert owner.opens("/app/identite").status_code == 200

    clock.advance(seconds=1)

    assert owner.opens("/app/identite").status_code == 409


def test_the_terms_in_full_lead_back_to_the_app(owner):
    screen = owner.opens("/app/conditions-detaillees")

    assert 'href="/app/conditions"' in screen.text


def test_the_terms_are_dated_by_the_first_screen(bench, owner, clock):
    owner.accepts_terms()
    accepted = clock.now
    clock.advance(minutes=5)
    owner.identifies()
    cookie, browser = (owner.client.get_cookie(f"ameli_{n}") for n in COOKIES)

    browser_ref = fingerprint(browser.value).hex()[:32]
    draft = bench.of(Journeys).current(Secret(cookie.value), browser_ref)

    assert draft.terms_accepted_at == accepted
