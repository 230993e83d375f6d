"""Structured logs: one JSON object a line on standard error."""

import json
import logging
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

from broker.base.context import here
from broker.base.settings import Settings

_ENCODER = json.JSONEncoder(ensure_ascii=False, default=repr)


def configure_logs(settings: Settings) -> None:
    """Configure the logs of this process; other libraries' logs pass through at warning level."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    structlog.configure(
        processors=[
            with_trace,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            as_json,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def as_json(_logger: WrappedLogger, _method: str, line: EventDict) -> str:
    """Write the line with an encoder made once; ``json.dumps`` makes one for each line."""
    return _ENCODER.encode(line)


def with_trace(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Add the trace of the present request, where it belongs to one."""
    trace = here().trace_id
    return {**line, "trace_id": trace} if trace else line
