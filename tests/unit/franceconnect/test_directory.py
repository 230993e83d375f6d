"""Discovery and keys: checked, remembered for a while, refreshed without a storm."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from joserfc.jwk import ECKey, RSAKey

from broker.franceconnect.directory import Directory, Metadata
from broker.franceconnect.model import TemporarilyUnavailable, UntrustedAnswer

ISSUER = "https://fc.test/api/v2"


class Published:
    """What FranceConnect publishes, and how often it was asked."""

    def __init__(self, *keys: Any) -> None:
        self.asked: list[str] = []
        self.down = False
        self.kind = "application/json"
        self.keys = list(keys)
        self.document = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
            "jwks_uri": f"{ISSUER}/jwks",
        }

    def __call__(self, address: str) -> requests.Response:
        self.asked.append(address.removeprefix(ISSUER))
        if self.down:
            raise TemporarilyUnavailable("timeout")
        keys = {"keys": [dict(key) for key in self.keys]}
        response = requests.Response()
        response.status_code = 200
        content = keys if address.endswith("/jwks") else self.document
        response.headers["Content-Type"] = self.kind
        response._content = json.dumps(content).encode()
        return response


class Ticks:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def directory(ticks: Ticks) -> Directory:
    return Directory(ISSUER, "ES256", ticks)


def a_key(kid: str | None = "one", **members: str) -> dict[str, Any]:
    key = dict(ECKey.generate_key("P-256").as_dict(private=False)) | members
    return key | ({"kid": kid} if kid else {})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("issuer", ISSUER + "/"),
        ("issuer", None),
        ("token_endpoint", None),
        ("token_endpoint", "http://fc.test/token"),
        ("token_endpoint", "http://elsewhere.example/token"),
        ("token_endpoint", "/token"),
        ("userinfo_endpoint", "https://user:pass@fc.test/"),
        ("jwks_uri", "https://fc.test/jwks#part"),
        ("jwks_uri", "file:///etc/passwd"),
        ("authorization_endpoint", 12),
        ("end_session_endpoint", "javascript:alert(1)"),
    ],
)
def test_refuses_a_document_that_is_not_of_this_issuer(name: str, value: object) -> None:
    document = Published().document | {name: value}

    with pytest.raises(UntrustedAnswer, match=f"discovery.{name}"):
        Metadata.read(document, ISSUER)


def test_an_absent_logout_address_is_fine() -> None:
    assert Metadata.read(Published().document, ISSUER).end_session_endpoint is None


def test_reads_discovery_once_an_hour(directory: Directory, ticks: Ticks) -> None:
    published = Published()
    for _ in range(2):
        directory.metadata(published)
    ticks.now += 3_599
    directory.metadata(published)
    assert len(published.asked) == 1

    ticks.now += 1
    directory.metadata(published)
    assert len(published.asked) == 2


def test_addresses_to_leave_for_are_a_minute_old_at_most(
    directory: Directory, ticks: Ticks
) -> None:
    published = Published()
    assert directory.known_to_leave() is None
    good = directory.metadata_to_leave(published)
    ticks.now += 59
    assert directory.known_to_leave() == directory.metadata_to_leave(published) == good
    assert len(published.asked) == 1
    published.down = True

    ticks.now += 1

    assert directory.known_to_leave() is None
    with pytest.raises(TemporarilyUnavailable, match="timeout"):
        directory.metadata_to_leave(published)
    assert directory.metadata(published) == good
    assert len(published.asked) == 2


def test_keeps_the_last_good_document_while_none_can_be_had(
    directory: Directory, ticks: Ticks
) -> None:
    published = Published()
    good = directory.metadata(published)
    ticks.now += 3_600
    published.down = True

    assert directory.metadata(published) == good
    assert directory.metadata(published) == good
    assert len(published.asked) == 2  # the failed refresh is not tried at each login
    ticks.now += 30
    directory.metadata(published)
    assert len(published.asked) == 3


def test_a_withdrawn_key_dies_with_the_life_of_the_set(directory: Directory, ticks: Ticks) -> None:
    published = Published(a_key("old"))
    directory.key("old", published)
    published.keys = [a_key("new")]
    ticks.now += 600

    with pytest.raises(UntrustedAnswer):
        directory.key("old", published)


def test_an_unknown_key_has_them_fetched_once_then_waits(
    directory: Directory, ticks: Ticks
) -> None:
    published = Published(a_key("one"))
    directory.key("one", published)
    published.asked.clear()

    for _ in range(5):
        with pytest.raises(UntrustedAnswer, match="key_unknown"):
            directory.key("forged", published)
    assert published.asked == ["/jwks"]

    published.keys.append(a_key("two"))
    ticks.now += 5
    assert directory.key("two", published).kid == "two"


def test_rotations_that_bring_the_key_never_wait(directory: Directory) -> None:
    published = Published(a_key("0"))
    for number in range(1, 5):
        directory.key(str(number - 1), published)
        published.keys = [a_key(str(number))]
        assert directory.key(str(number), published).kid == str(number)


def test_without_a_name_the_only_key_serves_and_two_do_not(directory: Directory) -> None:
    assert directory.key(None, Published(a_key(None)))

    two = Directory(ISSUER, "ES256", Ticks())
    with pytest.raises(UntrustedAnswer, match="key_unknown"):
        two.key(None, Published(a_key("one"), a_key("two")))


def test_reads_only_keys_that_may_sign_with_the_pinned_algorithm(directory: Directory) -> None:
    rsa = dict(RSAKey.generate_key(2048).as_dict(private=False)) | {"kid": "rsa"}
    published = Published(
        rsa,
        a_key("enc", use="enc"),
        a_key("other", alg="ES384"),
        dict(ECKey.generate_key("P-256").as_dict(private=True)) | {"kid": "private"},
        dict(ECKey.generate_key("P-384").as_dict(private=False)) | {"kid": "other curve"},
        {"kty": "EC", "kid": "broken"},
        {"kty": "AKP", "kid": "unheard of"},
        a_key("good", use="sig", alg="ES256"),
    )

    assert [key.kid for key in directory.keys(published)] == ["good"]


def test_keys_that_cannot_be_had_make_nobody_wait(directory: Directory) -> None:
    published = Published(a_key("one"))
    directory.key("one", published)
    published.keys.append(a_key("two"))
    published.down = True

    with pytest.raises(TemporarilyUnavailable, match="timeout"):
        directory.key("two", published)
    assert directory.key("one", published)
    published.down = False

    assert directory.key("two", published).kid == "two"


def test_logins_at_once_after_a_rotation_all_find_the_new_key(directory: Directory) -> None:
    published = Published(a_key("one"))
    directory.key("one", published)
    published.keys.append(a_key("two"))
    together = threading.Barrier(4, timeout=5)

    def slowly(address: str) -> requests.Response:
        time.sleep(0.1)
        return published(address)

    def log_in(_number: int) -> str | None:
        together.wait()
        return directory.key("two", slowly).kid

    with ThreadPoolExecutor(4) as logins:
        found = list(logins.map(log_in, range(4)))

    assert found == ["two"] * 4


def test_a_name_that_two_keys_have_serves_nobody(directory: Directory) -> None:
    with pytest.raises(UntrustedAnswer, match="key_unknown"):
        directory.key("one", Published(a_key("one"), a_key("one")))


@pytest.mark.parametrize("kind", ["application/json", "application/jwk-set+json; charset=utf-8"])
def test_reads_keys_of_either_type(directory: Directory, kind: str) -> None:
    published = Published(a_key("one"))
    directory.metadata(published)
    published.kind = kind

    assert directory.key("one", published)


@pytest.mark.parametrize("kind", ["text/html", "application/jwt", ""])
def test_refuses_a_document_that_is_not_called_json(directory: Directory, kind: str) -> None:
    published = Published(a_key("one"))
    published.kind = kind

    with pytest.raises(UntrustedAnswer, match=r"discovery\.content_type"):
        directory.metadata(published)
