"""Looks through what was sealed, rule by rule, and raises one alert for each window."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from broker.audit.log import AuditLog
from broker.audit.model import Actor, Motive, Recorded
from broker.audit.questions.groups import Groups, Sealed
from broker.base.clock import Clock
from broker.base.crypto import new_reference
from broker.base.db import Database
from broker.base.metrics import Metrics
from broker.base.paging import Part
from broker.base.tasks import Task
from broker.detection.evaluation import Evaluation
from broker.detection.events import AlertFacts, AlertNoted, AlertRaised
from broker.detection.model import LONGEST, Alert, AlertAcknowledged, AlertUnknown, Finding, Key
from broker.detection.rules import Rules
from broker.detection.store import DetectionStore

_PAGE = 5_000  # events of one turn: what a turn reads again, and its transaction, stay small
_KEPT = timedelta(days=3 * 365)  # as the events that tell of an alert
_SYSTEM = Actor(kind="system")
_LISTED = 200


@dataclass(frozen=True)
class Detection:
    """The rules over the trail; any number of workers may look through it.

    What a turn found is written together with the place it reached, by whoever moves on from
    there first: what another worker found meanwhile is dropped, and found again by nobody.
    """

    rules: Rules
    evaluation: Evaluation
    store: DetectionStore
    tell: Callable[[Alert], None]
    """Queues what goes out about an alert; in its transaction."""
    audit: AuditLog
    metrics: Metrics
    db: Database
    clock: Clock

    def evaluate(self) -> int:
        """Look through everything that was sealed since; return how many events that was."""
        total = 0
        while True:
            seen = self.store.position()
            stretch = self._groups.sealed_after(seen, _PAGE)
            if stretch is None:
                return total
            raised = self._write(seen, stretch, self._find(stretch))
            if raised is None:
                return total
            self._measure(stretch, raised)
            total += stretch.events

    def every(self, *, acknowledged: bool = False) -> Sequence[Alert]:
        """Return the alerts that wait, or those that somebody looked at; the newest first."""
        return self.store.part(acknowledged=acknowledged, behind=None, most=_LISTED).items

    def part(self, *, acknowledged: bool, behind: str | None) -> Part[Alert]:
        """Return a part of the same list, without an end of its own."""
        return self.store.part(acknowledged=acknowledged, behind=behind)

    def get(self, reference: str) -> Alert:
        """Return one alert; AlertUnknown."""
        found = self.store.get(reference)
        if found is None:
            raise AlertUnknown
        return found

    def events_of(self, alert: Alert) -> list[Recorded]:
        """Return the events that the alert is about, as far as the trail still has them."""
        rule = self.rules.by_name.get(alert.rule)
        if rule is None:
            return []
        return self._groups.events(
            rule.looks_at, alert.group_by, alert.group_value, alert.first_at, alert.last_at
        )

    def acknowledge(self, reference: str, note: str, actor: Actor) -> None:
        """Note that somebody looked at it; AlertUnknown, or AlertAcknowledged the second time."""
        with self.db.transaction():
            alert = self.get(reference)
            if not self.store.acknowledge(reference, self.clock(), str(actor.ref), note):
                raise AlertAcknowledged
            self.audit.record(
                AlertNoted(alert=_facts(alert), after=Motive(reason=note), actor=actor)
            )

    def tasks(self) -> tuple[Task, ...]:
        """Return the background work: the rules, and the end of old alerts."""
        return (
            Task("detection", 5, self.evaluate),
            Task("detection purge", 86_400, self._purge),
        )

    @property
    def _groups(self) -> Groups:
        return self.evaluation.groups

    def _find(self, stretch: Sealed) -> list[Finding]:
        """Return the findings; outside of a transaction, so that nobody waits for it."""
        return [
            finding
            for rule in self.rules.waiting_for(stretch.between)
            for finding in self.evaluation.findings(rule, stretch)
        ]

    def _write(self, seen: int, stretch: Sealed, findings: list[Finding]) -> list[Alert] | None:
        """Move on, and raise the alerts; None where another worker moved on first."""
        with self.db.transaction():
            if not self.store.advance(seen, stretch.last):
                return None
            raised = [
                _alert(each, self.clock()) for each in findings if self.store.may_alert(each)
            ]
            for alert in raised:
                self._raise(alert)
        return raised

    def _raise(self, alert: Alert) -> None:
        self.store.add(alert)
        self.tell(alert)
        self.audit.record(
            AlertRaised(
                alert=_facts(alert),
                actor=_SYSTEM,
                reason_code=alert.rule,
                subject_ref=alert.group_value if alert.group_by is Key.PERSON else None,
                client_id=alert.group_value if alert.group_by is Key.PARTNER else None,
            )
        )

    def _measure(self, stretch: Sealed, raised: list[Alert]) -> None:
        if stretch.between:
            oldest = min(first for first, _ in stretch.between.values())
            self.metrics.detection_lag((self.clock() - oldest).total_seconds())
        for alert in raised:
            self.metrics.alert(alert.rule)

    def _purge(self) -> int:
        now = self.clock()
        return self.store.purge(now - _KEPT, now - 2 * LONGEST)


def _alert(finding: Finding, now: datetime) -> Alert:
    return Alert(
        reference=new_reference(),
        rule=finding.rule.name,
        severity=finding.rule.severity,
        group_by=finding.rule.by,
        group_value=finding.group,
        counted=finding.counted,
        first_at=finding.first_at,
        last_at=finding.last_at,
        raised_at=now,
    )


def _facts(alert: Alert) -> AlertFacts:
    return AlertFacts(
        reference=alert.reference,
        rule=alert.rule,
        severity=str(alert.severity),
        group_by=str(alert.group_by),
        group=alert.group_value,
    )
