"""How far each sink is behind, as metrics: read from the database when somebody asks."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from broker.exports.model import Lag


@dataclass(frozen=True)
class LagMetrics(Collector):
    """A label per sink of the settings, none else; no value while the database is away."""

    lags: Callable[[], Sequence[Lag]]

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Name the metrics without asking the database."""
        return _families()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield each metric with its value per sink."""
        try:
            lags = self.lags()
        except SQLAlchemyError:
            return
        events, seconds, failures = _families()
        for lag in lags:
            events.add_metric([lag.sink], lag.events)
            seconds.add_metric([lag.sink], lag.seconds)
            failures.add_metric([lag.sink], lag.failures)
        yield from (events, seconds, failures)


def _families() -> tuple[GaugeMetricFamily, GaugeMetricFamily, GaugeMetricFamily]:
    return (
        _family("broker_export_lag_events", "Sealed events that the sink has not accepted"),
        _family("broker_export_lag_seconds", "Age of the oldest of them"),
        _family("broker_export_failures", "Failures of the sink since it last accepted"),
    )


def _family(name: str, meaning: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, labels=["sink"])
