"""The received mails, in memory: the newest ones, up to a limit."""

import threading
from collections import deque

from demo.mailbox.message import Message

CAPACITY = 1_000


class Mailbox:
    """Shared by the SMTP thread that fills it and the web threads that read it."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._messages: deque[Message] = deque(maxlen=capacity)
        self._lock = threading.Lock()

    def add(self, message: Message) -> None:
        """Keep *message*; the oldest one leaves when the box is full."""
        with self._lock:
            self._messages.appendleft(message)

    def newest_first(self) -> list[Message]:
        """Return what is in the box now."""
        with self._lock:
            return list(self._messages)

    def clear(self) -> None:
        """Throw every mail away."""
        with self._lock:
            self._messages.clear()
