"""Makes the tables of places again from the files of INSEE's Code officiel géographique.

The files come from https://www.insee.fr/fr/information/2560452 (Licence Ouverte 2.0). Changes that
they do not tell (overseas, before independence, arrondissements) are kept as they are. Nothing is
written when a code would lead nowhere. Look at the diff, then run the tests.
How to run it: broker/insured/reference/README.md.
"""

import argparse
import csv
import hashlib
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

REFERENCE = Path(__file__).resolve().parent.parent / "broker/insured/reference"
COMMUNE, PART = "COM", "ARM"
CREATED = {"20", "21"}  # kinds of events after which the code before goes on
BY_DEPARTEMENT = {"20": "corse", "75": "seine", "78": "seine_et_oise"}
TOLD = {"fusion", "departement", *BY_DEPARTEMENT.values()}
Row = dict[str, str]
Became = dict[str, list[tuple[str, str]]]


def main() -> None:
    """Read INSEE's files, check what they give, write the tables and their origin."""
    asked = _arguments()
    names = dict(_names(asked.communes, asked.overseas))
    changes = {**_kept(asked.into), **_told(asked.events, names)}
    lost = sorted(new for new, _ in changes.values() if new not in names and new[:2] != "99")
    if lost:
        sys.exit(f"nothing written, codes that lead nowhere: {', '.join(lost)}")
    history = [(old, new, kind) for old, (new, kind) in sorted(changes.items())]
    _write(asked.into / "cog_history.csv", ("old_code", "new_code", "kind"), history)
    _write(asked.into / "communes.csv", ("code", "name"), sorted(names.items()))
    _declare(asked.into, asked.edition, ("cog_history", "communes"))
    print(f"{len(history)} changes, {len(names)} communes and arrondissements")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--edition", required=True, type=date.fromisoformat)
    parser.add_argument("--events", required=True, type=Path, help="v_mvt_commune")
    parser.add_argument("--communes", required=True, type=Path, help="v_commune")
    parser.add_argument("--overseas", required=True, type=Path, help="v_commune_comer")
    parser.add_argument("--into", type=Path, default=REFERENCE, help="folder of the tables")
    return parser.parse_args()


def _rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines)


def _names(communes: Path, overseas: Path) -> Iterator[tuple[str, str]]:
    for row in _rows(communes):
        if row["TYPECOM"] in {COMMUNE, PART}:
            yield row["COM"], row["LIBELLE"]
    for row in _rows(overseas):
        yield row["COM_COMER"], row["LIBELLE"]


def _kept(folder: Path) -> dict[str, tuple[str, str]]:
    """Return the present changes of the kinds that INSEE's events do not tell."""
    rows = _rows(folder / "cog_history.csv")
    return {r["old_code"]: (r["new_code"], r["kind"]) for r in rows if r["kind"] not in TOLD}


def _told(events: Path, names: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Return for each code that is in force no longer the one that it is today, and how."""
    became: Became = defaultdict(list)
    for row in _rows(events):
        is_commune = row["TYPECOM_AV"] == row["TYPECOM_AP"] == COMMUNE
        if is_commune and row["COM_AV"] != row["COM_AP"] and row["MOD"] not in CREATED:
            became[row["COM_AV"]].append((row["DATE_EFF"], row["COM_AP"]))
    gone = [code for code in became if code not in names]
    ends = {code: _end(code, became, names) for code in gone}
    return {old: (new, _kind(old, new)) for old, new in ends.items()}


def _end(code: str, became: Became, names: dict[str, str]) -> str:
    """Follow the last change of each code to one in force; a later one never goes back in time."""
    moment = ""
    while code not in names:
        later = [change for change in became.get(code, ()) if change[0] >= moment]
        if not later:
            break
        moment, code = max(later)
    return code


def _kind(old: str, new: str) -> str:
    same = old[:2] == new[:2]
    return "fusion" if same else BY_DEPARTEMENT.get(old[:2], "departement")


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _declare(folder: Path, edition: date, tables: Iterable[str]) -> None:
    """Put edition, day of import and digest of the tables into ``tables.toml``."""
    declared = folder / "tables.toml"
    text = declared.read_text(encoding="utf-8")
    for table in tables:
        digest = hashlib.sha256((folder / f"{table}.csv").read_bytes()).hexdigest()
        facts = {
            "edition": str(edition),
            "imported_on": str(datetime.now(UTC).date()),
            "digest": f'"{digest}"',
        }
        start = text.index(f"[{table}]")
        end = text.find("\n[", start) if "\n[" in text[start:] else len(text)
        section = text[start:end]
        for name, value in facts.items():
            section = re.sub(rf"(?m)^{name} = .*$", f"{name} = {value}", section)
        text = text[:start] + section + text[end:]
    declared.write_text(text, encoding="utf-8")


main()
