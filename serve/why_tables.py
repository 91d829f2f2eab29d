"""The identity tables of the warehouse, opened read-only; values are bound as hex digits only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from serve.published import Parameter, bound

OTHER_INSTANCE = "other_instance"
# The statements that are wanted come first: the tables hold those of every call.
_OF_VALUES = """
    mentioned as (
        select * from identity.int_identity__alias_observation
        where alias_value in (select unnest(?))
    ),
    calls as (
        select * from identity.int_identity__record_call
        where record_id in (select record_id from mentioned)
    )
"""
_OF_CALLS = """
    calls as (
        select * from identity.int_identity__record_call
        where canonical_call_id in (select unnest(?))
    ),
    mentioned as (
        select * from identity.int_identity__alias_observation
        where record_id in (select record_id from calls)
    )
"""
# Each with its call, and why it joins nothing (null if it joins).
_STATED = """
    withheld as (
        select * from identity.int_identity__withheld
        -- Conflicts over which ID a call gets: the statement joins all the same.
        where reason not in ('minted_id_taken', 'several_minted_ids_in_call')
    ),
    stated as (
        select
            mentioned.*, calls.canonical_call_id, calls.provider, calls.stream,
            case
                when mentioned.kind = 'associating' or mentioned.is_associating_record
                    then 'associating'
                else coalesce(withheld.reason, mentioned.unusable_reason)
            end as reason
        from mentioned
        left join calls using (record_id)
        left join withheld using (record_id, namespace, alias_value, instance)
    )
"""
STANDINGS = f"""
    with {_OF_VALUES}, {_STATED}
    select namespace, alias_value, instance, kind, canonical_call_id, reason
    from stated group by all order by all
"""  # noqa: S608 (written here, as are the next two)
STATEMENTS = f"""
    with {_OF_CALLS}, {_STATED}
    select
        canonical_call_id, record_id, provider, stream, landed_at::timestamp,
        namespace, alias_value, instance, kind, role, alias_rank
    from stated where reason is null order by all
"""  # noqa: S608
# A value that records of both sides state, and that would join them if it joined anything.
SHARED = f"""
    with {_OF_CALLS}, {_STATED},
    values_seen as (
        select canonical_call_id, namespace, alias_value, instance, reason
        from stated where reason is distinct from 'associating' group by all
    )
    select distinct
        one.namespace, one.alias_value,
        coalesce(
            one.reason, other.reason,
            case when one.instance != other.instance then '{OTHER_INSTANCE}' end
        ) as told
    from values_seen as one
    inner join values_seen as other using (namespace, alias_value)
    where
        one.canonical_call_id in (select unnest(?))
        and other.canonical_call_id in (select unnest(?))
        and one.canonical_call_id != other.canonical_call_id and told is not null
    order by all
"""  # noqa: S608


class WhyError(Exception):
    """The question cannot be answered; the message says why and what to do."""


@dataclass(frozen=True)
class Warehouse:
    """The warehouse, open for reading."""

    connection: duckdb.DuckDBPyConnection

    def rows(self, query: str, *parameters: Parameter) -> list[tuple[Any, ...]]:
        """Rows of a query.

        Raises:
            WhyError: when a table or a column of it is not there.
        """
        try:
            return self.connection.execute(bound(query, *parameters)).fetchall()
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            raise WhyError(
                "the warehouse has no identity tables that can be read: build them first,"
                " `callstory run --from DAY --to DAY`"
            ) from error


@contextmanager
def open_warehouse(path: Path) -> Iterator[Warehouse]:
    """Open the warehouse read-only.

    Raises:
        WhyError: when there is none, or a run is writing it.
    """
    if not path.is_file():
        raise WhyError(
            f"there is no warehouse {path}: run `callstory run --from DAY --to DAY` first,"
            " or set CALLSTORY_WAREHOUSE"
        )
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        busy = "Could not set lock" in str(error)
        told = (
            "a run is writing it; ask again when it has ended"
            if busy
            else "it is no warehouse that can be read"
        )
        raise WhyError(f"the warehouse {path} cannot be opened: {told}") from error
    with connection:
        connection.execute("set TimeZone = 'UTC'")
        yield Warehouse(connection)
