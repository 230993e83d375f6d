"""What one misbehaviour changes in one login, and the small changes it is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar

from demo.franceconnect.answers import Answer
from demo.franceconnect.config import ServiceProvider
from demo.franceconnect.model import Claims
from demo.franceconnect.tokens import SigningKeys

ELSEWHERE = "https://elsewhere.example"
Members = dict[str, Any]
Change = Callable[[Members], Members]
Seal = Callable[[SigningKeys, Claims, ServiceProvider], str]
Delivery = Callable[[Answer], Answer]
_Artefact = TypeVar("_Artefact")


def same(artefact: _Artefact) -> _Artefact:
    """Change nothing."""
    return artefact


def changed(**members: object) -> Change:
    """Give members other values, or add them."""
    return lambda artefact: artefact | members


def without(*names: str) -> Change:
    """Leave members out."""
    return lambda artefact: {key: value for key, value in artefact.items() if key not in names}


def since_issue(**seconds: int) -> Change:
    """Set instants of a token, relative to that of its issue."""
    return lambda claims: claims | {name: claims["iat"] + shift for name, shift in seconds.items()}


class Rotation(Enum):
    """When the login has the signing key replaced."""

    NEVER = "never"
    BETWEEN_LOGINS = "between logins"
    """Before the code is given: whoever kept the keys of an earlier login has old ones."""
    BEFORE_SIGNING = "before signing"
    """Once the code is shown: even keys read just before are old ones."""


@dataclass(frozen=True, kw_only=True)
class Misbehaviour:
    """What happens to each artefact of a login; the defaults leave all of them alone."""

    callback: Change = same
    token: Change = same
    id_token: Change = same
    id_token_seal: Seal = SigningKeys.sign
    userinfo: Change = same
    userinfo_seal: Seal = SigningKeys.sign
    discovery: Change = same
    jwks: Change = same
    deliveries: Mapping[str, Delivery] = field(default_factory=dict)
    """How the answer of an endpoint is sent, by its name."""
    rotation: Rotation = Rotation.NEVER
    keeps_old_key: bool = True
    has_at_hash: bool = False
    """Whether the ID token carries the right at_hash, which FranceConnect leaves out."""

    def concerns(self, document: str) -> bool:
        """Whether it alters *document*, discovery or jwks."""
        changes = {"discovery": self.discovery, "jwks": self.jwks}
        return changes[document] is not same or document in self.deliveries

    def delivered(self, endpoint: str, answer: Answer) -> Answer:
        """Return the answer of *endpoint* as this login has it sent."""
        return self.deliveries.get(endpoint, same)(answer)
