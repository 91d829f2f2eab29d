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
from ingest.store import open_store
from tests.harness import FIRST, PipelineRun
from tests.pipeline.conftest import SECOND, FirstDay, land_and_redact, seen_by_readers
from tests.pipeline.reference import landed_records

pytestmark = pytest.mark.xdist_group("inputs")

TEST = "assert_every_received_record_is_staged_superseded_or_rejected"
LINE = re.compile(
    r"^reconciled: ([\d,]+) landed objects,"
    r" received ([\d,]+) = staged ([\d,]+) \+ superseded ([\d,]+) \+ rejected ([\d,]+)$",
    re.MULTILINE,
)


def told(said: str) -> list[int]:
    """The figures of the line, which is there once."""
    (figures,) = LINE.findall(said)
    return [int(figure.replace(",", "")) for figure in figures]


def landed(settings: Settings) -> list[int]:
    """Objects and lines of the landing zone, counted there. No line lands twice in one day."""
    keys = [key for key in open_store(settings.landing).list("") if key.endswith(".jsonl.zst")]
    return [len(keys), len(landed_records(settings.landing))]


def lose_a_line(settings: Settings, dt: str) -> tuple[Path, bytes]:
    """Plant the mismatch in a sidecar of a day; the file and what it held."""
    folder = Path(settings.redacted) / f"policy={policy_version()}" / "_objects"
    path = min(folder.glob(f"livekit/webhooks/dt={dt}__*.json"))
    whole = path.read_bytes()
    sidecar = json.loads(whole)
    path.write_text(json.dumps({**sidecar, "received": sidecar["received"] + 1}))
    return path, whole


def assert_refused(run: PipelineRun, said: str, returncode: int) -> None:
    """The run failed, by this test and by no other."""
    assert returncode == 1
    assert LINE.search(said) is None
    log = max((run.settings.data_dir / "logs").iterdir(), key=lambda path: path.stat().st_mtime)
    failed = re.findall(r"(?:FAIL|ERROR) \d+ (\w+)", log.read_text())
    assert set(failed) == {TEST}
    assert TEST in said


def test_a_run_tells_where_every_landed_record_went(first_day: FirstDay) -> None:
    objects, received, *parts = told(first_day.said)
    assert [objects, received] == landed(first_day.run.settings)
    assert sum(parts) == received


def test_a_lost_line_stops_the_first_build(first_day: FirstDay, tmp_path: Path) -> None:
    run = first_day.copy(tmp_path)
    lose_a_line(run.settings, str(FIRST))
    places = {"WAREHOUSE": tmp_path / "w.duckdb", "PUBLISHED": tmp_path / "published"}

    result = run.run(FIRST, FIRST, **{f"CALLSTORY_{k}": str(v) for k, v in places.items()})

    assert_refused(run, result.stdout, result.returncode)
    assert not (tmp_path / "published" / "current").exists()
    assert not (tmp_path / "published" / "versions").exists()


def test_a_lost_line_stops_a_partial_build(first_day: FirstDay, tmp_path: Path) -> None:
    run = first_day.copy(tmp_path)
    before = seen_by_readers(run)
    settings = land_and_redact(run, SECOND)
    path, whole = lose_a_line(settings, str(SECOND))

    result = run.run(SECOND, SECOND)

    assert_refused(run, result.stdout, result.returncode)
    assert seen_by_readers(run) == before

    path.write_bytes(whole)
    result = run.run(SECOND, SECOND)
    assert result.returncode == 0, result.stdout + result.stderr
    objects, received, *parts = told(result.stdout)
    assert [objects, received] == landed(settings)
    assert sum(parts) == received
    assert run.manifest()["went_on_from"] == before[1]["build_id"]
