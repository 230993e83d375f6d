"""The demo's mailbox: what it receives by SMTP is what its page and its JSON show."""

import smtplib
import socket
from email.message import EmailMessage
from http import HTTPStatus

import pytest

from demo.mailbox.app import create_app, with_links
from demo.mailbox.memory import Mailbox
from demo.mailbox.message import Message
from demo.mailbox.smtp import smtp_server

RECEIVED_AT = 1_800_000_000.0


def a_mail(subject="Activez votre compte", text="Bonjour", html=""):
    mail = EmailMessage()
    mail["From"] = "compte ameli <ne-pas-repondre@exemple.fr>"
    mail["To"] = "angela@exemple.fr"
    mail["Subject"] = subject
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


def received(content):
    return Message.parse(content, ["angela@exemple.fr"], RECEIVED_AT)


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def page(mailbox):
    return create_app(mailbox).test_client()


@pytest.fixture
def smtp_port(mailbox):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = smtp_server(mailbox, port)
    server.start()
    yield port
    server.stop()


def test_a_mail_sent_by_smtp_is_in_the_json(smtp_port, page):
    with smtplib.SMTP("127.0.0.1", smtp_port) as smtp:
        smtp.send_message(a_mail("Élève à vérifier", "Bonjour é\n", "<p>Bonjour</p>"))

    (message,) = page.get("/api/messages").json

    assert message["to"] == "angela@exemple.fr"
    assert message["subject"] == "Élève à vérifier"
    assert message["text"] == "Bonjour é\n"
    assert message["html"] == "<p>Bonjour</p>\n"
    assert message["received_at"].endswith("+00:00")


def test_the_newest_mail_comes_first(mailbox, page):
    mailbox.add(received(a_mail("premier").as_bytes()))
    mailbox.add(received(a_mail("second").as_bytes()))

    subjects = [message["subject"] for message in page.get("/api/messages").json]

    assert subjects == ["second", "premier"]


def test_a_full_box_loses_its_oldest_mail():
    mailbox = Mailbox(capacity=2)

    for subject in ("un", "deux", "trois"):
        mailbox.add(received(a_mail(subject).as_bytes()))

    assert [message.subject for message in mailbox.newest_first()] == ["trois", "deux"]


def test_the_box_can_be_emptied(mailbox, page):
    mailbox.add(received(a_mail().as_bytes()))

    answer = page.delete("/api/messages")

    assert answer.status_code == HTTPStatus.NO_CONTENT
    assert page.get("/api/messages").json == []


def test_links_are_clickable_without_the_punctuation_that_follows(mailbox, page):
    mailbox.add(
        received(a_mail(text="Allez sur http://localhost:8000/a?b=c&d=e. Merci").as_bytes())
    )

    shown = page.get("/").text

    assert '<a href="http://localhost:8000/a?b=c&amp;d=e">' in shown
    assert "</a>. Merci" in shown


def test_text_is_escaped():
    shown = with_links("<script>x</script> http://a.test/<b>")

    assert str(shown) == (
        '&lt;script&gt;x&lt;/script&gt; <a href="http://a.test/">http://a.test/</a>&lt;b&gt;'
    )


def test_the_html_part_is_shown_without_scripts_or_remote_content(mailbox, page):
    mailbox.add(received(a_mail(html='<p class="x">"Bonjour"</p>').as_bytes()))

    answer = page.get("/")

    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in answer.text
    assert "&lt;p class=&#34;x&#34;&gt;" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]


def test_the_page_reads_itself_again_only_when_asked(page):
    still = page.get("/").text
    moving = page.get("/?auto=1").text

    assert "http-equiv" not in still
    assert "Relire" in still
    assert '<meta http-equiv="refresh" content="5">' in moving


def test_a_foreign_host_name_is_refused(page):
    answer = page.get("/api/messages", headers={"Host": "elsewhere.test"})

    assert answer.status_code == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe",
        b"no header at all",
        b"Subject: =?utf-8?B?////?=\r\n\r\nbody",
        b"Subject: \xe9t\xe9\r\n\r\n\xe9t\xe9",
        b"Content-Type: text/plain; charset=no-such-charset\r\n\r\n\xe9t\xe9",
        b"Content-Type: text/plain; charset=ascii\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%",
        b"Content-Type: multipart/alternative\r\n\r\nno boundary",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nnever closed",
        b"Content-Type: message/rfc822\r\n\r\n",
        b"Content-Type: text/html\r\n\r\n<p>only html",
        b"Content-Type: nonsense\r\nDate: yesterday\r\nFrom: <<>>@\r\n\r\nx",
    ],
)
def test_an_odd_mail_is_shown_as_it_can(mailbox, page, content):
    mailbox.add(received(content))

    assert page.get("/").status_code == HTTPStatus.OK
    assert len(page.get("/api/messages").json) == 1


def test_an_unknown_charset_still_shows_the_text():
    message = received("Content-Type: text/plain; charset=x-unknown\r\n\r\ncode é".encode())

    assert message.text == "code é"
