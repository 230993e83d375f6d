"""Every saved question, by its name, and the themes that the console lists them by."""

from broker.audit.questions.asking import SavedQuestion
from broker.audit.questions.of_one import OF_ONE
from broker.audit.questions.of_people import OF_PEOPLE
from broker.audit.questions.of_trail import OF_TRAIL
from broker.audit.questions.of_travel import OF_TRAVEL
from broker.audit.questions.saved_queries import COUNTING

SAVED: dict[str, SavedQuestion] = {
    question.name: question for question in (*OF_ONE, *COUNTING, *OF_PEOPLE, *OF_TRAVEL, *OF_TRAIL)
}

THEMES: dict[str, tuple[str, ...]] = {
    "one": ("of_login", "family", "token", "mail_reference", "person", "network", "browser"),
    "guessing": (
        "passwords_tried",
        "passwords_sprayed",
        "passwords_sprayed_by",
        "codes_guessed",
        "codes_guessed_from",
        "limits_hit",
    ),
    "creation": (
        "creations_refused",
        "creations_from",
        "accounts_by_domain",
        "activations_elsewhere",
        "new_accounts_at_services",
    ),
    "takeover": (
        "intrusions",
        "sessions_after_end",
        "changes_then_services",
        "impossible_travel",
        "dormant",
        "shared_browsers",
        "mails_not_delivered",
    ),
    "services": (
        "people_of_services",
        "tokens_alive",
        "replays",
        "used_after_end",
        "proofs_refused",
        "franceconnect_refused",
    ),
    "trail": ("analysts", "people_looked_up", "exported", "gaps"),
}
"""Each question stands in one theme; the order is that of the console's page."""
