"""Nonces of the server for DPoP proofs (RFC 9449 §8): made from the time and a key, not kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from broker.base.clock import Clock, epoch
from broker.base.crypto import KeyedHash

_SLOT = 150  # seconds: a nonce is accepted for one to two slots after it was given
_ACCEPTED = (0, -1, 1)  # slots around the present one; 1: a node whose clock is ahead gave it


@dataclass(frozen=True)
class Nonces:
    """The same nonce for everybody during a slot: it dates a proof, ``jti`` makes it unique.

    It is no secret: whoever asks is told.
    """

    marks: KeyedHash
    clock: Clock

    def current(self) -> str:
        """Return the nonce to give now."""
        return self._of(self._slot())

    def accepts(self, nonce: str) -> bool:
        """Tell whether we gave that nonce a moment ago."""
        slot = self._slot()
        return any(nonce == self._of(slot + step) for step in _ACCEPTED)

    def good_until(self) -> datetime:
        """Return when every nonce that is accepted now has ceased to be."""
        return self.clock() + timedelta(seconds=3 * _SLOT)

    def _slot(self) -> int:
        return epoch(self.clock()) // _SLOT

    def _of(self, slot: int) -> str:
        return self.marks.text("slot", str(slot))
