"""The policy file: complete for what the providers send, and refused where it is wrong (S0-147)."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from ingest.redaction.engine import Redactor
from ingest.redaction.objects import landed_rows
from ingest.redaction.policy import POLICY_FILE, PolicyError, default_policy, load_policy
from ingest.registry import all_streams, get_stream
from tests.ingest.redaction.estates import landed_records
from tests.ingest.redaction.samples import vendor_samples

KEY = b"k" * 32
# The specification's own example invents an attribute; no policy can know it.
EXAMPLE_ONLY = {"otlp.spans": {"attributes/my.span.attr"}}


def drift_of(samples: list[tuple[str, dict]]) -> dict[str, set[str]]:
    """Paths that no rule decides, by stream."""
    redactors = {name: Redactor(default_policy(), name, KEY) for name in default_policy().streams}
    found: dict[str, set[str]] = {}
    for name, record in samples:
        stream = get_stream(*name.split("."))
        for _, row in landed_rows(stream, record):
            drift = redactors[name].redact(row).drift
            if drift:
                found.setdefault(name, set()).update(drift)
    return found


def test_every_stream_has_a_policy() -> None:
    assert set(default_policy().streams) == {f"{s.provider}.{s.name}" for s in all_streams()}


def test_every_field_of_the_vendors_samples_is_decided(contracts_dir: Path) -> None:
    samples = list(vendor_samples(contracts_dir))
    counts = Counter(name for name, _ in samples)
    without = {name for name in default_policy().streams if not counts[name]}
    assert without == {"livekit.session_reports"}
    assert drift_of(samples) == EXAMPLE_ONLY


@pytest.mark.parametrize("profile", ["clean", "faulty"])
def test_every_field_of_the_simulated_estate_is_decided(
    profile: str, estates: dict[str, Path]
) -> None:
    samples = [
        (f"{stream.provider}.{stream.name}", json.loads(line))
        for stream, line in landed_records(estates[profile])
    ]
    assert {name for name, _ in samples} == set(default_policy().streams)
    assert drift_of(samples) == {}


def test_every_text_rule_says_what_it_is() -> None:
    rules = yaml.safe_load(POLICY_FILE.read_text())["text_rules"]
    for rule in rules:
        assert {"id", "class", "method", "replacement", "where", "since", "what"} <= set(rule)
        assert re.fullmatch(r"\[[A-Z]+\]", rule["replacement"])
        assert rule["what"].endswith(".")
        assert rule["where"] in {"every text", "conversations"}
    assert len({rule["id"] for rule in rules}) == len(rules)


def policy_with(tmp_path: Path, fields: dict) -> Path:
    document = yaml.safe_load(POLICY_FILE.read_text())
    document["streams"] = {"a.b": {"fields": fields}}
    path = tmp_path / "policy.yml"
    path.write_text(yaml.safe_dump(document))
    return path


def test_an_unknown_action_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="keepp"):
        load_policy(policy_with(tmp_path, {"keepp": ["x"]}))


def test_a_path_listed_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="listed twice"):
        load_policy(policy_with(tmp_path, {"keep": ["x/y"], "drop": ["x/y"]}))


def test_the_more_exact_path_wins_and_overlapping_patterns_add_up(tmp_path: Path) -> None:
    fields = {
        "keep": ["*/kept", "*_edge/metrics/**", "from/name", "a.b/c.*"],
        "drop": ["*/name", "*_edge/**"],
    }
    redactor = Redactor(load_policy(policy_with(tmp_path, fields)), "a.b", KEY)
    record = {
        "from": {"name": "x", "kept": 1},
        "to": {"name": "x", "kept": 1},
        "sip_edge": {"metrics": {"a": {"b": "2"}}, "ip": "1.2.3.4", "kept": "3"},
        "a.b": {"c.d": "4"},
    }
    out = redactor.redact(record)
    assert out.record == {
        "from": {"name": "x", "kept": 1},
        "to": {"kept": 1},
        "sip_edge": {"metrics": {"a": {"b": "2"}}, "kept": "3"},
        "a.b": {"c.d": "4"},
    }
    assert not out.drift


def test_the_version_follows_the_content(tmp_path: Path) -> None:
    path = tmp_path / "policy.yml"
    path.write_bytes(POLICY_FILE.read_bytes())
    assert load_policy(path).version == default_policy().version
    path.write_bytes(POLICY_FILE.read_bytes() + b"\n# a remark\n")
    changed = load_policy(path).version
    assert changed != default_policy().version
    assert changed.rpartition("-")[0] == default_policy().version.rpartition("-")[0]
