"""The code of the project as the architecture tests read it: files, trees, subclasses."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import broker
from tests.conftest import ROOT

Function = ast.FunctionDef | ast.AsyncFunctionDef
_Parent = TypeVar("_Parent")


def modules(*packages: str) -> list[Path]:
    """Return every module of the packages, relative to the root of the checkout."""
    found = (path for package in packages for path in (ROOT / package).rglob("*.py"))
    return sorted(path.relative_to(ROOT) for path in found)


@cache
def tree(module: Path) -> ast.Module:
    return ast.parse((ROOT / module).read_text())


def functions(module: Path) -> Iterator[Function]:
    """Yield every function and method of the module."""
    return (node for node in ast.walk(tree(module)) if isinstance(node, Function))


def imported(module: Path) -> Iterator[str]:
    """Yield the full name of each module, or name of a module, that is imported."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def literals(module: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and text of each string that is no docstring."""
    prose = {
        id(node.value)
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree(module)):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in prose
        ):
            yield node.lineno, node.value


@cache
def _everything_is_imported() -> None:
    for module in pkgutil.walk_packages(broker.__path__, "broker."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def subclasses(parent: type[_Parent]) -> list[type[_Parent]]:
    """Return the subclasses of *parent* in the whole broker, at any depth."""
    _everything_is_imported()
    found: list[type[_Parent]] = []
    waiting = [parent]
    while waiting:
        children = waiting.pop().__subclasses__()
        waiting += children
        found += children
    own = (each for each in set(found) if each.__module__.startswith("broker."))
    return sorted(own, key=lambda each: (each.__module__, each.__qualname__))
