"""``make fuzz``: the normaliser and the staging models under random damage, for some time."""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

from ingest.registry import all_streams
from tests.hostile.build import HostileBuilds
from tests.hostile.normaliser import check_delivery


def main() -> None:
    """Alternate between both until the time is up; a failure names the seed that repeats it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.randrange(2**31))
    parser.add_argument("--mutants", type=int, default=300, help="Mutants a stream and build.")
    options = parser.parse_args()
    print(f"fuzz: seed {options.seed}, {options.seconds} s", flush=True)
    rng, until = random.Random(options.seed), time.monotonic() + options.seconds
    deliveries = builds = records = 0
    with tempfile.TemporaryDirectory(prefix="callstory-fuzz-") as home:
        hostile = HostileBuilds(Path(home))
        while time.monotonic() < until:
            records += _one_build(hostile, rng.randrange(2**31), options.mutants)
            builds += 1
            for _ in range(20_000):
                check_delivery(rng.randrange(2**63))
            deliveries += 20_000
    print(f"fuzz: seed {options.seed}: {deliveries:,} deliveries, {builds} builds of"
          f" {records:,} landed records, nothing found")  # fmt: skip


def _one_build(hostile: HostileBuilds, seed: int, mutants: int) -> int:
    built = hostile.build(seed, mutants)
    received, unaccounted = built.received()
    assert unaccounted == 0, f"seed {seed}: {unaccounted} landed lines are not accounted for"
    staged = built.staged()
    for stream in all_streams():
        lost = built.clean_records(stream) - staged
        assert not lost, f"seed {seed}: {len(lost)} clean records of {stream.name} are not staged"
    odd = built.rows("select distinct landing_object, landing_line from"
                     " staging.stg_landing__reject where reason = 'cannot_redact'")  # fmt: skip
    assert not odd, f"seed {seed}: the redactor does not know a shape: {odd[:3]}"
    return received


if __name__ == "__main__":
    main()
