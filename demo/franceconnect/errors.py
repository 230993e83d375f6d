"""The three ways FranceConnect says no: its own page, the site's callback, a JSON answer."""

from collections.abc import Mapping
from http import HTTPStatus


class PageError(Exception):
    """Ends on FranceConnect's own error page; the site that asked is never told.

    *code* is the published one (`Y` and six characters); its French sentence is in error.html.
    *interaction* lets the page offer the way back to the site.
    """

    def __init__(
        self,
        code: str,
        status: HTTPStatus = HTTPStatus.BAD_REQUEST,
        detail: str = "",
        interaction: str | None = None,
    ) -> None:
        super().__init__(code, detail)
        self.code = code
        self.status = status
        self.detail = detail
        self.interaction = interaction


class CallbackError(Exception):
    """Is answered to the site's redirect_uri, which has been checked; `iss` is always added."""

    def __init__(
        self, redirect_uri: str, parameters: Mapping[str, str], *, in_fragment: bool = False
    ) -> None:
        super().__init__(parameters["error"])
        self.redirect_uri = redirect_uri
        self.parameters = dict(parameters)
        self.in_fragment = in_fragment


class JsonError(Exception):
    """Is answered to a program, as RFC 6749 §5.2 and RFC 6750 §3 say."""

    def __init__(
        self, error: str, description: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST
    ) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status
