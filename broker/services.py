"""Builds the services of every capability, from the lowest to the highest, each once."""

from email.utils import parseaddr
from typing import TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from broker.accounts.accounts import Accounts
from broker.accounts.activation import Activation
from broker.accounts.administration import Administration
from broker.accounts.consents import Consents
from broker.accounts.creation import Creation
from broker.accounts.link_requests import LinkRequests
from broker.accounts.links import MailedLinks
from broker.accounts.mailing import AccountMails
from broker.accounts.password_policy import PasswordPolicy
from broker.accounts.passwords import Passwords
from broker.accounts.reset import Reset
from broker.accounts.store import AccountStore
from broker.accounts.upstream import UpstreamLinks
from broker.base.context import here
from broker.base.counters import Counters
from broker.base.crypto import KeyedHash, derive_key
from broker.base.pace import Pace
from broker.base.places import folder
from broker.base.tasks import Task
from broker.clients.administration import ClientAdministration
from broker.clients.directory import Clients
from broker.clients.keys import PartnerKeys
from broker.clients.registration import FileReader
from broker.clients.store import ClientStore
from broker.foundation import Foundation
from broker.franceconnect.client import FranceConnectClient
from broker.franceconnect.registration import Registration
from broker.franceconnect.relying_party import FranceConnect
from broker.franceconnect.store import RoundTripStore
from broker.franceconnect.switches import Switches
from broker.insured.eligibility import Eligibility
from broker.insured.lookup import Insured
from broker.insured.regimes import Regimes
from broker.insured.register import RegisterImport
from broker.insured.rules import MatchingRules
from broker.insured.sealed_row import RowSealer
from broker.insured.store import InsuredStore
from broker.keys.encryption import EncryptionKeys
from broker.keys.rotation import KeyPolicy, Keys
from broker.keys.store import EncryptionKeyStore, KeyStore
from broker.mail.delivery import Delivery
from broker.mail.outbox import Outbox
from broker.mail.smtp import SmtpServer
from broker.mail.store import MailStore
from broker.oidc.provider import Provider
from broker.oidc.store import GrantStore
from broker.otp.challenge import Codes
from broker.otp.store import ChallengeStore
from broker.sessions.login import Login
from broker.sessions.memory import BrowserMemory
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

Services = dict[type, object]
_Service = TypeVar("_Service")


def build_services(foundation: Foundation) -> Services:
    """Build the capabilities from the lowest to the highest; each finds those below by type."""
    services: Services = {
        type(item): item
        for item in (
            foundation,
            foundation.settings,
            foundation.db,
            foundation.vault,
            foundation.audit,
            foundation.audit.store,
            foundation.cookies,
            foundation.browser,
            foundation.counters,
            foundation.metrics,
            foundation.flood,
        )
    }
    _mail(foundation, services)
    _codes(foundation, services)
    _insured(foundation, services)
    _accounts(foundation, services)
    _keys(foundation, services)
    _franceconnect(foundation, services)
    _sessions(foundation, services)
    _signup(foundation, services)
    _clients(foundation, services)
    _oidc(foundation, services)
    return services


def _mail(f: Foundation, s: Services) -> None:
    store = MailStore(f.db, f.vault)
    templates = Environment(
        loader=FileSystemLoader(folder("templates")),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
    )
    domain = parseaddr(f.settings.mail_from)[1].partition("@")[2]
    s[Outbox] = Outbox(store, templates, f.settings.mail_from, domain, f.clock)
    server = SmtpServer.of_url(f.settings.smtp_url, f.settings.mail_from, f.settings.smtp_timeout)
    s[Delivery] = Delivery(store, server, f.audit, f.metrics, f.db, f.clock)


def _codes(f: Foundation, s: Services) -> None:
    s[Codes] = Codes(
        store=ChallengeStore(f.db, f.vault),
        outbox=_of(s, Outbox),
        counters=f.counters,
        limits=f.settings.limits,
        audit=f.audit,
        db=f.db,
        clock=f.clock,
    )


def _insured(f: Foundation, s: Services) -> None:
    regimes = Regimes.load()
    store = InsuredStore(f.db, RowSealer(f.vault, f.index))
    eligibility = Eligibility(regimes, f.settings.two_rib_blocks_franceconnect)
    s[Insured] = Insured(store, eligibility, MatchingRules.load(), f.audit, f.db, f.clock)
    s[RegisterImport] = RegisterImport(
        store=store,
        regimes=regimes,
        prepare_accounts=lambda holders: _of(s, Accounts).prepare(holders),
        open_accounts=lambda rows: _of(s, Accounts).adopt(rows),
        audit=f.audit,
        db=f.db,
        clock=f.clock,
    )


def _passwords(f: Foundation, s: Services, store: AccountStore) -> Passwords:
    policy = s[PasswordPolicy] = PasswordPolicy.load()
    passwords = s[Passwords] = Passwords.of(
        policy,
        store,
        f.db,
        time_cost=f.settings.password_time_cost,
        memory_cost=f.settings.password_memory_cost,
    )
    return passwords


def _accounts(f: Foundation, s: Services) -> None:
    store = AccountStore(f.db, f.vault, f.index)
    links, upstream = MailedLinks(f.db, f.clock), UpstreamLinks(f.db, f.clock)
    mails = AccountMails(_of(s, Outbox), f.settings.issuer, f.clock)
    limits, audit, db, clock = f.settings.limits, f.audit, f.db, f.clock

    def end_sessions(account_id: str, reason: str) -> None:
        _of(s, Sessions).end_all(account_id, reason)
        GrantStore(db).revoke_account(account_id, clock())

    pace = Pace(f.settings.link_answer_seconds)
    requests = LinkRequests(store, _of(s, Insured).person, f.counters, limits, db, here, pace)
    passwords = _passwords(f, s, store)
    s[Accounts] = Accounts(store, upstream, audit, db, clock)
    activation = s[Activation] = Activation(
        store, links, requests, mails, limits, audit, db, clock
    )
    s[Creation] = Creation(
        accounts=store,
        upstream=upstream,
        consents=Consents(db, clock),
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
        passwords=passwords,
        mails=mails,
        end_sessions=end_sessions,
        limits=limits,
        audit=audit,
        db=db,
        clock=clock,
    )
    s[Administration] = Administration(store, links, upstream, end_sessions, audit, db)


def _franceconnect(f: Foundation, s: Services) -> None:
    registration = Registration.of(f.settings)
    switches = Switches(f.db, f.audit, f.clock)
    s[Switches] = switches
    s[FranceConnect] = FranceConnect(
        client=FranceConnectClient.of(
            registration, _of(s, EncryptionKeys), f.clock, f.settings.threads
        ),
        store=RoundTripStore(f.db, f.vault),
        switches=switches,
        counters=f.counters,
        limits=f.settings.limits,
        audit=f.audit,
        db=f.db,
        clock=f.clock,
        here=here,
    )


def _sessions(f: Foundation, s: Services) -> None:
    store = s[SessionStore] = SessionStore(f.db, f.vault)
    limits, audit, db, clock = f.settings.limits, f.audit, f.db, f.clock
    s[LoginRequests] = LoginRequests(store, limits, db, clock)
    opened = s[Sessions] = Sessions(store, limits, audit, db, clock)
    memory = s[BrowserMemory] = BrowserMemory(store, limits, audit, db, clock, here)
    opening = Opening(
        accounts=_of(s, Accounts),
        codes=_of(s, Codes),
        sessions=opened,
        memory=memory,
        store=store,
        outbox=_of(s, Outbox),
        keys=f.session_keys,
        clock=clock,
    )
    s[Login] = Login(
        accounts=_of(s, Accounts),
        passwords=_of(s, Passwords),
        codes=_of(s, Codes),
        opening=opening,
        memory=memory,
        throttle=LoginThrottle(f.counters, limits, db, here),
        store=store,
        limits=limits,
        audit=audit,
        db=db,
        clock=clock,
    )


def _signup(f: Foundation, s: Services) -> None:
    insured, limits, db = _of(s, Insured), f.settings.limits, f.db
    journeys = s[Journeys] = Journeys(DraftStore(db, f.vault), limits, db, f.clock)
    refusals = Refusals(insured, _of(s, Accounts), _of(s, Creation), f.audit, db)
    s[ByCard] = ByCard(insured, journeys, refusals, f.counters, limits, db, here)
    s[ByFranceConnect] = ByFranceConnect(
        _of(s, FranceConnect), insured, _of(s, Accounts), journeys, refusals, db
    )
    s[Completion] = Completion(
        insured=insured,
        creation=_of(s, Creation),
        passwords=_of(s, Passwords),
        journeys=journeys,
        refusals=refusals,
        counters=f.counters,
        limits=limits,
        audit=f.audit,
        db=db,
        clock=f.clock,
    )


def _clients(f: Foundation, s: Services) -> None:
    store = ClientStore(f.db)
    secret_hash = KeyedHash(derive_key(f.secrets.secret_key, "client secrets"))
    clients = s[Clients] = Clients(store, f.db, f.clock, secret_hash)
    s[PartnerKeys] = PartnerKeys(f.outgoing)
    reader = FileReader(lenient=f.settings.makes_own_secrets)
    s[ClientAdministration] = ClientAdministration(clients, store, reader, f.audit, f.db, f.clock)


def _keys(f: Foundation, s: Services) -> None:
    policy = KeyPolicy(
        cache_life=f.settings.limits.jwks_life,
        use_life=f.settings.limits.session_life,
        rsa_bits=2_048 if f.settings.makes_own_secrets else 3_072,
        makes_own=f.settings.makes_own_secrets,
    )
    s[Keys] = Keys(KeyStore(f.db, f.vault), f.audit, f.db, f.clock, policy)
    s[EncryptionKeys] = EncryptionKeys(
        store=EncryptionKeyStore(f.db, f.vault),
        audit=f.audit,
        db=f.db,
        clock=f.clock,
        policy=policy,
        algorithm=f.settings.franceconnect_jwe,
    )


def _oidc(f: Foundation, s: Services) -> None:
    provider = s[Provider] = Provider(
        issuer=f.settings.issuer,
        highest_acr=f.settings.franceconnect_acr if f.settings.franceconnect_issuer else "eidas1",
        limits=f.settings.limits,
        clients=_of(s, Clients),
        partner_keys=_of(s, PartnerKeys),
        keys=_of(s, Keys),
        accounts=_of(s, Accounts),
        insured=_of(s, Insured),
        sessions=_of(s, Sessions),
        login_requests=_of(s, LoginRequests),
        subject_hash=KeyedHash(derive_key(f.secrets.secret_key, "pairwise subjects v1")),
        vault=f.vault,
        audit=f.audit,
        db=f.db,
        clock=f.clock,
    )
    s.update((type(service), service) for service in provider.services())


def background_tasks(services: Services) -> tuple[Task, ...]:
    """Return the work that ``broker worker`` does, capability by capability."""
    return (
        *_of(services, Counters).tasks(),
        *_of(services, Delivery).tasks(),
        *_of(services, Codes).tasks(),
        *_of(services, Insured).tasks(),
        *_of(services, Activation).tasks(),
        *_of(services, FranceConnect).tasks(),
        *_of(services, Sessions).tasks(),
        *_of(services, Keys).tasks(),
        *_of(services, EncryptionKeys).tasks(),
        *_of(services, Provider).tasks(),
        *_of(services, Journeys).tasks(),
    )


def _of(services: Services, wanted: type[_Service]) -> _Service:
    found = services[wanted]
    if not isinstance(found, wanted):
        raise TypeError(wanted)
    return found
