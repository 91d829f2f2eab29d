"""What the warehouse says of the records that go: their keys, calls, IDs and values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from orchestration.erasure.order import Anchor, ErasedCall, ErasureRefused
from serve.changes import attached
from serve.sql import quoted

_MIN_VALUE_CHARS = 8
_RECORD_CALL = "warehouse.identity.int_identity__record_call"
_OBSERVED = "warehouse.identity.int_identity__alias_observation"
_GONE_WITH_CALLS = f"""
create or replace temp table gone_record as
select record_id from {_RECORD_CALL}
group by record_id
having bool_and(canonical_call_id in (select call_id from gone_call))
"""  # noqa: S608 - fixed names
# What stands in a published ID's place: a record of the same call that stays.
_ANCHORS = f"""
with of_call as (
    select record_id, canonical_call_id from {_RECORD_CALL} where not is_associating_record
),
survivors as (
    select canonical_call_id, min(record_id) as record_id from of_call
    where record_id not in (select record_id from gone_record) group by canonical_call_id
)
select issued.old_call_id, issued.record_id, survivors.record_id
from warehouse.identity.int_identity__issued_id as issued
inner join gone_record on issued.record_id = gone_record.record_id
left join of_call on issued.record_id = of_call.record_id
left join survivors on of_call.canonical_call_id = survivors.canonical_call_id
order by all
"""  # noqa: S608 - fixed names
_ERASED = f"""
select call_id, call_date::varchar as call_date from (
    select canonical_call_id as call_id, call_date from warehouse.identity.int_identity__call
    where canonical_call_id in (
        select canonical_call_id from {_RECORD_CALL} where not is_associating_record
        group by canonical_call_id
        having bool_and(record_id in (select record_id from gone_record))
    )
    union all
    select old_call_id, null from warehouse.identity.int_identity__issued_id as issued
    where old_call_id not in (
        select canonical_call_id from warehouse.identity.int_identity__call
    )
    group by old_call_id
    having bool_and(record_id in (select record_id from gone_record))
)
"""  # noqa: S608 - fixed names
_VALUES = f"""
with stated as (
    select alias_value as value, record_id from {_OBSERVED}
    -- Published call IDs stay, as those of erased calls.
    where namespace != 'canonical_call_id'
    and (kind != 'associating' or alias_value in (select unnest($caller::varchar[])))
    union all
    select record_key, record_id from record_name where provider_stream != 'otlp.spans'
)
select value from stated where length(value) >= $least
group by value
having bool_and(record_id in (select record_id from gone_record))
order by value
"""  # noqa: S608 - fixed names


@contextmanager
def opened(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse read-only, with every staged record's name in ``record_name``.

    Raises:
        ErasureRefused: there is no warehouse, or its last build did not finish.
    """
    if not warehouse.exists():
        raise ErasureRefused("there is no warehouse: run the job for the days concerned first")
    with attached(warehouse) as connection:
        try:
            connection.execute("select build_id from warehouse.meta.build")
        except duckdb.CatalogException:
            raise ErasureRefused(
                "the warehouse holds no finished build: run the job for a day first"
            ) from None
        tables = connection.execute(
            "select table_name from duckdb_columns() where database_name = 'warehouse'"
            " and schema_name = 'staging' and column_name in ('record_id', 'landing_line')"
            " group by table_name having count(*) = 2"
        ).fetchall()
        parts = [
            "select record_id, record_key, split_part(record_id, ':', 1) as provider_stream"  # noqa: S608
            f" from warehouse.staging.{quoted(name)}"
            for (name,) in tables
        ]
        connection.execute(f"create temp table record_name as {' union '.join(parts)}")
        connection.execute("create temp table gone_call (call_id varchar)")
        connection.execute("create temp table gone_record (record_id varchar)")
        yield connection


def unread_objects(connection: duckdb.DuckDBPyConnection, landed: Sequence[str]) -> list[str]:
    """Landing objects that the warehouse has not read: it cannot tell whose records they hold."""
    rows = connection.execute(
        "select unnest(?::varchar[]) except"
        " select landing_object from warehouse.staging.stg_landing__object",
        [list(landed)],
    ).fetchall()
    return sorted(name for (name,) in rows)


def choose_calls(
    connection: duckdb.DuckDBPyConnection, calls: Sequence[str], token: str | None = None
) -> None:
    """These calls go, with every record that is about them alone; and what else has the token."""
    connection.execute("insert into gone_call select unnest(?::varchar[])", [list(calls)])
    connection.execute(_GONE_WITH_CALLS)
    if token:
        connection.execute(
            f"insert into gone_record select distinct record_id from {_OBSERVED}"  # noqa: S608
            " where namespace = 'caller_token' and alias_value = ?"
            f" and record_id not in (select record_id from {_RECORD_CALL})",
            [token],
        )


def choose_expired(
    connection: duckdb.DuckDBPyConnection, objects: Sequence[str], held: Sequence[str]
) -> None:
    """The records go whose every version lies in these objects, but for those that are held."""
    connection.execute(
        "create or replace temp table gone_record as select distinct record_id from record_name"
        " where record_id not in (select unnest($held::varchar[]))"
        " and (provider_stream, record_key) in (select (provider || '.' || stream, record_key)"
        " from warehouse.staging.stg_landing__received group by all"
        " having bool_and(landing_object in (select unnest($objects::varchar[]))))",
        {"held": list(held), "objects": list(objects)},
    )


def gone_record_ids(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The record IDs that go."""
    rows = connection.execute("select distinct record_id from gone_record order by 1").fetchall()
    return [name for (name,) in rows]


def gone_keys(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """``<provider>.<stream>:<record key>`` of the records that go."""
    rows = connection.execute(
        "select distinct provider_stream || ':' || record_key from record_name"
        " where record_id in (select record_id from gone_record) order by 1"
    ).fetchall()
    return [name for (name,) in rows]


def gone_objects(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The landing objects in which some version of them lies."""
    rows = connection.execute(
        "select distinct landing_object from warehouse.staging.stg_landing__received"
        " where (provider || '.' || stream, record_key) in (select (provider_stream, record_key)"
        " from record_name where record_id in (select record_id from gone_record)) order by 1"
    ).fetchall()
    return [name for (name,) in rows]


def anchors(connection: duckdb.DuckDBPyConnection) -> list[Anchor]:
    """Published call IDs that stand for a record that goes."""
    return [Anchor(*row) for row in connection.execute(_ANCHORS).fetchall()]


def erased_calls(connection: duckdb.DuckDBPyConnection) -> list[ErasedCall]:
    """Call IDs that lead to nothing afterwards."""
    rows = connection.execute(
        f"select call_id, max(call_date) from ({_ERASED}) group by call_id order by 1"  # noqa: S608
    ).fetchall()
    return [ErasedCall(*row) for row in rows]


def values_of_gone(connection: duckdb.DuckDBPyConnection, *caller: str) -> list[str]:
    """Identifiers that only records that go have: they must be found nowhere afterwards."""
    rows = connection.execute(
        _VALUES, {"caller": list(caller), "least": _MIN_VALUE_CHARS}
    ).fetchall()
    return [value for (value,) in rows]


def shared_records(connection: duckdb.DuckDBPyConnection) -> int:
    """How many records are about the calls that go and about others too, and so stay."""
    row = connection.execute(
        f"select count(distinct record_id) from {_RECORD_CALL}"  # noqa: S608 - fixed names
        " where canonical_call_id in (select call_id from gone_call)"
        " and record_id not in (select record_id from gone_record)"
    ).fetchone()
    return int(row[0]) if row else 0
