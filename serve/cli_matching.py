"""The commands about heuristic links: calibrate the matcher, and see how often it is right."""

from __future__ import annotations

import click

from ingest.settings import Places, Settings, SettingsError
from serve.published import NothingPublishedError, open_snapshot
from serve.quality import quality_text
from serve.text import clean
from serve.zone import ZoneError


@click.command()
@click.option("--use", metavar="VERSION", help="Only pin this version, kept before (or none).")
def calibrate(use: str | None) -> None:
    """Learn clocks and weights from calls whose keys are known, and test the matcher blindfold.

    Reads the warehouse. The first calibration is pinned at once; a later one is kept, and builds go
    by it after --use. `--use none` links nothing any more.
    """
    from orchestration.matching.command import CalibrationError, calibrate_alone, pin

    try:
        settings = Settings.from_env()
        if use:
            pin(settings, use)
            click.echo(f"the next `callstory run` goes by calibration {clean(use)}")
            return
        kept = calibrate_alone(settings)
    except (SettingsError, CalibrationError) as error:
        raise click.ClickException(clean(str(error))) from error
    for line in kept.lines():
        click.echo(clean(line))


@click.command()
@click.option("--published", metavar="PLACE", help="Place of the published data.")
def quality(published: str | None) -> None:
    """Say how often heuristic links are right: precision, recall, abstention, confidence."""
    places = Places.from_env(published)
    try:
        with open_snapshot(places) as snapshot:
            text = quality_text(snapshot)
    except (NothingPublishedError, ZoneError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(text)
