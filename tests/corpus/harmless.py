"""Numbers that are nobody's: what a redactor should leave in place."""

from __future__ import annotations

import calendar
import random
from collections.abc import Callable

from tests.corpus.dates import ORDINALS, number_word
from tests.corpus.speech import Voice, in_hundreds, in_pairs, one_by_one, two_digits, year


def small(rng: random.Random) -> str:
    n = rng.randint(2, 29)
    return str(n) if rng.random() < 0.35 else number_word(n)


def price(rng: random.Random) -> str:
    dollars, cents = rng.randint(3, 999), rng.choice([0, 50, 95, 99, rng.randint(1, 98)])
    said = in_hundreds(str(dollars), "oh") if dollars > 9 else number_word(dollars)
    tail = f" and {number_word(cents)} cents" if cents else ""
    return rng.choice(
        [
            f"${dollars}.{cents:02d}",
            f"{said} dollars{tail}",
            f"{dollars} euros",
            f"{said} pounds",
            f"${dollars}",
        ]
    )


def clock(rng: random.Random) -> str:
    hour, minute = rng.randint(1, 12), rng.choice([0, 5, 10, 15, 20, 30, 40, 45])
    said = number_word(hour) + (f" {two_digits(f'{minute:02d}', 'oh')}" if minute else " o'clock")
    return rng.choice(
        [f"{hour}:{minute:02d}", f"{hour}:{minute:02d} pm", said, f"{number_word(hour)} a m"]
    )


def code_of(shape: str, rng: random.Random) -> str:
    swap = {"A": "ABCDEGHKMPRSTX", "9": "0123456789"}
    return "".join(rng.choice(swap[c]) if c in swap else c for c in shape)


def order(rng: random.Random) -> str:
    """Four to six digits; longer ones are ``long_number``."""
    text = str(rng.randint(1000, 999999))
    say = rng.choice([in_pairs, one_by_one])
    return rng.choice([text, f"#{text}", say(text, "oh"), " ".join(text)])


def long_number(rng: random.Random) -> str:
    """Seven to twelve digits: nothing in them says that they are nobody's."""
    text = str(rng.randint(10**6, 10 ** rng.randint(8, 12) - 1))
    return rng.choice([text, one_by_one(text, "oh"), code_of("9Z999A99999999", rng)])


def percent(rng: random.Random) -> str:
    n = rng.randint(1, 99)
    return rng.choice([f"{n}%", f"{number_word(n)} percent", f"{n}.{rng.randint(1, 9)}%"])


def duration(rng: random.Random) -> str:
    n, unit = rng.randint(2, 59), rng.choice(["minutes", "hours", "days", "weeks", "months"])
    return f"{rng.choice([str(n), number_word(n)])} {unit}"


def calendar_day(rng: random.Random) -> str:
    month = calendar.month_name[rng.choice([1, 2, 3, 4, 6, 7, 8, 10, 11])].lower()
    return f"{month} {rng.choice([ORDINALS[rng.randint(0, 27)], str(rng.randint(1, 28))])}"


HARMLESS: dict[str, Callable[[random.Random], str]] = {
    "n": small,
    "price": price,
    "time": clock,
    "order": order,
    "long": long_number,
    "percent": percent,
    "duration": duration,
    "day": calendar_day,
    "year": lambda rng: year(rng, rng.randint(1995, 2026)),
    "flight": lambda rng: code_of(rng.choice(["AA 999", "AA9999", "AA 99"]), rng),
    "model": lambda rng: code_of(rng.choice(["AA-999", "A99", "AA9999A", "AAA 99", "A9-999"]), rng),
    "version": lambda rng: f"{rng.randint(1, 14)}.{rng.choice(['0', '4', '9.1', '20', '7.13'])}",
    "room": lambda rng: rng.choice([str(n := rng.randint(101, 899)), in_pairs(str(n), "oh")]),
    "error": lambda rng: rng.choice(["", "0x", "E"]) + str(rng.randint(10, 599)),
    "size": lambda rng: f"{small(rng)} {rng.choice(['inches', 'gigabytes', 'feet', 'litres'])}",
}  # fmt: skip


def render(slot: str, rng: random.Random, _voice: Voice) -> str:
    """Text for a slot that is no personal value."""
    return HARMLESS[slot](rng)
