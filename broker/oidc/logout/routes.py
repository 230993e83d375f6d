"""Logging out, by the person or asked by a partner, and the pages that lead on from there."""

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from broker.base.web import allow_frames, foreign_form, page, see_other, use
from broker.oidc.addresses import END_SESSION, with_query
from broker.oidc.error_page import explain
from broker.oidc.errors import InvalidRequest, LogoutRequestRefused
from broker.oidc.logout.ending import (
    LOGGED_OUT,
    LoggedOut,
    Logout,
    LogoutConfirmation,
    require_single,
)
from broker.oidc.parameters import Parameters
from broker.sessions.routes import current_session, leave_session

bp = Blueprint("logout", __name__)


@bp.post("/deconnexion")
def leave() -> Response:
    answer = use(Logout).leave(current_session())
    if answer.frames or answer.upstream:
        return leave_session(_going_on(answer, answer.upstream or LOGGED_OUT))
    return leave_session(see_other(LOGGED_OUT))


@bp.get(END_SESSION)
def end_session() -> Response:
    return _answered(use(Logout).ask(_parameters(request.args), current_session()))


@bp.post(END_SESSION)
@foreign_form
def end_session_by_post() -> Response:
    given = _parameters(request.form)
    require_single(given)
    # A form on the partner's site brings no cookie of ours: the GET does.
    return see_other(with_query(END_SESSION, given.values))


@bp.post(f"{END_SESSION}/confirmation")
def confirm() -> Response:
    answer = use(Logout).confirm(_parameters(request.form), current_session())
    return _answered(answer, after_form=True)


@bp.errorhandler(LogoutRequestRefused)
@bp.errorhandler(InvalidRequest)
def refused(error: LogoutRequestRefused | InvalidRequest) -> Response:
    return explain(error)


def _parameters(given: MultiDict[str, str]) -> Parameters:
    return Parameters.of(given.lists())


def _answered(answer: LoggedOut | LogoutConfirmation, *, after_form: bool = False) -> Response:
    requester = answer.client.client_name if answer.client else None
    if isinstance(answer, LogoutConfirmation):
        return page("oidc/logout_confirm.html", requester=requester, fields=answer.fields)
    onward = answer.upstream or answer.location
    if answer.frames or answer.upstream:
        return leave_session(_going_on(answer, onward))
    if onward is None:
        return leave_session(page("oidc/logged_out.html", requester=requester, back_url=None))
    if after_form:
        response = page("oidc/continue.html", target_url=onward, requester=requester)
        return leave_session(response)
    return leave_session(see_other(onward))


def _going_on(answer: LoggedOut, onward: str | None) -> Response:
    """Open what ends the partners' sessions, then go on by itself."""
    response = page(
        "oidc/logging_out.html",
        requester=answer.client.client_name if answer.client else None,
        frames=answer.frames,
        upstream=answer.upstream is not None,
        onward=onward,
        back_url=answer.location,
    )
    return allow_frames(response, answer.frames)
