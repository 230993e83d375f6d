"""The pages of activation and of forgotten passwords."""

import re

import pytest

from broker.accounts.accounts import Accounts
from broker.accounts.activation import Activation
from broker.accounts.creation import Creation
from broker.accounts.model import Channel, Status
from broker.accounts.passwords import Passwords
from broker.base.crypto import Secret
from tests.unit.accounts.builders import NIR, a_new_account
from tests.unit.signup.visitor import Visitor, words

WHO = {"nir": "2 85 07 29 019 001", "date_naissance": "14/07/1985"}


@pytest.fixture
def visitor(app):
    return Visitor(app)


@pytest.fixture
def link(bench, insured_id):
    bench.of(Creation).open_pending(a_new_account(insured_id))
    return bench.link("activation").reveal()


def status(bench):
    return bench.of(Accounts).by_nir(NIR).status


def test_opening_the_link_shows_a_button_and_changes_nothing(bench, visitor, link):
    answer = visitor.opens(f"/activation/{link}")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/activation"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    page = visitor.opens("/activation")
    assert "J'active mon compte" in page.text.replace("&#39;", "'")
    assert link not in page.text
    assert status(bench) is Status.PENDING


def test_a_mail_scanner_activates_nothing(bench, visitor, link):
    for _ in range(3):
        visitor.client.head(f"/activation/{link}", follow_redirects=True)
        visitor.client.get(f"/activation/{link}", follow_redirects=True)

    assert status(bench) is Status.PENDING


def test_pressing_the_button_activates_once(bench, visitor, link):
    visitor.opens(f"/activation/{link}")

    assert visitor.posts("/activation").headers["Location"] == "/compte-active"

    assert status(bench) is Status.ACTIVE
    assert visitor.posts("/activation").status_code == 410
    assert "Se connecter" in visitor.opens("/compte-active").text


@pytest.mark.parametrize(
    ("channel", "page", "login"),
    [
        (Channel.APP, "/app/compte-active", "/app/connexion"),
        (Channel.CARD, "/compte-active", "/connexion"),
        (Channel.FRANCECONNECT, "/compte-active", "/connexion"),
    ],
)
def test_the_activation_leads_to_the_login_of_where_the_account_was_asked(
    bench, insured_id, visitor, channel, page, login
):
    bench.of(Creation).open_pending(a_new_account(insured_id, channel=channel))
    visitor.opens(f"/activation/{bench.link('activation').reveal()}")  # a browser unknown so far

    answer = visitor.posts("/activation")

    assert answer.headers["Location"] == page
    shown = visitor.opens(page).text
    assert re.findall(r'href="([^"]+)">Se connecter<', shown) == [login]


def test_links_of_app_and_site_look_the_same_until_they_are_used(app, bench, insured_id):
    seen = []
    for channel in (Channel.APP, Channel.CARD):
        bench.of(Creation).open_pending(a_new_account(insured_id, channel=channel))
        reader = Visitor(app)
        opened = reader.opens(f"/activation/{bench.link('activation').reveal()}")
        shown = reader.opens("/activation")
        headers = [name for name, _ in (*opened.headers, *shown.headers)]
        text = re.sub(r'value="[^"]+"', "", shown.text)  # the form token is the browser's own
        seen.append((opened.headers["Location"], headers, text))

    assert seen[0] == seen[1]


def test_every_dead_link_shows_the_same_page(bench, app, visitor, link, clock):
    unknown = visitor.opens("/activation/" + "x" * 43)
    without_cookie = Visitor(app).opens("/activation")
    visitor.opens(f"/activation/{link}")
    visitor.posts("/activation")
    used = visitor.opens(f"/activation/{link}")
    clock.advance(days=30)
    expired = visitor.opens(f"/activation/{link}")
    reset = visitor.opens("/mot-de-passe-oublie/" + "x" * 43)

    answers = [unknown, without_cookie, used, expired, reset]
    assert {one.status_code for one in answers} == {410}
    assert len({one.text for one in answers}) == 1
    assert "Ce lien n'est plus valable." in words(unknown).replace("&#39;", "'")
    assert status(bench) is Status.ACTIVE


@pytest.mark.usefixtures("link")
@pytest.mark.parametrize("path", ["/creation-compte/renvoyer", "/mot-de-passe-oublie"])
@pytest.mark.parametrize(
    "who", [WHO, {**WHO, "nir": "1850729019009"}, {**WHO, "date_naissance": "15/07/1985"}]
)
def test_asking_for_a_link_gets_one_answer(visitor, path, who):
    answer = visitor.posts(path, **who)

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{path}/envoye"
    assert visitor.opens(f"{path}/envoye").status_code == 200


@pytest.mark.parametrize("path", ["/creation-compte/renvoyer", "/mot-de-passe-oublie"])
def test_an_unreadable_answer_is_told_beside_its_field(visitor, path):
    answer = visitor.posts(path, nir="12", date_naissance="")

    assert answer.status_code == 422
    assert 'id="nir-erreur"' in answer.text
    assert 'id="date_naissance-erreur"' in answer.text
    assert visitor.opens(path).status_code == 200


def test_a_forgotten_password_is_changed_through_the_mailed_link(bench, visitor, link):
    account = bench.of(Activation).confirm(Secret(link))
    visitor.posts("/mot-de-passe-oublie", **WHO)
    reset = bench.link("reset").reveal()

    assert visitor.opens(f"/mot-de-passe-oublie/{reset}").headers["Location"] == (
        "/nouveau-mot-de-passe"
    )
    assert reset not in visitor.opens("/nouveau-mot-de-passe").text
    chosen = {"mot_de_passe": "Violons&8", "mot_de_passe_confirmation": "Violons&8"}
    weak = visitor.posts("/nouveau-mot-de-passe", **{**chosen, "mot_de_passe": "Violons&9"})
    personal = visitor.posts("/nouveau-mot-de-passe", **dict.fromkeys(chosen, "Violons1985"))
    done = visitor.posts("/nouveau-mot-de-passe", **chosen)

    assert "Les deux mots de passe sont différents." in words(weak)
    assert personal.status_code == 422
    assert 'data-rule="personal" data-met="no"' in personal.text
    assert done.headers["Location"] == "/mot-de-passe-change"
    assert visitor.opens("/mot-de-passe-change").status_code == 200
    assert visitor.opens("/mon-compte").location == "/connexion"
    assert bench.of(Passwords).verify(account, Secret("Violons&8"))
    assert visitor.posts("/nouveau-mot-de-passe", **chosen).status_code == 410
