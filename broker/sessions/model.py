"""Who is logged in, why a login is asked, and the ways in which it is refused."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus

from broker.accounts.model import Status
from broker.audit.model import Upstream
from broker.base.errors import Refusal


@dataclass(frozen=True, kw_only=True)
class Session:
    """One login of one person in one browser.

    ``sid`` names the time that this person spends in this browser: who logs in again keeps it.
    ``auth_event_id`` names the login for good: mails show it, the trail hangs everything on it.
    ``amr`` says what happened (RFC 8176), ``acr`` what it is worth: eidas1 with a password, what
    FranceConnect answered otherwise.
    """

    sid: str
    account_id: str
    auth_event_id: str
    auth_time: datetime
    acr: str
    amr: tuple[str, ...]
    browser: str
    created_at: datetime
    login_request_id: str | None = None
    """The request of another service for which this login was made."""
    label: str = ""
    """What its holder recognises the browser by: its kind and system, coarsely; or nothing."""


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """A session as its holder sees it on the account page."""

    session: Session
    seen_at: datetime


class BrowserKnown(StrEnum):
    """What a login's browser was to the account: the reason that its session opened with."""

    FIRST_LOGIN = "first_login"
    """The account's first login: none can be known."""
    REMEMBERED = "remembered_browser"
    NEW = "new_browser"
    """Not remembered: new to the person, or its holder did not want it remembered."""


class LateUse(StrEnum):
    """Who brought the cookie of a session that had ended."""

    OWN = "own"
    """The browser that was logged in."""
    COPY = "copy"
    """Another one, or none that has our anonymous cookie."""


@dataclass(frozen=True, kw_only=True)
class BroughtSession:
    """What a session's cookie leads to."""

    session: Session
    seen_at: datetime
    status: Status
    end_reason: str | None
    """None: it was not ended."""
    late_at: datetime | None
    copied_at: datetime | None

    def news_of(self, browser: str | None) -> LateUse | None:
        """Return what it is that this browser brings an ended session; None: nothing new.

        A browser that was left alone brings its cookie whenever its owner comes back.
        """
        if browser != self.session.browser:
            return None if self.copied_at else LateUse.COPY
        return None if self.late_at or self.end_reason == "idle" else LateUse.OWN


@dataclass(frozen=True, kw_only=True)
class TimeLeft:
    """How many seconds a session still lasts: unless it is used, and at most."""

    idle: int
    whole: int


@dataclass(frozen=True, kw_only=True)
class LoginRequest:
    """Why a login is asked: by whom, where to go on to, and what it must include."""

    id: str
    requester: str | None
    client_id: str | None
    return_to: str
    """Local path to which a successful login goes on."""
    cancel_to: str | None
    """Local path that tells the requester that the person gave up."""
    restart_to: str | None = None
    """Local path that asks the same again once this request has expired."""
    code: str = "new_browser"
    from_franceconnect: bool = False
    offers_franceconnect: bool = True
    login_hint: str | None = None
    browser: str
    created_at: datetime
    ended_at: datetime | None = None
    """When the person had logged in for it, or given up."""

    @property
    def always_asks_code(self) -> bool:
        """Whether a code is asked even in a remembered browser."""
        return self.code == "always" or self.from_franceconnect

    @property
    def cancel(self) -> bool:
        """Whether the pages offer to give up."""
        return self.cancel_to is not None


@dataclass(frozen=True, kw_only=True)
class FederatedIdentity:
    """The FranceConnect login behind a session; ``sub_ref`` is the trail's pseudonym."""

    iss: str
    sub_ref: str
    acr: str
    idp: str | None


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What a login has proved so far, under the name that it keeps for good."""

    auth_event_id: str
    acr: str
    amr: tuple[str, ...]
    upstream: FederatedIdentity | None = None

    @property
    def in_trail(self) -> Upstream | None:
        """What the trail tells of the identity that FranceConnect vouched for."""
        return Upstream(**asdict(self.upstream), flow="login") if self.upstream else None

    def with_code(self) -> "Proof":
        """Return the proof with an e-mailed code added (``otp``, RFC 8176 §2)."""
        return replace(self, amr=(*self.amr, "otp"))


@dataclass(frozen=True, kw_only=True)
class TieIntent:
    """What the code of a login will do besides: tie a FranceConnect identity to the account.

    ``replaces`` is the pseudonym of the identity that the person was told it takes the place of,
    ``refused`` the code of the refusal, once it was refused.
    """

    identity_id: str
    replaces: str | None = None
    refused: str | None = None


@dataclass(frozen=True, kw_only=True)
class LoginAttempt:
    """A login between its first proof and the code; ``challenge_id`` is the code's."""

    id: str
    account_id: str
    browser: str
    challenge_id: str
    login_request_id: str | None
    proof: Proof
    tie: TieIntent | None = None
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class RememberedBrowser:
    """A browser in which its holder asked not to be asked for a code each time."""

    id: str
    account_id: str
    label: str
    created_at: datetime
    expires_at: datetime


SessionOver = Callable[[Session, str], None]
"""What else ends with a session, for a reason; it joins the transaction.

The provider, which knows the partners that take part in it, stands above sessions.
"""


class LoginRefused(Refusal):
    """Wrong number or password, or an account that cannot log in: which one is not told."""

    code = "login-refused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class LoginExpired(Refusal):
    """The login that was under way is over, or belongs to another browser.

    ``request_id`` is the request that it was made for, so that the page can ask it again.
    """

    code = "login-expired"
    status = HTTPStatus.GONE

    def __init__(self, request_id: str | None = None) -> None:
        super().__init__()
        self.request_id = request_id


class LoginRequired(Refusal):
    """The page is for people who are logged in."""

    code = "login-required"
    status = HTTPStatus.UNAUTHORIZED


class NotTied(Refusal):
    """No account that may be entered is tied to that FranceConnect identity.

    ``reason`` goes to the trail alone: ``unknown``, or the state of the account.
    """

    code = "franceconnect-not-tied"
    status = HTTPStatus.NOT_FOUND

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Which sessions are meant: of one login, of one account; of everybody where none is named."""

    auth_event_id: str | None = None
    account_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reached:
    """How many sessions that is, of how many people, and how many logins wait for their code."""

    sessions: int
    people: int
    waiting: int
