"""Connected components as dbt builds them, against networkx; a graph's seed names its test."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random

import duckdb
import networkx as nx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.identity.warehouse import PROJECT, run_dbt

pytestmark = pytest.mark.xdist_group("dbt")

Edges = list[tuple[int, int]]

DBT_PROJECT = """
name: components
version: "1.0"
profile: components
macro-paths: ["{macros}"]
flags: {{send_anonymous_usage_stats: false}}
models:
  +materialized: connected_components
  components: {{in_work: {{+database: work}}, after: {{+materialized: table}}}}
"""
PROFILE = """
components:
  target: test
  outputs:
    test:
      type: duckdb
      path: "{path}"
      threads: 2
      schema: graphs
      attach: [{{path: "{work}", alias: work}}]
"""


def random_graph(seed: int) -> Edges:
    """Sparse near the threshold where a giant component forms, so that many sizes occur."""
    rng = Random(seed)
    nodes = rng.randrange(2, 400)
    edges = int(nodes * rng.uniform(0.2, 0.9))
    return [(rng.randrange(nodes), rng.randrange(nodes)) for _ in range(edges)]


def call_graph(seed: int) -> Edges:
    """What aliases look like: small stars, chains of them, and a hub that ties some together."""
    rng = Random(seed)
    labels = rng.sample(range(10_000), 3_000)
    edges: Edges = []
    at = 0
    while at < 2_900:
        size = rng.randrange(2, 9)
        centre = labels[at]
        edges += [(centre, labels[at + i]) for i in range(1, size)]
        if rng.random() < 0.3:
            edges.append((labels[at + size - 1], labels[at + size]))
        at += size
    hub = labels[2_990]
    return edges + [(hub, labels[rng.randrange(2_900)]) for _ in range(seed % 5)]


def shuffled_path(seed: int) -> Edges:
    """A chain of 500 whose labels run in no order."""
    labels = list(range(500))
    Random(seed).shuffle(labels)
    return list(pairwise(labels))


GRAPHS: dict[str, Edges] = {
    **{f"random_{seed}": random_graph(seed) for seed in range(1, 13)},
    **{f"calls_{seed}": call_graph(seed) for seed in range(1, 9)},
    **{f"path_{seed}": shuffled_path(seed) for seed in range(1, 4)},
    "ordered_path": [(i, i + 1) for i in range(300)],
    "falling_path": [(i + 1, i) for i in range(300)],
    "ring": [(i, (i + 1) % 64) for i in range(64)],
    "clique": [(i, j) for i in range(30) for j in range(i)],
    "loops_and_doubles": [(1, 1), (2, 3), (3, 2), (2, 3), (7, 7)],
    "hub_above": [(1_000, i) for i in range(500)],
    "hub_below": [(0, i) for i in range(1, 500)],
    "large_numbers": [(2**62, 5), (2**62, 2**61), (-4, -9)],
    "last_of_32_bits": [(2**31 - 1, -(2**31)), (2**31 - 1, 7), (8, 9)],
    "first_past_32_bits": [(2**31, 7), (8, 7), (-(2**31) - 1, 4)],
    "empty": [],
}
# Built a second time, in a database that is attached beside the profile's own.
IN_WORK = ("calls_3", "random_5", "falling_path", "large_numbers", "empty")


def write_graph(home: Path, name: str, edges: Edges) -> None:
    """The edges as Parquet and the models that read them, also the one in the other database."""
    table = pa.table(
        {
            "node_a": pa.array([a for a, _ in edges], pa.int64()),
            "node_b": pa.array([b for _, b in edges], pa.int64()),
        }
    )
    pq.write_table(table, home / f"{name}.parquet")
    sql = f"select node_a, node_b from read_parquet('{home / name}.parquet')"
    (home / "models" / f"{name}.sql").write_text(sql)
    if name in IN_WORK:
        (home / "models" / "in_work" / f"work_{name}.sql").write_text(sql)
        (home / "models" / "after" / f"after_{name}.sql").write_text(
            f"select node, component from {{{{ ref('work_{name}') }}}}"
        )


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every graph as a model of one small dbt project that uses the real macros; some
    are built again, over what is there."""
    home = tmp_path_factory.mktemp("components")
    path = home / "warehouse.duckdb"
    macros = PROJECT / "macros" / "materializations"
    (home / "dbt_project.yml").write_text(DBT_PROJECT.format(macros=macros))
    (home / "profiles.yml").write_text(PROFILE.format(path=path, work=home / "work.duckdb"))
    for folder in ("in_work", "after"):
        (home / "models" / folder).mkdir(parents=True)
    for name, edges in GRAPHS.items():
        write_graph(home, name, edges)
    run_dbt("run", cwd=home)
    run_dbt("run", "--select", "ring", "empty", "in_work", cwd=home)
    return path


def agrees(path: Path, table: str, edges: Edges) -> bool:
    """Whether the table says of every node what networkx says."""
    graph = nx.Graph()
    graph.add_edges_from((a, b) for a, b in edges if a != b)
    expected = {node: min(part) for part in nx.connected_components(graph) for node in part}
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute(f"select node, component from graphs.{table}").fetchall()
    return len(rows) == len(expected) and dict(rows) == expected


@pytest.mark.parametrize("name", GRAPHS)
def test_components_agree_with_networkx(warehouse: Path, name: str) -> None:
    assert agrees(warehouse, name, GRAPHS[name])


@pytest.mark.parametrize("name", IN_WORK)
def test_model_in_an_attached_database(warehouse: Path, name: str) -> None:
    assert agrees(warehouse.with_name("work.duckdb"), f"work_{name}", GRAPHS[name])
    assert agrees(warehouse, f"after_{name}", GRAPHS[name])


def test_no_working_table_is_left(warehouse: Path) -> None:
    def tables(path: Path) -> set[str]:
        with duckdb.connect(str(path), read_only=True) as connection:
            rows = connection.execute("select table_name from duckdb_tables()").fetchall()
        return {name for (name,) in rows}

    assert tables(warehouse) == {*GRAPHS, *(f"after_{name}" for name in IN_WORK)}
    assert tables(warehouse.with_name("work.duckdb")) == {f"work_{name}" for name in IN_WORK}
