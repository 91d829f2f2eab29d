"""``callstory why`` against networkx, on random graphs; a graph's seed is its number."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import networkx as nx
import pytest

from serve.why import Apart, Tied, explain
from serve.why_graph import MOST_WAYS, Alias
from serve.why_tables import Warehouse, open_warehouse
from tests.serve.fixture_identity import Estate

SEEDS = range(40)
PAIRS = 3


def random_graph(seed: int) -> nx.Graph:
    """Records that state one to three aliases each; sparse, so that there are many bridges."""
    chance = random.Random(seed)
    aliases = [f"a{seed}_{number}" for number in range(chance.randint(3, 12))]
    graph = nx.Graph()
    for number in range(chance.randint(2, 14)):
        stated = chance.sample(aliases, chance.randint(1, 3))
        graph.add_edges_from((f"otlp.spans:{seed}_{number}", alias) for alias in stated)
    return graph


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    estate = Estate()
    for seed in SEEDS:
        for number, members in enumerate(nx.connected_components(random_graph(seed))):
            for record in sorted(node for node in members if ":" in node):
                estate.calls[record, f"call_{seed}_{number}"] = False
                for alias in sorted(random_graph(seed)[record]):
                    estate.state(record, "otel_trace_id", alias)
    path = estate.write(tmp_path_factory.mktemp("random") / "warehouse.duckdb")
    with open_warehouse(path) as opened:
        yield opened


@pytest.mark.parametrize("seed", SEEDS)
def test_chains_bridges_and_cuts_agree_with_networkx(warehouse: Warehouse, seed: int) -> None:
    graph, chance = random_graph(seed), random.Random(f"pairs of {seed}")
    aliases = sorted(node for node in graph if ":" not in node)
    for _ in range(PAIRS):
        first, second = chance.sample(aliases, 2)
        answer = explain(warehouse, first, second, b"")
        assert isinstance(answer, Tied) == nx.has_path(graph, first, second)
        if isinstance(answer, Apart):
            assert answer.shared == []
            continue
        chain = [node.value if isinstance(node, Alias) else node for node in answer.chain]
        assert (chain[0], chain[-1]) == (first, second)
        assert chain == min(nx.all_shortest_paths(graph, first, second))
        assert len(chain) - 1 == nx.shortest_path_length(graph, first, second)
        links = list(itertools.pairwise(chain))
        bridges = [
            link
            for link in links
            if not nx.has_path(without(graph, [link]), *chain[:: len(chain) - 1])
        ]
        check_weakest(graph, answer, chain, bridges)
        check_exclusion(graph, answer, chain)


def without(graph: nx.Graph, links: list[tuple[str, str]]) -> nx.Graph:
    left = graph.copy()
    left.remove_edges_from(links)
    return left


def check_weakest(
    graph: nx.Graph, answer: Tied, chain: list[str], bridges: list[tuple[str, str]]
) -> None:
    weakest, first, second = answer.weakest, chain[0], chain[-1]
    link = (weakest.statement.record_id, weakest.statement.alias.value)
    assert link[0] in chain
    assert link[1] in chain
    left = without(graph, [link])
    assert weakest.is_bridge is not nx.has_path(left, first, second)
    assert weakest.is_bridge is bool(bridges)
    rivals = bridges or list(itertools.pairwise(chain))
    fewest = min(graph.degree(one if ":" in other else other) for one, other in rivals)
    assert weakest.other_records == graph.degree(link[1]) - 1 == fewest - 1
    fallen = nx.node_connected_component(graph, first) - nx.node_connected_component(left, first)
    assert {alias.value for alias in weakest.fallen_aliases} == {
        node for node in fallen if ":" not in node and node != second
    }
    assert weakest.fallen_records == sum(":" in node for node in fallen)
    ways = nx.edge_connectivity(left, first, second)
    assert weakest.other_ways == min(ways, MOST_WAYS)
    assert weakest.is_bridge is (ways == 0)


def check_exclusion(graph: nx.Graph, answer: Tied, chain: list[str]) -> None:
    cut, first, second = answer.exclusion, chain[0], chain[-1]
    nodes = [node for node in (cut.record_id, cut.alias and cut.alias.value) if node]
    left = without(graph, [tuple(nodes)] if len(nodes) == 2 else list(graph.edges(nodes[0])))
    assert nx.has_path(left, first, second) is not cut.separates
    assert cut.removes == {2: "statement"}.get(len(nodes), "record" if cut.record_id else "alias")
    if not cut.separates:
        # No node between the two would have done.
        for node in chain[1:-1]:
            assert nx.has_path(without(graph, list(graph.edges(node))), first, second)
