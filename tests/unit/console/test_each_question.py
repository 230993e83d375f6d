"""Each saved question over a small story of events: what it finds, and what it leaves out."""

import re
from dataclasses import dataclass
from html import unescape

import pytest
from joserfc import jws

from broker.accounts.events import AccountActivated, AccountCreated, EmailChanged
from broker.audit.log import AuditLog
from broker.audit.model import Actor, Outcome, TokenFacts, Upstream
from broker.base.context import CURRENT, RequestContext
from broker.console.events import PersonLookedUp
from broker.console.model import Role
from broker.franceconnect.events import RoundTripFailed
from broker.mail.events import MailRefused
from broker.oidc.events import CodeIssued
from broker.oidc.token_events import TokenIntrospected
from broker.otp.events import CodeFailed
from broker.sessions.events import LoginThrottled, PasswordRefused, SessionCreated
from broker.signup.events import CreationRefused
from tests.support.page_rules import broken_rules
from tests.support.partner import API, Holder, Partner, callback, register, sample_account
from tests.unit.audit.login_story import LoginStory, digest
from tests.unit.console.test_reading import record

__all__ = ["record"]
HOME, AWAY, OTHER = "203.0.113.7", "198.51.100.9", "192.0.2.200"


@dataclass(frozen=True)
class Answer:
    """A page as an analyst reads it: each row's first value, and the rest by name."""

    status: int
    text: str

    @property
    def rows(self) -> list[dict[str, str]]:
        listed = self.text.partition('<ol class="events">')[2].partition("</ol>")[0]
        return [_row(line) for line in listed.split("<li>")[1:]]


def _row(line: str) -> dict[str, str]:
    plain = re.compile(r"<[^>]+>")
    head = re.search(r'<p><span class="hint">(.*?)</span><br>(.*?)</p>', line, re.DOTALL)
    pairs = [head.groups(), *re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", line, re.DOTALL)]
    return {unescape(name): unescape(plain.sub("", value)) for name, value in pairs}


@pytest.fixture
def ask(alice, clock):
    """Return a function that asks a saved question."""

    def asked(name: str, **query: str) -> Answer:
        clock.advance(seconds=1)
        page = alice.client.get(f"/audit/questions/{name}", query_string=query)
        assert page.status_code == 200
        assert broken_rules(page.text) == []
        return Answer(page.status_code, page.text)

    return asked


@pytest.fixture
def at(record):
    """Return a function that records events as from an address, a browser and a program."""

    def recorded(address: str, *events, browser: str = "0" * 32, ua: str = "Firefox") -> None:
        here = RequestContext(address=address, browser=browser, user_agent=ua)
        token = CURRENT.set(here)
        try:
            record(*events)
        finally:
            CURRENT.reset(token)

    return recorded


def wrong(subject: str) -> PasswordRefused:
    return PasswordRefused(subject=subject, reason_code="password")


def opened(subject: str) -> SessionCreated:
    return SessionCreated(
        subject=subject,
        session_ref=f"{subject:s<43}"[:43],
        acr="eidas1",
        amr=("pwd",),
        auth_time=1,
    )


def code(subject: str, client: str) -> CodeIssued:
    return CodeIssued(
        subject=subject, client_id=client, code_ref="c" * 32, subject_pairwise="p" * 43,
        acr="eidas1", amr=("pwd",), auth_time=1,
    )  # fmt: skip


def counted(answer: Answer, *names: str) -> list[tuple[str, ...]]:
    return [tuple(row[name] for name in names) for row in answer.rows]


def test_a_network_that_tried_many_people_little_is_found(at, ask):
    at(AWAY, *(wrong(f"person{n}") for n in range(5)))
    at(HOME, *[wrong("one")] * 9)
    at(OTHER, *(wrong(f"person{n}") for n in range(4)))

    sprayed, of_all = ask("passwords_sprayed"), ask("passwords_sprayed", seuil="4")

    assert counted(sprayed, "Adresse IP", "Personnes") == [(AWAY, "5")]
    assert counted(of_all, "Adresse IP") == [(AWAY,), (OTHER,)]


def test_a_program_that_tried_many_people_is_found_over_all_networks(at, ask):
    for number in range(5):
        at(f"198.51.100.{number}", wrong(f"person{number}"), ua="curl/8")
        at(f"198.51.100.{number}", wrong("one"), ua="Firefox")

    assert counted(ask("passwords_sprayed_by"), "Navigateur ou programme") == [("curl/8",)]


def test_codes_tried_are_counted_by_address(at, ask):
    at(AWAY, *[CodeFailed(subject="one", code_ref="12345678")] * 3)
    at(HOME, *[CodeFailed(subject="one", code_ref="12345678")] * 2)

    assert counted(ask("codes_guessed_from"), "Adresse IP", "Événements") == [(AWAY, "3")]


def test_creations_are_counted_by_address_and_reason(at, ask):
    at(AWAY, *[CreationRefused(subject="one", reason_code="mismatch:iban")] * 3)
    at(HOME, *[CreationRefused(subject="two", reason_code="mismatch:iban")] * 2)

    (row,) = ask("creations_from").rows
    assert (row["Adresse IP"], row["Raison"], row["Événements"]) == (AWAY, "mismatch:iban", "3")


def test_accounts_of_one_mail_domain_are_counted_by_its_pseudonym(record, ask):
    for subject in ("one", "two", "three"):
        record(AccountCreated(subject=subject, mail_domain_ref="d" * 43))
    record(*[AccountCreated(subject=s, mail_domain_ref="e" * 43) for s in ("four", "five")])

    (row,) = ask("accounts_by_domain").rows

    assert (next(iter(row.values())), row["Personnes"]) == ("d" * 43, "3")


def test_limits_are_counted_and_drawn(record, ask):
    record(*[LoginThrottled(subject="one")] * 3)

    answer = ask("limits_hit")

    assert counted(answer, "Type d'événement", "Événements") == [("login.password.throttled", "3")]
    assert answer.text.count('class="plot-ok"') == 24
    assert answer.text.count("<td>3</td>") == 1


def test_what_was_used_after_its_end_is_told_with_the_reason(record, ask):
    fact = {"client_id": "mutuelle", "audience": "https://api.test", "client_auth_method": "none"}
    ended = {"token": TokenFacts(kind="access"), "code_ref": "c" * 32}
    record(
        TokenIntrospected(outcome=Outcome.FAILURE, reason_code="revoked", **fact, **ended),
        TokenIntrospected(**fact, **ended),
    )

    (row,) = ask("used_after_end").rows
    assert (row["Service"], row["Raison"], row["Événements"]) == ("mutuelle", "revoked", "1")


def test_refusals_of_franceconnect_are_told_with_the_provider(record, ask):
    loop = Upstream(iss="https://fc.test", idp="ameli")
    record(*[RoundTripFailed(reason_code="low_acr", upstream=loop)] * 2)

    (row,) = ask("franceconnect_refused").rows
    assert (row["Raison"], row["Fournisseur d'identité"], row["Événements"]) == (
        "low_acr", "ameli", "2",
    )  # fmt: skip


def test_a_browser_of_many_people_is_found(at, ask):
    at(HOME, *(opened(subject) for subject in ("one", "two", "three")), browser="a" * 32)
    at(HOME, opened("one"), opened("two"), browser="b" * 32)

    assert counted(ask("shared_browsers"), "Navigateur (pseudonyme)") == [("a" * 32,)]


def test_mails_that_were_refused_are_counted_by_kind(record, ask):
    record(*[MailRefused(subject="one", kind="new_login", reason_code="550")] * 2)

    assert counted(ask("mails_not_delivered"), "Message", "Raison", "Événements") == [
        ("new_login", "550", "2")
    ]


@pytest.mark.parametrize("network", ["198.51.100.9", "198.51.100.0/24", "198.48.0.0/12"])
def test_a_network_is_told_whom_it_tried_and_whether_it_got_in(at, ask, network):
    at(AWAY, wrong("one"), opened("one"), wrong("two"))
    at(HOME, opened("three"))
    at("198.51.101.9" if network.endswith("/24") else OTHER, wrong("four"))

    answer = ask("network", reseau=network)

    assert counted(answer, "Échecs", "Réussites", "Réussite après un échec") == [
        ("1", "1", "oui"), ("1", "0", "non"),
    ]  # fmt: skip


def test_an_ipv6_network_is_found_by_its_prefix(at, ask):
    at("2001:db8:1:2::9", wrong("one"))
    at("2001:db9::1", wrong("two"))

    assert len(ask("network", reseau="2001:db8::/32").rows) == 1
    assert len(ask("network", reseau="2001:db8:1:2::/64").rows) == 1
    assert len(ask("network", reseau="::/0").rows) == 2


def test_a_change_that_is_followed_by_a_new_service_is_found(alice, record, ask, clock):
    record(code("one", "mutuelle"), EmailChanged(subject="one"), EmailChanged(subject="two"))
    clock.advance(hours=23)
    record(code("one", "mutuelle"), code("one", "impots"))
    clock.advance(hours=2)
    record(code("two", "impots"))
    alice.logs_in()

    answer = ask("changes_then_services", debut="01/03/2026")

    assert counted(answer, "Service") == [("impots",)]


def test_an_account_that_reaches_a_service_on_its_first_day_is_found(record, ask):
    record(AccountActivated(subject="one"), code("one", "impots"), code("two", "impots"))

    assert counted(ask("new_accounts_at_services"), "Service") == [("impots",)]


def test_an_account_that_was_activated_elsewhere_is_found(at, ask):
    for reference in ("K7TP-4WQD-2M", "K7TP-4WQD-2N"):
        at(HOME, AccountCreated(subject=reference, txn=reference, reason_code="register"))
    at(AWAY, AccountActivated(subject="K7TP-4WQD-2M", txn="K7TP-4WQD-2M"), ua="Chrome")
    at(HOME, AccountActivated(subject="K7TP-4WQD-2N", txn="K7TP-4WQD-2N"), ua="Chrome")

    assert counted(ask("activations_elsewhere"), "Référence", "Adresse IP, ensuite") == [
        ("K7TP-4WQD-2M", AWAY)
    ]


def test_who_comes_back_after_half_a_year_is_found(record, ask, clock, alice):
    record(opened("one"), opened("two"))
    clock.advance(days=100)
    record(opened("two"))
    clock.advance(days=81)
    record(opened("one"), opened("two"), opened("three"))
    alice.logs_in()

    assert len(ask("dormant").rows) == 1


def test_what_analysts_looked_at_is_counted(alice, record, ask, clock):
    alice.opens("/audit/evenements")
    record(
        PersonLookedUp(
            actor=Actor(kind="analyst", ref="alice"),
            subject="one",
            reason_code="alert",
            case="S-1",
        )
    )
    clock.advance(hours=12)  # 23:00 in Paris
    alice.logs_in()
    alice.opens("/audit/evenements")

    (row,) = ask("analysts").rows
    assert (row["Analyste ou exploitant"], row["Consultations"], row["Personnes"]) == (
        "alice", "3", "1",
    )  # fmt: skip
    assert row["Avant 7\xa0heures, après 20\xa0heures ou le week-end"] == "1"


def test_gaps_of_the_trail_are_told(record, ask):
    record(wrong("one"))

    facts = {row["Fait"]: row.get("Nombre") for row in ask("gaps").rows}

    assert len(facts) == 5
    assert facts["Événements scellés en tout"] == "0"
    assert int(facts["Événements de la période"]) >= 1


@pytest.fixture
def story(app, clock) -> LoginStory:
    return LoginStory.happens(app, clock)


@pytest.mark.parametrize(
    ("name", "of", "expected"),
    [
        ("of_login", lambda s: s.login, {"session.created", "authz.requested", "code.issued",
                                         "token.issued"}),
        ("family", lambda s: digest(s.code)[:32], {"refresh.reuse", "refresh.rotated"}),
        ("token", lambda s: digest(s.access)[:32], {"token.issued", "token.introspected"}),
        ("mail_reference", lambda s: s.login, {"session.created", "code.replayed"}),
    ],
)  # fmt: skip
def test_what_hangs_on_one_identifier_is_told(ask, story, name, of, expected):
    answer = ask(name, indice=of(story))

    found = {row["Type d'événement"] for row in answer.rows}
    assert expected <= found
    if name == "token":
        assert found == expected


def test_a_person_is_told_with_services_and_logins(app, record, ask):
    record(opened("one"), code("one", "mutuelle"), code("one", "mutuelle"), code("two", "impots"))
    subject = app.extensions["broker"][AuditLog].subject_ref("one")

    answer = ask("person", indice=subject)

    assert counted(answer, "Service", "Connexions", "Codes d'autorisation") == [
        ("mutuelle", "0", "2"), ("aucun", "1", "0"),
    ]  # fmt: skip


def test_what_the_tokens_of_a_partner_still_allow_is_told(app, ask):
    holder = Holder(app, sample_account(app))
    holder.logs_in()
    partner = Partner(app, holder, register(app))
    partner.redeems(callback(partner.sends())["code"])

    (row,) = ask("tokens_alive", indice="partenaire").rows
    assert (row["Service"], row["Personnes"], row["Autorisations d'accès"]) == (
        "partenaire", "1", "1",
    )  # fmt: skip
    assert ask("tokens_alive", indice="autre").rows == []


def test_a_question_about_one_thing_asks_first_and_is_on_record_with_it(alice, story, trail):
    assert "Rien ne répond" not in alice.opens("/audit/questions/of_login").text
    assert trail("console.viewed") == []

    sent = alice.posts("/audit/questions/of_login", indice=story.code)
    page = alice.opens(sent.location)

    assert story.code not in sent.location
    assert "code.issued" in page.text
    (event,) = trail("console.viewed")
    assert event["query"]["terms"] == [f"digest:{digest(story.code)[:32]}"]


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("network", "reseau=partout"),
        ("network", "reseau="),
        ("of_login", "indice="),
        ("codes_guessed", "seuil=0"),
        ("codes_guessed", "seuil=beaucoup"),
    ],
)
def test_what_cannot_be_asked_is_told(alice, trail, name, query):
    answer = alice.opens(f"/audit/questions/{name}?{query}")

    assert answer.status_code == 422
    assert broken_rules(answer.text) == []
    assert trail("console.viewed") == []


def test_without_a_file_of_places_the_page_says_that_nothing_was_compared(at, ask):
    at(HOME, opened("one"))
    at(AWAY, opened("one"), browser="b" * 32)

    answer = ask("impossible_travel")

    assert answer.rows == []
    assert "Aucun fichier de lieux" in answer.text


def test_a_responder_is_led_from_there_to_the_cuts(enrolled):
    reader, responder = enrolled("bob"), enrolled("carole", Role.RESPONDER)

    pages = [each.opens("/audit/questions/tokens_alive").text for each in (reader, responder)]

    assert ['href="/audit/coupures"' in page for page in pages] == [False, True]


def test_what_a_key_signed_and_is_still_good_is_told(app, ask):
    register(
        app, client_id="api", redirect_uris=None, post_logout_redirect_uris=None,
        ameli={"introspects": True, "resource": API, "access_token_signed_response_alg": "ES256"},
    )  # fmt: skip
    holder = Holder(app, sample_account(app))
    holder.logs_in()
    partner = Partner(app, holder, register(app))
    signed = partner.redeems(callback(partner.sends(resource=API))["code"]).get_json()
    partner.redeems(callback(partner.sends())["code"])  # not signed: no key made it
    kid = jws.extract_compact(signed["access_token"].encode()).headers()["kid"]

    rows = ask("tokens_alive", indice=kid).rows

    assert [(row["Service"], row["Autorisations d'accès"]) for row in rows] == [
        ("partenaire", "1")
    ]
