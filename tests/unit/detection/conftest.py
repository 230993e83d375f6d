"""The rules over the trail of a whole application, looked through when a test says so."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask

from broker.audit.log import AuditLog
from broker.audit.model import Event
from broker.audit.sealing.sealer import Sealer
from broker.base.context import RequestContext
from broker.detection.detection import Detection
from broker.detection.model import Alert
from tests.conftest import FrozenClock


@dataclass(frozen=True)
class Watch:
    """What the security team sees of an application."""

    app: Flask
    clock: FrozenClock

    @property
    def detection(self) -> Detection:
        found: Detection = self.app.extensions["broker"][Detection]
        return found

    def looks(self) -> list[Alert]:
        """Seal and look through all that happened; return the alerts, oldest first."""
        self.app.extensions["broker"][Sealer].seal()
        self.detection.evaluate()
        return list(reversed(self.detection.every()))

    def rules(self) -> list[str]:
        """Name the rule of each alert."""
        return sorted(alert.rule for alert in self.looks())

    def sees(self, *events: Event, **origin: Any) -> None:
        """Record events that come from that origin: an address, a browser."""
        log: AuditLog = self.app.extensions["broker"][AuditLog]
        replace(log, here=lambda: RequestContext(**origin)).record(*events)


@pytest.fixture
def watch(app: Flask, clock: FrozenClock) -> Watch:
    return Watch(app, clock)


@pytest.fixture
def under(app: Flask, watch: Watch) -> Callable[..., Watch]:
    """Return a function that puts some of the rules in force with other values."""

    def changed(**rules: dict[str, Any]) -> Watch:
        services = app.extensions["broker"]
        now = services[Detection]
        by_name = {}
        for python_name, changes in rules.items():
            rule = now.rules.by_name[python_name.replace("_", "-")]
            by_name[rule.name] = rule.model_copy(update=changes)
        services[Detection] = replace(now, rules=replace(now.rules, by_name=by_name))
        return watch

    return changed
