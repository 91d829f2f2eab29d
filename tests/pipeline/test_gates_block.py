"""Each planted fault, through the real Dagster job: the gate fails and nothing new is published.

The fault is planted in the warehouse, behind the redactor's back, as a hole in it would be.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from click.testing import CliRunner

from orchestration.assets.gates import CHECKS
from orchestration.build import read_stamp
from serve.cli import main
from tests.harness import PipelineRun

pytestmark = pytest.mark.xdist_group("pipeline")

DAY = "2026-05-01"
CARD_TURN = """
update marts.call_turn set text = 'my card is 4111 1111 1111 1111'
where turn_id = (select min(turn_id) from marts.call_turn where call_date = '2026-05-01')
"""
PHONE_EVENT = """
update marts.call_event set payload = '{"note": "call me on +1 415 555 2671"}'
where event_id = (select min(event_id) from marts.call_event where call_date = '2026-05-01')
"""
KEYPAD_EVENT = """
update marts.call_event set payload = '{"selected_option": "4929"}'
where event_id = (
    select min(event_id) from marts.call_event
    where call_date = '2026-05-01' and event_type = 'ivr.menu_option_selected'
)
"""
LOST_SESSIONS = """
update marts.call_completeness set is_present = false, reason = 'unknown'
where canonical_role = 'agentSessionId' and canonical_call_id in (
    select canonical_call_id from marts.call_completeness
    where canonical_role = 'agentSessionId'
        and route = 'direct_to_agent' and call_date = '2026-05-01'
    order by canonical_call_id
    limit (
        select ceil(0.08 * count(*))::int + 1 from marts.call_completeness
        where canonical_role = 'agentSessionId'
            and route = 'direct_to_agent' and call_date = '2026-05-01'
    )
)
"""


@dataclass
class Copy:
    """A copy of a run's warehouse and published zone, to plant a fault in."""

    data: Path
    build: str

    @property
    def warehouse(self) -> Path:
        return self.data / "warehouse.duckdb"

    @property
    def report(self) -> Path:
        return self.data / "gates" / f"{self.build}.json"

    def pointer(self) -> str:
        return str((self.data / "published" / "current").readlink())

    def plant(self, sql: str) -> None:
        """Plant a fault in what now counts as a build of its own, so that publishing would show."""
        with duckdb.connect(str(self.warehouse)) as connection:
            connection.execute(sql)
            connection.execute(
                "update meta.build set build_id = 'planted0planted0', built_at = now()::timestamp"
            )
            connection.execute(
                "insert into meta.build_log"
                " select max(sequence) + 1, 'planted0planted0', true from meta.build_log"
            )
        self.build = "planted0planted0"

    def materialize(self, *assets: str) -> tuple[bool, str]:
        """Run gates and publication through Dagster; whether all went well, and what was said."""
        from orchestration.definitions import defs

        selection = dg.AssetSelection.assets(dg.AssetKey(["published", "snapshot"]))
        if "gates" in assets:
            selection = selection | dg.AssetSelection.checks(
                *(dg.AssetCheckKey(asset, name) for name, asset in CHECKS.items())
            )
        job = dg.define_asset_job("gate_and_publish", selection=selection)
        graph = dg.Definitions.merge(defs, dg.Definitions(jobs=[job]))
        with dg.DagsterInstance.ephemeral() as instance:
            result = graph.resolve_job_def("gate_and_publish").execute_in_process(
                instance=instance, partition_key=DAY, raise_on_error=False
            )
        failures = [
            e.event_specific_data for e in result.all_events if e.event_type_value == "STEP_FAILURE"
        ]
        said = [f.user_failure_data.description or "" for f in failures if f.user_failure_data]
        if self.report.exists():
            said.append(self.report.read_text())
        return result.success, "\n".join(said)


@pytest.fixture
def copy(clean_run: PipelineRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Copy:
    source = clean_run.settings.data_dir
    for name in ("published", "gates"):
        shutil.copytree(source / name, tmp_path / name, symlinks=True)
    shutil.copy(source / "warehouse.duckdb", tmp_path)
    for name, value in {**clean_run.environment, "CALLSTORY_DATA": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    return Copy(tmp_path, read_stamp(tmp_path / "warehouse.duckdb"))


def test_clean_data_passes_and_is_published_as_its_own_build(copy: Copy) -> None:
    copy.plant("select 1")
    success, said = copy.materialize("gates")
    assert success, said
    assert copy.pointer().endswith(copy.build)


@pytest.mark.parametrize(
    ("gate", "sql", "planted"),
    [
        ("redaction", CARD_TURN, "4111 1111 1111 1111"),
        ("redaction", PHONE_EVENT, "415 555 2671"),
        ("redaction", KEYPAD_EVENT, "4929"),
        ("alias_completeness", LOST_SESSIONS, None),
    ],
    ids=[
        "card_in_a_turn",
        "phone_in_a_payload",
        "keypad_digits_in_an_ivr_event",
        "agent_session_missing",
    ],
)
def test_a_planted_fault_blocks(copy: Copy, gate: str, sql: str, planted: str | None) -> None:
    before = copy.pointer()
    copy.plant(sql)
    success, said = copy.materialize("gates")
    assert not success
    assert copy.pointer() == before
    failed = [row for row in json.loads(copy.report.read_text())["gates"] if not row["passed"]]
    assert {row["name"] for row in failed if row["severity"] == "error"} == {gate}
    assert any(row["day"] == DAY and row["failed"] >= 1 for row in failed)
    if planted:
        assert planted not in said


def test_an_accepted_day_is_published(copy: Copy) -> None:
    """The same loss as above; the operator's word is in the next report and in the manifest."""
    copy.plant(LOST_SESSIONS)
    assert not copy.materialize("gates")[0]
    words = [
        "--day",
        DAY,
        "--route",
        "direct_to_agent",
        "--who",
        "jd",
        "--reason",
        "a known outage",
    ]
    accepted = CliRunner().invoke(main, ["accept", *words])
    assert accepted.exit_code == 0, accepted.output
    success, said = copy.materialize("gates")
    assert success, said
    assert copy.pointer().endswith(copy.build)
    manifest = copy.data / "published" / "current" / "manifest.json"
    (shown,) = json.loads(manifest.read_text())["gates"]["accepted"]
    assert "by jd" in shown


def test_publication_alone_is_refused_without_a_report_for_this_build(copy: Copy) -> None:
    before = copy.pointer()
    copy.plant(CARD_TURN)
    success, said = copy.materialize()
    assert not success
    assert copy.build in said
    assert copy.pointer() == before


def test_publication_alone_is_refused_with_the_report_of_another_build(copy: Copy) -> None:
    before, other = copy.pointer(), copy.report
    copy.plant(CARD_TURN)
    shutil.copy(other, copy.report)
    success, said = copy.materialize()
    assert not success
    assert copy.build in said
    assert copy.pointer() == before


def test_a_gate_that_crashes_blocks(copy: Copy) -> None:
    before = copy.pointer()
    copy.plant("drop table marts.call_completeness")
    success, _ = copy.materialize("gates")
    assert not success
    assert copy.pointer() == before
    failed = [row for row in json.loads(copy.report.read_text())["gates"] if not row["passed"]]
    assert ("alias_completeness", "crashed") in {(row["name"], row["check"]) for row in failed}
