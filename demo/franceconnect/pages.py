"""The pages people see: the choice of an account, the simulated accounts, the information."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from demo.franceconnect.browser import browser_of
from demo.franceconnect.citizens import Citizen, Citizens
from demo.franceconnect.config import Config, IdentityProvider
from demo.franceconnect.errors import PageError
from demo.franceconnect.identification import Identification, WrongCredentials
from demo.franceconnect.labels import Labels
from demo.franceconnect.logins import Logins
from demo.franceconnect.misbehaviour.catalogue import NAMES
from demo.franceconnect.model import Interaction, with_parameters
from demo.franceconnect.provider import Provider

_SHOWN = 30
_SEE_OTHER = 303


@dataclass(frozen=True)
class Pages:
    """One method per page or form; an interaction is known by its id and its browser's cookie."""

    config: Config
    provider: Provider
    logins: Logins
    identification: Identification
    citizens: Citizens
    labels: Labels

    def blueprint(self) -> Blueprint:
        """Return the routes; none of them is part of the protocol."""
        routes = Blueprint("pages", __name__, url_prefix=self.config.path)
        one = "/interaction/<interaction_id>"
        post = ["POST"]
        routes.add_url_rule(one, view_func=self.choice)
        routes.add_url_rule(f"{one}/choice", view_func=self.choose, methods=post)
        routes.add_url_rule(f"{one}/abort", view_func=self.abort)
        routes.add_url_rule(f"{one}/account/<uid>", view_func=self.account)
        routes.add_url_rule(f"{one}/account/<uid>", view_func=self.log_in, methods=post)
        routes.add_url_rule(f"{one}/information", view_func=self.information)
        routes.add_url_rule(f"{one}/information", view_func=self.go_on, methods=post)
        routes.add_url_rule(f"{one}/somebody-else", view_func=self.somebody_else, methods=post)
        return routes

    def choice(self, interaction_id: str) -> Response | str:
        """Show the accounts, unless somebody is known already or the site named one."""
        interaction = self._current(interaction_id)
        if interaction.person:
            return redirect(self._address(interaction, "information"), _SEE_OTHER)
        hint = interaction.request.idp_hint
        if hint and "failed" not in request.args:
            return self._sent_to(interaction, self._idp(interaction, hint))
        failed = self.config.identity_provider(
            request.args.get("failed", ""), interaction.request.site
        )
        return render_template(
            "choice.html",
            interaction=interaction,
            identity_providers=self.config.identity_providers_of(interaction.request.site),
            failed=failed,
            faults=self.labels.groups,
        )

    def choose(self, interaction_id: str) -> Response:
        """Go to the account that was chosen."""
        interaction = self._ordered(self._current(interaction_id))
        return self._sent_to(interaction, self._idp(interaction, request.form.get("idp", "")))

    def abort(self, interaction_id: str) -> Response:
        """Go back ("Revenir sur…"): the site is told access_denied."""
        raise self.logins.abort(self._current(interaction_id))

    def account(self, interaction_id: str, uid: str) -> str:
        """Show the login page of an identity provider that the simulator plays."""
        interaction = self._current(interaction_id)
        return self._account_page(interaction, uid)

    def log_in(self, interaction_id: str, uid: str) -> Response:
        """Identify a fictional person by login and password."""
        interaction = self._ordered(self._current(interaction_id))
        login, password = request.form.get("login", ""), request.form.get("password", "")
        try:
            person = self.identification.by_password(
                self._played(interaction, uid), login, password
            )
        except WrongCredentials:
            again = with_parameters(
                self._address(interaction, f"account/{uid}"), {"login": login, "wrong": "1"}
            )
            return redirect(again, _SEE_OTHER)
        except PageError as error:
            error.interaction = interaction.id
            raise
        return self.after_identification(self.logins.identify(interaction, person))

    def after_identification(self, interaction: Interaction) -> Response:
        """Show who was identified, or go straight back where the site may skip that page."""
        site, prompts = interaction.request.site, interaction.request.prompts
        if site.prompt_login_skips_consent and prompts == {"login"}:
            return self._finished(interaction)
        return redirect(self._address(interaction, "information"), _SEE_OTHER)

    def information(self, interaction_id: str) -> Response | str:
        """Show who was identified, before the site knows."""
        interaction = self._current(interaction_id)
        if interaction.person is None:
            return redirect(self._address(interaction), _SEE_OTHER)
        return render_template(
            "information.html", interaction=interaction, faults=self.labels.towards_sites
        )

    def go_on(self, interaction_id: str) -> Response:
        """Go on ("Continuer sur…"): the site receives its code."""
        interaction = self._ordered(self._current(interaction_id))
        if interaction.person is None:
            return redirect(self._address(interaction), _SEE_OTHER)
        return self._finished(interaction)

    def somebody_else(self, interaction_id: str) -> Response:
        """Forget who was identified ("Ce n'est pas vous ?"), back to the choice."""
        interaction = self._current(interaction_id)
        self.logins.forget_person(interaction)
        return redirect(self._address(interaction), _SEE_OTHER)

    def _finished(self, interaction: Interaction) -> Response:
        return redirect(self.provider.finish(self.logins.close(interaction)), _SEE_OTHER)

    def _current(self, interaction_id: str) -> Interaction:
        return self.logins.current(interaction_id, browser_of(request) or "")

    def _ordered(self, interaction: Interaction) -> Interaction:
        """Remember what was chosen under "Options du simulateur", where the form has it."""
        if "misbehaviour" not in request.form:
            return interaction
        chosen = request.form["misbehaviour"]
        return self.logins.ordered(interaction, chosen if chosen in NAMES else None)

    def _idp(self, interaction: Interaction, uid: str) -> IdentityProvider:
        idp = self.config.identity_provider(uid, interaction.request.site)
        if idp is None:
            raise PageError("Y020019", interaction=interaction.id)
        return idp

    def _played(self, interaction: Interaction, uid: str) -> IdentityProvider:
        idp = self._idp(interaction, uid)
        if idp.remote:
            raise PageError("Y020019", interaction=interaction.id)
        return idp

    def _sent_to(self, interaction: Interaction, idp: IdentityProvider) -> Response:
        """Send the browser to *idp*: its own program, or the page that plays it."""
        step = f"{'remote' if idp.remote else 'account'}/{idp.uid}"
        return redirect(self._address(interaction, step), _SEE_OTHER)

    def _account_page(self, interaction: Interaction, uid: str) -> str:
        idp = self._played(interaction, uid)
        search = request.args.get("q", "")
        found: list[Citizen] = self.citizens.search(search)
        return render_template(
            "account.html",
            interaction=interaction,
            idp=idp,
            login=request.args.get("login", ""),
            wrong="wrong" in request.args,
            search=search,
            citizens=found[:_SHOWN],
            found=len(found),
            everybody=self.citizens,
            faults=self.labels.towards_sites,
        )

    def _address(self, interaction: Interaction, step: str = "") -> str:
        address = f"{self.config.path}/interaction/{interaction.id}"
        return f"{address}/{step}" if step else address
