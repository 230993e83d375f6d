"""Counts that every node shares in Redis, as long as it answers."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from broker.base.errors import ServiceNotReady
from broker.base.metrics import Metrics
from broker.base.settings import Settings

_PATIENCE = 0.1  # seconds to connect, and to answer
_PAUSE = 5.0  # seconds during which a Redis that failed is not asked again
log = structlog.get_logger()


@dataclass
class SharedCounts:
    """Adds up in Redis; while it fails, one request in five seconds asks it, the others nobody."""

    redis: Redis
    metrics: Metrics
    monotonic: Callable[[], float] = time.monotonic
    _asked_again_at: float | None = field(default=None, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @classmethod
    def of(cls, settings: Settings, metrics: Metrics) -> "SharedCounts | None":
        """Return the counts at the settings' Redis; None where they name none."""
        if settings.redis_url is None:
            return None
        try:
            redis = Redis.from_url(
                settings.redis_url.reveal(),
                socket_connect_timeout=_PATIENCE,
                socket_timeout=_PATIENCE,
                retry=Retry(NoBackoff(), 0),
            )
        except ValueError:  # its message holds the address, and so perhaps a password
            raise ServiceNotReady(
                "redis_url must be a redis://, rediss:// or unix:// URL"
            ) from None
        return cls(redis, metrics)

    def add(self, key: str, life: int) -> int | None:
        """Add one to the count of *key* and return it; None while Redis does not answer.

        Redis forgets the count after *life* seconds of its own clock, at the latest.
        """
        if not self._may_ask():
            return None
        try:
            with self.redis.pipeline() as together:
                together.incr(key)
                together.expire(key, life)
                count = together.execute()[0]
        except RedisError as error:
            self._failed(error)
            return None
        self._worked()
        return int(count)

    def answers(self) -> bool:
        """Tell whether Redis answers now; for monitors."""
        try:
            return bool(self.redis.ping())
        except RedisError:
            return False

    def _may_ask(self) -> bool:
        with self._lock:
            if self._asked_again_at is None:
                return True
            if self.monotonic() < self._asked_again_at:
                return False
            self._asked_again_at = self.monotonic() + _PAUSE
            return True

    def _failed(self, error: RedisError) -> None:
        self.metrics.redis_failure()
        with self._lock:
            is_news = self._asked_again_at is None
            self._asked_again_at = self.monotonic() + _PAUSE
        if is_news:
            log.warning("redis does not answer", kind=type(error).__name__)

    def _worked(self) -> None:
        with self._lock:
            was_down, self._asked_again_at = self._asked_again_at is not None, None
        if was_down:
            log.info("redis answers again")
