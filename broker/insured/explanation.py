"""A decision record told in plain French, for the adviser who was given its reference."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from broker.base.messages import Messages
from broker.insured.matching import Outcome

_TOLD = 3  # candidates; those beyond differ more
_NEAR = ("form", "case", "accents", "separators")
_ACCOUNT_EXISTS, _LIMITED, _DEPENDANT = "account_exists", "limited", "unknown:dependant"
_OTHER_PERSON = "other_person"

Finding = Mapping[str, Any]
Record = Mapping[str, Any]


def explain(record: Record, messages: Messages) -> list[str]:
    """Return the lines that tell what was compared, how, what was decided, and what to do now."""
    teller = _Teller(messages)
    parts = (teller.story(record), teller.candidates(record), teller.conditions(record))
    told = [line for part in parts if (lines := list(part)) for line in (*lines, "")]
    return [*told, *teller.advice(record), *teller.versions(record)]


@dataclass(frozen=True)
class _Teller:
    messages: Messages

    def say(self, code: str) -> str:
        return self.messages.sentence(f"decision.{code}")

    def story(self, record: Record) -> Iterator[str]:
        yield self.say(f"kind.{'tie' if 'tie' in record else record['kind']}")
        yield self.say(f"outcome.{record.get('outcome', 'refused')}")
        if record.get("tie") == _OTHER_PERSON:
            yield self.say("tie.other_person")
        if "flaw" in record:
            yield self.say(f"flaw.{record['flaw']}")
        certainty = record.get("pivot", {}).get("date", "certain")
        if certainty != "certain":
            yield self.say(f"date.{certainty}")
        if record.get("crowded"):
            yield self.say("crowded")

    def candidates(self, record: Record) -> Iterator[str]:
        if record.get("considered") == 0:
            yield self.say("nobody" if "rules" in record else "no_number")
        candidates = record.get("candidates", ())
        for rank, candidate in enumerate(candidates[:_TOLD]):
            yield self._title(record, candidate, rank)
            for name, finding in candidate["criteria"].items():
                yield f"- {self.say(f'criterion.{name}')}\u00a0: {self._how(finding)}"
        if record.get("considered", 0) > _TOLD:
            yield self.say("further")

    def _title(self, record: Record, candidate: Record, rank: int) -> str:
        facts = ", ".join(self._facts(candidate, first=rank == 0))
        if not facts:
            return self.say("compared")
        several = record.get("considered", 1) > 1
        code = "candidate.further" if rank else "candidate.nearest" if several else "candidate"
        return self.say(code).format(total=record.get("considered"), facts=facts)

    def _facts(self, candidate: Record, *, first: bool) -> Iterator[str]:
        if "nir_status" in candidate:
            yield self.say(f"number.{candidate['nir_status']}")
            yield self.say("certified" if candidate["certified"] else "uncertified")
        if "quality" in candidate:
            yield self.say(f"quality.{candidate['quality']}")
        if candidate.get("person") == 1 and not first:
            yield self.say("same_person")

    def _how(self, finding: Finding) -> str:
        words: Sequence[str] = finding.get("set_aside", ())
        if not words:
            return self.say("equal" if finding["agrees"] else "differs")
        near = [self.say(f"near.{word}") for word in words if word in _NEAR]
        others = [self.say(f"aside.{word}") for word in words if word not in _NEAR]
        same = [self.say("near").format(differences=self._listed(near))] if near else []
        clauses = "\u00a0; ".join([*others, *same])
        return clauses if finding["agrees"] else self.say("refused").format(differences=clauses)

    def _listed(self, items: Sequence[str]) -> str:
        return self.say("and").join(filter(None, [", ".join(items[:-1]), items[-1]]))

    def conditions(self, record: Record) -> Iterator[str]:
        if "exclusions" in record:
            yield self.say("excluded" if record["exclusions"] else "eligible")
            yield from (f"- {self.say(f'exclusion.{rule}')}" for rule in record["exclusions"])
        if record.get("reason") == _ACCOUNT_EXISTS:
            yield self.say("exists")
        if record.get("reason") == _LIMITED:
            yield self.say("limited")

    def advice(self, record: Record) -> Iterator[str]:
        yield self.say("advice")
        yield f"- {self.say('advice.first')}"
        yield from (f"- {self.say(f'advice.{code}')}" for code in _advice(record))

    def versions(self, record: Record) -> Iterator[str]:
        if "rules" in record:
            tables = ", ".join(f"{name} {version}" for name, version in record["tables"].items())
            yield ""
            yield self.say("rules").format(version=record["rules"], tables=tables)


def _advice(record: Record) -> Sequence[str]:
    """Return what to advise: first what closes the way for good or for a time."""
    reason, outcome = record.get("reason"), record.get("outcome")
    if reason in {_ACCOUNT_EXISTS, _LIMITED}:
        return ("exists" if reason == _ACCOUNT_EXISTS else _LIMITED,)
    if record.get("exclusions"):
        return tuple(record["exclusions"])
    if record.get("tie") == _OTHER_PERSON:
        return (_OTHER_PERSON,)
    if reason == _DEPENDANT:
        return ("dependant",)
    if outcome == Outcome.NONE:
        return ("differs" if record["considered"] else "nobody",)
    return (outcome,) if outcome in _ADVISED else ()


_ADVISED = frozenset({"several", "uncertified", "invalid", "unknown", "mismatch"})
