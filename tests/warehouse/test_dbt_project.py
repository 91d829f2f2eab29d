"""The dbt project's own tests: its unit tests pass, and what its generic test is for, it finds."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import jinja2
import pytest

from tests.identity.warehouse import PROJECT, RedactedZone
from tests.incremental.runner import DbtBuilds

pytestmark = pytest.mark.xdist_group("dbt")


def test_every_unit_test_passes(dbt: DbtBuilds, tmp_path: Path) -> None:
    """In a build of a zone in which nothing has landed yet, which itself must pass all tests."""
    zone = RedactedZone(tmp_path / "redacted")
    dbt.over(zone.root).build(warehouse=tmp_path / "warehouse.duckdb", without=())
    assert dbt.manifest.unit_tests


def well_formed(rows: str, **arguments: list[object]) -> list[tuple[str, int]]:
    """What the generic test says of some rows."""
    text = (PROJECT / "tests" / "generic" / "well_formed.sql").read_text()
    (body,) = re.findall(r"{% test [^%]* %}(.*){% endtest %}", text, re.DOTALL)
    given = {"filled": [], "keys": [], **arguments}
    sql = jinja2.Template(body).render(model=f"(values {rows}) as t (a, b)", **given)
    return sorted(duckdb.sql(sql).fetchall())


def test_well_formed_rows_pass() -> None:
    assert well_formed("(1, 2), (1, 3)", keys=[["a", "b"], ["b"]], filled=["a", "b"]) == []


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("(1, 2), (1, null)", [("null: b", 1)]),
        ("(1, 2), (null, 3), (null, 4)", [("null: a", 2)]),
        ("(1, 2), (1, 2), (2, 3)", [("several rows: a, b", 2), ("several rows: b", 2)]),
        ("(1, 2), (3, 2)", [("several rows: b", 2)]),
    ],
)
def test_each_broken_rule_is_named(rows: str, found: list[tuple[str, int]]) -> None:
    assert well_formed(rows, keys=[["a", "b"], ["b"]], filled=["a", "b"]) == found
