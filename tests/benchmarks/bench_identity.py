"""``make bench-identity``: our components step against Splink's clustering and scipy's.

The graph is that of CALLS simulated calls: aliases numbered as ``int_identity__alias_node`` numbers
them (by kind, in random order within one), and an edge from the smallest alias of a record to each
other one, as ``int_identity__alias_component`` states them. Calls are chains of 1 to 6 contacts
with 3 to 6 aliases of seven other kinds; some transfer links are missing, half of those are made
good by a late record, and a late record joins 1 call in 200 to another one. Edges come in random
order.

Every method starts from the same Parquet file of edges, uses DuckDB with the threads and settings
of ``dbt_project/profiles.yml`` and is a process of its own; seconds are wall time without start-up
and imports, peak is that process's in MB. They take turns, and medians are compared.

* ours: the dbt model with the project's own materialization, as dbt times it: from the file to the
  committed table. dbt's start-up is in ``process_seconds``.
* splink: loading edges and the list of nodes, ``cluster_pairwise_predictions_at_threshold``. In
  memory, as Splink sets DuckDB up by itself; its table is not written to disk within the time.
* scipy: edges from DuckDB, sparse matrix, ``connected_components``, smallest node of each
  component, table written to DuckDB.

Ends with one line of JSON: ``vs_splink``, ``vs_scipy`` (our seconds over theirs), ``calls``,
``aliases``, ``edges``, and per method ``seconds``, ``peak_mb``, ``process_seconds``. Fails if the
partitions differ.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

DBT_DIR = Path(__file__).resolve().parents[2] / "dbt_project"
METHODS = ("ours", "splink", "scipy")
RUNS = 3
KINDS = 8  # of alias; the first is the contact

DBT_PROJECT = """
name: bench_identity
version: "1.0"
profile: bench_identity
macro-paths: ["{macros}"]
flags: {{send_anonymous_usage_stats: false}}
models: {{+materialized: connected_components}}
"""


def generate(home: Path, calls: int, seed: int) -> dict[str, Any]:
    """Write ``edges.parquet`` (node_a, node_b), the same for the same calls and seed."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(seed)
    contacts = rng.choice(np.arange(1, 7), calls, p=(0.6, 0.2, 0.1, 0.05, 0.03, 0.02))
    others = rng.integers(3, 7, calls)
    first = np.cumsum(contacts) - contacts
    call_of_contact = np.repeat(np.arange(calls), contacts)
    call_of_other = np.repeat(np.arange(calls), others)
    aliases = int(contacts.sum() + others.sum())
    kind = np.zeros(aliases, np.int64)
    kind[len(call_of_contact) :] = rng.integers(1, KINDS, len(call_of_other))
    node = np.empty(aliases, np.int64)
    node[np.lexsort((rng.random(aliases), kind))] = np.arange(1, aliases + 1)

    def any_contact(call: np.ndarray) -> np.ndarray:
        return first[call] + (rng.random(len(call)) * contacts[call]).astype(np.int64)

    other = len(call_of_contact) + np.arange(len(call_of_other))
    follows = np.diff(call_of_other, prepend=-1) == 0
    beside = follows & (rng.random(len(other)) < 0.35)
    again = rng.random(len(other)) < 0.15
    transfers = np.flatnonzero(np.diff(call_of_contact, prepend=-1) == 0)
    missing = rng.random(len(transfers)) < 0.04
    late = transfers[missing][rng.random(int(missing.sum())) < 0.5]
    merged = np.flatnonzero(rng.random(calls) < 0.005)
    pairs = [
        (other, np.where(beside, other - 1, any_contact(call_of_other))),
        (other[again], any_contact(call_of_other[again])),
        (transfers[~missing], transfers[~missing] - 1),
        (late, first[call_of_contact[late]]),
        (any_contact(merged), any_contact(rng.integers(0, calls, len(merged)))),
    ]
    ends = node[np.stack([np.concatenate(side) for side in zip(*pairs, strict=True)])]
    ends = ends[:, rng.permutation(ends.shape[1])]
    ends = ends[:, ends[0] != ends[1]]
    table = pa.table({"node_a": ends.min(axis=0), "node_b": ends.max(axis=0)})
    pq.write_table(table, home / "edges.parquet")
    pq.write_table(pa.table({"node": np.unique(ends)}), home / "nodes.parquet")
    return {"aliases": aliases, "edges": len(table)}


def profile() -> dict[str, Any]:
    """The project's own DuckDB target: threads and settings, without its paths."""
    import yaml

    target = yaml.safe_load((DBT_DIR / "profiles.yml").read_text())["callstory"]["outputs"]["dev"]
    return {key: target[key] for key in ("type", "threads", "settings")}


def connect(path: str) -> Any:
    import duckdb

    target = profile()
    connection = duckdb.connect(path, config={"threads": target["threads"]})
    for name, value in target["settings"].items():
        connection.execute(f"set {name} = '{value}'")
    return connection


def measured(work: Callable[[], object]) -> dict[str, float]:
    """Seconds of ``work`` and the peak of this process after it, in MB."""
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": round(seconds, 2), "peak_mb": round(peak)}


def ours(home: Path) -> dict[str, float]:
    from dbt.cli.main import dbtRunner

    project = home / "dbt"
    (project / "models").mkdir(parents=True, exist_ok=True)
    macros = DBT_DIR / "macros" / "materializations"
    (project / "dbt_project.yml").write_text(DBT_PROJECT.format(macros=macros))
    target = {**profile(), "path": str(home / "ours.duckdb")}
    (project / "profiles.yml").write_text(
        json.dumps({"bench_identity": {"target": "bench", "outputs": {"bench": target}}})
    )
    (project / "models" / "component.sql").write_text(
        f"select node_a, node_b from read_parquet('{home / 'edges.parquet'}')"
    )
    command = ["--quiet", "run", "--project-dir", str(project), "--profiles-dir", str(project)]
    done: Any = None

    def run() -> None:
        nonlocal done
        done = dbtRunner().invoke(command)

    figures = measured(run)
    if not done.success:
        raise SystemExit(f"dbt failed: {done.exception or done.result}")
    return {**figures, "seconds": round(done.result.results[0].execution_time, 2)}


def splink(home: Path) -> dict[str, float]:
    from splink import DuckDBAPI
    from splink.clustering import cluster_pairwise_predictions_at_threshold

    connection = connect(":memory:")
    found: Any = None

    def run() -> None:
        nonlocal found
        connection.execute(
            "create table edges as select node_a as node_l, node_b as node_r"
            f" from read_parquet('{home / 'edges.parquet'}')"
        )
        connection.execute(f"create table nodes as from read_parquet('{home / 'nodes.parquet'}')")
        found = cluster_pairwise_predictions_at_threshold(
            connection.table("nodes"), connection.table("edges"), DuckDBAPI(connection), "node"
        )

    figures = measured(run)
    connection.execute(f"attach '{home / 'splink.duckdb'}' as kept")
    connection.execute(
        "create table kept.component as"
        f" select node, cluster_id as component from {found.physical_name}"
    )
    return figures


def scipy(home: Path) -> dict[str, float]:
    import numpy as np
    import pyarrow as pa
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    connection = connect(str(home / "scipy.duckdb"))

    def run() -> None:
        edges = connection.execute(
            f"select node_a, node_b from read_parquet('{home / 'edges.parquet'}')"
        ).fetchnumpy()
        a, b = edges["node_a"], edges["node_b"]
        size = int(max(a.max(), b.max())) + 1
        matrix = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(size, size)).tocsr()
        count, label = connected_components(matrix, directed=False)
        is_node = np.zeros(size, bool)
        is_node[a] = is_node[b] = True
        nodes = np.flatnonzero(is_node)
        smallest = np.full(count, size, np.int64)
        np.minimum.at(smallest, label[nodes], nodes)
        found = pa.table({"node": nodes, "component": smallest[label[nodes]]})
        connection.register("found", found)
        connection.execute("create table component as select node, component from found")

    return measured(run)


def differing(home: Path) -> dict[str, int]:
    """Nodes that a method misses or puts elsewhere than ours, clusters known by smallest node."""
    connection = connect(":memory:")
    for method in METHODS:
        connection.execute(f"attach '{home / method}.duckdb' as {method}_file (read_only)")
        connection.execute(
            f"create table {method} as select node, min(node) over (partition by component)"
            f" as component from {method}_file.component"
        )
    return {
        method: connection.execute(
            f"select count(*) from ours full join {method} as theirs using (node)"
            " where ours.component is distinct from theirs.component"
        ).fetchone()[0]
        for method in METHODS[1:]
    }


def run_stage(home: Path, name: str, calls: int, seed: int) -> dict[str, Any]:
    """Run one stage in a process of its own and read the JSON line it ends with."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_identity", "--stage", name]
    command += ["--home", str(home), "--calls", str(calls), "--seed", str(seed)]
    started = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    if name in METHODS:
        result["process_seconds"] = round(time.perf_counter() - started, 2)
    print(f"{name:<10}", "  ".join(f"{key} {value:,}" for key, value in result.items()), flush=True)
    return result


def stage(home: Path, name: str, calls: int, seed: int) -> dict[str, Any]:
    if name == "generate":
        return generate(home, calls, seed)
    if name == "differing":
        return differing(home)
    return {"ours": ours, "splink": splink, "scipy": scipy}[name](home)


def bench(calls: int, seed: int) -> None:
    print(f"{calls:,} calls, seed {seed}")
    runs: dict[str, list[dict[str, float]]] = {method: [] for method in METHODS}
    with tempfile.TemporaryDirectory(prefix="callstory-bench-") as folder:
        home = Path(folder)
        size = run_stage(home, "generate", calls, seed)
        for _ in range(RUNS):
            for method in METHODS:
                (home / f"{method}.duckdb").unlink(missing_ok=True)
                runs[method].append(run_stage(home, method, calls, seed))
            if any(run_stage(home, "differing", calls, seed).values()):
                raise SystemExit("the partitions differ")
    medians = {
        method: {key: statistics.median(run[key] for run in taken) for key in taken[0]}
        for method, taken in runs.items()
    }
    ours_seconds = medians["ours"]["seconds"]
    ratios = {
        f"vs_{method}": round(ours_seconds / medians[method]["seconds"], 3)
        for method in METHODS[1:]
    }
    print(json.dumps({**ratios, "calls": calls, **size, "seed": seed, **medians}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--stage", choices=("generate", *METHODS, "differing"))
    parser.add_argument("--home", type=Path, help="where a stage works")
    options = parser.parse_args()
    if options.stage:
        outcome = stage(options.home, options.stage, options.calls, options.seed)
        print(json.dumps(outcome))
    else:
        bench(options.calls, options.seed)
