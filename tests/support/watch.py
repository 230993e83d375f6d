"""What a browser notices during a test and no page shows: complaints, requests to strangers."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request

# What Chromium says of an answer that is a refusal: the tests read the page itself.
_ORDINARY = "Failed to load resource: the server responded with a status of 4"


@dataclass
class Watch:
    """Collects violations of Content-Security-Policy, errors of scripts, and foreign hosts."""

    context: BrowserContext
    known: frozenset[str]
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.on("console", self._heard)
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.context.on("request", self._requested)

    def require_quiet(self) -> None:
        assert (self.complaints, self.strangers) == ([], [])

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_ORDINARY):
            self.complaints.append(message.text)

    def _requested(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme != "data" and parts.hostname not in self.known:
            self.strangers.append(request.url)
