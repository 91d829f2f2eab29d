"""Words that say numbers, what each says, and how a number's text ends up as digits."""

from __future__ import annotations

import re

from ingest.redaction.words import word_list

_DIGITS = {
    "zero": 0, "o": 0, "oh": 0, "nought": 0, "naught": 0, "aught": 0, "null": 0, "nil": 0,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "niner": 9,
    # "triple fives", "two sevens"
    "zeros": 0, "zeroes": 0, "ones": 1, "twos": 2, "threes": 3, "fours": 4, "fives": 5,
    "sixes": 6, "sevens": 7, "eights": 8, "nines": 9,
}  # fmt: skip
_TEENS = word_list(
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
)
_TENS = word_list("twenty thirty forty fifty sixty seventy eighty ninety")
_HEARD = {
    "to": 2, "too": 2, "tu": 2, "for": 4, "fore": 4, "ate": 8, "won": 1, "wan": 1, "tree": 3,
    "free": 3, "sex": 6, "sicks": 6, "sick": 6, "sics": 6, "fife": 5, "hive": 5, "hate": 8,
    "nein": 9, "owe": 0,
}  # fmt: skip

ONES = frozenset(_DIGITS)
TENS = frozenset([*_TENS, "fourty"])
MULTIPLIERS = frozenset({"double", "triple", "treble", "quadruple"})
SCALES = frozenset({"hundred", "thousand", "million"})
# What recognisers write for a digit; only believed right between two numbers.
HOMOPHONES = frozenset(_HEARD)
_TIMES = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
WORD_ATOMS: dict[str, int] = {
    **dict.fromkeys(_DIGITS, 1),
    **dict.fromkeys(_TEENS, 2),
    **dict.fromkeys(TENS, 2),
    # A multiplier adds to the digit after it; a scale word adds no digit of its own.
    **{word: times - 1 for word, times in _TIMES.items()},
    **dict.fromkeys(SCALES, 0),
}
NUMBER_WORDS = frozenset(WORD_ATOMS)
_VALUES = {
    **{word: str(value) for word, value in _DIGITS.items()},
    **{word: str(10 + i) for i, word in enumerate(_TEENS)},
    **{word: str(value) for word, value in _HEARD.items()},
}
_TENS_VALUES = {word: 20 + 10 * i for i, word in enumerate(_TENS)} | {"fourty": 40}
_WORD = re.compile(r"\d{1,64}|[a-z]{1,16}")

_ONE = r"(?:one|two|three|four|five|six|seven|eight|nine)"
_TEEN = rf"(?:{'|'.join(_TEENS)})"
_TEN = rf"(?:{'|'.join(_TENS)})"
_UNDER_100 = rf"(?:{_TEN}[ -]{_ONE}|{_TEN}|{_TEEN}|(?:oh|o|zero) {_ONE}|{_ONE})"
_SPOKEN_YEAR = (
    rf"(?:(?:nineteen|twenty)[ -](?:hundred|{_UNDER_100})|two thousand(?: and)?(?: {_UNDER_100})?"
    r"|(?:19|20)\d\d)"
)
_HOUR = rf"(?:ten|eleven|twelve|{_ONE}|1[0-2]|[1-9])"
_MINUTE = rf"(?:oh {_ONE}|ten|fifteen|{_TEN}(?:[ -]{_ONE})?|[0-5]\d)"
_CLOCK = rf"{_HOUR}(?:[ :]{_MINUTE})?"
_JOINT = r"(?:,? (?:and|to|or|till|until|through|then)(?: to| by)? |, ?| ?- ?)"
_YEARS = re.compile(rf"{_SPOKEN_YEAR}(?:{_JOINT}{_SPOKEN_YEAR}){{1,4}}")
_CLOCKS = re.compile(rf"{_CLOCK}(?:{_JOINT}{_CLOCK}){{1,4}}")
_AT_TIME = re.compile(
    r"\b(?:between|from|at|around|about|by|after|before|either|open|hours|opens?|slot|slots|for"
    r"|mondays?|tuesdays?|wednesdays?|thursdays?|fridays?|saturdays?|sundays?|tomorrow|today)"
    r"(?: is| are| at| from)?\s$"
)
_MOST_TIME_CHARS = 80


def is_times_or_years(text: str, start: int, end: int) -> bool:
    """Whether the number at [start, end) is a list of years, or of times after "between"."""
    if end - start > _MOST_TIME_CHARS:
        return False
    if _YEARS.fullmatch(text, start, end):
        return True
    before = text[max(0, start - 20) : start]
    return bool(_CLOCKS.fullmatch(text, start, end) and _AT_TIME.search(before))


def digits_of(text: str) -> str:
    """The digits that a number's lower-case text says: ``4 double four`` is ``444``.

    Words that say none are passed over. "twenty two hundred" is 2200, "forty two" 42.
    """
    out: list[str] = []
    times, tens = 1, ""
    for word in _WORD.findall(text):
        if tens and word in ONES:
            out[-1] = tens[0] + _VALUES[word]
            tens = ""
            continue
        tens = ""
        if word in _TIMES:
            times = _TIMES[word]
            continue
        if word in _TENS_VALUES:
            tens = str(_TENS_VALUES[word])
            out.append(tens)
        elif word.isdigit():
            out.append(word)
        elif word == "hundred":
            out.append("00")
        elif word == "thousand":
            out.append("000")
        elif word in _VALUES:
            out.append(_VALUES[word] * times)
        times = 1
    return "".join(out)
