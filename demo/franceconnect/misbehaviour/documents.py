"""What may be wrong in the two documents that FranceConnect publishes: discovery and keys."""

from collections.abc import Callable
from typing import Any

from joserfc.jwk import ECKey

from demo.franceconnect.misbehaviour.model import ELSEWHERE, Change, Members, changed, without

_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
_EC_KEY = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
_P384_KEY = ECKey.generate_key("P-384")
_SYMMETRIC = {"kty": "oct", "k": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "alg": "HS256"}


def _longer_issuer(document: Members) -> Members:
    return document | {"issuer": document["issuer"] + "/"}


def _endpoints(rewritten: Callable[[str], object]) -> Change:
    return lambda document: document | {name: rewritten(document[name]) for name in _ENDPOINTS}


def _with_credentials(address: str) -> str:
    return address.replace("://", "://user:secret@", 1)


DISCOVERY: dict[str, Change] = {
    "issuer_other": changed(issuer=ELSEWHERE),
    "issuer_longer": _longer_issuer,
    "issuer_missing": without("issuer"),
    "authorization_endpoint_missing": without("authorization_endpoint"),
    "token_endpoint_missing": without("token_endpoint"),
    "userinfo_endpoint_missing": without("userinfo_endpoint"),
    "jwks_uri_missing": without("jwks_uri"),
    "endpoints_http": _endpoints(lambda _address: "http://elsewhere.example/endpoint"),
    "endpoints_relative": _endpoints(lambda _address: "/endpoint"),
    "endpoints_not_text": _endpoints(lambda address: [address]),
    "endpoints_with_credentials": _endpoints(_with_credentials),
    "endpoints_with_fragment": _endpoints(lambda address: f"{address}#here"),
}


def _each_key(**members: Any) -> Change:  # noqa: ANN401 - any value that JSON has
    return lambda jwks: {"keys": [key | members for key in jwks["keys"]]}


def _first_name_for_a_stranger(jwks: Members) -> Members:
    """Publish a second key, before the right one and under its name."""
    keys = jwks["keys"]
    return {"keys": [_EC_KEY.as_dict(private=False) | {"kid": keys[0]["kid"]}, *keys]}


def _private(jwks: Members) -> Members:
    return {"keys": [_EC_KEY.as_dict(private=True) | {"kid": k["kid"]} for k in jwks["keys"]]}


def _other_curve(jwks: Members) -> Members:
    key = _P384_KEY.as_dict(private=False)
    return {"keys": [key | {"kid": each["kid"]} for each in jwks["keys"]]}


JWKS: dict[str, Change] = {
    "keys_missing": without("keys"),
    "keys_empty": changed(keys=[]),
    "keys_not_list": changed(keys="none"),
    "keys_not_objects": changed(keys=["none"]),
    "key_missing": changed(keys=[_EC_KEY.as_dict(private=False)]),
    "keys_symmetric": changed(keys=[_SYMMETRIC]),
    "keys_private": _private,
    "keys_for_encryption": _each_key(use="enc"),
    "keys_of_another_algorithm": _each_key(alg="ES384"),
    "keys_of_another_curve": _other_curve,
    "keys_off_the_curve": _each_key(y="AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    "kid_twice": _first_name_for_a_stranger,
}
