"""Each rule of the weakest link and of the exclusion by itself, on graphs of a few statements."""

from __future__ import annotations

from serve.why_graph import NOTHING, Alias, Graph, Statement, exclusion, weakest_link


def alias(name: str, kind: str = "identifying") -> Alias:
    """``R@2`` is the second stretch of the scoped value R."""
    value, _, instance = name.partition("@")
    return Alias("n", value, int(instance or 0), "scoped" if instance else kind)


def graph(
    *records: str, roles: dict[str, str] | None = None, ranks: dict[str, int] | None = None
) -> Graph:
    """A record is "name alias alias ..."; a role or a rank is given by "name alias"."""
    statements = []
    for record, *names in (line.split(" ") for line in records):
        for name in names:
            key = f"{record} {name}"
            role, rank = (roles or {}).get(key, "call"), (ranks or {}).get(key, 1)
            statements.append(Statement(record, alias(name), (role,), rank))
    return Graph(statements)


def weakest(made: Graph, first: str, second: str) -> str:
    statement = weakest_link(made, made.chain(alias(first), alias(second))).statement
    return f"{statement.record_id} {statement.alias.value}"


def test_a_scoped_alias_is_weaker_than_a_derived_one_and_that_than_a_stated_one() -> None:
    chain = ("r0 F", "r1 F A", "r2 A R@1", "r3 R@1 G", "r4 G")
    derived = {"r1 A": "derived_trace_id", "r2 A": "derived_trace_id"}
    assert weakest(graph(*chain, roles=derived), "F", "G") == "r2 R"
    assert weakest(graph(*(line.replace("R@1", "B") for line in chain)), "F", "G") == "r1 F"
    only = {"r2 A": "derived_trace_id"}
    plain = [line.replace("R@1", "B") for line in chain]
    assert weakest(graph(*plain, roles=only), "F", "G") == "r2 A"
    assert weakest(graph(*plain, roles=only), "G", "F") == "r2 A"


def test_fewer_other_records_outweigh_the_kind_and_a_bridge_outweighs_both() -> None:
    assert weakest(graph("r1 F R@1", "r2 R@1 G", "r3 R@1", "r4 F", "r5 G"), "F", "G") == "r1 F"
    # F to M is a ring of statements with one other record each; M to G is a bridge with more.
    ring = ("r1 F X", "r2 X M", "r3 F Y", "r4 Y M", "r5 M G", "r6 G", "r7 G", "r8 G")
    assert weakest(graph(*ring), "F", "G") == "r5 M"


def test_a_mention_is_weaker_than_the_own_identifier_of_a_record() -> None:
    chain = ("r0 F", "r1 F A", "r2 A G", "r3 G")
    assert weakest(graph(*chain), "F", "G") == "r1 F"
    assert weakest(graph(*chain, ranks={"r2 A": 2}), "F", "G") == "r2 A"
    assert weakest(graph(*chain, ranks={"r2 A": 2, "r2 G": 3}), "F", "G") == "r2 G"


def test_ways_are_counted_even_where_the_shortest_chain_blocks_two_others() -> None:
    # The shortest chain S A B T takes a link of each of the two long ones.
    made = graph("p1 S A", "x A B", "q1 B T", "p2 S C", "y C D", "z D B", "w A E", "v E H", "u H T")
    assert len(made.chain(alias("S"), alias("T"))) == 7
    assert made.ways(alias("S"), alias("T"), NOTHING, 9) == 2


def test_excluding_a_value_excludes_every_stretch_of_it() -> None:
    made = graph("p1 F R@1", "p2 F R@1", "q1 R@1 G", "q2 R@1 G",
                 "p3 F R@2", "p4 F R@2", "q3 R@2 G", "q4 R@2 G")  # fmt: skip
    chain = made.chain(alias("F"), alias("G"))
    cut = exclusion(made, chain, weakest_link(made, chain))
    assert (cut.removes, cut.alias, cut.separates) == ("alias", alias("R@1"), True)


def test_what_was_asked_about_is_not_what_is_excluded() -> None:
    # Between R's first stretch and G stands R's second one, and nothing else parts the two.
    made = graph("p1 R@1 X", "p2 R@1 Y", "q1 X R@2", "q2 Y R@2", "s1 R@2 G", "s2 R@2 G")
    chain = made.chain(alias("R@1"), alias("G"))
    cut = exclusion(made, chain, weakest_link(made, chain))
    assert (cut.removes, cut.separates) == ("statement", False)
