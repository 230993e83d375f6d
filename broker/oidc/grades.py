"""How well the provider itself meets OAuth 2.1 and FAPI 2.0, judged by what it publishes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from broker.base.grades import Criterion, Grade, Standard, grade
from broker.base.limits import Limits

_LONGEST_CODE = 60  # seconds, FAPI 2.0 §5.3.2.1-11
_LONGEST_PUSHED = 600  # seconds, FAPI 2.0 §5.3.2.2-12: less than that


@dataclass(frozen=True)
class Published:
    """The metadata document, and the limits behind it."""

    metadata: Mapping[str, Any]
    limits: Limits


def grades_of(published: Published) -> tuple[Grade, ...]:
    """Judge the server by every rule that depends on it."""
    return grade(published, CRITERIA)


def _code_alone(published: Published) -> bool:
    return list(published.metadata["response_types_supported"]) == ["code"]


def _grants(published: Published) -> set[str]:
    return set(published.metadata["grant_types_supported"])


def _s256_alone(published: Published) -> bool:
    return list(published.metadata["code_challenge_methods_supported"]) == ["S256"]


def _every_address_is_https(published: Published) -> bool:
    addresses = (
        value
        for name, value in published.metadata.items()
        if name.endswith(("_endpoint", "_uri")) or name == "issuer"
    )
    return all(address.startswith("https://") for address in addresses)


def _names_itself(published: Published) -> bool:
    return published.metadata.get("authorization_response_iss_parameter_supported") is True


CRITERIA: tuple[Criterion[Published], ...] = (
    Criterion(Standard.OAUTH_2_1, "the code flow is the only one (§1.4)", _code_alone),
    Criterion(
        Standard.OAUTH_2_1,
        "no password or implicit grant (§10)",
        lambda published: not _grants(published) & {"password", "implicit"},
    ),
    Criterion(Standard.OAUTH_2_1, "the only PKCE method is S256 (§4.1.1)", _s256_alone),
    Criterion(Standard.OAUTH_2_1, "every address is https (§1.5)", _every_address_is_https),
    Criterion(Standard.FAPI_2_0, "every answer names the issuer (§5.3.2.2-7)", _names_itself),
    Criterion(
        Standard.FAPI_2_0,
        "requests may be pushed (§5.3.2.2-2)",
        lambda published: "pushed_authorization_request_endpoint" in published.metadata,
    ),
    Criterion(
        Standard.FAPI_2_0,
        "a pushed request lives less than 600 s (§5.3.2.2-12)",
        lambda published: published.limits.pushed_request_life < _LONGEST_PUSHED,
    ),
    Criterion(
        Standard.FAPI_2_0,
        "a code lives 60 s at most (§5.3.2.1-11)",
        lambda published: published.limits.authorization_code_life <= _LONGEST_CODE,
    ),
    Criterion(
        Standard.FAPI_2_0,
        "clients may prove themselves by a signed assertion (§5.3.2.1-6)",
        lambda published: (
            "private_key_jwt" in published.metadata["token_endpoint_auth_methods_supported"]
        ),
    ),
    Criterion(
        Standard.FAPI_2_0,
        "access tokens may be bound to a key (§5.3.2.1-4)",
        lambda published: bool(published.metadata.get("dpop_signing_alg_values_supported")),
    ),
)
