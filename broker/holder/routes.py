"""The pages of «Mon compte» that change something of the account."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from flask import Blueprint, Response, request, url_for

from broker.accounts.accounts import Accounts
from broker.accounts.address_change import AddressChange
from broker.accounts.closing import Closing
from broker.accounts.contact_change import ContactChange
from broker.accounts.model import AddressTooNew, EmailUsed
from broker.accounts.password_change import PasswordChange
from broker.accounts.password_form import NewPasswordForm
from broker.accounts.password_policy import PasswordPolicy, PasswordRefused
from broker.accounts.protection import Protection
from broker.accounts.routes import waits_until
from broker.base.errors import InvalidField
from broker.base.forms import Form, FormRefused, ticked
from broker.base.web import page, see_other, use
from broker.holder.forms import AddressForm, ReachForm
from broker.sessions.model import LoginRequired, Session
from broker.sessions.routes import (
    ask_login,
    current_session,
    is_fresh,
    leave_session,
    prove_again,
    typed_password,
)

bp = Blueprint("holder", __name__, url_prefix="/mon-compte")
_PRESENT = "mot_de_passe_actuel"
_PROVED = {_PRESENT: typed_password}


def for_holder(view: Callable[[Session], Response]) -> Callable[[], Response]:
    """Give the view the session; lead whoever only looks to the login, refuse other posts."""

    @wraps(view)
    def with_session() -> Response:
        session = current_session()
        if session is not None:
            return view(session)
        if request.method == "GET":
            return ask_login()
        raise LoginRequired

    return with_session


@bp.get("/mot-de-passe")
@for_holder
def password(session: Session) -> Response:
    return _password_page(NewPasswordForm(), session)


@bp.post("/mot-de-passe")
@for_holder
def change_password(session: Session) -> Response:
    form = NewPasswordForm(request.form)
    try:
        chosen = form.chosen(**_PROVED)
        prove_again(form, session, _PRESENT)
        use(PasswordChange).change(
            session.account_id, chosen, but=session.sid, auth_event_id=session.auth_event_id
        )
    except FormRefused as refusal:
        return _password_page(form, session, refusal.status)
    except PasswordRefused as refusal:
        form.refuse_password(refusal)
        return _password_page(form, session, refusal.status)
    return see_other(url_for("holder.password_changed"))


@bp.get("/mot-de-passe/change")
@for_holder
def password_changed(_: Session) -> Response:
    return page("holder/password_changed.html")


@bp.get("/adresse-e-mail")
@for_holder
def address(session: Session) -> Response:
    return _address_page(AddressForm(echo=AddressForm.ECHO), session)


@bp.post("/adresse-e-mail")
@for_holder
def change_address(session: Session) -> Response:
    form = AddressForm(request.form, echo=AddressForm.ECHO)
    try:
        email = form.address(**_PROVED)
        prove_again(form, session, _PRESENT)
        use(AddressChange).request(session.account_id, email, session.auth_event_id)
    except FormRefused as refusal:
        return _address_page(form, session, refusal.status)
    except InvalidField as refusal:
        form.refuse("email", refusal.message)
        return _address_page(form, session, refusal.status)
    except EmailUsed as refusal:
        form.refuse("email", "email.used")
        return _address_page(form, session, refusal.status)
    return see_other(url_for("holder.address_sent"))


@bp.get("/adresse-e-mail/envoye")
@for_holder
def address_sent(_: Session) -> Response:
    return page("holder/address_sent.html")


@bp.get("/coordonnees")
@for_holder
def contact(session: Session) -> Response:
    return _contact_page(ReachForm(use(ContactChange).present(session.account_id)), session)


@bp.post("/coordonnees")
@for_holder
def change_contact(session: Session) -> Response:
    form = ReachForm(use(ContactChange).present(session.account_id), request.form)
    try:
        reach = form.reach()
        if not is_fresh(session):
            prove_again(form, session, _PRESENT)
    except FormRefused as refusal:
        return _contact_page(form, session, refusal.status)
    use(ContactChange).change(session.account_id, reach, session.auth_event_id)
    return see_other(url_for("holder.contact_changed"))


@bp.get("/coordonnees/enregistrees")
@for_holder
def contact_changed(_: Session) -> Response:
    return page("holder/contact_changed.html")


@bp.get("/pas-moi")
@for_holder
def not_me(_: Session) -> Response:
    return page("holder/not_me.html")


@bp.post("/pas-moi")
@for_holder
def report_intrusion(session: Session) -> Response:
    use(Protection).report_from(session.account_id, session.sid, session.auth_event_id)
    return see_other(url_for("holder.intrusion_reported"))


@bp.get("/pas-moi/signale")
@for_holder
def intrusion_reported(_: Session) -> Response:
    return page("holder/intrusion_reported.html")


@bp.get("/fermeture")
@for_holder
def closing(session: Session) -> Response:
    return _closing_page(Form(), session)


@bp.post("/fermeture")
@for_holder
def close(session: Session) -> Response:
    form = Form(request.form, echo=("fermer",))
    try:
        form.read(**_PROVED, fermer=ticked("fermer.required"))
        prove_again(form, session, _PRESENT)
        use(Closing).close(session.account_id, session.auth_event_id)
    except (FormRefused, AddressTooNew) as refusal:
        return _closing_page(form, session, refusal.status)
    return leave_session(see_other(url_for("accounts.closed")))


def _password_page(
    form: NewPasswordForm, session: Session, status: int = HTTPStatus.OK
) -> Response:
    owner = use(PasswordChange).owner(session.account_id)
    context = form.context(use(PasswordPolicy), owner)
    parts = sorted(owner.digit_runs)
    return page("holder/password.html", status, form=form, forbidden_parts=parts, **context)


def _address_page(form: Form, session: Session, status: int = HTTPStatus.OK) -> Response:
    present = use(Accounts).get(session.account_id).masked_email
    return page("holder/address.html", status, form=form, masked_email=present)


def _contact_page(form: Form, session: Session, status: int = HTTPStatus.OK) -> Response:
    asks = not is_fresh(session)
    return page("holder/contact.html", status, form=form, asks_password=asks)


def _closing_page(form: Form, session: Session, status: int = HTTPStatus.OK) -> Response:
    present = use(Accounts).get(session.account_id).masked_email
    until = waits_until(session.account_id)
    return page("holder/closing.html", status, form=form, masked_email=present, waits_until=until)
