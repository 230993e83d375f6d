"""What logs, trail and mails of a login say, and what they must never say."""

import pytest
from sqlalchemy import select

from broker.audit.store import AuditStore
from broker.foundation import Foundation
from broker.mail.store import MAIL
from tests.support.leaks import leaks
from tests.unit.sessions.conftest import NIR, PASSWORD

WRONG = "Autre&Violon7"


@pytest.fixture
def written(app, capsys):
    """Return what was written so far: log, trail, and the text of every mail that waits."""

    def read() -> dict[str, str]:
        said = capsys.readouterr()
        f = app.extensions["broker"][Foundation]
        mails = f.db.all(select(MAIL.c.content).where(MAIL.c.content.is_not(None)))
        return {
            "log": said.out + said.err,
            "trail": "\n".join(app.extensions["broker"][AuditStore].search()),
            "mail": "\n".join(f.vault.open(MAIL.c.content, mail.content) for mail in mails),
        }

    return read


def test_neither_log_nor_trail_nor_mail_of_a_login_holds_what_was_typed(browser, written):
    browser.gives_password(WRONG)
    asked = browser.gives_password()
    code = browser.mailed_code()
    browser.gives_code(asked, f"{(int(code) + 1) % 1_000_000:06}")
    browser.gives_code(asked, code)

    found = written()

    assert "/connexion/code" in found["log"]
    assert "otp.failed" in found["trail"]
    assert code in found["mail"]
    for typed in (PASSWORD, WRONG, NIR):
        assert [place for place, said in found.items() if typed in said] == []
    assert (leaks(found["log"]), leaks(found["trail"])) == ([], [])
    assert code not in found["log"] + found["trail"]


def test_an_address_writes_nothing_into_the_log(client, written):
    forged = 'x%0a{"event":"login.ok","level":"info"}'

    client.get(f"/{forged}", headers={"User-Agent": '"} forged'})

    log = written()["log"]
    assert "status=404" in log or '"status": 404' in log
    assert [word for word in ("login.ok", "forged") if word in log] == []


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("an e-mail address", "to claire@exemple.fr"),
        ("a social security number", "nir 2640531555982 typed"),
        ("an IBAN", "FR7630006000011234567890189"),
        ("a card number", "card 803100000012345678901 read"),
        ("a security code", "code 012345 sent"),
        ("a field of a form", "body mot_de_passe=Tulipes"),
        ("a parameter", "GET /retour?code=abc"),
        ("a token", "Authorization: Bearer abcdefghijklmnopqrstuvwxyz"),
        ("a mailed link", "GET /activation/abcdefghijklmnopqrstuvwxyz"),
    ],
)
def test_what_must_not_be_written_is_recognised(kind, line):
    assert kind in leaks(line)
    assert leaks("request route=/connexion status=303 ms=12.5 reference=K7TP-4WQD-2M") == []
