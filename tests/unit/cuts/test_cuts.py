"""Cut now: what falls, that it falls, who may, once; and that the trail tells it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from broker.accounts.accounts import Accounts
from broker.accounts.creation import Creation
from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.audit.sealing.sealer import Sealer
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.base.errors import Refusal
from broker.clients.directory import Clients
from broker.cuts.model import (
    APPROVAL_LIFE,
    Account,
    Counts,
    CutOver,
    CutUnknown,
    Kind,
    SecondResponderRequired,
    State,
    TargetUnknown,
)
from broker.franceconnect.leg import Leg
from broker.franceconnect.model import Disabled, Purpose
from broker.franceconnect.switches import Switches
from broker.keys.rotation import Keys
from broker.oidc.logout.tables import NOTICE
from broker.sessions.sessions import Sessions
from tests.support.partner import Holder, Partner, events, register, sample_account
from tests.unit.accounts.builders import Bench, a_new_account, claire
from tests.unit.cuts.conftest import RITA, ROSE
from tests.unit.ties.test_parallel_ties import at_once

OFFLINE = {"scope": "openid offline_access"}


def is_in(app, holder: Holder) -> bool:
    return bool(app.extensions["broker"][Sessions].every(holder.account_id))


def works(partner: Partner, tokens) -> bool:
    return partner.userinfo(tokens["access_token"]).status_code == 200


@pytest.fixture
def other(app) -> Holder:
    """Somebody else who is logged in."""
    somebody = Holder(app, sample_account(app, 2))
    somebody.logs_in()
    return somebody


def test_a_preview_counts_and_changes_nothing(app, cuts, holder, partner, login):
    tokens = partner.tokens(**OFFLINE)
    partner.code()

    _, counts = cuts.preview(Kind.LOGIN, login)

    assert counts == Counts(
        sessions=1, people=1, waiting=0, codes=1, families=1, holders=1, partners=1
    )
    assert works(partner, tokens)
    assert is_in(app, holder)
    assert events(app, "cut.") == []


def test_a_login_falls_with_all_that_came_of_it_and_no_other_does(
    app, cuts, holder, partner, login, other
):
    tokens, code = partner.tokens(**OFFLINE), partner.code()

    cut = cuts.plan(Kind.LOGIN, login, "jeton volé", RITA)

    assert cut.state is State.DONE
    assert cut.after == Counts(
        sessions=0, people=0, waiting=0, codes=0, families=0, holders=0, partners=0
    )
    assert not is_in(app, holder)
    assert not works(partner, tokens)
    assert partner.refreshes(tokens["refresh_token"]).status_code == 400
    assert partner.redeems(code).status_code == 400
    assert is_in(app, other)
    assert {event["reason_code"] for event in events(app, "token.revoked")} == {"cut"}


def test_the_same_persons_other_login_stays(app, cuts, holder, login):
    elsewhere = Holder(app, holder.account_id)
    elsewhere.logs_in()

    cuts.plan(Kind.LOGIN, login, "doute", RITA)

    (left,) = app.extensions["broker"][Sessions].every(holder.account_id)
    assert left.session.auth_event_id != login


def test_a_family_falls_alone(app, cuts, holder, partner):
    one = partner.tokens(**OFFLINE)
    family = events(app, "token.issued")[0]["token"]["family_id"]
    two = partner.tokens(**OFFLINE)

    cut = cuts.plan(Kind.FAMILY, family.upper(), "rejeu", RITA)

    assert (cut.before.families, cut.after.families) == (1, 0)
    assert (works(partner, one), works(partner, two)) == (False, True)
    assert is_in(app, holder)


def test_a_person_falls_everywhere_and_has_to_choose_a_new_password(
    app, cuts, holder, partner, other
):
    services = app.extensions["broker"]
    account = services[Accounts].get(holder.account_id)
    with cuts.db.transaction():
        services[Accounts].store.set_password(account.id, Secret("x"))
    tokens = partner.tokens(**OFFLINE)
    pseudonym = services[AuditLog].subject_ref(holder.account_id)

    cut = cuts.plan(Kind.PERSON, pseudonym, "signalement", RITA)

    assert cut.name == pseudonym
    assert not works(partner, tokens)
    assert not is_in(app, holder)
    assert is_in(app, other)
    found = services[Accounts].get(holder.account_id)
    assert (found.has_password, found.code_required) == (False, True)


@pytest.mark.parametrize("named", ["id", "reference", "pseudonym"])
def test_who_never_logged_in_is_found_by_each_of_their_names(app, cuts, named):
    bench = Bench(app)
    account = bench.of(Creation).open_pending(a_new_account(bench.registers(claire())))
    pseudonym = bench.of(AuditLog).subject_ref(account.id)
    names = {"id": account.id, "reference": account.reference, "pseudonym": pseudonym}

    target, _ = cuts.preview(Kind.PERSON, names[named])

    assert (target.account_id, target.name) == (account.id, pseudonym)


@pytest.mark.parametrize("kind", [Kind.LOGIN, Kind.FAMILY, Kind.PERSON, Kind.CLIENT, Kind.KEY])
@pytest.mark.parametrize("name", ["", "x", "a" * 32, "A" * 43, "AAAA-AAAA-AA"])
def test_what_nobody_knows_is_not_cut(app, cuts, kind, name):
    with pytest.raises(TargetUnknown):
        cuts.plan(kind, name, "essai", RITA)

    assert cuts.part().items == ()
    assert events(app, "cut.") == []


def test_a_partner_falls_with_what_it_holds_when_a_second_responder_agrees(app, cuts, partner):
    tokens = partner.tokens(**OFFLINE)
    plan = cuts.plan(Kind.CLIENT, "partenaire", "fuite", RITA)
    assert works(partner, tokens)

    cut = cuts.approve(plan.reference, ROSE)

    assert (cut.before.doors, cut.before.families) == (1, 1)
    assert set(cut.after.present().values()) == {0}
    assert partner.sends().status_code == 403
    app.extensions["broker"][Clients].snapshot.forget()
    assert not works(partner, tokens)


def test_a_key_leaves_the_published_set(app, cuts):
    keys = app.extensions["broker"][Keys]
    kid = keys.jwks()["keys"][0]["kid"]

    cut = cuts.approve(cuts.plan(Kind.KEY, kid, "copie", RITA).reference, ROSE)

    assert (cut.before.doors, cut.after.doors) == (1, 0)
    assert kid not in {key["kid"] for key in keys.jwks()["keys"]}
    (retired,) = events(app, "key.retired")
    assert retired["actor"] == {"kind": "analyst", "ref": "rose"}


def test_franceconnect_closes_in_the_name_of_the_analyst(app, cuts):
    services = app.extensions["broker"]

    cut = cuts.approve(cuts.plan(Kind.UPSTREAM, "", "incident", RITA).reference, ROSE)

    assert (cut.before.doors, cut.after.doors, cut.after.trips) == (1, 0, 0)
    assert not services[Leg].is_open()
    with pytest.raises(Disabled):
        services[Switches].require(Purpose.LOGIN)
    assert events(app, "admin.kill_switch")[-1]["actor"]["kind"] == "analyst"


def test_everybody_falls_and_partners_are_told_of_each_session(app, cuts, holder, other):
    uri = "https://partenaire.test/fin"
    told = Partner(app, holder, register(app, backchannel_logout_uri=uri))
    told.tokens()
    Partner(app, other, told.registered).tokens()
    plan = cuts.plan(Kind.EVERYBODY, "", "compromission", RITA)
    assert (plan.before.sessions, plan.before.people, plan.before.families) == (2, 2, 2)

    cut = cuts.approve(plan.reference, ROSE)

    assert set(cut.after.present().values()) == {0}
    assert not is_in(app, holder)
    assert not is_in(app, other)
    assert len(told_of(app)) == len(events(app, "session.ended")) == 2


def told_of(app) -> list[str]:
    return [row.sid for row in app.extensions["broker"][Database].all(select(NOTICE))]


def test_the_planner_does_not_approve(app, cuts, holder):
    plan = cuts.plan(Kind.EVERYBODY, "", "essai", RITA)

    with pytest.raises(SecondResponderRequired):
        cuts.approve(plan.reference, RITA)

    assert is_in(app, holder)
    assert cuts.get(plan.reference).state is State.PLANNED
    (refused,) = events(app, "cut.refused")
    assert (refused["reason_code"], refused["txn"]) == ("own_plan", plan.reference)


def an_account(cuts, name: str, *, seconds: int = -1) -> Account:
    """Return an account that was made so many seconds from now."""
    return Account(id=name, since=cuts.clock() + timedelta(seconds=seconds))


def test_an_account_under_another_name_is_still_the_planners(app, cuts, holder):
    mine = an_account(cuts, "1")
    plan = cuts.plan(Kind.EVERYBODY, "", "essai", RITA, mine)

    with pytest.raises(SecondResponderRequired):
        cuts.approve(plan.reference, ROSE, mine)

    assert is_in(app, holder)
    assert events(app, "cut.refused")[-1]["reason_code"] == "own_plan"


def test_the_planners_name_made_anew_is_still_the_planners(app, cuts, holder):
    plan = cuts.plan(Kind.EVERYBODY, "", "essai", RITA, an_account(cuts, "1"))

    with pytest.raises(SecondResponderRequired):
        cuts.approve(plan.reference, RITA, an_account(cuts, "2"))

    assert is_in(app, holder)


@pytest.mark.parametrize(("seconds", "done"), [(0, True), (1, False)])
def test_an_account_made_after_the_plan_approves_nothing(app, cuts, holder, seconds, done):
    rose = an_account(cuts, "2", seconds=seconds)
    plan = cuts.plan(Kind.EVERYBODY, "", "essai", RITA, an_account(cuts, "1"))

    met = outcome(lambda: cuts.approve(plan.reference, ROSE, rose))

    assert met == (None if done else SecondResponderRequired)
    assert is_in(app, holder) is not done
    refused = [event["reason_code"] for event in events(app, "cut.refused")]
    assert refused == ([] if done else ["young_account"])


def test_an_operator_and_an_analyst_of_one_name_are_one_person(app, cuts, holder):
    plan = cuts.plan(Kind.EVERYBODY, "", "essai", Actor(kind="admin", ref="rita"))

    with pytest.raises(SecondResponderRequired):
        cuts.approve(plan.reference, RITA, an_account(cuts, "1"))

    assert is_in(app, holder)


@pytest.mark.parametrize(("late", "done"), [(timedelta(seconds=-1), True), (timedelta(), False)])
def test_a_plan_waits_an_hour(app, cuts, clock, late, done):
    plan = cuts.plan(Kind.UPSTREAM, "", "incident", RITA)
    clock.advance(seconds=(APPROVAL_LIFE + late).total_seconds())

    assert outcome(lambda: cuts.approve(plan.reference, ROSE)) == (None if done else CutOver)

    expected = State.DONE if done else State.EXPIRED
    assert cuts.get(plan.reference).state_at(clock()) is expected
    assert app.extensions["broker"][Leg].is_open() is not done


def test_a_plan_that_was_refused_is_over(app, cuts, clock):
    plan = cuts.plan(Kind.UPSTREAM, "", "incident", RITA)
    cuts.refuse(plan.reference, RITA)

    for act in (cuts.approve, cuts.refuse):
        clock.advance(seconds=1)
        with pytest.raises(CutOver):
            act(plan.reference, ROSE)

    assert app.extensions["broker"][Leg].is_open()
    reasons = [event["reason_code"] for event in events(app, "cut.refused")]
    assert reasons == ["declined", "over", "over"]


@pytest.mark.usefixtures("holder")
def test_ten_approvals_at_once_have_one_effect(app, cuts):
    plan = cuts.plan(Kind.EVERYBODY, "", "compromission", RITA)

    outcomes = at_once(lambda _: outcome(lambda: cuts.approve(plan.reference, ROSE)), 10)

    assert outcomes.count(None) == 1
    assert outcomes.count(CutOver) == 9
    assert len(events(app, "cut.done")) == len(events(app, "session.ended")) == 1


def test_the_trail_tells_who_why_what_and_proves_it(app, cuts, partner):
    partner.tokens()
    plan = cuts.plan(Kind.CLIENT, "partenaire", "fuite", RITA)
    cut = cuts.approve(plan.reference, ROSE)
    app.extensions["broker"][Sealer].seal()

    (planned,), (approved,), (done,) = (
        events(app, f"cut.{name}") for name in ("planned", "approved", "done")
    )
    assert planned["actor"]["ref"] == "rita"
    assert approved["actor"]["ref"] == done["actor"]["ref"] == "rose"
    assert planned["after"] == {"reason": "fuite"}
    assert done["cut"] == {"kind": "client", "target": "partenaire"}
    assert done["client_id"] == "partenaire"
    assert (done["before"]["families"], done["after"]["families"]) == (1, 0)
    proved = [(event.type, str(proof.sealing)) for event, proof in cuts.proof(cut)]
    assert sorted(kind for kind, _ in proved) == ["cut.approved", "cut.done", "cut.planned"]
    assert {sealing for _, sealing in proved} <= {"in_tree", "signed"}


def test_what_came_since_is_counted_again(cuts, holder):
    cut = cuts.approve(cuts.plan(Kind.EVERYBODY, "", "incident", RITA).reference, ROSE)
    assert cuts.left(cut).sessions == 0

    holder.logs_in()

    assert cuts.left(cut).sessions == 1


def test_a_cut_is_kept_three_years(cuts, clock):
    plan = cuts.plan(Kind.UPSTREAM, "", "incident", RITA)
    (purge,) = cuts.tasks()

    clock.advance(seconds=timedelta(days=3 * 365).total_seconds())
    purge.run()
    assert cuts.get(plan.reference)

    clock.advance(seconds=1)
    purge.run()
    with pytest.raises(CutUnknown):
        cuts.get(plan.reference)


def outcome(act) -> type[Refusal] | None:
    try:
        act()
    except Refusal as refusal:
        return type(refusal)
    return None
