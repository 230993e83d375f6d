"""Builds what insured people meet: accounts, logging in, tying FranceConnect, creations."""

from collections.abc import Callable
from dataclasses import dataclass

from broker.accounts.accounts import Accounts
from broker.accounts.activation import Activation
from broker.accounts.address_change import AddressChange
from broker.accounts.address_wait import AddressWait
from broker.accounts.administration import Administration
from broker.accounts.closing import Closing
from broker.accounts.consents import Consents
from broker.accounts.contact_change import ContactChange
from broker.accounts.creation import Creation
from broker.accounts.doubts import Doubts
from broker.accounts.erasure import Erasure
from broker.accounts.link_requests import LinkRequests
from broker.accounts.links import MailedLinks
from broker.accounts.mailing import AccountMails
from broker.accounts.model import Change, EndSessions, Tell
from broker.accounts.new_browsers import NewBrowsers
from broker.accounts.password_change import PasswordChange
from broker.accounts.password_keys import PasswordKeys
from broker.accounts.password_policy import PasswordPolicy
from broker.accounts.passwords import Passwords
from broker.accounts.protection import Protection
from broker.accounts.reset import Reset
from broker.accounts.store import AccountStore
from broker.accounts.tying import Tying
from broker.accounts.upstream import UpstreamTies
from broker.api.idempotency import Idempotency
from broker.api.store import AnswerStore
from broker.base.context import here
from broker.base.crypto import KeyedHash, Secret, derive_key
from broker.base.pace import Pace
from broker.cases.cases import Cases
from broker.cases.store import CaseStore
from broker.foundation import Foundation, Services, of
from broker.franceconnect.identities import Identities
from broker.franceconnect.relying_party import FranceConnect
from broker.franceconnect.switches import Switches
from broker.insured.lookup import Insured
from broker.mail.outbox import Outbox
from broker.oidc.consents.store import ConsentStore
from broker.oidc.grants.families import Families
from broker.oidc.logout.session_end import SessionEnd
from broker.otp.challenge import Codes
from broker.sessions.login import Login
from broker.sessions.memory import BrowserMemory
from broker.sessions.model import Session
from broker.sessions.opening import Opening
from broker.sessions.reach import SessionReach
from broker.sessions.reach_store import ReachStore
from broker.sessions.requests import LoginRequests
from broker.sessions.sessions import Sessions
from broker.sessions.store import SessionStore
from broker.sessions.throttle import LoginThrottle
from broker.signals.signals import Signals
from broker.signup.by_card import ByCard
from broker.signup.by_franceconnect import ByFranceConnect
from broker.signup.completion import Completion
from broker.signup.journeys import Journeys
from broker.signup.refusals import Refusals
from broker.signup.store import DraftStore
from broker.ties.ties import Ties


@dataclass(frozen=True)
class _Ground:
    """What the services of accounts share."""

    store: AccountStore
    links: MailedLinks
    upstream: UpstreamTies
    consents: Consents
    mails: AccountMails
    end_sessions: EndSessions
    tell: Tell


def build_accounts(f: Foundation, s: Services) -> None:
    """Add the services of accounts; what ends sessions and tokens is found once it is built."""

    def end_sessions(account_id: str, reason: str, *, but: str = "") -> None:
        if not but:
            of(s, Signals).sessions_over(account_id, reason)
        of(s, Sessions).end_all(account_id, reason, but=but)
        of(s, Families).end_of_account(account_id, reason)

    def tell(account_id: str, change: Change, *, former: Secret | None = None) -> None:
        of(s, Signals).account_changed(account_id, change, former=former)

    links = MailedLinks(f.db, f.vault, f.clock)
    mails = AccountMails(of(s, Outbox), links, f.settings.limits, f.settings.issuer, f.clock)
    ground = _Ground(
        store=AccountStore(f.db, f.vault, f.index),
        links=links,
        upstream=UpstreamTies(f.db, f.clock),
        consents=Consents(f.db, f.clock),
        mails=mails,
        end_sessions=end_sessions,
        tell=tell,
    )
    s[AccountMails] = mails
    policy = s[PasswordPolicy] = PasswordPolicy.load()
    s[Passwords] = Passwords.of(
        policy,
        ground.store,
        f.db,
        PasswordKeys.of(f.settings.password_keys, f.secrets.secret_key),
        time_cost=f.settings.password_time_cost,
        memory_cost=f.settings.password_memory_cost,
    )
    s[Accounts] = Accounts(ground.store, ground.upstream, f.audit, f.db, f.clock)
    s[NewBrowsers] = NewBrowsers(
        ground.store, ground.mails, f.settings.limits, f.vault, f.db, f.clock
    )
    s[Doubts] = Doubts(ground.store, ground.mails, f.counters, f.settings.limits)
    s[Tying] = Tying(ground.upstream, ground.mails, f.audit)
    _creation(f, s, ground)
    _changes(f, s, ground)


def _creation(f: Foundation, s: Services, ground: _Ground) -> None:
    limits, audit, db, clock = f.settings.limits, f.audit, f.db, f.clock
    store, links, mails = ground.store, ground.links, ground.mails
    pace = Pace(f.settings.link_answer_seconds)
    requests = LinkRequests(
        store, of(s, Insured).person, f.counters, limits, audit, db, here, pace
    )
    activation = s[Activation] = Activation(
        store, links, requests, mails, limits, audit, db, clock
    )
    s[Creation] = Creation(
        accounts=store,
        upstream=ground.upstream,
        consents=ground.consents,
        activation=activation,
        mails=mails,
        counters=f.counters,
        limits=limits,
        audit=audit,
        db=db,
        clock=clock,
    )
    s[Reset] = Reset(
        accounts=store,
        links=links,
        requests=requests,
        passwords=of(s, Passwords),
        mails=mails,
        end_sessions=ground.end_sessions,
        tell=ground.tell,
        limits=limits,
        audit=audit,
        db=db,
        clock=clock,
    )


def _changes(f: Foundation, s: Services, ground: _Ground) -> None:
    store, links, mails, end = ground.store, ground.links, ground.mails, ground.end_sessions
    audit, db, limits, tell = f.audit, f.db, f.settings.limits, ground.tell
    person, passwords, consents = of(s, Insured).person, of(s, Passwords), ground.consents
    s[Cases] = Cases(CaseStore(db), audit, db, f.clock)
    s[PasswordChange] = PasswordChange(
        store, person, links, passwords, mails, end, tell, audit, db
    )
    s[AddressChange] = AddressChange(
        store, links, mails, tell, f.counters, limits, audit, db, f.clock
    )
    s[Protection] = Protection(
        accounts=store,
        links=links,
        tying=of(s, Tying),
        mails=mails,
        new_browsers=of(s, NewBrowsers),
        end_sessions=end,
        tell=tell,
        cases=of(s, Cases),
        limits=limits,
        audit=audit,
        db=db,
        clock=f.clock,
    )
    wait = s[AddressWait] = AddressWait(store, limits, audit, f.clock)
    s[ContactChange] = ContactChange(store, consents, audit, db)
    s[Closing] = Closing(
        accounts=store,
        links=links,
        upstream=ground.upstream,
        consents=consents,
        mails=mails,
        new_browsers=of(s, NewBrowsers),
        address_wait=wait,
        end_sessions=end,
        tell=tell,
        audit=audit,
        db=db,
        clock=f.clock,
    )
    s[Erasure] = Erasure(store, _forgetting(f, s), limits, audit, db, f.clock)
    s[Administration] = Administration(store, links, ground.upstream, end, tell, audit, db)


def _forgetting(f: Foundation, s: Services) -> Callable[[str], None]:
    """Return what removes all that capabilities above keep of an account."""

    def forget(account_id: str) -> None:
        ConsentStore(f.db).forget(account_id)
        of(s, Signals).forget(account_id)

    return forget


def build_journeys(f: Foundation, s: Services) -> None:
    """Add the services of logins, ties and creations to those of the capabilities below."""
    _sessions(f, s)
    _ties(f, s)
    _signup(f, s)


def _sessions(f: Foundation, s: Services) -> None:
    store = s[SessionStore] = SessionStore(f.db, f.vault)
    limits, audit, db, clock = f.settings.limits, f.audit, f.db, f.clock
    s[LoginRequests] = LoginRequests(store, limits, db, clock)

    def over(session: Session, reason: str) -> None:
        of(s, SessionEnd).of(session, reason)

    s[SessionReach] = SessionReach(ReachStore(db), limits, audit, clock)
    opened = s[Sessions] = Sessions(store, limits, audit, db, clock, here, over)
    memory = s[BrowserMemory] = BrowserMemory(store, limits, audit, db, clock, here)
    opening = Opening(
        accounts=of(s, Accounts),
        codes=of(s, Codes),
        sessions=opened,
        memory=memory,
        store=store,
        new_browsers=of(s, NewBrowsers),
        doubts=of(s, Doubts),
        reset=of(s, Reset),
        complete_tie=lambda *about: of(s, Ties).complete(*about),
        keys=f.session_keys,
        clock=clock,
    )
    s[Login] = Login(
        accounts=of(s, Accounts),
        passwords=of(s, Passwords),
        tying=of(s, Tying),
        switches=of(s, Switches),
        codes=of(s, Codes),
        opening=opening,
        memory=memory,
        throttle=LoginThrottle(f.counters, limits, db, here),
        store=store,
        limits=limits,
        audit=audit,
        db=db,
        clock=clock,
    )


def _ties(f: Foundation, s: Services) -> None:
    accounts, tying, sessions = of(s, Accounts), of(s, Tying), of(s, Sessions)
    identities, insured, limits = of(s, Identities), of(s, Insured), f.settings.limits
    s[Ties] = Ties(
        accounts=accounts,
        tying=tying,
        address_wait=of(s, AddressWait),
        identities=identities,
        insured=insured,
        sessions=sessions,
        limits=limits,
        audit=f.audit,
        db=f.db,
        clock=f.clock,
    )


def _signup(f: Foundation, s: Services) -> None:
    marks = KeyedHash(derive_key(f.secrets.secret_key, "API requests"))
    s[Idempotency] = Idempotency(AnswerStore(f.db, f.vault), marks, f.db, f.clock)
    insured, limits, db = of(s, Insured), f.settings.limits, f.db
    journeys = s[Journeys] = Journeys(DraftStore(db, f.vault), limits, db, f.clock)
    refusals = Refusals(insured, of(s, Accounts), of(s, Creation), f.audit, db)
    s[ByCard] = ByCard(insured, journeys, refusals, f.counters, limits, db, here)
    franceconnect, identities = of(s, FranceConnect), of(s, Identities)
    s[ByFranceConnect] = ByFranceConnect(
        franceconnect, identities, insured, of(s, Accounts), journeys, refusals, db
    )
    s[Completion] = Completion(
        insured=insured,
        creation=of(s, Creation),
        passwords=of(s, Passwords),
        journeys=journeys,
        refusals=refusals,
        counters=f.counters,
        limits=limits,
        audit=f.audit,
        db=db,
        clock=f.clock,
    )
