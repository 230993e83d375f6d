"""What FranceConnect may lawfully do: the login has to succeed."""

import gzip
from dataclasses import replace

from demo.franceconnect.answers import Answer
from demo.franceconnect.misbehaviour.model import (
    Members,
    Misbehaviour,
    Rotation,
    changed,
    since_issue,
    without,
)
from demo.franceconnect.misbehaviour.seals import header, sealed

_UNKNOWN = {"https://elsewhere.example/claim": {"nested": [1, None]}}
_UNUSABLE_KEYS = [
    {"kty": "AKP", "alg": "ML-DSA-44", "kid": "unheard-of", "pub": "AAAA"},
    {"kty": "EC", "kid": "broken"},
    {"kty": "EC", "crv": "P-256", "use": "enc", "kid": "enc", "x": "AA", "y": "AA"},
    {"kid": "without a type"},
]


def _audience_in_an_array(claims: Members) -> Members:
    return claims | {"aud": [claims["aud"]]}


def _azp_of_the_site(claims: Members) -> Members:
    return claims | {"azp": claims["aud"]}


def _more_keys(jwks: Members) -> Members:
    return {"keys": [*_UNUSABLE_KEYS, *jwks["keys"]], "unknown": True}


def _compressed(answer: Answer) -> Answer:
    return replace(answer, body=gzip.compress(answer.body), headers={"Content-Encoding": "gzip"})


def _type_in_capitals(answer: Answer) -> Answer:
    return replace(answer, content_type="APPLICATION/JWT ; charset=UTF-8")


_EVERY_ENDPOINT = ("discovery", "jwks", "token", "userinfo")

SURPRISES: dict[str, Misbehaviour] = {
    "key_rotated_just_before_signing": Misbehaviour(rotation=Rotation.BEFORE_SIGNING),
    "key_rotated_just_before_signing_old_one_withdrawn": Misbehaviour(
        rotation=Rotation.BEFORE_SIGNING, keeps_old_key=False
    ),
    "key_rotated_between_logins": Misbehaviour(rotation=Rotation.BETWEEN_LOGINS),
    "key_rotated_between_logins_old_one_withdrawn": Misbehaviour(
        rotation=Rotation.BETWEEN_LOGINS, keeps_old_key=False
    ),
    "kid_absent": Misbehaviour(id_token_seal=sealed(header(kid=None))),
    "kid_absent_in_userinfo": Misbehaviour(userinfo_seal=sealed(header(kid=None))),
    "keys_of_unknown_types": Misbehaviour(jwks=_more_keys, rotation=Rotation.BEFORE_SIGNING),
    "clock_ten_seconds_ahead": Misbehaviour(
        id_token=since_issue(iat=10, nbf=10, auth_time=10, exp=70),
        userinfo=since_issue(iat=10, nbf=10, exp=70),
    ),
    "clock_ten_seconds_behind": Misbehaviour(
        id_token=since_issue(iat=-70, exp=-10), userinfo=since_issue(iat=-70, exp=-10)
    ),
    "aud_in_an_array": Misbehaviour(
        id_token=_audience_in_an_array, userinfo=_audience_in_an_array
    ),
    "azp_of_the_site": Misbehaviour(id_token=_azp_of_the_site),
    "auth_time_missing": Misbehaviour(id_token=without("auth_time")),
    "at_hash_right": Misbehaviour(has_at_hash=True),
    "dates_missing_in_userinfo": Misbehaviour(userinfo=without("iat", "exp")),
    "identity_provider_unnamed": Misbehaviour(userinfo=without("idp_id")),
    "claims_unknown": Misbehaviour(id_token=changed(**_UNKNOWN), userinfo=changed(**_UNKNOWN)),
    "header_members_unknown": Misbehaviour(id_token_seal=sealed(header(unknown="ignored"))),
    "typ_jwt": Misbehaviour(
        id_token_seal=sealed(header(typ="JWT")), userinfo_seal=sealed(header(typ="jwt"))
    ),
    "token_type_lower_case": Misbehaviour(token=changed(token_type="bearer")),  # noqa: S106
    "expires_in_missing": Misbehaviour(token=without("expires_in")),
    "scope_missing": Misbehaviour(token=without("scope")),
    "token_members_unknown": Misbehaviour(
        token=changed(refresh_token="a-refresh-token", unknown=[])  # noqa: S106
    ),
    "callback_parameters_unknown": Misbehaviour(callback=changed(session_state="a-state")),
    "discovery_members_unknown": Misbehaviour(discovery=changed(unknown={"a": [1]})),
    "logout_endpoint_missing": Misbehaviour(discovery=without("end_session_endpoint")),
    "userinfo_type_in_capitals": Misbehaviour(deliveries={"userinfo": _type_in_capitals}),
    "answers_compressed": Misbehaviour(deliveries=dict.fromkeys(_EVERY_ENDPOINT, _compressed)),
    "answers_after_a_second": Misbehaviour(
        deliveries=dict.fromkeys(_EVERY_ENDPOINT, lambda answer: replace(answer, silence=1))
    ),
}
