"""How numbers and letters are said, as speech recognition writes them down."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ONES = "zero one two three four five six seven eight nine".split()  # noqa: SIM905
TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()  # noqa: SIM905
TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
NATO = (  # noqa: SIM905
    "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar "
    "papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu"
).split()

Fragment = tuple[str, bool]
"""Text, and whether it belongs to the value (a hesitation in the middle of it does not)."""


@dataclass(frozen=True)
class Voice:
    """How the people of one part of the corpus speak: their names, fillers and ways with digits."""

    part: str
    words: dict[str, Any] = field(repr=False)

    def pick(self, rng: random.Random, what: str) -> str:
        """Draw one of the part's words."""
        return str(rng.choice(self.words[what]))


@cache
def voice_of(part: str) -> Voice:
    """Read the part's ``words.yml``."""
    path = Path(__file__).parent / part / "words.yml"
    return Voice(part, yaml.safe_load(path.read_text(encoding="utf-8")))


def two_digits(pair: str, zero: str) -> str:
    """Say 42 as "forty two", 05 as "oh five"."""
    if pair[0] == "0":
        return f"{zero} {zero if pair[1] == '0' else ONES[int(pair[1])]}"
    if pair[0] == "1":
        return TEENS[int(pair[1])]
    return TENS[int(pair[0])] + ("" if pair[1] == "0" else f" {ONES[int(pair[1])]}")


def one_by_one(group: str, zero: str) -> str:
    """Say every digit."""
    return " ".join(zero if d == "0" else ONES[int(d)] for d in group)


def with_doubles(group: str, zero: str) -> str:
    """Say runs as "double four", "triple nine"."""
    said, at = [], 0
    while at < len(group):
        run = next((n for n in (3, 2) if group[at : at + n] == group[at] * n), 1)
        word = zero if group[at] == "0" else ONES[int(group[at])]
        said.append({1: "", 2: "double ", 3: "triple "}[run] + word)
        at += run
    return " ".join(said)


def in_pairs(group: str, zero: str) -> str:
    """Say 4111 as "forty one eleven", 555 as "five fifty five"."""
    head = [one_by_one(group[0], zero)] if len(group) % 2 else []
    rest = group[len(group) % 2 :]
    return " ".join([*head, *(two_digits(rest[i : i + 2], zero) for i in range(0, len(rest), 2))])


def in_hundreds(group: str, zero: str) -> str:
    """Say 2200 as "twenty two hundred", 800 as "eight hundred", 4000 as "four thousand"."""
    if group[0] == "0" or group[-2:] != "00" or len(group) not in {3, 4}:
        return in_pairs(group, zero)
    if len(group) == 3:
        return f"{ONES[int(group[0])]} hundred"
    if group[1] == "0":
        return f"{ONES[int(group[0])]} thousand"
    return f"{two_digits(group[:2], zero)} hundred"


def say_group(rng: random.Random, group: str, style: str, zero: str) -> str:
    """Say one group of digits in the style."""
    if style == "numerals":
        return group
    if style == "spaced":
        return " ".join(group)
    if style == "mixed":
        return " ".join(d if rng.random() < 0.5 else one_by_one(d, zero) for d in group)
    say = {"doubles": with_doubles, "pairs": in_pairs, "hundreds": in_hundreds}
    return say.get(style, one_by_one)(group, zero)


def say_digits(rng: random.Random, groups: list[str], voice: Voice) -> list[Fragment]:
    """Say a number as a caller does: one style, a way of parting groups, now and then a slip."""
    style, zero = voice.pick(rng, "styles"), voice.pick(rng, "zeros")
    between = voice.pick(rng, "separators")
    slip = rng.randrange(len(groups)) if rng.random() < 0.08 else -1
    said: list[Fragment] = []
    for at, group in enumerate(groups):
        if at and between != "-":
            said.append((between, False))
        elif at and rng.random() < 0.06:
            said.append((voice.pick(rng, "hesitations"), False))
        if at == slip:
            wrong = "".join(str((int(d) + 3) % 10) for d in group)
            said.append((say_group(rng, wrong, style, zero), True))
            said.append((voice.pick(rng, "corrections"), False))
        said.append((say_group(rng, group, style, zero), True))
    return said


def say_letters(rng: random.Random, letters: str) -> str:
    """Spell letters: "g b", "golf bravo", "g for golf", "g as in golf"."""
    way = rng.choice(["plain", "plain", "upper", "nato", "for"])
    if way == "plain":
        return " ".join(letters.lower())
    if way == "upper":
        return " ".join(letters.upper())
    words = [NATO[ord(c) - 97] for c in letters.lower()]
    if way == "nato":
        return " ".join(words)
    link = rng.choice(["for", "as in"])
    return " ".join(f"{word[0]} {link} {word}" for word in words)


def say_code(rng: random.Random, code: str, voice: Voice) -> list[Fragment]:
    """Say a code of letters and digits, run by run."""
    said: list[Fragment] = []
    zero, at = voice.pick(rng, "zeros"), 0
    numerals = rng.random() < 0.3
    while at < len(code):
        end = at
        while end < len(code) and code[end].isdigit() == code[at].isdigit():
            end += 1
        run = code[at:end]
        if not run[0].isdigit():
            said.append((say_letters(rng, run), True))
        else:
            said.append((" ".join(run) if numerals else one_by_one(run, zero), True))
        at = end
    return said


def year(rng: random.Random, number: int) -> str:
    """Say a year: "nineteen eighty two", "two thousand one", "eighty two", "1982"."""
    text = str(number)
    if rng.random() < 0.25:
        return text
    if number >= 2000:
        tail = number - 2000
        if tail >= 10:
            return rng.choice(["twenty ", "two thousand "]) + two_digits(str(tail), "oh")
        return f"two thousand {rng.choice(['', 'and '])}{ONES[tail]}" if tail else "two thousand"
    spoken = two_digits(text[2:], "oh")
    return spoken if rng.random() < 0.15 and text[2] != "0" else f"nineteen {spoken}"
