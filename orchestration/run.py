"""``callstory run``: the daily job for some days, in this process, with a readable outcome."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg

from ingest.settings import Settings, SettingsError
from orchestration.build import last_days
from orchestration.resources import ROOT, keep_private
from orchestration.schedules import FULL_REFRESH, range_tags

SNAPSHOT = "published__snapshot"
QUIET: dict[str, dict[str, dict[str, str]]] = {"loggers": {"step_lines": {}}}


def run_days(first: date, last: date, settings: Settings, *, full_refresh: bool = False) -> bool:
    """Run the ``daily`` job over ``first`` to ``last``, both included; true when it succeeded.

    dbt's and other libraries' output goes to ``<data>/logs/run-<time>-<process>.log``.
    """
    tags = range_tags(first.isoformat(), last.isoformat())
    tags |= {FULL_REFRESH: "true"} if full_refresh else {}
    result = _executed("daily", settings, tags, f"running {first} to {last}")
    if not result.success:
        return False
    # Told by the step, once a day of the run: by now another run may be writing the warehouse.
    *_, published = result.asset_materializations_for_node(SNAPSHOT)
    print(f"reconciled: {published.metadata['reconciled'].text}\ndone")
    return True


def rebuild(settings: Settings) -> bool:
    """Redact and build what has landed anew, gate and publish it; true when it succeeded.

    For a caller that holds the writer lock, which the job therefore does not take.
    """
    first, _, last = last_days(settings.warehouse).partition("..")
    day = settings.start_date.isoformat()
    tags = range_tags(first or day, last or day) | {FULL_REFRESH: "true"}
    lock = {"writer_lock": dg.ResourceDefinition.none_resource()}
    return _executed("rebuild", settings, tags, "building everything anew", **lock).success


def _executed(
    job: str, settings: Settings, tags: dict[str, str], doing: str, **resources: Any
) -> dg.ExecuteInProcessResult:
    """Run a job in this process; other libraries' output goes to a log file, which is told."""
    now = datetime.now(UTC)
    log = settings.data_dir / "logs" / f"run-{now:%Y%m%dT%H%M%S}-{os.getpid()}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    print(f"{doing}; details in {log}", flush=True)
    with (
        log.open("a") as handle,
        contextlib.redirect_stdout(handle),
        contextlib.redirect_stderr(handle),
        _instance(settings) as instance,
    ):
        from orchestration.definitions import build_defs, defs  # parses the dbt project if changed

        result = (
            (build_defs(**resources) if resources else defs)
            .resolve_job_def(job)
            .execute_in_process(
                instance=instance, run_config=QUIET, tags=tags, raise_on_error=False
            )
        )
    if not result.success:
        print(f"failed: nothing new was published; details in {log}")
    return result


@contextlib.contextmanager
def _instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """Open Dagster's instance, one process at a time.

    The first opening creates its databases, and of two that do so at once, one fails.
    """
    with (settings.data_dir / ".instance.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        instance = dg.DagsterInstance.get()
    with instance:
        yield instance


def main(arguments: list[str] | None = None) -> int:
    """Parse the days, check the settings, run. Exit code 0 when everything succeeded."""
    parser = argparse.ArgumentParser(prog="callstory run", description=main.__doc__)
    parser.add_argument(
        "--from", dest="first", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD"
    )
    parser.add_argument(
        "--to", dest="last", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD"
    )
    parser.add_argument("--full-refresh", action="store_true")
    options = parser.parse_args(arguments)
    try:
        settings = Settings.from_env()
        check_days(options.first, options.last, settings)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    prepare_instance(settings)
    succeeded = run_days(
        options.first, options.last, Settings.from_env(), full_refresh=options.full_refresh
    )
    return 0 if succeeded else 1


def check_days(first: date, last: date, settings: Settings) -> None:
    """Refuse days that no partition has.

    Raises:
        SettingsError: naming the day and what it must lie between.
    """
    today = datetime.now(UTC).date()
    if first > last:
        raise SettingsError(f"--from {first} is after --to {last}")
    if first < settings.start_date:
        raise SettingsError(f"--from {first} is before CALLSTORY_START_DATE {settings.start_date}")
    if last >= today:
        raise SettingsError(
            f"--to {last} is not over yet (UTC): the last day that can be run is before {today}"
        )


def prepare_instance(settings: Settings) -> None:
    """Make relative places absolute, then work in the project's folder, as Dagster expects."""
    places = {"DATA": str(settings.data_dir), "WAREHOUSE": str(settings.warehouse)}
    places |= {
        "LANDING": settings.landing,
        "REDACTED": settings.redacted,
        "PUBLISHED": settings.published,
    }
    places |= {f"{provider.upper()}_DROPS": place for provider, place in settings.drops.items()}
    for name, place in places.items():
        if "://" not in place:
            os.environ[f"CALLSTORY_{name}"] = str(Path(place).expanduser().resolve())
    keep_private(settings)
    os.environ.setdefault("DAGSTER_HOME", str(ROOT))
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    os.chdir(ROOT)


if __name__ == "__main__":
    sys.exit(main())
