"""Which scope releases which claims (OpenID Connect Core §5.4, and FranceConnect's scopes)."""

from collections.abc import Iterable, Mapping

OPENID = "openid"
OFFLINE = "offline_access"
NIR = "nir"
_SHARED: Mapping[str, tuple[str, ...]] = {
    "profile": (
        "name",
        "given_name",
        "family_name",
        "preferred_username",
        "gender",
        "birthdate",
    ),
    "birth": ("birthplace", "birthcountry"),
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_number_verified"),
    "address": ("address",),
}
# FranceConnect also has a scope of the name of each claim of civil status.
_OF_ONE_CLAIM = (*_SHARED["profile"][1:], *_SHARED["birth"])
CLAIMS: Mapping[str, tuple[str, ...]] = {
    OPENID: (),
    OFFLINE: (),
    **_SHARED,
    **{claim: (claim,) for claim in _OF_ONE_CLAIM},
    NIR: ("nir",),
}
DEFAULT = (OPENID, *_SHARED)
"""What a registration that names no scope may ask; never the NIR, nor access in absence."""


def claims_of(scopes: Iterable[str]) -> tuple[str, ...]:
    """Return the claims that these scopes release, each once, in a steady order."""
    return tuple(dict.fromkeys(claim for scope in scopes for claim in CLAIMS.get(scope, ())))


def covers(granted: frozenset[str], scope: str) -> bool:
    """Tell whether *scope* asks no more than the *granted* ones.

    ``birthdate`` is covered by ``profile``: it is one of its claims.
    """
    if scope in granted:
        return True
    wanted = CLAIMS[scope]
    return bool(wanted) and set(wanted) <= set(claims_of(granted))
