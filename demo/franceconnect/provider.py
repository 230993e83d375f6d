"""Codes, tokens and claims: the back channel that sites talk to."""

import base64
import hashlib
import hmac
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from demo.franceconnect.answers import JWT_TYPE, Answer
from demo.franceconnect.config import Config, ServiceProvider
from demo.franceconnect.encryption import Sealing
from demo.franceconnect.errors import JsonError
from demo.franceconnect.memory import Clock, Shelf
from demo.franceconnect.misbehaviour.catalogue import behaviour
from demo.franceconnect.misbehaviour.model import Rotation
from demo.franceconnect.misbehaviour.orders import Orders
from demo.franceconnect.model import Claims, Grant, Interaction, with_parameters
from demo.franceconnect.scopes import released
from demo.franceconnect.subjects import subject
from demo.franceconnect.tokens import SigningKeys

CODE_LIFETIME = 30
TOKEN_LIFETIME = 60
REPLAY_MEMORY = 600
_SECRET_BYTES = 32  # 43 characters once encoded

Form = Mapping[str, str]


@dataclass(frozen=True)
class Memory:
    """The live codes and access tokens, and the codes that were already used."""

    codes: Shelf[Grant]
    tokens: Shelf[Grant]
    spent_codes: Shelf[str]
    redeeming: threading.Lock

    @classmethod
    def empty(cls, clock: Clock) -> "Memory":
        """Return a memory whose entries live as long as FranceConnect's."""
        return cls(
            codes=Shelf(clock, CODE_LIFETIME),
            tokens=Shelf(clock, TOKEN_LIFETIME),
            spent_codes=Shelf(clock, REPLAY_MEMORY),
            redeeming=threading.Lock(),
        )


@dataclass(frozen=True)
class Provider:
    """The OpenID Provider that sites see."""

    config: Config
    keys: SigningKeys
    sealing: Sealing
    memory: Memory
    orders: Orders
    clock: Clock

    def finish(self, interaction: Interaction) -> str:
        """Return the address that takes the person back to the site with a code."""
        request, person = interaction.request, interaction.person
        if person is None:
            raise ValueError("nobody has been identified")
        grant = Grant(
            request=request,
            person=person,
            sub=subject(person, request.site, self.config.sub_secret),
            access_token=secrets.token_urlsafe(_SECRET_BYTES),
            misbehaviour=self._misbehaviour(interaction),
        )
        self._rotate(grant, Rotation.BETWEEN_LOGINS)
        code = secrets.token_urlsafe(_SECRET_BYTES)
        self.memory.codes.put(code, grant)
        answer = {"code": code, "state": request.state, "iss": self.config.issuer}
        return with_parameters(
            request.redirect_uri, behaviour(grant.misbehaviour).callback(answer)
        )

    def exchange(self, form: Form) -> Answer:
        """Give the tokens of a code, once; JsonError says why not (RFC 6749 §5.2)."""
        site = self.authenticated(form)
        if form.get("grant_type") != "authorization_code":
            raise JsonError("unsupported_grant_type", "unsupported grant_type requested")
        grant = self._redeemed(form, site)
        self._rotate(grant, Rotation.BEFORE_SIGNING)
        faulty = behaviour(grant.misbehaviour)
        signed = faulty.id_token_seal(self.keys, faulty.id_token(self._id_token(grant)), site)
        tokens = {
            "access_token": grant.access_token,
            "expires_in": TOKEN_LIFETIME,
            "id_token": self.sealing.around(signed, site),
            "scope": " ".join(grant.request.scopes),
            "token_type": "Bearer",
        }
        return faulty.delivered("token", Answer.of(faulty.token(tokens)))

    def userinfo(self, access_token: str) -> Answer:
        """Return the signed claims of the bearer."""
        grant = self.memory.tokens.get(access_token)
        if grant is None:
            raise JsonError("invalid_token", "invalid token provided", HTTPStatus.UNAUTHORIZED)
        claims = released(grant.person.claims, grant.request.scopes) | {"sub": grant.sub}
        faulty = behaviour(grant.misbehaviour)
        signed = faulty.userinfo_seal(
            self.keys,
            faulty.userinfo(claims | self._dates_and_names(grant)),
            grant.request.site,
        )
        sealed = self.sealing.around(signed, grant.request.site)
        answer = Answer(body=sealed.encode(), content_type=JWT_TYPE)
        return faulty.delivered("userinfo", answer)

    def revoke(self, form: Form) -> None:
        """Forget an access token of the calling site; an unknown one is fine (RFC 7009 §2.2)."""
        site = self.authenticated(form)
        grant = self.memory.tokens.get(form.get("token", ""))
        if grant is not None and grant.request.site == site:
            self.memory.tokens.take(grant.access_token)

    def authenticated(self, form: Form) -> ServiceProvider:
        """Return the site that proves itself by client_secret_post."""
        site = self.config.service_provider(form.get("client_id", ""))
        given = form.get("client_secret", "")
        if site is None or not hmac.compare_digest(site.client_secret.encode(), given.encode()):
            raise JsonError(
                "invalid_client", "client authentication failed", HTTPStatus.UNAUTHORIZED
            )
        return site

    def _misbehaviour(self, interaction: Interaction) -> str | None:
        """Return what the person chose on a page, else what was ordered for the next login."""
        if interaction.misbehaviour is None:
            return self.orders.for_a_site()
        self.orders.publish(interaction.misbehaviour)
        return interaction.misbehaviour

    def _rotate(self, grant: Grant, moment: Rotation) -> None:
        faulty = behaviour(grant.misbehaviour)
        if faulty.rotation is moment:
            self.keys.rotate(grant.request.site, keeping_old=faulty.keeps_old_key)

    def _redeemed(self, form: Form, site: ServiceProvider) -> Grant:
        """Return the grant of the code, whose access token now lives.

        Whoever shows a code twice, its access token dies (RFC 6749 §4.1.2).
        """
        code = form.get("code", "")
        with self.memory.redeeming:
            if access_token := self.memory.spent_codes.get(code):
                self.memory.tokens.take(access_token)
            grant = self.memory.codes.get(code)
            if grant is None or not _may_use(site, form, grant):
                raise JsonError("invalid_grant", "grant request is invalid")
            self.memory.codes.take(code)
            self.memory.spent_codes.put(code, grant.access_token)
            self.memory.tokens.put(grant.access_token, grant)
        return grant

    def _id_token(self, grant: Grant) -> Claims:
        claims = {
            "sub": grant.sub,
            "auth_time": grant.person.auth_time,
            "acr": grant.request.acr,
            "nonce": grant.request.nonce,
        }
        if grant.request.amr_asked:
            claims["amr"] = list(grant.person.idp.amr)
        if behaviour(grant.misbehaviour).has_at_hash:
            claims["at_hash"] = _left_half(grant.access_token)
        return claims | self._dates_and_names(grant)

    def _dates_and_names(self, grant: Grant) -> Claims:
        now = int(self.clock())
        return {
            "aud": grant.request.site.client_id,
            "exp": now + TOKEN_LIFETIME,
            "iat": now,
            "iss": self.config.issuer,
        }


def _left_half(access_token: str) -> str:
    """Return the at_hash of OpenID Connect Core §3.1.3.6, for algorithms with SHA-256."""
    digest = hashlib.sha256(access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode()


def _may_use(site: ServiceProvider, form: Form, grant: Grant) -> bool:
    request = grant.request
    return request.site == site and request.redirect_uri == form.get("redirect_uri")
