"""Calibrating a built warehouse, as the asset and ``callstory calibrate`` do it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from ingest.settings import Settings
from orchestration.matching.calibrate import Calibration, calibrate, from_warehouse
from orchestration.matching.versions import (
    FOLDER,
    NONE,
    CalibrationError,
    keep,
    pin,
    pinned,
)
from orchestration.resources import writing


@dataclass(frozen=True)
class Kept:
    """A calibration that is kept, and the version that builds go by."""

    calibration: Calibration
    version: str
    pinned: str

    def lines(self) -> Iterator[str]:
        """For people: what was measured of each pair, and what to do next."""
        for row in self.calibration.overall():
            yield told(row)
        for pair in sorted(
            {row["pair"] for row in self.calibration.tables["day"]}
            - {row["pair"] for row in self.calibration.overall()}
        ):
            yield f"{pair}: no calls whose keys are known: nothing is linked"
        if self.version == self.pinned:
            yield f"calibration {self.version} is pinned: the next run goes by it"
        else:
            yield (
                f"calibration {self.version} is kept, {self.pinned} is pinned: to go by the new"
                f" one, callstory calibrate --use {self.version}"
            )


def told(row: dict[str, object]) -> str:
    """A row of ``quality`` in a line."""
    if not row["linked"]:
        return f"{row['pair']}: {row['calls']} hidden hand-offs, none was linked"
    return (
        f"{row['pair']}: {row['calls']} hidden hand-offs, precision {row['link_precision']:.4f}"
        f" (at least {row['precision_low']:.4f}), recall {row['recall'] or 0:.4f},"
        f" abstained {row['abstained']:.4f}"
    )


def calibrate_and_keep(settings: Settings) -> Kept:
    """Calibrate on the warehouse and keep the result; pin it where nothing is pinned yet.

    Raises:
        CalibrationError: when no warehouse has been built, or a model of the matcher does not run.
    """
    folder = settings.data_dir / FOLDER / "workbench"
    try:
        found = calibrate(from_warehouse(settings.warehouse), folder)
    except (duckdb.CatalogException, duckdb.IOException) as error:
        raise CalibrationError("there is no built warehouse: run some days first") from error
    finally:
        # It holds rows of the warehouse, and would outlive an erasure.
        shutil.rmtree(folder, ignore_errors=True)
    version = keep(settings, found.tables)
    if pinned(settings) == NONE:
        pin(settings, version)
    return Kept(found, version, pinned(settings))


def calibrate_alone(settings: Settings) -> Kept:
    """The same while no other process writes the warehouse. Raises as ``calibrate_and_keep``."""
    with writing(settings):
        return calibrate_and_keep(settings)


__all__ = ["CalibrationError", "Kept", "calibrate_alone", "calibrate_and_keep", "pin"]
