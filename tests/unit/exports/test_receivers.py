"""Receivers on the network: whom they are believed to be, and when they have accepted."""

import json
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path

import pytest

from broker.app import create_app
from broker.audit.sealing.tree_store import TreeStore
from broker.base.capped_http import CallFailed
from broker.base.sink_settings import SinkSettings
from broker.exports.exports import Exports
from broker.exports.model import LEASE
from broker.exports.receivers import OnNetwork
from broker.exports.sinks import sink_of
from scripts.write_export_samples import sealed_samples
from tests.conftest import FrozenClock, test_settings
from tests.support.certificates import Authority
from tests.support.http_receiver import a_http_receiver
from tests.support.syslog_receiver import SyslogReceiver, a_syslog_receiver
from tests.unit.exports.conftest import sealed

KILLED = 9
PROCESSES = get_context("forkserver")
SAMPLES = sealed_samples()  # more than one TLS record


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.new(tmp_path)


def a_sink(to: str, form: str = "cef", **more: object):
    entry = SinkSettings.model_validate({"name": "siem", "form": form, "to": to} | more)
    return sink_of(entry, "compte-ameli.example", TreeStore(None))


def server_context(authority: Authority, host: str = "localhost") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.vouch_for(host))
    return context


def over_tls(receiver: SyslogReceiver, authority: Authority, **more: object):
    place = f"syslog+tls://localhost:{receiver.port}"
    return a_sink(place, authority_file=authority.bundle, **more)


def refusal(sink) -> str:
    with pytest.raises(CallFailed) as failure:
        sink.send(SAMPLES)
    return failure.value.reason


def test_a_batch_arrives_over_tls_in_frames(authority):
    with a_syslog_receiver(server_context(authority)) as receiver:
        over_tls(receiver, authority).send(SAMPLES)

        assert [each.message_id for each in receiver.messages] == [
            sample.event["type"] for sample in SAMPLES
        ]
        assert all(each.payload.startswith("CEF:0|") for each in receiver.messages)
        assert receiver.connections == 1


@pytest.mark.parametrize("form", ["syslog", "ocsf", "ecs"])
def test_each_form_goes_by_syslog(form):
    with a_syslog_receiver() as receiver:
        a_sink(f"syslog+tcp://127.0.0.1:{receiver.port}", form).send(SAMPLES)

    (first, *_) = receiver.messages
    if form == "syslog":
        assert first.parameters["event_id"] == SAMPLES[0].event["event_id"]
        assert first.payload is None
    else:
        assert SAMPLES[0].event["event_id"] in str(json.loads(first.payload))


def test_a_receiver_that_nobody_vouches_for_gets_nothing(authority, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    with a_syslog_receiver(server_context(Authority.new(other))) as receiver:
        assert refusal(over_tls(receiver, authority)) == "tls"

    assert receiver.frames == []


def test_a_receiver_under_another_name_gets_nothing(authority):
    with a_syslog_receiver(server_context(authority, "elsewhere.example")) as receiver:
        assert refusal(over_tls(receiver, authority)) == "tls"

    assert receiver.frames == []


def test_a_receiver_may_ask_for_our_certificate(authority, tmp_path):
    context = server_context(authority)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(authority.bundle)
    ours = tmp_path / "ours.pem"
    certificate, key = authority.vouch_for("broker.example")
    ours.write_bytes(certificate.read_bytes() + key.read_bytes())
    with a_syslog_receiver(context) as receiver:
        assert refusal(over_tls(receiver, authority)) in {"tls", "unreachable"}
        assert receiver.frames == []

        over_tls(receiver, authority, certificate_file=ours).send(SAMPLES)

    assert len(receiver.frames) == len(SAMPLES)


def test_a_batch_is_accepted_only_when_the_receiver_says_that_it_read_all(authority):
    with a_syslog_receiver(server_context(authority)) as receiver:
        receiver.confirms = False

        assert refusal(over_tls(receiver, authority)) in {"tls", "unreachable"}


def test_nobody_there_and_nobody_who_answers(authority):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = f"syslog+tls://localhost:{silent.getsockname()[1]}"
        assert refusal(a_sink(place, authority_file=authority.bundle, timeout=0.2)) == "timeout"
    assert refusal(a_sink(place, authority_file=authority.bundle)) == "unreachable"


def test_a_batch_is_posted_as_lines_with_the_authorization_of_the_moment(tmp_path):
    secret = tmp_path / "authorization"
    with a_http_receiver() as receiver:
        sink = a_sink(receiver.address, "ocsf", authorization_file=secret)
        assert refusal(sink) == "authorization_file"
        secret.write_text("Bearer first\n")
        sink.send(SAMPLES)
        secret.write_text("Bearer second\n")
        sink.send(SAMPLES)

    first, second = receiver.requests
    assert (first.authorization, second.authorization) == ("Bearer first", "Bearer second")
    told = [json.loads(line) for line in first.body.splitlines()]
    assert [each["metadata"]["sequence"] for each in told] == [each.position for each in SAMPLES]
    assert first.content_type == "application/x-ndjson"


@pytest.mark.parametrize(
    ("status", "reason"),
    [(307, "redirect"), (400, "http_400"), (429, "http_429"), (503, "http_503")],
)
def test_only_an_answer_of_success_accepts_a_batch(status, reason):
    with a_http_receiver() as receiver:
        receiver.status = status

        assert refusal(a_sink(receiver.address, "ecs")) == reason
        assert len(receiver.requests) == 1


@contextmanager
def through_syslog(exports) -> Iterator[tuple]:
    with a_syslog_receiver() as receiver:
        yield replace(exports, sinks={"siem": a_sink(receiver_place(receiver))}), receiver


def receiver_place(receiver: SyslogReceiver) -> str:
    return f"syslog+tcp://127.0.0.1:{receiver.port}"


def test_a_receiver_that_comes_back_gets_what_it_missed(trail, clock, exports):
    sealed(trail, 3)
    with through_syslog(exports) as (exporter, receiver):
        receiver.confirms = False
        assert exporter.send("siem") == 0
        receiver.frames.clear()
        receiver.confirms = True
        clock.advance(seconds=5)

        assert exporter.send("siem") == 3

        assert "cn1=0 " in receiver.messages[0].payload
        assert len(receiver.messages) == 3


def test_a_worker_killed_behind_the_receiver_loses_nothing(trail, clock, exports, database_url):
    sealed(trail, 3)
    with through_syslog(exports) as (exporter, receiver):
        given = (database_url, receiver_place(receiver), clock())
        killed = PROCESSES.Process(target=dies_behind_the_receiver, args=given)
        killed.start()
        killed.join()
        assert killed.exitcode == KILLED
        assert (len(receiver.frames), exporter.send("siem")) == (3, 0)

        clock.advance(seconds=LEASE.total_seconds())

        assert exporter.send("siem") == 3
    identifiers = [each.payload.split("externalId=")[1][:36] for each in receiver.messages]
    assert identifiers == [*trail.sealed(), *trail.sealed()]


def dies_behind_the_receiver(database_url: str, place: str, now: datetime) -> None:
    """Send as a worker does, and be gone before it can note what was accepted."""
    app = create_app(test_settings(database_url), clock=FrozenClock(now))

    class Dying(OnNetwork):
        def send(self, events):
            a_sink(place).send(events)
            os._exit(KILLED)

    replace(app.extensions["broker"][Exports], sinks={"siem": Dying()}).send("siem")
