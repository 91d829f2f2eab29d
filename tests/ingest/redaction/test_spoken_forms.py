"""Random numbers in every way they are said: none of more than four digits may be left."""

from __future__ import annotations

import re
from random import Random

import pytest

from ingest.redaction.masking import WITHHELD_TEXT
from ingest.redaction.policy import default_policy

ONES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TEENS = (
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen",
    "eighteen", "nineteen",
)  # fmt: skip
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
FILLERS = ("um", "uh", "and", "then", "okay", "dash", "er,", "sorry")
FRAMES = ("{}", "it's {} okay", "yeah sure, the number is {}", "{} that's it", "so uh {} i think")
_WORDS = {word: str(i) for i, word in enumerate(ONES)} | {"oh": "0"}
SEEDS = range(300)


def pair(rng: Random, digits: str) -> str:
    """Two digits as one number word where there is one: "42" is "forty two"."""
    tens, ones = int(digits[0]), int(digits[1])
    if tens == 0:
        return f"{rng.choice(('oh', 'zero'))} {ONES[ones]}"
    if tens == 1:
        return TEENS[ones]
    return TENS[tens] if ones == 0 else f"{TENS[tens]}{rng.choice((' ', '-'))}{ONES[ones]}"


def spoken(rng: Random, digits: str) -> str:
    """Digits one by one, doubled, in pairs, with fillers between."""
    out: list[str] = []
    i = 0
    while i < len(digits):
        run = len(digits[i:]) - len(digits[i:].lstrip(digits[i]))
        roll = rng.random()
        if run >= 3 and roll < 0.5:
            out.append(f"triple {ONES[int(digits[i])]}")
            i += 3
        elif run >= 2 and roll < 0.6:
            out.append(f"double {ONES[int(digits[i])]}")
            i += 2
        elif roll > 0.85 and i + 2 <= len(digits):
            out.append(pair(rng, digits[i : i + 2]))
            i += 2
        else:
            word = ONES[int(digits[i])]
            out.append("oh" if word == "zero" and rng.random() < 0.5 else word)
            i += 1
        if rng.random() < 0.12:
            out.append(rng.choice(FILLERS))
    return " ".join(out)


def written(rng: Random, digits: str) -> str:
    """Digits in groups of any sizes, with any separators."""
    out, i = [], 0
    while i < len(digits):
        size = rng.randrange(1, 7)
        out.append(digits[i : i + size])
        i += size
    return rng.choice((" ", "-", ".", ", ", " - ", "")).join(out)


def standing(text: str) -> int:
    """The most digits that stand in a row, spoken ones too, whatever words are between."""
    words = re.findall(r"[a-z]+|\d", text.lower())
    return sum(1 for word in words if word in _WORDS or word.isdigit())


@pytest.mark.parametrize("form", [spoken, written], ids=["spoken", "written"])
@pytest.mark.parametrize("length", [9, 10, 11, 15, 16])
def test_no_number_is_left_standing(form, length: int) -> None:
    leaks = []
    for seed in SEEDS:
        rng = Random(seed)
        digits = "".join(rng.choice("0123456789") for _ in range(length))
        text = rng.choice(FRAMES).format(form(rng, digits))
        result = default_policy().rules.redact(text)
        if result.text != WITHHELD_TEXT and standing(result.text) > 4:
            leaks.append(seed)
    assert not leaks, f"seeds {leaks}"


def test_noise_of_speech_recognition_leaves_few_numbers() -> None:
    """Homophones and inserted words: under one in a hundred may leave more than four digits."""
    homophones = {"two": "to", "four": "for", "eight": "ate", "one": "won", "three": "tree"}
    leaks = []
    for seed in range(1000):
        rng = Random(seed)
        digits = "".join(rng.choice("0123456789") for _ in range(16))
        words = [ONES[int(d)] for d in digits]
        noisy = [homophones.get(w, w) if rng.random() < 0.05 else w for w in words]
        text = " ".join(w + (" like" if rng.random() < 0.05 else "") for w in noisy)
        if standing(default_policy().rules.redact(text).text) > 4:
            leaks.append(seed)
    assert len(leaks) < 10, f"seeds {leaks}"
