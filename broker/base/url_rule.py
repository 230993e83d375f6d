"""An address that learns how to write itself when somebody first asks for it."""

from collections.abc import Callable

from werkzeug.routing import Rule

_Written = Callable[..., tuple[str, str]]


class UrlRule(Rule):
    """Werkzeug's rule: it compiles two functions for each address, and few are ever called.

    They took half of the time in which an application is made, at each start and in each test.
    """

    def _compile_builder(self, append_unknown: bool = True) -> _Written:  # noqa: FBT001, FBT002 - Werkzeug's own signature
        compiled: list[_Written] = []

        def written(rule: Rule, /, **values: object) -> tuple[str, str]:
            if not compiled:
                compiled.append(Rule._compile_builder(rule, append_unknown))  # noqa: SLF001 - what it stands for
            return compiled[0](rule, **values)

        return written
