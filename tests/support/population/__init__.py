"""People, rows of the register and identities of FranceConnect with every kind of discrepancy.

Written without the matcher: it knows the rules from their text alone, so it can contradict it.
Each kind says what must come of it. ``cases(seed)`` draws one case of every kind.
"""

from tests.support.population import confusable_kinds as _confusable  # noqa: F401 - they register
from tests.support.population import date_kinds as _dates  # noqa: F401 - their kinds
from tests.support.population import given_kinds as _given  # noqa: F401
from tests.support.population import name_kinds as _names  # noqa: F401
from tests.support.population import people_kinds as _people  # noqa: F401
from tests.support.population import place_kinds as _places  # noqa: F401
from tests.support.population.cases import KINDS, Case, cases, write

__all__ = ["KINDS", "Case", "cases", "write"]
