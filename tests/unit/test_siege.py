"""The patient attacker: waits and rests as cleverly as the budget supposes."""

from dataclasses import dataclass

from broker.app import create_app
from broker.base.counters import Counters
from broker.base.errors import Throttled
from broker.base.limits import DAY, MINUTE
from broker.budget import MONTH, Budget, slowed
from broker.foundation import Foundation
from tests.conftest import FrozenClock, test_settings
from tests.support.siege import Answer, Attack, lay

LINE, FREE, WAIT, PLACES = "a secret", 5, 15 * MINUTE, ("here", "there")


@dataclass
class Guarded:
    """A service of which counters are all there is."""

    counters: Counters
    clock: FrozenClock
    compared: int = 0

    def __post_init__(self) -> None:
        alone = [slowed(FREE, WAIT, DAY, period) for period in (DAY, MONTH)]
        self.budgets = {LINE: Budget(LINE, *alone, None, 300)}

    @property
    def now(self) -> float:
        return self.clock.now.timestamp()

    def passes(self, seconds: float) -> None:
        self.clock.advance(seconds=int(seconds) + 1)

    def restarts(self, _number: int) -> None:
        """Counters outlive a process."""

    def guess(self, place: str) -> Answer:
        try:
            with self.counters.db.transaction():
                self.counters.take_slowing("secret", place, free=FREE, wait=WAIT, ceiling=DAY)
        except Throttled as refusal:
            return Answer(compared=False, wait=refusal.retry_after)
        self.compared += 1
        return Answer(compared=True)


def test_a_month_of_patience_at_two_places_nearly_reaches_the_budget(sqlite_url, clock):
    application = create_app(test_settings(sqlite_url), clock=clock)
    service = Guarded(application.extensions["broker"][Foundation].counters, clock)
    attack = Attack(
        lambda: [lambda place=place: service.guess(place) for place in PLACES for _ in range(6)],
        lambda: service.compared,
        times=len(PLACES),
        forgets=DAY,
    )

    reached = lay(service, LINE, attack, MONTH)

    assert reached.holds, reached
    assert reached.judged > 0.975 * reached.budget
