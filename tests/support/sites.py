"""Three site names under TLS on this machine, and how each kind of program comes to find them.

No file of the system is touched, and no port below 1024: Chromium is told by a rule, the service's
processes by nss_wrapper (a private hosts file before their own resolver), the tests by an adapter.
All of them check certificates against the tests' authority, by their standard settings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from tests.support.certificates import Authority
from tests.support.visitor import FromAddress

# Registrable domains of their own, so that SameSite and third-party rules are the real ones.
NAMES = {
    "broker": "compte-ameli.example",
    "franceconnect": "franceconnect.example",
    "partner": "partenaire.example",
}
NSS_WRAPPER = next(iter(Path("/usr/lib").glob("*/libnss_wrapper.so")), None)


@dataclass(frozen=True)
class Sites:
    """The sites, all on one port of the proxy."""

    folder: Path
    port: int
    authority: Authority

    def url(self, program: str) -> str:
        return f"https://{NAMES[program]}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What lets a process find the sites and believe their certificates."""
        hosts = self.folder / "hosts"
        hosts.write_text("".join(f"127.0.0.1 {name}\n" for name in NAMES.values()))
        return {
            "LD_PRELOAD": str(NSS_WRAPPER),
            "NSS_WRAPPER_HOSTS": str(hosts),
            "REQUESTS_CA_BUNDLE": str(self.authority.bundle),
            "SSL_CERT_FILE": str(self.authority.bundle),
        }

    @property
    def chromium_rules(self) -> str:
        """The only names that a browser finds: no page may call anybody else."""
        known = ", ".join(f"MAP {name} 127.0.0.1" for name in NAMES.values())
        return f"{known}, MAP * ~NOTFOUND"

    def session(self, address: str = "127.0.0.1") -> requests.Session:
        """Return a client that comes from *address* (any of 127.0.0.0/8)."""
        session = requests.Session()
        session.trust_env = False
        session.verify = str(self.authority.bundle)
        session.mount("https://", _Nearby(address, pool_maxsize=32))
        return session


class _Nearby(FromAddress):
    """Connects to this machine, and asks there for the site by its name."""

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: bool | str | None,
        proxies: Mapping[str, str] | None = None,
        cert: Any = None,
    ) -> urllib3.HTTPConnectionPool:
        del verify, proxies, cert  # the certificate is checked in cert_verify, as always
        asked = urlsplit(str(request.url))
        return self.poolmanager.connection_from_host(
            "127.0.0.1",
            asked.port,
            "https",
            pool_kwargs={"server_hostname": asked.hostname, "assert_hostname": asked.hostname},
        )

    def add_headers(self, request: requests.PreparedRequest, **kwargs: Any) -> None:
        super().add_headers(request, **kwargs)
        request.headers["Host"] = urlsplit(str(request.url)).netloc
