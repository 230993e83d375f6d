"""Partners on another machine, and twenty of them at once over several server processes."""

import base64
import hashlib
import os
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import psycopg
import requests

from tests.support.account_holder import AccountHolder
from tests.support.partner import SECRET
from tests.support.stack import Stack

ROUNDS = int(os.environ.get("TOKEN_ROUNDS", "3"))
"""``make rounds`` makes more of them than CI has time for."""
Answer = tuple[int, dict[str, Any]]


@dataclass(frozen=True)
class RemotePartner:
    """A partner on another machine; the person is logged in."""

    stack: Stack
    registered: dict[str, Any]
    person: AccountHolder

    def request(self, verifier: str) -> dict[str, str]:
        """Return valid authorization parameters."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        return {
            "client_id": self.registered["client_id"],
            "redirect_uri": self.registered["redirect_uris"][0],
            "response_type": "code",
            "scope": "openid",
            "code_challenge": challenge.rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }

    def code(self) -> dict[str, str]:
        """Send the browser for a code; return the form that redeems it."""
        verifier = secrets.token_urlsafe(48)
        query, redirect_uri = self.request(verifier), self.registered["redirect_uris"][0]
        browser = self.person.browser
        browser.opens(f"/authorize?{urlencode(query)}", until=redirect_uri)
        self.person.agrees(until=redirect_uri)  # the first time
        return {
            "grant_type": "authorization_code",
            "code": dict(parse_qsl(urlsplit(browser.arrived).query))["code"],
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }

    def tokens(self) -> dict[str, Any]:
        status, answer = self.calls("/token", self.code())
        assert status == 200, answer
        return answer

    def refreshes(self, token: str) -> Answer:
        return self.calls("/token", {"grant_type": "refresh_token", "refresh_token": token})

    def revokes(self, token: str) -> Answer:
        return self.calls("/revoke", {"token": token})

    def calls(self, path: str, form: dict[str, str]) -> Answer:
        """POST over a connection of its own, which either process answers."""
        client_id = self.registered["client_id"]
        public = self.registered.get("token_endpoint_auth_method") == "none"
        answer = requests.post(
            self.stack.url("broker") + path,
            data={**form, "client_id": client_id} if public else form,
            auth=None if public else (client_id, SECRET),
            timeout=60,
        )
        return answer.status_code, answer.json() if answer.content else {}

    def userinfo(self, access_token: str) -> int:
        headers = {"Authorization": f"Bearer {access_token}"}
        address = f"{self.stack.url('broker')}/userinfo"
        return requests.get(address, headers=headers, timeout=60).status_code


def at_once(*acts: Callable[[], Answer]) -> list[Answer]:
    """Do all of it at once; return the answers."""
    barrier, answers = threading.Barrier(len(acts)), []

    def run(act: Callable[[], Answer]) -> None:
        barrier.wait()
        answers.append(act())

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == len(acts)
    return answers


def statuses(answers: Sequence[Answer]) -> Counter[int]:
    return Counter(status for status, _ in answers)


def deadlocks(stack: Stack) -> int:
    """Return how many transactions PostgreSQL gave up to end a circle of waits."""
    return counted(
        stack, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )


def counted(stack: Stack, statement: str, *values: str) -> int:
    url = stack.database_url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url) as connection:
        row = connection.execute(statement, values).fetchone()
    assert row
    return int(row[0])


def recorded(stack: Stack, type_: str) -> int:
    return counted(stack, "SELECT count(*) FROM audit_event WHERE type = %s", type_)
