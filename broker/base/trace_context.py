"""W3C Trace Context: which trace a request belongs to, for logs, events and spans."""

import re

HEADER, STATE = "HTTP_TRACEPARENT", "HTTP_TRACESTATE"  # as WSGI names them
ANSWERED = "broker.answered"
"""Key of the WSGI environment: what a span may tell of the answer."""
_SHAPE = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def trace_of(traceparent: str) -> str | None:
    """Return the trace id of a ``traceparent`` (§3.2); None where it is none."""
    found = _SHAPE.fullmatch(traceparent)
    return found[1] if found else None
