"""What the documented nginx lets through, refuses, replaces and says by itself."""

import contextlib
import itertools
import json
import socket
import ssl
from urllib.parse import urlsplit

import pytest
import requests

from tests.support.sites import NAMES

BROKER = NAMES["broker"]
OPENID_METADATA = "/.well-known/openid-configuration"


def address(stack, path="/connexion"):
    return stack.url("broker") + path


def source_of_newest_failure(stack):
    newest = "SELECT body FROM audit_event WHERE type = 'login.password.failed'"
    return json.loads(stack.ask_owner(f"{newest} ORDER BY event_id DESC LIMIT 1"))["src"]


def posts_wrong_password(stack, insured, source, headers):
    """Fail to log in from *source*, with those headers on the request."""
    session = stack.session(source)
    page = session.get(address(stack)).text
    token = page.split('name="jeton_formulaire" value="')[1].split('"')[0]
    form = {"jeton_formulaire": token, "nir": insured.nir, "mot_de_passe": "Faux&Violon7"}
    return session.post(address(stack), data=form, headers=headers)


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X_Forwarded_For", "x_forwarded-for", "X-Real-IP", "Forwarded"]
)
def test_nobody_chooses_the_address_that_the_trail_keeps(stack, insured, header):
    answer = posts_wrong_password(stack, insured, "127.0.0.21", {header: "198.51.100.7"})

    assert answer.status_code == 422
    assert source_of_newest_failure(stack)["ip"] == "127.0.0.21"


def test_the_port_of_the_person_is_in_the_trail(stack, insured):
    posts_wrong_password(stack, insured, "127.0.0.22", {"X-Forwarded-Port": "1"})

    assert source_of_newest_failure(stack)["port"] > 1024


def test_plain_http_leads_to_https_at_our_own_name(stack):
    plain = f"http://127.0.0.1:{stack.nginx.http_port}"

    ours = requests.get(f"{plain}/aide?x=1", headers={"Host": BROKER}, allow_redirects=False)

    assert ours.status_code == 308
    assert ours.headers["Location"] == address(stack, "/aide?x=1")
    with pytest.raises(requests.ConnectionError):
        requests.get(plain, headers={"Host": "autre.example"}, timeout=5)


def test_another_name_gets_no_certificate(stack):
    context = ssl.create_default_context(cafile=str(stack.sites.authority.bundle))

    with (
        socket.create_connection(("127.0.0.1", stack.sites.port)) as plain,
        pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"),
    ):
        context.wrap_socket(plain, server_hostname="autre.example")


@pytest.mark.parametrize("host", ["autre.example", "autre.example:443", f"{BROKER}.autre.example"])
def test_another_host_under_our_certificate_gets_no_answer(stack, host):
    session = stack.session()

    with pytest.raises(requests.ConnectionError):
        session.send(asking_for(session, address(stack), host), timeout=5)


def asking_for(session, url, host):
    """Return a request whose Host header is not the name that was connected to."""
    prepared = session.prepare_request(requests.Request("GET", url))
    session.get_adapter(url).add_headers = lambda request, **_: request.headers.update(Host=host)
    return prepared


def test_a_node_answers_to_our_name_alone(stack):
    node = f"http://127.0.0.1:{stack.backends[0]}/health/live"

    statuses = [requests.get(node, headers={"Host": h}).status_code for h in (BROKER, "autre")]

    assert statuses == [200, 400]


@pytest.mark.parametrize("old", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_tls_is_refused(stack, old):
    context = ssl.create_default_context(cafile=str(stack.sites.authority.bundle))
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    context.minimum_version = context.maximum_version = old

    with (
        socket.create_connection(("127.0.0.1", stack.sites.port)) as plain,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        context.wrap_socket(plain, server_hostname=BROKER)


@pytest.mark.parametrize("path", ["/metrics", "/health/ready", "/health/live"])
def test_monitoring_is_not_for_the_outside(stack, path):
    assert stack.session().get(address(stack, path)).status_code == 404


def test_pages_come_uncompressed_with_hsts_and_one_policy(stack):
    answer = stack.session().get(address(stack), headers={"Accept-Encoding": "gzip, br"})

    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Server"] == "nginx"
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert answer.headers["Content-Security-Policy"].count("default-src") == 1


@pytest.mark.parametrize(
    ("size", "words"), [(65_000, "Votre session a expiré"), (100_000, "trop volumineux")]
)
def test_the_service_itself_explains_a_body_that_is_too_large(stack, size, words):
    answer = stack.session().post(address(stack), data={"nir": "1" * size})

    assert words in answer.text


def test_a_form_in_chunks_gets_its_length_on_the_way(stack):
    answer = stack.session().post(
        address(stack),
        data=iter([b"nir=", b"1"]),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )

    assert "Votre session a expiré" in answer.text


def test_a_body_that_no_form_has_does_not_reach_the_service(stack):
    answer = stack.session().post(address(stack), data={"nir": "1" * 200_000})

    assert answer.status_code == 413
    assert "<center>nginx</center>" in answer.text


@pytest.mark.parametrize(
    "lengths",
    [
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 5"),
        ("Content-Length: 5", "Content-Length: 0"),
        ("Transfer-Encoding: xchunked", "Content-Length: 5"),
        ("Transfer-Encoding : chunked", "Content-Length: 5"),
    ],
)
def test_no_second_request_travels_in_the_body_of_another(stack, lengths):
    second = f"GET /connexion HTTP/1.1\r\nHost: {BROKER}\r\n\r\n"
    head = ("POST /connexion HTTP/1.1", f"Host: {BROKER}", *lengths)
    context = ssl.create_default_context(cafile=str(stack.sites.authority.bundle))

    with (
        socket.create_connection(("127.0.0.1", stack.sites.port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=BROKER) as connection,
        connection.makefile("rb") as answered,
    ):
        connection.sendall("\r\n".join([*head, "", "0\r\n\r\n" + second]).encode())
        answers = answered.read().decode()

    assert answers.count("HTTP/1.1 ") == 1
    assert answers.startswith(("HTTP/1.1 400 ", "HTTP/1.1 501 "))


def test_a_burst_from_one_address_is_shed_before_the_service(stack):
    answers = burst(stack, "127.0.0.31", 300)

    shed = [answer for answer in answers if " 429 " in answer.partition("\r\n")[0]]
    assert len(shed) >= 50
    assert "Retry-After" in shed[0]
    assert "momentanément indisponible" in shed[0]
    assert stack.session("127.0.0.32").get(address(stack)).status_code == 200


def test_programs_are_counted_by_the_service_alone(stack):
    metadata = stack.session("127.0.0.33").get(address(stack, OPENID_METADATA)).json()
    names = ("token", "introspection", "revocation", "userinfo", "pushed_authorization_request")
    paths = [urlsplit(metadata[f"{name}_endpoint"]).path for name in names]
    paths += [OPENID_METADATA, urlsplit(metadata["jwks_uri"]).path]
    paths += ["/ssf/status", "/token-evidence"]

    answers = burst(stack, "127.0.0.34", 300, paths)

    assert not [answer for answer in answers if "momentanément indisponible" in answer]


def burst(stack, source, number, paths=("/deconnecte",)):
    """Send so many requests at once, each over its own connection; return the answers."""
    context = ssl.create_default_context(cafile=str(stack.sites.authority.bundle))
    rest = f" HTTP/1.1\r\nHost: {BROKER}\r\nConnection: close\r\n\r\n"
    where = ("127.0.0.1", stack.sites.port)
    with contextlib.ExitStack() as open_ones:
        connections = []
        for _ in range(number):
            plain = socket.create_connection(where, source_address=(source, 0))
            connection = context.wrap_socket(plain, server_hostname=BROKER)
            connections.append(open_ones.enter_context(connection))
        for connection, path in zip(connections, itertools.cycle(paths), strict=False):
            connection.sendall(f"GET {path}{rest}".encode())
        return [connection.makefile("rb").read().decode() for connection in connections]
