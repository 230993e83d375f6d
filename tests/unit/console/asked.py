"""Small events for the saved questions, and the answers as an analyst reads them."""

import re
from dataclasses import dataclass
from html import unescape

from broker.oidc.authorization.events import CodeIssued
from broker.sessions.events import PasswordRefused, SessionCreated

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
