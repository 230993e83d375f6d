"""What may be wrong in the members of a token answer (RFC 6749 §5)."""

from http import HTTPStatus

from demo.franceconnect.answers import Answer
from demo.franceconnect.misbehaviour.model import Change, Delivery, changed, without

TOKEN: dict[str, Change] = {
    "id_token_missing": without("id_token"),
    "id_token_number": changed(id_token=12),
    "id_token_not_ascii": changed(id_token="é.é.é"),  # noqa: S106 - no secret
    "access_token_missing": without("access_token"),
    "access_token_number": changed(access_token=12),
    "access_token_unprintable": changed(access_token="two words\n"),  # noqa: S106 - no secret
    "token_type_missing": without("token_type"),
    "token_type_other": changed(token_type="DPoP"),  # noqa: S106 - no secret
    "token_type_number": changed(token_type=1),
    "expires_in_text": changed(expires_in="soon"),
    "error_with_tokens": changed(error="invalid_grant"),
}


def _refusing(error: str, status: HTTPStatus) -> Delivery:
    return lambda _lawful: Answer(body=f'{{"error": "{error}"}}'.encode(), status=status)


TOKEN_REFUSALS: dict[str, Delivery] = {
    "invalid_client": _refusing("invalid_client", HTTPStatus.UNAUTHORIZED),
    "invalid_grant": _refusing("invalid_grant", HTTPStatus.BAD_REQUEST),
    "unsupported_grant_type": _refusing("unsupported_grant_type", HTTPStatus.BAD_REQUEST),
    "error_unknown": _refusing("<b>an error of theirs</b>", HTTPStatus.BAD_REQUEST),
    "error_missing": lambda _lawful: Answer(body=b"{}", status=HTTPStatus.BAD_REQUEST),
}
