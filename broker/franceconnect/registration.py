"""How FranceConnect knows us: identifiers, secret, level, algorithm, addresses."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from broker.base.crypto import Secret
from broker.base.errors import ServiceNotReady
from broker.base.jwe import KINDS
from broker.base.settings import Settings
from broker.franceconnect.directory import ALGORITHMS
from broker.franceconnect.model import ACR_LEVELS


@dataclass(frozen=True, kw_only=True)
class Registration:
    """How FranceConnect knows us."""

    issuer: str
    client_id: str
    client_secret: Secret
    scopes: str
    acr: str
    algorithm: str
    encryption: str | None
    """How answers are encrypted for us, where that was agreed; the content always A256GCM."""
    redirect_uri: str
    post_logout_redirect_uri: str

    @property
    def on_this_machine(self) -> bool:
        """Whether FranceConnect is simulated here."""
        host = urlsplit(self.issuer).hostname or ""
        try:
            return host == "localhost" or ip_address(host).is_loopback
        except ValueError:
            return False

    @classmethod
    def of(cls, settings: Settings) -> "Registration | None":
        """Return the registration of the settings; ServiceNotReady when it cannot work."""
        issuer, client_id = settings.franceconnect_issuer, settings.franceconnect_client_id
        secret = settings.franceconnect_client_secret or Secret("")
        if not (issuer or client_id or secret.reveal()):
            return None
        if not (issuer and client_id and secret.reveal()):
            raise ServiceNotReady(
                "franceconnect_issuer, _client_id and _client_secret go together"
            )
        _require_possible(settings)
        return cls(
            issuer=issuer,
            client_id=client_id,
            client_secret=secret,
            scopes=settings.franceconnect_scopes,
            acr=settings.franceconnect_acr,
            algorithm=settings.franceconnect_algorithm,
            encryption=settings.franceconnect_jwe,
            redirect_uri=f"{settings.issuer}/franceconnect/callback",
            post_logout_redirect_uri=f"{settings.issuer}/franceconnect/logout-callback",
        )


def _require_possible(settings: Settings) -> None:
    if settings.franceconnect_algorithm not in ALGORITHMS:
        raise ServiceNotReady(f"franceconnect_algorithm must be one of {', '.join(ALGORITHMS)}")
    if settings.franceconnect_acr not in ACR_LEVELS:
        raise ServiceNotReady(f"franceconnect_acr must be one of {', '.join(ACR_LEVELS)}")
    if "openid" not in settings.franceconnect_scopes.split():
        raise ServiceNotReady("franceconnect_scopes must contain openid")
    if settings.franceconnect_jwe not in {None, *KINDS}:
        raise ServiceNotReady(f"franceconnect_jwe must be one of {', '.join(KINDS)}")
