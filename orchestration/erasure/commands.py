"""``callstory erase``, ``retain`` and ``hold``: what they do, in lines for people."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

from ingest.access.audit import append, audit_log
from ingest.access.holds import Days, Kind, active_holds, place_hold, release_hold
from ingest.registry import all_streams
from ingest.settings import Settings
from ingest.store import open_store
from orchestration.erasure.carry_out import Outcome, Rebuild, carry_out
from orchestration.erasure.order import ErasureRefused, pending_orders
from orchestration.erasure.plan import Clock, Plan, now_utc, plan_erasure, plan_retention
from orchestration.resources import writing


def erase(
    settings: Settings,
    *,
    reason: str,
    apply: bool,
    call: str = "",
    caller: str = "",
    rebuild: Rebuild | None = None,
) -> Iterator[str]:
    """Erase a call or a caller's calls; without ``apply`` only say what would go.

    Raises:
        ErasureRefused, ErasureIncomplete, AuditError: see ``plan`` and ``carry_out``.
    """
    with writing(settings):
        if apply:
            yield from _resumed(settings, rebuild)
        plan = plan_erasure(settings, reason=reason, call=call, caller=caller)
        yield from _told(plan, apply=apply)
        if apply:
            yield from _done(carry_out(settings, plan.order, rebuild or _rebuild))


def retain(
    settings: Settings, *, apply: bool, now: Clock = now_utc, rebuild: Rebuild | None = None
) -> Iterator[str]:
    """Remove what is past its retention; without ``apply`` only say what would go.

    Raises:
        ErasureRefused, ErasureIncomplete, AuditError: see ``plan`` and ``carry_out``.
    """
    with writing(settings):
        if apply:
            yield from _resumed(settings, rebuild)
        plan = plan_retention(settings, now=now)
        if plan is None:
            yield "nothing is past its retention, or all of it is held"
            return
        yield from _told(plan, apply=apply)
        if apply:
            yield from _done(carry_out(settings, plan.order, rebuild or _rebuild))


def resume(settings: Settings, rebuild: Rebuild | None = None) -> Iterator[str]:
    """Carry out what an earlier, killed or failed erasure has left."""
    with writing(settings):
        yield from _resumed(settings, rebuild)
        yield "nothing is left to do"


def hold(
    settings: Settings,
    kind: Kind,
    value: str,
    reason: str,
    days: Days = (None, None),
) -> str:
    """Place a hold; a caller's number is kept as its token.

    Raises:
        ErasureRefused: the value is no call ID, number, token or stream.
    """
    if kind == "caller" and not value.startswith("tok_"):
        from ingest.redaction.tokens import caller_token, normalise_number

        if not normalise_number(value):
            raise ErasureRefused("a caller is held by telephone number or token (tok_...)")
        value = caller_token(settings.token_key, value)
    if kind == "stream" and value not in {f"{s.provider}.{s.name}" for s in all_streams()}:
        raise ErasureRefused("there is no such stream: name it <provider>.<stream>")
    store = open_store(settings.landing, settings.s3_endpoint_url)
    placed = place_hold(store, kind, value, reason, days)
    append(
        audit_log(settings.data_dir), {"action": "hold", "hold": placed.hold_id, "reason": reason}
    )
    return f"{placed.hold_id} holds {kind} {value} until it is released"


def release(settings: Settings, hold_id: str, reason: str) -> str:
    """End a hold.

    Raises:
        StoreError: it is not in force.
    """
    release_hold(open_store(settings.landing, settings.s3_endpoint_url), hold_id, reason)
    append(audit_log(settings.data_dir), {"action": "release", "hold": hold_id, "reason": reason})
    return f"{hold_id} is released"


def holds(settings: Settings) -> Iterator[str]:
    """Every hold in force."""
    for held in active_holds(open_store(settings.landing, settings.s3_endpoint_url)):
        days = f" {held.first or ''}..{held.last or ''}" if held.first or held.last else ""
        placed = f"{held.placed_at:%Y-%m-%d} {held.placed_by}"
        yield f"{held.hold_id}  {held.kind} {held.value}{days}  {placed}: {held.reason}"


def _resumed(settings: Settings, rebuild: Rebuild | None) -> Iterator[str]:
    for order in pending_orders(open_store(settings.landing, settings.s3_endpoint_url)):
        yield f"{order.order_id} of {order.ordered_at:%Y-%m-%d} was not finished: going on with it"
        yield from _done(carry_out(settings, order, rebuild or _rebuild))


def _rebuild(settings: Settings) -> bool:
    from orchestration.run import rebuild

    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    return rebuild(settings)


def _told(plan: Plan, *, apply: bool) -> Iterator[str]:
    order = plan.order
    calls = sum(call.call_date is not None for call in order.calls)
    streams = Counter(record.partition(":")[0] for record in order.record_ids)
    yield f"{order.basis}: {calls:,} calls, {len(order.record_ids):,} records"
    for stream, count in sorted(streams.items()):
        yield f"  {stream:<34} {count:>9,}"
    days = Counter(call.call_date for call in order.calls if call.call_date)
    for day, count in sorted(days.items()):
        yield f"  calls of {day:<25} {count:>9,}"
    if plan.shared_records:
        yield f"  {plan.shared_records} tickets are about other calls too, and stay"
    if plan.held:
        yield f"  {len(plan.held):,} records are held, and stay"
    if not apply:
        yield "nothing was removed: add --apply"


def _done(outcome: Outcome) -> Iterator[str]:
    done, report = outcome.done, outcome.report
    yield (
        f"{done.order_id}: {done.lines_gone:,} landed lines went, {done.lines_cut:,} batches were"
        f" cut, {done.rejects_gone:,} rejects went"
    )
    looked = ", ".join(f"{place} {count:,}" for place, count in sorted(report.looked_at.items()))
    yield f"verified: none of their keys or identifiers is left ({looked}; not the audit log)"
    for name in report.removed:
        yield f"  removed {name}, which mentioned one"
