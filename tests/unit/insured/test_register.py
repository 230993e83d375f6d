"""Loading the register: what can be read is loaded, the rest is listed."""

import io
from pathlib import Path

import pytest
from insured_builders import claims
from sqlalchemy import func, select

from broker.audit.model import Actor
from broker.audit.store import EVENT
from broker.base.parallel import in_order
from broker.insured.filed_batch import BadRow, NotARegister
from broker.insured.nir import Nir, key_of
from broker.insured.register import ImportReport
from broker.insured.tables import INSURED

ROOT = Path(__file__).resolve().parents[3]
HEADER = (ROOT / "data/records.csv").read_text().splitlines()[0]
COLUMNS = HEADER.split(",")
FILED = (
    "2850729019001,,definitive,1,LE GALL,MARTIN,CLAIRE MARIE,F,1985-07-14,29019,99100,RG,1,29200,"
    "35000|75001,FR7630004004573690852496284,802500000287785677424,active,1,assure,,c@exemple.fr"
)
GOOD = dict(zip(COLUMNS, FILED.split(","), strict=True))


def line(**changes):
    row = GOOD | changes
    if "nir_key" not in changes:
        row["nir_key"] = key_of(row["nir"])
    return ",".join(row[name] for name in COLUMNS)


def file_of(*lines):
    return io.BytesIO("\n".join((HEADER, *lines, "")).encode())


def load(bench, file, processes=1, block_size=1 << 20):
    bad, read = [], []
    report = bench.importer(processes, block_size).load(
        file, actor=Actor(kind="admin", ref="op"), on_bad_row=bad.append, on_progress=read.append
    )
    return report, bad, sum(read)


def sample(name):
    return io.BytesIO((ROOT / "data" / name).read_bytes())


def rows(bench):
    return bench.db.scalar(select(func.count()).select_from(INSURED))


def test_a_row_is_loaded_and_found(bench):
    report, bad, _ = load(bench, file_of(line()))

    assert (report, bad) == (ImportReport(1, 0), [])
    found = bench.store.of_nir(Nir("2850729019001"))[0].person
    assert found.postal_codes == ("29200", "35000", "75001")
    assert found.birth_name == "LE GALL"
    assert bench.matcher.match(claims()).nir == Nir("2850729019001")


def test_loading_again_updates_and_absent_rows_stay(bench):
    other = line(nir="2850729019002", given_names="ANNE")
    load(bench, file_of(line(), other))

    report, _, _ = load(bench, file_of(line(postal_code="44000", rights_open="0")))

    assert (report.loaded, rows(bench)) == (1, 2)
    found = bench.store.of_nir(Nir("2850729019001"))[0].person
    assert (found.postal_codes[0], found.rights_open) == ("44000", False)


def test_of_two_equal_rows_in_one_file_the_later_holds(bench):
    report, _, _ = load(bench, file_of(line(postal_code="44000"), line(postal_code="59000")))

    assert (report.loaded, rows(bench)) == (2, 1)
    assert bench.store.of_nir(Nir("2850729019001"))[0].person.postal_codes[0] == "59000"


@pytest.mark.parametrize(("processes", "block_size"), [(1, 1), (1, 300), (2, 300), (2, 5_000)])
def test_in_blocks_of_any_size_the_later_row_holds_and_lines_keep_their_numbers(
    bench, processes, block_size
):
    people = [line(nir=f"28507290190{number:02}") for number in range(10, 70)]
    moved = [line(nir=f"28507290190{number:02}", postal_code="59000") for number in range(10, 70)]
    file = file_of(*people, "nonsense", *moved, line(sex="X"))

    report, bad, read = load(bench, file, processes, block_size)

    assert (report.loaded, rows(bench)) == (120, 60)
    assert bad == [BadRow(62, "columns"), BadRow(123, "sex")]
    assert read == len(file.getvalue())
    for number in range(10, 70):
        (found,) = bench.store.of_nir(Nir(f"28507290190{number:02}"))
        assert found.person.postal_codes[0] == "59000"


def test_a_file_may_end_without_a_line_break(sqlite_bench):
    file = io.BytesIO(f"{HEADER}\n{line()}".encode())

    assert load(sqlite_bench, file, block_size=10)[0] == ImportReport(1, 0)


def test_accents_are_composed_whatever_the_file_wrote(sqlite_bench):
    load(sqlite_bench, file_of(line(given_names="HE\u0301LE\u0300NE")))

    assert (
        sqlite_bench.store.of_nir(Nir("2850729019001"))[0].person.given_names == "H\u00c9L\u00c8NE"
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (line(nir="285072901900", nir_key="00"), "nir"),
        (line(nir="9850729019001"), "nir"),
        (line(nir="285072C019001", nir_key="00"), "nir"),
        (line(nir_key="00"), "nir_key"),
        (line(nir_key=""), "nir_key"),
        (line(nir_status="dead"), "nir_status"),
        (line(sex="X"), "sex"),
        (line(quality="other"), "quality"),
        (line(regime="XYZ"), "regime"),
        (line(vitale_status="lost"), "vitale_status"),
        (line(birth_date="1985-02-30"), "birth_date"),
        (line(birth_date="1985-13-01"), "birth_date"),
        (line(birth_date="14/07/1985"), "birth_date"),
        (line(ibans="FR76300040045736908524962"), "iban"),
        (line(ibans="FR7630004004573690852496284|nonsense"), "iban"),
        (line(vitale_serial="80250000028778567742"), "vitale_serial"),
        (line(identity_certified="yes"), "identity_certified"),
        (line(rights_open="2"), "rights_open"),
        (line(has_account="x"), "has_account"),
        (line() + ",more", "columns"),
        (line().rsplit(",", 1)[0], "columns"),
        ('"' + line(), "columns"),
        ("nonsense", "columns"),
    ],
)
def test_a_bad_row_is_listed_with_its_line_and_column(sqlite_bench, row, reason):
    report, bad, _ = load(sqlite_bench, file_of(line(nir="2850729019002"), row, line()))

    assert report == ImportReport(2, 1)
    assert bad == [BadRow(3, reason)]


def test_a_row_in_another_encoding_is_listed(sqlite_bench):
    file = io.BytesIO(f"{HEADER}\r\n{line()}\r\n".encode() + b"\xe9t\xe9\n")

    assert load(sqlite_bench, file)[1] == [BadRow(3, "encoding")]


@pytest.mark.parametrize(
    "changes",
    [
        {"given_names": ""},
        {"ibans": "BE68539007547034"},
        {"ibans": ""},
        {"vitale_serial": ""},
        {"account_email": "not an address"},
        {"birth_date": "1985-00-00"},
        {"birth_date": "1985-07-00"},
        {"nir": "2851329019001"},
        {"nir": "7850729019001", "nir_status": "definitive"},
        {"nir": "285072A004001"},
        {"birthplace_cog": "", "birthcountry_cog": ""},
        {"postal_code": ""},
    ],
)
def test_what_is_odd_but_allowed_is_loaded(sqlite_bench, changes):
    report, bad, _ = load(sqlite_bench, file_of(line(**changes)))

    assert (report, bad) == (ImportReport(1, 0), [])


def test_quotes_a_byte_order_mark_blank_lines_and_other_column_orders_are_read(sqlite_bench):
    names = [*reversed(COLUMNS), "more"]
    row = dict(zip(COLUMNS, line().split(","), strict=True)) | {"more": ""}
    text = ",".join(f'"{row[name]}"' for name in names)
    file = io.BytesIO(f"\ufeff{','.join(names)}\r\n\r\n{text}\r\n\n".encode())

    report, bad, read = load(sqlite_bench, file)

    assert (report, bad) == (ImportReport(1, 0), [])
    assert read == len(file.getvalue())


@pytest.mark.parametrize("content", [b"", b"nir,name\n1,2\n", b"\xff\xfe\x00", b"\x89PNG\r\n"])
def test_a_file_without_the_columns_of_a_register_is_refused(sqlite_bench, content):
    with pytest.raises(NotARegister):
        load(sqlite_bench, io.BytesIO(content))

    assert rows(sqlite_bench) == 0


def test_holders_of_accounts_are_told_within_the_transaction(bench):
    dependant = line(quality="ayant_droit", birth_date="2010-01-01", given_names="LEO")

    load(bench, file_of(line(), line(nir="2850729019002", has_account="0"), dependant))

    told = [(holder.nir.value, holder.email) for holder in bench.holders]
    assert told == [("2850729019001", "c@exemple.fr")]
    assert bench.insured.person(bench.holders[0].insured_id).birth_name == "LE GALL"


def test_when_the_accounts_fail_the_batch_is_not_loaded(bench):
    def refuse(_holders):
        raise RuntimeError

    importer = bench.importer()
    object.__setattr__(importer, "open_accounts", refuse)

    with pytest.raises(RuntimeError):
        importer.load(file_of(line()), actor=Actor(), on_bad_row=print, on_progress=lambda _: None)

    assert rows(bench) == 0


def test_the_sample_loads_entirely_and_twice_the_same(bench):
    first, bad, _ = load(bench, sample("records.csv"))
    again, _, _ = load(bench, sample("records.csv"))

    assert (first, again, bad) == (ImportReport(5001, 0), ImportReport(5001, 0), [])
    assert rows(bench) == 5001
    assert len({holder.insured_id for holder in bench.holders}) == 2864


def test_the_people_of_the_demo_load_and_collide_with_nobody(sqlite_bench):
    load(sqlite_bench, sample("records.csv"))

    report, bad, _ = load(sqlite_bench, sample("demo_records.csv"))

    assert (report, bad) == (ImportReport(20, 0), [])
    assert rows(sqlite_bench) == 5021


def test_an_import_leaves_one_event_with_its_counts(bench):
    load(bench, file_of(line(), "nonsense"))

    body = bench.db.scalar(select(EVENT.c.body))
    assert '"loaded":1' in body
    assert '"rejected":1' in body
    assert "2850729019001" not in body


def test_nothing_personal_is_readable_at_rest(bench):
    load(bench, file_of(line()))

    stored = repr(bench.db.all(select(INSURED)))
    for secret in ("2850729019001", "LE GALL", "CLAIRE", "1985", "29200", "85249", "87785677"):
        assert secret not in stored


def test_child_processes_give_results_in_order_and_errors_too():
    squares = in_order(_square, range(40), processes=2, alone=3)

    assert list(squares) == [number * number for number in range(40)]
    with pytest.raises(ZeroDivisionError):
        list(in_order(_inverse, [3, 2, 1, 0], processes=2, alone=1))


def _square(number):
    return number * number


def _inverse(number):
    return 1 / number
