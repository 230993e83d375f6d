"""The house style where a machine can hold it (CONTRIBUTING.md)."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from broker.accounts.password_policy import PasswordPolicy
from broker.base.errors import InvalidField, Refusal
from broker.base.limits import Limits
from broker.base.messages import Messages
from tests.architecture.code import (
    Function,
    functions,
    imported,
    literals,
    modules,
    subclasses,
    tree,
)
from tests.conftest import ROOT

CODE = modules("broker", "demo")
BROKER = modules("broker")
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "lib"}
LONGEST_MODULE, LONGEST_FUNCTION = 350, 45  # lines
FIELD_PARSERS = {"refuse", "present", "text", "yes_or_no", "ticked"}
FRENCH_WORDS = {"vous", "votre", "nous", "est", "une", "des", "les", "pour", "avec", "dans", "pas"}
SHARED_STORES = {
    # One statement tells at each request whether the session's account may still be used.
    Path("broker/sessions/store.py"): {"accounts"},
    # One statement counts the logins that wait: whether they do, their codes tell.
    Path("broker/sessions/reach_store.py"): {"otp"},
    Path("broker/oidc/grants/store.py"): {"accounts"},
    # One statement holds a session and a consent: a code is given before both end, or not at all.
    Path("broker/oidc/consents/store.py"): {"sessions"},
}
COMPARE_ADDRESSES = {"address_change.py", "protection.py"}  # with the holder's own: no secret
ACCENT = re.compile("[àâäçéèêëîïôöùûüœæ]", re.IGNORECASE)
MESSAGES = Messages.load(ROOT / "templates/messages")


def test_a_module_is_named_after_a_thing_and_not_after_a_drawer():
    assert [m for m in CODE if DRAWERS & set(m.with_suffix("").parts)] == []


def test_a_module_is_about_one_thing():
    too_long = [m for m in CODE if len((ROOT / m).read_text().splitlines()) > LONGEST_MODULE]

    assert too_long == []


def test_a_module_says_in_its_first_line_what_it_is():
    assert [m for m in CODE if not ast.get_docstring(tree(m))] == []


def test_a_function_fits_on_a_screen():
    too_long = [(m, f.name) for m in CODE for f in functions(m) if _lines(f) > LONGEST_FUNCTION]

    assert too_long == []


def test_a_store_belongs_to_its_capability():
    builders = {"foundation.py", "partners.py", "people.py", "services.py", "trail.py", "cli"}
    strangers = [m for m in BROKER if m.parts[1] not in builders]

    assert [(m, foreign) for m in strangers if (foreign := _foreign_stores(m))] == []


def test_chance_comes_from_the_operating_system():
    assert [m for m in BROKER if "random" in set(imported(m))] == []


def test_no_revealed_secret_is_compared_but_in_constant_time():
    compared = [
        (m.name, ast.unparse(side))
        for m in BROKER
        for node in ast.walk(tree(m))
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        if ".reveal()" in ast.unparse(side) and not ast.unparse(side).startswith("len(")
    ]

    assert {name for name, _ in compared} == COMPARE_ADDRESSES
    assert {side for _, side in compared} == {"account.email.reveal().lower()"}


def test_csv_is_written_by_the_one_function_that_leaves_no_formula_in_it():
    writers = {"writer", "DictWriter"}

    found = [
        m.name
        for m in BROKER
        for node in ast.walk(tree(m))
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "csv"
        if node.attr in writers
    ]

    assert found == []


def test_nothing_is_imported_inside_a_function_but_what_an_extra_brings():
    late = [
        (m.name, f.name)
        for m in BROKER
        for f in functions(m)
        if any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(f))
    ]

    assert late == [("serve.py", "spans_of")]  # the extra "tracing"


def test_no_french_sentence_stands_in_code():
    found = [(m, line, text) for m in BROKER for line, text in literals(m) if _is_french(text)]

    assert found == []


def test_each_refusal_code_belongs_to_one_class():
    owners: dict[str, list[str]] = defaultdict(list)
    for refusal in subclasses(Refusal):
        if "code" in vars(refusal):
            owners[refusal.code].append(f"{refusal.__module__}.{refusal.__name__}")

    assert {code: names for code, names in owners.items() if len(names) > 1} == {}


def test_each_refusal_is_explained_in_french():
    codes = {refusal.code for refusal in subclasses(Refusal)}

    assert codes - MESSAGES.explanations.keys() == set()


def test_each_field_message_has_its_sentence():
    used = {code for module in BROKER for code in _field_codes(module)} | _password_codes()

    assert used - MESSAGES.sentences.keys() == set()


def test_each_limit_is_applied_somewhere():
    applied = "\n".join((ROOT / m).read_text() for m in BROKER if m.name != "limits.py")

    assert [name for name in Limits.model_fields if f".{name}" not in applied] == []


def test_each_sentence_is_said_somewhere():
    said = {text for module in BROKER for _, text in literals(module)} | _password_codes()
    pages = "\n".join(path.read_text() for path in (ROOT / "templates").rglob("*.*"))

    silent = [
        code
        for code in MESSAGES.sentences
        if code not in said
        and f'message("{code}")' not in pages
        and not any(text and code.startswith(text) for text in said if text.endswith("."))
    ]

    assert silent == []


def _lines(function: Function) -> int:
    first = function.body[0]
    documented = ast.get_docstring(function) is not None and len(function.body) > 1
    start = (first.end_lineno or 0) if documented else function.lineno
    return (function.end_lineno or 0) - start


def _foreign_stores(module: Path) -> set[str]:
    stores = {name.split(".")[1] for name in imported(module) if _is_store(name)}
    return stores - {module.parts[1]} - SHARED_STORES.get(module, set())


def _is_store(name: str) -> bool:
    parts = name.split(".")
    return parts[0] == "broker" and bool({"store", "tables"} & set(parts[2:4]))


def _is_french(text: str) -> bool:
    words = set(re.findall(r"\w+", text.lower()))
    return bool(ACCENT.search(text) and " " in text) or len(words & FRENCH_WORDS) > 1


def _field_codes(module: Path) -> Iterator[str]:
    """Yield the codes of field messages: given to a parser, or a refusal's ``message``."""
    makers = FIELD_PARSERS | {each.__name__ for each in [InvalidField, *subclasses(InvalidField)]}
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Call) and _called(node) in makers:
            yield from _codes([*node.args, *(k.value for k in node.keywords)])
        elif isinstance(node, ast.Assign | ast.AnnAssign) and _assigned(node) == "message":
            yield from _codes([node.value] if node.value else [])


def _called(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _assigned(node: ast.Assign | ast.AnnAssign) -> str:
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    return getattr(target, "id", "")


def _codes(values: list[ast.expr]) -> Iterator[str]:
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and "." in value.value:
            yield value.value


def _password_codes() -> set[str]:
    rules = [code for code, _ in PasswordPolicy.load().requirements("")]
    return {f"{kind}.{rule}" for kind in ("password", "password_rule") for rule in rules} | {
        "password.common"
    }
