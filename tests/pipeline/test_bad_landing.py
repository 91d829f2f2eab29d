"""A corrupt landing object: the run names it, publishes nothing, and goes on once it is restored.

That the redaction step redacts the other objects all the same is in ``tests/ingest/redaction``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.registry import get_stream
from ingest.store import open_store
from tests.harness import FIRST, land
from tests.pipeline.conftest import SECOND, FirstDay, seen_by_readers
from tests.pipeline.reference import landed_counts, reconciled

pytestmark = pytest.mark.xdist_group("inputs")


def flip_bytes(path: Path) -> None:
    """Turn over sixteen bytes in the middle of a file."""
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 16] = bytes(byte ^ 0xFF for byte in data[middle : middle + 16])
    path.write_bytes(data)


def test_a_corrupt_object_is_named_and_nothing_is_published(
    first_day: FirstDay, tmp_path: Path
) -> None:
    run = first_day.copy(tmp_path)
    settings = land(run, SECOND)
    prefix = get_stream("twilio", "calls").prefix
    (key,) = open_store(settings.landing).list(f"{prefix}dt={SECOND}/")
    path = Path(settings.landing) / key
    whole, before = path.read_bytes(), seen_by_readers(run)
    flip_bytes(path)

    # The day that it belongs to is compared with it on landing; a run of another day redacts it.
    for day, step in ((SECOND, "landing twilio calls"), (FIRST, "redacted twilio calls")):
        result = run.run(day, day)
        assert result.returncode == 1
        (line,) = [line for line in result.stdout.splitlines() if line.startswith("  FAILED")]
        assert step in line
        assert key in result.stdout
        assert "Traceback" not in result.stdout + result.stderr
        assert seen_by_readers(run) == before

    path.write_bytes(whole)
    result = run.run(SECOND, SECOND)
    assert result.returncode == 0, result.stdout + result.stderr
    assert seen_by_readers(run) != before
    objects, received, *parts = reconciled(result.stdout)
    assert [objects, received] == landed_counts(settings.landing)
    assert sum(parts) == received
