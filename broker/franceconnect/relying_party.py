"""We are FranceConnect's relying party (fournisseur de service): there, back, and out again."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from broker.audit.log import AuditLog
from broker.audit.model import Outcome, Upstream
from broker.base.clock import Clock
from broker.base.context import Here
from broker.base.counters import Counters
from broker.base.crypto import Secret, fingerprint, new_token
from broker.base.db import Database
from broker.base.errors import Throttled
from broker.base.limits import Limits
from broker.base.tasks import Task
from broker.franceconnect.client import FranceConnectClient
from broker.franceconnect.events import (
    RoundTripCompleted,
    RoundTripFailed,
    RoundTripStarted,
    UpstreamLogoutStarted,
)
from broker.franceconnect.identities import Identities
from broker.franceconnect.model import (
    AnswerAwaited,
    CreationDisabled,
    Disabled,
    NotConfigured,
    Proof,
    Purpose,
    RoundTrip,
    RoundTripLost,
    RoundTripRefused,
    UntrustedReturn,
    UpstreamSession,
    VerifiedIdentity,
    answered_error,
)
from broker.franceconnect.store import RoundTripStore
from broker.franceconnect.switches import Switches

_LOGOUT_LIFE = timedelta(minutes=30)
_PURGE_EVERY = 300.0  # seconds
_LONGEST = 2_048  # characters of one parameter of an answer
Answer = Mapping[str, Sequence[str]]
AwaitsAnswer = Callable[[str | None], bool]
"""Tells whether FranceConnect itself has sent this browser here and waits for it to log in.

Login requests stand above FranceConnect.
"""


@dataclass(frozen=True)
class FranceConnect:
    """Sends a person to FranceConnect and takes back whom it vouches for."""

    client: FranceConnectClient | None
    store: RoundTripStore
    identities: Identities
    switches: Switches
    counters: Counters
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock
    here: Here
    awaits: AwaitsAnswer

    def offer(self, purpose: Purpose, browser: str | None) -> str:
        """Return how pages show the button: ``on``, ``off`` (say that it is off) or ``hidden``."""
        if self.client is None or self.awaits(browser):
            return "hidden"
        try:
            self.switches.require(purpose)
        except (Disabled, CreationDisabled):
            return "off" if purpose is Purpose.CREATION else "hidden"
        return "on"

    def start(self, *, purpose: Purpose, browser: str, return_to: str, retry_to: str = "/") -> str:
        """Open a round trip and return FranceConnect's address; go there by a page, not by 303.

        The identity comes back to *return_to* (a local path) as its ``transaction`` parameter; a
        person whose trip failed is offered *retry_to*. Raises RoundTripRefused or Throttled.
        """
        _require_local(return_to, retry_to)
        try:
            return self._start(purpose, browser, return_to, retry_to)
        except RoundTripRefused as refusal:
            refusal.retry_to = retry_to
            self._not_started(purpose, refusal.reason)
            raise
        except Throttled:
            self._not_started(purpose, "limited")
            raise

    def _not_started(self, purpose: Purpose, reason: str) -> None:
        upstream = self._upstream(purpose)
        self.audit.record(
            RoundTripStarted(outcome=Outcome.FAILURE, reason_code=reason, upstream=upstream)
        )

    def _start(self, purpose: Purpose, browser: str, return_to: str, retry_to: str) -> str:
        client = self._client()
        self.switches.require(purpose)
        if self.awaits(browser):
            raise AnswerAwaited("answer_awaited")
        self._count()
        state, nonce = _random(), _random()
        url = client.authorization_url(state=state, nonce=nonce)
        now = self.clock()
        trip = RoundTrip(
            id=new_token().reveal(),
            purpose=purpose,
            browser=browser,
            return_to=return_to,
            retry_to=retry_to,
            acr=client.registration.acr,
            state_digest=fingerprint(state),
            nonce_digest=fingerprint(nonce),
            created_at=now,
            expires_at=now + timedelta(seconds=self.limits.round_trip_life),
        )
        with self.db.transaction():
            self.store.open(trip)
            started = self._upstream(purpose)
            self.audit.record(
                RoundTripStarted(interaction_id=trip.id, upstream=started, acr=trip.acr)
            )
        return url

    def finish(self, answer: Answer, browser: str | None) -> str:
        """Check FranceConnect's answer and return the local path to go on to.

        *answer* holds every value of each parameter. Raises RoundTripRefused: then nothing is
        kept and, after the fault, nothing more was asked of FranceConnect.
        """
        trip: RoundTrip | None = None
        try:
            client = self._client()
            given = _read(answer)
            if "iss" in given and given["iss"] != client.registration.issuer:
                raise UntrustedReturn("iss")  # RFC 9207 §2.4, before anything else
            trip = self._used(given, browser or "")
            return self._finish(client, given, trip)
        except RoundTripRefused as refusal:
            if trip is not None:
                refusal.retry_to = trip.retry_to
            self._record_failure(refusal, trip)
            raise

    def _finish(
        self, client: FranceConnectClient, given: Mapping[str, str], trip: RoundTrip
    ) -> str:
        self.switches.require(trip.purpose)
        if "iss" not in given:
            raise UntrustedReturn("iss_missing")
        if "error" in given:
            raise answered_error(given["error"])
        if not given.get("code"):
            raise UntrustedReturn("code_missing")
        proof = client.redeem(given["code"], trip.nonce_digest, trip.acr)
        identity = VerifiedIdentity.of(trip, client.registration.issuer, proof, self.clock())
        with self.db.transaction():
            self.identities.keep(identity, trip.browser)
            self._keep_session(trip, identity, proof)
            self.audit.record(
                RoundTripCompleted(
                    interaction_id=trip.id,
                    upstream=self._upstream(trip.purpose, identity),
                    acr=identity.acr,
                    auth_time=identity.auth_time,
                )
            )
        joint = "&" if "?" in trip.return_to else "?"
        return f"{trip.return_to}{joint}{urlencode({'transaction': trip.id})}"

    def may_be_logged_in_there(self, browser: str | None) -> bool:
        """Tell whether this browser may still have a session at FranceConnect because of us."""
        return browser is not None and self.store.has_session(browser, self.clock())

    def logout_url(self, *, browser: str | None, return_to: str) -> str | None:
        """Return the address that ends this browser's session at FranceConnect, if it has one.

        End our own session first: nothing here calls FranceConnect, and whether the person comes
        back from there matters to nobody.
        """
        _require_local(return_to)
        if self.client is None or browser is None:
            return None
        now, state = self.clock(), _random()
        with self.db.transaction():
            session = self.store.take_session(browser, now)
            if session is None:
                return None
            self.store.open_logout(fingerprint(state), return_to, now + _LOGOUT_LIFE)
            upstream = Upstream(iss=self.client.registration.issuer)
            self.audit.record(UpstreamLogoutStarted(upstream=upstream))
        return self.client.logout_url(
            session.end_session_endpoint, id_token=session.id_token, state=state
        )

    def logged_out(self, state: str) -> str:
        """Return the local path to go to after FranceConnect's logout: home for a foreign state.

        FranceConnect is known to lose the state; a forged one gets nobody anywhere.
        """
        with self.db.transaction():
            return self.store.close_logout(fingerprint(state), self.clock()) or "/"

    def tasks(self) -> tuple[Task, ...]:
        """Return the background work: forgetting what is over."""
        return (Task("franceconnect purge", _PURGE_EVERY, self._purge),)

    def _purge(self) -> int:
        with self.db.transaction():
            return self.store.purge(self.clock())

    def _client(self) -> FranceConnectClient:
        if self.client is None:
            raise NotConfigured("not_configured")
        return self.client

    def _count(self) -> None:
        with self.db.transaction():
            self.counters.take(
                "franceconnect",
                self.here().prefix,
                count=self.limits.franceconnect_count,
                window=self.limits.franceconnect_window,
            )

    def _used(self, given: Mapping[str, str], browser: str) -> RoundTrip:
        """Use the round trip up, whatever its answer then turns out to be."""
        if not given.get("state"):
            raise RoundTripLost("state_missing")
        digest = fingerprint(given["state"])
        with self.db.transaction():
            trip = self.store.use(digest, browser, self.clock())
        if trip is None:
            reason, retry_to = self.store.why_not(digest, browser)
            refusal = RoundTripLost(reason)
            refusal.retry_to = retry_to
            raise refusal
        return trip

    def _keep_session(self, trip: RoundTrip, identity: VerifiedIdentity, proof: Proof) -> None:
        if proof.end_session_endpoint:
            self.store.keep_session(
                trip.browser,
                UpstreamSession(
                    id_token=proof.id_token, end_session_endpoint=proof.end_session_endpoint
                ),
                identity.verified_at + timedelta(seconds=self.limits.session_life),
            )

    def _record_failure(self, refusal: RoundTripRefused, trip: RoundTrip | None) -> None:
        self.audit.record(
            RoundTripFailed(
                reason_code=refusal.reason,
                interaction_id=trip.id if trip else None,
                upstream=self._upstream(trip.purpose if trip else None),
            )
        )

    def _upstream(
        self, purpose: Purpose | None, identity: VerifiedIdentity | None = None
    ) -> Upstream | None:
        if self.client is None:
            return None
        if identity is None:
            return Upstream(iss=self.client.registration.issuer, flow=purpose)
        return self.audit.upstream(
            identity.iss, identity.sub, acr=identity.acr, idp=identity.idp_id, flow=purpose
        )


def _read(answer: Answer) -> dict[str, str]:
    """Return each parameter's one value (RFC 6749 §3.1: none may be repeated)."""
    if any(len(values) != 1 or len(values[0]) > _LONGEST for values in answer.values()):
        raise UntrustedReturn("parameters")
    return {name: values[0] for name, values in answer.items()}


def _random() -> Secret:
    """Return 256 bits as 64 letters and digits: FranceConnect asks for 32 characters or more."""
    return Secret(secrets.token_hex(32))


def _require_local(*paths: str) -> None:
    for path in paths:
        parts = urlsplit(path)
        if parts.scheme or parts.netloc or not path.startswith("/") or "\\" in path:
            raise ValueError("not a local path")
