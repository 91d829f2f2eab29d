"""Records and aliases as a graph: the chain between two aliases, its weakest link, what parts them.

A record is a node, an alias is a node, and what joins them is a statement: this record states this
alias. Nothing here reads a table or prints.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import pairwise

MOST_WAYS = 20


@dataclass(frozen=True, order=True)
class Alias:
    """One value of one namespace; of a scoped value, one stretch of time."""

    namespace: str
    value: str
    instance: int
    kind: str = field(compare=False)

    @property
    def is_scoped(self) -> bool:
        """Whether the value names other calls at other times."""
        return self.kind == "scoped"

    def same_value(self, other: Alias) -> bool:
        """Whether both are one value, be it at different times."""
        return (self.namespace, self.value) == (other.namespace, other.value)


@dataclass(frozen=True)
class Statement:
    """A record states an alias, in one role or several; ``rank`` 1 is the record's own ID."""

    record_id: str
    alias: Alias
    roles: tuple[str, ...]
    rank: int

    @property
    def is_derived(self) -> bool:
        """Whether the pipeline worked the alias out, and no provider wrote it."""
        return all(role.startswith("derived") for role in self.roles)


@dataclass(frozen=True)
class Weakest:
    """The weakest link of a chain, and what rests on it beside the far alias itself."""

    statement: Statement
    is_bridge: bool
    other_records: int
    fallen_aliases: tuple[Alias, ...]
    fallen_records: int
    other_ways: int


@dataclass(frozen=True)
class Exclusion:
    """What an exclusion removes: a statement, every one of an alias, or every one of a record."""

    alias: Alias | None
    record_id: str | None
    separates: bool

    @property
    def removes(self) -> str:
        """``statement``, ``alias`` or ``record``."""
        if self.alias and self.record_id:
            return "statement"
        return "alias" if self.alias else "record"


Node = Alias | str  # a record is its ID
Link = tuple[str, Alias]
NOTHING: frozenset[Link] = frozenset()


class Graph:
    """Statements, to walk along."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self.statements: dict[Link, Statement] = {
            (statement.record_id, statement.alias): statement for statement in statements
        }
        near: dict[Node, list[Node]] = defaultdict(list)
        for record_id, alias in self.statements:
            near[record_id].append(alias)
            near[alias].append(record_id)
        self.near = {node: sorted(others, key=_order) for node, others in near.items()}

    def distances(self, start: Node, without: Collection[Link] = NOTHING) -> dict[Node, int]:
        """Every node that ``start`` reaches over the statements left, and in how many steps."""
        steps = {start: 0}
        waiting = deque([start])
        while waiting:
            node = waiting.popleft()
            for other in self.near.get(node, ()):
                if other not in steps and (not without or _link(node, other) not in without):
                    steps[other] = steps[node] + 1
                    waiting.append(other)
        return steps

    def chain(self, first: Alias, second: Alias) -> list[Node]:
        """The chain of fewest records from alias to alias; empty if there is none.

        Of several, the one whose first node that differs is the smallest by namespace and value, or
        by record ID: the same whatever order the statements came in.
        """
        left = self.distances(second)
        if first not in left:
            return []
        walked: list[Node] = [first]
        while walked[-1] != second:
            nearer = left[walked[-1]] - 1
            walked.append(next(node for node in self.near[walked[-1]] if left[node] == nearer))
        return walked

    def ways(self, first: Alias, second: Alias, without: Collection[Link], most: int) -> int:
        """How many chains without a common statement tie two aliases; counting ends at ``most``.

        As many statements more would have to go before the two come apart (Menger), so the chains
        are counted as a flow of one per statement, either way.
        """
        flow: dict[tuple[Node, Node], int] = defaultdict(int)
        for count in range(most):
            came = self._augmenting(first, second, without, flow)
            if second not in came:
                return count
            node: Node = second
            while node != first:
                before = came[node]
                flow[before, node] += 1
                flow[node, before] -= 1
                node = before
        return most

    def _augmenting(
        self,
        first: Node,
        second: Node,
        without: Collection[Link],
        flow: dict[tuple[Node, Node], int],
    ) -> dict[Node, Node]:
        """From where each node was reached over statements that can still carry something."""
        came: dict[Node, Node] = {first: first}
        waiting: deque[Node] = deque([first])
        while waiting and second not in came:
            node = waiting.popleft()
            for other in self.near.get(node, ()):
                free = other not in came and flow.get((node, other), 0) < 1
                if free and _link(node, other) not in without:
                    came[other] = node
                    waiting.append(other)
        return came

    def of_alias(self, alias: Alias) -> set[Link]:
        """All statements of a value, whatever its stretch of time: what excluding it removes."""
        return {link for link in self.statements if link[1].same_value(alias)}

    def of_record(self, record_id: str) -> set[Link]:
        """All statements of a record."""
        return {link for link in self.statements if link[0] == record_id}


def weakest_link(graph: Graph, chain: list[Node]) -> Weakest:
    """The weakest link of a chain: the statement that the tie can lean on least.

    In this order: a statement without which the two aliases come apart (a bridge) is weaker than
    one that other chains can replace; then the one whose alias the fewest other records state; a
    scoped alias, which is used again, is weaker than an identifying one; an alias that was derived
    is weaker than one that was stated; an alias that a record merely mentions is weaker than the
    record's own ID. What is still equal is settled by the place in the chain, from its start.
    """
    first, second = _ends(chain)

    def parts(link: Link) -> bool:
        return second not in graph.distances(first, {link})

    def weakness(link: Link) -> tuple[bool, int, bool, bool, int]:
        statement, alias = graph.statements[link], link[1]
        others = len(graph.near[alias])
        return (
            not parts(link),
            others,
            not alias.is_scoped,
            not statement.is_derived,
            -statement.rank,
        )

    link = min((_link(*pair) for pair in pairwise(chain)), key=weakness)
    fallen = graph.distances(first).keys() - graph.distances(first, {link}).keys()
    aliases = sorted(node for node in fallen if isinstance(node, Alias) and node != second)
    return Weakest(
        graph.statements[link],
        is_bridge=second in fallen,
        other_records=len(graph.near[link[1]]) - 1,
        fallen_aliases=tuple(aliases),
        fallen_records=sum(isinstance(node, str) for node in fallen),
        other_ways=graph.ways(first, second, {link}, MOST_WAYS),
    )


def exclusion(graph: Graph, chain: list[Node], weakest: Weakest) -> Exclusion:
    """The smallest single exclusion that parts the two aliases.

    The weakest link if it is a bridge; else all statements of an alias between the two, or of a
    record of the chain, whichever comes with the fewest statements. If none of those parts them,
    the weakest link, which is then the first of several that have to go.
    """
    first, second = _ends(chain)
    alias, record_id = weakest.statement.alias, weakest.statement.record_id
    if weakest.is_bridge:
        return Exclusion(alias, record_id, separates=True)
    cuts: list[tuple[int, int, Exclusion]] = []
    for place, node in enumerate(chain[1:-1]):
        if isinstance(node, Alias):
            if node.same_value(first) or node.same_value(second):
                continue  # to take away what was asked about would part nothing else
            removed, cut = graph.of_alias(node), Exclusion(node, None, separates=True)
        else:
            removed, cut = graph.of_record(node), Exclusion(None, node, separates=True)
        if second not in graph.distances(first, removed):
            cuts.append((len(removed), place, cut))
    if cuts:
        return min(cuts, key=lambda cut: cut[:2])[2]
    return Exclusion(alias, record_id, separates=False)


def _ends(chain: list[Node]) -> tuple[Alias, Alias]:
    first, second = chain[0], chain[-1]
    if isinstance(first, str) or isinstance(second, str):
        raise TypeError("a chain leads from alias to alias")
    return first, second


def _link(one: Node, other: Node) -> Link:
    if isinstance(one, str):
        one, other = other, one
    if isinstance(one, str) or not isinstance(other, str):
        raise TypeError("a statement joins a record and an alias")
    return other, one


def _order(node: Node) -> tuple[str, str, int]:
    return (node, "", 0) if isinstance(node, str) else (node.namespace, node.value, node.instance)
