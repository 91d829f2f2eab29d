"""``make score-redaction``: the redactor's score on the labelled corpus, and on real data.

Each part of the corpus (hand-written, and generated from the seed) is scored at each noise level.
``--show CLASS`` prints that class's misses (of ``negative`` and ``precision``: the false alarms),
of the part to develop on unless ``--part scored`` asks for the other one by name. The exit code is
0 even where a goal is missed: the figures are the product.

Ends with one line of JSON: ``seed``, ``per_class`` samples generated, ``engine``, ``part``,
``classes`` (per class ``recall`` and ``precision`` without noise, ``leak4`` at 5 % noise,
``values``, ``by_noise``), ``negatives_touched``, ``long_numbers_touched``, ``strict_names``,
``strict_words_lost``, ``banking77_touched``, ``evi_*_clean``, ``goals_missed``. The figures are
those of the scored part unless only the other one was asked for.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from tests.corpus.engines import ENGINES, Redacted
from tests.corpus.generator import generate
from tests.corpus.goals import CLASSES, LEAK_NOISE, goals
from tests.corpus.labels import PARTS, Sample, hand_written
from tests.corpus.noise import add_noise
from tests.corpus.real import score_real
from tests.corpus.scorer import Score, Share, score_samples

NOISE = (0.0, 0.02, 0.05, 0.10)
FALSE_ALARMS = ("negative", "precision")


def samples_of(part: str, per_class: int, seed: int) -> list[Sample]:
    """The whole part."""
    return [*hand_written(part), *generate(part, per_class, seed)]


def said(share: Share) -> str:
    """The share with its interval and what it is a share of."""
    if share.value is None:
        return "-"
    low, high = share.interval
    return f"{share.value:6.4f} [{low:.3f}-{high:.3f}]"


def print_score(part: str, rate: float, score: Score) -> None:
    """One table: a class a line."""
    print(f"\n{part}, {rate:.0%} word noise")
    print(
        f"{'class':<18}{'values':>7}  "
        + "".join(f"{what:<22}" for what in ("recall", "leak4", "precision", "strict recall"))
    )
    ordered = [c for c in CLASSES if c in score.classes]
    for label in [*ordered, *sorted(set(score.classes) - set(ordered))]:
        count = score.classes[label]
        figures = (count.recall, count.leak4, count.precision, count.strict)
        print(f"{label:<18}{count.recall.total:>7}  {''.join(f'{said(f):<22}' for f in figures)}")
    for what, share in totals(score).items():
        print(f"{what.replace('_', ' '):<48} {said(share)} of {share.total:,}")


def totals(score: Score) -> dict[str, Share]:
    """What is not of one class."""
    return {
        "precision": score.precision,
        "negatives_touched": score.negatives_touched,
        "long_numbers_touched": score.long_numbers_touched,
        "strict_names": score.strict_names,
        "strict_words_lost": score.strict_words_lost,
        "strict_words_lost_in_answers": score.strict_words_lost_in_answers,
    }


def shown(sample: Sample, redacted: list[Redacted]) -> str:
    """The sample before and after."""
    turns = zip(sample.turns, redacted, strict=True)
    return f"{sample.key}\n" + "\n".join(
        f"  {turn.role:<6} {turn.text}\n{'':<9}{out.text}" for turn, out in turns
    )


def print_misses(label: str, score: Score) -> None:
    """What the redactor missed of a class, or masked that is no value."""
    if label in FALSE_ALARMS:
        for sample, redacted in score.false_alarms:
            if sample.values if label == "precision" else not sample.values:
                print(shown(sample, redacted))
    for missed, sample, _, redacted in score.misses:
        if missed == label:
            print(shown(sample, redacted))


def summary(scores: dict[float, Score]) -> dict[str, Any]:
    """The part's figures for the line of JSON."""
    clean = scores[min(scores)]
    noisy = scores.get(LEAK_NOISE, clean)
    classes = {
        label: {
            "recall": count.recall.value,
            "leak4": noisy.of(label).leak4.value,
            "leak4_characters": noisy.of(label).leak4_characters.value,
            "precision": count.precision.value,
            "values": count.recall.total,
            "by_noise": {
                f"{rate:g}": {"recall": s.of(label).recall.value, "leak4": s.of(label).leak4.value}
                for rate, s in scores.items()
            },
        }
        for label, count in sorted(clean.classes.items())
    }
    return {"classes": classes} | {what: share.value for what, share in totals(clean).items()}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--part", choices=[*PARTS, "both"], default="both")
    parser.add_argument("--engine", choices=sorted(ENGINES), default="callstory")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--per-class", type=int, default=300, help="samples generated of each class"
    )
    parser.add_argument("--noise", type=float, nargs="*", default=list(NOISE))
    parser.add_argument("--show", metavar="CLASS", help="print the misses of a class")
    parser.add_argument("--no-real", action="store_true", help="leave the real data out")
    return parser.parse_args()


def main() -> None:
    """Score and print."""
    args = arguments()
    engine = ENGINES[args.engine]()
    print(f"engine {args.engine}, seed {args.seed}, {args.per_class} generated samples a class")
    chosen = PARTS if args.part == "both" else (args.part,)
    result: dict[str, dict[float, Score]] = {}
    for part in chosen:
        samples = samples_of(part, args.per_class, args.seed)
        print(f"{part}: {len(samples):,} samples, {sum(len(s.turns) for s in samples):,} lines")
        result[part] = {}
        for rate in sorted(args.noise):
            noisy = (add_noise(sample, rate, args.seed) for sample in samples)
            result[part][rate] = score_samples(noisy, engine)
            print_score(part, rate, result[part][rate])
    if args.show:
        part = "develop" if args.part == "both" else args.part
        print_misses(args.show, result[part][min(args.noise)])
    real = {} if args.no_real else score_real(engine, args.seed)
    for what, share in real.items():
        print(f"{what.replace('_', ' '):<48} {said(share)} of {share.total:,}")

    scores = result[chosen[-1]]
    print(f"\ngoals on the {chosen[-1]} part")
    missed = 0
    for goal in goals(scores[min(scores)], scores.get(LEAK_NOISE), real):
        missed += not goal.met
        sign = ">=" if goal.at_least else "<="
        verdict = "met" if goal.met else "MISSED"
        print(f"  {verdict:<7} {goal.what:<40} {said(goal.figure)} {sign} {goal.limit:g}")
    line = {
        "seed": args.seed,
        "per_class": args.per_class,
        "engine": args.engine,
        "part": chosen[-1],
        **summary(scores),
        **{what: share.value for what, share in real.items()},
        "goals_missed": missed,
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
