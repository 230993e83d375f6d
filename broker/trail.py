"""Builds what the security team works with: the sealed trail, the console, cuts."""

import base64
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from broker.accounts.accounts import Accounts
from broker.accounts.mailing import AccountMails
from broker.accounts.password_policy import PasswordPolicy
from broker.accounts.passwords import Passwords
from broker.accounts.protection import Protection
from broker.audit.catalogue import kinds
from broker.audit.lineage.lineage_store import LineageStore
from broker.audit.lineage.lookup import Lineages
from broker.audit.proofs.keeping import Keeping
from broker.audit.proofs.partner_proofs import PartnerProofs
from broker.audit.proofs.proof_state import ProofStates
from broker.audit.proofs.verification import Verification
from broker.audit.proofs.witness import Place, Witness
from broker.audit.questions.asking import Sources
from broker.audit.questions.groups import Groups
from broker.audit.questions.history import History
from broker.audit.questions.places import Places
from broker.audit.questions.signed_tokens import SignedTokens
from broker.audit.questions.timeline import Timeline
from broker.audit.retention.holds import Holds
from broker.audit.retention.periods import Periods
from broker.audit.retention.purge import Purger
from broker.audit.retention.purge_store import PurgeStore
from broker.audit.sealing.cosignature import WitnessKey
from broker.audit.sealing.note import NoteRefused, SignerKey
from broker.audit.sealing.outside import Outside
from broker.audit.sealing.sealed import SealedEvents
from broker.audit.sealing.sealer import Sealer
from broker.audit.sealing.tree_store import TreeStore
from broker.base.context import here
from broker.base.crypto import derive_key
from broker.base.errors import ServiceNotReady
from broker.base.settings import Settings
from broker.cases.cases import Cases
from broker.clients.administration import ClientAdministration
from broker.clients.directory import Clients
from broker.console.alerts import Alerts
from broker.console.analysts import Analysts
from broker.console.case_desk import CaseDesk
from broker.console.enrolment import Enrolment
from broker.console.login import AnalystLogin
from broker.console.own_account import OwnAccount
from broker.console.proof import AnalystProof
from broker.console.questions import Questions
from broker.console.reading import Reading
from broker.console.sessions import AnalystSessions
from broker.console.store import AnalystStore
from broker.cuts.cuts import Cuts
from broker.cuts.desk import CutDesk
from broker.cuts.effect import Effect
from broker.cuts.holders import Holders
from broker.cuts.model import Kind
from broker.cuts.narrow import FamilyCut, LoginCut, PersonCut
from broker.cuts.store import CutStore
from broker.cuts.wide import ClientCut, EverybodyCut, KeyCut, UpstreamCut
from broker.detection.channels import Channel, Syslog, Webhook
from broker.detection.detection import Detection
from broker.detection.evaluation import Evaluation
from broker.detection.notices import AlertNotices
from broker.detection.rules import Rules
from broker.detection.store import DetectionStore
from broker.exports.exports import Exports
from broker.exports.lag_metrics import LagMetrics
from broker.exports.sinks import sink_of
from broker.exports.store import ExportStore
from broker.foundation import Foundation, Services, of
from broker.franceconnect.leg import Leg
from broker.keys.encryption import EncryptionKeys
from broker.keys.rotation import Keys
from broker.mail.outbox import Outbox
from broker.oidc.grants.families import Families
from broker.oidc.logout.notices import LogoutNotices
from broker.oidc.logout.session_end import SessionEnd
from broker.oidc.tokens.alive import AliveTokens
from broker.sessions.reach import SessionReach
from broker.signals.signals import Signals


def build_trail(f: Foundation, s: Services) -> None:
    """Add the services that seal and judge the trail, and look things up in it."""
    given = f.settings.audit_signing_key
    seed = (
        base64.b64decode(given.reveal())
        if given
        else derive_key(f.secrets.secret_key, "audit checkpoints")
    )
    store = TreeStore(f.db)
    key = SignerKey.of_seed(f"{urlsplit(f.settings.issuer).netloc}/audit", seed)
    s[Lineages] = Lineages(LineageStore(f.db), f.audit)
    place = _place_of_witness(f.settings)
    s[Verification] = Verification(
        store, f.audit, key.verifier, place.key if place else None, f.clock
    )
    s[PartnerProofs] = PartnerProofs(store, f.db, key.verifier)
    purges = PurgeStore(f.db)
    s[Keeping] = Keeping(f.db, f.settings.audit_folder)
    s[Holds] = Holds(purges, f.audit, f.db, f.clock)
    s[Purger] = Purger(purges, Periods.of(f.settings), f.audit, f.db, f.clock)
    outside = Outside(f.settings.audit_folder) if f.settings.audit_folder else None
    s[Witness] = Witness(place, store, outside, f.audit, f.metrics, f.db, f.clock)
    s[Sealer] = Sealer(
        store=store,
        key=key,
        outside=outside,
        audit=f.audit,
        db=f.db,
        clock=f.clock,
    )


def _place_of_witness(settings: Settings) -> Place | None:
    if not settings.audit_witness:
        return None
    try:
        return Place(settings.audit_witness, WitnessKey.parse(settings.audit_witness_key or ""))
    except NoteRefused as error:
        raise ServiceNotReady(f"settings refused: audit_witness_key: {error}") from None


def build_exports(f: Foundation, s: Services) -> None:
    """Add what passes the sealed trail on."""
    host, trail = urlsplit(f.settings.issuer).hostname or "-", of(s, Sealer).store
    sinks = {entry.name: sink_of(entry, host, trail) for entry in f.settings.exports}
    exports = s[Exports] = Exports(
        sinks, SealedEvents(f.db), trail, ExportStore(f.db), f.audit, f.db, f.clock
    )
    f.metrics.watch(LagMetrics(exports.lags))


def build_detection(f: Foundation, s: Services) -> None:
    """Add the rules over the trail, when every event that they may name is known."""
    store, rules = DetectionStore(f.db), Rules.load(f.settings.detection_rules, kinds())
    notices = s[AlertNotices] = AlertNotices(
        channels=tuple(_channels(f)),
        mailbox=f.settings.alert_mail,
        rules=rules,
        store=store,
        outbox=of(s, Outbox),
        audit=f.audit,
        db=f.db,
        clock=f.clock,
    )
    s[Detection] = Detection(
        rules=rules,
        tell=notices.queue,
        evaluation=Evaluation(Groups(f.db), store),
        store=store,
        audit=f.audit,
        metrics=f.metrics,
        db=f.db,
        clock=f.clock,
    )


def _channels(f: Foundation) -> Iterator[Channel]:
    settings = f.settings
    if settings.alert_webhook_url and settings.alert_webhook_secret:
        address, secret = settings.alert_webhook_url, settings.alert_webhook_secret
        yield Webhook(f.outgoing, address, secret, f.clock)
    if settings.alert_syslog:
        sender = urlsplit(settings.issuer).hostname or "-"
        yield Syslog.of_url(settings.alert_syslog, sender)


def build_console(f: Foundation, s: Services) -> None:
    """Add the services of the analysts' console."""
    limits, audit, db, clock = f.settings.limits, f.audit, f.db, f.clock
    store, passwords = AnalystStore(db, f.vault), of(s, Passwords)
    sessions = s[AnalystSessions] = AnalystSessions(store, limits, audit, db, clock)
    s[Analysts] = Analysts(store, sessions, limits, audit, db, clock)
    s[Enrolment] = Enrolment(store, sessions, passwords, of(s, PasswordPolicy), audit, db, clock)
    timeline = s[Timeline] = Timeline(db, clock)
    proofs = s[ProofStates] = ProofStates(of(s, Sealer).store, f.audit)
    s[Reading] = Reading(timeline, proofs, of(s, Accounts), audit)
    longest = timedelta(seconds=max(limits.access_token_life, limits.id_token_life))
    s[SignedTokens] = SignedTokens(db, clock, longest)
    sources = Sources(
        db=db,
        lineage=LineageStore(db),
        places=Places(f.settings.places),
        tree=of(s, Sealer).store,
        alive=AliveTokens(of(s, Keys), of(s, SignedTokens), clock).of,
        behind=of(s, Exports).lags_by,
    )
    s[Alerts] = Alerts(of(s, Detection), audit)
    s[Questions] = Questions(sources, audit, clock)
    s[CaseDesk] = CaseDesk(of(s, Cases), timeline, audit)
    proof = AnalystProof(store, passwords, f.counters, limits, audit, db, clock, here)
    s[AnalystLogin] = AnalystLogin(proof, sessions, audit)
    s[OwnAccount] = OwnAccount(
        proof=proof,
        store=store,
        sessions=sessions,
        passwords=passwords,
        policy=of(s, PasswordPolicy),
        limits=limits,
        audit=audit,
        db=db,
        clock=clock,
    )


def build_cuts(f: Foundation, s: Services) -> None:
    """Add what ends at once what an incident touches."""
    holders = Holders(
        of(s, Accounts), of(s, Clients), of(s, AccountMails), History(f.db, f.audit), f.clock
    )
    cuts = s[Cuts] = Cuts(
        store=CutStore(f.db),
        effects=_effects(f, s),
        holders=holders,
        timeline=of(s, Timeline),
        proofs=of(s, ProofStates),
        audit=f.audit,
        db=f.db,
        clock=f.clock,
    )
    s[CutDesk] = CutDesk(cuts, f.audit)


def _effects(f: Foundation, s: Services) -> dict[Kind, Effect]:
    sessions, families = of(s, SessionReach), of(s, Families)
    return {
        Kind.LOGIN: LoginCut(sessions, of(s, SessionEnd), families),
        Kind.FAMILY: FamilyCut(families),
        Kind.PERSON: PersonCut(
            accounts=of(s, Accounts),
            protection=of(s, Protection),
            sessions=sessions,
            families=families,
            timeline=of(s, Timeline),
            audit=f.audit,
        ),
        Kind.CLIENT: ClientCut(of(s, ClientAdministration), families),
        Kind.KEY: KeyCut(of(s, Keys), of(s, EncryptionKeys), of(s, SignedTokens)),
        Kind.UPSTREAM: UpstreamCut(of(s, Leg)),
        Kind.EVERYBODY: EverybodyCut(
            sessions, of(s, LogoutNotices), families, of(s, Signals).everybody_over
        ),
    }
