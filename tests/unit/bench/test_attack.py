"""A month of attacks goes on when a line breaks off, and fails in the end."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from bench import attack
from broker.budget import Budget
from tests.support.siege import Reached


@pytest.fixture
def verdicts(monkeypatch, tmp_path):
    """Return a function that attacks lines with the given outcomes; it returns the table."""

    def attacked(outcomes):
        def lay(_service, line, _attack, _period):
            if isinstance(outcomes[line], Exception):
                raise outcomes[line]
            return Reached(line, *outcomes[line], budget=100, shown=None, opened=False)

        lines = {line: Budget(line, 10, 100, None, 1) for line in outcomes}
        service = SimpleNamespace(budgets=lines)
        server = SimpleNamespace(database=lambda _name: "")
        monkeypatch.setattr(attack, "lay", lay)
        monkeypatch.setattr(attack, "ATTACKS", {line: lambda _service: None for line in outcomes})
        monkeypatch.setattr(attack, "postgres", lambda _folder: nullcontext(server))
        running = SimpleNamespace(running=lambda *_: nullcontext(service))
        monkeypatch.setattr(attack, "Besieged", running)
        (table,) = attack.measure(tmp_path, 0)
        return table

    return attacked


def test_the_lines_after_one_that_breaks_off_are_attacked_too(verdicts, capsys):
    table = verdicts({"first": KeyError("lost"), "second": (120, 99)})

    assert [row[-1] for row in table.rows] == ["broken off", "ok"]
    assert not table.holds
    assert "KeyError: 'lost'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("tried", "compared", "verdict"), [(120, 101, "fails"), (120, 70, "weak"), (99, 99, "weak")]
)
def test_more_than_the_budget_or_a_weak_attack_fails_the_run(verdicts, tried, compared, verdict):
    table = verdicts({"only": (tried, compared)})

    assert [row[-1] for row in table.rows] == [verdict]
    assert not table.holds


def test_a_run_of_which_all_lines_hold_succeeds(verdicts):
    assert verdicts({"only": (120, 99)}).holds
