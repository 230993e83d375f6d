"""Client files: read, judged by every rule, refused with every flaw."""

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from broker.base.crypto import Secret
from broker.clients.addresses import AddressRefused, checked_address
from broker.clients.consistency import inconsistencies
from broker.clients.model import RegistrationRefused
from broker.clients.registration import AmeliKeys, Registration
from broker.clients.scopes import CLAIMS, OFFLINE

SHORTEST_SECRET = 32  # characters
_FOR_EDITORS = "$schema"
_RECEIVER = "ameli.ssf.endpoint_url"
_OF_SERVERS = ("jwks_uri", "sector_identifier_uri", "backchannel_logout_uri")
_ADDRESSES = ("client_uri", "policy_uri", "frontchannel_logout_uri", *_OF_SERVERS)
_CALLED_FROM_HERE = (*_OF_SERVERS, _RECEIVER)
# What a partner would rely on and this version does not do: refused rather than ignored.
REFUSED = {
    "require_signed_request_object": "request objects are not supported",
    "tls_client_certificate_bound_access_tokens": "certificate-bound tokens are not supported",
}


@dataclass(frozen=True)
class ClientFile:
    """A client file that was read and judged."""

    registration: Registration
    document: dict[str, Any] = field(repr=False)
    """What was given, without the secrets: later versions may read more of it."""
    secret: Secret | None
    warnings: tuple[str, ...]

    @property
    def delivery_secret(self) -> Secret | None:
        """The Authorization header for the receiver of its events, where the file holds one."""
        signals = self.registration.ameli.ssf
        header = signals.authorization_header if signals else None
        return Secret(header.get_secret_value()) if header else None


@dataclass(frozen=True)
class FileReader:
    """Reads client files by the rules of the profile.

    ``lenient``: the demo and test profiles, where every URI may be http or loopback.
    """

    lenient: bool

    def read(self, path: Path) -> tuple[ClientFile, ...]:
        """Read a file, or all of a folder; raise RegistrationRefused at the first flawed one."""
        return tuple(self.read_one(file) for file in files_of(path))

    def read_one(self, file: Path) -> ClientFile:
        """Read one file; raise RegistrationRefused with every flaw, under the file's name."""
        try:
            text = file.read_text(encoding="utf-8")
            document = tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)
        except (OSError, ValueError) as error:
            raise RegistrationRefused(file.name, (f"cannot be read: {error}",)) from None
        if not isinstance(document, dict):
            raise RegistrationRefused(file.name, ("it is not one client",))
        return self.judge(document, file.name)

    def judge(self, document: dict[str, Any], source: str = "registration") -> ClientFile:
        """Check a document; raise RegistrationRefused with every flaw."""
        given = {name: value for name, value in document.items() if name != _FOR_EDITORS}
        secret = given.pop("client_secret", None)
        flaws = [f"{name}: {why}" for name, why in REFUSED.items() if given.get(name)]
        flaws += _secret_flaws(secret)
        try:
            registration = Registration.model_validate(given)
        except ValidationError as error:
            raise RegistrationRefused(source, tuple(flaws + _flaws(error))) from None
        flaws += [*inconsistencies(registration), *self._address_flaws(registration)]
        if flaws:
            raise RegistrationRefused(source, tuple(flaws))
        kept = Secret(secret) if secret else None
        document = _without_header(given)
        return ClientFile(registration, document, kept, tuple(_warnings(given)))

    def _address_flaws(self, registration: Registration) -> list[str]:
        native = registration.application_type == "native"
        flaws = []
        for name, address in _addresses(registration):
            loopback = native and name not in _CALLED_FROM_HERE  # not the person's machine
            try:
                checked_address(address, http_on_loopback=loopback, http_anywhere=self.lenient)
            except AddressRefused as refusal:
                flaws.append(f"{name}: {refusal}")
        return flaws


def files_of(path: Path) -> tuple[Path, ...]:
    """Return the .json and .toml files of a folder, in the order of names, or the file itself."""
    if not path.is_dir():
        return (path,)
    return tuple(sorted(p for p in path.iterdir() if p.suffix in {".json", ".toml"}))


def _addresses(registration: Registration) -> Iterable[tuple[str, str]]:
    for name in ("redirect_uris", "post_logout_redirect_uris"):
        for address in getattr(registration, name):
            yield name, address
    for name in _ADDRESSES:
        if (address := getattr(registration, name)) is not None:
            yield name, address
    if signals := registration.ameli.ssf:
        yield _RECEIVER, signals.endpoint_url


def _without_header(given: dict[str, Any]) -> dict[str, Any]:
    """Return what may be kept in clear of a document that was judged good."""
    signals = given.get("ameli", {}).get("ssf")
    if not signals:
        return given
    kept = {name: value for name, value in signals.items() if name != "authorization_header"}
    return given | {"ameli": given["ameli"] | {"ssf": kept}}


def _warnings(given: dict[str, Any]) -> Iterable[str]:
    for name in sorted(given.keys() - Registration.model_fields.keys()):
        yield f"{name}: ignored, not used here{_meant(name, Registration)}"
    for scope in str(given.get("scope", "")).split():
        if scope not in CLAIMS:
            yield f"scope: {scope} is ignored, nothing is known by that name"
        if scope == OFFLINE and "refresh_token" not in given.get("grant_types", ()):
            yield f"scope: {scope} is ignored, grant_types has no refresh_token"


def _secret_flaws(secret: object) -> list[str]:
    if secret is None or (isinstance(secret, str) and len(secret) >= SHORTEST_SECRET):
        return []
    return [f"client_secret: at least {SHORTEST_SECRET} characters"]


def _flaws(error: ValidationError) -> list[str]:
    """Tell what is wrong by member name, never by value: a value may be a secret."""
    return [
        f"{'.'.join(map(str, flaw['loc']))}: {_said(flaw)}"
        for flaw in error.errors(include_input=False, include_url=False)
    ]


def _said(flaw: ErrorDetails) -> str:
    name = str(flaw["loc"][-1])
    if flaw["type"] == "missing":
        return "required"
    if flaw["type"] == "extra_forbidden":
        return f"is not known here{_meant(name, AmeliKeys)}"
    return flaw["msg"].removeprefix("Value error, ").replace("Input should be", "should be")


def _meant(name: str, model: type[BaseModel]) -> str:
    """Return the question whether a name that is nearly the same was meant."""
    close = get_close_matches(name, model.model_fields, n=1, cutoff=0.8)
    return f"; did you mean {close[0]}?" if close else ""
