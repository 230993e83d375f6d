"""A witness of checkpoints (C2SP tlog-witness), on an HTTPS server of its own."""

import base64
import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.audit.proofs.witness import Place
from broker.audit.sealing.checkpoint import Checkpoint
from broker.audit.sealing.cosignature import WitnessKey
from broker.audit.sealing.note import NoteRefused, VerifierKey
from broker.audit.tree import proves_consistency
from tests.support.certificates import Authority

_NAME = "temoin.test"
Told = tuple[int, str]


@dataclass
class WitnessDouble:
    """What it took, in order; while ``down`` it answers 503 to everything.

    ``seconds`` is how far its clock is ahead; ``says`` stands in for what it signs, if given.
    """

    log: VerifierKey
    address: str = ""
    down: bool = False
    seconds: int = 0
    says: str | None = None
    taken: list[Checkpoint] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def key(self) -> WitnessKey:
        """What those who trust it know it by."""
        return WitnessKey(_NAME, self.private.public_key().public_bytes_raw())

    @property
    def place(self) -> Place:
        return Place(self.address, self.key)

    def judge(self, path: str, body: str) -> Told:
        """Answer one request as the specification says."""
        if self.down or path != "/log/add-checkpoint":
            return (503, "") if self.down else (404, "")
        head, _, note = body.partition("\n\n")
        first, *proof = head.split("\n")
        if note.partition("\n")[0] != self.log.name:
            return 404, ""
        try:
            made = Checkpoint.parse(self.log.open(note))
        except NoteRefused:
            return 403, ""
        return self._compared(made, int(first.removeprefix("old ")), proof)

    def _compared(self, made: Checkpoint, old: int, proof: list[str]) -> Told:
        known = self.taken[-1] if self.taken else None
        size = known.size if known else 0
        if old > made.size:
            return 400, ""
        if old != size or (known and size == made.size and known.root != made.root):
            return 409, f"{size}\n"
        hashes = [base64.b64decode(line) for line in proof]
        if known and not proves_consistency((size, known.root), (made.size, made.root), hashes):
            return 422, ""
        self.taken.append(made)
        return 200, self.cosigned(made) if self.says is None else self.says

    def cosigned(self, made: Checkpoint) -> str:
        """Sign what was seen, and when (C2SP tlog-cosignature)."""
        moment = int(made.made_at.timestamp()) + self.seconds
        signed = self.private.sign(f"cosignature/v1\ntime {moment}\n{made.text}".encode())
        encoded = base64.b64encode(self.key.id + moment.to_bytes(8) + signed).decode()
        return f"\u2014 {_NAME} {encoded}\n"


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
            if status == 409:
                self.send_header("Content-Type", "text/x.tlog.size")
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
