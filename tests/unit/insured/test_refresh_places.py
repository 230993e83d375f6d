"""The tables of places made again from INSEE's files, here excerpts of their form."""

import csv
import hashlib
import shutil
import subprocess
import sys
import tomllib

import pytest

from broker.insured.reference_tables import REFERENCE
from tests.support.places import ROOT

EVENTS = """\
MOD,DATE_EFF,TYPECOM_AV,COM_AV,TNCC_AV,NCC_AV,NCCENR_AV,LIBELLE_AV,TYPECOM_AP,COM_AP,TNCC_AP,\
NCC_AP,NCCENR_AP,LIBELLE_AP
31,1983-01-01,COM,01003,0,A,A,A,COM,01165,0,F,F,F
31,1983-01-01,COM,01165,0,F,F,F,COM,01165,0,F,F,F
41,1976-01-01,COM,20127,0,G,G,G,COM,2A127,0,G,G,G
41,1968-01-01,COM,75059,0,P,P,P,COM,93059,0,P,P,P
41,1968-01-01,COM,78613,0,T,T,T,COM,91613,0,T,T,T
32,2025-01-01,COM,93059,0,P,P,P,COM,93066,0,S,S,S
32,2025-01-01,COM,93059,0,P,P,P,COMD,93059,0,P,P,P
41,1967-12-31,COM,01132,0,C,C,C,COM,69286,0,R,R,R
33,1972-12-01,COM,01111,0,M,M,M,COM,01165,0,F,F,F
21,1990-01-01,COM,01165,0,F,F,F,COM,01111,0,M,M,M
31,1972-01-01,COM,01112,0,N,N,N,COM,01165,0,F,F,F
21,1980-01-01,COM,01165,0,F,F,F,COM,01112,0,N,N,N
31,2016-01-01,COM,01112,0,N,N,N,COM,01111,0,M,M,M
10,1988-01-01,COM,93066,0,S,S,S,COM,93066,0,S,S,S
"""
COMMUNES = """\
TYPECOM,COM,REG,DEP,CTCD,ARR,TNCC,NCC,NCCENR,LIBELLE,CAN,COMPARENT
COM,01165,84,01,01D,012,0,F,F,Francheleins,0123,
COM,01111,84,01,01D,012,0,M,M,Marsonnas,0123,
COM,2A127,94,2A,20R,2A4,0,G,G,Giuncheto,2A07,
COM,91613,11,91,91D,911,0,T,T,Tigery,9118,
COM,93066,11,93,93D,933,0,S,S,Saint-Denis,9317,
COM,69286,84,69,69M,691,0,R,R,Rillieux-la-Pape,69ZZ,
COM,75056,11,75,75C,751,0,PARIS,Paris,Paris,75ZZ,
COM,13055,93,13,13D,133,0,M,M,Marseille,13ZZ,
COM,69123,84,69,69M,691,0,L,L,Lyon,69ZZ,
ARM,75114,11,75,75C,751,0,P,P,Paris 14e Arrondissement,,75056
COMD,93059,,,,,0,P,P,Pierrefitte-sur-Seine,,93066
"""
OVERSEAS = "COM_COMER,TNCC,NCC,NCCENR,LIBELLE,NATURE_ZONAGE,COMER,LIBELLE_COMER\n"
OVERSEAS += "".join(f"{code},0,S,S,Saint,COM,{code[:3]},Saint\n" for code in ("97701", "97801"))
MAYOTTE = "".join(f"COM,976{n:02},06,976,976,,0,M,M,Mayotte,,\n" for n in range(1, 18))


def refresh(folder, events=EVENTS):
    """Run the script on the excerpts; return what it did and the tables' folder."""
    tables = folder / "tables"
    tables.mkdir()
    for name in ("cog_history.csv", "tables.toml"):
        shutil.copy(REFERENCE / name, tables / name)
    files = {"events": events, "communes": COMMUNES + MAYOTTE, "overseas": OVERSEAS}
    arguments = []
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
        arguments += [f"--{name}", str(folder / name)]
    command = [sys.executable, ROOT / "scripts/refresh_places.py", "--edition", "2027-01-01"]
    command += [*arguments, "--into", str(tables)]
    return subprocess.run(command, capture_output=True, text=True, check=False), tables


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return [tuple(row.values()) for row in csv.DictReader(file)]


def test_each_code_of_the_past_leads_to_the_one_of_today(tmp_path):
    _, tables = refresh(tmp_path)

    kept = {"arrondissement", "outremer", "algerie", "maroc", "tunisie"}
    assert [row for row in table(tables / "cog_history.csv") if row[2] not in kept] == [
        ("01003", "01165", "fusion"),
        ("01112", "01111", "fusion"),  # set up again after its first merger
        ("01132", "69286", "departement"),
        ("20127", "2A127", "corse"),
        ("75059", "93066", "seine"),  # moved, then merged
        ("78613", "91613", "seine_et_oise"),
        ("93059", "93066", "fusion"),
    ]


def test_what_the_events_do_not_tell_is_kept(tmp_path):
    _, tables = refresh(tmp_path)

    kinds = {row[2] for row in table(tables / "cog_history.csv")}
    assert {"arrondissement", "outremer", "algerie", "maroc", "tunisie"} <= kinds


def test_names_are_those_of_communes_and_arrondissements_in_force(tmp_path):
    _, tables = refresh(tmp_path)

    names = dict(table(tables / "communes.csv"))
    assert (names["93066"], names["75114"]) == ("Saint-Denis", "Paris 14e Arrondissement")
    assert "93059" not in names


def test_edition_and_digest_are_declared(tmp_path):
    _, tables = refresh(tmp_path)

    before = tomllib.loads((REFERENCE / "tables.toml").read_text())
    after = tomllib.loads((tables / "tables.toml").read_text())
    assert (
        str(after["cog_history"]["edition"]) == str(after["communes"]["edition"]) == "2027-01-01"
    )
    assert after["cog_history"]["digest"] != before["cog_history"]["digest"]
    assert after["country_history"] == before["country_history"]


def test_nothing_is_written_when_a_code_leads_nowhere(tmp_path):
    done, tables = refresh(
        tmp_path, EVENTS + "31,1999-01-01,COM,01444,0,A,A,A,COM,01445,0,B,B,B\n"
    )

    assert (done.returncode, "01445" in done.stderr) == (1, True)
    assert not (tables / "communes.csv").exists()


@pytest.mark.parametrize("table_name", ["cog_history", "communes"])
def test_the_tables_made_again_are_those_declared(tmp_path, table_name):
    _, tables = refresh(tmp_path)

    declared = tomllib.loads((tables / "tables.toml").read_text())[table_name]["digest"]
    content = (tables / f"{table_name}.csv").read_bytes()
    assert hashlib.sha256(content).hexdigest() == declared
