"""Whose records an erasure takes, what a hold forbids, what retention removes (simulated clock)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
import zstandard

from ingest.access.holds import place_hold, release_hold
from ingest.landing import land_stream
from ingest.registry import all_streams
from ingest.settings import Settings
from ingest.store import open_store
from orchestration.erasure.commands import retain
from orchestration.erasure.order import ErasureIncomplete, ErasureRefused, pending_orders
from orchestration.erasure.plan import plan_erasure, plan_retention
from orchestration.erasure.records import opened
from tests.harness import FIRST, PipelineRun, land
from tests.pipeline.conftest import SECOND, FirstDay
from tests.pipeline.erasing import LARGEST, lines, records_of, rows

pytestmark = pytest.mark.xdist_group("inputs")
IN_110_DAYS = datetime(2026, 8, 19, tzinfo=UTC)
IN_3_YEARS = datetime(2029, 8, 19, tzinfo=UTC)


def caller_of_several(run: PipelineRun) -> tuple[str, set[str]]:
    ((token, calls),) = rows(
        run,
        "select alias_value, list(distinct canonical_call_id) from call_alias"
        " where namespace = 'caller_token' group by 1"
        " order by count(distinct canonical_call_id) desc, 1 limit 1",
    )
    return token, set(calls)


def test_a_callers_calls_go_by_token_or_number(first_day: FirstDay) -> None:
    settings = first_day.run.settings
    token, calls = caller_of_several(first_day.run)
    assert len(calls) > 1
    plan = plan_erasure(settings, reason="r", caller=token)
    assert {call.call_id for call in plan.order.calls if call.call_date} == calls
    with pytest.raises(ErasureRefused, match="no record"):
        plan_erasure(settings, reason="r", caller="+1 415 555 2671")
    with pytest.raises(ErasureRefused, match="--caller takes"):
        plan_erasure(settings, reason="r", caller="nobody")


def test_a_hold_wins_over_erasure(first_day: FirstDay, tmp_path: Path) -> None:
    run = first_day.copy(tmp_path)
    settings, store = run.settings, open_store(run.settings.landing)
    token, calls = caller_of_several(run)
    call = sorted(calls)[0]
    for kind, value in (("call", call), ("caller", token), ("stream", "twilio.calls")):
        hold = place_hold(store, kind, value, "case 3")  # type: ignore[arg-type]
        with pytest.raises(ErasureRefused, match=hold.hold_id):
            plan_erasure(settings, reason="r", call=call)
        release_hold(store, hold.hold_id, "over")
    assert plan_erasure(settings, reason="r", call=call).order.calls


def test_what_the_warehouse_has_not_read_forbids_an_erasure(
    first_day: FirstDay, tmp_path: Path
) -> None:
    run = first_day.copy(tmp_path)
    land(run, SECOND)
    with pytest.raises(ErasureRefused, match="not in the warehouse yet"):
        plan_erasure(run.settings, reason="r", call=caller_of_several(run)[0])


def without_derived(settings: Settings) -> bool:
    """Stands for the new build: what was derived is gone."""
    settings.warehouse.unlink(missing_ok=True)
    return True


def test_retention_removes_what_is_past_its_date_but_not_what_is_held(
    first_day: FirstDay, tmp_path: Path
) -> None:
    """In 110 days content and traces are over, metadata is not; one call is held."""
    run = first_day.copy(tmp_path)
    settings, store = run.settings, open_store(run.settings.landing)
    ((held,),) = rows(run, LARGEST)
    place_hold(store, "call", held, "case 4")
    kept = set(records_of(run, held))
    plan = plan_retention(settings, now=lambda: IN_110_DAYS)
    assert plan is not None
    over = {"amazon_connect.contact_lens", "amazon_connect.flow_logs",
            "livekit.session_reports", "otlp.spans"}  # fmt: skip
    assert {stream for stream, _ in plan.order.days} == over
    assert {record.partition(":")[0] for record in plan.order.record_ids} == over
    assert kept.isdisjoint(plan.order.record_ids)
    # Calls live on with their other records, and so do the IDs that stood for one that goes.
    assert plan.order.calls == []
    assert plan.order.anchors
    assert all(anchor.survivor for anchor in plan.order.anchors)

    dry = list(retain(settings, apply=False, now=lambda: IN_110_DAYS))
    assert dry[-1] == "nothing was removed: add --apply"
    before = len(lines(settings))
    # The published files are the old build's still: the scan finds them, and the order stays.
    with pytest.raises(ErasureIncomplete, match="published"):
        list(retain(settings, apply=True, now=lambda: IN_110_DAYS, rebuild=without_derived))
    assert len(pending_orders(store)) == 1
    left = [key for key in store.list("") if key.startswith(("otlp", "amazon_connect/flow"))]
    rows_left = {
        f"{stream.provider}.{stream.name}:{key}"
        for stream in all_streams()
        if f"{stream.provider}.{stream.name}" in over
        for name in store.list(stream.prefix)
        for line in zstandard.decompress(store.get(name)).splitlines()
        for key, _ in stream.explode(msgspec.json.decode(line))
    }
    assert rows_left == {record for record in kept if record.partition(":")[0] in over}
    assert left
    assert len(lines(settings)) < before
    with run.providers() as environment:
        changed = Settings.from_env(environment)
        for stream in all_streams():
            assert land_stream(changed, stream, [FIRST]).records_landed == 0


def test_nothing_is_past_its_date_at_first_and_everything_in_years(first_day: FirstDay) -> None:
    settings = first_day.run.settings
    assert plan_retention(settings, now=lambda: datetime(2026, 5, 20, tzinfo=UTC)) is None
    plan = plan_retention(settings, now=lambda: IN_3_YEARS)
    assert plan is not None
    calls = {call.call_id for call in plan.order.calls if call.call_date}
    assert calls == {call for (call,) in rows(
        first_day.run, "select canonical_call_id from call_record")}  # fmt: skip
    with opened(settings.warehouse) as connection:
        count = connection.execute("select count(distinct record_id) from record_name").fetchone()
    assert count is not None
    assert len(plan.order.record_ids) == count[0]
