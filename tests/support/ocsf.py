"""The published schema of OCSF, in the version that our events name."""

from functools import cache
from typing import Any

import jsonschema_rs
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from broker.audit.taxonomy import OCSF_VERSION


@cache
def _published() -> OcsfJsonSchemaEmbedded:
    return OcsfJsonSchemaEmbedded(get_ocsf_schema(version=OCSF_VERSION))


def ocsf_class(uid: int) -> dict[str, Any]:
    """Return what the schema says of a class."""
    name = _published().lookup_class_name_from_uid(uid)
    found: dict[str, Any] = get_ocsf_schema(version=OCSF_VERSION)["classes"][name]
    return found


@cache
def _judge(uid: int) -> jsonschema_rs.Draft202012Validator:
    schema = _published().get_class_schema(_published().lookup_class_name_from_uid(uid))
    return jsonschema_rs.Draft202012Validator(schema)


def ocsf_flaws(told: dict[str, Any]) -> list[str]:
    """Return what the schema has against an event."""
    return [
        f"{'/'.join(map(str, error.instance_path))}: {error.message}"
        for error in _judge(told["class_uid"]).iter_errors(told)
    ]
