"""When a session ends by itself: told to the account's pages, which warn, and asked by them."""

from collections.abc import Callable

from flask import Blueprint, Response, jsonify, request

from broker.base.browser import Cookies
from broker.base.web import use
from broker.sessions.account_pages import ACCOUNT
from broker.sessions.model import TimeLeft
from broker.sessions.routes import SESSION
from broker.sessions.sessions import Sessions

bp = Blueprint("session_end", __name__)
_OVER = TimeLeft(idle=0, whole=0)


@bp.app_context_processor
def time_left() -> dict[str, Callable[[], TimeLeft | None]]:
    """Let the account's pages ask how long the session goes on, so that they can warn.

    They ask while they are written: the page that says that the database is away does not.
    """
    return {"time_left": _left} if request.path.startswith(ACCOUNT) else {}


@bp.get("/connexion/reste")
def ask() -> Response:
    left = _left() or _OVER
    return jsonify(idle=left.idle, whole=left.whole)


def _left() -> TimeLeft | None:
    return use(Sessions).time_left(use(Cookies).read(SESSION))
