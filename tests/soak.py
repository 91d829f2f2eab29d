"""``make soak``: many random histories, killed runs and a backfill, in two processes.

It ends by itself, and with one JSON line.

Each piece of work has a seed of its own and can be run alone: what fails prints the command. Pieces
that have not begun when the time is over are left out, which is said and is no failure.
"""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

SEQUENCES_A_PIECE, KILLS_A_PIECE = 500, 10
WORKERS = 2


@dataclass(frozen=True)
class Piece:
    """Some sequences, some kills or a backfill; ``count`` is how many, or its days."""

    kind: str
    count: int
    seed: int

    @property
    def replay(self) -> str:
        """The command that does this piece again."""
        return f"python -m tests.soak --piece {self.kind} {self.count} {self.seed}"


@dataclass
class Done:
    """What a piece did. ``began`` is false when the time was over before."""

    piece: Piece
    began: bool = True
    count: int = 0
    mismatches: list[str] = field(default_factory=list)
    reader_reads: int = 0
    reader_errors: list[str] = field(default_factory=list)
    seconds: float = 0.0


def pieces(sequences: int, kills: int, days: int, seed: int) -> Iterator[Piece]:
    """All of the work, each kind spread evenly, so that a soak cut short has done some of each."""
    rng, parts = Random(seed), []
    for kind, count, size in (
        ("sequences", sequences, SEQUENCES_A_PIECE),
        ("kills", kills, KILLS_A_PIECE),
        ("backfill", days, days),
    ):
        sizes = [min(size, count - begun) for begun in range(0, count, max(1, size))]
        parts += [
            ((place + 0.5) / len(sizes), Piece(kind, part, rng.randrange(2**31)))
            for place, part in enumerate(sizes)
        ]
    yield from (piece for _, piece in sorted(parts, key=lambda part: (part[0], part[1].kind)))


def do(piece: Piece, home: Path, deadline: float = float("inf")) -> Done:
    """Do one piece in a folder of its own, which is removed unless something is wrong."""
    done, begun = Done(piece), time.time()
    if begun > deadline:
        done.began = False
        return done
    folder = home / f"{piece.kind}-{piece.seed}"
    folder.mkdir(parents=True)
    try:
        _KINDS[piece.kind](piece, folder, done)
    except Exception:  # noqa: BLE001 - whatever ends a piece is a finding, and the others go on
        done.mismatches.append(traceback.format_exc(limit=-8))
    done.seconds = time.time() - begun
    if not done.mismatches and not done.reader_errors:
        shutil.rmtree(folder, ignore_errors=True)
    return done


def _sequences(piece: Piece, home: Path, done: Done) -> None:
    from tests.incremental.sequences import run_sequences  # each kind imports what it alone needs

    result = run_sequences(piece.count, piece.seed, home)
    done.count, done.mismatches = result.sequences, list(result.mismatches)


def _kills(piece: Piece, home: Path, done: Done) -> None:
    from tests.pipeline.kills import run_kills

    result = run_kills(home, piece.count, piece.seed)
    done.count, done.mismatches = result.kills, result.mismatches
    done.reader_reads, done.reader_errors = result.reader_reads, result.reader_errors


def _backfill(piece: Piece, home: Path, done: Done) -> None:
    from tests.pipeline.backfill import run_backfill

    done.mismatches = run_backfill(home, piece.count, piece.seed).mismatches
    done.count = piece.count


_KINDS = {"sequences": _sequences, "kills": _kills, "backfill": _backfill}


def soak(work: list[Piece], home: Path, seconds: float) -> list[Done]:
    """Do all pieces in two processes and say how each ended, until the time is over."""
    begun, ends = time.time(), []
    with ProcessPoolExecutor(WORKERS, max_tasks_per_child=1) as pool:
        waiting = {pool.submit(do, piece, home, begun + seconds): piece for piece in work}
        for number, future in enumerate(as_completed(waiting), start=1):
            error = future.exception()  # a process that died, not what went wrong in it
            done = Done(waiting[future], mismatches=[repr(error)]) if error else future.result()
            ends.append(done)
            if done.began:
                _say(done, f"[{number}/{len(work)}, {time.time() - begun:.0f} s]")
    return ends


def _say(done: Done, where: str) -> None:
    piece, wrong = done.piece, [*done.mismatches, *done.reader_errors]
    print(
        f"{where} {piece.kind} {done.count} in {done.seconds:.0f} s,"
        f" {'WRONG' if wrong else 'as it should be'} ({piece.replay})",
        flush=True,
    )
    for text in wrong:
        print(f"  {text}", flush=True)


def summary(ends: list[Done], seed: int, seconds: float) -> dict[str, int]:
    """The line that the soak ends with. A reader's error counts as a mismatch too."""

    def total(kind: str) -> int:
        return sum(done.count for done in ends if done.piece.kind == kind)

    errors = sum(len(done.reader_errors) for done in ends)
    return {
        "sequences": total("sequences"),
        "kills": total("kills"),
        "mismatches": sum(len(done.mismatches) for done in ends) + errors,
        "reader_reads": sum(done.reader_reads for done in ends),
        "reader_errors": errors,
        "backfill_days": total("backfill"),
        "seconds": round(seconds),
        "seed": seed,
    }


def main(arguments: list[str] | None = None) -> int:
    """Soak, or do one piece again. Exit code 1 on any mismatch."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=main.__doc__)
    parser.add_argument("--sequences", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--days", type=int, default=30, help="days of the backfill")
    parser.add_argument("--seed", type=int, help="drawn and printed unless given")
    parser.add_argument("--minutes", type=float, default=360, help="no piece begins after that")
    parser.add_argument("--piece", nargs=3, metavar=("KIND", "COUNT", "SEED"), help="only this")
    options = parser.parse_args(arguments)
    seed = secrets.randbelow(2**31) if options.seed is None else options.seed
    work = list(pieces(options.sequences, options.kills, options.days, seed))
    if options.piece:
        kind, count, seed = options.piece[0], *map(int, options.piece[1:])
        work = [Piece(kind, count, seed)]
    home = Path(tempfile.mkdtemp(prefix="callstory-soak-"))
    print(f"soak: seed {seed}, {len(work)} pieces, at most {options.minutes:g} minutes, in {home}")
    begun = time.time()
    ends = soak(work, home, options.minutes * 60)
    told = summary(ends, seed, time.time() - begun)
    left = [done.piece for done in ends if not done.began]
    if left:
        print(f"the time was over: {len(left)} of {len(work)} pieces were left out")
    if not told["mismatches"]:
        shutil.rmtree(home)
    print(json.dumps(told), flush=True)
    return 1 if told["mismatches"] else 0


if __name__ == "__main__":
    sys.exit(main())
