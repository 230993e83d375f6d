"""Builds each sink from its entry of the settings."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from broker.audit.formats.ecs import ecs
from broker.audit.formats.ocsf import ocsf
from broker.audit.sealing.tree_store import TreeStore
from broker.base.capped_http import BadAnswer
from broker.base.sink_settings import Form, SinkSettings
from broker.exports.cef import cef
from broker.exports.folder import EvidenceFolder, Folder, Told
from broker.exports.model import Sink
from broker.exports.receivers import HttpReceiver, SyslogReceiver, tls_context
from broker.exports.syslog_message import SyslogMessages

_SYSLOG_PORTS = {"syslog+tls": 6514, "syslog+tcp": 601}  # RFC 5425 §4.1, RFC 6587 §2


def sink_of(entry: SinkSettings, host: str, trail: TreeStore) -> Sink:
    """Return the sink; *host*: whom its messages are from."""
    scheme = entry.place.scheme
    if entry.form is Form.EVIDENCE:
        return EvidenceFolder(Folder(Path(entry.place.path), lambda each: each.body), trail)
    if scheme == "file":
        return Folder(Path(entry.place.path), TOLD[entry.form])
    if scheme in _SYSLOG_PORTS:
        return _syslog(entry, host)
    return HttpReceiver(
        address=entry.to,
        told=TOLD[entry.form],
        timeout=entry.timeout,
        verify=str(entry.authority_file) if entry.authority_file else True,
        certificate=str(entry.certificate_file) if entry.certificate_file else None,
        authorization=partial(_authorization, entry.authorization_file),
    )


def _syslog(entry: SinkSettings, host: str) -> SyslogReceiver:
    context = None
    if entry.is_encrypted:
        context = tls_context(entry.authority_file, entry.certificate_file)
    return SyslogReceiver(
        host=entry.place.hostname or "",
        port=entry.place.port or _SYSLOG_PORTS[entry.place.scheme],
        messages=SyslogMessages(host, entry.enterprise_number, TOLD.get(entry.form)),
        timeout=entry.timeout,
        context=context,
    )


def _authorization(file: Path | None) -> str | None:
    """Read the header anew each time: it may be renewed while the worker runs."""
    try:
        return file.read_text().strip() if file else None
    except OSError:
        raise BadAnswer("authorization_file") from None


def _json(form: Callable[[dict[str, Any], int], dict[str, Any]]) -> Told:
    return lambda sealed: json.dumps(form(sealed.event, sealed.position), ensure_ascii=False)


TOLD: dict[Form, Told] = {Form.OCSF: _json(ocsf), Form.ECS: _json(ecs), Form.CEF: cef}
