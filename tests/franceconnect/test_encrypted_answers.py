"""FranceConnect+ (relying party): answers encrypted for us, and nothing else accepted then."""

import base64
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from broker.audit.model import Actor
from broker.keys.encryption import EncryptionKeys
from tests.conftest import FrozenClock
from tests.franceconnect.conftest import Worlds
from tests.franceconnect.plus import alter, inside, published, sealed_again, served
from tests.franceconnect.world import Upstream, World, transaction_of

OPERATOR = Actor(kind="admin", ref="test")
Plus = Callable[..., AbstractContextManager[World]]
TOKEN, USERINFO = ["/jwks", "/token"], ["/jwks", "/token", "/userinfo"]


@pytest.fixture
def a_plus(a_world: Worlds, upstream: Upstream, clock: FrozenClock) -> Plus:
    """Return a factory: a broker and a FranceConnect that agreed on an encryption and a level."""

    @contextmanager
    def build(algorithm: str = "ECDH-ES", acr: str = "eidas2") -> Iterator[World]:
        changes = {"BROKER_FRANCECONNECT_JWE": algorithm, "BROKER_FRANCECONNECT_ACR": acr}
        with a_world(**changes) as world, served(world.app) as address:
            upstream.renew(
                lambda: clock().timestamp(),
                encryption=algorithm,
                jwks_uri=f"{address}/franceconnect/jwks",
            )
            yield world

    return build


@pytest.fixture
def plus(a_plus: Plus) -> Iterator[World]:
    with a_plus() as world:
        yield world


@pytest.mark.parametrize("algorithm", ["ECDH-ES", "RSA-OAEP-256"])
@pytest.mark.parametrize("acr", ["eidas2", "eidas3"])
def test_an_encrypted_answer_brings_back_the_identity(
    a_plus: Plus, algorithm: str, acr: str
) -> None:
    with a_plus(algorithm, acr) as world:
        seen = []
        alter(world.upstream, "/userinfo", lambda token: seen.append(token) or token)
        transaction = transaction_of(world.round_trip())
        identity = world.claim(transaction)
        header = inside(world, seen[0])[1]

    assert identity.claims["family_name"] == "DUBOIS"
    assert identity.acr == acr
    assert (header["alg"], header["enc"], header["cty"]) == (algorithm, "A256GCM", "JWT")


def test_the_signed_token_inside_ends_the_session_at_franceconnect(plus: World) -> None:
    plus.round_trip()

    address = plus.franceconnect.logout_url(browser=plus.browser, return_to="/")

    assert address is not None
    assert address.split("id_token_hint=")[1].split("&")[0].count(".") == 2


def assert_refused(world: World, response, reason: str, calls: list[str]) -> None:
    assert response.status_code == 502
    assert world.identities == 0
    assert world.upstream.calls == calls
    (refused,) = world.events("fc.callback.refused")
    assert refused["reason_code"] == reason


def test_an_answer_that_is_only_signed_is_refused(plus: World) -> None:
    alter(plus.upstream, "/token", lambda token: inside(plus, token)[0])

    assert_refused(plus, plus.round_trip(), "jwe.jwe", TOKEN)


def test_userinfo_that_is_only_signed_is_refused(plus: World) -> None:
    alter(plus.upstream, "/userinfo", lambda token: inside(plus, token)[0])

    assert_refused(plus, plus.round_trip(), "jwe.jwe", USERINFO)


def test_an_encrypted_answer_is_refused_where_none_was_agreed(
    a_plus: Plus, a_world: Worlds, upstream: Upstream, clock: FrozenClock
) -> None:
    with a_plus() as keeper, served(keeper.app) as address:
        upstream.renew(
            lambda: clock().timestamp(),
            encryption="ECDH-ES",
            jwks_uri=f"{address}/franceconnect/jwks",
        )
        with a_world() as world:
            assert_refused(world, world.round_trip(), "id_token.jws", TOKEN)


RSA, STRANGER = RSAKey.generate_key(2048), ECKey.generate_key("P-256")
SHARED = OctKey.generate_key(256)


def name_of(case: str | dict[str, object]) -> str:
    """Name a case by what it says, not by where its keys lie in memory."""
    if isinstance(case, str):
        return case
    return " ".join(
        f"{name}={value}" if isinstance(value, str) else name for name, value in case.items()
    )


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"alg": "RSA-OAEP-256", "key": RSA}, "jwe.alg"),
        ({"alg": "RSA-OAEP", "key": RSA}, "jwe.alg"),
        ({"alg": "ECDH-ES+A256KW"}, "jwe.alg"),
        ({"alg": "dir", "key": SHARED}, "jwe.alg"),
        ({"alg": "PBES2-HS256+A128KW", "key": SHARED, "p2c": 1_000}, "jwe.alg"),
        ({"enc": "A128GCM"}, "jwe.alg"),
        ({"enc": "A128CBC-HS256"}, "jwe.alg"),
        ({"zip_": True}, "jwe.header"),
        ({"p2c": 2_000_000}, "jwe.header"),
        ({"crit": ["cty"]}, "jwe.header"),
        ({"cty": None}, "jwe.header"),
        ({"cty": "json"}, "jwe.header"),
        ({"kid": "unknown"}, "jwe.key"),
        ({"key": STRANGER}, "jwe.decryption"),
        ({"iss": "https://elsewhere.example"}, "jwe.iss"),
        ({"aud": "another-site"}, "jwe.aud"),
        ({"aud": ["ameli-fs", "another-site"]}, "jwe.aud"),
    ],
    ids=name_of,
)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_any_other_encryption_is_refused(plus: World, how: dict, reason: str) -> None:
    alter(plus.upstream, "/token", lambda token: sealed_again(plus, token, **how))

    assert_refused(plus, plus.round_trip(), reason, TOKEN)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda token: token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"),
            "jwe.decryption",
        ),
        (lambda token: token + ".AAAA", "jwe.jwe"),
        (lambda token: "!" + token[1:], "jwe.jwe"),
        (lambda token: token.split(".", 1)[0] + "." + "A" * 25_000 + "...", "jwe.jwe"),
    ],
    ids=["other tag", "six parts", "no header", "too long"],
)
def test_what_was_altered_on_its_way_is_refused(
    plus: World, change: Callable[[str], str], reason: str
) -> None:
    alter(plus.upstream, "/token", change)

    assert_refused(plus, plus.round_trip(), reason, TOKEN)


UNSIGNED = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (lambda signed: signed.rpartition(".")[0] + "." + "A" * 86, "id_token.signature"),
        (lambda signed: f"{UNSIGNED}.{signed.split('.')[1]}.", "id_token.alg"),
        (lambda signed: f"{signed}.AAAA.AAAA", "id_token.jws"),
        (lambda _signed: '{"sub":"somebody"}', "id_token.jws"),
    ],
    ids=["other signature", "no signature", "encrypted twice", "claims alone"],
)
def test_encryption_replaces_no_signature(
    plus: World, content: Callable[[str], str], reason: str
) -> None:
    alter(plus.upstream, "/token", lambda token: sealed_again(plus, token, content=content))

    assert_refused(plus, plus.round_trip(), reason, TOKEN)


@pytest.mark.parametrize(
    "header", [{"kid": None}, {"iss": None, "aud": None}, {"x": "y"}], ids=str
)
def test_lawful_headers_are_accepted(plus: World, header: dict) -> None:
    alter(plus.upstream, "/token", lambda token: sealed_again(plus, token, **header))

    assert plus.round_trip().status_code == 303


def test_an_answer_encrypted_for_the_key_before_is_still_opened(plus: World) -> None:
    keys = plus.service(EncryptionKeys)

    def renewed(token: str) -> str:
        keys.rotate(OPERATOR)
        return token

    alter(plus.upstream, "/token", renewed)

    assert plus.round_trip().status_code == 303


def test_a_level_below_the_one_asked_is_refused(a_plus: Plus) -> None:
    with a_plus(acr="eidas3") as world:
        address = world.identify(world.depart().replace("acr_values=eidas3", "acr_values=eidas2"))
        response = world.come_back(address)

    assert response.status_code == 403
    assert world.identities == 0


def test_the_key_to_encrypt_for_has_its_own_address(plus: World) -> None:
    with served(plus.app) as address:
        answer = published(address)

    (key,) = answer.json()["keys"]
    assert {name: key[name] for name in ("kty", "crv", "use", "alg")} == {
        "kty": "EC", "crv": "P-256", "use": "enc", "alg": "ECDH-ES",
    }  # fmt: skip
    assert not {"d", "k"} & key.keys()
    assert answer.headers["Cache-Control"] == "public, max-age=600"
    signing = plus.client.get("/jwks").get_json()["keys"]
    assert {item["use"] for item in signing} == {"sig"}


def test_there_is_no_such_address_where_nothing_is_encrypted(world: World) -> None:
    assert world.client.get("/franceconnect/jwks").status_code == 404
