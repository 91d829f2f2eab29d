"""The commands that reach raw records: each needs a reason, and tells the audit log first."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Literal, cast

import click

from ingest.settings import Places, Settings, SettingsError
from serve.text import clean


@click.command()
@click.argument("record")
@click.option("--reason", required=True, help="Why, in words: a case, a ticket.")
@click.option("--show-personal-data", is_flag=True, help="Needed: the record is not redacted.")
@click.option("--version", default=1, metavar="N", help="1 landed last, 2 before it, and so on.")
def raw(record: str, reason: str, show_personal_data: bool, version: int) -> None:  # noqa: FBT001
    """Show one record as the provider sent it, unredacted, and tell the audit log.

    RECORD is a record_id (twilio.calls:CA...) or provider/stream/key. The line goes to standard
    output as it is; on a terminal, what would move the cursor is shown escaped.
    """
    from ingest.access.audit import AuditError, append, audit_log
    from ingest.access.raw import NoRecordError, find_raw
    from ingest.errors import IngestError
    from ingest.store import open_store

    if not show_personal_data:
        raise click.UsageError("the record is not redacted: add --show-personal-data to see it")
    if not reason.strip():
        raise click.UsageError("--reason must say why")
    places = Places.from_env()
    log = audit_log(places.data_dir)
    asked = {"action": "raw", "record": record, "reason": reason}
    try:
        store = open_store(places.landing, places.s3_endpoint_url)
        found = find_raw(store, places.warehouse, record, version)
        where = {"landing_object": found.landing_object, "line": found.line}
        append(log, {**asked, **where, "version": version, "bytes": len(found.body)})
    except (NoRecordError, IngestError) as error:
        raise click.ClickException(clean(str(error))) from error
    except AuditError as error:
        raise click.ClickException(f"nothing is shown: {clean(error)}") from error
    notes = [f"{found.landing_object} line {found.line}"]
    notes += [] if found.is_verbatim else ["one row of a batch, as parsed"]
    notes += [f"version {version} of {found.versions}"] if found.versions > 1 else []
    click.echo(clean("; ".join(notes)), err=True)
    if sys.stdout.isatty():
        click.echo(clean(found.body.decode("utf-8", "backslashreplace")))
    else:
        sys.stdout.buffer.write(found.body + b"\n")


def _settings() -> Settings:
    """The settings, with places made absolute, as the Dagster job that follows needs them."""
    from orchestration.run import prepare_instance

    try:
        prepare_instance(Settings.from_env())
        return Settings.from_env()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def _say(lines: Iterable[str]) -> None:
    """Print lines as they come; refusals and what is left to do end with exit code 1."""
    from ingest.access.audit import AuditError
    from ingest.errors import IngestError
    from orchestration.erasure.order import ErasureIncomplete, ErasureRefused

    try:
        for line in lines:
            click.echo(clean(line))
    except (ErasureRefused, ErasureIncomplete, AuditError, IngestError) as error:
        text = "\n".join(clean(line) for line in str(error).splitlines())
        raise click.ClickException(text) from error


@click.command()
@click.option("--call", default="", metavar="ANY", help="A call ID, or an alias of one call.")
@click.option("--caller", default="", metavar="NUMBER", help="A number in clear, or its token.")
@click.option("--reason", default="", help="Why, in words: a request, a case.")
@click.option("--apply", is_flag=True, help="Do it. Without, only say what would go.")
@click.option("--resume", is_flag=True, help="Go on with what a killed erasure has left.")
def erase(call: str, caller: str, reason: str, apply: bool, resume: bool) -> None:  # noqa: FBT001
    """Erase a call, or every call of a caller, from landing and everything derived.

    Builds everything anew, publishes it, removes every older version and looks for what should be
    gone. The call's IDs stay resolvable as erased.
    """
    from orchestration.erasure import commands

    if resume:
        _say(commands.resume(_settings()))
        return
    if bool(call) == bool(caller):
        raise click.UsageError("give --call or --caller")
    if not reason.strip():
        raise click.UsageError("--reason must say why")
    _say(commands.erase(_settings(), reason=reason, apply=apply, call=call, caller=caller))


@click.command()
@click.option("--apply", is_flag=True, help="Do it. Without, only say what would go.")
def retain(apply: bool) -> None:  # noqa: FBT001
    """Remove what is past its retention (ingest/access/retention.yml), unless it is held."""
    from orchestration.erasure import commands

    _say(commands.retain(_settings(), apply=apply))


@click.command()
@click.argument("what", type=click.Choice(["call", "caller", "stream", "release", "list"]))
@click.argument("value", default="")
@click.option("--reason", default="", help="Why, in words.")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="A stream's first day.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="A stream's last day.")
def hold(what: str, value: str, reason: str, first: datetime | None, last: datetime | None) -> None:
    """Legal holds: `hold call ID`, `hold caller NUMBER`, `hold stream NAME`, `release`, `list`.

    What is held is neither erased nor removed by retention until it is released.
    """
    from orchestration.erasure import commands

    settings = _settings()
    if what == "list":
        _say(commands.holds(settings))
        return
    if not value or not reason.strip():
        raise click.UsageError("name what is held (or the hold to release), and give --reason")
    if what == "release":
        _say(commands.release(settings, value, reason) for _ in range(1))
        return
    days = (first.date() if first else None, last.date() if last else None)
    kind = cast("Literal['call', 'caller', 'stream']", what)
    _say(commands.hold(settings, kind, value, reason, days) for _ in range(1))
