"""Draw the state machine of the creation into docs/journeys.md, from its table.

``python -m scripts.draw_journeys``; a test compares.
"""

from pathlib import Path

from broker.signup.machine import ENDS, MACHINE, Step, Transition, Way, first

DOCUMENT = Path(__file__).resolve().parent.parent / "docs/journeys.md"
_BEGIN = "<!-- drawn by python -m scripts.draw_journeys -->\n"
_END = "<!-- end of the drawing -->\n"


def drawn(document: str) -> str:
    """Return the document with the drawing of the present table."""
    before, _, rest = document.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}{''.join(map(diagram, MACHINE))}{_END}{after}"


def diagram(way: Way) -> str:
    """Return the Mermaid diagram of one way."""
    arrows = "".join(f"  {arrow}\n" for each in MACHINE[way] for arrow in _arrows(each))
    ends = "".join(f"  {end} --> [*]\n" for end in sorted(ENDS))
    begin = f"  [*] --> {_state(first(way))}\n"
    return f"\n`{way}`:\n\n```mermaid\nstateDiagram-v2\n{begin}{arrows}{ends}```\n"


def _arrows(each: Transition) -> list[str]:
    step = _state(each.step)
    arrows = [f"{step} --> {_state(each.leads_to)}: {each.act}"]
    if each.refusable:
        arrows.append(f"{step} --> {_state(Step.NEUTRAL)}: refused")
    return arrows


def _state(step: Step) -> str:
    # "return" is a word of some renderers' grammar.
    return "franceconnect" if step is Step.RETURN else str(step)


if __name__ == "__main__":
    DOCUMENT.write_text(drawn(DOCUMENT.read_text()))
