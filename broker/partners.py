"""Builds what partners listen to, the streams of security events, and ask: proofs of tokens."""

from broker.audit.proofs.partner_proofs import PartnerProofs
from broker.base.crypto import KeyedHash, derive_key
from broker.clients.delivery_secrets import DeliverySecrets
from broker.clients.directory import Clients
from broker.foundation import Foundation, Services, of
from broker.keys.rotation import Keys
from broker.oidc.claims.subjects import Subjects
from broker.oidc.grants.participant_store import ParticipantStore
from broker.oidc.grants.participants import Participants
from broker.oidc.proofs.client_auth import ClientAuthentication
from broker.oidc.signed import Signer
from broker.oidc.tokens.evidence import TokenEvidence
from broker.signals.delivery import Delivery
from broker.signals.event_token import EventTokens
from broker.signals.queue_metrics import QueueMetrics
from broker.signals.signals import Signals
from broker.signals.store import SignalStore
from broker.signals.stream_store import StreamStore
from broker.signals.streams import Streams


def build_evidence(f: Foundation, s: Services) -> None:
    """Add the proofs that partners ask of the tokens that were issued to them."""
    s[TokenEvidence] = TokenEvidence(
        authentication=of(s, ClientAuthentication),
        clients=of(s, Clients),
        counters=f.counters,
        limits=f.settings.limits,
        proofs=of(s, PartnerProofs),
        audit=f.audit,
        db=f.db,
    )


def build_signals(f: Foundation, s: Services) -> None:
    """Add the events that partners are told, once it is known what they hold of people."""
    participants = Participants(ParticipantStore(f.db), f.clock)
    store, states = SignalStore(f.db, f.vault), StreamStore(f.db)
    signals = s[Signals] = Signals(
        clients=of(s, Clients),
        participants=participants,
        store=store,
        streams=states,
        marks=KeyedHash(derive_key(f.secrets.secret_key, "signal transactions")),
        db=f.db,
        clock=f.clock,
        life=f.settings.limits.signal_life,
    )
    streams = s[Streams] = Streams(
        clients=of(s, Clients),
        signals=signals,
        store=store,
        states=states,
        counters=f.counters,
        limits=f.settings.limits,
        audit=f.audit,
        db=f.db,
        clock=f.clock,
        issuer=f.settings.issuer,
    )
    s[Delivery] = Delivery(
        clients=of(s, Clients),
        store=store,
        streams=states,
        tokens=EventTokens(Signer(of(s, Keys)), of(s, Subjects), f.settings.issuer),
        secrets=of(s, DeliverySecrets),
        outgoing=f.outgoing,
        audit=f.audit,
        metrics=f.metrics,
        db=f.db,
        clock=f.clock,
    )
    f.metrics.watch(QueueMetrics(streams.waiting, states.every, f.clock))
