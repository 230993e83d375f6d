"""Alerts are told outside: queued with the alert, signed, tried again, never lost in between."""

import base64
import hashlib
import hmac
import json
import re
import socket
import ssl
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_string
from email.policy import default

import pytest
from sqlalchemy import func, select

from broker.app import create_app
from broker.base.capped_http import CallFailed
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.base.errors import ServiceNotReady
from broker.base.outgoing import Outgoing
from broker.base.turns import Turns
from broker.detection.channels import Syslog, Webhook
from broker.detection.notices import AlertNotices
from broker.detection.tables import NOTICE
from broker.doctor import examine
from broker.foundation import Foundation
from broker.mail.store import MAIL
from broker.otp.events import CodeFailed
from tests.conftest import test_settings
from tests.support.certificates import Authority
from tests.support.partner import events
from tests.support.peer import a_peer
from tests.support.syslog_receiver import a_syslog_receiver
from tests.unit.detection.conftest import Watch
from tests.unit.ties.test_parallel_ties import at_once

KEY = b"k" * 32
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
TEAM = "securite@caisse.example"


@dataclass
class Receiver:
    """A webhook of the security team; answers as told."""

    status: str = "204 No Content"
    port: int = 0
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def answer(self, connection, request):
        head, _, body = request.partition(b"\r\n\r\n")
        length = int(re.findall(rb"(?i)content-length: (\d+)", head)[0])
        while len(body) < length:
            body += connection.recv(65_536)
        self.heads.append(head.decode())
        self.bodies.append(body)
        connection.sendall(f"HTTP/1.1 {self.status}\r\nContent-Length: 0\r\n\r\n".encode())

    def header(self, name, number=-1):
        return re.findall(rf"(?im)^{name}: (.+?)\r?$", self.heads[number])[0]


@pytest.fixture
def receiver():
    found = Receiver()
    with a_peer(found.answer) as found.port:
        yield found


@pytest.fixture
def told(database_url, clock, receiver):
    """An application that tells of its alerts by webhook and mail."""
    settings = test_settings(
        database_url,
        BROKER_ALERT_WEBHOOK_URL=f"http://localhost:{receiver.port}/alertes",
        BROKER_ALERT_WEBHOOK_SECRET=SECRET,
        BROKER_ALERT_MAIL=TEAM,
    )
    app = create_app(settings, clock=clock)
    yield Watch(app, clock)
    app.extensions["broker"][Database].engine.dispose()


def guess(watch, person="one"):
    """Guess codes of somebody until there is an alert; return it."""
    watch.sees(*[CodeFailed(subject=person, code_ref="abcdefgh")] * 7)
    return watch.looks()[-1]


def deliver(watch):
    return watch.app.extensions["broker"][AlertNotices].deliver()


def waiting(watch):
    return watch.detection.db.scalar(select(func.count()).select_from(NOTICE))


def test_an_alert_is_posted_once_and_signed(told, receiver, clock):
    alert = guess(told)

    assert (deliver(told), deliver(told), waiting(told)) == (1, 0, 0)

    (body,) = receiver.bodies
    data = json.loads(body)["data"]
    assert (data["reference"], data["rule"]) == (alert.reference, "codes-of-one-person")
    moment, name = receiver.header("webhook-timestamp"), receiver.header("webhook-id")
    signed = hmac.new(KEY, f"{name}.{moment}.".encode() + body, hashlib.sha256).digest()
    assert receiver.header("webhook-signature") == f"v1,{base64.b64encode(signed).decode()}"
    assert int(moment) == int(clock.now.timestamp())
    (sent,) = events(told.app, "detection.notice.sent")
    assert sent["alert"] == {"reference": alert.reference, "channel": "webhook"}


def test_what_was_not_taken_is_told_again_under_the_same_id(told, receiver, clock):
    receiver.status = "503 Service Unavailable"
    guess(told)
    deliver(told)
    clock.advance(seconds=4)
    assert deliver(told) == 0

    receiver.status = "200 OK"
    clock.advance(seconds=1)
    assert deliver(told) == 1

    assert receiver.header("webhook-id", 0) == receiver.header("webhook-id", 1)
    assert receiver.header("webhook-signature", 0) != receiver.header("webhook-signature", 1)
    (postponed,) = events(told.app, "detection.notice.postponed")
    assert postponed["reason_code"]
    assert len(events(told.app, "detection.notice.sent")) == 1


def test_after_a_day_it_is_given_up_and_the_alert_stays(told, receiver, clock):
    receiver.status = "410 Gone"
    alert = guess(told)
    clock.advance(days=1, seconds=-1)
    deliver(told)
    assert events(told.app, "detection.notice.refused") == []

    clock.advance(hours=1)
    deliver(told)

    (refused,) = events(told.app, "detection.notice.refused")
    assert refused["reason_code"] == "expired"
    assert (waiting(told), list(told.detection.every())) == (0, [alert])


def test_a_worker_that_dies_loses_no_notice(told, clock):
    guess(told)
    store = told.app.extensions["broker"][AlertNotices].store
    (taken,) = store.claim_notices(clock.now, lease=timedelta(minutes=1), most=10)
    assert deliver(told) == 0

    clock.advance(seconds=60)

    assert deliver(told) == 1
    with store.db.transaction():
        assert not store.end_notice(taken)


def test_many_workers_at_once_post_it_once(told, receiver):
    guess(told)

    at_once(lambda _number: deliver(told), 8)

    assert len(receiver.bodies) == 1


def test_the_security_team_gets_one_mail_that_names_nobody(told):
    alert = guess(told)

    (queued,) = told.detection.db.all(select(MAIL).where(MAIL.c.kind == "alert"))
    vault = told.app.extensions["broker"][Foundation].vault
    mail = vault.open(MAIL.c.content, queued.content)
    read = message_from_string(mail, policy=default).get_body(("plain",)).get_content()
    assert alert.reference in read
    assert "Code de sécurité deviné" in read
    assert alert.group_value not in mail


def test_without_channels_nothing_waits(watch):
    guess(watch)

    assert (waiting(watch), deliver(watch)) == (0, 0)


def test_a_notice_whose_channel_is_gone_is_given_up(told, app, clock):
    guess(told)

    deliver(Watch(app, clock))

    (refused,) = events(app, "detection.notice.refused")
    assert refused["reason_code"] == "not_configured"


def test_a_webhook_inside_the_network_is_not_called(app, watch, clock, receiver):
    outgoing = Outgoing(lenient=False, db=app.extensions["broker"][Database], turns=Turns.of(4))
    alert = guess(watch)

    for address, reason in (
        (f"http://localhost:{receiver.port}/", "not_https"),
        (f"https://localhost:{receiver.port}/", "not_public"),
    ):
        with pytest.raises(CallFailed, match=reason):
            Webhook(outgoing, address, Secret(SECRET), clock).send("n-1", alert, "Titre")
    assert receiver.bodies == []


def test_production_wants_the_webhook_encrypted(database_url):
    rule = "the webhook of alerts is https"

    for scheme, verdict in (("http", "fails"), ("https", "ok")):
        settings = test_settings(
            database_url,
            BROKER_ALERT_WEBHOOK_URL=f"{scheme}://soc.example/alertes",
            BROKER_ALERT_WEBHOOK_SECRET=SECRET,
        )
        assert [f.verdict for f in examine(settings) if f.rule == rule] == [verdict]


@pytest.mark.parametrize(
    "changes",
    [
        {"BROKER_ALERT_WEBHOOK_URL": "https://soc.example/alertes"},
        {"BROKER_ALERT_WEBHOOK_SECRET": SECRET},
        {
            "BROKER_ALERT_WEBHOOK_URL": "https://soc.example/alertes",
            "BROKER_ALERT_WEBHOOK_SECRET": f"whsec_{base64.b64encode(b'k' * 23).decode()}",
        },
        {"BROKER_ALERT_SYSLOG": "http://soc.example"},
    ],
)
def test_settings_that_would_tell_nobody_are_refused(database_url, changes):
    with pytest.raises(ServiceNotReady, match="settings refused"):
        test_settings(database_url, **changes)


MESSAGE = re.compile(
    r"<107>1 2026-03-02T11:00:00\.000000Z compte-ameli\.test compte-ameli - detection\.alerted "
    r'\[alert@32473 notice="n-1" reference="[\w-]+" rule="codes-of-one-person" '
    r'title="a \\"b\\\]" .+\]'
)


def test_syslog_over_udp_is_one_datagram(watch):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]

        channel = Syslog.of_url(f"udp://127.0.0.1:{port}", "compte-ameli.test")
        channel.send("n-1", guess(watch), 'a "b]')

        assert MESSAGE.fullmatch(listening.recv(65_536).decode())


def test_syslog_over_tcp_counts_its_bytes(watch):
    got = []
    with a_peer(lambda _connection, request: got.append(request)) as port:
        channel = Syslog.of_url(f"tcp://127.0.0.1:{port}", "compte-ameli.test")
        channel.send("n-1", guess(watch), 'a "b]')
        wait_for(got)

    length, _, message = got[0].partition(b" ")
    assert int(length) == len(message)
    assert MESSAGE.fullmatch(message.decode())


def test_syslog_over_tls_trusts_no_stranger(watch, tmp_path):
    authority = Authority.new(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*authority.vouch_for("localhost"))
    alert, got = guess(watch), []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=collect, args=(listening, server, got), daemon=True).start()
        url = f"tls://localhost:{listening.getsockname()[1]}"

        with pytest.raises(CallFailed, match="tls"):
            Syslog.of_url(url, "compte-ameli.test").send("n-1", alert, 'a "b]')
        trusting = Syslog(
            "tls", "localhost", listening.getsockname()[1], "compte-ameli.test",
            tls=lambda: ssl.create_default_context(cafile=str(authority.bundle)),
        )  # fmt: skip
        trusting.send("n-1", alert, 'a "b]')

        wait_for(got)
    assert MESSAGE.fullmatch(got[0].partition(b" ")[2].decode())


def test_a_collector_that_refuses_us_over_tls_has_got_nothing(watch, tmp_path):
    authority = Authority.new(tmp_path)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*authority.vouch_for("localhost"))
    server.verify_mode = ssl.CERT_REQUIRED
    with a_syslog_receiver(server) as receiver:
        channel = Syslog(
            "tls", "localhost", receiver.port, "compte-ameli.test",
            tls=lambda: ssl.create_default_context(cafile=str(authority.bundle)),
        )  # fmt: skip

        with pytest.raises(CallFailed):
            channel.send("n-1", guess(watch), "title")

    assert receiver.frames == []


def collect(listening, context, got):
    """Take messages over TLS; a caller that does not trust us leaves."""
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        try:
            with context.wrap_socket(connection, server_side=True) as wrapped:
                got.append(wrapped.recv(65_536))
                wrapped.unwrap()
        except OSError:
            connection.close()


def wait_for(got):
    """Wait until a thread of the receiver has read."""
    for _ in range(200):
        if got:
            return
        threading.Event().wait(0.02)


def test_a_collector_that_is_away_is_told_of_later(watch):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

    with pytest.raises(CallFailed, match="ConnectionRefusedError"):
        Syslog.of_url(f"tcp://127.0.0.1:{port}", "compte-ameli.test").send(
            "n-1", guess(watch), "Titre"
        )
