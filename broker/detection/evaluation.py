"""Holds a rule against the trail: in SQL which groups may fulfil it, then each of them closely."""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from broker.audit.model import Recorded
from broker.audit.questions.groups import Groups, Occurred, Sealed, Wanted
from broker.detection.model import Finding, Rule, Seen
from broker.detection.store import DetectionStore

_LATE = timedelta(minutes=5)  # how much later than its time an event may be sealed


@dataclass(frozen=True)
class Evaluation:
    """Finds what a rule describes around the events that a stretch of the trail brought."""

    groups: Groups
    store: DetectionStore

    def findings(self, rule: Rule, stretch: Sealed) -> Iterator[Finding]:
        """Yield what the rule finds, each group's findings in the order of time.

        A window ends at each event that counts. One that was sealed late belongs to windows that
        end after it, hence a look ahead.
        """
        if rule.events is None:
            yield from self._sequences(rule, stretch)
            return
        since, until = stretch.span(rule.waits_for)
        candidates = self.groups.large(
            _wanted(rule.events),
            by=rule.by,
            counts=rule.counts,
            at_least=rule.threshold,
            since=since - rule.within,
            until=until + rule.within,
        )
        for group, beginning in self._heard(rule, candidates, since - rule.within):
            yield from self._of_group(rule, rule.events, group, beginning, until + rule.within)

    def _heard(
        self, rule: Rule, candidates: Sequence[str], since: datetime
    ) -> Iterator[tuple[str, datetime]]:
        """Yield the groups to look at, and from when on: not what an alert stands for already."""
        heard = [group for group in candidates if group not in rule.excepted]
        quiet = self.store.quiet(rule.name, heard) if heard else {}
        for group in heard:
            yield group, max(since, quiet.get(group, since))

    def _of_group(
        self, rule: Rule, seen: Seen, group: str, since: datetime, until: datetime
    ) -> Iterator[Finding]:
        window = Sliding(rule)
        members = self.groups.members(
            _wanted(seen),
            by=rule.by,
            value=group,
            told_apart_by=rule.counts,
            beside=rule.share.beside if rule.share else (),
            since=since,
            until=until,
        )
        for each in members:
            if window.is_fulfilled_by(each):
                first, counted = window.first, window.counted
                yield Finding(
                    rule=rule, group=group, first_at=first, last_at=each.time, counted=counted
                )
                window = Sliding(rule, deaf_until=each.time + rule.within)

    def _sequences(self, rule: Rule, stretch: Sealed) -> Iterator[Finding]:
        since, until = stretch.span(rule.waits_for)
        since -= _LATE
        *before, last = rule.sequence
        people = self.groups.people_with(last.types, since, until)
        for step in reversed(before):
            people = self.groups.people_with(step.types, since - rule.within, until, people)
        for person, beginning in self._heard(rule, sorted(people), since - rule.within):
            story = self._story(rule, person, beginning, max(beginning, since), until)
            if found := self._told(rule, story):
                first, at = found
                counted = len(rule.sequence)
                yield Finding(rule=rule, group=person, first_at=first, last_at=at, counted=counted)

    def _story(
        self, rule: Rule, person: str, since: datetime, complete_since: datetime, until: datetime
    ) -> list[Recorded]:
        """Return what of a person may fulfil a step, in the order of time.

        Each step is read by itself, and whole: who makes many events of one hides none of
        another. Of the last one only what is new: what it completed before was found then.
        """
        *before, last = rule.sequence
        reads = [*((step, since) for step in before), (last, complete_since)]
        found = {
            event.event_id: event
            for step, begin in reads
            for event in self.groups.of_person(person, _wanted(step), begin, until)
        }
        return sorted(found.values(), key=lambda event: (event.time, event.event_id))

    def _told(self, rule: Rule, story: Sequence[Recorded]) -> tuple[datetime, datetime] | None:
        """Return when the sequence began and was complete, where the story has it."""
        reached: list[datetime | None] = [None] * len(rule.sequence)
        for event in story:
            for step in reversed(range(len(rule.sequence))):
                began = event.time if step == 0 else reached[step - 1]
                in_time = began is not None and event.time - began < rule.within
                if in_time and self._is(rule.sequence[step], event):
                    reached[step] = began  # of several beginnings the latest: it holds longest
            if (complete := reached[-1]) is not None:
                return complete, event.time
        return None

    def _is(self, seen: Seen, event: Recorded) -> bool:
        body = event.body
        if event.type not in seen.types or (seen.outcome and body["outcome"] != seen.outcome):
            return False
        if seen.reasons and body.get("reason_code") not in seen.reasons:
            return False
        return seen.first is None or self.groups.is_first(event, seen.first)


@dataclass
class Sliding:
    """What of a group lies within the window that ends at the event just seen."""

    rule: Rule
    deaf_until: datetime | None = None
    _members: deque[Occurred] = field(default_factory=deque)
    _values: Counter[str | None] = field(default_factory=Counter)
    _beside: int = 0

    @property
    def first(self) -> datetime:
        """When the first event that counts was."""
        return next(each.time for each in self._members if each.counts)

    @property
    def counted(self) -> int:
        """How many events, or differing ones."""
        return len(self._values)

    def is_fulfilled_by(self, event: Occurred) -> bool:
        """Take the next event in; tell whether the rule holds now."""
        if self.deaf_until is not None and event.time < self.deaf_until:
            return False
        self._take(event)
        while event.time - self._members[0].time >= self.rule.within:
            self._drop(self._members.popleft())
        if not event.counts or self.counted < self.rule.threshold:
            return False
        share = self.rule.share
        part = (len(self._members) - self._beside) / len(self._members)
        return share is None or part >= share.at_least

    def _take(self, event: Occurred) -> None:
        self._members.append(event)
        if not event.counts:
            self._beside += 1
        elif event.told_apart is not None:
            self._values[event.told_apart] += 1

    def _drop(self, event: Occurred) -> None:
        if not event.counts:
            self._beside -= 1
        elif event.told_apart is not None:
            self._values[event.told_apart] -= 1
            if not self._values[event.told_apart]:
                del self._values[event.told_apart]


def _wanted(seen: Seen) -> Wanted:
    return Wanted(types=seen.types, outcome=seen.outcome, reasons=seen.reasons)
