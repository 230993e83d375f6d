"""Remembered browsers: thirty days without being asked for a code, at the person's wish."""

import re
from dataclasses import dataclass
from datetime import timedelta

from broker.audit.log import AuditLog
from broker.base.clock import Clock
from broker.base.context import Here
from broker.base.crypto import Secret, new_token
from broker.base.db import Database
from broker.base.limits import Limits
from broker.sessions.events import BrowserForgotten, BrowserRemembered
from broker.sessions.model import RememberedBrowser
from broker.sessions.store import SessionStore

_BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux")
_LONGEST = 120  # characters, as the column bears
_NAMES = {"Edg": "Edge", "OPR": "Opera", "Mac OS": "macOS"}


@dataclass(frozen=True)
class BrowserMemory:
    """Knows in which browsers an account is not asked for a code each time."""

    store: SessionStore
    limits: Limits
    audit: AuditLog
    db: Database
    clock: Clock
    here: Here

    def of(self, cookie: Secret | None, account_id: str) -> RememberedBrowser | None:
        """Return this browser if that account remembers it."""
        found = self.store.remembered(cookie, self.clock()) if cookie else None
        return found if found and found.account_id == account_id else None

    def every(self, account_id: str) -> list[RememberedBrowser]:
        """Return the account's remembered browsers."""
        return self.store.remembered_of(account_id, self.clock())

    def remember(self, account_id: str, cookie: Secret) -> None:
        """Remember this browser by that cookie; belongs in the transaction of the login."""
        now = self.clock()
        browser = RememberedBrowser(
            id=new_token().reveal(),
            account_id=account_id,
            label=self.label_here(),
            created_at=now,
            expires_at=now + timedelta(seconds=self.limits.remembered_browser_life),
        )
        self.store.remember(browser, cookie)
        self.audit.record(BrowserRemembered(subject=account_id))

    def forget(self, account_id: str, browser_id: str) -> None:
        """Forget one browser of the account."""
        with self.db.transaction():
            if self.store.forget(account_id, browser_id):
                self.audit.record(BrowserForgotten(subject=account_id))

    def forget_all(self, account_id: str) -> None:
        """Forget every browser of the account."""
        with self.db.transaction():
            if forgotten := self.store.forget(account_id):
                self.audit.record(*[BrowserForgotten(subject=account_id)] * forgotten)

    def label_here(self) -> str:
        """Return what a person recognises the present browser by, or the app in its place."""
        here = self.here()
        return (here.app or label(here.user_agent or ""))[:_LONGEST]


def label(user_agent: str) -> str:
    """Return what a person recognises a browser by, such as ``Firefox, Windows``, or nothing."""
    found = [
        next((_NAMES.get(name, name) for name in names if re.search(name, user_agent)), "")
        for names in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(filter(None, found))
