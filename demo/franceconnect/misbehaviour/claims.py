"""What may be wrong in the claims of an ID token or of userinfo, though the signature is right."""

import math

from demo.franceconnect.misbehaviour.model import (
    ELSEWHERE,
    Change,
    Members,
    changed,
    since_issue,
    without,
)

_HOUR, _DAY = 3_600, 86_400  # seconds
_ANOTHER_SITE = "another-site"
_LEVELS = ("eidas0", "eidas1", "eidas2", "eidas3")


def _longer_issuer(claims: Members) -> Members:
    return claims | {"iss": claims["iss"] + "/"}


def _secondary_audience(claims: Members) -> Members:
    return claims | {"aud": [claims["aud"], _ANOTHER_SITE]}


def _one_level_lower(claims: Members) -> Members:
    """Say the level below the one that was asked; below the lowest there is none."""
    return claims | {"acr": _LEVELS[_LEVELS.index(claims["acr"]) - 1]}


ID_TOKEN: dict[str, Change] = {
    "iss_other": changed(iss=ELSEWHERE),
    "iss_longer": _longer_issuer,
    "iss_missing": without("iss"),
    "aud_other": changed(aud=_ANOTHER_SITE),
    "aud_missing": without("aud"),
    "aud_secondary": _secondary_audience,
    "aud_array_of_another": changed(aud=[_ANOTHER_SITE]),
    "aud_empty_array": changed(aud=[]),
    "azp_other": changed(azp=_ANOTHER_SITE),
    "nonce_other": changed(nonce="0" * 64),
    "nonce_missing": without("nonce"),
    "nonce_array": changed(nonce=["0" * 64]),
    "sub_missing": without("sub"),
    "sub_empty": changed(sub=""),
    "sub_number": changed(sub=12),
    "sub_not_ascii": changed(sub="é" * 10),
    "sub_too_long": changed(sub="f" * 256),
    "exp_past": since_issue(exp=-_HOUR),
    "exp_eleven_seconds_ago": since_issue(exp=-11),
    "exp_missing": without("exp"),
    "exp_text": changed(exp="tomorrow"),
    "exp_true": changed(exp=True),
    "exp_infinite": changed(exp=math.inf),
    "iat_in_an_hour": since_issue(iat=_HOUR, exp=_HOUR + 60),
    "iat_in_eleven_seconds": since_issue(iat=11),
    "iat_missing": without("iat"),
    "iat_text": changed(iat="now"),
    "nbf_in_eleven_seconds": since_issue(nbf=11),
    "nbf_text": changed(nbf="now"),
    "acr_missing": without("acr"),
    "acr_lower": _one_level_lower,
    "acr_unknown": changed(acr="eidas9"),
    "acr_array": changed(acr=["eidas3"]),
    "auth_time_in_eleven_seconds": since_issue(auth_time=11),
    "auth_time_two_days_ago": since_issue(auth_time=-2 * _DAY),
    "auth_time_text": changed(auth_time="now"),
    "at_hash_other": changed(at_hash="A" * 22),
    "c_hash_other": changed(c_hash="A" * 22),
    "oversize": changed(padding="x" * 20_000),
}

USERINFO: dict[str, Change] = {
    "sub_other": changed(sub="f" * 64 + "v1"),
    "sub_missing": without("sub"),
    "iss_other": changed(iss=ELSEWHERE),
    "iss_missing": without("iss"),
    "aud_other": changed(aud=_ANOTHER_SITE),
    "aud_missing": without("aud"),
    "aud_secondary": _secondary_audience,
    "exp_eleven_seconds_ago": since_issue(exp=-11),
    "iat_in_eleven_seconds": since_issue(iat=11),
    "nbf_in_eleven_seconds": since_issue(nbf=11),
    "oversize": changed(padding="x" * 20_000),
}
