"""Saved questions about accounts that are created: what each finds and leaves out."""

from broker.accounts.events import AccountActivated, AccountCreated
from broker.signup.events import CreationRefused
from tests.unit.console.asked import AWAY, HOME, counted


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


def test_an_account_that_was_activated_elsewhere_is_found(at, ask):
    for reference in ("K7TP-4WQD-2M", "K7TP-4WQD-2N"):
        at(HOME, AccountCreated(subject=reference, txn=reference, reason_code="register"))
    at(AWAY, AccountActivated(subject="K7TP-4WQD-2M", txn="K7TP-4WQD-2M"), ua="Chrome")
    at(HOME, AccountActivated(subject="K7TP-4WQD-2N", txn="K7TP-4WQD-2N"), ua="Chrome")

    assert counted(ask("activations_elsewhere"), "Référence", "Adresse IP, ensuite") == [
        ("K7TP-4WQD-2M", AWAY)
    ]
