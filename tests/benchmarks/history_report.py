"""What ``bench_history`` learns of a measured day, and how it tells it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

_COUNTED = {
    "calls_recomputed": "select count(*) from identity.int_identity__call",
    "records_recomputed": "select count(*) from scope.scope_record",
}


@dataclass(frozen=True)
class Version:
    """The files of a published version: path inside it -> inode and size."""

    files: dict[str, tuple[int, int]]
    appended_rows: int

    @classmethod
    def current(cls, published: Path) -> Version:
        folder = (published / "current").resolve()
        files = {
            str(path.relative_to(folder)): (path.stat().st_ino, path.stat().st_size)
            for path in folder.rglob("*")
            if path.is_file()
        }
        return cls(files, json.loads((folder / "manifest.json").read_text())["appended_rows"])

    @property
    def size(self) -> int:
        return sum(size for _, size in self.files.values())

    def parquet(self) -> set[int]:
        return {inode for name, (inode, _) in self.files.items() if name.endswith(".parquet")}


@dataclass
class Day:
    """One measured day: seconds by stage and by dbt node, and the facts that go with them."""

    number: int
    seconds: dict[str, float]
    cpu: float
    nodes: dict[str, float]
    facts: dict[str, float]
    rows: dict[str, Any] = field(default_factory=dict)

    @property
    def total(self) -> float:
        return sum(self.seconds.values())


def measured_day(
    number: int,
    stages: dict[str, dict[str, Any]],
    warehouse: Path,
    before: Version,
    after: Version,
) -> Day:
    """Gather what a day's stages left behind, print it, return it."""
    linked = len(after.parquet() & before.parquet())
    facts = {
        "records": stages["land"]["records"],
        "mb": stages["land"]["mb"],
        "linked": linked,
        "written": len(after.parquet()) - linked,
        "warehouse_mb": warehouse.stat().st_size / 1e6,
        "version_mb": after.size / 1e6,
    }
    with duckdb.connect(f"{warehouse}.work", read_only=True) as connection:
        for name, query in _COUNTED.items():
            facts[name] = (connection.execute(query).fetchone() or (0,))[0]
    results = json.loads((warehouse.parent.parent / "target" / "run_results.json").read_text())
    nodes = {result["unique_id"]: result["execution_time"] for result in results["results"]}
    seconds = {name: told["seconds"] for name, told in stages.items()}
    day = Day(number, seconds, sum(told["cpu"] for told in stages.values()), nodes, facts)
    times = "  ".join(f"{name} {seconds:.1f}" for name, seconds in day.seconds.items())
    print(
        f"day {number}: {times}  all {day.total:.1f} s ({day.cpu:.1f} s of processor)\n"
        f"    landed {facts['records']:,} records, {facts['mb']:.1f} MB; recomputed"
        f" {facts['calls_recomputed']:,} calls of {facts['records_recomputed']:,} records\n"
        f"    published {facts['written']} Parquet files written, {linked} linked; DuckDB file"
        f" {'carried on' if after.appended_rows else 'written whole'}\n"
        f"    warehouse {facts['warehouse_mb']:.0f} MB, version {facts['version_mb']:.0f} MB",
        flush=True,
    )
    return day


def print_rows(early: Sequence[Day], late: Sequence[Day]) -> None:
    """Seconds, rows read and rows written of every model, at both ends; tests as one line."""
    first = next(day for day in early if day.rows)
    last = next(day for day in late if day.rows)
    print(
        f"\nseconds: medians of days {_numbers(early)} and {_numbers(late)};"
        f" rows: day {first.number} and day {last.number}\n"
        f"{'':<44}{'seconds':>14}{'rows read':>22}{'rows written':>20}"
    )
    groups: dict[str, list[str]] = {}
    for node in sorted({*last.nodes, *last.rows}):
        kind, _, name = node.partition(".")
        title = {"test": "data tests", "operation": "start and end of the run", "dbt": "dbt's own"}
        label = name.rsplit(".", 1)[-1] if kind in {"model", "seed"} else title.get(kind, kind)
        groups.setdefault(label, []).append(node)
    for label, nodes in groups.items():
        seconds = [median(_sum(day.nodes, nodes) for day in days) for days in (early, late)]
        read = [sum(_read(day, node) for node in nodes) for day in (first, last)]
        wrote = [sum(_told(day, node)["written"] for node in nodes) for day in (first, last)]
        print(
            f"{label:<44}{seconds[0]:>7.2f}{seconds[1]:>7.2f}"
            f"{read[0]:>11,}{read[1]:>11,}{wrote[0]:>10,}{wrote[1]:>10,}"
        )
    _print_growth(first, last)


def _print_growth(first: Day, last: Day) -> None:
    """The tables and files of which the last day's build read more rows than the first one's."""
    totals = []
    for day in (first, last):
        read: dict[str, int] = {}
        for told in day.rows.values():
            for what, rows in told["read"].items():
                read[what] = read.get(what, 0) + rows
        totals.append(read)
    grown = {what: (totals[0].get(what, 0), rows) for what, rows in totals[1].items()}
    print("\nread more of, in all nodes together:")
    for what, (was, now) in sorted(grown.items(), key=lambda item: item[1][0] - item[1][1])[:12]:
        print(f"  {what:<64}{was:>11,}{now:>11,}")


def summary(early: Sequence[Day], late: Sequence[Day]) -> dict[str, Any]:
    """The figures of the last line."""
    totals = [median(day.total for day in days) for days in (early, late)]
    stages = [
        {name: round(median(day.seconds[name] for day in days), 2) for name in days[0].seconds}
        for days in (early, late)
    ]
    days = [*early, *late]
    return {
        "day60_over_day3": round(totals[1] / totals[0], 3),
        "cpu_over_day3": round(
            median(day.cpu for day in late) / median(day.cpu for day in early), 3
        ),
        "day3_seconds": round(totals[0], 2),
        "day60_seconds": round(totals[1], 2),
        "day3_stages": stages[0],
        "day60_stages": stages[1],
        "records_a_day": [day.facts["records"] for day in days],
        "calls_recomputed": [day.facts["calls_recomputed"] for day in days],
        "warehouse_mb": round(late[-1].facts["warehouse_mb"], 1),
        "version_mb": round(late[-1].facts["version_mb"], 1),
        "parquet_linked": late[-1].facts["linked"],
        "parquet_written": late[-1].facts["written"],
    }


def _numbers(days: Iterable[Day]) -> str:
    return ", ".join(str(day.number) for day in days)


def _sum(values: dict[str, float], names: Iterable[str]) -> float:
    return sum(values.get(name, 0.0) for name in names)


def _told(day: Day, node: str) -> dict[str, Any]:
    told: dict[str, Any] = day.rows.get(node, {"read": {}, "written": 0})
    return told


def _read(day: Day, node: str) -> int:
    return sum(_told(day, node)["read"].values())
