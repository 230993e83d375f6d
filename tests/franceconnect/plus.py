"""FranceConnect+: the simulator encrypts for the key that the broker publishes."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from flask import Flask
from joserfc import jwe
from joserfc.jwk import Key
from werkzeug.serving import make_server

from broker.keys.encryption import EncryptionKeys
from tests.franceconnect.world import Environ, Upstream, World

CONTENT = "A256GCM"
Alter = Callable[[str], str]


@contextmanager
def served(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve the broker over HTTP, for who calls it from outside; yields its address."""

    def serve(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["REMOTE_PORT"] = str(environ["REMOTE_PORT"])  # as other servers give it
        return app(environ, start_response)

    server = make_server("127.0.0.1", port, serve, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def own_key(world: World) -> Key:
    """Return the private key that the broker publishes now."""
    keys = world.service(EncryptionKeys)
    found = keys.opening(keys.jwks()["keys"][0]["kid"])
    assert found is not None
    return found


def inside(world: World, token: str) -> tuple[str, dict[str, Any]]:
    """Return the signed token and the header around it."""
    algorithms = ["ECDH-ES", "RSA-OAEP-256", CONTENT]
    found = jwe.decrypt_compact(
        token,
        own_key(world),
        registry=jwe.JWERegistry(algorithms=algorithms, strict_check_header=False),
    )
    return (found.plaintext or b"").decode(), dict(found.protected)


def sealed_again(
    world: World,
    token: str,
    *,
    key: Key | None = None,
    content: Alter = str,
    zip_: bool = False,
    **header: Any,
) -> str:
    """Encrypt its (altered) content anew under a changed header; None takes a member out."""
    signed, around = inside(world, token)
    signed = content(signed)
    around.pop("epk", None)
    changed = {name: value for name, value in {**around, **header}.items() if value is not None}
    if zip_:
        changed["zip"] = "DEF"
    algorithms = [changed["alg"], changed["enc"], "DEF"]
    registry = jwe.JWERegistry(algorithms=algorithms, strict_check_header=False)
    return jwe.encrypt_compact(changed, signed, key or own_key(world), registry=registry)


def alter(upstream: Upstream, path: str, change: Alter) -> None:
    """Let *change* alter the token of one endpoint on its way."""

    def answer(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        assert upstream.simulator is not None
        told: list[Any] = []
        body = b"".join(upstream.simulator.wsgi_app(environ, lambda *args: told.extend(args)))
        status, headers = told[0], [(n, v) for n, v in told[1] if n != "Content-Length"]
        altered = _altered_tokens(body, change) if path == "/token" else change(body.decode())
        start_response(status, headers)
        return [altered.encode()]

    upstream.answers[path] = answer


def _altered_tokens(body: bytes, change: Alter) -> str:
    answer = json.loads(body)
    return json.dumps({**answer, "id_token": change(answer["id_token"])})


def published(address: str) -> requests.Response:
    return requests.get(f"{address}/franceconnect/jwks", timeout=5)
