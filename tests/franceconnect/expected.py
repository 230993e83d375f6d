"""What our relying party answers to each fault of the simulator, as a table."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus

UNTRUSTED = "untrusted_answer"
UNAVAILABLE = "temporarily_unavailable"
LOST = "round_trip_lost"
REFUSED = "client_refused"
STATUS = {
    UNTRUSTED: HTTPStatus.BAD_GATEWAY,
    UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    LOST: HTTPStatus.BAD_REQUEST,
    REFUSED: HTTPStatus.BAD_GATEWAY,
    "access_denied": HTTPStatus.BAD_REQUEST,
    "server_error": HTTPStatus.BAD_GATEWAY,
    "invalid_scope": HTTPStatus.BAD_GATEWAY,
    "invalid_request": HTTPStatus.BAD_GATEWAY,
    "invalid_acr": HTTPStatus.BAD_GATEWAY,
    "invalid_idp_hint": HTTPStatus.BAD_GATEWAY,
    "unsupported_response_type": HTTPStatus.BAD_GATEWAY,
    "login_required": HTTPStatus.BAD_REQUEST,
    "low_acr": HTTPStatus.FORBIDDEN,
    "unknown_error": HTTPStatus.BAD_GATEWAY,
}
_OF_THE_BROWSER = {"parameters", "iss", "iss_missing", "code", "code_missing"}
TIMED = ("slow", "dripping")
"""The deliveries that take real time; their tests do too."""


@dataclass(frozen=True)
class Expected:
    """The French page, what the trail says, and which endpoints were called until the fault.

    The page leads back to where the journey began, but for answers of which nobody can tell to
    what journey they belong.
    """

    page: str
    reason: str
    calls: tuple[str, ...] = ()
    journey_is_known: bool = True

    @property
    def status(self) -> int:
        """400 for what the browser brought; servers of FranceConnect answer for the rest."""
        return HTTPStatus.BAD_REQUEST if self.reason in _OF_THE_BROWSER else STATUS[self.page]

    def with_known_keys(self) -> "Expected":
        """Return the same for a service that knows the keys already."""
        return replace(self, calls=self.calls[1:]) if self.calls[:1] == ("/jwks",) else self


_OF_NO_JOURNEY = {
    "state_missing": (LOST, "state_missing"),
    "state_empty": (LOST, "state_missing"),
    "state_other": (LOST, "state_unknown"),
    "invalid_idp_hint_without_state": (LOST, "state_unknown"),
    "state_twice": (UNTRUSTED, "parameters"),
    "state_oversize": (UNTRUSTED, "parameters"),
    "iss_other": (UNTRUSTED, "iss"),
    "iss_longer": (UNTRUSTED, "iss"),
    "iss_shorter": (UNTRUSTED, "iss"),
    "iss_twice": (UNTRUSTED, "parameters"),
    "code_twice": (UNTRUSTED, "parameters"),
    "code_oversize": (UNTRUSTED, "parameters"),
    "error_twice": (UNTRUSTED, "parameters"),
    "description_oversize": (UNTRUSTED, "parameters"),
}
_OF_A_JOURNEY = {
    "iss_missing": (UNTRUSTED, "iss_missing"),
    "code_missing": (UNTRUSTED, "code_missing"),
    "code_empty": (UNTRUSTED, "code_missing"),
    "code_unprintable": (UNTRUSTED, "code"),
    "error_and_code": ("server_error", "server_error"),
    "error_unknown": ("unknown_error", "unknown_error"),
    "error_empty": ("unknown_error", "unknown_error"),
    "access_denied": ("access_denied", "access_denied"),
    "server_error": ("server_error", "server_error"),
    "temporarily_unavailable": (UNAVAILABLE, "temporarily_unavailable"),
    "invalid_scope": ("invalid_scope", "invalid_scope"),
    "invalid_request": ("invalid_request", "invalid_request"),
    "invalid_acr": ("invalid_acr", "invalid_acr"),
    "invalid_idp_hint": ("invalid_idp_hint", "invalid_idp_hint"),
    "unsupported_response_type": ("unsupported_response_type", "unsupported_response_type"),
    "login_required": ("login_required", "login_required"),
    "interaction_required": ("login_required", "interaction_required"),
}
_TOKEN = {
    "id_token_missing": (UNTRUSTED, "token.id_token"),
    "id_token_number": (UNTRUSTED, "token.id_token"),
    "id_token_not_ascii": (UNTRUSTED, "token.id_token"),
    "access_token_missing": (UNTRUSTED, "token.access_token"),
    "access_token_number": (UNTRUSTED, "token.access_token"),
    "access_token_unprintable": (UNTRUSTED, "token.access_token"),
    "token_type_missing": (UNTRUSTED, "token.type"),
    "token_type_other": (UNTRUSTED, "token.type"),
    "token_type_number": (UNTRUSTED, "token.type"),
    "expires_in_text": (UNTRUSTED, "token.json"),
    "error_with_tokens": (REFUSED, "token.invalid_grant"),
    "invalid_client": (REFUSED, "token.invalid_client"),
    "invalid_grant": (REFUSED, "token.invalid_grant"),
    "unsupported_grant_type": (REFUSED, "token.unsupported_grant_type"),
    "error_unknown": ("server_error", "token.error"),
    "error_missing": (UNTRUSTED, "token.status"),
}
_ID_TOKEN = {
    "iss": ("iss_other", "iss_longer", "iss_missing"),
    "aud": (
        *("aud_other", "aud_missing", "aud_secondary", "aud_array_of_another"),
        "aud_empty_array",
    ),
    "azp": ("azp_other",),
    "nonce": ("nonce_other", "nonce_missing", "nonce_array"),
    "sub": ("sub_missing", "sub_empty", "sub_number", "sub_not_ascii", "sub_too_long"),
    "exp": ("exp_past", "exp_eleven_seconds_ago", "exp_missing", "exp_text", "exp_true"),
    "iat": ("iat_in_an_hour", "iat_in_eleven_seconds", "iat_missing", "iat_text"),
    "nbf": ("nbf_in_eleven_seconds", "nbf_text"),
    # Below eidas1 there is no level: only a site that asks for more sees a lower one.
    "acr": ("acr_missing", "acr_lower", "acr_unknown", "acr_array"),
    "auth_time": ("auth_time_in_eleven_seconds", "auth_time_two_days_ago", "auth_time_text"),
    "at_hash": ("at_hash_other",),
    "c_hash": ("c_hash_other",),
    "claims": ("exp_infinite",),
    "jws": ("oversize",),
}
_USERINFO = {
    "sub": ("sub_other", "sub_missing"),
    "iss": ("iss_other", "iss_missing"),
    "aud": ("aud_other", "aud_missing", "aud_secondary"),
    "exp_if_present": ("exp_eleven_seconds_ago",),
    "iat_if_present": ("iat_in_eleven_seconds",),
    "nbf": ("nbf_in_eleven_seconds",),
    "jws": ("oversize", "truncated", "json_called_jwt", "empty"),
    "status": ("status_401", "status_404"),
    "content_type": ("other_content_type", "plain_json", "html"),
    "content": ("not_ascii",),
}
_SEALS = {
    "signature": (
        *("signature_broken", "signature_empty", "signature_of_a_stranger"),
        "header_oversize",
    ),
    "alg": (
        *("alg_none", "alg_none_in_capitals", "alg_missing", "alg_of_another_key"),
        *("hs256_public_key", "hs256_client_secret", "header_array"),
    ),
    "header": (
        *("kid_number", "crit_unknown", "crit_b64", "typ_other"),
        *("header_member_twice", "header_nested"),
    ),
    "claims": ("claim_twice", "claims_nested", "claims_array", "claims_no_json"),
    "jws": ("two_parts", "five_parts"),
}
_UNKNOWN_KEYS = (
    *("kid_unknown", "kid_of_another_type"),
    *("jwk_in_header", "jku_in_header", "x5u_in_header"),
)
_AT_ANY_ENDPOINT = {
    "status_500": (UNAVAILABLE, "http_500"),
    "status_502": (UNAVAILABLE, "http_502"),
    "status_503": (UNAVAILABLE, "http_503"),
    "redirect_302_elsewhere": (UNTRUSTED, "redirect"),
    "redirect_307_elsewhere": (UNTRUSTED, "redirect"),
    "redirect_302_loopback": (UNTRUSTED, "redirect"),
    "redirect_307_loopback": (UNTRUSTED, "redirect"),
    "redirect_302_here": (UNTRUSTED, "redirect"),
    "hundred_megabytes": (UNTRUSTED, "too_large"),
    "endless": (UNTRUSTED, "too_large"),
    "gzip_bomb": (UNTRUSTED, "too_large"),
    "reset": (UNAVAILABLE, "unreachable"),
    "slow": (UNAVAILABLE, "timeout"),
    "dripping": (UNAVAILABLE, "timeout"),
}
_IN_ANY_JSON = {
    "status": ("status_404",),
    "content_type": ("other_content_type", "html"),
    "json": ("truncated", "array", "member_twice", "nested", "not_utf8", "empty"),
}
_JWKS = {
    "keys": (
        *("keys_missing", "keys_empty", "keys_not_list", "keys_not_objects"),
        *("keys_symmetric", "keys_private", "keys_for_encryption"),
        *("keys_of_another_algorithm", "keys_of_another_curve", "keys_off_the_curve"),
    ),
}
_DISCOVERY = {
    "issuer": ("issuer_other", "issuer_longer", "issuer_missing"),
    "authorization_endpoint": (
        *("authorization_endpoint_missing", "endpoints_http", "endpoints_relative"),
        *("endpoints_not_text", "endpoints_with_credentials", "endpoints_with_fragment"),
    ),
    "token_endpoint": ("token_endpoint_missing",),
    "userinfo_endpoint": ("userinfo_endpoint_missing",),
    "jwks_uri": ("jwks_uri_missing",),
}
_READ_TOKEN = ("/jwks", "/token")
_READ_USERINFO = (*_READ_TOKEN, "/userinfo")
_READ_DISCOVERY = ("/.well-known/openid-configuration",)


def _untrusted(artefact: str, faults: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, str]]:
    return {
        name: (UNTRUSTED, f"{artefact}.{reason}")
        for reason, names in faults.items()
        for name in names
    }


def _table(
    artefact: str,
    faults: Mapping[str, tuple[str, str]],
    *calls: str,
    journey_is_known: bool = True,
) -> dict[str, Expected]:
    return {
        f"{artefact}.{name}": Expected(page, reason, calls, journey_is_known)
        for name, (page, reason) in faults.items()
    }


EXPECTED: dict[str, Expected] = {
    **_table("callback", _OF_NO_JOURNEY, journey_is_known=False),
    **_table("callback", _OF_A_JOURNEY),
    "callback.code_other": Expected(REFUSED, "token.invalid_grant", _READ_TOKEN),
    **_table("token", _TOKEN, *_READ_TOKEN),
    **_table("token", _untrusted("token", _IN_ANY_JSON) | _AT_ANY_ENDPOINT, *_READ_TOKEN),
    **_table("id_token", _untrusted("id_token", _ID_TOKEN), *_READ_TOKEN),
    **_table("id_token", _untrusted("id_token", _SEALS), *_READ_TOKEN),
    **_table(
        "id_token",
        dict.fromkeys(_UNKNOWN_KEYS, (UNTRUSTED, "key_unknown")),
        *(*_READ_TOKEN, "/jwks"),
    ),
    "id_token.kid_absent_among_several": Expected(UNTRUSTED, "key_unknown", _READ_TOKEN),
    **_table("userinfo", _untrusted("userinfo", _USERINFO), *_READ_USERINFO),
    **_table("userinfo", _untrusted("userinfo", _SEALS) | _AT_ANY_ENDPOINT, *_READ_USERINFO),
    **_table(
        "userinfo",
        dict.fromkeys(_UNKNOWN_KEYS, (UNTRUSTED, "key_unknown")),
        *(*_READ_USERINFO, "/jwks"),
    ),
    **_table("jwks", _untrusted("jwks", _JWKS | _IN_ANY_JSON) | _AT_ANY_ENDPOINT, "/jwks"),
    # The set is good but for what this login needs, hence read once more.
    "jwks.key_missing": Expected(UNTRUSTED, "key_unknown", (*_READ_TOKEN, "/jwks")),
    "jwks.kid_twice": Expected(UNTRUSTED, "key_unknown", (*_READ_TOKEN, "/jwks")),
    **_table(
        "discovery",
        _untrusted("discovery", _DISCOVERY | _IN_ANY_JSON) | _AT_ANY_ENDPOINT,
        *_READ_DISCOVERY,
    ),
}
"""By the fault's name, for a service that has read nothing of FranceConnect but discovery."""


def of(artefact: str, *, timed: bool = False) -> list[str]:
    """Return the names of the faults of one artefact, those that take real time or the others."""
    return [
        name
        for name in EXPECTED
        if name.startswith(f"{artefact}.") and (name.partition(".")[2] in TIMED) == timed
    ]
