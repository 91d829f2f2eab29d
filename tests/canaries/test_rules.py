"""Every rule of the redaction policy that is switched off is noticed by the gate's detector."""

from __future__ import annotations

import pytest

from tests.canaries.rules import PROBES, UNCATCHABLE, outcome, rules, scores


def test_every_rule_has_a_probe_or_a_reason_why_none_can_be() -> None:
    assert set(PROBES) | set(UNCATCHABLE) == {rule["id"] for rule in rules()}
    assert not set(PROBES) & set(UNCATCHABLE)


@pytest.mark.parametrize("rule_id", PROBES)
def test_only_this_rule_cleans_its_probe(rule_id: str) -> None:
    """With the rule on, whatever others are off: cleaned, and the detector has nothing to say.

    But without the rule for all other long numbers, the redactor withholds what it cannot name.
    """
    others = PROBES[rule_id][1]
    result = outcome(rule_id, others, rules())
    assert not result.leaks
    assert not result.withheld or "long-number" in others


def test_a_rule_that_is_off_is_noticed() -> None:
    assert [rule_id for rule_id, killed in scores() if not killed] == []
