"""What came of a login: its events as a tree, from the checks to the last use of a token."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from broker.audit.lineage import tries

Body = Mapping[str, Any]
_DEEPEST = 40  # levels: refreshes go on for months, and a tree must be read

_REPLAYS = frozenset(
    {"code.replayed", "refresh.reuse", "client.assertion.replayed", "dpop.proof.replayed"}
)
_ENDS = frozenset({"token.revoked", "session.ended"})
_LATE = frozenset({"session.late", "session.copied"})
_STEPS = ("login.", "otp.", "session.created", "fc.login.", "browser.")  # of the login itself
_OF_PARTNERS = ("authz.", "consent.", "code.")
# Events of one moment have ids in no order: what leads to something stands before it.
_ORDER = (
    "fc.", "account.", "authz.pushed", "authz.", "login.", "otp.", "session.created", "consent.",
    "code.issued", "code.redeemed", "refresh.", "token.issued",
)  # fmt: skip


class Mark(StrEnum):
    """What must be seen at once of an event."""

    SOUGHT = "sought"
    """It is, or made, what the question named."""
    REPLAYED = "replayed"
    """Something came back that serves once."""
    REFUSED = "refused"
    LATE = "late"
    """A session was used after its end."""
    ENDED = "ended"
    """What it made was ended since: a session, a token, all that came of a code."""


@dataclass(frozen=True)
class Node:
    """An event, or a group: ``login``, ``request``, ``round_trip``, ``act``, ``tries``."""

    kind: str
    """The type of the event, or which group."""
    ref: str
    """The id of the event, or what its group has in common."""
    event: Body | None
    marks: tuple[Mark, ...]
    children: tuple["Node", ...]

    def as_json(self) -> dict[str, Any]:
        """Return the node and all below it as JSON values."""
        told: dict[str, Any] = {"kind": self.kind, "ref": self.ref, "marks": [*self.marks]}
        if self.event is not None:
            told["event"] = dict(self.event)
        return {**told, "children": [child.as_json() for child in self.children]}

    def lines(self, depth: int = 0) -> Iterator[tuple[int, "Node"]]:
        """Yield this node and all below it as they are read, each with its depth."""
        yield depth, self
        for child in self.children:
            yield from child.lines(depth + 1)


@dataclass
class _Growing:
    """A node of which not everything is known yet."""

    kind: str
    ref: str
    event: Body | None = None
    parent: "_Growing | None" = None
    children: list["_Growing"] = field(default_factory=list)

    @property
    def order(self) -> tuple[str, int, str, str]:
        """Groups stand where their first event does."""
        if self.event is None:
            return min((child.order for child in self.children), default=("", 0, "", self.ref))
        rank = next((n for n, each in enumerate(_ORDER) if self.kind.startswith(each)), 99)
        return self.event["time"], rank, self.event.get("token", {}).get("kind", ""), self.ref

    @property
    def depth(self) -> int:
        """How many nodes are above it."""
        depth, node = 0, self.parent
        while node is not None:
            depth, node = depth + 1, node.parent
        return depth

    def hangs_below(self, other: "_Growing") -> bool:
        """Tell whether *other* is this node, or above it."""
        node: _Growing | None = self
        while node is not None and node is not other:
            node = node.parent
        return node is not None


def tree(events: Sequence[Body], sought: frozenset[str] = frozenset()) -> tuple[Node, ...]:
    """Return the trees that these events make; *sought* are the names that were asked for."""
    found = [_Growing(event["type"], event["event_id"], event) for event in events]
    made = {name: node for node in found if node.event and (name := _makes(node.event))}
    groups: dict[str, _Growing] = {}
    joined, logins, of_runs = _joined(events), _logins(events), tries.parents(events)
    for node, event in zip(found, events, strict=True):
        run = of_runs.get(node.ref)
        _hang(node, (run,) if run else _parents(event, joined), made, groups)
    for group in groups.values():
        login = groups.get(f"login:{logins.get(group.ref)}")
        if login and group.kind != "login":
            _attach(group, login)
    _flatten([*groups.values(), *found])
    roots = [each for each in (*groups.values(), *found) if each.parent is None]
    return tuple(_finished(root, sought) for root in sorted(roots, key=lambda each: each.order))


def _makes(event: Body) -> str | None:
    """Return the name under which others hang on what this event made."""
    if event["type"] == "code.issued":
        return f"code:{event['code_ref']}"
    if event["type"] == "token.issued":
        return f"token:{event['token']['hash_prefix']}"
    if event["type"] == "session.created":
        return f"session:{event['session_ref']}"
    return None


def _joined(events: Sequence[Body]) -> dict[str, str]:
    """Return the request that each pushed request became, where it had to wait for the person."""
    return {
        event["txn"]: event["interaction_id"]
        for event in events
        if "txn" in event and "interaction_id" in event
    }


def _hang(
    node: _Growing,
    names: Iterable[str],
    made: Mapping[str, _Growing],
    groups: dict[str, _Growing],
) -> None:
    for name in names:
        kind, _, ref = name.partition(":")
        parent = made.get(name)
        if parent is None and kind in _GROUPS:
            parent = groups.setdefault(name, _Growing(kind, ref))
        if parent is not None and not parent.hangs_below(node):
            _attach(node, parent)
            return


_GROUPS = frozenset({"login", "request", "round_trip", "act", "tries"})


def _parents(event: Body, joined: Mapping[str, str]) -> Iterator[str]:
    """Yield what the event may hang on, the nearest first."""
    kind, token, login = event["type"], event.get("token", {}), event.get("auth_event_id")
    if login and kind.startswith(_STEPS):
        yield f"login:{login}"
    came_from = token.get("parent_jti" if kind == "token.issued" else "hash_prefix")
    if came_from:
        yield f"token:{came_from}"
    if kind != "code.issued" and "code_ref" in event:
        yield f"code:{event['code_ref']}"
    txn = event.get("txn", login)
    if request := event.get("interaction_id") or joined.get(txn or ""):
        yield f"{'round_trip' if kind.startswith('fc.') else 'request'}:{request}"
    if txn != login:
        yield f"{'request' if kind.startswith(_OF_PARTNERS) else 'act'}:{txn}"
    if kind != "session.created" and "session_ref" in event:
        yield f"session:{event['session_ref']}"
    if login:
        yield f"login:{login}"


def _logins(events: Sequence[Body]) -> dict[str, str]:
    """Return the login that each request, round trip or other act led to."""
    return {
        event[name]: event["auth_event_id"]
        for event in events
        for name in ("interaction_id", "txn")
        if name in event and "auth_event_id" in event
    }


def _flatten(nodes: Sequence[_Growing]) -> None:
    """Set what hangs deeper than the deepest level side by side there."""
    for node in sorted(nodes, key=lambda each: each.depth):
        if node.parent and node.depth > _DEEPEST:
            node.parent.children.remove(node)
            _attach(node, node.parent.parent or node.parent)


def _attach(node: _Growing, parent: _Growing) -> None:
    node.parent = parent
    parent.children.append(node)


def _finished(node: _Growing, sought: frozenset[str]) -> Node:
    children = sorted(node.children, key=lambda each: each.order)
    return Node(
        kind=node.kind,
        ref=node.ref,
        event=node.event,
        marks=tuple(_marks(node, sought)),
        children=tuple(_finished(child, sought) for child in children),
    )


def _marks(node: _Growing, sought: frozenset[str]) -> Iterator[Mark]:
    made = _makes(node.event) if node.event else None
    names = {node.ref}
    if made and node.event:
        token = node.event.get("token", {})
        names |= {made.partition(":")[2], token.get("jti"), token.get("sid")}
    if names & sought:
        yield Mark.SOUGHT
    if node.kind in _REPLAYS:
        yield Mark.REPLAYED
    elif node.kind in _LATE:
        yield Mark.LATE
    elif node.event and node.event["outcome"] == "failure":
        yield Mark.REFUSED
    if made and any(child.kind in _ENDS for child in node.children):
        yield Mark.ENDED
