"""nginx with the documented configuration of the broker, and the other two sites beside it."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.places import ROOT
from tests.support.ports import free_port
from tests.support.sites import NAMES, Sites

PATH = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
_DEPLOYED = ROOT / "deploy/nginx.conf"
_MAIN = """\
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log error;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    types {{ text/html html; }}
    charset utf-8;
    access_log off;
    include {folder}/broker.conf;
    {others}
}}
"""
_OTHER = """
    server {{
        listen 127.0.0.1:{port} ssl http2;
        server_name {name};
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        location / {{
            proxy_pass http://127.0.0.1:{program};
            proxy_set_header Host $host;
        }}
    }}
"""


@dataclass
class Nginx:
    """One nginx; *nodes* are the broker's, *others* the ports of the other sites' programs."""

    folder: Path
    sites: Sites
    nodes: list[int]
    others: dict[str, int]
    http_port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        self.folder.mkdir()
        (self.folder / "broker.conf").write_text(self._deployed())
        (self.folder / "nginx.conf").write_text(self._main())
        assert PATH
        log = self.folder / "nginx.log"
        command = [PATH, "-p", self.folder, "-c", self.folder / "nginx.conf", "-e", log]
        subprocess.run([*command, "-t", "-q"], check=True)
        self._process = subprocess.Popen(command)

    def use_nodes(self, nodes: list[int]) -> None:
        """Take nodes in or out, as an operator does: another list, and a graceful reload."""
        self.nodes = nodes
        (self.folder / "broker.conf").write_text(self._deployed())
        assert self._process
        self._process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def logs(self) -> str:
        return "\n".join(path.read_text() for path in self.folder.glob("*.log"))

    def _deployed(self) -> str:
        """Return the documented file with the addresses of this machine, and no other change."""
        certificate, key = self._certificate("broker")
        first, *more = self.nodes
        text = _DEPLOYED.read_text()
        for documented, here in {
            "listen 443 ssl": f"listen 127.0.0.1:{self.sites.port} ssl",
            "listen 80": f"listen 127.0.0.1:{self.http_port}",
            "https://compte-ameli.example$request_uri": f"{self.sites.url('broker')}$request_uri",
            "/etc/nginx/tls/compte-ameli.example.pem": str(certificate),
            "/etc/nginx/tls/compte-ameli.example.key": str(key),
            "/var/log/nginx/broker.log": f"{self.folder}/broker.log",
            "root /etc/nginx/broker;": f"root {ROOT}/templates/errors;",
            "192.0.2.11:8000": f"127.0.0.1:{first}",
            "192.0.2.12:8000": f"127.0.0.1:{more[0]}" if more else f"127.0.0.1:{first} down",
        }.items():
            assert documented in text, documented
            text = text.replace(documented, here)
        return text

    def _main(self) -> str:
        others = ""
        for program, port in self.others.items():
            certificate, key = self._certificate(program)
            others += _OTHER.format(
                port=self.sites.port,
                name=NAMES[program],
                certificate=certificate,
                key=key,
                program=port,
            )
        # As root, workers would be another user, who may not enter pytest's folders.
        user = "user root;" if os.geteuid() == 0 else ""
        return _MAIN.format(folder=self.folder, user=user, others=others)

    def _certificate(self, program: str) -> tuple[Path, Path]:
        folder, name = self.sites.authority.folder, NAMES[program]
        written = folder / f"{name}.pem", folder / f"{name}.key"
        return written if written[0].exists() else self.sites.authority.vouch_for(name)
