"""``callstory``: look a call up, run days, read gate reports, go back to an older build.

Everything but ``run`` and ``gates`` needs only the published files, and starts in under half a
second; what is heavy is imported by the command that needs it.
"""

from __future__ import annotations

import getpass
import json
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ingest.settings import Places, variable
from ingest.store import open_store
from serve.as_json import no_story_json, story_json
from serve.cli_access import erase, hold, raw, retain
from serve.cli_matching import calibrate, quality
from serve.lookup import Found, TokenKeyMissingError, find, story
from serve.published import NothingPublishedError, Snapshot, open_snapshot
from serve.reasons import nearest_reason
from serve.render import WIDTH, matches_text, story_text
from serve.text import clean
from serve.zone import ZoneError, go_back, open_zone

published_option = click.option(
    "--published",
    metavar="PLACE",
    help="Folder or s3://bucket/prefix of the published data (CALLSTORY_PUBLISHED).",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """One call, one record, from every system that saw it."""


@main.command("find")
@click.argument("anything")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@published_option
def find_command(anything: str, as_json: bool, published: str | None) -> None:  # noqa: FBT001
    """Show the call that ANYTHING names: record, timeline, transcript, what is missing.

    ANYTHING is any identifier of any system (Call SID, contact ID, room, session, trace, recording,
    ticket), a call ID old or new, or a telephone number (needs CALLSTORY_TOKEN_KEY).
    """
    places = Places.from_env(published)
    try:
        with open_snapshot(places) as snapshot:
            found = find(snapshot, anything, places.token_key)
            _show(snapshot, found, anything, as_json=as_json)
    except (NothingPublishedError, TokenKeyMissingError, ZoneError) as error:
        raise click.ClickException(str(error)) from error


def _show(snapshot: Snapshot, found: Found, value: str, *, as_json: bool) -> None:
    if found.total == 1:
        told = story(snapshot, found.matches[0].call_id)
        _print(story_json(told, found) if as_json else story_text(told))
        return
    if found.total:
        _print(
            no_story_json(found, "several calls match: choose one by its call ID")
            if as_json
            else matches_text(found)
        )
        return
    reason = nearest_reason(snapshot, value)
    if as_json:
        _print(no_story_json(found, reason))
    else:
        click.echo(textwrap.fill(clean(f"Nothing found. {reason}"), WIDTH), err=True)
    sys.exit(1)


@main.command()
@click.argument("alias")
@click.argument("other_alias")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def why(alias: str, other_alias: str, as_json: bool) -> None:  # noqa: FBT001
    """Explain why two aliases are one call: the records that tie them, and how to undo it.

    ALIAS and OTHER_ALIAS are identifiers of any system. Reads the warehouse (CALLSTORY_WAREHOUSE).
    """
    from serve.why import Tied, explain
    from serve.why_json import no_answer_json, why_json
    from serve.why_tables import WhyError, open_warehouse
    from serve.why_text import why_text

    places, today = Places.from_env(), datetime.now(UTC).date()
    try:
        with open_warehouse(places.warehouse) as warehouse:
            answer = explain(warehouse, alias, other_alias, places.token_key)
    except WhyError as error:
        if not as_json:
            raise click.ClickException(clean(str(error))) from error
        _print(no_answer_json(str(error)))
        sys.exit(1)
    _print(why_json(answer, today) if as_json else why_text(answer, today))
    sys.exit(0 if isinstance(answer, Tied) else 1)


def _print(answer: Any) -> None:
    text = answer if isinstance(answer, str) else json.dumps(answer, indent=2)
    # A terminal that cannot show a letter gets an escape instead of a crash.
    encoding = sys.stdout.encoding or "utf-8"
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding))


@main.command()
@click.option("--from", "first", required=True, metavar="YYYY-MM-DD", help="First day (UTC).")
@click.option("--to", "last", required=True, metavar="YYYY-MM-DD", help="Last day, included.")
@click.option("--full-refresh", is_flag=True, help="Build every call anew, not what changed.")
def run(first: str, last: str, full_refresh: bool) -> None:  # noqa: FBT001
    """Run the daily job for some days: land, redact, build, gate, publish."""
    from orchestration.run import main as run_days

    days = ["--from", first, "--to", last]
    sys.exit(run_days([*days, "--full-refresh"] if full_refresh else days))


@main.command()
@click.argument("build", required=False)
@published_option
def rollback(build: str | None, published: str | None) -> None:
    """Let readers see an older build: BUILD, or the one published before the current."""
    places = Places.from_env(published)
    try:
        now = go_back(open_zone(places.published, places.s3_endpoint_url), build)
    except ZoneError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"published/current is now {now}")


@main.command()
@published_option
def versions(published: str | None) -> None:
    """List the published builds, oldest first; the current one has a star."""
    places = Places.from_env(published)
    zone = open_zone(places.published, places.s3_endpoint_url)
    current = zone.current()
    for manifest in zone.builds():
        mark = "*" if manifest["build_id"] == current else " "
        calls = manifest["tables"]["call_record"]["rows"]
        at = str(manifest["published_at"])[:19].replace("T", " ")
        click.echo(f"{mark} {manifest['build_id']}  published {at} UTC  {calls:,} calls")


@main.command()
@click.argument("build", required=False)
@published_option
def gates(build: str | None, published: str | None) -> None:
    """Explain the gate report of BUILD, or the newest one: what was checked, what to do."""
    from expectations.summary import summary

    report = _report(Places.from_env(published), build)
    for line in summary(report).splitlines():
        click.echo(clean(line))
    sys.exit(0 if report.passed else 1)


def _report(places: Places, build: str | None) -> Any:
    from expectations.report import GateReport

    folder = places.data_dir / "gates"
    reports = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
    chosen = [path for path in reports if build in {None, path.stem}]
    if not chosen:
        raise click.ClickException(f"no gate report of {build or 'any build'} in {folder}")
    return GateReport.from_json(json.loads(Path(chosen[-1]).read_text()))


@main.command()
@click.option("--day", required=True, metavar="YYYY-MM-DD", help="Day of the calls (UTC).")
@click.option("--route", required=True, help="Route of the calls, as the report names it.")
@click.option("--alias", help="Only this identifier; every one that blocks if left out.")
@click.option("--reason", required=True, help="Why it may be published so. No personal data.")
@click.option("--who", help="Login to record (CALLSTORY_OPERATOR, or the system's login).")
@published_option
def accept(  # noqa: PLR0917 - click hands over every option
    day: str, route: str, alias: str | None, reason: str, who: str | None, published: str | None
) -> None:
    """Accept that a day's calls on a route lack an identifier, as the newest gate report shows it.

    The next run's gate lets that day, route and identifier pass, up to the share seen now, and the
    published data say so. What the redaction gate finds can never be accepted.
    """
    from expectations.acceptance import AcceptanceError, record

    places = Places.from_env(published)
    login = who or variable("CALLSTORY_OPERATOR") or getpass.getuser()
    put = open_store(places.published, places.s3_endpoint_url).put
    try:
        made = record(_report(places, None), (day, route, alias), reason, login, put)
    except AcceptanceError as error:
        raise click.ClickException(clean(str(error))) from error
    for one in made:
        click.echo(clean(f"accepted {one.day}, {one.route}, {one.alias}: {one.sentence()}"))
    click.echo("the next `callstory run` takes it into account")


@main.command()
@published_option
def status(published: str | None) -> None:
    """Say what is published: build, days, rows, gate warnings."""
    places = Places.from_env(published)
    try:
        with open_snapshot(places) as snapshot:
            manifest, days = snapshot.manifest, snapshot.days
    except (NothingPublishedError, ZoneError) as error:
        raise click.ClickException(str(error)) from error
    span = f"{days[0]} to {days[-1]}" if days else "none"
    click.echo(f"build      {manifest['build_id']}, built {manifest['built_at'][:19]} UTC")
    click.echo(f"published  {manifest['published_at'][:19]} UTC in {places.published}")
    click.echo(f"days       {len(days)} ({span})")
    for table, facts in manifest["tables"].items():
        click.echo(f"{table:<20} {facts['rows']:>12,} rows")
    told = manifest["gates"]
    if told.get("limits"):
        click.echo(f"limits     {told['limits']['version']}")
    for warning in told["warnings"]:
        click.echo(f"warning    {warning}")
    for exception in told.get("accepted", []):
        click.echo(clean(f"accepted   {exception}"))


for command in (raw, erase, retain, hold, calibrate, quality):
    main.add_command(command)

if __name__ == "__main__":
    main()
