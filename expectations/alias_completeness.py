"""The alias-completeness gate: calls have the identifiers that their route gives (S0-29, S0-30).

Counted per UTC day and route. A call counts when its identifier should be there by now: the reasons
in ``EXCUSED`` say that it should not, and such calls are in neither number of the share.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from expectations.acceptance import ALIASES as ROLES
from expectations.acceptance import Acceptance
from expectations.check import Check, Gate, no_rows
from expectations.limits import BLOCK, WARN, Limits
from expectations.prefilter import literal
from expectations.report import MAX_OFFENDERS

NAME = "alias_completeness"
EXCUSED = ("not_applicable", "sampled_out", "pending")
# One call is no rate: on a route with fewer than twenty calls a day a single lost webhook is over
# five per cent, and would withhold every other call. One missing call warns, two can block.
MIN_MISSING = 2

_FIX = (
    "not_landed: run that day for the role's streams. Lost at a boundary: mend the setting that is"
    " named. A day that cannot be mended: callstory accept."
)


def gate(warehouse: Path, limits: Limits, accepted: Sequence[Acceptance] = ()) -> Gate:
    """The suite for a warehouse; ``accepted`` are the exceptions that operators made."""
    shares = _shares(accepted)
    checks = [_not_empty(), _judged(), _measured()]
    for role in ROLES:
        checks.append(_share(shares, role, limits[BLOCK], None))
        checks.append(_share(shares, role, limits[WARN], limits[BLOCK]))
    return Gate(NAME, warehouse, shares, checks)


def _shares(accepted: Sequence[Acceptance]) -> str:
    """One row a day, route and role: calls that should have the identifier, and that lack it.

    ``accepted`` tells of the exception that covers the share, and ``causes`` why the calls lack it,
    most frequent cause first.
    """
    excused = ", ".join(f"'{reason}'" for reason in EXCUSED)
    roles = ", ".join(f"'{role}'" for role in ROLES)
    day, lacking = "call_date, route, canonical_role", "is_present is distinct from true"
    return f"""
        select * from (
        with due as (
            select *, {lacking} as is_missing,
                case when boundary is null then coalesce(reason, 'no reason')
                    else 'lost at ' || boundary || coalesce(' (look at: ' || setting || ')', '')
                end as cause
            from marts.call_completeness
            where canonical_role in ({roles}) and is_required is distinct from false
                and (is_present is not distinct from true
                    or reason is null or reason not in ({excused}))
        ), cause as (
            select {day}, string_agg(n || ' ' || cause, '; ' order by n desc, cause) as causes
            from (select {day}, cause, count(*) as n from due where is_missing group by all)
            group by all
        ), share as (
            select {day}, count(*) as calls, count(*) filter (where is_missing) as missing,
                missing / calls::double as missing_share,
                list_slice(
                    list(canonical_call_id order by canonical_call_id) filter (where is_missing),
                    1, {MAX_OFFENDERS}
                ) as offenders
            from due group by all
        ), exception ({day}, seen, of_calls, told) as ({_exceptions(accepted)}),
        covered as (
            select {day}, max(told) as accepted from share inner join exception using ({day})
            where missing * of_calls <= seen * calls group by all
        )
        select share.*, accepted, (accepted is not null)::int as is_accepted, causes
        from share left join covered using ({day}) left join cause using ({day})
        )
    """.strip()  # noqa: S608 - names of this module, and literals


def _exceptions(accepted: Sequence[Acceptance]) -> str:
    rows = [
        f"(date {literal(a.day)}, {literal(a.route)}, {literal(a.alias)},"
        f" {a.missing:d}, {a.calls:d}, {literal(a.sentence())})"
        for a in accepted
    ]
    none = "select null::date, null::varchar, null::varchar, 0, 0, null::varchar where false"
    return f"values {', '.join(rows)}" if rows else none


def _share(shares: str, role: str, threshold: float, blocks_above: float | None) -> Check:
    """The share check of a role; with ``blocks_above``, its warning for what does not block."""
    warns = blocks_above is not None
    least = 1 if warns else MIN_MISSING
    over = f"missing >= {least} and not missing_share <= {threshold}"
    failing, accepted = f"{over} and is_accepted = 0", f"case when {over} then accepted end"
    if warns:
        blocking = f"missing >= {MIN_MISSING} and missing_share > {blocks_above}"
        failing, accepted = f"{over} and not ({blocking})", "null"
    mine = f"canonical_role = '{role}'"
    return Check(
        f"{role}_warning" if warns else role,
        f"at most {threshold:.2%} of a day's calls on a route lack a required {role}",
        no_rows(f"select 1 as broken from ({shares}) where {mine} and {failing}")  # noqa: S608
        if warns
        else _blocking(role, threshold),
        f"select call_date, route, calls, missing, {failing}, offenders,"  # noqa: S608
        f" 'Why: ' || causes || '.', {accepted}"
        f" from ({shares}) where {mine} order by call_date, route",
        _FIX,
        severity="warn" if warns else "error",
        threshold=threshold,
    )


def _blocking(role: str, threshold: float) -> Any:
    def build(gxe: Any) -> list[Any]:
        from great_expectations.expectations.row_conditions import Column

        mine = Column("canonical_role") == role
        many = Column("missing") >= MIN_MISSING
        counts = Column("is_accepted") == 0
        share = "missing_share"
        return [
            gxe.ExpectColumnValuesToNotBeNull(column=share, row_condition=mine),
            gxe.ExpectColumnValuesToBeBetween(
                column=share, min_value=0, max_value=threshold, row_condition=mine & many & counts
            ),
        ]

    return build


def _not_empty() -> Check:
    return Check(
        "calls_present",
        "the warehouse holds calls",
        no_rows(
            "select 1 as broken from (select count(*) as n from marts.call_record) where n = 0"
        ),
        "select null, null, count(*), (count(*) = 0)::int, count(*) = 0, null, null"
        " from marts.call_record",
        "The build has no call at all: look at the landing assets of the day.",
    )


def _judged() -> Check:
    judged = (
        "select r.call_date, r.route, r.canonical_call_id, count(c.canonical_role) as roles"  # noqa: S608
        " from marts.call_record as r left join marts.call_completeness as c"
        f" on c.canonical_call_id = r.canonical_call_id and c.canonical_role in {ROLES}"
        " group by all"
    )  # names of this module
    return Check(
        "calls_judged",
        f"completeness judges {' and '.join(ROLES)} of every call, required or not",
        no_rows(f"select 1 as broken from ({judged}) where roles < {len(ROLES)}"),  # noqa: S608
        f"""
        select call_date, route, count(*), count(*) filter (where roles < {len(ROLES)}) as failed,
            failed > 0, list_slice(list(canonical_call_id order by canonical_call_id)
                filter (where roles < {len(ROLES)}), 1, {MAX_OFFENDERS}), null
        from ({judged}) group by 1, 2 order by 1, 2
        """,  # noqa: S608 - names of this module
        "call_completeness lacks calls that call_record has: mend the model, not the gate.",
    )


def _measured() -> Check:
    bad = "call_date is null or route is null or is_required is null or is_present is null"
    return Check(
        "all_measured",
        "no day, route or verdict of call_completeness is null",
        no_rows(f"select 1 as broken from marts.call_completeness where {bad}"),  # noqa: S608
        f"""
        select null, null, count(*), count(*) filter (where {bad}) as failed, failed > 0,
            list_slice(list(canonical_call_id) filter (where {bad}), 1, {MAX_OFFENDERS}), null
        from marts.call_completeness
        """,  # noqa: S608 - names of this module
        "A share over unknown verdicts is no share: mend call_completeness.",
    )
