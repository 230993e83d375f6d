"""Draws what came of a login as SVG: one line for each event, below what it hangs on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

from broker.audit.lineage.growth import Mark, Node

_LINE, _STEP, _MARGIN = 28, 24, 16  # pixels: between two lines, of one level, around all
_LETTER = 8  # pixels of a letter, at most
_MOST = 400  # lines: what one can still read; the list holds the rest
_SHAPES = {  # by mark, so that no colour is needed to see it; around 0, 0
    Mark.REPLAYED: Markup('<path d="M0-9 9 0 0 9-9 0Z"/>'),
    Mark.REFUSED: Markup('<path d="M-6-6 6 6M6-6-6 6"/>'),
    Mark.LATE: Markup('<path d="M-8 7H8L0-8Z"/>'),
    Mark.ENDED: Markup('<path d="M-6-6H6V6H-6Z"/>'),
}
_REPLAYED = Markup(' class="lineage-replayed" color="#a8201a"')
_PLAIN, _GROUP = Markup('<circle r="5"/>'), Markup('<path d="M-8 0H8M0-8V8"/>')

Words = Callable[[str, str], str]
"""Returns the sentence of a code, or the second text where there is none."""
Time = Callable[[datetime], str]
"""Returns a moment as whoever looks at the drawing reads it."""
Address = Callable[[Node], str | None]
"""Returns where the node leads to, if anywhere."""


@dataclass(frozen=True)
class _Placed:
    """A line of the drawing."""

    number: int
    depth: int
    node: Node

    @property
    def x(self) -> int:
        return _MARGIN + self.depth * _STEP

    @property
    def y(self) -> int:
        return _MARGIN + self.number * _LINE


def in_utc(moment: datetime) -> str:
    """Return a moment as commands tell it."""
    return f"{moment:%Y-%m-%d %H:%M:%SZ}"


def drawing(
    roots: tuple[Node, ...], words: Words, address: Address | None = None, time: Time = in_utc
) -> Markup:
    """Return the SVG of these trees; every word is one of *words*, or out of the trail.

    With *address* the lines are links: a group of them then, since no picture holds a link.
    """
    every = [line for root in roots for line in root.lines()]
    placed = [_Placed(number, *line) for number, line in enumerate(every[:_MOST])]
    texts = [told(each.node, words, time) for each in placed]
    width = max(
        (each.x + len(t) * _LETTER for each, t in zip(placed, texts, strict=True)), default=0
    )
    left_out = len(every) - len(placed)
    width, height = width + 3 * _MARGIN, len(placed) * _LINE + _MARGIN
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" role="{role}" class="lineage" '
        'viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'aria-labelledby="lineage-title lineage-desc"><title id="lineage-title">{title}</title>'
        '<desc id="lineage-desc">{desc}</desc>'
        '<g fill="none" stroke="currentColor" stroke-width="2">{shapes}</g>'
        '<g fill="currentColor" font-size="14" font-family="inherit">{texts}</g></svg>'
    ).format(
        role="group" if address else "img",
        width=width,
        height=height,
        title=words("lineage.title", ""),
        desc=_description(every, left_out, words),
        shapes=Markup("").join(_shapes(placed)),
        texts=Markup("").join(
            _line(each, text, address(each.node) if address else None)
            for each, text in zip(placed, texts, strict=True)
        ),
    )


def _description(every: list[tuple[int, Node]], left_out: int, words: Words) -> str:
    nodes = [node for _, node in every]
    counted = words("lineage.description", "").format(
        events=sum(node.event is not None for node in nodes),
        replayed=sum(Mark.REPLAYED in node.marks for node in nodes),
    )
    more = words("lineage.left_out", "").format(number=left_out) if left_out else ""
    return f"{counted} {more}".strip()


def _shapes(placed: list[_Placed]) -> Iterator[Markup]:
    above: dict[int, _Placed] = {}  # by depth: what the next line of that depth hangs on
    for each in placed:
        above[each.depth] = each
        if each.depth:
            parent = above[each.depth - 1]
            turn = Markup('<path stroke-width="1" d="M{} {}V{}H{}"/>')
            yield turn.format(parent.x, parent.y + 9, each.y, each.x - 9)
        shape = next((s for mark, s in _SHAPES.items() if mark in each.node.marks), None)
        yield Markup('<g{} transform="translate({} {})">{}</g>').format(
            _red(each.node), each.x, each.y, shape or (_PLAIN if each.node.event else _GROUP)
        )


def _line(placed: _Placed, text: str, address: str | None) -> Markup:
    weight = Markup(' font-weight="bold"') if Mark.SOUGHT in placed.node.marks else ""
    line = Markup('<text x="{}" y="{}"{}{}>{}</text>').format(
        placed.x + 16, placed.y + 5, weight, _red(placed.node), escape(text)
    )
    return Markup('<a href="{}">{}</a>').format(address, line) if address else line


def _red(node: Node) -> Markup:
    """Colour a replay: by this red where the drawing is a file, by the style's on a page."""
    return _REPLAYED if Mark.REPLAYED in node.marks else Markup("")


def told(node: Node, words: Words, time: Time = in_utc) -> str:
    """Return the line of a node: the time, what happened, for whom, what must be seen of it."""
    name = words(f"lineage.{node.kind}", node.kind)
    marks = [words(f"lineage.mark.{mark}", mark) for mark in node.marks]
    if node.event is None:
        return " · ".join([f"{name} {node.ref}", *marks])
    event, token = node.event, node.event.get("token", {})
    kind = [words(f"lineage.token.{token['kind']}", token["kind"])] if token else []
    if "generation" in token:
        kind.append(words("lineage.generation", "").format(number=token["generation"]))
    at = time(datetime.fromisoformat(event["time"]))
    facts = [at, name, *kind, event.get("client_id"), event.get("reason_code")]
    return " · ".join([*filter(None, facts), *marks])
