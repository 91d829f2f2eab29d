"""Publication: a build that passed its gates becomes what readers see, in one step.

In a local folder a version goes on from the one before and costs what changed (``changes.py``); on
S3, where nothing can be linked or copied in place, each is written and uploaded whole.

The gate report is demanded here, by the function that publishes, and not only by whoever calls it:
run alone, by hand or by a scheduler that lost its place, it refuses all the same.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from serve.changes import attached, changes_since, last_sequence
from serve.snapshot import SnapshotError, write_snapshot
from serve.zone import LocalZone, Zone, ZoneError, checked_build, go_back, open_zone

GATES = ("redaction", "alias_completeness")
_TOLD_LINES = 10
# A full disk, a quota, a limit on the size of files: by number, and as DuckDB words them.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_ROOM_TEXTS = tuple(os.strerror(number) for number in _NO_ROOM)


class PublishRefused(Exception):  # noqa: N818 - a refusal is an answer, not an accident
    """Nothing was published. The message names the gate, the day and how many."""


@dataclass(frozen=True)
class PublishResult:
    """What publication did: ``changed`` is False when the build was current already."""

    build_id: str
    changed: bool
    pruned: tuple[str, ...] = ()


def publish(  # noqa: PLR0917 - orchestration and people call it with what, where, which, proof
    warehouse: Path,
    published: str,
    build_id: str,
    report: dict[str, Any] | None,
    keep_versions: int,
    s3_endpoint_url: str | None = None,
) -> PublishResult:
    """Publish the warehouse's marts as version ``build_id`` and point readers at it.

    Args:
        warehouse: the DuckDB file, with the marts and one row in ``meta.build``.
        published: folder or ``s3://bucket/prefix``.
        build_id: the build that shall be published; the warehouse must hold this one.
        report: the gate report of this build as plain data, or None when there is none.
        keep_versions: how many versions stay, the current one among them (local folders only).
        s3_endpoint_url: S3 endpoint, for stores that are not AWS.

    Raises:
        PublishRefused: when the report is missing, of another build, older than the build, or not
            passing; when the warehouse holds another build or no finished one; when there is no
            room. Readers then see what they saw, and nothing half-written stays.
    """
    stamp = _stamp(warehouse)
    if stamp["build_id"] != build_id:
        raise PublishRefused(
            f"build {build_id} is not there: the warehouse holds {stamp['build_id']}"
        )
    gates = _passed(report, build_id, stamp["built_at"])
    try:
        checked_build(build_id)
        zone = open_zone(published, s3_endpoint_url)
        if not zone.has(build_id):
            _add(warehouse, zone, stamp, gates)
        changed = zone.current() != build_id
        if changed:
            zone.point(build_id)
    except (SnapshotError, ZoneError) as error:
        raise PublishRefused(str(error)) from error
    except (OSError, duckdb.Error) as error:
        if not _is_no_room(error):
            raise
        raise PublishRefused(
            f"no room left to write build {build_id} to {published}, readers see what they saw:"
            " free some space there, or lower CALLSTORY_KEEP_VERSIONS, and publish again"
        ) from error
    return PublishResult(build_id, changed, tuple(zone.prune(keep_versions)))


def _add(warehouse: Path, zone: Zone, stamp: dict[str, Any], gates: dict[str, Any]) -> None:
    gates = _with_earlier_proof(zone, gates)
    base = changes_since(warehouse, zone) if isinstance(zone, LocalZone) else None
    with zone.workspace() as folder:
        write_snapshot(warehouse, folder, stamp, gates, base)
        zone.add(str(stamp["build_id"]), folder)


def _with_earlier_proof(zone: Zone, gates: dict[str, Any]) -> dict[str, Any]:
    """A report that covers changes alone counts together with the version that they changed.

    That version's warnings and exceptions stay, for the days that nobody looked at again.
    """
    since, rules, days = gates["since_build"], gates["rules"], gates["days"]
    if since is None:
        return gates
    earlier: dict[str, Any] = next(
        (told["gates"] for told in zone.builds() if told["build_id"] == since), {}
    )
    if not earlier.get("passed") or not rules or earlier.get("rules") != rules:
        raise PublishRefused(
            f"the gate report covers only what changed since build {since}, and no version of it"
            " that passed the same gates is published: run the gates over the whole warehouse"
        )
    kept = {
        told: [
            text for text in earlier.get(told, []) if not any(f" on {day}" in text for day in days)
        ]
        for told in ("warnings", "accepted")
    }
    return gates | {told: [*gates[told], *texts] for told, texts in kept.items()}


def _is_no_room(error: OSError | duckdb.Error) -> bool:
    """Whether a disk or quota is full: DuckDB tells it in words only."""
    return getattr(error, "errno", None) in _NO_ROOM or any(
        text in str(error) for text in _NO_ROOM_TEXTS
    )


def rollback(
    published: str, build_id: str | None = None, s3_endpoint_url: str | None = None
) -> str:
    """Point readers at an older version (the one before by default) and return its build id.

    Raises:
        ZoneError: when there is no such version.
    """
    return go_back(open_zone(published, s3_endpoint_url), build_id)


def _stamp(warehouse: Path) -> dict[str, Any]:
    if not warehouse.exists():
        raise PublishRefused("there is no warehouse file: run the job for a day first")
    with attached(warehouse) as connection:
        try:
            row = connection.execute(
                "select build_id, built_at::timestamp, code_version, days from warehouse.meta.build"
            ).fetchall()
        except duckdb.CatalogException:
            row = []
        sequence = last_sequence(connection)
    if len(row) != 1 or None in row[0][:2]:
        raise PublishRefused("the warehouse holds no finished build: run the job for a day first")
    build_id, built_at, code_version, days = row[0]
    return {
        "build_id": str(build_id),
        "sequence": sequence,
        "built_at": built_at.replace(tzinfo=UTC),
        "code_version": code_version,
        "days": days,
    }


def _passed(report: dict[str, Any] | None, build_id: str, built_at: datetime) -> dict[str, Any]:
    """What the manifest says of a report that lets the build pass; refuses any other report."""
    if not report:
        raise PublishRefused(f"no gate report for build {build_id}: run the gates")
    if report.get("build_id") != build_id:
        raise PublishRefused(
            f"the gate report is of build {report.get('build_id')}, not of {build_id}:"
            " run the gates"
        )
    created_at = _instant(report.get("created_at"))
    if created_at is None or created_at < built_at:
        raise PublishRefused(
            f"the gate report of build {build_id} is stale: it is of {created_at},"
            f" the warehouse was built at {built_at}: run the gates again"
        )
    lines = report.get("gates") or []
    blocking = [line for line in lines if not _lets_pass(line)]
    silent = [gate for gate in GATES if not any(line.get("name") == gate for line in lines)]
    if blocking or silent or report.get("passed") is not True:
        raise PublishRefused(_refusal(build_id, blocking, silent))
    return {
        "passed": True,
        "created_at": created_at.isoformat(),
        "checks": len(lines),
        "covers": report.get("covers", "whole"),
        "since_build": report.get("since_build"),
        "days": list(report.get("days") or []),
        "rules": report.get("rules"),
        "limits": report.get("limits"),
        "warnings": [_told(line) for line in lines if line.get("passed") is not True],
        "accepted": [
            f"{_told(line)}; {line['accepted']}" for line in lines if line.get("accepted")
        ],
    }


def _lets_pass(line: dict[str, Any]) -> bool:
    return line.get("passed") is True or line.get("severity") == "warn"


def _instant(text: Any) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _refusal(build_id: str, blocking: list[dict[str, Any]], silent: list[str]) -> str:
    told = [f"{_told(line)}. {line.get('what_to_do', '')}" for line in blocking[:_TOLD_LINES]]
    if len(blocking) > _TOLD_LINES:
        told.append(f"and {len(blocking) - _TOLD_LINES} more in the report")
    told += [f"{gate}: the report does not mention this gate" for gate in silent]
    told = told or ["the report says that it did not pass"]
    return f"build {build_id} did not pass its gates:\n  " + "\n  ".join(told)


def _told(line: dict[str, Any]) -> str:
    where = f" on {line['day']}" if line.get("day") else ""
    where += f", route {line['route']}" if line.get("route") else ""
    name = f"{line.get('name')}/{line.get('check')}"
    return f"{name}{where}: {line.get('failed')} of {line.get('checked')}"
