"""How an attacker spends a period: as early as every limit lets a guess through, many at once."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from broker.base.limits import DAY
from tests.support.besieged import Besieged

_MARGIN = 60  # seconds before the end of a window, enough for one burst
_STRONG = 0.7  # of the budget


@dataclass(frozen=True)
class Answer:
    """What one guess was answered."""

    compared: bool | None
    """Whether it was, as far as that shows."""
    wait: int | None = None
    """Seconds until the next try, where the answer refuses this one."""
    guesses: int = 1
    """For how many it stands."""


Act = Callable[[], Answer]


@dataclass(frozen=True)
class Attack:
    """One way of guessing; a line of the budget holds for each of *times* places."""

    burst: Callable[[], Sequence[Act]]
    """Returns guesses that are ready to be made at once, each from a browser of its own."""
    judged: Callable[[], int]
    """Counts in the trail what was compared until now, whoever guessed."""
    window: int | None = None
    """Of the count that bounds it; None where each guess makes the next one wait."""
    times: int = 1
    forgets: int | None = None
    """Seconds of quiet after which what makes guesses slower begins anew."""
    opens: Callable[[], bool] | None = None
    """Tries the right secret; asked while no guess is left."""


@dataclass(frozen=True)
class Reached:
    """What an attack came to in its period, beside what the budget leaves it."""

    attack: str
    tried: int
    judged: int
    budget: int
    shown: int | None
    """What was compared by the answers, where they tell."""
    opened: bool
    """Whether the right secret was taken while no guess was left."""

    @property
    def row(self) -> str:
        """A row of the table in docs/security-budget.md."""
        return f"| {self.attack} | {self.tried:,} | {self.judged:,} | {self.budget:,} |"

    @property
    def holds(self) -> bool:
        """Whether limits kept to the budget, and the trail saw what the attacker saw."""
        agree = self.shown is None or self.shown == self.judged
        return self.judged <= self.budget and agree and not self.opened

    @property
    def proves(self) -> bool:
        """Whether limits were met at all: a weak attack proves nothing."""
        return self.judged > _STRONG * self.budget and self.tried > self.judged


def lay(service: Besieged, line: str, attack: Attack, period: int = DAY) -> Reached:
    """Attack for that long, a server process killed in the middle; return what came of it."""
    if attack.window:  # a guess that starts a window long before the period begins
        attack.burst()[0]()
    opened = service.now
    service.passes(attack.window - _MARGIN if attack.window else 0)
    before, ends, answers = attack.judged(), service.now + period, list[Answer]()
    waits = _windows(service, attack, opened, answers)
    if not attack.window:
        waits = _patient(service, attack, ends, answers)
    for number, wait in enumerate(waits):
        if service.now + wait >= ends - _MARGIN / 2:
            break
        service.passes(wait)
        if number == 0:
            service.restarts(0)
    found = attack.opens() if attack.opens else False
    budget = service.budgets[line]
    told = [answer.compared for answer in answers]
    return Reached(
        attack=line if attack.times == 1 else f"{line}, {attack.times} times",
        tried=sum(answer.guesses for answer in answers),
        judged=attack.judged() - before,
        budget=attack.times * (budget.day if period == DAY else budget.month),
        shown=None if None in told else told.count(True),
        opened=found,
    )


def _windows(
    service: Besieged, attack: Attack, opened: float, answers: list[Answer]
) -> Iterator[float]:
    """Make one burst after the other; yield how long until no window of the last one holds."""
    assert attack.window
    answers += at_once(attack.burst())  # in the window that was opened before
    while True:
        yield opened + attack.window - service.now
        answers += at_once(attack.burst())
        opened = service.now  # no window that this burst began is younger


def _patient(
    service: Besieged, attack: Attack, ends: float, answers: list[Answer]
) -> Iterator[float]:
    """Make one burst after the other; yield how long a guess has to wait, or for forgetting.

    Each guess costs twice the wait of the one before, until letting the counter forget pays more
    than the next one. Places that guess at once also wait at once, for the slowest.
    """
    compared, began = 0.0, service.now
    while True:
        made = at_once(attack.burst())
        answers += made
        compared += sum(answer.wait is None for answer in made) / attack.times
        wait = max(answer.wait for answer in made if answer.wait)
        quiet = attack.forgets or 0
        forgotten = service.now + wait + quiet
        if quiet and forgotten < ends and compared * 2 * wait > forgotten - began:
            wait += quiet
            compared, began = 0.0, forgotten
        yield wait


def at_once(acts: Sequence[Act]) -> list[Answer]:
    """Do all of it at once; raise what the first of them raised, once all are done."""
    with ThreadPoolExecutor(len(acts)) as threads:
        return [done.result() for done in [threads.submit(act) for act in acts]]
