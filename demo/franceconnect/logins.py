"""A login on its way: from the site's request to an identified person in one browser."""

import secrets
from dataclasses import dataclass, replace
from http import HTTPStatus

from demo.franceconnect.errors import CallbackError, PageError
from demo.franceconnect.memory import Clock, Shelf
from demo.franceconnect.model import AuthorizationRequest, Interaction, Person

SESSION_LIFETIME = 1800


@dataclass(frozen=True)
class Logins:
    """The interactions under way, and who is logged in at FranceConnect in which browser."""

    interactions: Shelf[Interaction]
    people: Shelf[Person]

    @classmethod
    def empty(cls, clock: Clock) -> "Logins":
        """Return what a simulator knows when it starts; everything lives 30 minutes."""
        return cls(Shelf(clock, SESSION_LIFETIME), Shelf(clock, SESSION_LIFETIME))

    def start(self, request: AuthorizationRequest, browser: str) -> Interaction:
        """Open an interaction; who logged in here lately need not choose an account again."""
        person = self.people.get(browser)
        if person is not None and not _may_serve(person, request):
            person = None
        interaction = Interaction(secrets.token_urlsafe(16), browser, request, person)
        self.interactions.put(interaction.id, interaction)
        return interaction

    def current(self, interaction_id: str, browser: str) -> Interaction:
        """Return the interaction, for the browser that started it (else Y190001)."""
        interaction = self.interactions.get(interaction_id)
        if interaction is None or interaction.browser != browser:
            raise PageError("Y190001", HTTPStatus.UNAUTHORIZED)
        return interaction

    def ordered(self, interaction: Interaction, misbehaviour: str | None) -> Interaction:
        """Remember how the person in front of the simulator wants this login to misbehave."""
        told = replace(interaction, misbehaviour=misbehaviour)
        self.interactions.put(interaction.id, told)
        return told

    def identify(self, interaction: Interaction, person: Person) -> Interaction:
        """Remember who answered, in this interaction and for the next ones of the browser."""
        identified = replace(interaction, person=person)
        self.interactions.put(interaction.id, identified)
        self.people.put(interaction.browser, person)
        return identified

    def forget_person(self, interaction: Interaction) -> None:
        """Let somebody else choose an account ("Ce n'est pas vous ?")."""
        self.people.take(interaction.browser)
        self.interactions.put(interaction.id, replace(interaction, person=None))

    def close(self, interaction: Interaction) -> Interaction:
        """End the interaction; of two closings at once, one gets Y190001."""
        closed = self.interactions.take(interaction.id)
        if closed is None:
            raise PageError("Y190001", HTTPStatus.UNAUTHORIZED)
        return closed

    def abort(self, interaction: Interaction) -> CallbackError:
        """End the interaction as "Revenir sur…" does; returns what the site is told."""
        request = self.close(interaction).request
        return CallbackError(
            request.redirect_uri,
            {
                "error": "access_denied",
                "error_description": "User auth aborted",
                "state": request.state,
            },
        )


def _may_serve(person: Person, request: AuthorizationRequest) -> bool:
    """Whether the account used earlier is open to this site and not contradicted by it."""
    uid = person.idp.uid
    return uid not in request.site.hidden_identity_providers and request.idp_hint in (None, uid)
