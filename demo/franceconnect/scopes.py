"""Which claims each scope releases on the low platform."""

from demo.franceconnect.model import Claims

_NAMES = ("given_name", "given_name_array", "family_name")
_PIVOT = (*_NAMES, "birthdate", "gender")
SCOPES: dict[str, tuple[str, ...]] = {
    "openid": ("sub",),
    "profile": (*_PIVOT, "preferred_username"),
    "birth": ("birthplace", "birthcountry"),
    "identite_pivot": (*_PIVOT, "birthplace", "birthcountry"),
    "given_name": ("given_name", "given_name_array"),
    "family_name": ("family_name",),
    "gender": ("gender",),
    "birthdate": ("birthdate",),
    "birthplace": ("birthplace",),
    "birthcountry": ("birthcountry",),
    "email": ("email",),
    "preferred_username": ("preferred_username",),
    "idp_birthdate": ("idp_birthdate",),
    "idp_id": ("idp_id",),
    "amr": ("amr",),
}


def released(claims: Claims, scopes: tuple[str, ...]) -> Claims:
    """Keep of *claims* what *scopes* give; an absent claim stays absent."""
    names = {name for scope in scopes for name in SCOPES[scope]}
    return {name: value for name, value in claims.items() if name in names}
