"""dbt in this process, parsed once: builds cost what their statements cost, and no start-up."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from tests.incremental.deliveries import DBT_DIR

QUIET = ("--log-level", "none", "--log-level-file", "none", "--no-write-json", "--quiet")
NO_TESTS = ("--exclude-resource-types", "unit_test", "test")


class DbtBuilds:
    """Builds of one warehouse path from one redacted zone, by a copy of the dbt project.

    The copy is there so that a test can write its seed of exclusions. The paths stay for the life
    of the object, because dbt bakes them into what it parsed; what lies there may come and go.
    """

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        self.project = home / "project"
        ignored = shutil.ignore_patterns("target", "logs")
        shutil.copytree(DBT_DIR, self.project, ignore=ignored)
        self._one_thread()
        self.exclusions = self.project / "seeds" / "identity" / "identity_exclusion.csv"
        self.environment = {**environment, "DBT_PROFILES_DIR": str(self.project)}
        self.target = home / "target"
        self.manifest: Any = None

    def build(self, *, warehouse: Path, full_refresh: bool = False, tests: bool = False) -> None:
        """Build every model in ``warehouse``, whose file name must always be the same.

        Raises:
            AssertionError: with the messages of what failed.
        """
        left_out = ("--exclude-resource-types", "unit_test") if tests else NO_TESTS
        self._run([*left_out, *(["--full-refresh"] if full_refresh else [])], warehouse)

    def build_selected(self, model: str, *, warehouse: Path) -> None:
        """``dbt build --full-refresh`` of one model alone. Raises as ``build`` does."""
        self._run([*NO_TESTS, "--full-refresh", "--select", model], warehouse)

    def _run(self, arguments: list[str], warehouse: Path) -> None:
        self.environment["CALLSTORY_WAREHOUSE"] = str(warehouse)
        if self.manifest is None:
            self.manifest = self._invoke(["parse"]).result
        outcome = self._invoke(["build", *arguments])
        results = getattr(outcome.result, "results", None) or []
        told = [f"{r.node.name}: {r.message}" for r in results if r.status in {"error", "fail"}]
        assert outcome.success, "\n".join(told)[:4000] or repr(outcome.exception)

    def _one_thread(self) -> None:
        """Small builds cost a third less without threads to wait for, and with one checkpoint."""
        profile = self.project / "profiles.yml"
        text = profile.read_text().replace("      threads: 2\n", "      threads: 1\n")
        profile.write_text(
            text.replace("      settings:\n", "      settings:\n        threads: 1\n")
        )

    def _invoke(self, arguments: list[str]) -> Any:
        with _environment(self.environment), contextlib.redirect_stdout(io.StringIO()):
            runner = dbtRunner(manifest=self.manifest)
            try:
                return runner.invoke(
                    [*arguments, "--project-dir", str(self.project), "--target-path",
                     str(self.target), "--log-path", str(self.target), *QUIET]
                )  # fmt: skip
            finally:
                # dbt-duckdb keeps the file open for the life of the process otherwise.
                DuckDBConnectionManager.close_all_connections()


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
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


def keep_call_ids(warehouse: Path, folder: Path, build: int) -> None:
    """What publication keeps of the IDs that the last build gave out (orchestration.build)."""
    with duckdb.connect(str(warehouse)) as connection:
        rows = connection.execute(
            "select old_call_id, record_id from identity.int_identity__issued_id"
        ).fetchall()
        connection.execute(
            "insert into meta.build_log select coalesce(max(sequence), 0) + 1, ?, false"
            " from meta.build_log",
            [str(build)],
        )
    lines = (json.dumps({"call_id": call, "record_id": record}) + "\n" for call, record in rows)
    (folder / f"{build}.json").write_text("".join(lines))
