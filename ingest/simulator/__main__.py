"""``python -m ingest.simulator``: generate an estate, or serve the HTTP providers of one."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

import msgspec

from ingest.simulator.estate import Estate, generate
from ingest.simulator.faults import FAULTS, PROFILES, FaultProfile


def _override(text: str) -> tuple[str, float]:
    name, _, rate = text.partition("=")
    try:
        return name, float(rate)
    except ValueError:
        raise argparse.ArgumentTypeError(
            "a fault is NAME=RATE, such as missing_trace=0.1"
        ) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ingest.simulator", description=__doc__)
    parser.add_argument("--calls", type=int, default=500, help="calls a day (500)")
    parser.add_argument("--days", type=int, default=2, help="days (2)")
    parser.add_argument("--start", type=date.fromisoformat, default=date(2026, 5, 1))
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--profile", choices=sorted(PROFILES), default="clean")
    parser.add_argument(
        "--fault",
        action="append",
        type=_override,
        default=[],
        metavar="NAME=RATE",
        help=f"a rate of its own for one fault; may be repeated. Faults: {', '.join(FAULTS)}",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for drops, http and truth")
    return parser


def _summary(estate: Estate) -> str:
    row = {
        "out": str(estate.out),
        "days": [d.isoformat() for d in estate.days],
        "calls": estate.calls,
        "resolvable": estate.resolvable,
        "records": estate.records,
        "data_bytes": estate.data_bytes,
        "secrets": estate.secrets,
        "faults": estate.faults,
    }
    return msgspec.json.encode(row).decode()


def main(arguments: list[str]) -> int:
    """Runs one of the two commands; prints one JSON line."""
    if arguments[:1] == ["serve"]:
        from ingest.simulator.server import serve_command

        return serve_command(arguments[1:])
    parser = _parser()
    chosen = parser.parse_args(arguments)
    try:
        profile = FaultProfile.of(chosen.profile, dict(chosen.fault))
        estate = generate(
            chosen.out,
            calls=chosen.calls,
            days=chosen.days,
            start=chosen.start,
            seed=chosen.seed,
            profile=profile,
        )
    except ValueError as error:
        parser.error(str(error))
    sys.stdout.write(_summary(estate) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
