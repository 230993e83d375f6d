"""The national register's part: completes partial dates and empties birthplaces abroad."""

from demo.franceconnect.model import Claims

FRANCE = "99100"
_KEPT = ("given_name", "family_name", "gender", "birthcountry", "email")


def rectified(identity: Claims) -> Claims:
    """Return what sites receive for *identity*, as an identity provider gave it.

    An unknown day or month becomes 01; the date as given stays in `idp_birthdate`.
    """
    claims: Claims = {name: identity[name] for name in _KEPT}
    claims["given_name_array"] = identity["given_name"].split()
    claims["birthdate"] = identity["birthdate"].replace("-00", "-01")
    claims["idp_birthdate"] = identity["birthdate"]
    born_in_france = identity["birthcountry"] == FRANCE
    claims["birthplace"] = identity["birthplace"] if born_in_france else ""
    if identity.get("preferred_username"):
        claims["preferred_username"] = identity["preferred_username"]
    return claims
