"""A witness of checkpoints (C2SP tlog-witness), on an HTTPS server of its own."""

import base64
import hashlib
import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.audit.checkpoint import Checkpoint
from broker.audit.note import NoteRefused, VerifierKey
from broker.audit.tree import proves_consistency
from tests.support.certificates import Authority

_NAME = "temoin.test"
_COSIGNATURE = b"\x04"
Told = tuple[int, str]


@dataclass
class WitnessDouble:
    """What it took, in order; while ``down`` it answers 503 to everything."""

    log: VerifierKey
    address: str = ""
    down: bool = False
    taken: list[Checkpoint] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    _key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def judge(self, path: str, body: str) -> Told:
        """Answer one request as the specification says."""
        head, _, note = body.partition("\n\n")
        first, *proof = head.split("\n")
        try:
            made = Checkpoint.parse(self.log.open(note))
        except NoteRefused:
            return 403, ""
        known = self.taken[-1] if self.taken else None
        size, old = known.size if known else 0, int(first.removeprefix("old "))
        if self.down or path != "/log/add-checkpoint":
            return (503, "") if self.down else (404, "")
        if old > made.size:
            return 400, ""
        if old != size:
            return 409, f"{size}\n"
        hashes = [base64.b64decode(line) for line in proof]
        if known and not proves_consistency((size, known.root), (made.size, made.root), hashes):
            return 422, ""
        self.taken.append(made)
        return 200, self._cosigned(made)

    def _cosigned(self, made: Checkpoint) -> str:
        """Sign what was seen, and when (C2SP tlog-cosignature)."""
        moment = int(made.made_at.timestamp())
        public = self._key.public_key().public_bytes_raw()
        named = hashlib.sha256(_NAME.encode() + b"\n" + _COSIGNATURE + public).digest()[:4]
        signed = self._key.sign(f"cosignature/v1\ntime {moment}\n{made.text}".encode())
        encoded = base64.b64encode(named + moment.to_bytes(8) + signed).decode()
        return f"— {_NAME} {encoded}\n"


@contextmanager
def a_witness(folder: Path, log: VerifierKey) -> Iterator[WitnessDouble]:
    """Run one whose certificate this process trusts."""
    authority = Authority.new(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.vouch_for("localhost"))
    witness = WitnessDouble(log)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            status, text = witness.judge(self.path, self.rfile.read(length).decode())
            if status != 200:
                witness.refused.append(status)
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_request(self, *_said: object) -> None:
            """Keep the tests' output to what the tests say."""

    server = ThreadingHTTPServer(("localhost", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    witness.address = f"https://localhost:{server.server_address[1]}/log"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    before = os.environ.get("REQUESTS_CA_BUNDLE")
    os.environ["REQUESTS_CA_BUNDLE"] = str(authority.bundle)
    try:
        yield witness
    finally:
        os.environ.pop("REQUESTS_CA_BUNDLE")
        if before:
            os.environ["REQUESTS_CA_BUNDLE"] = before
        server.shutdown()
        server.server_close()
