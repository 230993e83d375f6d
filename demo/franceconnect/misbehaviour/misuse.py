"""What FranceConnect, or somebody in its place, may do wrong towards an identity provider."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from demo.franceconnect.misbehaviour.model import ELSEWHERE, Change, changed, same, without

_OTHER_SECRET = "another-secret-of-thirty-two-characters"  # noqa: S105 - nobody's
_UNSIGNED = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJzb21lYm9keSJ9."  # alg none, sub somebody


@dataclass(frozen=True)
class Call:
    """A request to the back channel of an identity provider."""

    form: dict[str, str] = field(repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)


CallChange = Callable[[Call], Call]


@dataclass(frozen=True, kw_only=True)
class Misuse:
    """What is sent otherwise; the defaults send what FranceConnect sends."""

    authorization: Change = same
    token: CallChange = same
    replays: int = 0
    """How often the code is shown again."""
    userinfo: CallChange = same
    logout: Change = same


def _form(change: Change) -> CallChange:
    return lambda call: replace(call, form=change(call.form))


def _headers(change: Change) -> CallChange:
    return lambda call: replace(call, headers=change(call.headers))


def _secret_in_header(call: Call) -> Call:
    """Authenticate by RFC 6749 §2.3.1's first way, for which FranceConnect is not registered."""
    pair = f"{quote(call.form['client_id'])}:{quote(call.form['client_secret'])}"
    basic = base64.b64encode(pair.encode()).decode()
    return Call(
        without("client_id", "client_secret")(call.form), {"Authorization": f"Basic {basic}"}
    )


def _token_in_query(call: Call) -> Call:
    _, _, access_token = call.headers["Authorization"].partition(" ")
    return Call({"access_token": access_token}, without("Authorization")(call.headers))


MISUSES: dict[str, Misuse] = {
    "client_unknown": Misuse(authorization=changed(client_id="an-impostor")),
    "redirect_uri_other": Misuse(authorization=changed(redirect_uri=f"{ELSEWHERE}/callback")),
    "redirect_uri_missing": Misuse(authorization=without("redirect_uri")),
    "response_type_token": Misuse(authorization=changed(response_type="token")),
    "response_mode_fragment": Misuse(authorization=changed(response_mode="fragment")),
    "scope_without_openid": Misuse(authorization=changed(scope="profile email birth")),
    "scope_not_granted": Misuse(authorization=changed(scope="openid nir")),
    "state_missing": Misuse(authorization=without("state")),
    "state_oversize": Misuse(authorization=changed(state="x" * 5_000)),
    "nonce_missing": Misuse(authorization=without("nonce")),
    "prompt_none": Misuse(authorization=changed(prompt="none")),
    "prompt_unknown": Misuse(authorization=changed(prompt="create")),
    "acr_unknown": Misuse(authorization=changed(acr_values="eidas9")),
    "acr_too_high": Misuse(authorization=changed(acr_values="eidas3")),
    "pkce_plain": Misuse(
        authorization=changed(code_challenge="x" * 43, code_challenge_method="plain")
    ),
    "request_object": Misuse(authorization=changed(request=_UNSIGNED)),
    "parameter_twice": Misuse(authorization=changed(scope=["openid", "openid profile"])),
    "secret_wrong": Misuse(token=_form(changed(client_secret=_OTHER_SECRET))),
    "secret_missing": Misuse(token=_form(without("client_secret"))),
    "secret_in_header": Misuse(token=_secret_in_header),
    "client_other": Misuse(token=_form(changed(client_id="an-impostor"))),
    "code_other": Misuse(token=_form(changed(code="a-code-that-was-never-given"))),
    "code_replayed": Misuse(replays=1),
    "token_redirect_uri_other": Misuse(token=_form(changed(redirect_uri=f"{ELSEWHERE}/callback"))),
    "token_redirect_uri_missing": Misuse(token=_form(without("redirect_uri"))),
    "grant_type_other": Misuse(token=_form(changed(grant_type="password"))),
    "bearer_other": Misuse(userinfo=_headers(changed(Authorization="Bearer nobody-gave-this"))),
    "bearer_missing": Misuse(userinfo=_headers(without("Authorization"))),
    "bearer_in_query": Misuse(userinfo=_token_in_query),
    "logout_without_hint": Misuse(logout=without("id_token_hint")),
    "logout_hint_unsigned": Misuse(logout=changed(id_token_hint=_UNSIGNED)),
    "logout_to_elsewhere": Misuse(logout=changed(post_logout_redirect_uri=ELSEWHERE)),
    "logout_without_state": Misuse(logout=without("state")),
}
