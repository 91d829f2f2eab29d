"""Word errors of speech recognition in the caller's turns, with the labels carried along.

With probability ``rate`` a word is misheard as one that sounds the same, dropped, or preceded by a
word that nobody said. What takes a value's word's place belongs to the value; what is inserted does
not.
"""

from __future__ import annotations

import random
import re
from dataclasses import replace

from tests.corpus.labels import Piece, Sample, Turn, Value

HOMOPHONES: dict[str, tuple[str, ...]] = {
    "one": ("won", "wan"),
    "two": ("to", "too"),
    "three": ("free", "tree"),
    "four": ("for", "fore"),
    "five": ("fife", "hive"),
    "six": ("sick", "sics"),
    "eight": ("ate", "hate"),
    "nine": ("nein", "line"),
    "ten": ("then",),
    "zero": ("hero", "zeroes"),
    "oh": ("o", "owe"),
    "to": ("two",),
    "for": ("four",),
    "dot": ("got", "dart"),
    "at": ("add", "hat"),
    "by": ("bye",),
    "their": ("there",),
}
INSERTED = ("uh", "so", "and", "the", "like", "a", "okay", "yeah", "is", "it")
WORD = re.compile(r"\S+")


def misheard(rng: random.Random, word: str) -> list[tuple[str, bool]]:
    """Say what is written for a word: (text, whether it stands for the word)."""
    way = rng.choice(["swap", "drop", "insert"])
    core = word.strip(".,?!")
    swaps = HOMOPHONES.get(core.lower())
    if way == "swap" and swaps:
        return [(word.replace(core, rng.choice(swaps)), True)]
    if way == "drop":
        return []
    return [(rng.choice(INSERTED), False), (word, True)]


def noisy_turn(
    rng: random.Random, text: str, rate: float
) -> tuple[str, list[tuple[int, int, int]]]:
    """New text, and for each word that is left: (where it was, where it is, how much longer)."""
    out, kept = "", []
    for match in WORD.finditer(text):
        word = match[0]
        for written, stands in misheard(rng, word) if rng.random() < rate else [(word, True)]:
            out += " " if out else ""
            if stands:
                kept.append((match.start(), len(out), len(written) - len(word)))
            out += written
    return out, kept


def moved(piece: Piece, old: str, kept: list[tuple[int, int, int]]) -> list[Piece]:
    """Say where the words of a piece are now."""
    found = []
    for was, now, growth in kept:
        match = WORD.match(old, was)
        assert match
        start, end = max(piece.start, was), min(piece.end, match.end())
        if start < end:
            shift = now - was
            found.append(Piece(piece.turn, start + shift, end + shift + growth))
    return found


def add_noise(sample: Sample, rate: float, seed: int) -> Sample:
    """Mishear the caller's turns; a value of which no word is left is gone."""
    if rate == 0:
        return sample
    rng = random.Random(f"{seed}:{rate}:{sample.key}")
    heard = [
        noisy_turn(rng, turn.text, rate if turn.role == "caller" else 0.0) for turn in sample.turns
    ]

    def move(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
        return tuple(
            new
            for piece in pieces
            for new in moved(piece, sample.turns[piece.turn].text, heard[piece.turn][1])
        )

    values = [Value(value.label, move(value.pieces)) for value in sample.values]
    return replace(
        sample,
        turns=tuple(Turn(t.role, text) for t, (text, _) in zip(sample.turns, heard, strict=True)),
        values=tuple(value for value in values if value.pieces),
        permitted=move(sample.permitted),
    )
