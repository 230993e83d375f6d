"""``broker insured match``: a file of pivot identities in, one row per identity out."""

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from broker.insured.lookup import Insured, Match

_COLUMNS = ("sub", "nir", "reason")
_RECORD = "record"


def write_matches(
    lines: Iterable[bytes], out: TextIO, insured: Insured, *, explain: bool
) -> Iterator[int]:
    """Match each line (one JSON object) and write its row, in input order.

    Yields the size of each line once its row is written, for a progress bar. A line that is no
    identity gives a row ``invalid``; an empty line gives none.
    """
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*_COLUMNS, _RECORD) if explain else _COLUMNS)
    for line in lines:
        if line.strip():
            claims = _claims(line)
            match = insured.match(claims)
            writer.writerow(_row(claims, match, explain=explain))
        yield len(line)


def _claims(line: bytes) -> dict[str, Any]:
    try:
        claims = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _row(claims: dict[str, Any], match: Match, *, explain: bool) -> list[str]:
    sub = claims.get("sub")
    nir = match.nir.value if match.nir else ""
    row = [sub if isinstance(sub, str) else "", nir, str(match.outcome)]
    if explain:
        row.append(json.dumps(match.record, ensure_ascii=False, sort_keys=True))
    return row
