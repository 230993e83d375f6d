"""Who is told of a cut: the one person that it meant, where the responder chooses so."""

import re
from email import message_from_string, policy

import pytest

from broker.accounts.address_change import AddressChange
from broker.accounts.events import EmailChanged, EmailChangeUndone
from broker.audit.log import AuditLog
from broker.audit.model import Outcome
from broker.console.model import Role
from broker.cuts.holders import RECENT
from broker.cuts.model import CutOver, Kind, Telling
from tests.support.page_rules import broken_rules
from tests.support.partner import events
from tests.unit.accounts.builders import Bench
from tests.unit.console.conftest import analysts, enrolled, invite
from tests.unit.cuts.conftest import RITA, ROSE

__all__ = ["analysts", "enrolled", "invite"]
PREVIEW = "/audit/coupures/apercu"
BOX = '<input type="checkbox" id="prevenir" name="prevenir" value="oui"'


@pytest.fixture
def told(app):
    """Return a function that reads the mails that tell of cuts, each as one text."""

    def read() -> list[str]:
        mails = [message_from_string(m, policy=policy.default) for m in Bench(app).mails("cut")]
        return [
            f"{mail['subject']}\n{mail.get_body(('plain',)).get_content()}".replace("\xa0", " ")
            for mail in mails
        ]

    return read


@pytest.fixture
def rita(enrolled):
    return enrolled("rita", Role.RESPONDER)


def family_of(app, partner) -> str:
    partner.tokens()
    return events(app, "token.issued")[0]["token"]["family_id"]


def test_the_mail_says_what_was_done_and_what_to_do_and_opens_nothing(app, cuts, login, told):
    cut = cuts.plan(Kind.LOGIN, login, "jeton volé", RITA, tell=True)

    (mail,) = told()
    assert "elle a fermé une connexion à votre compte, le " in mail
    assert "changez votre mot de passe" in mail
    assert "Appelez votre caisse au 36 46" in mail
    assert f"Référence à donner à un conseiller : {cut.reference}" in mail
    assert not re.search(r"https?:|www\.|href", Bench(app).mails("cut")[0])


def test_the_mail_names_the_service_whose_access_ended(app, cuts, partner, told):
    cuts.plan(Kind.FAMILY, family_of(app, partner), "rejeu", RITA, tell=True)

    (mail,) = told()
    assert "elle a retiré à Partenaire l'accès à vos informations" in mail
    (event,) = events(app, "cut.told")
    assert event["client_id"] == "partenaire"


def test_who_lost_the_password_is_told_how_to_choose_another(app, cuts, holder, told):
    pseudonym = app.extensions["broker"][AuditLog].subject_ref(holder.account_id)

    cuts.plan(Kind.PERSON, pseudonym, "intrusion", RITA, tell=True)

    (mail,) = told()
    assert "elle a fermé toutes les connexions à votre compte et retiré votre mot de passe" in mail
    assert "« Mot de passe oublié »" in mail


def test_the_analyst_finds_the_cut_by_the_reference_on_the_mail(app, cuts, holder, login, told):
    cuts.plan(Kind.LOGIN, login, "jeton volé", RITA, tell=True)

    reference = told()[0].partition("conseiller : ")[2].split()[0]

    assert cuts.get(reference).name == login
    assert [event.type for event, _ in cuts.proof(cuts.get(reference))] == [
        "cut.told",
        "cut.done",
        "cut.planned",
    ]
    (event,) = events(app, "cut.told")
    assert event["subject_ref"] == app.extensions["broker"][AuditLog].subject_ref(
        holder.account_id
    )
    assert "@" not in str(event)


def test_nobody_is_told_whom_the_responder_did_not_choose_to_tell(app, cuts, login, told):
    cuts.plan(Kind.LOGIN, login, "boîte aux mains de l'intrus", RITA)

    assert told() == []
    assert events(app, "cut.told") == []


@pytest.mark.usefixtures("holder")
def test_a_wide_cut_tells_nobody(cuts, told):
    target, _ = cuts.preview(Kind.EVERYBODY, "")
    assert cuts.holders.telling(target) is Telling.NOBODY

    cut = cuts.plan(Kind.EVERYBODY, "", "compromission", RITA, tell=True)
    cuts.approve(cut.reference, ROSE)

    assert told() == []
    with pytest.raises(CutOver):
        cuts.approve(cut.reference, ROSE)


def test_who_has_no_address_is_told_nothing(app, cuts, holder, login, told):
    with cuts.db.transaction():
        app.extensions["broker"][AddressChange].accounts.drop_email(holder.account_id)

    target, _ = cuts.preview(Kind.LOGIN, login)
    cuts.plan(Kind.LOGIN, login, "jeton volé", RITA, tell=True)

    assert cuts.holders.telling(target) is Telling.NOBODY
    assert told() == []
    assert events(app, "cut.told") == []


def test_an_address_is_in_doubt_for_thirty_days_after_its_change(cuts, clock, holder, login):
    target, _ = cuts.preview(Kind.LOGIN, login)
    assert cuts.holders.telling(target) is Telling.ADVISED

    cuts.audit.record(EmailChanged(subject=holder.account_id))
    clock.advance(seconds=RECENT.total_seconds())
    assert cuts.holders.telling(target) is Telling.DOUBTFUL

    clock.advance(seconds=1)
    assert cuts.holders.telling(target) is Telling.ADVISED


def test_an_address_that_its_holder_took_back_is_in_no_doubt(cuts, holder, login):
    target, _ = cuts.preview(Kind.LOGIN, login)
    cuts.audit.record(EmailChanged(subject=holder.account_id))

    refused = EmailChangeUndone(subject=holder.account_id, outcome=Outcome.FAILURE)
    cuts.audit.record(refused)
    assert cuts.holders.telling(target) is Telling.DOUBTFUL

    cuts.audit.record(EmailChangeUndone(subject=holder.account_id, outcome=Outcome.SUCCESS))
    assert cuts.holders.telling(target) is Telling.ADVISED


def test_the_box_is_ticked_and_says_what_it_does(rita, login, told):
    preview = rita.opens(f"{PREVIEW}?genre=login&cible={login}")
    assert f"{BOX} checked" in preview.text
    assert broken_rules(preview.text) == []

    done = rita.posts(
        "/audit/coupures", genre="login", cible=login, raison="jeton volé", prevenir="oui"
    )

    assert "<dt>Personne prévenue</dt><dd>oui, par e-mail</dd>" in rita.opens(done.location).text
    assert len(told()) == 1


def test_a_box_that_was_unticked_stays_so_when_the_reason_is_missing(rita, login, told):
    refused = rita.posts("/audit/coupures", genre="login", cible=login, raison="")
    assert refused.status_code == 422
    assert BOX in refused.text
    assert f"{BOX} checked" not in refused.text

    done = rita.posts("/audit/coupures", genre="login", cible=login, raison="jeton volé")

    assert "<dt>Personne prévenue</dt><dd>non</dd>" in rita.opens(done.location).text
    assert told() == []


def test_the_box_is_not_ticked_where_the_address_is_recent(cuts, rita, holder, login):
    cuts.audit.record(EmailChanged(subject=holder.account_id))

    preview = rita.opens(f"{PREVIEW}?genre=login&cible={login}").text

    assert BOX in preview
    assert f"{BOX} checked" not in preview
    assert "a changé il y a moins de" in preview


@pytest.mark.usefixtures("holder")
def test_a_wide_cut_has_no_box(rita):
    assert BOX not in rita.opens(f"{PREVIEW}?genre=everybody").text
