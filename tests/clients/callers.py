"""How a standard client outside is started, and how the person answers in front of it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.account_holder import AccountHolder


def logs_in_at(holder: AccountHolder, authorization_url: str, redirect_uri: str) -> str:
    """Let the person answer what the provider asks; return the callback URL."""
    browser = AccountHolder(holder.stack, holder.insured, holder.email)
    browser.browser.opens(authorization_url, until=redirect_uri)
    browser.logs_in(until=redirect_uri)
    return browser.browser.arrived


def runs_in_node(
    script: str, folder: Path, holder: AccountHolder, redirect_uri: str, *arguments: str
) -> dict[str, Any]:
    """Run a script of ``node/``, which prints where it sends the person, reads the callback."""
    client = subprocess.Popen(
        [str(Path(sys.executable).parent / "node"), script, *arguments],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert client.stdin
    assert client.stdout
    callback = logs_in_at(holder, client.stdout.readline().strip(), redirect_uri)
    answer, _ = client.communicate(callback + "\n", timeout=30)
    return dict(json.loads(answer))
