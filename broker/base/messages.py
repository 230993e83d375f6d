"""The French sentences, by code: read once from ``templates/messages/*.toml``."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Explanation:
    """What a person reads when the broker says no."""

    title: str
    sentence: str
    next: str = ""


@dataclass(frozen=True)
class Messages:
    """Sentences of fields and notices, explanations of refusals."""

    sentences: dict[str, str]
    explanations: dict[str, Explanation]

    @classmethod
    @cache  # files of this installation, which no process sees change
    def load(cls, directory: Path) -> "Messages":
        """Read every catalogue of the folder; a code defined twice is an error."""
        sentences: dict[str, str] = {}
        explanations: dict[str, Explanation] = {}
        for path in sorted(directory.glob("*.toml")):
            catalogue = tomllib.loads(path.read_text())
            for section in ("field", "notice"):
                _add(sentences, catalogue.get(section, {}), path)
            found = {k: Explanation(**v) for k, v in catalogue.get("refusal", {}).items()}
            _add(explanations, found, path)
        return cls(sentences, explanations)

    def sentence(self, code: str) -> str:
        """Return the sentence of a field or notice code."""
        return self.sentences[code]

    def explain(self, code: str) -> Explanation:
        """Return the explanation of a refusal, the general one where it has none of its own."""
        return self.explanations.get(code, self.explanations["refused"])


def _add(into: dict[str, Any], found: dict[str, Any], path: Path) -> None:
    twice = into.keys() & found.keys()
    if twice:
        raise ValueError(f"{path.name}: defined twice: {sorted(twice)}")
    into.update(found)
