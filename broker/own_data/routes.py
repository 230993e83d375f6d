"""«Mes données»: the password, then the copy as a file or as a page to print."""

import json
from datetime import datetime
from http import HTTPStatus

from flask import Blueprint, Response, request

from broker.accounts.model import AddressTooNew
from broker.accounts.routes import waits_until
from broker.base.forms import Form, FormRefused
from broker.base.messages import Messages
from broker.base.paris import PARIS, clock_time, french_date
from broker.base.web import page, use
from broker.holder.routes import for_holder
from broker.own_data.copies import Copies
from broker.own_data.model import told
from broker.sessions.model import Session
from broker.sessions.routes import prove_again

bp = Blueprint("own_data", __name__, url_prefix="/mon-compte/mes-donnees")
_PRESENT = "mot_de_passe_actuel"


@bp.get("")
@for_holder
def ask(session: Session) -> Response:
    return _ask_page(Form(), session)


@bp.post("")
@for_holder
def copy(session: Session) -> Response:
    form = Form(request.form)
    try:
        prove_again(form, session, _PRESENT)
        return _as_page(session) if request.form.get("format") == "page" else _as_file(session)
    except (FormRefused, AddressTooNew) as refusal:
        return _ask_page(form, session, refusal.status)


def _ask_page(form: Form, session: Session, status: int = HTTPStatus.OK) -> Response:
    until = waits_until(session.account_id)
    return page("own_data/ask.html", status, form=form, waits_until=until)


def _as_page(session: Session) -> Response:
    tree = use(Copies).make(session, "page")
    return page("own_data/copy.html", data=told(tree, _say, _shown))


def _as_file(session: Session) -> Response:
    tree = use(Copies).make(session, "json")
    text = json.dumps(told(tree, _say, _written), ensure_ascii=False, indent=2)
    answer = Response(f"{text}\n", HTTPStatus.OK, mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="compte-ameli.json"'
    return answer


def _say(name: str) -> str:
    known = use(Messages).sentence
    return known(name if name.startswith("data.") else f"own.{name}")


def _shown(moment: datetime) -> str:
    return f"{french_date(moment)}, {clock_time(moment)}"


def _written(moment: datetime) -> str:
    return moment.astimezone(PARIS).isoformat(timespec="seconds")
