"""Why two aliases are one call, from the statements that the warehouse keeps.

Printing is in ``why_text`` and ``why_json``.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import product

from serve.lookup import alias_spellings
from serve.why_graph import (
    Alias,
    Exclusion,
    Graph,
    Node,
    Statement,
    Weakest,
    exclusion,
    weakest_link,
)
from serve.why_tables import SHARED, STANDINGS, STATEMENTS, Warehouse, WhyError


@dataclass(frozen=True)
class Standing:
    """One place where a given value stands: ``reason`` says why it joins nothing there, if so."""

    given: str
    alias: Alias
    call_id: str | None
    reason: str | None


@dataclass(frozen=True)
class Record:
    """A record of a chain."""

    record_id: str
    provider: str
    stream: str
    landed_at: datetime | None


@dataclass(frozen=True)
class Tied:
    """The two are one call: by which chain, and how strong it is."""

    call_id: str
    chain: list[Node]
    graph: Graph
    records: dict[str, Record]
    weakest: Weakest
    exclusion: Exclusion
    others: list[Standing]

    @property
    def chain_records(self) -> list[Record]:
        """The records of the chain, in its order."""
        return [self.records[node] for node in self.chain if isinstance(node, str)]

    @property
    def first(self) -> Alias:
        """The alias that was given first."""
        return next(node for node in self.chain if isinstance(node, Alias))

    @property
    def second(self) -> Alias:
        """The alias that was given second."""
        return next(node for node in reversed(self.chain) if isinstance(node, Alias))


@dataclass(frozen=True)
class Shared:
    """A value that both calls' records state and that joins nothing, with the reason."""

    namespace: str
    value: str
    reason: str


@dataclass(frozen=True)
class Apart:
    """Nothing ties the two: where each stands, and which values tie no calls that might have."""

    first: list[Standing]
    second: list[Standing]
    shared: list[Shared]


def explain(warehouse: Warehouse, first: str, second: str, token_key: bytes) -> Tied | Apart:
    """Say why two aliases are one call, or what keeps them apart.

    Each value is taken in every spelling that ``find`` takes, and may stand in several namespaces
    and calls: of all the ways to read the two, the one with the shortest chain is explained, and
    the others are listed.

    Raises:
        WhyError: when no record states one of them, both are the same alias, or tables disagree.
    """
    ones = _standings(warehouse, first, token_key)
    twos = _standings(warehouse, second, token_key)
    pairs = [
        (one, two)
        for one, two in product(ones, twos)
        if not one.reason and not two.reason and one.call_id and one.call_id == two.call_id
    ]
    distinct = [(one, two) for one, two in pairs if one.alias != two.alias]
    if distinct:
        return _tied(warehouse, distinct, [*ones, *twos])
    if pairs:
        raise WhyError(f"both values name one alias, {pairs[0][0].alias.namespace} {first.strip()}")
    return Apart(ones, twos, _shared(warehouse, _calls(ones), _calls(twos)))


def _standings(warehouse: Warehouse, value: str, token_key: bytes) -> list[Standing]:
    rows = warehouse.rows(STANDINGS, alias_spellings(value, token_key))
    if not rows:
        hint = "" if token_key else "; what holds a telephone number needs CALLSTORY_TOKEN_KEY"
        raise WhyError(
            f"no record in the warehouse states {value.strip()!r}: it was not landed, or"
            f" identity_exclusion.csv excludes it{hint}"
        )
    return [Standing(value.strip(), Alias(*row[:4]), row[4], row[5]) for row in rows]


def _calls(standings: list[Standing]) -> list[str]:
    return sorted({standing.call_id for standing in standings if standing.call_id})


def _tied(
    warehouse: Warehouse, pairs: list[tuple[Standing, Standing]], standings: list[Standing]
) -> Tied:
    graphs, records = _statements(warehouse, _calls([one for one, _ in pairs]))
    found: list[tuple[int, str, Alias, Alias, list[Node]]] = []
    for one, two in pairs:
        chain = graphs[str(one.call_id)].chain(one.alias, two.alias)
        if chain:
            found.append((len(chain), str(one.call_id), one.alias, two.alias, chain))
    if not found:
        raise WhyError(
            f"both are in call {pairs[0][0].call_id}, but no stored statements tie them: the"
            " identity tables are of different runs; run the job again"
        )
    _, call_id, *_, chain = min(found, key=lambda way: way[:4])
    graph = graphs[call_id]
    weakest = weakest_link(graph, chain)
    others = [
        one
        for one in standings
        # That a ticket names the call by one of its aliases is no other reading.
        if one.call_id != call_id or (one.reason != "associating" and one.alias not in chain)
    ]
    cut = exclusion(graph, chain, weakest)
    return Tied(call_id, chain, graph, records, weakest, cut, others)


def _statements(
    warehouse: Warehouse, call_ids: list[str]
) -> tuple[dict[str, Graph], dict[str, Record]]:
    """The statements of each call as a graph, and the records that make them."""
    roles: dict[tuple[str, str, Alias], list[tuple[int, str]]] = defaultdict(list)
    records: dict[str, Record] = {}
    for call_id, record_id, provider, stream, landed_at, *rest in warehouse.rows(
        STATEMENTS, call_ids
    ):
        records.setdefault(record_id, Record(record_id, provider, stream, landed_at))
        roles[call_id, record_id, Alias(*rest[:4])].append((rest[5] or 0, rest[4] or ""))
    statements: dict[str, list[Statement]] = {call_id: [] for call_id in call_ids}
    for (call_id, record_id, alias), told in roles.items():
        ranked = sorted(set(told))
        names = tuple(dict.fromkeys(role for _, role in ranked))
        statements[call_id].append(Statement(record_id, alias, names, ranked[0][0]))
    return {call_id: Graph(lines) for call_id, lines in statements.items()}, records


def _shared(warehouse: Warehouse, ones: list[str], twos: list[str]) -> list[Shared]:
    rows = warehouse.rows(SHARED, sorted({*ones, *twos}), ones, twos)
    return [Shared(namespace, _shown(value, reason), reason) for namespace, value, reason in rows]


def _shown(value: str, reason: str) -> str:
    """A value as it may be shown: a malformed one can be any text, as in identity_conflict."""
    if reason != "malformed" or value.startswith("sha256:"):
        return value
    return f"sha256:{sha256(value.encode('utf-8', 'replace')).hexdigest()[:16]}"
