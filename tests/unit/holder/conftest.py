"""Claire, who has an account with a password, and her browsers."""

from tests.unit.ties.conftest import account, another_browser, bench, browser, opened

__all__ = ["account", "another_browser", "bench", "browser", "opened"]
