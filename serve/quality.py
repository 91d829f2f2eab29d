"""What the published blindfold test says, as text: a line a pair, and a chart of confidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from serve.published import Snapshot
from serve.text import clean

_BAR = 40


def quality_text(snapshot: Snapshot) -> str:
    """Precision, recall and abstention of each pair of sides, with 95 % intervals, and deciles."""
    if "match_quality" not in snapshot.manifest["tables"]:
        return "This version was published before heuristic links were measured."
    rows = snapshot.rows("select * from match_quality order by pair, call_day, traffic")
    deciles = snapshot.rows("select * from match_calibration order by pair, decile")
    if not rows:
        return "Nothing is calibrated: no call is linked without a key. See callstory calibrate."
    blocks = [f"Calibration {clean(rows[0]['calibration_version'])}"]
    for pair in sorted({row["pair"] for row in rows}):
        own = [row for row in rows if row["pair"] == pair]
        blocks.append("\n".join(_pair(pair, own, [d for d in deciles if d["pair"] == pair])))
    return "\n\n".join(blocks)


def _pair(pair: str, rows: list[dict[str, Any]], deciles: list[dict[str, Any]]) -> Iterator[str]:
    overall = [row for row in rows if row["call_day"] is None and row["traffic"] is None]
    if not overall:
        yield f"{clean(pair)}: no calls whose keys are known, so its links are not published"
    for row in overall:
        state = "published" if row["is_published"] else "kept as candidates: precision not proved"
        yield f"{clean(pair)}: links are {state}"
        yield _figures("all", row)
    for row in rows:
        if row["traffic"]:
            yield _figures(f"{row['traffic']} traffic", row)
    for row in rows:
        if row["call_day"] and row["refused_reason"]:
            yield f"  {row['call_day']}: not matched, {clean(row['refused_reason'])}"
    if deciles:
        yield "  confidence       true  candidates"
    for row in deciles:
        bar = "#" * round(row["true_share"] * _BAR)
        yield (
            f"  {row['decile'] / 10:.1f} (mean {row['confidence']:.3f})  {row['true_share']:.3f}"
            f"  {row['candidates']:>9,}  {bar}"
        )


def _figures(name: str, row: dict[str, Any]) -> str:
    def share(what: str, low: str, high: str) -> str:
        if row[what] is None:
            return "none"
        return f"{row[what]:.4f} ({row[low]:.4f} to {row[high]:.4f})"

    return (
        f"  {name:<14} {row['calls']:>7,} hidden  precision"
        f" {share('link_precision', 'precision_low', 'precision_high')}  recall"
        f" {share('recall', 'recall_low', 'recall_high')}  abstained {row['abstained'] or 0:.4f}"
    )
