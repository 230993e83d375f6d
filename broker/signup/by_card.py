"""Creation with Vitale card and IBAN: who answers, then two proofs, each try counted first."""

from collections.abc import Callable
from dataclasses import dataclass

from broker.base.context import Here
from broker.base.counters import Counters
from broker.base.crypto import Secret
from broker.base.db import Database
from broker.base.errors import Throttled
from broker.base.limits import Limits
from broker.insured.card import CardAnswers, CardMask, CardProofs
from broker.insured.lookup import Finding, Insured
from broker.insured.nir import Nir
from broker.signup.journeys import Journeys
from broker.signup.machine import Step, Way
from broker.signup.model import CardMismatch, Draft, JourneyRefused
from broker.signup.refusals import ACCOUNT_EXISTS, LIMITED, Refusals

_PAIR, _PREFIX = "identity_pair", "identity_prefix"
_CARD, _MASK = "card", "mask"
NO_SERIAL = "excluded:vitale"


class TooManyIdentities(JourneyRefused):
    """Too many failures from here: the neutral page, with the time of the next try."""

    def __init__(self, draft: Draft, retry_after: int) -> None:
        super().__init__()
        self.draft = draft
        self.retry_after = retry_after


@dataclass(frozen=True)
class ByCard:
    """The screens of the two proofs."""

    insured: Insured
    journeys: Journeys
    refusals: Refusals
    counters: Counters
    limits: Limits
    db: Database
    here: Here

    def identify(
        self,
        answers: CardAnswers,
        typed: dict[str, str],
        browser: str,
        begun: Draft | None = None,
    ) -> tuple[Draft, Secret]:
        """Judge the four answers; the draft goes on to the card, or ends on the neutral page.

        *begun* is the journey whose terms were accepted before, as in the app.
        Raises TooManyIdentities. A refusal costs the same work whatever its reason.
        """
        journeys = self.journeys
        draft, cookie = journeys.anew(begun) if begun else journeys.new(Way.CARD)
        self._count_identity(draft, answers.nir)
        finding = self.insured.by_card(answers)
        with self.db.transaction():
            reason = self._reason(finding, answers.nir)
            if reason:
                self.refusals.record(draft, reason, nir=answers.nir, record=finding.record)
                draft = draft.refused(Step.IDENTITY)
            else:
                draft = draft.done(
                    Step.IDENTITY,
                    insured_id=finding.insured_id,
                    nir=answers.nir,
                    typed=typed,
                )
                self._give_back_identity(answers.nir)
                self.refusals.requested(draft)
            self.journeys.keep(draft, browser)
        return draft, cookie

    def mask(self, draft: Draft) -> CardMask:
        """Return what the second screen shows to complete."""
        return self.insured.card_mask(draft.person[0])

    def prove(self, draft: Draft, proofs: CardProofs) -> Draft:
        """Compare both proofs; the third wrong answer in a day closes this way for the number.

        Raises CardMismatch while tries remain, JourneyRefused afterwards.
        """
        insured_id, nir = draft.person
        left = self._count_card(draft, nir)
        finding = self.insured.prove(insured_id, proofs)
        with self.db.transaction():
            if finding.reason is None:
                self.counters.give_back(_CARD, nir.value)
                proved = draft.done(Step.CARD)
                self.journeys.move(draft, proved)
                return proved
            self.refusals.record(draft, finding.reason, nir=nir, record=finding.record)
        if left:
            raise CardMismatch
        self.refuse(draft, LIMITED)
        raise JourneyRefused

    def refuse(self, draft: Draft, reason: str) -> None:
        """End the journey on the neutral page."""
        with self.db.transaction():
            self.refusals.record(draft, reason, nir=draft.nir)
            self.journeys.move(draft, draft.refused(Step.CARD))

    def _reason(self, finding: Finding, nir: Nir) -> str | None:
        """Return why the person cannot go on; the order is that of what they prove."""
        exists = self.refusals.barring(nir) is not None
        used = self.counters.used(_CARD, nir.value, window=self.limits.card_window)
        if finding.reason or exists:
            return finding.reason or ACCOUNT_EXISTS
        if used >= self.limits.card_count or not self._may_see_mask(nir):
            return LIMITED
        return None

    def _may_see_mask(self, nir: Nir) -> bool:
        count, window = self.limits.mask_count, self.limits.mask_window
        return self._took(_MASK, nir.value, count, window) is None

    def _count_identity(self, draft: Draft, nir: Nir) -> None:
        limits = self.limits
        takes: tuple[Callable[[], int | None], ...] = (
            lambda: self._took(
                _PREFIX,
                self.here().prefix,
                limits.identity_prefix_count,
                limits.identity_prefix_window,
            ),
            lambda: self._took(
                _PAIR,
                self._pair(nir),
                limits.identity_pair_count,
                limits.identity_pair_window,
            ),
        )
        with self.db.transaction():
            wait = next(filter(None, (take() for take in takes)), None)
            if wait:
                self.refusals.record(draft, LIMITED, nir=nir)
        if wait:
            raise TooManyIdentities(draft, wait)

    def _took(self, name: str, key: str, count: int, window: int) -> int | None:
        """Take one try; return the seconds to wait where none is left."""
        try:
            self.counters.take(name, key, count=count, window=window)
        except Throttled as refusal:
            return refusal.retry_after
        return None

    def _give_back_identity(self, nir: Nir) -> None:
        self.counters.give_back(_PREFIX, self.here().prefix)
        self.counters.give_back(_PAIR, self._pair(nir))

    def _pair(self, nir: Nir) -> str:
        return f"{self.here().address}|{nir.value}"

    def _count_card(self, draft: Draft, nir: Nir) -> int:
        count, window = self.limits.card_count, self.limits.card_window
        try:
            with self.db.transaction():
                return self.counters.take(_CARD, nir.value, count=count, window=window)
        except Throttled:
            self.refuse(draft, LIMITED)
            raise JourneyRefused from None
