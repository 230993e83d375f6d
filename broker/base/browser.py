"""Cookies and the form token: what ties a request to one browser."""

from dataclasses import dataclass, field

from flask import Request, Response, request

from broker.base.crypto import KeyedHash, Secret, fingerprint, new_token, same
from broker.base.errors import FormExpired

FORM_TOKEN = "jeton_formulaire"  # noqa: S105 - the name of a field
_BROWSER = "navigateur"
LEFT_REQUEST = "demande"
"""Cookie of the login request that a person left in order to create an account first."""


@dataclass(frozen=True)
class Cookies:
    """Names and attributes of the application's cookies.

    Over https they carry ``__Host-`` and Secure; over http (demo and test only) neither. The
    names start with ``ameli_`` because several applications share localhost. Those of one *path*
    carry ``__Secure-``, since ``__Host-`` asks for the path ``/``.
    """

    secure: bool
    path: str = "/"
    same_site: str = "Lax"

    def name(self, short: str) -> str:
        """Return the full name of a cookie."""
        if not self.secure:
            return f"ameli_{short}"
        return f"__{'Host' if self.path == '/' else 'Secure'}-ameli_{short}"

    def read(self, short: str) -> Secret | None:
        """Return the value that the present request brought."""
        if "HTTP_COOKIE" not in request.environ:  # as those of programs are: nothing to take apart
            return None
        value = request.cookies.get(self.name(short))
        return Secret(value) if value else None

    def set(self, response: Response, short: str, value: Secret, life: int | None = None) -> None:
        """Set a cookie; without *life* (seconds) it ends with the browser."""
        response.set_cookie(
            self.name(short),
            value.reveal(),
            max_age=life,
            path=self.path,
            secure=self.secure,
            httponly=True,
            samesite=self.same_site,
        )

    def clear(self, response: Response, short: str) -> None:
        """Remove a cookie."""
        response.delete_cookie(
            self.name(short),
            path=self.path,
            secure=self.secure,
            httponly=True,
            samesite=self.same_site,
        )


@dataclass(frozen=True)
class Browser:
    """The anonymous identity of a browser, and the form tokens bound to it."""

    cookies: Cookies
    keyed_hash: KeyedHash = field(repr=False)
    issuer: str

    def ref(self) -> str | None:
        """Return the pseudonym of this browser; None before it was given a cookie."""
        token = self.token()
        return fingerprint(token).hex()[:32] if token else None

    def token(self) -> Secret | None:
        """Return the browser's cookie, or the one this response will set."""
        made: Secret | None = request.environ.get("broker.new_browser")
        return made or self.cookies.read(_BROWSER)

    def ensure(self) -> str:
        """Return the browser's pseudonym, giving it a cookie where it has none."""
        if self.token() is None:
            request.environ["broker.new_browser"] = new_token()
        return str(self.ref())

    def form_token(self) -> str:
        """Return the token of this browser's forms."""
        self.ensure()
        return self._expected()

    def check(self, submitted: Request) -> None:
        """Refuse a POST that does not come from one of our own forms in this browser."""
        site = submitted.headers.get("Sec-Fetch-Site")
        origin = submitted.headers.get("Origin")
        if site not in {None, "same-origin"}:
            raise FormExpired
        if origin is not None and origin not in {self.issuer, submitted.host_url.rstrip("/")}:
            raise FormExpired
        given = submitted.form.get(FORM_TOKEN, "")
        if self.token() is None or not same(given, self._expected()):
            raise FormExpired

    def save(self, response: Response) -> None:
        """Set the cookie of a browser that was given one during this request."""
        made: Secret | None = request.environ.get("broker.new_browser")
        if made is not None:
            self.cookies.set(response, _BROWSER, made)

    def _expected(self) -> str:
        token = self.token()
        return self.keyed_hash.text("form", token.reveal()) if token else ""
