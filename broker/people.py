"""Builds what insured people meet: logging in, tying FranceConnect, creating an account."""

from broker.accounts.accounts import Accounts
from broker.accounts.creation import Creation
from broker.accounts.passwords import Passwords
from broker.accounts.tying import Tying
from broker.base.context import here
from broker.foundation import Foundation, Services, of
from broker.franceconnect.identities import Identities
from broker.franceconnect.relying_party import FranceConnect
from broker.franceconnect.switches import Switches
from broker.insured.lookup import Insured
from broker.mail.outbox import Outbox
from broker.oidc.families import Families
from broker.otp.challenge import Codes
from broker.sessions.login import Login
from broker.sessions.memory import BrowserMemory
from broker.sessions.model import Session
from broker.sessions.opening import Opening
from broker.sessions.requests import LoginRequests
from broker.sessions.sessions import Sessions
from broker.sessions.store import SessionStore
from broker.sessions.throttle import LoginThrottle
from broker.signup.by_card import ByCard
from broker.signup.by_franceconnect import ByFranceConnect
from broker.signup.completion import Completion
from broker.signup.journeys import Journeys
from broker.signup.refusals import Refusals
from broker.signup.store import DraftStore
from broker.ties.ties import Ties


def build_journeys(f: Foundation, s: Services) -> None:
    """Add the services of logins, ties and creations to those of the capabilities below."""
    _sessions(f, s)
    _ties(f, s)
    _signup(f, s)


def _sessions(f: Foundation, s: Services) -> None:
    store = s[SessionStore] = SessionStore(f.db, f.vault)
    limits, audit, db, clock = f.settings.limits, f.audit, f.db, f.clock
    s[LoginRequests] = LoginRequests(store, limits, db, clock)

    def end_tokens(session: Session, reason: str) -> None:
        of(s, Families).end_of_session(session, reason)

    opened = s[Sessions] = Sessions(store, limits, audit, db, clock, end_tokens)
    memory = s[BrowserMemory] = BrowserMemory(store, limits, audit, db, clock, here)
    opening = Opening(
        accounts=of(s, Accounts),
        codes=of(s, Codes),
        sessions=opened,
        memory=memory,
        store=store,
        outbox=of(s, Outbox),
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
    s[Ties] = Ties(accounts, tying, identities, insured, sessions, limits, f.audit, f.db, f.clock)


def _signup(f: Foundation, s: Services) -> None:
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
