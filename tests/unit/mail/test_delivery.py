"""Mail leaves once, late rather than never, and never when it is no longer true."""

import email
import email.policy
import json
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from sqlalchemy import select

from broker.audit.store import AuditStore
from broker.base.crypto import Secret
from broker.foundation import Foundation
from broker.mail.delivery import Delivery
from broker.mail.outbox import Outbox
from broker.mail.smtp import SmtpServer
from broker.mail.store import MAIL
from tests.support.ports import free_port

CODE = {
    "code": "012345",
    "purpose": "login",
    "requester": "Partenaire d'exemple",
    "asked_on": "02/03/2026",
    "asked_at": "12:00",
    "asked_in": "Firefox, Android",
    "after_failures": True,
    "valid_until": "12:10",
    "reference": "ABCD-EFGH-JK",
}


class MailServer:
    """A real SMTP server that keeps what it takes, and refuses when told to."""

    def __init__(self) -> None:
        self.received: list[Envelope] = []
        self.answer = "250 OK"
        self.goodbye = "221 Bye"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answer.startswith("250"):
            self.received.append(envelope)
        return self.answer

    async def handle_QUIT(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        return self.goodbye


@pytest.fixture
def server() -> Iterator[tuple[MailServer, Controller]]:
    handler = MailServer()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield handler, controller
    if controller.server is not None:
        controller.stop()


@pytest.fixture
def delivery(app: Flask, server: tuple[MailServer, Controller]) -> Delivery:
    url = Secret(f"smtp://127.0.0.1:{server[1].port}")
    smtp = SmtpServer.of_url(url, "compte ameli <ne-pas-repondre@exemple.fr>", 2)
    return replace(app.extensions["broker"][Delivery], server=smtp)


def queue(app: Flask, to: str = "personne@exemple.fr", minutes: int = 10) -> None:
    f = app.extensions["broker"][Foundation]
    with f.db.transaction():
        app.extensions["broker"][Outbox].send(
            "code",
            Secret(to),
            CODE,
            expires_at=f.clock().replace(minute=minutes),
            about="account",
        )


def states(app: Flask) -> list[str]:
    return [row.state for row in app.extensions["broker"][Foundation].db.all(select(MAIL.c.state))]


def test_a_queued_mail_is_delivered_and_its_text_erased(app, delivery, server):
    queue(app)

    delivery.run_once()

    message = email.message_from_bytes(server[0].received[0].content, policy=email.policy.SMTP)
    row = app.extensions["broker"][Foundation].db.one(select(MAIL))
    assert message["To"] == "personne@exemple.fr"
    assert "012345" in message.get_body(("plain",)).get_content().splitlines()
    assert (row.state, row.recipient, row.content) == ("sent", None, None)


def test_that_a_mail_was_sent_is_forgotten_after_thirty_days(app, delivery, clock):
    queue(app)
    delivery.run_once()
    _, purge = delivery.tasks()

    clock.advance(days=30)
    early = purge.run()
    clock.advance(seconds=1)

    assert (early, purge.run()) == (0, 1)
    assert states(app) == []


def test_a_rolled_back_act_sends_nothing(app, delivery, server):
    f = app.extensions["broker"][Foundation]
    with pytest.raises(RuntimeError), f.db.transaction():
        queue(app)
        raise RuntimeError

    delivery.run_once()

    assert server[0].received == []


def test_mail_arrives_once_when_the_server_comes_back(app, delivery, server, clock):
    handler, controller = server
    controller.stop()
    queue(app)
    delivery.run_once()
    delivery.run_once()
    assert states(app) == ["due"]
    restarted = Controller(handler, hostname="127.0.0.1", port=controller.port)
    restarted.start()

    clock.advance(seconds=30)
    delivery.run_once()
    clock.advance(seconds=300)
    delivery.run_once()

    restarted.stop()
    assert len(handler.received) == 1


def test_an_expired_mail_is_never_sent(app, delivery, server, clock):
    queue(app)
    clock.advance(minutes=10)

    delivery.run_once()

    assert server[0].received == []
    assert states(app) == ["expired"]


def test_a_temporary_refusal_is_tried_again_and_a_final_one_is_not(app, delivery, server, clock):
    handler, _ = server
    queue(app, minutes=50)
    handler.answer = "451 greylisted"
    delivery.run_once()
    assert states(app) == ["due"]

    handler.answer = "550 no such mailbox"
    clock.advance(seconds=30)
    delivery.run_once()

    assert states(app) == ["refused"]


@pytest.mark.parametrize(
    "to",
    [
        "personne@exemple.fr\nBcc: autre@exemple.fr",
        "personne@exemple.fr\r\n\r\nAutre texte",
        "personne@exemple.fr, autre@exemple.fr",
        "personne@exemple.fr> SIZE=1",
    ],
)
def test_an_address_is_one_address_and_nothing_more(app, to):
    with pytest.raises(ValueError, match="addr"):
        queue(app, to=to)

    assert states(app) == []


def test_a_server_that_fails_after_taking_the_mail_does_not_get_it_again(
    app, delivery, server, clock
):
    handler, _ = server
    handler.goodbye = "421 too busy"
    queue(app, minutes=50)
    delivery.run_once()
    clock.advance(minutes=5)

    delivery.run_once()

    assert len(handler.received) == 1
    assert states(app) == ["sent"]


def test_four_workers_at_once_send_each_mail_once(app, delivery, server):
    for number in range(12):
        queue(app, to=f"personne{number}@exemple.fr")
    workers = [threading.Thread(target=delivery.run_once) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    recipients = [envelope.rcpt_tos[0] for envelope in server[0].received]

    assert sorted(recipients) == sorted(f"personne{number}@exemple.fr" for number in range(12))


def test_a_worker_that_died_with_a_mail_leaves_it_to_the_others_as_the_same_message(
    app, delivery, server, clock
):
    queue(app)
    taken = delivery.store.claim(clock(), lease=timedelta(seconds=24))
    delivery.run_once()
    assert server[0].received == []

    clock.advance(seconds=24)
    delivery.run_once()

    message = email.message_from_bytes(server[0].received[0].content, policy=email.policy.SMTP)
    assert message["Message-ID"] == taken.message_id


def test_a_mail_that_was_given_up_is_not_sent(app, delivery, server):
    queue(app)
    with app.extensions["broker"][Foundation].db.transaction():
        app.extensions["broker"][Outbox].cancel("account", "code", reference="ABCD-EFGH-JK")

    delivery.run_once()

    assert server[0].received == []
    assert states(app) == ["cancelled"]


def test_each_refusal_is_in_the_trail_under_the_reference_of_the_mail(
    app, delivery, server, clock
):
    handler, _ = server
    queue(app, minutes=50)
    for answer in ("451 greylisted", "550 no such mailbox"):
        handler.answer = answer
        delivery.run_once()
        clock.advance(seconds=30)

    trail = [
        json.loads(body)
        for body in app.extensions["broker"][AuditStore].search(type_prefix="mail")
    ]

    assert [(event["type"], event["reason_code"]) for event in trail] == [
        ("mail.postponed", "postponed:451"),
        ("mail.refused", "refused:550"),
    ]
    assert {event["txn"] for event in trail} == {"ABCD-EFGH-JK"}
    assert "exemple.fr" not in str(trail)


@pytest.mark.parametrize(("tries", "wait"), [(1, 30), (2, 60), (3, 120), (4, 240)])
def test_the_waits_between_tries_double(app, delivery, clock, tries, wait):
    queue(app)
    mail = replace(delivery.store.claim(clock(), lease=timedelta(0)), attempts=tries)

    assert mail.next_try(clock()) == clock() + timedelta(seconds=wait)


def test_the_code_stands_alone_and_no_other_run_of_six_digits_exists(app, delivery, server):
    queue(app)

    delivery.run_once()

    message = email.message_from_bytes(server[0].received[0].content, policy=email.policy.SMTP)
    for part in ("plain", "html"):
        text = message.get_body((part,)).get_content()
        runs = re.findall(r"(?<!\d)\d{6}(?!\d)", text)
        assert runs == ["012345"]
        assert "http" not in text.replace("http://www.w3.org", "")
    assert "012345" not in message["Subject"]
    assert re.findall(rb"\d{6}", server[0].received[0].content) == [b"012345", b"012345"]


def test_the_mail_of_a_code_says_who_asks_when_and_to_give_it_to_nobody(app, delivery, server):
    queue(app)

    delivery.run_once()

    message = email.message_from_bytes(server[0].received[0].content, policy=email.policy.SMTP)
    for part in ("plain", "html"):
        text = message.get_body((part,)).get_content().replace("\u00a0", " ").replace("&#39;", "'")
        for said in (
            "Partenaire d'exemple",
            "02/03/2026 à 12:00, depuis Firefox sur Android.",
            "12:10",
            "Ne le communiquez à personne",
            "ABCD-EFGH-JK",
        ):
            assert said in text, said


def test_nobody_listens(app, delivery):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = replace(delivery, server=replace(delivery.server, port=unused.getsockname()[1]))
        queue(app)

        assert nowhere.run_once() == 1

    assert states(app) == ["due"]
