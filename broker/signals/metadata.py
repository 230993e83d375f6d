"""What the transmitter says of itself (SSF 1.0 §7.1)."""

import json
from functools import lru_cache
from typing import Any

from broker.oidc.addresses import JWKS

WELL_KNOWN = "/.well-known/ssf-configuration"
STREAM = "/ssf/stream"
STATUS = "/ssf/status"
VERIFY = "/ssf/verify"
PUSH = "urn:ietf:rfc:8935"


@lru_cache(maxsize=1)
def metadata_text(issuer: str) -> str:
    """Return the document as it is published: it never changes while the process runs."""
    return json.dumps(metadata(issuer))


def metadata(issuer: str) -> dict[str, Any]:
    """Return the metadata document: nothing that is not true."""
    return {
        "spec_version": "1_0",
        "issuer": issuer,
        "jwks_uri": issuer + JWKS,
        "delivery_methods_supported": [PUSH],
        "configuration_endpoint": issuer + STREAM,
        "status_endpoint": issuer + STATUS,
        "verification_endpoint": issuer + VERIFY,
        "critical_subject_members": ["user", "session"],
        "authorization_schemes": [{"spec_urn": "urn:ietf:rfc:6749"}],
        "default_subjects": "ALL",
    }
