"""An authorization request as a partner sent it (OpenID Connect Core §3.1.2.1)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from broker.clients.scopes import CLAIMS
from broker.oidc.errors import InvalidRequest
from broker.oidc.parameters import Parameters

KNOWN = (
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "dpop_jkt",
    "prompt",
    "max_age",
    "acr_values",
    "claims",
    "resource",
    "id_token_hint",
    "login_hint",
)
_REQUEST_OBJECTS = ("request", "request_uri", "registration")


@dataclass(frozen=True)
class RequestedClaims:
    """What the ``claims`` parameter asks (OpenID Connect Core §5.5)."""

    userinfo: tuple[str, ...] = ()
    id_token: tuple[str, ...] = ()
    acr_is_essential: bool = False
    acr_values: tuple[str, ...] = ()
    subs: frozenset[str] | None = field(default=None, repr=False)
    """The persons whom the request may be about; None where it says nothing."""

    @classmethod
    def read(cls, text: str) -> Self:
        """Read the JSON; anything but objects (or null) in the known places is refused."""
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            raise InvalidRequest("claims is not JSON") from None
        userinfo, id_token = (_members(document, name) for name in ("userinfo", "id_token"))
        subs = [_wanted(members, "sub") for members in (userinfo, id_token)]
        named = [frozenset(wanted) for wanted in subs if wanted is not None]
        return cls(
            userinfo=tuple(userinfo),
            id_token=tuple(id_token),
            acr_is_essential=(id_token.get("acr") or {}).get("essential") is True,
            acr_values=_wanted(id_token, "acr") or (),
            subs=frozenset.intersection(*named) if named else None,
        )


def _members(document: object, name: str) -> Mapping[str, Any]:
    members = document.get(name) or {} if isinstance(document, dict) else None
    if not isinstance(members, dict) or not all(map(_is_request, members.values())):
        raise InvalidRequest("claims is not an object of objects")
    return members


def _is_request(member: object) -> bool:
    """Tell whether it asks for one claim: null, or an object of the known shape (§5.5.1)."""
    if member is None:
        return True
    return (
        isinstance(member, dict)
        and isinstance(member.get("essential", False), bool)
        and isinstance(member.get("values", []), list)
    )


def _wanted(members: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    """Return the values that a claim is asked with, or None where any will do."""
    asked = members.get(name) or {}
    if "value" not in asked and "values" not in asked:
        return None
    wanted = asked.get("values", [asked.get("value")])
    if not all(isinstance(value, str) for value in wanted):
        raise InvalidRequest(f"claims: values of {name} are texts")
    return tuple(wanted)


@dataclass(frozen=True)
class AuthorizationRequest:
    """One request; the checks say whether it may be answered.

    ``values`` holds the parameters that are read, by their names; unknown ones are ignored.
    """

    values: Mapping[str, str] = field(repr=False)
    received_at: datetime
    repeated: frozenset[str] = frozenset()
    request_object: str | None = None
    """Name of the parameter that brings a request object, where there is one."""
    pushed: bool = False

    @classmethod
    def of(cls, parameters: Parameters, received_at: datetime) -> Self:
        """Keep what is known of the parameters."""
        return cls(
            values={name: parameters.values[name] for name in KNOWN if name in parameters.values},
            received_at=received_at,
            repeated=parameters.repeated,
            request_object=next((n for n in _REQUEST_OBJECTS if parameters.get(n)), None),
        )

    def without_creation(self) -> Self:
        """Return the same request, as if it had not asked to begin with a new account."""
        prompts = " ".join(sorted(self.prompts - {"create"}))
        return replace(self, values={**self.values, "prompt": prompts})

    def bound_to(self, proved: str | None) -> Self:
        """Return the request bound to a key, as its dpop_jkt does (RFC 9449 §10.1)."""
        if proved is None:
            return self
        if self.values.get("dpop_jkt", proved) != proved:
            raise InvalidRequest("dpop_jkt is not the key of the DPoP proof")
        return replace(self, values={**self.values, "dpop_jkt": proved})

    @property
    def redirect_uri(self) -> str:
        """Where the answer goes; empty when absent."""
        return self.values.get("redirect_uri", "")

    @property
    def state(self) -> str | None:
        """The partner's own value, given back unchanged; None when it came twice."""
        return None if "state" in self.repeated else self.values.get("state")

    @property
    def response_mode(self) -> str:
        """How the answer travels; the default of the code flow is the query."""
        return self.values.get("response_mode", "query")

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes asked, each once, in their order."""
        return tuple(dict.fromkeys(self.values.get("scope", "").split()))

    @property
    def known_scopes(self) -> tuple[str, ...]:
        """Those that mean something here: the others are free text, kept and recorded nowhere."""
        return tuple(scope for scope in self.scopes if scope in CLAIMS)

    @property
    def resources(self) -> tuple[str, ...]:
        """The resource servers asked, each once (RFC 8707 §2)."""
        return tuple(dict.fromkeys(self.values.get("resource", "").split()))

    @property
    def prompts(self) -> frozenset[str]:
        """The values of ``prompt``."""
        return frozenset(self.values.get("prompt", "").split())

    @property
    def acr_values(self) -> tuple[str, ...]:
        """The levels asked as a preference."""
        return tuple(self.values.get("acr_values", "").split())

    @property
    def max_age(self) -> int | None:
        """Seconds since the login that are still fresh enough; InvalidRequest when unreadable."""
        text = self.values.get("max_age")
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 10):  # noqa: PLR2004 - 300 years
            raise InvalidRequest("max_age is not a number of seconds")
        return int(text)

    @property
    def claims(self) -> RequestedClaims:
        """The ``claims`` parameter; InvalidRequest when unreadable."""
        text = self.values.get("claims")
        return RequestedClaims() if text is None else RequestedClaims.read(text)
