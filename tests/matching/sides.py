"""What generator and loader of real calls hand out: the two sides of a hand-off and the truth."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

RESOLUTIONS_MS = (1, 1_000, 60_000)

# The columns of the dbt model int_matching__side, in its order. Times are UTC.
SIDE_SCHEMA = pa.schema(
    [
        ("side_id", pa.string()),
        ("canonical_call_id", pa.string()),
        ("side", pa.string()),
        ("clock_source", pa.string()),
        ("account", pa.string()),
        ("started_at", pa.timestamp("us")),
        ("ended_at", pa.timestamp("us")),
        ("resolution_ms", pa.int32()),
        *((name, pa.string()) for name in ("caller_token", "called_token", "environment")),
        *((name, pa.string()) for name in ("direction", "region", "language", "reason")),
    ]
)
TRUTH_SCHEMA = pa.schema(
    [("left_side_id", pa.string()), ("right_side_id", pa.string()), ("keyed", pa.bool_())]
)


@dataclass(frozen=True)
class Sides:
    """Both sides of a hand-off, and which belong together.

    ``left`` and ``right`` have ``SIDE_SCHEMA``, one row a side, in order of time and ``side_id``.
    ``truth`` has ``TRUTH_SCHEMA``, one row a pair of sides that are one hand-off; of a ``keyed``
    pair both sides have the same ``canonical_call_id``, of any other side it is its own.
    """

    left: pa.Table
    right: pa.Table
    truth: pa.Table

    def keyed(self) -> pa.Table:
        """The part of the truth that is known to the matcher: what it may be calibrated with."""
        return self.truth.filter(self.truth["keyed"])


def side_table(columns: dict[str, object], rows: int) -> pa.Table:
    """A table of ``SIDE_SCHEMA``; columns that are not given are null."""
    arrays = [
        columns[field.name] if field.name in columns else pa.nulls(rows, field.type)
        for field in SIDE_SCHEMA
    ]
    cast = [
        pa.array(values, field.type)
        if not isinstance(values, pa.Array)
        else values.cast(field.type)
        for values, field in zip(arrays, SIDE_SCHEMA, strict=True)
    ]
    table = pa.Table.from_arrays(cast, schema=SIDE_SCHEMA)
    return table.sort_by([("started_at", "ascending"), ("side_id", "ascending")])
