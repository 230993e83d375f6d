"""Each act tells the right events, to the partners that hold something of the person."""

import pytest

from broker.accounts.accounts import Accounts
from broker.accounts.address_change import AddressChange
from broker.accounts.administration import Administration
from broker.accounts.closing import Closing
from broker.accounts.email_address import EmailAddress
from broker.accounts.links import Purpose
from broker.accounts.password_change import PasswordChange
from broker.accounts.protection import Protection
from broker.accounts.reset import Reset
from broker.audit.model import Actor
from broker.base.crypto import Secret
from broker.clients.directory import Clients
from broker.cuts.cuts import Cuts
from broker.cuts.model import Kind
from broker.oidc.claims.subjects import Subjects
from broker.sessions.sessions import Sessions
from tests.support.partner import Partner, register
from tests.support.set_receiver import a_set_receiver, a_stream, kinds, read, told

NEW = Secret("Coquelicots&Alto9")
RITA, ROSE = Actor(kind="analyst", ref="rita"), Actor(kind="analyst", ref="rose")

pytestmark = pytest.mark.usefixtures("listener")


@pytest.fixture
def the(app):
    """Return the service of a type."""
    return lambda wanted: app.extensions["broker"][wanted]


def _details(claims, kind):
    (found,) = (
        details
        for each in claims
        for uri, details in each["events"].items()
        if uri.rpartition("/")[2] == kind
    )
    return found


def _sid(the, session):
    """Return what the partner calls a session, in its ID Tokens too."""
    return the(Subjects).sid(the(Clients).get("partenaire"), session.sid)


def _suspends(the, holder):
    the(Administration).disable(holder.account_id, operator="test", reason="fraude")


def test_a_suspension_is_told_with_the_end_of_every_session(the, app, holder, receiver):
    _suspends(the, holder)

    claims = told(app, receiver)

    assert kinds(claims) == ["account-disabled", "session-revoked", "sessions-revoked"]
    assert _details(claims, "account-disabled") == {}
    assert _details(claims, "session-revoked")["initiating_entity"] == "admin"


def test_who_was_told_of_a_suspension_is_told_of_its_end(the, app, holder, receiver, a_listener):
    with a_set_receiver() as other:
        a_listener(other, client_id="autre")  # holds nothing of the person
        _suspends(the, holder)
        told(app, receiver)

        the(Administration).enable(holder.account_id, operator="test", reason="levée")
        claims = told(app, receiver)
        the(Administration).disable(holder.account_id, operator="test", reason="encore")
        the(Administration).enable(holder.account_id, operator="test", reason="encore")

        assert kinds(claims)[3:] == ["account-enabled"]
        assert len(told(app, receiver)) == 4  # holds nothing any more
        assert told(app, other) == []


def test_a_new_password_is_told_with_the_end_of_the_other_sessions(
    the, app, holder, listener, receiver
):
    (there,) = the(Sessions).every(holder.account_id)
    holder.client = app.test_client()
    mine = holder.logs_in()
    listener.tokens()

    the(PasswordChange).change(holder.account_id, NEW, but=mine, auth_event_id="A")
    claims = told(app, receiver)

    changed = _details(claims, "credential-change")
    assert kinds(claims) == ["credential-change", "session-revoked"]
    assert changed["credential_type"] == "password"
    assert changed["change_type"] == "update"
    assert changed["initiating_entity"] == "user"
    session = {"format": "opaque", "id": _sid(the, there.session)}
    assert claims[1]["sub_id"]["session"] == session


@pytest.mark.parametrize(("had_one", "change"), [(True, "update"), (False, "create")])
def test_a_password_chosen_by_link_is_told(the, app, holder, receiver, clock, had_one, change):
    accounts, links = the(Accounts), the(Reset).links
    with accounts.db.transaction():
        if not had_one:
            accounts.store.drop_password(holder.account_id)
        ends = clock().replace(hour=23)
        link = links.replace(holder.account_id, Purpose.RESET, ends)

    the(Reset).confirm(link, NEW)
    claims = told(app, receiver)

    assert kinds(claims) == ["credential-change", "session-revoked", "sessions-revoked"]
    assert _details(claims, "credential-change")["change_type"] == change


def test_another_address_is_told_by_the_former_one(the, app, holder, receiver, clock):
    former = the(Accounts).get(holder.account_id).email.reveal()
    _asks_for_address(the, holder, clock, "autre@exemple.test")

    claims = told(app, receiver)

    assert kinds(claims) == ["identifier-changed", "recovery-information-changed"]
    assert claims[0]["sub_id"] == {"format": "email", "email": former}
    assert claims[1]["sub_id"]["format"] == "iss_sub"


def test_who_was_never_given_the_address_does_not_learn_it(the, app, holder, a_listener, clock):
    events = ["identifier-changed", "recovery-information-changed"]
    with a_set_receiver() as discreet:
        a_listener(discreet, client_id="discret", events=events).tokens(scope="openid")

        _asks_for_address(the, holder, clock, "autre@exemple.test")

        assert kinds(told(app, discreet)) == ["recovery-information-changed"]


def _asks_for_address(the, holder, clock, address):
    email, change = EmailAddress.parse(address), the(AddressChange)
    with change.db.transaction():
        ends = clock().replace(hour=23)
        link = change.links.replace(holder.account_id, Purpose.ADDRESS, ends, email.secret)
    change.confirm(link)


def test_a_closed_account_is_told(the, app, holder, receiver):
    the(Closing).close(holder.account_id, "A")

    assert kinds(told(app, receiver)) == ["account-purged", "session-revoked", "sessions-revoked"]


def test_ce_n_est_pas_moi_by_link_tells_all_that_it_does(the, app, holder, receiver, clock):
    protection = the(Protection)
    address = the(Accounts).get(holder.account_id).email
    with protection.db.transaction():
        ends = clock().replace(hour=23)
        link = protection.links.add(holder.account_id, Purpose.NOT_ME, ends, address)
    _asks_for_address(the, holder, clock, "intrus@exemple.test")
    told(app, receiver)

    protection.report(link)
    claims = told(app, receiver)[2:]

    assert kinds(claims) == [
        "account-credential-change-required",
        "credential-change",
        "session-revoked",
        "sessions-revoked",
        "identifier-changed",
        "recovery-information-changed",
    ]
    assert _details(claims, "credential-change")["change_type"] == "revoke"
    assert claims[4]["sub_id"]["email"] == "intrus@exemple.test"
    assert len({each["txn"] for each in claims}) == 1


def test_ce_n_est_pas_moi_from_the_account_spares_that_session(
    the, app, holder, listener, receiver
):
    (there,) = the(Sessions).every(holder.account_id)
    holder.client = app.test_client()
    mine = holder.logs_in()
    listener.tokens()

    the(Protection).report_from(holder.account_id, mine, "A")
    claims = told(app, receiver)

    assert kinds(claims) == ["account-credential-change-required", "session-revoked"]
    assert claims[1]["sub_id"]["session"]["id"] == _sid(the, there.session)


def test_the_cut_of_a_person_is_told_as_the_security_teams(the, app, holder, receiver):
    the(Cuts).plan(Kind.PERSON, holder.account_id, "fraude", RITA)

    claims = told(app, receiver)

    assert kinds(claims)[:3] == [
        "account-credential-change-required",
        "credential-change",
        "session-revoked",
    ]
    assert _details(claims, "credential-change")["initiating_entity"] == "admin"
    assert _details(claims, "session-revoked")["initiating_entity"] == "admin"


def test_the_cut_of_a_login_tells_of_that_session(the, app, holder, receiver):
    (there,) = the(Sessions).every(holder.account_id)
    the(Cuts).plan(Kind.LOGIN, there.session.auth_event_id, "fraude", RITA)

    claims = told(app, receiver)

    assert kinds(claims) == ["session-revoked"]
    assert claims[0]["sub_id"]["session"]["id"] == _sid(the, there.session)


def test_the_cut_of_everybody_tells_each_partner_of_each_person(the, app, receiver):
    planned = the(Cuts).plan(Kind.EVERYBODY, "", "incident", RITA)
    assert told(app, receiver) == []

    the(Cuts).approve(planned.reference, ROSE)

    assert kinds(told(app, receiver)) == ["session-revoked", "sessions-revoked"]


@pytest.mark.parametrize(
    ("reason", "said"),
    [("ended_by_holder", 1), ("cut", 1), ("logout", 0), ("replaced", 0), ("idle", 0)],
)
def test_the_usual_end_of_a_session_is_no_security_event(the, app, holder, receiver, reason, said):
    (there,) = the(Sessions).every(holder.account_id)

    the(Sessions).end(there.session, reason)

    assert kinds(told(app, receiver)) == ["session-revoked"] * said


def test_only_partners_that_hold_something_now_are_told(the, app, holder, receiver, a_listener):
    with a_set_receiver() as former, a_set_receiver() as never:
        withdrawn = a_listener(former, client_id="ancien")
        tokens = withdrawn.tokens()
        withdrawn.revokes(tokens["refresh_token"])
        a_listener(never, client_id="jamais").code()  # which it never redeems
        _suspends(the, holder)

        assert len(told(app, receiver)) == 3
        assert told(app, former) == []
        assert told(app, never) == []


def test_each_partner_knows_the_person_by_its_own_name_and_cause(the, app, holder, receiver):
    with a_set_receiver() as elsewhere:
        changes = {
            "client_id": "ailleurs",
            "redirect_uris": ["https://ailleurs.test/retour"],
            "post_logout_redirect_uris": None,
            "ameli": a_stream(elsewhere),
        }
        other = Partner(app, holder, register(app, **changes))
        other.tokens(redirect_uri="https://ailleurs.test/retour")
        _suspends(the, holder)

        here, there = told(app, receiver)[0], told(app, elsewhere)[0]
    header = read(app, receiver.tokens[0]).header

    assert (here["aud"], there["aud"]) == ("partenaire", "ailleurs")
    assert here["sub_id"]["sub"] != there["sub_id"]["sub"]
    assert here["txn"] != there["txn"]  # else the two could find out that they mean one person
    assert here["jti"] != there["jti"]
    assert header["typ"] == "secevent+jwt"
    assert header["alg"] == "RS256"
    assert not {"sub", "exp"} & here.keys()


def test_without_wish_only_the_usual_events_are_sent(the, app, holder, a_listener):
    with a_set_receiver() as usual:
        a_listener(usual, client_id="usuel").tokens()

        _suspends(the, holder)

        assert kinds(told(app, usual)) == ["account-disabled", "session-revoked"]


def test_nothing_is_told_of_what_did_not_happen(the, app, holder, receiver):
    database = the(Accounts).db
    with pytest.raises(ZeroDivisionError), database.transaction():
        _suspends(the, holder)
        raise ZeroDivisionError

    assert told(app, receiver) == []
