"""Builds the services of every capability, from the lowest to the highest, each once."""

from email.utils import parseaddr
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from broker.accounts.accounts import Accounts
from broker.accounts.activation import Activation
from broker.accounts.address_wait import AddressWait
from broker.accounts.contact_change import ContactChange
from broker.accounts.doubts import Doubts
from broker.accounts.erasure import Erasure
from broker.accounts.new_browsers import NewBrowsers
from broker.api.idempotency import Idempotency
from broker.audit.proofs.witness import Witness
from broker.audit.questions.history import History
from broker.audit.retention.purge import Purger
from broker.audit.sealing.sealer import Sealer
from broker.base.clock_drift import ClockDrift
from broker.base.context import here
from broker.base.counters import Counters
from broker.base.crypto import KeyedHash, derive_key
from broker.base.messages import Messages
from broker.base.places import folder
from broker.base.tasks import Task
from broker.cases.cases import Cases
from broker.clients.administration import ClientAdministration
from broker.clients.delivery_secrets import DeliverySecrets
from broker.clients.directory import Clients
from broker.clients.files import FileReader
from broker.clients.keys import PartnerKeys
from broker.clients.sectors import SectorFiles
from broker.clients.store import ClientStore
from broker.console.sessions import AnalystSessions
from broker.cuts.cuts import Cuts
from broker.detection.detection import Detection
from broker.detection.notices import AlertNotices
from broker.exports.exports import Exports
from broker.foundation import Foundation, Services, of
from broker.franceconnect.client import FranceConnectClient
from broker.franceconnect.identities import Identities
from broker.franceconnect.leg import Leg
from broker.franceconnect.registration import Registration
from broker.franceconnect.relying_party import FranceConnect
from broker.franceconnect.store import RoundTripStore
from broker.franceconnect.switches import Switches
from broker.insured.eligibility import Eligibility
from broker.insured.lookup import Insured
from broker.insured.match_file import MatchFiles
from broker.insured.matcher import Matcher
from broker.insured.regimes import Regimes
from broker.insured.register import RegisterImport
from broker.insured.replay import Replay
from broker.insured.rules import Rulebook
from broker.insured.sealed_row import RowSealer
from broker.insured.store import InsuredStore
from broker.keys.encryption import EncryptionKeys
from broker.keys.rotation import KeyPolicy, Keys
from broker.keys.store import EncryptionKeyStore, KeyStore
from broker.mail.delivery import Delivery
from broker.mail.outbox import Outbox
from broker.mail.smtp import SmtpServer
from broker.mail.store import MailStore
from broker.oidc.apps.login import FirstPartyLogin
from broker.oidc.apps.sessions import AuthSessions
from broker.oidc.apps.store import AuthSessionStore
from broker.oidc.authorization.endpoint import Authorization
from broker.oidc.consents.agreements import Consents
from broker.oidc.consents.preview import Previews
from broker.oidc.consents.receipts import Receipts
from broker.oidc.consents.store import ConsentStore
from broker.oidc.grants.store import GrantStore
from broker.oidc.logout.notices import LogoutNotices
from broker.oidc.provider import Provider
from broker.oidc.requests.par import PushedRequests
from broker.otp.challenge import Codes
from broker.otp.store import ChallengeStore
from broker.own_data.copies import Copies
from broker.partners import build_evidence, build_signals
from broker.people import build_accounts, build_journeys
from broker.sessions.login import Login
from broker.sessions.memory import BrowserMemory
from broker.sessions.requests import LoginRequests
from broker.sessions.sessions import Sessions
from broker.signals.delivery import Delivery as SignalDelivery
from broker.signals.signals import Signals
from broker.signup.journeys import Journeys
from broker.trail import (
    build_console,
    build_cuts,
    build_detection,
    build_exports,
    build_trail,
)


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
            foundation.drift,
        )
    }
    build_trail(foundation, services)
    build_exports(foundation, services)
    _mail(foundation, services)
    _codes(foundation, services)
    _insured(foundation, services)
    build_accounts(foundation, services)
    _keys(foundation, services)
    _franceconnect(foundation, services)
    build_journeys(foundation, services)
    _clients(foundation, services)
    _oidc(foundation, services)
    build_evidence(foundation, services)
    build_signals(foundation, services)
    _first_party(foundation, services)
    _own_data(foundation, services)
    build_detection(foundation, services)
    build_console(foundation, services)
    build_cuts(foundation, services)
    return services


def _mail(f: Foundation, s: Services) -> None:
    store = MailStore(f.db, f.vault)
    domain = parseaddr(f.settings.mail_from)[1].partition("@")[2]
    s[Outbox] = Outbox(store, _templates(), f.settings.mail_from, domain, f.clock)
    server = SmtpServer.of_url(f.settings.smtp_url, f.settings.mail_from, f.settings.smtp_timeout)
    s[Delivery] = Delivery(store, server, f.audit, f.metrics, f.db, f.clock)


@cache  # files of this installation, which no process sees change
def _templates() -> Environment:
    templates = Environment(
        loader=FileSystemLoader(folder("templates")),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
    )
    templates.globals["message"] = Messages.load(folder("templates") / "messages").sentence
    return templates


def _codes(f: Foundation, s: Services) -> None:
    s[Codes] = Codes(
        store=ChallengeStore(f.db, f.vault),
        outbox=of(s, Outbox),
        counters=f.counters,
        wrong=lambda *about: of(s, Doubts).code_failed(*about),
        limits=f.settings.limits,
        audit=f.audit,
        db=f.db,
        clock=f.clock,
    )


def _insured(f: Foundation, s: Services) -> None:
    regimes = Regimes.load()
    store = InsuredStore(f.db, RowSealer(f.vault, f.index))
    eligibility = Eligibility(regimes, f.settings.two_rib_blocks_franceconnect)
    matcher = s[Matcher] = Matcher(store, Rulebook.load(f.settings.matching_rules))
    s[Insured] = Insured(store, eligibility, matcher, f.audit, f.db, f.clock)
    s[MatchFiles] = MatchFiles(matcher, f.audit, f.db)
    s[Replay] = Replay(store, matcher.rulebook, f.audit)
    s[RegisterImport] = RegisterImport(
        store=store,
        regimes=regimes,
        prepare_accounts=lambda holders: of(s, Accounts).prepare(holders),
        open_accounts=lambda rows: of(s, Accounts).adopt(rows),
        audit=f.audit,
        db=f.db,
        clock=f.clock,
    )


def _franceconnect(f: Foundation, s: Services) -> None:
    registration = Registration.of(f.settings)
    switches = Switches(f.db, f.audit, f.clock)
    s[Switches] = switches
    store = RoundTripStore(f.db, f.vault)
    identities = s[Identities] = Identities(
        store, switches, f.settings.limits, f.audit, f.db, f.clock
    )
    s[Leg] = Leg(store, switches, f.db, f.clock)
    s[FranceConnect] = FranceConnect(
        client=FranceConnectClient.of(
            registration, of(s, EncryptionKeys), f.clock, f.settings.threads
        ),
        store=store,
        identities=identities,
        switches=switches,
        counters=f.counters,
        limits=f.settings.limits,
        audit=f.audit,
        db=f.db,
        clock=f.clock,
        here=here,
        awaits=lambda browser: of(s, LoginRequests).awaited_by_franceconnect(browser),
    )


def _clients(f: Foundation, s: Services) -> None:
    store = ClientStore(f.db)
    secret_hash = KeyedHash(derive_key(f.secrets.secret_key, "client secrets"))
    clients = s[Clients] = Clients(store, f.db, f.clock, secret_hash)
    s[PartnerKeys] = PartnerKeys(f.outgoing)
    reader = FileReader(lenient=f.settings.makes_own_secrets)
    headers = s[DeliverySecrets] = DeliverySecrets(f.db, f.vault)

    def switched_off(client_id: str) -> None:
        of(s, LogoutNotices).of_client(client_id, "client_disabled")

    s[ClientAdministration] = ClientAdministration(
        clients=clients,
        store=store,
        reader=reader,
        sectors=SectorFiles(f.outgoing),
        delivery_secrets=headers,
        audit=f.audit,
        db=f.db,
        clock=f.clock,
        switched_off=switched_off,
    )


def _keys(f: Foundation, s: Services) -> None:
    policy = KeyPolicy(
        cache_life=f.settings.limits.jwks_life,
        use_life=f.settings.limits.session_life,
        sign_life=f.settings.limits.signing_key_life,
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
        clients=of(s, Clients),
        partner_keys=of(s, PartnerKeys),
        keys=of(s, Keys),
        accounts=of(s, Accounts),
        insured=of(s, Insured),
        sessions=of(s, Sessions),
        franceconnect=of(s, FranceConnect),
        login_requests=of(s, LoginRequests),
        subject_hash=KeyedHash(derive_key(f.secrets.secret_key, "pairwise subjects v1")),
        refresh_marks=KeyedHash(derive_key(f.secrets.secret_key, "refresh tokens")),
        nonce_marks=KeyedHash(derive_key(f.secrets.secret_key, "DPoP nonces")),
        session_revoked=lambda *about: of(s, Signals).session_over(*about),
        vault=f.vault,
        flood=f.flood,
        outgoing=f.outgoing,
        audit=f.audit,
        metrics=f.metrics,
        db=f.db,
        clock=f.clock,
    )
    s.update((type(service), service) for service in provider.services())
    s[Previews] = Previews(ConsentStore(f.db), GrantStore(f.db), _templates(), f.clock)


def _first_party(f: Foundation, s: Services) -> None:
    pages, audit, db, clock = of(s, Authorization), f.audit, f.db, f.clock
    s[FirstPartyLogin] = FirstPartyLogin(
        pages=pages,
        pushed_requests=of(s, PushedRequests),
        auth_sessions=AuthSessions(AuthSessionStore(db), pages.waiting, audit, db, clock),
        login=of(s, Login),
        login_requests=of(s, LoginRequests),
        accounts=of(s, Accounts),
        sessions=of(s, Sessions),
        limits=f.settings.limits,
        audit=audit,
        db=db,
        clock=clock,
    )


def _own_data(f: Foundation, s: Services) -> None:
    s[Copies] = Copies(
        accounts=of(s, Accounts),
        address_wait=of(s, AddressWait),
        contact=of(s, ContactChange),
        insured=of(s, Insured),
        sessions=of(s, Sessions),
        memory=of(s, BrowserMemory),
        consents=of(s, Consents),
        receipts=of(s, Receipts),
        clients=of(s, Clients),
        history=History(f.db, f.audit),
        audit=f.audit,
        clock=f.clock,
    )


def background_tasks(services: Services) -> tuple[Task, ...]:
    """Return the work that ``broker worker`` does, capability by capability."""
    return (
        *of(services, ClockDrift).tasks(),
        *of(services, Counters).tasks(),
        *of(services, Sealer).tasks(),
        *of(services, Exports).tasks(),
        *of(services, Purger).tasks(),
        *of(services, Witness).tasks(),
        *of(services, Delivery).tasks(),
        *of(services, Codes).tasks(),
        *of(services, Insured).tasks(),
        *of(services, Activation).tasks(),
        *of(services, Erasure).tasks(),
        *of(services, NewBrowsers).tasks(),
        *of(services, FranceConnect).tasks(),
        *of(services, Sessions).tasks(),
        *of(services, Keys).tasks(),
        *of(services, EncryptionKeys).tasks(),
        *of(services, Provider).tasks(),
        *of(services, SignalDelivery).tasks(),
        *of(services, Journeys).tasks(),
        *of(services, Idempotency).tasks(),
        *of(services, Cases).tasks(),
        *of(services, Detection).tasks(),
        *of(services, Cuts).tasks(),
        *of(services, AlertNotices).tasks(),
        *of(services, AnalystSessions).tasks(),
    )
