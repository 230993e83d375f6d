"""What analysts look for, and the events that a page of the console shows."""

import pytest

from broker.sessions.events import PasswordAccepted, PasswordRefused, SessionCreated

REFERENCE = "K7TP-4WQD-2M"
SESSION = "s" * 43


@pytest.fixture
def story(record):
    """A login that failed, one that did not, and what is of somebody else."""
    record(
        PasswordRefused(subject="one", reason_code="password", client_id="mutuelle"),
        PasswordAccepted(subject="one", auth_event_id=REFERENCE, client_id="mutuelle"),
        SessionCreated(
            subject="one", auth_event_id=REFERENCE, session_ref=SESSION,
            acr="eidas1", amr=("pwd",), auth_time=1,
        ),
        PasswordRefused(subject="two", reason_code="password", client_id="impots"),
    )  # fmt: skip


@pytest.fixture
def types(alice):
    """Return a function that searches, and gives the types of the events that are shown."""

    def searched(**typed: str) -> list[str]:
        sent = alice.posts("/audit/recherche", **typed)
        assert sent.status_code == 303, sent.text
        return shown(alice.opens(sent.headers["Location"]))

    return searched


def shown(page) -> list[str]:
    return [part.partition("<")[0] for part in page.text.split('"><strong>')[1:]]
