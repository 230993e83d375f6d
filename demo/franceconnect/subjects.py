"""The pairwise sub: one per person and entity, the same whatever account was used."""

from hashlib import sha256

from demo.franceconnect.config import ServiceProvider
from demo.franceconnect.model import Claims, Person
from demo.franceconnect.rnipp import FRANCE


def subject(person: Person, site: ServiceProvider, secret: str) -> str:
    """Return 64 hexadecimal digits and `v1`; it changes when civil status does."""
    if site.recorded_sub and person.recorded_sub:
        return person.recorded_sub
    material = site.entity + _identity_hash(person.claims) + secret
    return sha256(material.encode()).hexdigest() + "v1"


def _identity_hash(claims: Claims) -> str:
    fields = ["given_name", "family_name", "birthdate", "gender"]
    if claims["birthcountry"] == FRANCE:
        fields.append("birthplace")
    fields.append("birthcountry")
    return sha256("".join(claims[name] for name in fields).encode()).hexdigest()
