"""What ``callstory why`` found as one JSON object, and the line that undoes a tie."""

from __future__ import annotations

import csv
import io
from datetime import date
from itertools import pairwise
from typing import Any

from serve.as_json import camel
from serve.why import Apart, Record, Standing, Tied
from serve.why_graph import MOST_WAYS, Alias

SEED = "dbt_project/seeds/identity/identity_exclusion.csv"
COLUMNS = ("namespace", "alias_value", "record_id", "reason", "excluded_by", "excluded_at")
NOBODY_YET = "YOUR NAME"
Row = dict[str, Any]


def why_json(answer: Tied | Apart, today: date) -> Row:
    """The answer for programs; ``today`` dates the exclusion."""
    row: Row = camel(_tied(answer, today) if isinstance(answer, Tied) else _apart(answer))
    return row


def no_answer_json(reason: str) -> Row:
    """The same object when the question cannot be answered."""
    return {"sameCall": None, "canonicalCallId": None, "reason": reason}


def exclusion_line(tied: Tied, today: date) -> str:
    """The line of the exclusion list that undoes the tie, quoted as CSV."""
    cut, line = tied.exclusion, io.StringIO()
    csv.writer(line, lineterminator="").writerow(
        (
            cut.alias.namespace if cut.alias else "",
            cut.alias.value if cut.alias else "",
            cut.record_id or "",
            f"{tied.first.value} and {tied.second.value} are two calls",
            NOBODY_YET,
            today.isoformat(),
        )
    )
    return line.getvalue()


def verdict(apart: Apart) -> str:
    """What keeps the two apart, in a sentence."""
    sides = (_calls(apart.first), _calls(apart.second))
    for standings, calls in zip((apart.first, apart.second), sides, strict=True):
        if not calls:
            return f"Nothing ties the two: {standings[0].given} joins nothing."
    if len(sides[0]) == len(sides[1]) == 1:
        return f"Two calls: {sides[0][0]} and {sides[1][0]}."
    return "Different calls, in whichever of its places each of the two is read."


def _calls(standings: list[Standing]) -> list[str]:
    return sorted({one.call_id for one in standings if one.call_id and not one.reason})


def _tied(tied: Tied, today: date) -> Row:
    weakest, cut = tied.weakest, tied.exclusion
    return {
        "same_call": True,
        "canonical_call_id": tied.call_id,
        "first": _alias(tied.first),
        "second": _alias(tied.second),
        "chain": _chain(tied),
        "weakest_link": {
            **_alias(weakest.statement.alias),
            "record_id": weakest.statement.record_id,
            "roles": list(weakest.statement.roles),
            "is_bridge": weakest.is_bridge,
            "other_record_count": weakest.other_records,
        },
        "rests_on_it": {
            "aliases": [_alias(alias) for alias in weakest.fallen_aliases],
            "record_count": weakest.fallen_records,
            "other_way_count": weakest.other_ways,
            "has_more_ways": weakest.other_ways == MOST_WAYS,
        },
        "undo": {
            "seed": SEED,
            "columns": list(COLUMNS),
            "line": exclusion_line(tied, today),
            "removes": cut.removes,
            "separates": cut.separates,
        },
        "other_readings": [_standing(one) for one in tied.others],
    }


def _chain(tied: Tied) -> list[Row]:
    """Each record with the two aliases that it ties, in the order of the chain."""
    aliases = [node for node in tied.chain if isinstance(node, Alias)]
    return [
        {
            **_record(record),
            "states": [
                {
                    **_alias(alias),
                    "roles": list(tied.graph.statements[record.record_id, alias].roles),
                }
                for alias in pair
            ],
        }
        for record, pair in zip(tied.chain_records, pairwise(aliases), strict=True)
    ]


def _record(record: Record) -> Row:
    at = record.landed_at
    return {
        "record_id": record.record_id,
        "provider": record.provider,
        "stream": record.stream,
        "landed_at": f"{at.isoformat(timespec='milliseconds')}Z" if at else None,
    }


def _apart(apart: Apart) -> Row:
    ties = bool(_calls(apart.first) and _calls(apart.second))
    return {
        "same_call": False if ties else None,
        "canonical_call_id": None,
        "reason": verdict(apart),
        "first": [_standing(one) for one in apart.first],
        "second": [_standing(one) for one in apart.second],
        "shared_withheld": [
            {"namespace": one.namespace, "alias_value": one.value, "reason": one.reason}
            for one in apart.shared
        ],
    }


def _standing(one: Standing) -> Row:
    told = {"given": one.given, "canonical_call_id": one.call_id, "reason": one.reason}
    return {**told, **_alias(one.alias)}


def _alias(alias: Alias) -> Row:
    return {
        "namespace": alias.namespace,
        "alias_value": alias.value,
        "kind": alias.kind,
        "instance": alias.instance,
    }
