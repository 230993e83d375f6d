"""Every misbehaviour by its name: the artefact, a dot, the fault."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from demo.franceconnect.misbehaviour.callback import CALLBACK
from demo.franceconnect.misbehaviour.claims import ID_TOKEN, USERINFO
from demo.franceconnect.misbehaviour.delivery import AT_ANY_ENDPOINT, AT_USERINFO, IN_ANY_JSON
from demo.franceconnect.misbehaviour.documents import DISCOVERY, JWKS
from demo.franceconnect.misbehaviour.misuse import MISUSES, Misuse
from demo.franceconnect.misbehaviour.model import Change, Delivery, Misbehaviour, Rotation
from demo.franceconnect.misbehaviour.seals import SEALS, header, sealed
from demo.franceconnect.misbehaviour.surprises import SURPRISES
from demo.franceconnect.misbehaviour.token import TOKEN, TOKEN_REFUSALS

_Fault = TypeVar("_Fault")
_Made = TypeVar("_Made")


def _named(
    artefact: str, faults: Mapping[str, _Fault], make: Callable[[_Fault], _Made]
) -> dict[str, _Made]:
    return {f"{artefact}.{name}": make(fault) for name, fault in faults.items()}


def _delivered(endpoint: str) -> Callable[[Delivery], Misbehaviour]:
    return lambda delivery: Misbehaviour(
        deliveries={endpoint: delivery}, rotation=_rotation(endpoint)
    )


def _rotation(endpoint: str) -> Rotation:
    """Replace the key of a login whose JWKS is faulty: else nobody would have to read it."""
    return Rotation.BEFORE_SIGNING if endpoint == "jwks" else Rotation.NEVER


def _published(change: Change) -> Misbehaviour:
    return Misbehaviour(jwks=change, rotation=_rotation("jwks"))


_KID_ABSENT = Misbehaviour(
    id_token_seal=sealed(header(kid=None)), rotation=Rotation.BETWEEN_LOGINS
)
_PLAIN_JSON = Misbehaviour(
    userinfo_seal=lambda _keys, claims, _site: json.dumps(claims),
    deliveries={"userinfo": lambda answer: replace(answer, content_type="application/json")},
)

MISBEHAVIOURS: dict[str, Misbehaviour] = {
    **_named("callback", CALLBACK, lambda change: Misbehaviour(callback=change)),
    **_named("token", TOKEN, lambda change: Misbehaviour(token=change)),
    **_named("token", TOKEN_REFUSALS | IN_ANY_JSON | AT_ANY_ENDPOINT, _delivered("token")),
    **_named("id_token", ID_TOKEN, lambda change: Misbehaviour(id_token=change)),
    **_named("id_token", SEALS, lambda seal: Misbehaviour(id_token_seal=seal)),
    "id_token.kid_absent_among_several": _KID_ABSENT,
    **_named("userinfo", USERINFO, lambda change: Misbehaviour(userinfo=change)),
    **_named("userinfo", SEALS, lambda seal: Misbehaviour(userinfo_seal=seal)),
    **_named("userinfo", AT_USERINFO | AT_ANY_ENDPOINT, _delivered("userinfo")),
    "userinfo.plain_json": _PLAIN_JSON,
    **_named("jwks", JWKS, _published),
    **_named("jwks", IN_ANY_JSON | AT_ANY_ENDPOINT, _delivered("jwks")),
    **_named("discovery", DISCOVERY, lambda change: Misbehaviour(discovery=change)),
    **_named("discovery", IN_ANY_JSON | AT_ANY_ENDPOINT, _delivered("discovery")),
    **_named("lawful", SURPRISES, lambda surprise: surprise),
}
"""Towards sites."""

TOWARDS_IDENTITY_PROVIDERS: dict[str, Misuse] = _named("idp", MISUSES, lambda misuse: misuse)

NAMES: tuple[str, ...] = (*MISBEHAVIOURS, *TOWARDS_IDENTITY_PROVIDERS)
_LAWFUL, _AS_USUAL = Misbehaviour(), Misuse()


def behaviour(name: str | None) -> Misbehaviour:
    """Return what *name* does to the answers for a site; nothing for any other name."""
    return MISBEHAVIOURS.get(name or "", _LAWFUL)


def usage(name: str | None) -> Misuse:
    """Return what *name* does to the calls of an identity provider; nothing for another name."""
    return TOWARDS_IDENTITY_PROVIDERS.get(name or "", _AS_USUAL)
