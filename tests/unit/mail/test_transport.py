"""On its way to the mail server a mail is encrypted, and a password never travels in clear."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from broker.base.crypto import Secret
from broker.mail.model import Mail
from broker.mail.smtp import Refused, SmtpServer
from tests.support.ports import free_port

NOW = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
ELSEWHERE = "LOCALHOST"  # resolves to this machine, though nothing but the resolver knows


class Listener:
    """A real SMTP server that keeps whether each mail, and each password, came encrypted."""

    def __init__(self) -> None:
        self.mails: list[bool] = []
        self.logins: list[LoginPassword] = []

    async def handle_DATA(self, server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(server.transport.get_extra_info("ssl_object") is not None)
        return "250 OK"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.logins.append(given)
        return AuthResult(success=given.password == b"a password", handled=False)


class StartTls(Controller):
    """Offers STARTTLS, which aiosmtpd's Controller leaves to its factory."""

    def __init__(self, handler: Listener, *, tls: ssl.SSLContext | None, port: int) -> None:
        self._tls = tls
        super().__init__(handler, hostname="127.0.0.1", port=port)

    def factory(self) -> SMTP:
        return SMTP(
            self.handler,
            tls_context=self._tls,
            authenticator=self.handler.authenticate,
            auth_require_tls=self._tls is not None,
        )


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost, which nobody trusts yet."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "localhost.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return certificate


def tls_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@contextmanager
def listening(make: Callable[[Listener, int], Controller]) -> Iterator[tuple[Listener, int]]:
    handler, port = Listener(), free_port()
    controller = make(handler, port)
    controller.start()
    try:
        yield handler, port
    finally:
        controller.stop()


def server(url: str, host: str = "localhost") -> SmtpServer:
    found = SmtpServer.of_url(Secret(url), "compte ameli <ne-pas-repondre@exemple.fr>", 2)
    return SmtpServer(**{**vars(found), "host": host})


def a_mail() -> Mail:
    return Mail(
        id="mail",
        kind="code",
        about=None,
        reference=None,
        message_id="<mail@exemple.fr>",
        recipient=Secret("personne@exemple.fr"),
        content=Secret("Subject: Bonjour\r\n\r\nBonjour\r\n"),
        created_at=NOW,
        expires_at=None,
    )


def test_smtps_encrypts_from_the_first_byte(trusted):
    tls = tls_context(trusted)
    with listening(lambda h, p: Controller(h, "127.0.0.1", p, ssl_context=tls)) as (handler, port):
        server(f"smtps://localhost:{port}").deliver(a_mail())

    assert handler.mails == [True]


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate):
    tls = tls_context(certificate)
    with (
        listening(lambda h, p: Controller(h, "127.0.0.1", p, ssl_context=tls)) as (handler, port),
        pytest.raises(Refused) as refused,
    ):
        server(f"smtps://localhost:{port}").deliver(a_mail())

    assert not refused.value.permanent
    assert handler.mails == []


def test_a_server_elsewhere_gets_mail_and_password_encrypted_when_it_can(trusted):
    tls = tls_context(trusted)
    with listening(lambda h, p: StartTls(h, tls=tls, port=p)) as (handler, port):
        server(f"smtp://user:a%20password@host:{port}", ELSEWHERE).deliver(a_mail())

    assert handler.mails == [True]
    assert [given.login for given in handler.logins] == [b"user"]


def test_a_password_never_travels_in_clear():
    with (
        listening(lambda h, p: StartTls(h, tls=None, port=p)) as (handler, port),
        pytest.raises(Refused) as refused,
    ):
        server(f"smtp://user:a%20password@host:{port}", ELSEWHERE).deliver(a_mail())

    assert not refused.value.permanent
    assert handler.logins == []


def test_a_wrong_password_is_ours_to_mend_and_tried_again():
    with (
        listening(lambda h, p: StartTls(h, tls=None, port=p)) as (handler, port),
        pytest.raises(Refused) as refused,
    ):
        server(f"smtp://user:wrong@localhost:{port}").deliver(a_mail())

    assert (refused.value.permanent, refused.value.status) == (False, 535)
    assert handler.mails == []


def test_an_address_that_smtp_cannot_say_is_refused_for_good():
    with listening(lambda h, p: Controller(h, "127.0.0.1", p)) as (handler, port):
        mail = a_mail()
        beyond = Mail(**{**vars(mail), "recipient": Secret("été@exemple.fr")})
        with pytest.raises(Refused) as refused:
            server(f"smtp://localhost:{port}").deliver(beyond)

    assert refused.value.permanent
    assert handler.mails == []
