"""«Historique des partages»: what each login gave to which partner."""

from datetime import datetime

from flask import Blueprint, Response, request

from broker.base.paris import clock_time, french_date
from broker.base.web import page, use
from broker.oidc.consents.receipts import Receipt, Receipts
from broker.sessions.routes import ask_login, current_session

bp = Blueprint("receipts", __name__, url_prefix="/mon-compte/recus")
_MOST_DIGITS = 6


@bp.get("")
def every() -> Response:
    session = current_session()
    if session is None:
        return ask_login()
    number = _number(request.args.get("page", ""))
    found, older = use(Receipts).page(session.account_id, number)
    return page(
        "oidc/receipts.html",
        receipts=[_listed(one) for one in found],
        number=number,
        older=older,
    )


def _number(typed: str) -> int:
    readable = typed.isascii() and typed.isdigit() and len(typed) <= _MOST_DIGITS
    return max(1, int(typed)) if readable else 1


def _listed(receipt: Receipt) -> dict[str, object]:
    return {
        "id": receipt.client_id,
        "name": receipt.client.client_name if receipt.client else None,
        "data": [f"data.{name}" for name in receipt.data],
        "given": _moment(receipt.given_at),
        "again": _moment(receipt.last_given_at if receipt.repeated else None),
        "read": _moment(receipt.read_at),
        "reads": receipt.reads,
        "login": _moment(receipt.login_at),
        "by_franceconnect": receipt.by_franceconnect,
        "reference": receipt.login,
        "shared": receipt.shared,
    }


def _moment(moment: datetime | None) -> str | None:
    return f"{french_date(moment)}, {clock_time(moment)}" if moment else None
