"""Dagster resources: the run's settings, the warehouse's single-writer lock and dbt.

Asset logic lives in ``orchestration.assets``; the environment is read in ``ingest.settings``.
"""

import fcntl
import importlib.metadata
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DbtCliResource, DbtProject
from packaging.version import Version

from ingest.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
DBT_DIR = ROOT / "dbt_project"


class RunSettings(dg.ConfigurableResource[Settings]):
    """Reads the settings when a run starts, so that loading the code needs no credentials."""

    def create_resource(self, context: dg.InitResourceContext) -> Settings:
        """Read and check the environment; a wrong setting fails the run before any work."""
        del context  # required by Dagster's signature
        settings = Settings.from_env()
        keep_private(settings)
        return settings


def keep_private(settings: Settings) -> None:
    """Make what the run writes readable by its owner alone; publication opens its own files.

    The data folder itself stays open to the group, or nobody could reach the published zone in it.
    """
    os.umask(0o077)
    if not settings.data_dir.exists():
        settings.data_dir.mkdir(parents=True)
        settings.data_dir.chmod(0o750)


class WriterLock(dg.ConfigurableResource[None]):
    """Lets one run at a time write the redacted zone, the warehouse and the published zone.

    Runs started from the command line bypass Dagster's queue, so the queue's limit alone is not
    enough. The kernel frees a lock of this kind when its process dies, also on SIGKILL.
    """

    settings: dg.ResourceDependency[Settings]

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[None]:
        """Hold the lock for the whole run, waiting for another run to end."""
        said = context.log.info if context.log else None
        with writing(self.settings, said):
            wait_until_free(self.settings.warehouse, said)
            yield None


@contextmanager
def writing(settings: Settings, said: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold the writer lock, waiting for whoever has it. ``said`` takes a line if so."""
    path = settings.data_dir / ".writer.lock"
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if said:
                said("another run is writing: waiting for it to end")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield None


def wait_until_free(
    warehouse: Path, said: Callable[[str], None] | None = None, wait_s: float = 600
) -> None:
    """Wait until no other process has the DuckDB file open. ``said`` takes a line if so.

    A run of which only the parent was killed leaves its dbt behind, without the run's lock.

    Raises:
        duckdb.IOException: naming that process, when it still has the file after ``wait_s``.
    """
    deadline = time.monotonic() + wait_s
    while warehouse.exists():
        try:
            duckdb.connect(str(warehouse)).close()
        except duckdb.IOException as error:
            if "lock" not in str(error) or time.monotonic() > deadline:
                raise
            if said:
                said("the warehouse is still open in another process: waiting for it to end")
                said = None
            time.sleep(1)
        else:
            return


class Dbt(DbtCliResource):
    """``DbtCliResource`` without two preludes that cost about ten seconds a run.

    Upstream starts ``dbt --version`` in a process and builds an adapter in this one; the first is
    known from the package, the second only serves row counts, which the run's summary has anyway.
    Covered by ``tests/orchestration/test_definitions.py``, since both names are private.
    """

    @cached_property
    def _cli_version(self) -> Version:
        return Version(importlib.metadata.version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        del args
        return None


def dbt_project() -> DbtProject:
    """The dbt project, with a manifest that is parsed again when a source file is newer."""
    _put_own_commands_on_path()
    project = DbtProject(project_dir=DBT_DIR)
    manifest = project.manifest_path
    newest = max(
        (
            p.stat().st_mtime
            for p in DBT_DIR.rglob("*")
            if p.suffix in {".sql", ".yml", ".csv"} and "target" not in p.parts
        ),
        default=0.0,
    )
    if not manifest.exists() or manifest.stat().st_mtime < newest:
        os.environ.setdefault("DBT_PROFILES_DIR", str(DBT_DIR))
        _parse(project)
    return project


def _parse(project: DbtProject) -> None:
    """Parse the project in a folder of its own, then move the manifest into place whole.

    dbt writes it in place, which takes a while: a run killed meanwhile would leave half of one,
    newer than any source, for every later run to fail on, and one that starts would read it.
    """
    place = project.manifest_path.parent
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="parse-", dir=place) as folder:
        apart = DbtProject(
            project_dir=project.project_dir,
            target_path=Path(folder).relative_to(project.project_dir),
        )
        apart.preparer.prepare(apart)
        for name in ("partial_parse.msgpack", project.manifest_path.name):
            (Path(folder) / name).replace(place / name)


def _put_own_commands_on_path() -> None:
    """Let dagster-dbt find the dbt of this environment, also when it was not activated."""
    own, path = str(Path(sys.executable).parent), os.environ.get("PATH", "")
    if own not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([own, path])
