"""``make bench-redaction``: how fast the redactor reads the simulator's talk, beside Presidio.

Turns are those of the sample estate's session reports and Contact Lens documents, redacted call by
call with the full policy, both levels. Rates are per second of one core's CPU time, so that what
else the machine does is left out.

* ``turns_per_second_per_core``: as the redaction step runs, which remembers short texts that come
  again (prompts, menus). ``without_memory``: every turn read anew.
* ``linear_in_input``: rate on all turns over the rate on a quarter of them, both without memory.
* ``linear_in_cores``: wall time of one process over that of ``--processes`` at once, with as many
  turns each; 1.0 is linear.
* ``vs_presidio``: our rate without memory over Presidio's, on one sample. Presidio: its pattern
  recognisers on a blank pipeline (no model), which finds a fraction of what the redactor finds.
* ``worst_rule_ms``: the slowest rule on 8 KB of hostile text, in CPU milliseconds; ``rules_ms``:
  each of them.

Ends with one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import yaml

from ingest.redaction.answers import Mode
from ingest.redaction.policy import POLICY_FILE, default_policy
from ingest.redaction.rules import CHUNK_CHARS, TextRules
from ingest.redaction.scoring import redact_conversation
from ingest.simulator import generate
from tests.ingest.redaction.test_budget import HOSTILE

Call = list[tuple[str, str]]
MOST_RULE_MS = 50.0
_RUNS = 3


def calls_of(home: Path, calls: int, seed: int) -> list[Call]:
    """The talk of a generated estate, one list of (role, text) a conversation."""
    generate(home, calls=calls, days=1, start=date(2026, 5, 1), seed=seed, profile="clean")
    found: list[Call] = []
    folders = ("livekit/session_reports", "amazon_connect/contact_lens")
    paths = (path for part in folders for path in (home / "drops" / part).rglob("*.json"))
    for path in sorted(paths):
        document = json.loads(path.read_bytes())
        if "chat_history" in document:
            items = document["chat_history"]["items"]
            found.append([_item(item) for item in items if item.get("type") == "message"])
        elif "Transcript" in document:
            found.append([_lens(turn) for turn in document["Transcript"]])
    return found


def _item(item: dict[str, Any]) -> tuple[str, str]:
    return "caller" if item["role"] == "user" else "agent", " ".join(item["content"])


def _lens(turn: dict[str, Any]) -> tuple[str, str]:
    return "caller" if turn["ParticipantId"] == "CUSTOMER" else "agent", turn["Content"]


def cpu_seconds(work: Callable[[], object]) -> float:
    """The least CPU time of some runs."""
    times = []
    for _ in range(_RUNS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def redact_all(calls: list[Call], *, with_memory: bool) -> None:
    """Redact every conversation; ``with_memory`` begins with none."""
    rules = default_policy().rules
    cached = rules._cached
    cached.cache_clear()
    if not with_memory:
        rules._cached = rules._redact  # type: ignore[assignment]
    try:
        for call in calls:
            redact_conversation(call)
    finally:
        rules._cached = cached


def rate(calls: list[Call], *, with_memory: bool) -> float:
    """Turns a CPU second."""
    seconds = cpu_seconds(lambda: redact_all(calls, with_memory=with_memory))
    return sum(map(len, calls)) / seconds


def wall_seconds(calls: list[Call]) -> float:
    """In a process of its own."""
    redact_all(calls[:50], with_memory=False)
    start = time.perf_counter()
    redact_all(calls, with_memory=False)
    return time.perf_counter() - start


def core_scaling(calls: list[Call], processes: int) -> float:
    """Wall time of one process over that of several at once, each with all the turns."""
    context = get_context("spawn")
    seconds = []
    for count in (1, processes):
        with ProcessPoolExecutor(count, mp_context=context) as pool:
            seconds.append(max(pool.map(wall_seconds, [calls] * count)))
    return seconds[0] / seconds[1]


def rules_ms() -> Iterator[tuple[str, float]]:
    """For each text rule the CPU milliseconds of its slowest hostile text of 8 KB."""
    specs = yaml.safe_load(POLICY_FILE.read_text())["text_rules"]
    last = next(spec for spec in specs if spec["id"] == "long-number")
    for spec in specs:
        rules = TextRules([spec] if spec is last else [spec, last])
        worst = 0.0
        for seed in HOSTILE.values():
            text = (seed * CHUNK_CHARS)[:CHUNK_CHARS]
            for mode in (Mode.PLAIN, Mode.ANSWER):
                worst = max(worst, cpu_seconds(lambda t=text, m=mode, r=rules: r._redact(t, m)))  # type: ignore[misc]
        yield spec["id"], round(worst * 1000, 1)


def presidio_rate(texts: list[str]) -> float:
    """Turns a CPU second of Presidio's pattern recognisers with a blank pipeline."""
    import logging

    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)

    class Blank(SpacyNlpEngine):  # type: ignore[misc,unused-ignore]
        """Tokens only."""

        def load(self) -> None:
            self.nlp: Any = {"en": spacy.blank("en")}

    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(languages=["en"])
    # One needs a model, the other fetches a list from the network.
    for name in ("SpacyRecognizer", "EmailRecognizer"):
        registry.remove_recognizer(name)
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["en"])
    analyzer.analyze(text="warm up 4111", language="en")

    def run() -> None:
        for text in texts:
            analyzer.analyze(text=text, language="en")

    return len(texts) / cpu_seconds(run)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=1000, help="calls of the generated estate")
    parser.add_argument("--sample", type=int, default=500, help="turns that Presidio reads as well")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    args = arguments()
    with tempfile.TemporaryDirectory(prefix="callstory-bench-") as folder:
        calls = calls_of(Path(folder), args.calls, args.seed)
    texts = [text for call in calls for _, text in call]
    print(f"seed {args.seed}: {len(calls):,} conversations, {len(texts):,} turns, ", end="")
    print(f"{sum(map(len, texts)) / len(texts):.0f} characters on average")
    redact_all(calls[:50], with_memory=True)
    remembered, anew = rate(calls, with_memory=True), rate(calls, with_memory=False)
    quarter = rate(calls[::4], with_memory=False)
    sample = Random(args.seed).sample(texts, min(args.sample, len(texts)))
    ours = rate([[("caller", text)] for text in sample], with_memory=False)
    theirs = presidio_rate(sample)
    slow = dict(sorted(rules_ms(), key=lambda pair: -pair[1]))
    worst = next(iter(slow.values()))
    result = {
        "turns_per_second_per_core": round(remembered),
        "without_memory": round(anew),
        "vs_presidio": round(ours / theirs, 1),
        "presidio_turns_per_second": round(theirs),
        "linear_in_input": round(anew / quarter, 2),
        "linear_in_cores": round(core_scaling(calls, args.processes), 2),
        "worst_rule_ms": worst,
        "worst_rule": next(iter(slow)),
        "rules_ms": slow,
        "turns": len(texts),
        "seed": args.seed,
    }
    for name, ms in slow.items():
        print(
            f"  {name:<22}{ms:>7.1f} ms at worst on 8 KB{' (over 50)' if ms > MOST_RULE_MS else ''}"
        )
    print(json.dumps(result))


if __name__ == "__main__":
    main()
