"""Files of a folder: whole, in order, and evidence that an outsider can judge."""

import json
from dataclasses import replace

import pytest

from broker.audit.proofs.evidence import NotSigned
from broker.base.sink_settings import SinkSettings
from broker.exports.sinks import sink_of
from scripts.verify_evidence import NotProved, judge
from tests.support.partner import events
from tests.unit.exports.conftest import sealed


@pytest.fixture
def filing(trail, exports, tmp_path):
    """Return a function that exports to a folder in some form, and the folder."""

    def make(form: str):
        folder = tmp_path / form
        folder.mkdir()
        entry = SinkSettings.model_validate(
            {"name": "siem", "form": form, "to": f"file://{folder}"}
        )
        sink = sink_of(entry, "compte-ameli.example", trail.store)
        return replace(exports, sinks={"siem": sink}), folder

    return make


def files(folder) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_file_begins_when_its_first_event_is_a_minute_old(trail, clock, filing):
    exports, folder = filing("ocsf")
    sealed(trail, 3)
    clock.advance(seconds=57)  # the first of three is two seconds older
    assert exports.send("siem") == 0
    clock.advance(seconds=1)

    assert exports.send("siem") == 3

    (name,) = files(folder)
    assert name.startswith("2026-03-02/000000000000-000000000002-")
    lines = [json.loads(line) for line in (folder / name).read_text().splitlines()]
    assert [line["metadata"]["sequence"] for line in lines] == [0, 1, 2]


def test_a_full_file_waits_for_no_minute(trail, filing):
    exports, folder = filing("ecs")
    sink = exports.sinks["siem"]
    exports = replace(exports, sinks={"siem": replace(sink, most=2)})
    sealed(trail, 5)

    assert exports.send("siem") == 4

    assert [name[11:36] for name in files(folder)] == [
        "000000000000-000000000001", "000000000002-000000000003",
    ]  # fmt: skip


def test_what_is_sent_again_is_the_same_file(trail, clock, filing):
    exports, folder = filing("ocsf")
    sealed(trail, 2)
    clock.advance(minutes=1)
    batch = exports.events.page(0, 10)

    for _ in range(2):
        exports.sinks["siem"].send(batch)

    assert len(files(folder)) == 1


def test_evidence_waits_for_the_signature_and_an_outsider_believes_it(trail, clock, filing):
    exports, folder = filing("evidence")
    sealed(trail, 3)
    clock.advance(minutes=1)
    assert exports.send("siem") == 0
    checkpoint = trail.signs()
    trail.records(2)
    trail.sealer.seal()

    assert exports.send("siem") == checkpoint.size == 3

    (name,) = files(folder)
    lines = (folder / name).read_text().splitlines()
    _, proved = judge(lines, [str(trail.sealer.key.verifier)], None)
    assert proved == 3
    with pytest.raises(NotProved):
        judge(
            [line.replace("ES256 1", "ES256 9") for line in lines],
            [str(trail.sealer.key.verifier)],
            None,
        )


@pytest.mark.forges_events
def test_what_no_proof_can_be_made_of_is_not_given_away_as_evidence(app, trail, clock, filing):
    exports, folder = filing("evidence")
    sealed(trail, 2)
    clock.advance(minutes=1)
    trail.signs()
    other = "(SELECT hash FROM audit_leaf WHERE position = 0)"
    trail.tampers(f"UPDATE audit_leaf SET hash = {other} WHERE position = 1")

    assert exports.send("siem") == 0

    assert files(folder) == []
    (event,) = events(app, "audit.export.interrupted")
    assert event["reason_code"] == "TrailBroken"


def test_evidence_of_an_unsigned_event_cannot_be_sent_at_all(trail, filing):
    exports, _ = filing("evidence")
    sealed(trail, 1)

    with pytest.raises(NotSigned):
        exports.sinks["siem"].send(exports.events.page(0, 1))


def test_a_folder_that_is_away_is_an_interruption(app, trail, clock, filing):
    exports, folder = filing("ocsf")
    folder.rmdir()
    sealed(trail, 1)
    clock.advance(minutes=1)

    assert exports.send("siem") == 0
    (event,) = events(app, "audit.export.interrupted")
    assert event["reason_code"] == "folder"
