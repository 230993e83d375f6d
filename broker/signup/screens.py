"""What the site's screens and the app's do alike: find the journey, do a step, go on, say no."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from flask import Response, request, url_for

from broker.base.browser import Browser, Cookies
from broker.base.crypto import Secret
from broker.base.forms import Form, FormRefused
from broker.base.paris import clock_time
from broker.base.web import page, see_other, use
from broker.signup import machine
from broker.signup.by_card import NO_SERIAL, ByCard, TooManyIdentities
from broker.signup.card_forms import IdentityForm, ProofsForm
from broker.signup.journeys import Journeys
from broker.signup.machine import Step, Way
from broker.signup.model import TERMS_VERSION, CardMismatch, Draft, OutOfOrder

ShowIdentity = Callable[[IdentityForm, int], Response]
ShowCard = Callable[[Draft, ProofsForm, int], Response]


@dataclass(frozen=True)
class Screens:
    """The screens of the site, or of the app: their addresses, and the cookie of their journey."""

    entry: Way
    """The way that begins where there is no journey."""
    cookie: str
    endpoints: Mapping[Step, str]
    restart_page: str

    def current(self) -> Draft | None:
        """Return the journey that goes on in this browser."""
        return use(Journeys).current(use(Cookies).read(self.cookie), use(Browser).ref())

    def at(self, step: Step) -> Draft:
        """Return the journey, which must have come to *step*; OutOfOrder otherwise."""
        cookie, browser = use(Cookies).read(self.cookie), use(Browser).ref()
        return use(Journeys).at(step, cookie, browser, self.entry)

    def address(self, step: Step) -> str:
        """Return the address of a screen."""
        return url_for(self.endpoints[step])

    def go_to(self, step: Step) -> Response:
        """Lead to a screen."""
        return see_other(self.address(step))

    def go_on(self, draft: Draft, done: Step) -> Response:
        """Lead to where a step leads that was done."""
        return self.go_to(machine.following(draft.way, done))

    def begin(self, draft: Draft, cookie: Secret) -> Response:
        """Lead into a new journey, which this browser keeps."""
        return self.keep(self.go_to(draft.step), cookie)

    def keep(self, response: Response, cookie: Secret) -> Response:
        """Have the browser keep the journey."""
        use(Cookies).set(response, self.cookie, cookie)
        return response

    def cancel(self, endpoint: str) -> Response:
        """Erase the journey and leave."""
        use(Journeys).cancel(use(Cookies).read(self.cookie))
        response = see_other(url_for(endpoint))
        use(Cookies).clear(response, self.cookie)
        return response

    def restart(self, refusal: OutOfOrder) -> Response:
        """Lead to the end that was come to, or say which step is due."""
        due = refusal.next_step
        if due in machine.ENDS:
            return self.go_to(due)
        return page(self.restart_page, refusal.status, next_endpoint=self.endpoints[due])

    def refused(self, _refusal: Exception) -> Response:
        """Lead to the neutral page."""
        return self.go_to(Step.NEUTRAL)

    def too_many(self, refusal: TooManyIdentities, show: Callable[..., Response]) -> Response:
        """Show the neutral page with the time of the next try."""
        again = use(Journeys).clock() + timedelta(seconds=refusal.retry_after)
        status, until = HTTPStatus.TOO_MANY_REQUESTS, clock_time(again)
        response = show(refusal.draft.reference, status, wait_until=until)
        response.headers["Retry-After"] = str(refusal.retry_after)
        return response

    def identify(self, show: ShowIdentity, begun: Draft | None = None) -> Response:
        """Take the four answers; *begun* is the journey whose terms were accepted before."""
        form = IdentityForm(request.form, echo=IdentityForm.ECHO)
        try:
            who = form.who()
        except FormRefused as refusal:
            return show(form, refusal.status)
        browser = use(Browser).ensure()
        return self.begin(*use(ByCard).identify(who, dict(form.values), browser, begun))

    def prove(self, show: ShowCard) -> Response:
        """Take the two proofs."""
        draft, form = self.at(Step.CARD), ProofsForm(request.form, echo=ProofsForm.ECHO)
        try:
            proved = use(ByCard).prove(draft, form.proofs())
        except FormRefused as refusal:
            return show(draft, form, refusal.status)
        except CardMismatch as refusal:
            form.refuse("", "card.mismatch")
            return show(draft, form, refusal.status)
        return self.go_on(proved, Step.CARD)

    def no_serial(self) -> Response:
        """End the journey of who has no serial number."""
        use(ByCard).refuse(self.at(Step.CARD), NO_SERIAL)
        return self.go_to(Step.NEUTRAL)

    def detailed_terms(self) -> Response:
        """Show the terms at length."""
        back = self.address(Step.TERMS)
        return page("signup/detailed_terms.html", terms_version=TERMS_VERSION, terms_url=back)


def card_page(template: str, draft: Draft, form: Form, status: int, **more: object) -> Response:
    """Show the screen of the two proofs: what is known of both numbers, to be completed."""
    known = use(ByCard).mask(draft)
    masks = {"iban_mask": known.iban, "serial_prefix": known.serial}
    return page(template, status, form=form, **masks, **more)
