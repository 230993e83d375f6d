"""Saved questions about passwords and codes that are tried: what each finds and leaves out."""

import broker.cli  # noqa: F401 - with every capability, every event
from broker.accounts.events import (
    ActivationLimited,
    EmailChangeRequested,
    LinksThrottled,
    ResetRequested,
)
from broker.audit.catalogue import kinds
from broker.audit.model import Outcome
from broker.audit.questions.saved_queries import LIMITS
from broker.franceconnect.events import RoundTripStarted
from broker.otp.events import CodeFailed, CodesLimited
from broker.sessions.events import LoginThrottled
from broker.signup.events import ContactRefused, CreationRefused
from tests.unit.console.asked import AWAY, HOME, OTHER, counted, wrong


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


def test_limits_are_counted_and_drawn(record, ask):
    record(*[LoginThrottled(subject="one")] * 3)

    answer = ask("limits_hit")

    assert counted(answer, "Type d'événement", "Événements") == [("login.password.throttled", "3")]
    assert answer.text.count('class="plot-ok"') == 24
    assert answer.text.count("<td>3</td>") == 1


def test_limits_of_creations_of_codes_and_of_links_are_among_them(record, ask):
    record(
        CreationRefused(subject="nir:one", reason_code="limited"),
        CreationRefused(subject="nir:one", reason_code="mismatch:iban"),
        ResetRequested(subject="one", outcome=Outcome.FAILURE, reason_code="limited"),
        ResetRequested(subject="one"),
        CodesLimited(subject="one"),
        ActivationLimited(),
        LinksThrottled(),
        EmailChangeRequested(subject="one", outcome=Outcome.FAILURE, reason_code="limited"),
        EmailChangeRequested(subject="one"),
        RoundTripStarted(outcome=Outcome.FAILURE, reason_code="limited"),
        RoundTripStarted(outcome=Outcome.FAILURE, reason_code="disabled"),
        ContactRefused(reason_code="limited"),
        ContactRefused(reason_code="email_used"),
    )

    answer = ask("limits_hit")

    assert sorted(counted(answer, "Type d'événement", "Événements")) == [
        ("account.activation.limited", "1"),
        ("account.create.refused", "1"),
        ("account.link.throttled", "1"),
        ("credential.reset.requested", "1"),
        ("fc.start", "1"),
        ("identifier.email.requested", "1"),
        ("otp.limited", "1"),
        ("security.input.reject", "1"),
    ]


def test_every_event_that_tells_of_a_limit_is_asked_for():
    of_limits = {
        kind
        for kind, event in kinds().items()
        if kind.endswith((".throttled", ".exhausted", ".limited"))
        or "`limited`" in (event.__doc__ or "")
    }

    assert of_limits == {*LIMITS.types, *LIMITS.limited}
