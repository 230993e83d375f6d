"""A decision record told in plain French, for the adviser who was given its reference."""

from collections.abc import Iterator
from typing import Any

from broker.base.messages import Messages


def explain(record: dict[str, Any], messages: Messages) -> list[str]:
    """Return the sentences that tell what was compared, how, and what was decided."""
    return list(_sentences(record, messages))


def _sentences(record: dict[str, Any], messages: Messages) -> Iterator[str]:
    def say(code: str) -> str:
        return messages.sentence(f"decision.{code}")

    yield say(f"kind.{record['kind']}")
    told = (name for name in ("outcome", "tie", "flaw") if name in record)
    yield from (say(f"{name}.{record[name]}") for name in told)
    if record.get("pivot", {}).get("date", "certain") != "certain":
        yield say(f"date.{record['pivot']['date']}")
    for rank, candidate in enumerate(record.get("candidates", ()), start=1):
        yield say("candidate").format(rank=rank, total=record.get("considered", rank))
        yield from _candidate(candidate, messages)
    if "exclusions" in record:
        yield say("excluded" if record["exclusions"] else "eligible")
        yield from (f"- {say(f'exclusion.{rule}')}" for rule in record["exclusions"])
    if "rules" in record:
        yield say("rules").format(version=record["rules"])


def _candidate(candidate: dict[str, Any], messages: Messages) -> Iterator[str]:
    def say(code: str) -> str:
        return messages.sentence(f"decision.{code}")

    for name, how in candidate["criteria"].items():
        yield f"- {say(f'criterion.{name}')} : {say(f'how.{how}')}"
    if candidate.get("certified") is False:
        yield f"- {say('uncertified')}"
    if candidate.get("quality") == "ayant_droit":
        yield f"- {say('dependant')}"
