"""The redaction gate: nothing that leaves the warehouse may show a caller's data (S0-145, S0-87).

The suite validates the detector's tally and, as a second pair of eyes, asks plain SQL of the marts.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb

from expectations.check import Check, Gate, no_rows
from expectations.limits import WITHHELD, Limits
from expectations.prefilter import literal, matches
from expectations.report import MAX_OFFENDERS
from expectations.scan import Finding, filled_columns, scan

NAME = "redaction"
STATES = ("clean", "redacted", "provider_redacted", "withheld")
# The marts that must be there to be looked at: a gate that finds no text to check has not passed.
REQUIRED = ("call_turn.text", "call_event.payload", "call_alias.alias_value")

_FIX_TEXT = (
    "Open the rows by their keys, mend the field policy or text rule in ingest/redaction/, give it"
    " a new policy version and run the day again."
)
# One turn is no rate: a day of a hundred turns would be stopped by its first one.
MIN_WITHHELD = 2
_CARD = "(?:[0-9][ -]?){12,18}[0-9]"
_PHONE = r"\+[1-9][0-9]{9,14}(?:[^0-9]|$)"


def gate(database: Path, folder: Path, warehouse: Path, limits: Limits) -> Gate:
    """Run the detector, leave its tally in ``folder``, and return the suite that judges it.

    Args:
        database: the DuckDB file to look at: the warehouse, or what of it changed.
        folder: where the tally goes.
        warehouse: the warehouse, whose marts must be there and hold rows.
        limits: the limits that hold today.

    Raises:
        LookupError: when a mart that holds text is missing.
    """
    tally = folder / "detector.json"
    looked_at = filled_columns(warehouse)
    missing = [field for field in REQUIRED if field not in looked_at]
    if missing:
        raise LookupError(f"the warehouse has no {', '.join(missing)} to look at")
    findings, cells = scan(database)
    tally.write_text("".join(json.dumps(row) + "\n" for row in _tally(findings, cells)))
    withheld = _withheld_turns(database, warehouse, folder / "withheld.json", limits[WITHHELD])
    source = (
        f"read_json({literal(str(tally))}, format='newline_delimited',"
        " columns={relation: 'VARCHAR', day: 'VARCHAR', cells: 'BIGINT', findings: 'BIGINT',"
        " classes: 'MAP(VARCHAR, BIGINT)', row_keys: 'VARCHAR[]'})"
    )
    states = (_states("call_turn"), _states("call_event"))
    checks = (_detector(source), withheld, *states, _policy(), _context())
    asset = f"select * from {source}"  # noqa: S608 - the path is quoted
    return Gate(NAME, database, asset, (*checks, *_second_look()))


def _tally(
    findings: list[Finding], cells: dict[tuple[str, str | None], int]
) -> list[dict[str, Any]]:
    grouped: dict[tuple[str, str | None], list[Finding]] = {place: [] for place in cells}
    for finding in findings:
        column = f"{finding.relation}.{finding.field.split('.')[0]}"
        grouped.setdefault((column, finding.day), []).append(finding)
    return [
        {
            "relation": relation,
            "day": day,
            "cells": cells.get((relation, day), 0),
            "findings": len(found),
            "classes": Counter(name for finding in found for name in finding.classes),
            "row_keys": [f"{f.relation}.{f.field}: {f.row_key}" for f in found[:MAX_OFFENDERS]],
        }
        for (relation, day), found in sorted(grouped.items(), key=str)
    ]


def _detector(source: str) -> Check:
    return Check(
        "detector",
        "the detector, which is not the redactor, finds nothing in any text column of any mart",
        lambda gxe: [
            gxe.ExpectTableRowCountToBeBetween(min_value=1),
            gxe.ExpectColumnValuesToNotBeNull(column="findings"),
            gxe.ExpectColumnValuesToBeBetween(column="findings", min_value=0, max_value=0),
        ],
        f"""
        with class_count as (
            select day, string_agg(class || ' ' || n, ', ' order by class) as found from (
                select day, entry.key as class, sum(entry.value)::bigint as n
                from (select day, unnest(map_entries(classes)) as entry from {source}) group by 1, 2
            ) group by 1
        )
        select t.day, null as route, sum(t.cells)::bigint, sum(t.findings)::bigint as failed,
            sum(t.findings) > 0, flatten(list(t.row_keys order by t.relation)),
            'Found: ' || any_value(c.found) || '.'
        from {source} as t left join class_count as c on c.day is not distinct from t.day
        group by t.day order by t.day
        """,  # noqa: S608 - the path is quoted
        _FIX_TEXT,
    )


def _withheld_turns(database: Path, warehouse: Path, tally: Path, limit: float) -> Check:
    """Of all turns of the days that are looked at, the share that was withheld."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute(f"attach if not exists {literal(str(database))} as scope (read_only)")
        connection.execute(
            f"""
            copy (
                select call_date::varchar as day, count(*) as turns,
                    count(*) filter (where redaction_state = 'withheld') as withheld,
                    list_slice(list(turn_id order by turn_id)
                        filter (where redaction_state = 'withheld'), 1, {MAX_OFFENDERS}) as row_keys
                from marts.call_turn
                where call_date in (select call_date from scope.marts.call_turn) group by 1
            ) to {literal(str(tally))} (format json)
            """  # noqa: S608 - the path is quoted
        )
    source = (
        f"read_json({literal(str(tally))}, format='newline_delimited', columns={{day: 'VARCHAR',"
        " turns: 'BIGINT', withheld: 'BIGINT', row_keys: 'VARCHAR[]'})"
    )
    failing = f"withheld >= {MIN_WITHHELD} and not withheld <= {limit} * turns"
    return Check(
        "turns_withheld",
        f"at most {limit:.2%} of a day's turns were withheld",
        no_rows(f"select 1 as broken from {source} where {failing}"),  # noqa: S608 - as above
        f"select day, null, turns, withheld, {failing}, coalesce(row_keys, []), null"  # noqa: S608
        f" from {source} order by day",
        "The detector or the size limit took these texts out. Look at redaction_classes of these"
        " turns: the class that repeats names the rule to mend in ingest/redaction/policy.yml.",
        threshold=limit,
    )


def _by_day(relation: str, key: str, bad: str) -> str:
    return f"""
        select call_date::varchar as day, null as route,
            count(*), count(*) filter (where {bad}) as failed, failed > 0,
            list_slice(list({key} order by {key}) filter (where {bad}), 1, {MAX_OFFENDERS}), null
        from {relation} group by 1 order by 1
    """  # noqa: S608 - names and conditions of this module


def _rows(
    name: str, states: str, relation: str, key: str, *, bad: str, what_to_do: str = _FIX_TEXT
) -> Check:
    """A check that no row of a mart is bad, asked twice: of Great Expectations, and to count."""
    query = f"select 1 as broken from {relation} where {bad}"  # noqa: S608 - as above
    return Check(name, states, no_rows(query), _by_day(relation, key, bad), what_to_do)


def _states(mart: str) -> Check:
    allowed = ", ".join(literal(state) for state in STATES)
    return _rows(
        f"{mart}_state",
        f"every row of {mart} says what redaction did to it: {', '.join(STATES)}",
        f"marts.{mart}",
        "turn_id" if mart == "call_turn" else "event_id",
        bad=f"redaction_state is null or redaction_state not in ({allowed})",
        what_to_do="A row reached the marts past the redaction step: mend its staging model.",
    )


def _policy() -> Check:
    both = (
        "(select call_date, turn_id as row_key, redaction_policy_version from marts.call_turn"
        " union all select call_date, event_id, redaction_policy_version from marts.call_event)"
    )
    newest = f"(select max(redaction_policy_version) from {both})"  # noqa: S608 - as above
    return _rows(
        "policy_version",
        "every text was redacted under one and the same policy version (S0-147)",
        both,
        "row_key",
        bad=f"redaction_policy_version is null or redaction_policy_version <> {newest}",
        what_to_do="Run the redaction step for every stream under one policy, then build again.",
    )


def _context() -> Check:
    return _rows(
        "unredacted_transcript",
        "no call says that it holds an unredacted transcript (S0-98)",
        "marts.call_record",
        "canonical_call_id",
        bad="contains_unredacted_transcript is distinct from false",
    )


def _second_look() -> list[Check]:
    looks = (
        ("call_turn", "turn_id", "text", "no turn holds a card-like run of digits", _CARD),
        ("call_event", "event_id", "payload", "no payload holds an international number", _PHONE),
        ("call_alias", "canonical_call_id", "alias_value", "no alias is a phone number", _PHONE),
    )
    return [
        _rows(f"{mart}_pattern", states, f"marts.{mart}", key, bad=matches(column, pattern))
        for mart, key, column, states, pattern in looks
    ]
