"""The catalogue of docs/errors.md: every error of the code, its French words, the test of it.

``python -m tests.architecture.error_catalogue`` writes it.
"""

import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from http import HTTPStatus

from broker.base.errors import Refusal
from broker.base.messages import Explanation, Messages
from broker.oidc.errors import OAuthError, ResourceError
from tests.architecture.code import subclasses
from tests.support.places import ROOT

DOCUMENT = ROOT / "docs/errors.md"
MESSAGES = Messages.load(ROOT / "templates/messages")
_TESTS = ROOT / "tests/architecture/errors.toml"
_PROTOCOL_TEST = "tests/conformance/test_every_error.py"
_IMPORTED = re.compile(r"^from (tests\.[\w.]+) import", re.MULTILINE)
_HTTP = re.compile(r"http-(\d{3})")
_OF_THE_APP = {"creation-refused": HTTPStatus.FORBIDDEN, "refused": HTTPStatus.BAD_REQUEST}
_READERS = {
    "people": "Errors that people meet",
    "programs": "Errors that an integrator's program meets",
    "operators": "Errors that operators meet in a command",
}
_INTRODUCTION = """\
<!-- made by python -m tests.architecture.error_catalogue -->
# Errors

Each error has a stable code, one French explanation and one status. A page shows the explanation
with the reference of the request; the JSON API gives code and explanation as problem details
(RFC 9457); a command prints one line. Several forms catch an error and show a sentence beside
the field instead: the explanation is what is left to say where no field is to blame.
"""
_HEADER = "| Code | Status | What is said | What to do | Test |\n|---|---|---|---|---|\n"
_PROTOCOL = f"""
## Errors of the protocol

`error` as RFC 6749, OpenID Connect and their extensions register it; the description is English
and for the integrator's log. Each is provoked by `{_PROTOCOL_TEST}`,
in the form in which its reader meets it.

| Error | Status | Class | Clause and meaning |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Entry:
    """One error: what a person reads of it and which test provokes it."""

    code: str
    reader: str
    file: str
    test: str
    statuses: tuple[int, ...]
    names: tuple[str, ...]
    """The classes that carry the code."""

    @property
    def words(self) -> Explanation:
        return MESSAGES.explain(self.code)

    @property
    def provoked(self) -> bool:
        """Whether the test exists, in a file that speaks of this error."""
        path = ROOT / self.file
        text = path.read_text() if path.exists() else ""
        text += "".join(map(_module, _IMPORTED.findall(text)))  # where tests keep their cases
        signs = {self.code, self.code.rpartition(".")[2], self.words.title, *self.names}
        signs |= set(map(str, self.statuses))
        return f"def {self.test}(" in text and any(sign in text for sign in signs)


def _module(name: str) -> str:
    path = ROOT / f"{name.replace('.', '/')}.py"
    return path.read_text() if path.exists() else ""


def codes() -> dict[str, list[type[Refusal]]]:
    """Return every code that can be met, with the classes that carry it."""
    found: dict[str, list[type[Refusal]]] = defaultdict(list)
    for refusal in subclasses(Refusal):
        found[refusal.code].append(refusal)
    for code in MESSAGES.explanations:
        if code in _OF_THE_APP or _HTTP.fullmatch(code):
            found[code] = []
    return found


def entries() -> list[Entry]:
    """Return what errors.toml names, in its order."""
    known = codes()
    return [
        Entry(code, reader, *place.split("::"), *_carriers(code, known.get(code, [])))
        for reader, tests in tomllib.loads(_TESTS.read_text()).items()
        for code, place in tests.items()
    ]


def _carriers(code: str, classes: list[type[Refusal]]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    http = _HTTP.fullmatch(code)
    fixed = int(http[1]) if http else _OF_THE_APP.get(code)
    statuses = [int(fixed)] if fixed else sorted({int(each.status) for each in classes})
    if code == OAuthError.code:
        statuses = [int(OAuthError.status)]
    return tuple(statuses), tuple(each.__name__ for each in classes)


def protocol() -> list[type[OAuthError]]:
    """Return the errors that programs read by their registered name."""
    bases = {OAuthError, ResourceError}
    found = [each for each in subclasses(OAuthError) if each not in bases]
    return sorted(found, key=lambda each: (each.error, each.__name__))


def written() -> str:
    """Return the document."""
    tables = "".join(_table(reader, title) for reader, title in _READERS.items())
    return _INTRODUCTION + tables + _PROTOCOL + "".join(map(_protocol_row, protocol()))


def _table(reader: str, title: str) -> str:
    return f"\n## {title}\n\n{_HEADER}" + "".join(
        _row(entry) for entry in entries() if entry.reader == reader
    )


def _row(entry: Entry) -> str:
    said, statuses = entry.words, ", ".join(map(str, entry.statuses))
    sentence = f"**{said.title.rstrip('.')}.** {said.sentence}"
    test = f"`{entry.file}::{entry.test}`"
    return f"| `{entry.code}` | {statuses} | {sentence} | {said.next} | {test} |\n"


def _protocol_row(kind: type[OAuthError]) -> str:
    meaning = " ".join((kind.__doc__ or "").split())
    return f"| {kind.error} | {int(kind.status)} | {kind.__name__} | {meaning} |\n"


if __name__ == "__main__":
    DOCUMENT.write_text(written())
