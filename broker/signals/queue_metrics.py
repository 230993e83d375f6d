"""How much waits for each partner, as metrics: read from the database when somebody asks."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from broker.base.clock import Clock
from broker.signals.model import StreamState, Waiting


@dataclass(frozen=True, eq=False)  # a registry keeps its collectors by identity
class QueueMetrics(Collector):
    """Labels: a registered partner with a queue, its status; none while the database is away.

    An age that grows while the stream is enabled: the partner takes nothing.
    """

    waiting: Callable[[], Sequence[Waiting]]
    states: Callable[[], Mapping[str, StreamState]]
    clock: Clock

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Name the metrics without asking the database."""
        return _families()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield each metric with its value per partner."""
        try:
            waiting, states = self.waiting(), self.states()
        except SQLAlchemyError:
            return
        count, age = _families()
        for each in waiting:
            status = states.get(each.client_id, StreamState()).status
            labels = [each.client_id, str(status)]
            count.add_metric(labels, each.count)
            age.add_metric(labels, (self.clock() - each.oldest).total_seconds())
        yield from (count, age)


def _families() -> tuple[GaugeMetricFamily, GaugeMetricFamily]:
    return (
        _family("broker_signals_waiting", "Security events that the partner has not taken"),
        _family("broker_signals_oldest_seconds", "Age of the oldest of them"),
    )


def _family(name: str, meaning: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, labels=["client_id", "status"])
