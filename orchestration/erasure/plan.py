"""From what a person asks for to an order: whose records go, unless a hold forbids it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import duckdb

from ingest.access.holds import Hold, active_holds
from ingest.access.objects import landed_objects
from ingest.access.retention import expired_objects, expired_rejects, read_retention
from ingest.redaction.tokens import caller_token, normalise_number
from ingest.registry import Stream, all_streams
from ingest.settings import Settings
from ingest.store import Store, open_store
from orchestration.erasure import records
from orchestration.erasure.order import ErasureRefused, Order, new_order_id, signed
from serve.lookup import alias_spellings

Clock = Callable[[], datetime]
_TOKEN = "tok_"  # noqa: S105 (what tokens look like)


@dataclass(frozen=True)
class Plan:
    """An order, and what a person should know before it is carried out."""

    order: Order
    shared_records: int = 0
    held: tuple[str, ...] = ()


def now_utc() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


def plan_erasure(
    settings: Settings, *, reason: str, call: str = "", caller: str = "", now: Clock = now_utc
) -> Plan:
    """Erase one call, or every call of a caller.

    Args:
        settings: places and the token key.
        reason: why.
        call: a call ID, or any alias that names one call.
        caller: a number in clear, or its token.
        now: the clock.

    Raises:
        ErasureRefused: nothing or several calls match, a hold forbids it, or something landed that
            the warehouse has not read.
    """
    landing = open_store(settings.landing, settings.s3_endpoint_url)
    token, clear = _caller(settings, caller) if caller else ("", "")
    with records.opened(settings.warehouse) as connection:
        _demand_all_read(connection, landing)
        calls = _calls_of(connection, token) if token else [_one_call(connection, call, settings)]
        records.choose_calls(connection, calls, token or None)
        ids, objects = records.gone_record_ids(connection), records.gone_objects(connection)
        if not ids:
            raise ErasureRefused("no record of this caller or call is there")
        holds = active_holds(landing)
        _demand_free(connection, holds, ids, objects)
        values = records.values_of_gone(connection, *([token] if token else []))
        at = now()
        order = Order(
            new_order_id(at), "erasure", reason, signed(), at, objects,
            records.gone_keys(connection), ids, records.erased_calls(connection),
            records.anchors(connection), [*values, *([clear] if clear else [])],
        )  # fmt: skip
        return Plan(order, records.shared_records(connection))


def plan_retention(settings: Settings, *, now: Clock = now_utc) -> Plan | None:
    """Remove what is past its date; None when nothing is.

    Raises:
        ErasureRefused: a hold cannot be resolved, or something landed that was not read.
    """
    landing = open_store(settings.landing, settings.s3_endpoint_url)
    retention, at = read_retention(), now()
    holds = active_holds(landing)
    expired = [
        (stream, day, key)
        for stream, day, key in expired_objects(landing, retention, at.date())
        if not any(hold.holds_day(stream, date.fromisoformat(day)) for hold in holds)
    ]
    rejects = [key for _, key in expired_rejects(landing, retention, at.date())]
    if holds:
        rejects = []  # nobody can tell whose they are
    if not expired and not rejects:
        return None
    objects = [key for _, _, key in expired]
    with records.opened(settings.warehouse) as connection:
        _demand_all_read(connection, landing)
        held = sorted(_held(connection, holds))
        records.choose_expired(connection, objects, held)
        order = Order(
            new_order_id(at), "retention", f"retention.yml version {retention.version}", signed(),
            at, objects, _keys_of(connection, held), records.gone_record_ids(connection),
            records.erased_calls(connection), records.anchors(connection),
            records.values_of_gone(connection), rejects,
            sorted({(f"{stream.provider}.{stream.name}", day) for stream, day, _ in expired}),
        )  # fmt: skip
    if not _is_more_than_held(landing, order):
        return None
    return Plan(order, 0, tuple(held))


def _is_more_than_held(landing: Store, order: Order) -> bool:
    """Whether anything goes: days of which only held records are left come up again and again."""
    closed = {
        key.removeprefix("_erasure/days/").removesuffix(".json")
        for key in landing.list("_erasure/days/")
    }
    days = {f"{name.replace('.', '/', 1)}/{day}" for name, day in order.days}
    return bool(order.record_ids or order.rejects or days - closed)


def _demand_all_read(connection: duckdb.DuckDBPyConnection, landing: Store) -> None:
    landed = [key for stream in all_streams() for key in landed_objects(landing, stream)]
    unread = records.unread_objects(connection, landed)
    if unread:
        raise ErasureRefused(
            f"{len(unread)} landing objects are not in the warehouse yet, the first {unread[0]}:"
            " run the job for a day first, so that it is known whose records they hold"
        )


def _caller(settings: Settings, caller: str) -> tuple[str, str]:
    """The token, and the digits in clear where a number was given."""
    if caller.startswith(_TOKEN):
        return caller, ""
    digits = normalise_number(caller)
    if not digits:
        raise ErasureRefused("--caller takes a telephone number or a caller token (tok_...)")
    return caller_token(settings.token_key, caller), digits


def _calls_of(connection: duckdb.DuckDBPyConnection, token: str) -> list[str]:
    rows = connection.execute(
        "select distinct canonical_call_id from warehouse.marts.call_alias"
        " where namespace = 'caller_token' and alias_value = ? and link_method = 'explicit'"
        " order by 1",
        [token],
    ).fetchall()
    return [call for (call,) in rows]


def _one_call(connection: duckdb.DuckDBPyConnection, named: str, settings: Settings) -> str:
    """The call that an ID, old or new, or an alias names."""
    spelled = alias_spellings(named, settings.token_key)
    for table, column in (
        ("identity.int_identity__call", "canonical_call_id"),
        ("marts.call_redirect", "old_call_id"),
        ("marts.call_alias", "case when link_method = 'explicit' then alias_value end"),
    ):
        rows = connection.execute(
            f"select distinct canonical_call_id from warehouse.{table}"  # noqa: S608 - fixed names
            f" where {column} in (select unnest(?::varchar[])) order by 1",
            [spelled],
        ).fetchall()
        if len(rows) > 1:
            calls = ", ".join(call for (call,) in rows[:5])
            raise ErasureRefused(f"{len(rows)} calls match, choose by call ID: {calls}")
        if rows:
            return str(rows[0][0])
    raise ErasureRefused("no call matches")


def _demand_free(
    connection: duckdb.DuckDBPyConnection,
    holds: Iterable[Hold],
    ids: Iterable[str],
    objects: Iterable[str],
) -> None:
    gone, days = set(ids), [_day_of(key) for key in objects]
    for hold in holds:
        is_held = any(hold.holds_day(stream, day) for stream, day in days)
        if is_held or gone & _held(connection, [hold]):
            raise ErasureRefused(f"{hold.hold_id} forbids it ({hold.reason}): release it first")


def _day_of(key: str) -> tuple[Stream, date]:
    stream = next(s for s in all_streams() if key.startswith(s.prefix))
    return stream, date.fromisoformat(key.removeprefix(f"{stream.prefix}dt=").partition("/")[0])


def _held(connection: duckdb.DuckDBPyConnection, holds: Iterable[Hold]) -> set[str]:
    """Record IDs that are held by call or caller.

    Raises:
        ErasureRefused: a held call is not there, so that nobody can tell what is held.
    """
    held: set[str] = set()
    for hold in holds:
        if hold.kind == "stream":
            continue
        calls = _calls_of(connection, hold.value)
        if hold.kind == "call":
            calls = _held_calls(connection, hold)
        rows = connection.execute(
            "select record_id from warehouse.identity.int_identity__record_call"
            " where canonical_call_id in (select unnest($calls::varchar[])) union"
            " select record_id from warehouse.identity.int_identity__alias_observation"
            " where namespace = 'caller_token' and alias_value = $value",
            {"calls": calls, "value": hold.value},
        ).fetchall()
        held |= {record for (record,) in rows}
    return held


def _held_calls(connection: duckdb.DuckDBPyConnection, hold: Hold) -> list[str]:
    rows = connection.execute(
        "select canonical_call_id from warehouse.identity.int_identity__call"
        " where canonical_call_id = $id union"
        " select canonical_call_id from warehouse.marts.call_redirect where old_call_id = $id",
        {"id": hold.value},
    ).fetchall()
    if not rows:
        raise ErasureRefused(
            f"{hold.hold_id} names a call that the warehouse does not hold: what is held cannot be"
            " told, so nothing goes; run its days, or release the hold"
        )
    return [call for (call,) in rows]


def _keys_of(connection: duckdb.DuckDBPyConnection, record_ids: list[str]) -> list[str]:
    rows = connection.execute(
        "select distinct provider_stream || ':' || record_key from record_name"
        " where record_id in (select unnest(?::varchar[])) order by 1",
        [record_ids],
    ).fetchall()
    return [name for (name,) in rows]
