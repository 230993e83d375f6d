"""What may be wrong in the answer that the person's browser brings back to the site."""

from demo.franceconnect.misbehaviour.model import ELSEWHERE, Change, Members, changed, without

_OVERSIZE = "x" * 3_000


def _failing(error: str, **more: str) -> Change:
    """Answer *error* in place of the code."""
    description = {"error": error, "error_description": "made to fail"}
    return lambda parameters: description | without("code")(parameters) | more


def _twice(name: str) -> Change:
    return lambda parameters: parameters | {name: [parameters[name], parameters[name]]}


def _issuer_and(more: str) -> Change:
    return lambda parameters: parameters | {"iss": parameters["iss"] + more}


def _cut_issuer(parameters: Members) -> Members:
    return parameters | {"iss": parameters["iss"][:-1]}


CALLBACK: dict[str, Change] = {
    "state_missing": without("state"),
    "state_empty": changed(state=""),
    "state_other": changed(state="0" * 64),
    "state_twice": _twice("state"),
    "state_oversize": changed(state=_OVERSIZE),
    "iss_missing": without("iss"),
    "iss_other": changed(iss=ELSEWHERE),
    "iss_longer": _issuer_and("/"),
    "iss_shorter": _cut_issuer,
    "iss_twice": _twice("iss"),
    "code_missing": without("code"),
    "code_empty": changed(code=""),
    "code_twice": _twice("code"),
    "code_other": changed(code="a-code-that-was-never-given"),
    "code_unprintable": changed(code="two words"),
    "code_oversize": changed(code=_OVERSIZE),
    "error_and_code": changed(error="server_error", error_description="made to fail"),
    "error_unknown": _failing("<b>une erreur inventée</b>"),
    "error_empty": _failing(""),
    "error_twice": changed(error=["access_denied", "server_error"]),
    "description_oversize": _failing("server_error", error_description=_OVERSIZE),
    "access_denied": _failing("access_denied", error_description="User auth aborted"),
    "server_error": _failing("server_error"),
    "temporarily_unavailable": _failing("temporarily_unavailable"),
    "invalid_scope": _failing("invalid_scope", scope="address"),
    "invalid_request": _failing("invalid_request"),
    "invalid_acr": _failing("invalid_acr"),
    "invalid_idp_hint": _failing("invalid_idp_hint"),
    "invalid_idp_hint_without_state": _failing("invalid_idp_hint", state="undefined"),
    "unsupported_response_type": _failing("unsupported_response_type"),
    "login_required": _failing("login_required"),
    "interaction_required": _failing("interaction_required"),
}
