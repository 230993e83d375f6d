"""Claire, who has an account, and her browser."""

from tests.unit.ties.conftest import account, another_browser, bench, browser, opened

__all__ = ["account", "another_browser", "bench", "browser", "opened"]
