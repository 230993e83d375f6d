"""Tells of alerts outside: queued with the alert, delivered at least once, tried for a day."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from broker.audit.log import AuditLog
from broker.audit.model import Actor
from broker.base.capped_http import CallFailed
from broker.base.clock import Clock
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.base.tasks import Task
from broker.detection.channels import Channel
from broker.detection.events import AlertNotice, NoticePostponed, NoticeRefused, NoticeSent
from broker.detection.model import Alert, Notice
from broker.detection.rules import Rules
from broker.detection.store import DetectionStore
from broker.mail.outbox import Outbox

_LIFE = timedelta(days=1)
_MOST = 10  # notices of one turn
_LEASE = timedelta(minutes=3)  # more than one turn takes, every receiver being slow
_RETRIES = (5, 15, 60, 300, 900, 1_800)  # seconds; the last one repeats
_SYSTEM = Actor(kind="system")


@dataclass(frozen=True)
class AlertNotices:
    """The channels that the settings name; without any, alerts stay in the console."""

    channels: tuple[Channel, ...]
    mailbox: Secret | None
    """Address of the security team."""
    rules: Rules
    store: DetectionStore
    outbox: Outbox
    audit: AuditLog
    db: Database
    clock: Clock

    def queue(self, alert: Alert) -> None:
        """Queue what tells of an alert; belongs in its transaction."""
        now = self.clock()
        if self.mailbox:
            self._mail(alert, self.mailbox)
        for channel in self.channels:
            self.store.add_notice(
                Notice(
                    id=secrets.token_hex(16),
                    reference=alert.reference,
                    channel=channel.name,
                    created_at=now,
                    expires_at=now + _LIFE,
                )
            )

    def deliver(self) -> int:
        """Hand over what is due; return how many notices that was."""
        notices = self.store.claim_notices(self.clock(), lease=_LEASE, most=_MOST)
        by_name = {channel.name: channel for channel in self.channels}
        for notice in notices:
            channel, alert = by_name.get(notice.channel), self.store.get(notice.reference)
            if channel is None or alert is None:
                self._give_up(notice, "not_configured")
            elif notice.expires_at <= self.clock():
                self._give_up(notice, "expired")
            else:
                self._deliver(notice, channel, alert)
        return len(notices)

    def tasks(self) -> tuple[Task, ...]:
        """Return the background work: the calls."""
        return (Task("alert notices", 1, self.deliver, apart=True),)

    def _mail(self, alert: Alert, mailbox: Secret) -> None:
        rule = self.rules.by_name[alert.rule]
        context: dict[str, object] = {
            "title": rule.title,
            "meaning": rule.meaning,
            "alert": alert.reference,
            "critical": alert.severity == "critical",
        }
        self.outbox.send("alert", mailbox, context, expires_at=self.clock() + _LIFE)

    def _deliver(self, notice: Notice, channel: Channel, alert: Alert) -> None:
        rule = self.rules.by_name.get(alert.rule)
        try:
            channel.send(notice.id, alert, rule.title if rule else alert.rule)
        except CallFailed as failure:
            self._postpone(notice, failure.reason)
            return
        with self.db.transaction():
            if self.store.end_notice(notice):
                self.audit.record(NoticeSent(alert=_facts(notice), actor=_SYSTEM))

    def _postpone(self, notice: Notice, reason: str) -> None:
        wait = _RETRIES[min(notice.attempts, len(_RETRIES)) - 1]
        with self.db.transaction():
            if self.store.postpone_notice(notice, self.clock() + timedelta(seconds=wait)):
                self.audit.record(
                    NoticePostponed(alert=_facts(notice), reason_code=reason, actor=_SYSTEM)
                )

    def _give_up(self, notice: Notice, reason: str) -> None:
        with self.db.transaction():
            if self.store.end_notice(notice):
                self.audit.record(
                    NoticeRefused(alert=_facts(notice), reason_code=reason, actor=_SYSTEM)
                )


def _facts(notice: Notice) -> AlertNotice:
    return AlertNotice(reference=notice.reference, channel=notice.channel)
