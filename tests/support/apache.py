"""Apache with mod_auth_openidc of Debian: the site of a partner who programmed nothing."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.ports import free_port

PATH = shutil.which("apache2") or shutil.which("apache2", path="/usr/sbin")
MODULES = Path("/usr/lib/apache2/modules")
_LOADED = (
    *("mpm_event", "authn_core", "authz_core", "authz_user", "alias", "headers", "dir"),
    "auth_openidc",
)
# What a partner writes after the module's own guide, and the logs and locks of a private run.
_CONFIGURATION = """\
ServerRoot {folder}
ServerName localhost
DefaultRuntimeDir {folder}
PidFile {folder}/apache.pid
ErrorLog {folder}/apache.log
Mutex sem
Listen 127.0.0.1:{port}
{user}
{modules}
DocumentRoot {documents}

OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client_id}
OIDCClientSecret {secret}
OIDCIDTokenSignedResponseAlg ES256
OIDCPKCEMethod S256
OIDCScope "openid profile"
OIDCRedirectURI {address}/prive/retour
OIDCDefaultLoggedOutURL {address}/
OIDCCryptoPassphrase only-for-this-run-0123456789
OIDCCookieSameSite On

<Location />
    Require all granted
</Location>
Alias /prive {documents}
<Location /prive>
    AuthType openid-connect
    Require valid-user
    Header always set Personne "expr=%{{REMOTE_USER}}"
    Header always set Nom "expr=%{{req:OIDC_CLAIM_family_name}}"
</Location>
"""


@dataclass
class Apache:
    """One site: ``/`` is for everybody, ``/prive/`` for whoever logged in."""

    folder: Path
    issuer: str
    client_id: str
    secret: str = field(repr=False)
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def redirect_uri(self) -> str:
        return f"{self.address}/prive/retour"

    def start(self) -> None:
        self.folder.mkdir()
        file = self.folder / "apache.conf"
        file.write_text(self._configuration())
        assert PATH
        subprocess.run([PATH, "-f", file, "-t"], check=True, capture_output=True)
        self._process = subprocess.Popen([PATH, "-f", file, "-D", "FOREGROUND"])

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait()

    def _configuration(self) -> str:
        modules = "\n".join(
            f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in _LOADED
        )
        # As root, the workers are another user, as Debian has it.
        user = "User www-data\nGroup www-data" if os.geteuid() == 0 else ""
        return _CONFIGURATION.format(
            folder=self.folder,
            port=self.port,
            user=user,
            modules=modules,
            documents="/usr/share/apache2/default-site",
            issuer=self.issuer,
            client_id=self.client_id,
            secret=self.secret,
            address=self.address,
        )
