"""A DuckDB file of its own, in which the matcher's models run over a population made for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import duckdb

from orchestration.matching.versions import CalibrationError, Rows, write_tables
from orchestration.resources import DBT_DIR

MODELS = (
    "int_matching__waiting",
    "int_matching__candidate",
    "int_matching__scored",
    "int_matching__belief",
    "int_matching__link",
)
_SIDE = """
create or replace table matching.int_matching__side as
select
    side_id, record_id, canonical_call_id, side, clock_source, account, started_at, ended_at,
    caller_token, called_token, environment, direction, region, language, reason, side_day
from population
"""
_PAIR = """
create or replace table seeds.match_pair as
select
    pair, pair || ':left' as left_side, pair || ':right' as right_side,
    cast(null as varchar) as left_unless, left_anchor, block_by, window_ms,
    min_confidence, min_margin,
    description
from match_pair
"""


class Workbench:
    """Runs the models of ``dbt_project/models/matching`` on ``population`` (see ``population``).

    Everything lies in ``folder``, which is made anew: it is kept only while a calibration runs, and
    holds what the warehouse holds, no more.
    """

    _manifest: ClassVar[Any] = None
    """The project as dbt parsed it, once a process: it names no path of a workbench."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder = folder
        self.warehouse = folder / "warehouse.duckdb"
        self.tables: dict[str, Iterable[Mapping[str, Any]]] = {}

    @contextmanager
    def connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The workbench's tables, and the runs' own as database ``work``."""
        with duckdb.connect(str(self.warehouse)) as con:
            place = str(self.warehouse).replace("'", "''")
            con.execute(f"attach '{place}.work' as work")
            con.execute("set TimeZone = 'UTC'")
            yield con

    def lay_out(self, con: duckdb.DuckDBPyConnection) -> None:
        """Make the models' inputs from ``population`` and ``match_pair``."""
        for schema in ("seeds", "matching"):
            con.execute(f"create schema if not exists {schema}")
        con.execute(_SIDE)
        con.execute(_PAIR)

    def give(self, tables: Rows) -> None:
        """Let the models read these tables of a calibration, beside those given before."""
        self.tables.update(tables)
        write_tables(self.folder / "calibration", self.tables)

    def run(self, models: Sequence[str]) -> None:
        """Build models by the given tables of a calibration (``give``).

        Raises:
            CalibrationError: when one of them fails, with dbt's message.
        """
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        options = [
            "--project-dir", str(DBT_DIR), "--profiles-dir", str(DBT_DIR), "--target-path",
            str(self.folder / "target"), "--log-path", str(self.folder), "--quiet",
            "--log-level", "none", "--log-level-file", "none", "--no-write-json",
        ]  # fmt: skip
        with environment_with(
            CALLSTORY_WAREHOUSE=str(self.warehouse.resolve()),
            CALLSTORY_MATCHING_DIR=str((self.folder / "calibration").resolve()),
        ):
            try:
                if Workbench._manifest is None:
                    Workbench._manifest = dbtRunner().invoke(["parse", *options]).result
                outcome = dbtRunner(manifest=Workbench._manifest).invoke(
                    ["run", "--select", *models, *options]
                )
            finally:
                DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        if not outcome.success:
            results = getattr(outcome.result, "results", None) or []
            told = [f"{r.node.name}: {r.message}" for r in results if r.status == "error"]
            raise CalibrationError("\n".join(told) or repr(outcome.exception))


@contextmanager
def environment_with(**values: str) -> Iterator[None]:
    """These environment variables, for a dbt that runs in this process; afterwards as before."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
