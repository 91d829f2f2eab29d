"""Lands, redacts and builds hostile estates: dbt parses its project once, and builds any number."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import msgspec

from ingest.landing import LandOutcome
from ingest.redaction import policy_version, redact_stream
from ingest.registry import Stream, all_streams
from ingest.settings import Settings
from tests.hostile.delivery import bombs, deliver_files, hostile_settings, land_all
from tests.hostile.estate import Estate, hostile_estate
from tests.incremental.runner import DbtBuilds


@dataclass(frozen=True)
class Built:
    """An estate, and everything that came of it."""

    home: Path
    settings: Settings
    estate: Estate
    outcomes: dict[str, LandOutcome]
    outside: frozenset[str] = frozenset()

    def rows(self, query: str) -> list[tuple]:
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def received(self) -> tuple[int, int]:
        """Landed lines in all, and those of them that nothing accounts for."""
        (row,) = self.rows(
            "select sum(received_count), sum(abs(unaccounted_count))"
            " from staging.stg_landing__reconciliation"
        )
        return int(row[0]), int(row[1])

    def staged(self) -> set[str]:
        """Every staged record's ID."""
        tables = self.rows(
            "select table_name from duckdb_columns() where schema_name = 'staging'"
            " and column_name in ('record_id', 'landing_line') group by 1 having count(*) = 2"
        )
        parts = [f"select record_id from staging.{table}" for (table,) in tables]
        return {name for (name,) in self.rows(" union ".join(parts))}

    def clean_records(self, stream: Stream) -> set[str]:
        """IDs of the records that nothing is wrong with."""
        return {
            f"{stream.provider}.{stream.name}:{key}"
            for raw in self.estate.clean[stream.name]
            for key, _ in stream.explode(msgspec.json.decode(raw))
        }


class HostileBuilds:
    """Builds of hostile estates, one after another, below one home."""

    def __init__(self, home: Path, dbt: DbtBuilds | None = None) -> None:
        self.home = home
        self.settings = hostile_settings(home)
        self.dbt = dbt or DbtBuilds(home / "dbt")

    def build(self, seed: int, mutants_each: int) -> Built:
        """Land, redact and build the estate of a seed, in place of the one before."""
        for name in ("generated", "drops", "landing", "redacted"):
            shutil.rmtree(self.home / name, ignore_errors=True)
        self.settings.warehouse.unlink(missing_ok=True)
        hostile_settings(self.home)
        estate = hostile_estate(self.home / "generated", seed, mutants_each)
        deliver_files(self.home, estate.delivered())
        for stream in all_streams():
            if stream.kind == "drop":
                bombs(self.home, stream, estate.clean[stream.name][0])
        outcomes = land_all(self.settings, estate.delivered())
        for stream in all_streams():
            redact_stream(self.settings, stream, workers=1)
        redacted = Path(self.settings.redacted) / f"policy={policy_version()}"
        texts = {"CALLSTORY_TURN_TEXT": "redacted"}
        self.dbt.over(redacted, None, texts, in_memory=True).build(
            warehouse=self.settings.warehouse, full_refresh=True
        )
        return Built(self.home, self.settings, estate, outcomes)
