"""What people will notice of a registration: how many are concerned, and the page they read."""

from dataclasses import dataclass
from html.parser import HTMLParser

from jinja2 import Environment

from broker.base.clock import Clock
from broker.clients.addresses import host
from broker.clients.model import Client
from broker.clients.scopes import OFFLINE
from broker.oidc.claims.readable import lines
from broker.oidc.consents.agreements import VERSION
from broker.oidc.consents.store import ConsentStore
from broker.oidc.grants.store import GrantStore


@dataclass(frozen=True)
class Preview:
    """What a change of a partner's registration means to people."""

    agreed: int
    """People who agreed to the partner."""
    asked_again: int
    """Those among them who read the page again, once the partner asks for all it may."""
    connected: int
    """People of whom the partner holds something that is good now."""
    page_before: tuple[str, ...]
    page_after: tuple[str, ...]

    @property
    def page_changes(self) -> bool:
        """Whether people read something else than before."""
        return self.page_before != self.page_after


@dataclass(frozen=True)
class Previews:
    """Shows a registration as people will see it, before it is applied."""

    consents: ConsentStore
    grants: GrantStore
    templates: Environment
    clock: Clock

    def of(self, before: Client | None, after: Client) -> Preview:
        """Return what changes for people between two registrations of a partner."""
        given, data = self.consents.given_to(after.client_id), frozenset(_data(after))
        covering = (n for agreed, version, n in given if version == VERSION and agreed >= data)
        agreed = sum(number for _, _, number in given)
        return Preview(
            agreed=agreed,
            asked_again=0 if after.from_franceconnect else agreed - sum(covering),
            connected=self.grants.people_of(after.client_id, self.clock()),
            page_before=self._page(before) if before else (),
            page_after=self._page(after),
        )

    def _page(self, client: Client) -> tuple[str, ...]:
        """Return the lines of the page where all is asked that may be."""
        if client.from_franceconnect or not client.redirect_uris:
            return ()  # FranceConnect informs people by itself; an API meets nobody
        template = self.templates.get_template("oidc/_received.html")
        return _text(
            template.render(
                requester=client.client_name,
                site=host(client.client_uri) if client.client_uri else None,
                policy_url=client.policy_uri,
                data=[f"data.{name}" for name in lines(_data(client))],
            )
        )


def _data(client: Client) -> tuple[str, ...]:
    return (*client.claims, OFFLINE) if client.may_ask(OFFLINE) else client.claims


class _Reader(HTMLParser):
    """Puts each block of a page on a line of its own."""

    _BLOCKS = frozenset({"h2", "p", "li"})

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - named by the base class
        if tag in self._BLOCKS:
            self.lines.append("- " if tag == "li" else "")

    def handle_data(self, data: str) -> None:
        if self.lines:
            self.lines[-1] += data


def _text(html: str) -> tuple[str, ...]:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return tuple(line.strip() for line in reader.lines)
