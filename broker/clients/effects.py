"""What a registration changes for people, in lines that an operator reads before applying."""

from collections.abc import Callable, Iterable, Iterator

from broker.clients.addresses import host
from broker.clients.model import Client, Compatibility
from broker.clients.scopes import OFFLINE


def effects(before: Client | None, after: Client) -> tuple[str, ...]:
    """Return one line per effect; none where people would notice nothing."""
    if before is None:
        return tuple(_introduction(after))
    return tuple(line for compare in _COMPARISONS for line in compare(before, after))


def _introduction(client: Client) -> Iterator[str]:
    yield f"new partner: {client.client_name}"
    if client.claims:
        yield f"data disclosed: {', '.join(client.claims)}"
    for domain in _domains(client.redirect_uris):
        yield f"people may be sent to: {domain}"
    for domain in _domains(client.post_logout_redirect_uris):
        yield f"after a logout, people may be sent to: {domain}"
    if client.redirect_uris:
        yield f"assurance required: {client.minimum_acr}, code asked: {client.code}"
    yield from (line for holds, line in _reach(client) if holds)
    yield from (_lifted(rule) for rule in client.compatibility)
    yield from _sent(client)


def _disclosure(before: Client, after: Client) -> Iterator[str]:
    more = [claim for claim in after.claims if claim not in before.claims]
    less = [claim for claim in before.claims if claim not in after.claims]
    if more:
        yield f"data disclosed in addition: {', '.join(more)}"
    if less:
        yield f"data no longer disclosed: {', '.join(less)}"


def _tokens(before: Client, after: Client) -> Iterator[str]:
    for (had, line), (has, new_line) in zip(_reach(before), _reach(after), strict=True):
        if has and (not had or line != new_line):
            yield new_line
        elif had and not has:
            yield f"no longer: {line}"


def _reach(client: Client) -> tuple[tuple[bool, str], ...]:
    """Return what it can do with tokens, beyond reading once at the login."""
    return (
        (client.may_refresh, "keeps access while the person is logged in"),
        (client.may_ask(OFFLINE), "keeps access while the person is away"),
        (client.introspects, f"asks about tokens for: {client.resource}"),
        (
            client.access_token_signed_response_alg is not None,
            f"reads signed tokens by itself: {client.resource}",
        ),
        (
            bool(client.page_origins),
            f"its pages hold tokens in the browser: {', '.join(sorted(client.page_origins))}",
        ),
        (client.first_party, "its own screens ask people for number, password and code"),
    )


def _assurance(before: Client, after: Client) -> Iterator[str]:
    if before.minimum_acr != after.minimum_acr:
        way = "lowered" if after.minimum_acr < before.minimum_acr else "raised"
        yield f"assurance {way}: {before.minimum_acr} to {after.minimum_acr}"
    if before.code != after.code:
        yield f"code asked: {after.code} (was {before.code})"


def _destinations(before: Client, after: Client) -> Iterator[str]:
    for name, where in _DESTINATIONS.items():
        had, has = (_domains(getattr(client, name)) for client in (before, after))
        yield from (f"{where}people may now be sent to: {new}" for new in has if new not in had)
        yield from (f"{where}people are no longer sent to: {old}" for old in had if old not in has)


def _identity(before: Client, after: Client) -> Iterator[str]:
    if before.client_name != after.client_name:
        yield f"people will read: {after.client_name} (was {before.client_name})"
    if before.sector != after.sector:
        yield f"every person gets a new sub: sector {after.sector} (was {before.sector})"


def _protection(before: Client, after: Client) -> Iterator[str]:
    for rule in after.compatibility:
        if rule not in before.compatibility:
            yield _lifted(rule)
    if before.dpop_bound_access_tokens and not after.dpop_bound_access_tokens:
        yield "protection lifted: tokens are no longer bound to a key"
    for rule in before.compatibility:
        if rule not in after.compatibility:
            yield f"no longer lifted until {rule.until}: {rule.name}"
    if before.profile is not after.profile:
        yield f"profile: {after.profile} (was {before.profile})"


def _proof(before: Client, after: Client) -> Iterator[str]:
    was, now = before.token_endpoint_auth_method, after.token_endpoint_auth_method
    if was is not now:
        yield f"proves itself by: {now} (was {was})"
    had, has = _names_of_keys(before), _names_of_keys(after)
    yield from (f"a new key speaks for the partner: {name}" for name in has if name not in had)
    yield from (f"a key ends at once: {name}" for name in had if name not in has)


def _encryption(before: Client, after: Client) -> Iterator[str]:
    for answer, name in _ENCRYPTED.items():
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            yield f"{answer} encrypted: {now or 'no longer'} (was {was or 'not'})"


def _published_keys(before: Client, after: Client) -> Iterator[str]:
    if after.jwks_uri and before.jwks_uri != after.jwks_uri:
        yield f"who holds this address speaks for the partner: {after.jwks_uri}"


def _logout(before: Client, after: Client) -> Iterator[str]:
    for name, what in _TOLD.items():
        was, now = getattr(before, name), getattr(after, name)
        if was != now:
            yield f"{what}: {now or 'no longer'}"


def _signals(before: Client, after: Client) -> Iterator[str]:
    if before.shared_signals == after.shared_signals:
        return
    yield from _sent(after)
    if after.shared_signals is None:
        yield "no longer sent security events: what waits for it is dropped"


def _sent(client: Client) -> Iterator[str]:
    if client.shared_signals is not None:
        events = ", ".join(client.shared_signals.events)
        yield f"sent security events at {client.shared_signals.endpoint_url}: {events}"


def _lifted(rule: Compatibility) -> str:
    return f"protection lifted: {rule.name} until {rule.until}"


def _domains(addresses: Iterable[str]) -> list[str]:
    return sorted({host(address) for address in addresses})


def _names_of_keys(client: Client) -> list[str]:
    return sorted(key.kid or key.thumbprint() for key in client.keys)


_DESTINATIONS = {"redirect_uris": "", "post_logout_redirect_uris": "after a logout, "}
_ENCRYPTED = {
    "ID Tokens": "id_token_encrypted_response_alg",
    "userinfo": "userinfo_encrypted_response_alg",
}
_TOLD = {
    "backchannel_logout_uri": "told of logouts",
    "frontchannel_logout_uri": "opened in a frame at logout",
}
_COMPARISONS: tuple[Callable[[Client, Client], Iterator[str]], ...] = (
    _identity,
    _disclosure,
    _tokens,
    _assurance,
    _destinations,
    _protection,
    _proof,
    _encryption,
    _published_keys,
    _logout,
    _signals,
)
