"""What is typed into the search box: identifiers alone, never what is personal."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from stdnum import iban

from broker.audit.model import Outcome
from broker.audit.questions.asking import MAPPED
from broker.audit.questions.timeline import WEEK, Question
from broker.base.crypto import fingerprint
from broker.base.errors import InvalidField
from broker.base.paris import PARIS
from broker.console.events import Query
from broker.console.model import Motive
from broker.detection.model import NOTE_LENGTH

Network = IPv4Network | IPv6Network
_MOST = 5  # identifiers at once
REACHES = {"": WEEK, "mois": timedelta(days=30), "tout": None}
"""How far back what no index knows may be sought, the usual first."""
_SHORTEST_REASON, _LONGEST_REASON = 5, 200  # characters
_IDENTIFIER = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._~:/+=-]{1,254}")
_DIGITS = re.compile(r"[0-9]{9,}|[1-4][0-9]{4}(?:[0-9]{2}|2[AaBb])[0-9]{6}(?:[0-9]{2})?")
_WORDS = re.compile(r"[^\s,;:!?()\[\]«»\"'\u2019=°*]+")
_LONGEST_NUMBER = 34  # characters: an IBAN
_SEPARATORS = re.compile(r"[\s.\u00a0\u202f]")
DIGEST_COMMAND = 'read -rs T; printf %s "$T" | sha256sum | cut -c 1-32'
"""What tells, in a shell, what the trail keeps of a token: typed unseen, kept nowhere."""
_TYPE = re.compile(r"[a-z]+(?:[._][a-z]+)*[._]?")
_CASE = re.compile(r"[A-Za-z]{1,10}[-/ ]?[0-9]{1,8}(?:[-/][0-9]{1,8})?")
_COUNT = re.compile(r"[1-9][0-9]{0,5}")
_MOMENT = re.compile(
    r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})(?:[ \u00a0,]+([0-9]{1,2})[h:]([0-9]{2}))?"
)
_FIRST_YEAR = 1970  # ids of events count from there
_TOKEN = "pseudonym_or_token"  # noqa: S105 - the name of a shape
_KINDS = {
    "reference": re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{2}"),
    "event_or_request": re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "digest": re.compile(r"[0-9a-f]{32}"),
    _TOKEN: re.compile(r"[A-Za-z0-9_-]{43}"),
}
"""Shapes that the service makes itself: such a term may stand in the trail."""


class EmptyWindow(InvalidField):
    """The window ends before it begins."""

    def __init__(self) -> None:
        super().__init__("fin.before")


def identifiers(text: str) -> tuple[str, ...]:
    """Read up to five identifiers; InvalidField for what may be a number, IBAN or address.

    The reference shown to people may be typed in small letters.
    """
    terms = tuple(dict.fromkeys(map(_as_written, text.split())))
    # An address of four groups may have as many digits as somebody's number.
    others = [term for term in text.split() if not _is_address(term)]
    if any(map(_is_personal, (*others, _SEPARATORS.sub("", "".join(others))))):
        raise InvalidField("terme.personal")
    if len(terms) > _MOST:
        raise InvalidField("terme.many")
    if not all(map(_IDENTIFIER.fullmatch, terms)):
        raise InvalidField("terme.invalid")
    return terms


def event_type(text: str) -> str | None:
    """Read an event's type, or the beginning of one."""
    if text and not _TYPE.fullmatch(text):
        raise InvalidField("type.invalid")
    return text or None


def client(text: str) -> str | None:
    """Read the id of a partner."""
    if text and not _IDENTIFIER.fullmatch(text):
        raise InvalidField("client.invalid")
    return text or None


def outcome(text: str) -> Outcome | None:
    """Read how the act ended; anything else is every outcome."""
    return Outcome(text) if text in set(Outcome) else None


def beginning(text: str) -> datetime | None:
    """Read a date of France, with a time of day or its first minute: when a window begins.

    In autumn an hour comes twice, in spring one does not come: the longer window is meant.
    """
    return min(_moments(text), default=None)


def end(text: str) -> datetime | None:
    """Read the same: when a window ends."""
    return max(_moments(text), default=None)


def reach(text: str) -> timedelta | None:
    """Read how far back what no index knows is sought; None: as far as the trail goes."""
    return REACHES.get(text, WEEK)


def reach_code(name: str) -> str:
    """Return the code of the words for one of REACHES."""
    return f"reach.{name or 'semaine'}"


def case(text: str) -> str:
    """Read the number of a case, such as ``SOC-2026-118``: short, so that nobody's number fits."""
    if not _CASE.fullmatch(text):
        raise InvalidField("dossier.invalid")
    return text


def motive(text: str) -> Motive:
    """Read why a person, or what came of a login, is looked up."""
    if text not in set(Motive):
        raise InvalidField("motif.required")
    return Motive(text)


def note(text: str) -> str:
    """Return what was found, in the analyst's words; it stays in the trail and names nobody."""
    if not text:
        raise InvalidField("note.required")
    if len(text) > NOTE_LENGTH:
        raise InvalidField("note.long")
    if _names_somebody(text):
        raise InvalidField("note.personal")
    return text


def one_identifier(text: str) -> str:
    """Read one identifier; InvalidField for none, several, or what may be personal."""
    found = identifiers(text)
    if len(found) != 1:
        raise InvalidField("indice.one")
    return found[0]


def target(text: str) -> str:
    """Read what the trail calls the target of a cut; empty where there is only one."""
    if not text:
        return ""
    try:
        return one_identifier(text)
    except InvalidField as refusal:
        personal = refusal.message == "terme.personal"
        raise InvalidField(refusal.message if personal else "cible.invalid") from None


def reason(text: str) -> str:
    """Read why an analyst acts, in words that name nobody: the trail keeps them."""
    told = " ".join(text.split())
    if not _SHORTEST_REASON <= len(told) <= _LONGEST_REASON:
        raise InvalidField("raison.required")
    if _names_somebody(text):
        raise InvalidField("raison.personal")
    return told


def network(text: str) -> Network:
    """Read an address, or the prefix of a network."""
    try:
        # As a socket of both versions tells an address of IPv4, which events may have so.
        plain = text.lower().removeprefix(MAPPED) if "." in text else text
        return ip_network(plain, strict=False)
    except ValueError:
        raise InvalidField("reseau.invalid") from None


def at_least(text: str) -> int | None:
    """Read from how many on a group is shown; None: as the question says."""
    if not text:
        return None
    if not _COUNT.fullmatch(text):
        raise InvalidField("seuil.invalid")
    return int(text)


def structure(question: Question, direction: str | None = None) -> Query:
    """Return what the trail keeps of a question: kinds, and values that we made ourselves.

    Each term is one text with its kind, so that a search for the same does not find the search.
    """
    return Query(
        terms=tuple(map(described, question.terms)),
        type=question.type_prefix,
        client=bool(question.client_id) or None,
        outcome=question.outcome,
        since=question.since.isoformat() if question.since else None,
        until=question.until.isoformat() if question.until else None,
        direction=direction,
    )


def may_be_token(term: str) -> bool:
    """Tell whether the term has the shape of our random tokens, as pseudonyms also have."""
    return _kind(term) == _TOKEN


def digest(term: str) -> str:
    """Return what the trail keeps of a token in its place: ``token.hash_prefix``."""
    return fingerprint(term)[:16].hex()


def described(term: str) -> str:
    """Return what the trail keeps of a term: its kind, and the value where we made it."""
    kind = _kind(term)
    if kind is None:
        return "other"
    return f"digest_of:{digest(term)}" if kind == _TOKEN else f"{kind}:{term}"


def _moments(text: str) -> list[datetime]:
    """Return what a time of day of France may mean; in UTC, where time passes evenly."""
    if not text:
        return []
    found = _MOMENT.fullmatch(text)
    try:
        day, month, year, hour, minute = (int(part or 0) for part in found.groups())  # type: ignore[union-attr]
        read = datetime(year, month, day, hour, minute, tzinfo=PARIS)
    except (AttributeError, ValueError):
        raise InvalidField("moment.invalid") from None
    if year < _FIRST_YEAR:
        raise InvalidField("moment.invalid")
    return [read.astimezone(UTC), read.replace(fold=1).astimezone(UTC)]


def _kind(term: str) -> str | None:
    return next((kind for kind, shape in _KINDS.items() if shape.fullmatch(term)), None)


def _is_personal(term: str) -> bool:
    if _kind(term):
        return False
    return "@" in term or bool(_DIGITS.fullmatch(term)) or bool(iban.is_valid(term))


def _is_address(term: str) -> bool:
    try:
        ip_address(term)
    except ValueError:
        return False
    return True


def _names_somebody(text: str) -> bool:
    """Tell whether words hold what may be somebody's number, IBAN or e-mail address."""
    words = [word for word in _WORDS.findall(text) if not _is_address(word)]
    return any(map(_is_personal, (*words, *_runs(words))))


def _runs(words: Sequence[str]) -> Iterator[str]:
    """Yield what stands together once spaces are gone: numbers are often typed in groups."""
    for begin in range(len(words)):
        run = ""
        for word in words[begin:]:
            run += _SEPARATORS.sub("", word)
            if len(run) > _LONGEST_NUMBER:
                break
            yield run


def _as_written(term: str) -> str:
    return term.upper() if _KINDS["reference"].fullmatch(term.upper()) else term
