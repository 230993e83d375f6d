"""What was ordered for the next login, and for the next readers of the published documents."""

import threading
from collections.abc import Container

from demo.franceconnect.misbehaviour.catalogue import (
    MISBEHAVIOURS,
    NAMES,
    TOWARDS_IDENTITY_PROVIDERS,
    behaviour,
)
from demo.franceconnect.misbehaviour.model import Misbehaviour

DOCUMENTS = ("discovery", "jwks")


class Orders:
    """Each order is carried out once, by one login.

    Where a published document is concerned, a stated number of fetches sees it: nobody can tell
    for which login a document is read.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: str | None = None
        self._fetches: dict[str, tuple[str, int]] = {}

    def order(self, name: str | None, fetches: int = 1) -> None:
        """Have the next login misbehave; None takes every order back. KeyError on another name."""
        if name is not None and name not in NAMES:
            raise KeyError(name)
        with self._lock:
            self._next, self._fetches = name, {}
        if name is not None:
            self.publish(name, fetches)

    def publish(self, name: str, fetches: int = 1) -> None:
        """Have the next *fetches* of a document misbehave, where *name* concerns one."""
        concerned = [each for each in DOCUMENTS if behaviour(name).concerns(each)]
        with self._lock:
            self._fetches |= dict.fromkeys(concerned, (name, fetches))

    def for_a_site(self) -> str | None:
        """Return what was ordered for the next login of a site, and forget it."""
        return self._taken(MISBEHAVIOURS)

    def for_an_identity_provider(self) -> str | None:
        """Return what was ordered for the next call of an identity provider, and forget it."""
        return self._taken(TOWARDS_IDENTITY_PROVIDERS)

    def fetched(self, document: str) -> Misbehaviour:
        """Return how this fetch of *document* is answered."""
        with self._lock:
            name, left = self._fetches.pop(document, ("", 0))
            if left > 1:
                self._fetches[document] = (name, left - 1)
        return behaviour(name)

    def _taken(self, names: Container[str]) -> str | None:
        with self._lock:
            if self._next not in names:
                return None
            taken, self._next = self._next, None
        return taken
