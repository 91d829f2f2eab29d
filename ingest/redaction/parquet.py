"""The one Parquet schema of the redacted zone."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

SCHEMA = pa.schema(
    [
        ("provider", pa.string()),
        ("stream", pa.string()),
        ("record_key", pa.string()),
        ("record_hash", pa.string()),
        ("landed_at", pa.timestamp("us", tz="UTC")),
        ("landing_object", pa.string()),
        ("landing_line", pa.int32()),
        ("part", pa.int32()),
        ("record", pa.string()),
        ("redaction_state", pa.string()),
        ("redaction_classes", pa.list_(pa.string())),
        ("policy_version", pa.string()),
        ("drift", pa.list_(pa.string())),
    ]
)
ROW_GROUP_ROWS = 5000
# Rows carry whole provider documents, so memory is bounded by bytes as well as by rows.
ROW_GROUP_BYTES = 8 << 20
# Statistics of a text column would hold its least and greatest value; readers filter by none.
_FILTERED = ["record_key", "landed_at"]


class RowWriter:
    """Writes rows (in the order of ``SCHEMA``) to a new Parquet file, a bounded group at a time."""

    def __init__(self, path: Path) -> None:
        self._writer = pq.ParquetWriter(
            path, SCHEMA, compression="zstd", write_statistics=_FILTERED
        )
        self._rows: list[tuple[Any, ...]] = []
        self._bytes = 0

    def write(self, row: Sequence[Any]) -> None:
        """Add one row."""
        self._rows.append(tuple(row))
        self._bytes += len(row[8])
        if len(self._rows) >= ROW_GROUP_ROWS or self._bytes >= ROW_GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """Write what is left and the footer."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._rows:
            columns = [
                pa.array(values, field.type)
                for values, field in zip(zip(*self._rows, strict=True), SCHEMA, strict=True)
            ]
            self._writer.write_batch(pa.record_batch(columns, schema=SCHEMA))
            self._rows, self._bytes = [], 0


def empty_table_bytes() -> bytes:
    """A Parquet file of the schema without rows."""
    buffer = io.BytesIO()
    pq.write_table(SCHEMA.empty_table(), buffer, compression="zstd")
    return buffer.getvalue()
