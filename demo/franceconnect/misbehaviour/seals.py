"""What may be wrong in the form or the signature of an ID token or of a userinfo answer."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable

from joserfc.jwk import ECKey, OctKey, RSAKey
from joserfc.jws import JWSRegistry

from demo.franceconnect.config import ServiceProvider
from demo.franceconnect.misbehaviour.model import Members, Seal, same
from demo.franceconnect.model import Claims
from demo.franceconnect.tokens import SigningKeys

_DEPTH = 5_000
_ALGORITHMS = JWSRegistry(algorithms=["ES256", "RS256", "HS256"])
_Key = ECKey | RSAKey | OctKey
_Header = Callable[[SigningKeys, Claims], Members]
_KeyOf = Callable[[SigningKeys, ServiceProvider], _Key]
_Rewriting = Callable[[str], str]


def sealed(
    header: _Header = lambda _keys, _claims: {},
    *,
    key_of: _KeyOf = SigningKeys.key_for,
    header_text: _Rewriting = same,
    payload_text: _Rewriting = same,
) -> Seal:
    """Sign as a site expects, but for these; a header member that is None is left out."""

    def seal(keys: SigningKeys, claims: Claims, site: ServiceProvider) -> str:
        members = {"alg": site.algorithm, "kid": keys.key_for(site).kid} | header(keys, claims)
        present = {name: value for name, value in members.items() if value is not None}
        content = _content(header_text(json.dumps(present)), payload_text(json.dumps(claims)))
        return f"{content}.{_signature(content, key_of(keys, site), site.algorithm)}"

    return seal


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _content(header: str, payload: str) -> str:
    return f"{_encoded(header.encode())}.{_encoded(payload.encode())}"


def _signature(content: str, key: _Key, algorithm: str) -> str:
    return _encoded(_ALGORITHMS.get_alg(algorithm).sign(content.encode(), key))


def header(**members: object) -> _Header:
    """Return members that depend on nothing."""
    return lambda _keys, _claims: members


def _foreign_key(keys: SigningKeys, _site: ServiceProvider) -> ECKey:
    return keys.foreign


def _foreign_kid(keys: SigningKeys, _claims: Claims) -> Members:
    return {"kid": keys.foreign.kid}


def _foreign_jwk(keys: SigningKeys, claims: Claims) -> Members:
    """Bring the key along, as RFC 7515 §4.1.3 lets an attacker try."""
    return _foreign_kid(keys, claims) | {"jwk": keys.foreign.as_dict(private=False)}


def _foreign_address(name: str) -> _Header:
    """Say where the key is, as RFC 7515 §4.1.2 and §4.1.5 let an attacker try."""
    return lambda keys, claims: (
        _foreign_kid(keys, claims) | {name: f"{claims['iss']}/simulator/foreign-keys"}
    )


def _kid_of_the_other_type(keys: SigningKeys, _claims: Claims) -> Members:
    return {"kid": keys.rsa.kid}


def _broken(keys: SigningKeys, claims: Claims, site: ServiceProvider) -> str:
    content, _, signature = keys.sign(claims, site).rpartition(".")
    return f"{content}.{signature[::-1]}"


def _unsigned(alg: str | None) -> Seal:
    """Leave the signature out; *alg* None leaves the algorithm out too."""
    members = {"alg": alg} if alg else {}
    return lambda _keys, claims, _site: _content(json.dumps(members), json.dumps(claims)) + "."


def _hmac_with(secret_of: Callable[[SigningKeys, ServiceProvider], bytes]) -> Seal:
    def seal(keys: SigningKeys, claims: Claims, site: ServiceProvider) -> str:
        members = {"alg": "HS256", "kid": keys.key_for(site).kid}
        content = _content(json.dumps(members), json.dumps(claims))
        digest = hmac.digest(secret_of(keys, site), content.encode(), hashlib.sha256)
        return f"{content}.{_encoded(digest)}"

    return seal


def _public_key(keys: SigningKeys, site: ServiceProvider) -> bytes:
    """Return the published key, as if it were a shared secret (RFC 8725 §2.1)."""
    key = keys.key_for(site)
    return b"" if isinstance(key, OctKey) else bytes(key.as_pem(private=False))


def _other_algorithm(keys: SigningKeys, claims: Claims, site: ServiceProvider) -> str:
    """Sign with the published key of the algorithm that the site did not register."""
    algorithm, key = ("RS256", keys.rsa) if site.algorithm == "ES256" else ("ES256", keys.ec)
    content = _content(json.dumps({"alg": algorithm, "kid": key.kid}), json.dumps(claims))
    return f"{content}.{_signature(content, key, algorithm)}"


def _first_member_twice(text: str) -> str:
    """Repeat the name of the first member, with another value before the right one."""
    name = next(iter(json.loads(text)))
    return f'{{"{name}": "another value", {text[1:]}'


def _nested(text: str) -> str:
    return f'{{"nested": {"[" * _DEPTH}{"]" * _DEPTH}, {text[1:]}'


SEALS: dict[str, Seal] = {
    "signature_broken": _broken,
    "signature_empty": lambda keys, claims, site: keys.sign(claims, site).rpartition(".")[0] + ".",
    "signature_of_a_stranger": sealed(key_of=_foreign_key),
    "alg_none": _unsigned("none"),
    "alg_none_in_capitals": _unsigned("NONE"),
    "alg_missing": _unsigned(None),
    "alg_of_another_key": _other_algorithm,
    "hs256_public_key": _hmac_with(_public_key),
    "hs256_client_secret": _hmac_with(lambda _keys, site: site.client_secret.encode()),
    "kid_unknown": sealed(_foreign_kid, key_of=_foreign_key),
    "kid_of_another_type": sealed(_kid_of_the_other_type),
    "kid_number": sealed(header(kid=1)),
    "jwk_in_header": sealed(_foreign_jwk, key_of=_foreign_key),
    "jku_in_header": sealed(_foreign_address("jku"), key_of=_foreign_key),
    "x5u_in_header": sealed(_foreign_address("x5u"), key_of=_foreign_key),
    "crit_unknown": sealed(header(crit=["fictional"], fictional=True)),
    "crit_b64": sealed(header(crit=["b64"], b64=True)),
    "typ_other": sealed(header(typ="at+jwt")),
    "header_member_twice": sealed(header_text=_first_member_twice),
    "header_nested": sealed(header_text=_nested),
    "header_array": sealed(header_text=lambda text: f"[{text}]"),
    "header_oversize": sealed(header(padding="x" * 5_000)),
    "claim_twice": sealed(payload_text=_first_member_twice),
    "claims_nested": sealed(payload_text=_nested),
    "claims_array": sealed(payload_text=lambda text: f"[{text}]"),
    "claims_no_json": sealed(payload_text=lambda text: text[:-1]),
    "two_parts": lambda keys, claims, site: keys.sign(claims, site).rpartition(".")[0],
    "five_parts": lambda keys, claims, site: keys.sign(claims, site) + ".e30.e30",
}
