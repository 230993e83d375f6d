"""What mailed links lead to: activation, a new password, a change of address."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request, url_for

from broker.accounts import answers
from broker.accounts.accounts import Accounts
from broker.accounts.activation import Activation
from broker.accounts.address_change import AddressChange
from broker.accounts.address_wait import AddressWait
from broker.accounts.model import Channel, DeadLink, EmailUsed
from broker.accounts.password_form import NewPasswordForm
from broker.accounts.password_policy import PasswordPolicy, PasswordRefused
from broker.accounts.protection import Protection
from broker.accounts.reset import Reset
from broker.base.browser import Cookies
from broker.base.crypto import Secret
from broker.base.forms import Form, FormRefused
from broker.base.paris import clock_time, french_date
from broker.base.web import page, see_other, use

bp = Blueprint("accounts", __name__)
_ACTIVATION, _RESET = "activation", "mot_de_passe"
_ADDRESS, _NOT_ME = "adresse", "pas_moi"
_COOKIE_LIFE = 1_800  # seconds between opening a link and pressing the button
_ASKED = ("nir", "date_naissance")


@bp.errorhandler(DeadLink)
def dead_link(refusal: DeadLink) -> Response:
    return page("accounts/dead_link.html", refusal.status)


@bp.get("/activation/<token>")
def open_activation(token: str) -> Response:
    use(Activation).view(Secret(token))
    return _without_token("accounts.activation", _ACTIVATION, token)


@bp.get("/activation")
def activation() -> Response:
    # A GET changes nothing: mail scanners follow links before people do.
    use(Activation).require_live(_link(_ACTIVATION))
    return page("accounts/activation.html")


@bp.post("/activation")
def activate() -> Response:
    account = use(Activation).confirm(_link(_ACTIVATION))
    # Where it was asked, whichever browser the mail is read in.
    by_app = account.channel is Channel.APP
    response = see_other(url_for("mobile.activated" if by_app else "accounts.activated"))
    use(Cookies).clear(response, _ACTIVATION)
    return response


@bp.get("/compte-active")
def activated() -> Response:
    return page("accounts/activated.html")


@bp.route("/creation-compte/renvoyer", methods=["GET", "POST"])
def resend() -> Response:
    form = _form()
    if request.method == "GET":
        return page("accounts/resend.html", form=form)
    try:
        asked = _who(form)
    except FormRefused as refusal:
        return page("accounts/resend.html", refusal.status, form=form)
    use(Activation).resend(asked["nir"], asked["date_naissance"])
    return see_other(url_for("accounts.resent"))


@bp.get("/creation-compte/renvoyer/envoye")
def resent() -> Response:
    return page("accounts/resent.html")


@bp.route("/mot-de-passe-oublie", methods=["GET", "POST"])
def forgotten_password() -> Response:
    form = _form()
    if request.method == "GET":
        return page("accounts/forgotten_password.html", form=form)
    try:
        asked = _who(form)
    except FormRefused as refusal:
        return page("accounts/forgotten_password.html", refusal.status, form=form)
    use(Reset).request(asked["nir"], asked["date_naissance"])
    return see_other(url_for("accounts.reset_sent"))


@bp.get("/mot-de-passe-oublie/envoye")
def reset_sent() -> Response:
    return page("accounts/reset_sent.html")


@bp.get("/mot-de-passe-oublie/<token>")
def open_reset(token: str) -> Response:
    use(Reset).view(Secret(token))
    return _without_token("accounts.new_password", _RESET, token)


@bp.get("/nouveau-mot-de-passe")
def new_password() -> Response:
    use(Reset).view(_link(_RESET))
    return _new_password_page(NewPasswordForm())


@bp.post("/nouveau-mot-de-passe")
def change_password() -> Response:
    form = NewPasswordForm(request.form)
    try:
        use(Reset).confirm(_link(_RESET), form.chosen())
    except FormRefused as refusal:
        return _new_password_page(form, refusal.status)
    except PasswordRefused as refusal:
        form.refuse_password(refusal)
        return _new_password_page(form, refusal.status)
    response = see_other(url_for("accounts.password_changed"))
    use(Cookies).clear(response, _RESET)
    return response


@bp.get("/mot-de-passe-change")
def password_changed() -> Response:
    return page("accounts/password_changed.html")


@bp.get("/adresse-e-mail/<token>")
def open_address(token: str) -> Response:
    use(AddressChange).view(Secret(token))
    return _without_token("accounts.address", _ADDRESS, token)


@bp.get("/adresse-e-mail")
def address() -> Response:
    shown = use(AddressChange).view(_link(_ADDRESS))
    return page("accounts/address.html", masked_email=shown)


@bp.post("/adresse-e-mail")
def confirm_address() -> Response:
    try:
        use(AddressChange).confirm(_link(_ADDRESS))
    except EmailUsed as refusal:
        return page("accounts/address_used.html", refusal.status)
    response = see_other(url_for("accounts.address_confirmed"))
    use(Cookies).clear(response, _ADDRESS)
    return response


@bp.get("/adresse-e-mail-confirmee")
def address_confirmed() -> Response:
    return page("accounts/address_confirmed.html")


@bp.get("/pas-moi/<token>")
def open_not_me(token: str) -> Response:
    use(Protection).view(Secret(token))
    return _without_token("accounts.not_me", _NOT_ME, token)


@bp.get("/pas-moi")
def not_me() -> Response:
    former = use(Protection).view(_link(_NOT_ME))
    return page("accounts/not_me.html", former_email=former)


@bp.post("/pas-moi")
def report_intrusion() -> Response:
    try:
        token = use(Protection).report(_link(_NOT_ME))
    except EmailUsed as refusal:
        return page("accounts/address_lost.html", refusal.status)
    response = see_other(url_for("accounts.new_password"))
    use(Cookies).clear(response, _NOT_ME)
    use(Cookies).set(response, _RESET, token, _COOKIE_LIFE)
    return response


@bp.get("/compte-ferme")
def closed() -> Response:
    return page("accounts/closed.html")


def _new_password_page(form: NewPasswordForm, status: int = HTTPStatus.OK) -> Response:
    context = form.context(use(PasswordPolicy), owner=None)
    return page("accounts/new_password.html", status, form=form, **context)


def _form() -> Form:
    return Form(request.form, echo=_ASKED)


def _who(form: Form) -> dict[str, Any]:
    return form.read(nir=answers.nir, date_naissance=answers.birth_date)


def waits_until(account_id: str) -> dict[str, str] | None:
    """Return the day and the time until which acts wait after a change of address; or None."""
    ends = use(AddressWait).until(use(Accounts).get(account_id))
    return {"on": french_date(ends), "at": clock_time(ends)} if ends else None


def _without_token(endpoint: str, cookie: str, token: str) -> Response:
    """Go on without the token in the address: it would stay in histories and logs."""
    response = see_other(url_for(endpoint))
    response.headers["Referrer-Policy"] = "no-referrer"
    use(Cookies).set(response, cookie, Secret(token), _COOKIE_LIFE)
    return response


def _link(cookie: str) -> Secret:
    link = use(Cookies).read(cookie)
    if link is None:
        raise DeadLink
    return link
