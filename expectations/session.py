"""One Great Expectations context for a run of the gates, over DuckDB, and its Data Docs.

The import of Great Expectations happens here and only here, when a gate runs.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
from pathlib import Path
from typing import Any

from expectations.check import Gate

SITE = "gates"


class Session:
    """Validates gates and writes HTML Data Docs of them to ``docs``, a folder of its own."""

    def __init__(self, docs: Path) -> None:
        os.environ["GX_ANALYTICS_ENABLED"] = "False"  # a gate tells nobody outside
        import great_expectations

        self._gx: Any = great_expectations
        self._docs = docs
        # An expectation that raised shows the database's own message, which can quote a value.
        self._docs_are_safe = True
        self._context: Any = self._gx.get_context(mode="ephemeral")
        self._context.variables.progress_bars = {"globally": False}
        self._context.add_data_docs_site(
            SITE,
            {
                "class_name": "SiteBuilder",
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
                "store_backend": {
                    "class_name": "TupleFilesystemStoreBackend",
                    "base_directory": str(docs),
                },
            },
        )

    def verdicts(self, gate: Gate) -> dict[str, bool]:
        """Check name -> whether all of its expectations held; the database is let go afterwards."""
        source = self._context.data_sources.add_sql(
            gate.name,
            connection_string=f"duckdb:///{gate.database}",
            create_temp_table=False,
            kwargs={
                "isolation_level": "AUTOCOMMIT",
                "skip_autocommit_rollback": True,
                "connect_args": {"read_only": True},
            },
        )
        try:
            # It prints, hundreds of times, that a query names a mart instead of {batch}. Ours mean
            # to: one suite looks at all marts.
            with contextlib.redirect_stdout(io.StringIO()):
                return self._run(gate, source)
        finally:
            # Without both, the file stays locked for as long as the process lives.
            source.get_execution_engine().engine.dispose()
            source.get_engine().dispose()

    def _run(self, gate: Gate, source: Any) -> dict[str, bool]:
        gx, context = self._gx, self._context
        suite = context.suites.add(gx.ExpectationSuite(gate.name, expectations=self._built(gate)))
        asset = source.add_query_asset(gate.name, query=gate.asset)
        batch = asset.add_batch_definition_whole_table("all")
        # By itself: a Checkpoint around it, which is for actions, costs a third more.
        definition = gx.ValidationDefinition(name=gate.name, data=batch, suite=suite)
        verdicts: dict[str, bool] = {}
        for result in definition.run(result_format={"result_format": "BOOLEAN_ONLY"}).results:
            check = result.expectation_config.meta["check"]
            verdicts[check] = verdicts.get(check, True) and bool(result.success)
            if (result.exception_info or {}).get("raised_exception", True):
                self._docs_are_safe = verdicts[check] = False
        return verdicts

    def _built(self, gate: Gate) -> list[Any]:
        built = []
        for check in gate.checks:
            for expectation in check.expectations(self._gx.expectations):
                expectation.meta = {"check": check.name}
                expectation.description = f"{check.name}: {check.states}"
                built.append(expectation)
        return built

    def keep_docs(self, folder: Path) -> None:
        """Put the Data Docs of this run at ``folder``, in place of the last run's."""
        shutil.rmtree(folder, ignore_errors=True)
        if self._docs_are_safe:
            self._context.build_data_docs(site_names=[SITE])  # once: a page costs half a gate
            shutil.move(str(self._docs), folder)
