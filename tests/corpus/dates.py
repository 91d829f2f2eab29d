"""Invented birth dates and expiry dates, said or written."""

from __future__ import annotations

import calendar
import random

from tests.corpus.speech import ONES, TEENS, Fragment, Voice, two_digits, year

ORDINALS = (  # noqa: SIM905
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
ORDINALS += [f"twenty {ORDINALS[i]}" for i in range(9)] + ["thirtieth", "thirty first"]


def suffix(day: int) -> str:
    if 10 < day < 14:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def birth_date(rng: random.Random, voice: Voice, spoken: bool) -> list[Fragment]:
    """A day between 1930 and 2009."""
    y, m, d = rng.randint(1930, 2009), rng.randint(1, 12), rng.randint(1, 28)
    month = calendar.month_name[m]
    if not spoken:
        shapes = [
            f"{m:02d}/{d:02d}/{y}", f"{d:02d}.{m:02d}.{y}", f"{y}-{m:02d}-{d:02d}",
            f"{month} {d}, {y}",
            f"{d} {month[:3]} {y}", f"{m}/{d}/{y % 100:02d}", f"{d}{suffix(d)} of {month} {y}",
        ]  # fmt: skip
        return [(rng.choice(shapes), True)]
    low, said_year, zero = month.lower(), year(rng, y), voice.pick(rng, "zeros")
    shapes = [
        f"{low} {ORDINALS[d - 1]} {said_year}",
        f"the {ORDINALS[d - 1]} of {low} {said_year}",
        f"{ORDINALS[d - 1]} {low} {said_year}",
        f"{low} {d} {said_year}",
        f"{d}{suffix(d)} {low} {said_year}",
        f"{two_digits(f'{m:02d}', zero)} {two_digits(f'{d:02d}', zero)} {said_year}",
        f"{number_word(d)} {number_word(m)} {two_digits(f'{y % 100:02d}', zero)}",
        f"{number_word(m)} slash {number_word(d)} slash {two_digits(f'{y % 100:02d}', zero)}",
    ]
    return [(rng.choice(shapes), True)]


def number_word(n: int) -> str:
    """Say 3 as "three", 12 as "twelve", 23 as "twenty three"."""
    return ONES[n] if n < 10 else TEENS[n - 10] if n < 20 else two_digits(str(n), "oh")


def expiry(rng: random.Random, voice: Voice, spoken: bool) -> list[Fragment]:
    """Month and year of a card's end."""
    m, y = rng.randint(1, 12), rng.randint(26, 35)
    if not spoken:
        return [(rng.choice([f"{m:02d}/{y}", f"{m}/20{y}", f"{m:02d}-{y}", f"{m:02d}{y}"]), True)]
    zero, short = voice.pick(rng, "zeros"), two_digits(str(y), "oh")
    month = two_digits(f"{m:02d}", zero)
    shapes = [
        f"{month} {short}",
        f"{number_word(m)} slash {short}",
        f"{calendar.month_name[m].lower()} {rng.choice(['twenty ', 'two thousand '])}{short}",
        f"{number_word(m)} of {short}",
        f"{m:02d} {y}",
        f"{month} two {number_word(y // 10)} {ONES[y % 10]}"
        if y % 10 == 0
        else f"{month} twenty {short}",
    ]
    return [(rng.choice(shapes), True)]
