"""dbt in this process, parsed once: builds cost what their statements cost, and no start-up."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import jinja2
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt_common.events.event_manager import EventManager

from orchestration.matching.workbench import environment_with
from tests.incremental.deliveries import DBT_DIR

EXCLUSIONS = Path("seeds", "identity", "identity_exclusion.csv")
_COMPILED: dict[tuple[Any, ...], Any] = {}
QUIET = ("--log-level", "none", "--log-level-file", "none", "--no-write-json", "--quiet")


class DbtBuilds:
    """Builds of any redacted zone into any warehouse file named ``warehouse.duckdb``.

    dbt bakes paths into what it parsed, so it is told of two links, which ``over`` points at a zone
    and at its call IDs. The project is a copy, so that a test can write its seed of exclusions.
    """

    def __init__(self, home: Path) -> None:
        self.project = home / "project"
        ignored = shutil.ignore_patterns("target", "logs")
        shutil.copytree(DBT_DIR, self.project, ignore=ignored)
        self._adapt_profile()
        self.exclusions = self.project / EXCLUSIONS
        self.target = home / "target"
        self.manifest: Any = None
        self._redacted, self._call_ids = home / "redacted", home / "call_ids"
        self._no_ids = home / "no_call_ids"
        self._no_ids.mkdir(parents=True)
        (self._no_ids / "_none.json").write_text("")
        self._places = {
            "CALLSTORY_REDACTED_DIR": str(self._redacted),
            "CALLSTORY_CALL_IDS_DIR": str(self._call_ids),
            "DBT_PROFILES_DIR": str(self.project),
        }
        self.environment = dict(self._places)

    def over(
        self,
        redacted: Path,
        call_ids: Path | None = None,
        others: Mapping[str, str] | None = None,
        *,
        in_memory: bool = False,
    ) -> DbtBuilds:
        """Build from this zone from now on, with the exclusions of the project itself.

        ``others`` are what else the project reads from its environment. ``in_memory``: what only a
        run itself needs is gone with it, so a model that read an earlier run's rows would fail.
        """
        work = {"CALLSTORY_WORK": ":memory:"} if in_memory else {}
        self.environment = {**(others or {}), **self._places, **work}
        for link, folder in ((self._redacted, redacted), (self._call_ids, call_ids)):
            link.unlink(missing_ok=True)
            link.symlink_to(folder or self._no_ids)
        shutil.copy(DBT_DIR / EXCLUSIONS, self.exclusions)
        return self

    def build(
        self,
        *,
        warehouse: Path,
        full_refresh: bool = False,
        without: Sequence[str] = ("unit_test", "test"),
        select: Sequence[str] = (),
    ) -> None:
        """Build in ``warehouse`` what ``select`` names (everything), and test it.

        ``without`` are resource types to leave out: ``test`` are the data tests.

        Raises:
            AssertionError: with the messages of what failed.
        """
        arguments = ["--full-refresh"] if full_refresh else []
        arguments += ["--exclude-resource-types", *without] if without else []
        arguments += ["--select", *select, "--indirect-selection", "buildable"] if select else []
        self._run(arguments, warehouse)

    def _run(self, arguments: list[str], warehouse: Path) -> None:
        self.environment["CALLSTORY_WAREHOUSE"] = str(warehouse)
        if self.manifest is None:
            self.manifest = self._invoke(["parse"]).result
        outcome = self._invoke(["build", *arguments])
        results = getattr(outcome.result, "results", None) or []
        told = [f"{r.node.name}: {r.message}" for r in results if r.status in {"error", "fail"}]
        assert outcome.success, "\n".join(told)[:4000] or repr(outcome.exception)

    def _adapt_profile(self) -> None:
        """Small builds cost a third less without threads to wait for, and with one checkpoint.

        Where the run's own database lies is told by a variable.
        """
        profile = self.project / "profiles.yml"
        text = profile.read_text().replace("      threads: 2\n", "      threads: 1\n")
        text = text.replace("      settings:\n", "      settings:\n        threads: 1\n")
        beside = "\"{{ env_var('CALLSTORY_WAREHOUSE', '../data/warehouse.duckdb') }}.work\""
        assert beside in text
        told = "\"{{ env_var('CALLSTORY_WORK', env_var('CALLSTORY_WAREHOUSE', '') ~ '.work') }}\""
        profile.write_text(text.replace(beside, told))

    def _invoke(self, arguments: list[str]) -> Any:
        quiet = contextlib.redirect_stdout(io.StringIO())
        with environment_with(**self.environment), quiet, _only_what_is_looked_at():
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
def _only_what_is_looked_at() -> Iterator[None]:
    """dbt without what costs a fifth of a small build and what nobody here sees the effect of.

    It makes a message of each event, though none is logged; and it compiles each template anew in
    each build, though only what the template is rendered with differs.
    """
    compile_ = jinja2.Environment.compile

    def once(self: jinja2.Environment, source: str, *arguments: Any) -> Any:
        key = type(self), *sorted(self.extensions), source, *arguments
        if key not in _COMPILED:
            _COMPILED[key] = compile_(self, source, *arguments)
        return _COMPILED[key]

    with (
        patch.object(EventManager, "fire_event", lambda *_, **__: None),
        patch.object(jinja2.Environment, "compile", once),
    ):
        yield


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
