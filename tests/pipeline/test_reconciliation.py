"""received = staged + superseded + rejected (promise 1): told by every run, and enforced.

The planted mismatch is a sidecar that counts one line more than its object has rows for: a line
that the redaction step received and then lost.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from ingest.redaction import policy_version
from ingest.settings import Settings
from orchestration.build import redacted_dir
from tests.harness import FIRST, PipelineRun, land_and_redact
from tests.incremental.runner import DbtBuilds
from tests.pipeline.conftest import SECOND, FirstDay, seen_by_readers
from tests.pipeline.reference import landed_counts, reconciled

pytestmark = pytest.mark.xdist_group("inputs")

TEST = "assert_every_received_record_is_staged_superseded_or_rejected"


def lose_a_line(settings: Settings, dt: str) -> None:
    """Plant the mismatch in a sidecar of a day."""
    folder = Path(settings.redacted) / f"policy={policy_version()}" / "_objects"
    path = min(folder.glob(f"livekit/webhooks/dt={dt}__*.json"))
    sidecar = json.loads(path.read_text())
    path.write_text(json.dumps({**sidecar, "received": sidecar["received"] + 1}))


def assert_refused(run: PipelineRun, said: str, returncode: int) -> None:
    """The run failed, by this test and by no other."""
    assert returncode == 1
    assert "reconciled:" not in said
    log = max((run.settings.data_dir / "logs").iterdir(), key=lambda path: path.stat().st_mtime)
    failed = re.findall(r"(?:FAIL|ERROR) \d+ (\w+)", log.read_text())
    assert set(failed) == {TEST}
    assert TEST in said


def test_a_run_tells_where_every_landed_record_went(first_day: FirstDay) -> None:
    """In a partial run: see ``test_bad_landing.py``."""
    objects, received, *parts = reconciled(first_day.said)
    assert [objects, received] == landed_counts(first_day.run.settings.landing)
    assert sum(parts) == received


def test_a_lost_line_stops_the_first_build(
    first_day: FirstDay, dbt: DbtBuilds, tmp_path: Path
) -> None:
    """By dbt alone; that nothing is then published is shown for the partial build."""
    run = first_day.copy(tmp_path)
    lose_a_line(run.settings, str(FIRST))
    builds = dbt.over(redacted_dir(run.settings))
    with pytest.raises(AssertionError, match=f"^{TEST}: .*$"):
        builds.build(warehouse=tmp_path / "warehouse.duckdb", without=["unit_test"])


def test_a_lost_line_stops_a_partial_build(first_day: FirstDay) -> None:
    run = first_day.again()
    before = seen_by_readers(run)
    settings = land_and_redact(run, SECOND)
    lose_a_line(settings, str(SECOND))

    result = run.run(SECOND, SECOND)

    assert_refused(run, result.stdout, result.returncode)
    assert seen_by_readers(run) == before
