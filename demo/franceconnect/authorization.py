"""The authorization request: a closed list of parameters, then checks in order."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from werkzeug.datastructures import MultiDict

from demo.franceconnect.config import Acr, Config, ServiceProvider
from demo.franceconnect.errors import CallbackError, PageError
from demo.franceconnect.model import AuthorizationRequest
from demo.franceconnect.scopes import SCOPES

_REQUIRED = frozenset(
    {"client_id", "redirect_uri", "scope", "response_type", "state", "nonce", "acr_values"}
)
_OPTIONAL = frozenset({"claims", "prompt", "idp_hint", "ui_locales"})
_PROMPTS = frozenset({"login", "consent"})
_NONCE_LENGTH = 22
_LEVELS: tuple[Acr, ...] = ("eidas1", "eidas2", "eidas3")

Parameters = Mapping[str, str]


def read(sent: MultiDict[str, str]) -> Parameters:
    """Return the parameters, or refuse them all on FranceConnect's page (Y030007)."""
    repeated = {name for name, values in sent.lists() if len(values) > 1}
    parameters = sent.to_dict()
    absent = {name for name in _REQUIRED if not parameters.get(name)}
    unknown = parameters.keys() - _REQUIRED - _OPTIONAL
    if faults := sorted(repeated | absent | unknown | _ill_formed(parameters)):
        raise PageError("Y030007", detail=", ".join(faults))
    return parameters


def _ill_formed(parameters: Parameters) -> set[str]:
    faults = set()
    if len(parameters.get("nonce", "")) < _NONCE_LENGTH:
        faults.add("nonce")
    if "prompt" in parameters:
        prompts = set(parameters["prompt"].split())
        if not prompts or prompts - _PROMPTS:
            faults.add("prompt")
    return faults


def check(parameters: Parameters, config: Config) -> AuthorizationRequest:
    """Turn *parameters* into a request; each refusal goes where FranceConnect sends it."""
    site = _site(parameters, config)
    for refuse in (_response_type_is_code, _openid_is_asked, _scopes_are_granted):
        refuse(parameters, site)
    return AuthorizationRequest(
        site=site,
        redirect_uri=parameters["redirect_uri"],
        scopes=tuple(name for name in parameters["scope"].split() if name in SCOPES),
        state=parameters["state"],
        nonce=parameters["nonce"],
        acr=_acr(parameters, config),
        prompts=frozenset(parameters.get("prompt", "").split()),
        amr_asked=_amr_is_asked(parameters, site),
        idp_hint=_idp_hint(parameters, site, config),
    )


def _site(parameters: Parameters, config: Config) -> ServiceProvider:
    site = config.service_provider(parameters["client_id"])
    if site is None:
        raise PageError("Y04EA6EF")
    if parameters["redirect_uri"] not in site.redirect_uris:
        raise PageError("Y04C013C")
    return site


def _refusal(parameters: Parameters, error: str, description: str, **more: str) -> CallbackError:
    answer = {"error": error, "error_description": description, "state": parameters["state"]}
    return CallbackError(parameters["redirect_uri"], answer | more)


def _response_type_is_code(parameters: Parameters, _site: ServiceProvider) -> None:
    if parameters["response_type"] != "code":
        refusal = _refusal(
            parameters, "unsupported_response_type", "unsupported response_type requested"
        )
        refusal.in_fragment = True
        raise refusal


def _openid_is_asked(parameters: Parameters, _site: ServiceProvider) -> None:
    if "openid" not in parameters["scope"].split():
        raise _refusal(parameters, "invalid_request", "openid scope must be requested")


def _scopes_are_granted(parameters: Parameters, site: ServiceProvider) -> None:
    """Refuse a known scope that the site has no right to; an unknown one is ignored later."""
    for name in parameters["scope"].split():
        if name in SCOPES and name != "openid" and name not in site.scopes:
            raise _refusal(
                parameters, "invalid_scope", "requested scope is not allowed", scope=name
            )


def _acr(parameters: Parameters, config: Config) -> Acr:
    """Return the lowest level asked; an unknown one counts as the highest of the platform."""
    asked = [level for level in _LEVELS if level in parameters["acr_values"].split()]
    lowest = asked[0] if asked else config.acr_values[-1]
    if lowest not in config.acr_values:
        raise _refusal(parameters, "invalid_acr", "acr_value is not valid")
    return lowest


def _amr_is_asked(parameters: Parameters, site: ServiceProvider) -> bool:
    if "claims" not in parameters:
        return False
    try:
        asked = json.loads(parameters["claims"]).get("id_token", {})
        wants_amr = "amr" in asked
    except (ValueError, AttributeError, TypeError):
        raise _refusal(
            parameters, "invalid_request", "could not parse the claims parameter JSON"
        ) from None
    if wants_amr and "amr" not in site.claims:
        raise PageError("Y100009", HTTPStatus.FORBIDDEN)
    return wants_amr


def _idp_hint(parameters: Parameters, site: ServiceProvider, config: Config) -> str | None:
    hint = parameters.get("idp_hint")
    if hint is not None and config.identity_provider(hint, site) is None:
        # The real one loses the state on this path; a site has to live with it.
        raise _refusal(
            parameters, "invalid_idp_hint", "idp_hint is not an allowed idp", state="undefined"
        )
    return hint
