"""What ``callstory why`` found as text for a terminal of 100 columns.

Whatever a provider wrote is escaped, as in ``render``.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from serve.render import WIDTH
from serve.text import clean
from serve.why import Apart, Standing, Tied
from serve.why_graph import MOST_WAYS, Alias
from serve.why_json import SEED, exclusion_line, verdict
from serve.why_tables import OTHER_INSTANCE

MOST_LISTED = 10
_REASONS = {
    "associating": "associating: it may be about several calls",
    OTHER_INSTANCE: "used again too long after to be one call",
}
_REMOVES = {
    "statement": "It removes the weakest link, and that parts the two.",
    "alias": (
        "The weakest link alone does not part the two. This removes every statement of the alias"
        " between them, in other calls too."
    ),
    "record": (
        "The weakest link alone does not part the two. This removes every statement of the record,"
        " which then joins no call."
    ),
}


def why_text(answer: Tied | Apart, today: date) -> str:
    """The answer for people; ``today`` dates the exclusion."""
    return _tied(answer, today) if isinstance(answer, Tied) else _apart(answer)


def _tied(tied: Tied, today: date) -> str:
    blocks = [
        _fill(f"One call: {tied.call_id}"),
        f"Shortest chain, {_count(len(tied.chain_records), 'record')}\n" + "\n".join(_chain(tied)),
        "Weakest link\n" + _fill(_weakest(tied), 2),
        "What else rests on it\n" + _fill(_rests(tied), 2),
        "To undo it\n" + "\n".join(_undo(tied, today)),
    ]
    if tied.others:
        blocks.append("Other places where the two values stand\n" + "\n".join(_listed(tied.others)))
    return "\n\n".join(blocks)


def _chain(tied: Tied) -> Iterator[str]:
    aliases = [node for node in tied.chain if isinstance(node, Alias)]
    yield _fill(_name(aliases[0]), 2)
    for record, before, after in zip(tied.chain_records, aliases, aliases[1:], strict=False):
        at = record.landed_at
        landed = f"landed {at:%Y-%m-%d %H:%M:%S} UTC" if at else "landed at an unknown time"
        above, below = (
            " and ".join(tied.graph.statements[record.record_id, alias].roles)
            for alias in (before, after)
        )
        yield _fill(f"{record.record_id}, {landed}", 6)
        yield _fill(f"states the alias above as {above}, the one below as {below}", 8)
        yield _fill(_name(after), 2)


def _weakest(tied: Tied) -> str:
    statement, others = tied.weakest.statement, tied.weakest.other_records
    told = (
        f"{statement.record_id} states {_name(statement.alias)} as {' and '.join(statement.roles)}"
    )
    if not others:
        return f"{told}; no other record states that alias."
    return f"{told}; {_count(others, 'other record')} {'states' if others == 1 else 'state'} it."


def _rests(tied: Tied) -> str:
    weakest = tied.weakest
    if not weakest.is_bridge:
        return f"nothing: the two are tied in {_ways(tied)}"
    parts = [_count(weakest.fallen_records, "record")] if weakest.fallen_records else []
    if weakest.fallen_aliases:
        names = "; ".join(_name(alias) for alias in weakest.fallen_aliases)
        count = len(weakest.fallen_aliases)
        parts.append(f"{count} more {'alias' if count == 1 else 'aliases'}: {names}")
    told = f"without it, {tied.second.value} comes off {tied.first.value}"
    return f"{told}, and with it {' and '.join(parts)}" if parts else f"{told}, and nothing else"


def _ways(tied: Tied) -> str:
    count = tied.weakest.other_ways
    return f"{count}{' or more' if count == MOST_WAYS else ''} other way{'s' * (count != 1)}"


def _undo(tied: Tied, today: date) -> Iterator[str]:
    line = exclusion_line(tied, today)
    yield _fill(f"Add this line to {SEED}, with your reason and your name, and run the job.", 2)
    if tied.exclusion.separates:
        yield _fill(_REMOVES[tied.exclusion.removes], 2)
    else:
        yield _fill(
            f"It removes the weakest link. The two stay tied in {_ways(tied)}: ask again after it.",
            2,
        )
    if clean(line) == line:
        yield line  # whole, however long, to be copied
    else:
        yield _fill("The line holds what a terminal cannot show: see undo.line in --json.", 2)


def _apart(apart: Apart) -> str:
    blocks = [_fill(verdict(apart))]
    blocks += [
        "\n".join([_fill(side[0].given), *_listed(side)]) for side in (apart.first, apart.second)
    ]
    if apart.shared:
        lines = [
            _fill(f"{shared.namespace} {shared.value}: {_reason(shared.reason)}", 2)
            for shared in apart.shared[:MOST_LISTED]
        ]
        head = "Stated by records of both, and joins nothing"
        blocks.append("\n".join([head, *lines, *_more(len(apart.shared))]))
    return "\n\n".join(blocks)


def _listed(standings: list[Standing]) -> Iterator[str]:
    for one in standings[:MOST_LISTED]:
        told = f"{_name(one.alias)}, in {one.call_id or 'no call'}"
        yield _fill(f"{told}: joins nothing, {_reason(one.reason)}" if one.reason else told, 2)
    yield from _more(len(standings))


def _more(count: int) -> Iterator[str]:
    if count > MOST_LISTED:
        yield f"  and {count - MOST_LISTED} more: see --json"


def _reason(reason: str) -> str:
    return _REASONS.get(reason, reason)


def _name(alias: Alias) -> str:
    """Namespace and value, and of a scoped value when its stretch of time began."""
    told = f"{alias.namespace} {alias.value}"
    if not alias.is_scoped or not alias.instance:
        return told
    try:
        began = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=alias.instance)
    except OverflowError:
        return f"{told} (stretch {alias.instance})"
    return f"{told} (from {began:%Y-%m-%d %H:%M:%S} UTC)"


def _count(count: int, name: str) -> str:
    return f"{count} {name}{'s' * (count != 1)}"


def _fill(text: str, indent: int = 0) -> str:
    """Cleaned and wrapped to ``WIDTH`` columns."""
    head = " " * indent
    return textwrap.fill(
        clean(text),
        WIDTH,
        initial_indent=head,
        subsequent_indent=f"{head}  ",
        break_on_hyphens=False,
    )
