"""Carries an order out, under the writer lock; whatever kills it, it can be run again.

Order of work: write the order down, refuse what goes, take it out of the list of published IDs,
out of landing and the redacted zone, build everything anew in a fresh file, publish that, remove
every older version, then look for what should be gone. Only then is the order closed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

import duckdb

from ingest.access.audit import append, audit_log
from ingest.access.objects import Zones, remove_reject, rewrite, tombstones
from ingest.access.refused import refuse_day, refuse_keys
from ingest.registry import Stream, all_streams
from ingest.settings import Settings
from ingest.store import open_store
from orchestration.build import CALL_IDS
from orchestration.erasure.order import Done, ErasureIncomplete, Order, close_order, keep_pending
from orchestration.erasure.scan import Needles, Report, mentions, scan
from serve.zone import open_zone

Rebuild = Callable[[Settings], bool]


@dataclass(frozen=True)
class Outcome:
    """What an order did, and what the scan afterwards looked at."""

    done: Done
    report: Report


def carry_out(settings: Settings, order: Order, rebuild: Rebuild) -> Outcome:
    """Carry an order out; the caller holds the writer lock.

    Args:
        settings: where everything lies.
        order: what goes.
        rebuild: redacts, builds everything anew, gates and publishes; whether that succeeded.

    Raises:
        ErasureIncomplete: the new build was not published, or something was found that should be
            gone. The order stays, and can be carried out again.
        AuditError: the audit log cannot be written; nothing has gone yet.
    """
    zones = Zones.of(settings)
    told = {"order": order.order_id, "basis": order.basis, "reason": order.reason}
    append(audit_log(settings.data_dir), {"action": "erase", **told, "calls": len(order.calls)})
    keep_pending(zones.landing, order)
    _refuse(zones, order)
    _settle_call_ids(settings, order)
    _remove_landed(zones, order)
    rejects = _remove_rejects(zones, order)
    _forget(settings, order)
    if not rebuild(settings):
        raise ErasureIncomplete(
            "landing and the redacted zone are done, but the new build was not published, so"
            " readers still see the old one: see what it says, mend it, and run"
            " `callstory erase --resume`"
        )
    _remove_versions(settings)
    report = scan(settings, order)
    if report.found:
        raise ErasureIncomplete(
            "everything was removed, yet values of what went are still found in:\n  "
            + "\n  ".join(report.found[:20])
            + "\nlook at them (callstory raw shows a landed record), then run"
            " `callstory erase --resume`"
        )
    stones = list(tombstones(zones.landing, order.order_id))
    done = Done(
        order.order_id, order.basis, order.reason, order.ordered_by, order.ordered_at,
        datetime.now(UTC), len(order.calls), sum(stone.lines_gone for stone in stones),
        sum(stone.lines_cut for stone in stones), rejects,
    )  # fmt: skip
    append(
        audit_log(settings.data_dir),
        {"action": "erased", **told, "calls": done.calls, "lines": done.lines_gone},
    )
    close_order(zones.landing, done)
    return Outcome(done, report)


def _refuse(zones: Zones, order: Order) -> None:
    by_stream = _by_stream(order.keys) if order.basis == "erasure" else {}
    for stream in all_streams():
        name = f"{stream.provider}.{stream.name}"
        if name in by_stream:
            refuse_keys(zones.landing, stream, order.order_id, by_stream[name])
        for closed, day in order.days:
            if closed == name:
                refuse_day(zones.landing, stream, day, order.order_id)


def _by_stream(keys: list[str]) -> dict[str, set[str]]:
    parts = sorted(key.partition(":")[::2] for key in keys)
    return {name: {key for _, key in group} for name, group in groupby(parts, lambda part: part[0])}


def _remove_landed(zones: Zones, order: Order) -> None:
    """Objects that are gone already were done by an earlier try."""
    named = _by_stream(order.keys)
    for key in order.objects:
        if zones.landing.exists(key):
            stream = _stream_of(key)
            keys = named.get(f"{stream.provider}.{stream.name}", set())
            expires = order.basis == "retention"

            def is_gone(row: str, keys: set[str] = keys, expires: bool = expires) -> bool:  # noqa: FBT001
                return (row not in keys) if expires else (row in keys)

            rewrite(zones, stream, key, is_gone, order.order_id, unreadable_goes=expires)


def _remove_rejects(zones: Zones, order: Order) -> int:
    """Rejects cannot be cut: one that mentions a value goes whole. How many went by now."""
    needles = Needles.of(order)
    for stream in all_streams():
        for key in zones.landing.list(f"{stream.prefix}_rejects/"):
            is_theirs = order.basis == "erasure" and mentions(zones.landing, key, needles)
            if key in order.rejects or is_theirs:
                # The tombstone first: it counts the reject also when this is killed here.
                zones.landing.put(_reject_tombstone(order, key), b"{}")
                remove_reject(zones, stream, key)
    return len(zones.landing.list(f"_erasure/rejects/{order.order_id}/"))


def _reject_tombstone(order: Order, key: str) -> str:
    return f"_erasure/rejects/{order.order_id}/{key.removesuffix('.bin')}.json"


def _stream_of(key: str) -> Stream:
    return next(stream for stream in all_streams() if key.startswith(stream.prefix))


def _settle_call_ids(settings: Settings, order: Order) -> None:
    """Let published IDs stand for records that stay, or say that their call was erased."""
    store = open_store(settings.published, settings.s3_endpoint_url)
    erased = f"{CALL_IDS}/{order.order_id}.json"
    what = {"erased_at": order.ordered_at.isoformat(), "basis": order.basis}
    lines = [{"call_id": c.call_id, "call_date": c.call_date, **what} for c in order.calls]
    store.replace(erased, _json_lines(lines))
    instead = {(anchor.call_id, anchor.record_id): anchor.survivor for anchor in order.anchors}
    gone = set(order.record_ids)
    for key in store.list(f"{CALL_IDS}/"):
        rows = [json.loads(line) for line in store.get(key).splitlines()]
        kept = []
        for row in rows:
            record = row.get("record_id")
            survivor = instead.get((row["call_id"], record)) if record in gone else record
            if survivor or not record:
                kept.append({**row, "record_id": survivor} if record else row)
        if kept != rows:
            store.replace(key, _json_lines(kept))


def _json_lines(rows: list[dict[str, str | None]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _forget(settings: Settings, order: Order) -> None:
    """Make the next build, whoever runs it, begin in a fresh file that knows nothing of them.

    ``orchestration.build.prepare`` takes from the old file which record was in which call.
    """
    if not settings.warehouse.exists():
        return
    with duckdb.connect(str(settings.warehouse)) as connection:
        tables = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables()"
            " where table_name in ('int_identity__record_call', 'scope_pending')"
        ).fetchall()
        connection.execute("begin")
        connection.execute("drop table if exists meta.context")
        for (table,) in tables:
            connection.execute(
                f"delete from {table} where record_id in (select unnest(?::varchar[]))",  # noqa: S608
                [order.record_ids],
            )
        connection.execute("commit")


def _remove_versions(settings: Settings) -> None:
    """Remove every version but the current, and copies of them on this machine."""
    zone = open_zone(settings.published, settings.s3_endpoint_url)
    current = zone.current()
    for manifest in zone.builds():
        if manifest["build_id"] != current:
            zone.remove(str(manifest["build_id"]))
    shutil.rmtree(settings.data_dir / "cache", ignore_errors=True)
