"""The alias-completeness gate: calls have the identifiers that their route gives (S0-29, S0-30).

Counted per UTC day and route. A call counts when its identifier should be there by now: the reasons
in ``EXCUSED`` say that it should not, and such calls are in neither number of the share.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from expectations.check import Check, Gate, no_rows
from expectations.report import MAX_OFFENDERS

NAME = "alias_completeness"
ROLES = ("agentSessionId", "providerCallId")
EXCUSED = ("not_applicable", "sampled_out", "pending")
# One call is no rate: on a route with fewer than twenty calls a day a single lost webhook is over
# five per cent, and would withhold every other call. One missing call warns, two can block.
MIN_MISSING = 2

_FIX = (
    "Look at reason and boundary of these calls in call_completeness: not_landed means run the"
    " stream's day, dropped_at_boundary names the system that lost the identifier."
)


def gate(warehouse: Path, missing_block: float, missing_warn: float) -> Gate:
    """The suite for a warehouse; the thresholds are the largest shares allowed."""
    checks = [_not_empty(), _judged(), _measured()]
    for role in ROLES:
        checks.append(_share(role, missing_block, None))
        checks.append(_share(role, missing_warn, missing_block))
    return Gate(NAME, warehouse, _shares(), checks)


def _shares() -> str:
    """One row a day, route and role: calls that should have the identifier, and that lack it."""
    excused = ", ".join(f"'{reason}'" for reason in EXCUSED)
    roles = ", ".join(f"'{role}'" for role in ROLES)
    return f"""
        select call_date, route, canonical_role, count(*) as calls,
            count(*) filter (where is_present is distinct from true) as missing,
            missing / calls::double as missing_share,
            list_slice(
                list(canonical_call_id order by canonical_call_id)
                    filter (where is_present is distinct from true),
                1, {MAX_OFFENDERS}
            ) as offenders
        from marts.call_completeness
        where canonical_role in ({roles}) and is_required is distinct from false
            and (is_present is not distinct from true
                or reason is null or reason not in ({excused}))
        group by all
    """.strip()  # noqa: S608 - names of this module


def _share(role: str, threshold: float, blocks_above: float | None) -> Check:
    """The share check of a role; with ``blocks_above``, its warning for what does not block."""
    warns = blocks_above is not None
    least = 1 if warns else MIN_MISSING
    failing = f"missing >= {least} and not missing_share <= {threshold}"
    if warns:
        failing += f" and not (missing >= {MIN_MISSING} and missing_share > {blocks_above})"
    mine = f"canonical_role = '{role}'"
    return Check(
        f"{role}_warning" if warns else role,
        f"at most {threshold:.2%} of a day's calls on a route lack a required {role}",
        no_rows(f"select 1 as broken from ({_shares()}) where {mine} and {failing}")  # noqa: S608
        if warns
        else _blocking(role, threshold),
        f"select call_date, route, calls, missing, {failing}, offenders, null"  # noqa: S608
        f" from ({_shares()}) where {mine} order by call_date, route",
        _FIX,
        severity="warn" if warns else "error",
        threshold=threshold,
    )


def _blocking(role: str, threshold: float) -> Any:
    def build(gxe: Any) -> list[Any]:
        from great_expectations.expectations.row_conditions import Column

        mine = Column("canonical_role") == role
        many = Column("missing") >= MIN_MISSING
        share = "missing_share"
        return [
            gxe.ExpectColumnValuesToNotBeNull(column=share, row_condition=mine),
            gxe.ExpectColumnValuesToBeBetween(
                column=share, min_value=0, max_value=threshold, row_condition=mine & many
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
