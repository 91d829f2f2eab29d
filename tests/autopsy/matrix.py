"""The alias autopsy against the answer key: each missing alias, its true cause, what was told.

A case is a canonical call, as the pipeline has it, and an identifier that the true call has and
this canonical call lacks. Where a true call came apart, each part is one, and lacks what the
boundary cut off. A loss that is told of something that never existed is a case too, with the cause
``never_existed``. The answer key knows only what arrived within the estate's days: to be delayed
beyond them counts as lost at the boundary that delays.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from ingest.simulator.gaps import HOMES, PATHS

LOSSES = {"dropped_at_boundary", "conflicting", "expired_at_provider", "redacted_at_source"}
DROPPED = "dropped_at_boundary"
Verdict = tuple[str, str]
"""(reason, boundary or empty)"""


@dataclass(frozen=True)
class Case:
    """One missing alias. ``true`` and ``told`` are verdicts."""

    call: str
    role: str
    true: Verdict
    told: Verdict

    @property
    def mark(self) -> str:
        """right, unknown or wrong; a boundary that is not the true one is wrong."""
        if self.told == self.true:
            return "right"
        return "unknown" if self.told[0] == "unknown" else "wrong"


@dataclass
class Matrix:
    """Counts of cases by true and told reason, and the cases that were told wrong."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    marks: Counter[str] = field(default_factory=Counter)
    misses: list[Case] = field(default_factory=list)

    def add(self, cases: Iterable[Case]) -> None:
        """Count some cases."""
        for case in cases:
            told = case.told[0]
            if told == case.true[0] and case.mark == "wrong":
                told = "another boundary"
            self.counts[case.true[0], told] += 1
            self.marks[case.mark] += 1
            if case.mark != "right":
                self.misses.append(case)

    def share(self, mark: str) -> float:
        """The share of cases with that mark; 0 without cases."""
        return self.marks[mark] / max(1, self.marks.total())

    def text(self) -> str:
        """The matrix for people: a row a true cause, a column what was told."""
        columns = sorted({told for _, told in self.counts})
        lines = [f"{'true cause':<22}" + "".join(f"{c:>21}" for c in columns) + f"{'cases':>8}"]
        for true in sorted({true for true, _ in self.counts}):
            row = [self.counts[true, column] for column in columns]
            cells = "".join(f"{n or '.':>21}" for n in row)
            lines.append(f"{true:<22}{cells}{sum(row):>8}")
        return "\n".join(lines)

    def told_of(self) -> str:
        """What was not told right, alike ones counted together."""
        alike = Counter((c.mark, c.role, c.true, c.told) for c in self.misses)
        return "\n".join(
            f"{count:>4} {mark:<8}{role:<18}{' '.join(true)}; told: {' '.join(told)}"
            for (mark, role, true, told), count in alike.most_common()
        )


def cases(
    warehouse: Path, truth: Path, not_there: Mapping[str, str] | None = None
) -> Iterator[Case]:
    """Every case of one estate.

    Args:
        warehouse: the finished warehouse, read-only.
        truth: the estate's folder ``truth``.
        not_there: role -> reason, for roles whose streams were kept from landing.
    """
    owners, told = _told(warehouse)
    gaps = {(g["call"], g["role"]): (g["cause"], g["boundary"]) for g in _lines(truth / "gaps")}
    for call in _lines(truth / "calls"):
        parts: dict[str, set[str]] = {}
        for provider, stream, key in call["records"]:
            owner = owners.get(f"{provider}.{stream}:{key}")
            if owner and provider != "zendesk":
                parts.setdefault(owner, set()).add(provider)
        for part, providers in parts.items():
            for role, (is_present, verdict) in told.get(part, {}).items():
                true = _true(call, role, providers, gaps, not_there or {})
                if is_present or (role == "crmObjectId" and len(parts) == 1):
                    continue
                if role in call["roles"] and true:
                    yield Case(part, role, true, verdict)
                elif role not in call["roles"] and verdict[0] in LOSSES:
                    yield Case(part, role, ("never_existed", ""), verdict)


def _true(
    call: Mapping[str, Any],
    role: str,
    providers: set[str],
    gaps: Mapping[tuple[int, str], Verdict],
    not_there: Mapping[str, str],
) -> Verdict | None:
    """The true cause, seen from the part of the call that these providers' records make up."""
    if role in not_there and role not in HOMES:
        return not_there[role], ""
    link = _cut(call, role, providers)
    if link:
        return DROPPED, link
    if role in not_there:
        return not_there[role], ""
    return gaps.get((call["call"], role))


def _cut(call: Mapping[str, Any], role: str, providers: set[str]) -> str | None:
    """The broken link between the part and the role's home that is nearest to the part."""
    path = PATHS[call["route"]]
    if role not in HOMES:
        # A recording or ticket may lie on either side.
        stated_elsewhere = call["broken"] and role in call["roles"]
        return call["broken"][0] if stated_elsewhere else None
    if HOMES[role] not in path:
        return None
    home = path.index(HOMES[role])
    places = [path.index(provider) for provider in providers if provider in path]
    nearest = min(places, key=lambda place: abs(place - home))
    low, high = sorted((nearest, home))
    between = [f"{path[n]}->{path[n + 1]}" for n in range(low, high)]
    found = between if nearest < home else between[::-1]
    return next((link for link in found if link in call["broken"]), None)


def _told(
    warehouse: Path,
) -> tuple[dict[str, str], dict[str, dict[str, tuple[bool, Verdict]]]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        owners = dict(
            connection.execute(
                "select record_id, canonical_call_id from identity.int_identity__record_call"
                " where not is_associating_record"
            ).fetchall()
        )
        rows = connection.execute(
            "select canonical_call_id, canonical_role, is_present, reason, coalesce(boundary, '')"
            " from marts.call_completeness"
        ).fetchall()
    told: dict[str, dict[str, tuple[bool, Verdict]]] = {}
    for call, role, is_present, reason, boundary in rows:
        told.setdefault(call, {})[role] = (is_present, (reason, boundary))
    return owners, told


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.with_suffix(".jsonl").read_text().splitlines()]
