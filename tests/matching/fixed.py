"""A calibration written by hand: clocks that agree, weights that anyone would guess."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from orchestration.matching.versions import write_tables

DAY = "2020-01-01"
"""Before every test's calls, so that it speaks for all of their days."""

SOURCES = {
    "telephony_agent": ("twilio", "livekit"),
    "ivr_agent": ("amazon_connect", "livekit"),
    "agent_trace": ("livekit", "otlp"),
    "agent_recording": ("livekit", "twilio"),
    "call_crm": ("callstory", "zendesk"),
}
WINDOW_MS = {"call_crm": 600_000}


def fixed_calibration(
    folder: Path, pairs: Iterable[str] = tuple(SOURCES), precision_low: float = 0.99
) -> Path:
    """Write it under ``folder`` and return the folder that dbt is to read."""
    tables: dict[str, list[dict[str, Any]]] = {
        "clock": [], "day": [], "weight": [], "quality": [], "confidence": [], "decile": []
    }  # fmt: skip
    for pair in pairs:
        for role, source in zip(("left", "right"), SOURCES[pair], strict=True):
            tables["clock"].append(
                {
                    "pair": pair, "day": DAY, "role": role, "clock_source": source,
                    "offset_ms": 0, "basis": "keyed", "pair_count": 100,
                }
            )  # fmt: skip
        window_ms = WINDOW_MS.get(pair, 5000)
        tables["day"].append(
            {"pair": pair, "day": DAY, "window_ms": window_ms, "partner_share": 0.9}
        )
        tables["quality"].append(
            {"pair": pair, "calls": 500, "linked": 500, "right_links": 500, "link_precision": 1.0,
             "precision_low": precision_low, "precision_high": 1.0}
        )  # fmt: skip
        tables["weight"] += [
            {"pair": pair, "feature": feature, "level": level, "m": 0.5, "u": 0.5, "weight": weight}
            for feature, level, weight in _weights()
        ]
    write_tables(folder, tables)
    return folder


def _weights() -> Iterable[tuple[str, str, float]]:
    """Nearer is likelier, in the start most; a caller who is the same, or another one."""
    for level in range(-22, 23):
        yield "start", str(level), 3.0 - abs(level) / 3
        for length in ("short", "middling", "long"):
            yield "end", f"{level} {length}", 2.0 - abs(level) / 4
    yield "caller", "equal", 4.0
    yield "caller", "equal of few", 2.0
    yield "caller", "different", -5.0
