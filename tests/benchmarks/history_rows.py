"""dbt's build once more, with DuckDB's profiler counting the rows of every statement.

Profiling costs time, so ``bench_history`` counts on a copy of the warehouse, apart from the build
that it times. Per dbt node:

- read: rows that its statements took from tables and files, after whatever DuckDB could skip by the
  minima and maxima of row groups (``cumulative_rows_scanned``), those of deletes and of the
  closure's rounds among them; a row read twice counts twice;
- written: rows that its statements inserted into, created in or deleted from tables, the run's own
  working tables among them. A view's rows count with the models that read it.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.environments import local
from dbt.cli.main import dbtRunner
from dbt_common.events.contextvars import get_node_info

_COMMENT = re.compile(r"^\s*(/\*.*?\*/\s*)*", re.DOTALL)
_WRITES = re.compile(r"(insert|delete|update|create (or replace )?table)\b", re.IGNORECASE)


class Counts:
    """Rows read, by node and what was read, and rows written, by node."""

    def __init__(self) -> None:
        self.read: Counter[tuple[str, str]] = Counter()
        self.written: Counter[str] = Counter()

    def statement(self, cursor: Any, sql: str) -> None:
        """Count a statement that ``cursor`` has just executed."""
        node = str(get_node_info().get("unique_id") or "dbt")
        # First the profile: fetching the count is not part of the statement.
        self._read(node, json.loads(cursor.get_profiling_information(format="json")))
        if _WRITES.match(_COMMENT.sub("", sql)):
            row = cursor.fetchone()
            self.written[node] += int(row[0]) if row and isinstance(row[0], int) else 0

    def _read(self, node: str, operator: dict[str, Any]) -> None:
        rows = operator.get("operator_rows_scanned") or 0
        if rows:
            info = operator.get("extra_info") or {}
            what = info.get("Table") or info.get("Function") or operator["operator_name"]
            self.read[node, str(what).strip()] += rows
        for child in operator.get("children", []):
            self._read(node, child)

    def as_json(self) -> dict[str, Any]:
        nodes: dict[str, Any] = {}
        for (node, what), rows in self.read.items():
            nodes.setdefault(node, {"written": 0, "read": {}})["read"][what] = rows
        for node, rows in self.written.items():
            nodes.setdefault(node, {"written": 0, "read": {}})["written"] = rows
        return nodes


def counted_build(arguments: list[str], told: Path) -> None:
    """Run dbt in this process and write what it read and wrote to ``told``, by node."""
    counts = Counts()
    plain = local.DuckDBCursorWrapper

    class Counting(plain):  # type: ignore[misc, valid-type]
        def __init__(self, cursor: Any) -> None:
            super().__init__(cursor)
            cursor.execute("set enable_profiling = 'no_output'")

        def execute(self, sql: str, bindings: Any = None) -> Any:
            result = super().execute(sql, bindings)
            counts.statement(self._cursor, sql)
            return result

    local.DuckDBCursorWrapper = Counting
    outcome = dbtRunner().invoke([*arguments, "--quiet"])
    if not outcome.success:
        raise SystemExit("the counted build failed; its log lies in the target path")
    told.write_text(json.dumps(counts.as_json()))


if __name__ == "__main__":
    counted_build(sys.argv[2:], Path(sys.argv[1]))
