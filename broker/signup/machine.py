"""The creation of an account as one state machine: which step is due, allowed, and where it leads.

Site, app and API ask this table and write no order of their own; docs/journeys.md draws it.
"""

from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """The ways of creating: two on the web, one in the app and over its API."""

    CARD = "vitale"
    FRANCECONNECT = "franceconnect"
    APP = "app"


class Step(StrEnum):
    """What remains to be done; the last two end a journey."""

    RETURN = "return"
    IDENTITY = "identity"
    CARD = "card"
    TERMS = "terms"
    PASSWORD = "password"  # noqa: S105 - the name of a screen
    CONTACT = "contact"
    FINISHED = "finished"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Transition:
    """What is done at a step and where it leads; *refusable* where it may end on NEUTRAL."""

    step: Step
    act: str
    leads_to: Step
    refusable: bool = False


_T = Transition
MACHINE: dict[Way, tuple[Transition, ...]] = {
    Way.CARD: (
        _T(Step.IDENTITY, "identify", Step.CARD, refusable=True),
        _T(Step.CARD, "prove", Step.TERMS, refusable=True),
        _T(Step.TERMS, "accept the terms", Step.PASSWORD),
        _T(Step.PASSWORD, "choose a password", Step.CONTACT),
        _T(Step.CONTACT, "give contact", Step.FINISHED, refusable=True),
    ),
    Way.FRANCECONNECT: (
        _T(Step.RETURN, "come back from FranceConnect", Step.TERMS, refusable=True),
        _T(Step.TERMS, "accept the terms", Step.PASSWORD),
        _T(Step.PASSWORD, "choose a password", Step.CONTACT),
        _T(Step.CONTACT, "give contact", Step.FINISHED, refusable=True),
    ),
    Way.APP: (
        _T(Step.TERMS, "accept the terms", Step.IDENTITY),
        _T(Step.IDENTITY, "identify", Step.CARD, refusable=True),
        _T(Step.CARD, "prove", Step.CONTACT, refusable=True),
        _T(Step.CONTACT, "give contact and password", Step.FINISHED, refusable=True),
    ),
}
"""The transitions of each way, in order: a step requires that all those above it were done."""

ENDS = frozenset({Step.FINISHED, Step.NEUTRAL})


def steps(way: Way) -> tuple[Step, ...]:
    """Return the steps of that way, in order, without its ends."""
    return tuple(each.step for each in MACHINE[way])


def screens(way: Way) -> tuple[Step, ...]:
    """Return the steps that are screens of ours."""
    return tuple(step for step in steps(way) if step is not Step.RETURN)


def first(way: Way) -> Step:
    """Return what is due where nothing was done yet."""
    return steps(way)[0]


def allows(way: Way, due: Step, step: Step) -> bool:
    """Tell whether *step* may be done while *due* is: it, or again one before it."""
    if step is due:
        return True
    order = steps(way)
    return {step, due} <= set(order) and order.index(step) < order.index(due)


def following(way: Way, step: Step) -> Step:
    """Return where that step leads once it was done."""
    return _transition(way, step).leads_to


def due_after(way: Way, due: Step, done: Step) -> Step:
    """Return what is due once *done* was done: doing an earlier step again takes nothing back."""
    order = (*steps(way), Step.FINISHED)
    return max(due, following(way, done), key=order.index)


def refusable(way: Way, step: Step) -> bool:
    """Tell whether what is done at that step may end on the neutral page."""
    return _transition(way, step).refusable


def _transition(way: Way, step: Step) -> Transition:
    return next(each for each in MACHINE[way] if each.step is step)
