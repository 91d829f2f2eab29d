"""The two gates as blocking asset checks; together they write the report publication demands."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from ingest.settings import Settings
from orchestration.build import accepted, read_stamp
from serve.changes import changes_since
from serve.zone import open_zone

REDACTION = dg.AssetKey(["marts", "call_event"])
COMPLETENESS = dg.AssetKey(["marts", "call_completeness"])
CHECKS = {"redaction": REDACTION, "alias_completeness": COMPLETENESS}


@dg.multi_asset_check(
    name="gates",
    specs=[
        dg.AssetCheckSpec(name=name, asset=asset, blocking=True, description=f"The {name} gate.")
        for name, asset in CHECKS.items()
    ],
)
def gates(
    context: dg.AssetCheckExecutionContext, settings: dg.ResourceParam[Settings]
) -> Iterator[dg.AssetCheckResult]:
    """Run both suites against what changed since the last published build; keep their report."""
    from expectations.gates import run_gates, summary
    from expectations.limits import limits
    from expectations.rules import rules

    build = read_stamp(settings.warehouse)
    zone = open_zone(settings.published, settings.s3_endpoint_url)
    held = limits(datetime.now(UTC).date())
    base = changes_since(settings.warehouse, zone, rules(held))
    report = run_gates(
        settings.warehouse,
        build,
        settings.data_dir / "gates",
        limits=held,
        accepted=accepted(settings),
        since=base.sequence if base else None,
    )
    context.log.info(summary(report))
    for name, asset in CHECKS.items():
        yield _result(name, asset, [row for row in report.gates if row.name == name])


def _result(name: str, asset: dg.AssetKey, rows: list[Any]) -> dg.AssetCheckResult:
    failed = [row for row in rows if not row.passed]
    blocking = [row for row in failed if row.severity == "error"]
    severity = dg.AssetCheckSeverity.ERROR if blocking or not rows else dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(
        check_name=name,
        asset_key=asset,
        passed=bool(rows) and not failed,
        severity=severity,
        description="; ".join(str(row.what_to_do) for row in failed[:3]) or None,
        metadata={"checks": len(rows), "failed": len(failed)},
    )
