"""Numbers and e-mail addresses as speech recognition writes them, found by their words.

A second opinion on the redactor's work: nothing here is shared with it. A window of seven digits is
enough for a finding, and no checksum is asked for: recognised digits are often wrong ones. One pass
over the words, so the time is linear in the text (S0-145).
"""

from __future__ import annotations

import re
from collections import deque

MIN_DIGITS = 7
# A window of many single digits survives two stray words ("four two so then four two"); a window of
# few groups survives none, or "between 2019 and 2023" would be a telephone number.
STRAY_WORDS = 2
MANY_ATOMS = 5

ONES = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "naught": "0", "one": "1", "two": "2",
    "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "niner": "9",
}  # fmt: skip
TEENS = {
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14",
    "fifteen": "15", "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19",
}  # fmt: skip
TENS = {
    "twenty": "2", "thirty": "3", "forty": "4", "fifty": "5", "sixty": "6", "seventy": "7",
    "eighty": "8", "ninety": "9",
}  # fmt: skip
REPEATS = {"double": 2, "triple": 3, "treble": 3}
HOMOPHONES = {"to": "2", "too": "2", "for": "4", "fore": "4", "ate": "8", "won": "1"}


def word_set(words: str) -> frozenset[str]:
    """Words told apart by blanks, as a set."""
    return frozenset(words.split())


HESITATIONS = word_set("uh um er ah hmm mm dash hyphen minus space comma")
# A quantity, a date or a time ends here, and what was counted so far was part of it.
BREAKERS = word_set(
    "thousand million billion dollar dollars cent cents euro euros pound pounds percent minute"
    " minutes hour hours day days week weeks month months year years am pm oclock january february"
    " march april may june july august september october november december monday tuesday wednesday"
    " thursday friday saturday sunday"
)
TOP_LEVELS = word_set("com net org edu gov io co us uk de ca au fr es info biz me mil")
# "Visit us at acme dot com" is a web site: these words never end the name part of an address.
NOT_A_NAME = word_set(
    "us me it online website site web available find visit page look go out more here is are see"
    " them reached"
)
NUMBER_WORDS = (*ONES, *TEENS, *TENS, *REPEATS)

_WORDS = re.compile(r"[a-z]+|[0-9]+")


def words_of(text: str) -> list[str]:
    """Lower-case words and digit groups, in order."""
    return _WORDS.findall(text.lower())


def spoken_digits(words: list[str]) -> str:
    """The first window of at least ``MIN_DIGITS`` digits told in words, extended to its end; or "".

    Windows of written digits alone are left to the scanner for written digits, which knows what
    stands between them.
    """
    window: deque[tuple[str, int, bool]] = deque()
    stray = 0
    position = 0
    while position < len(words):
        digits, used, is_word = atom(words, position)
        if digits:
            window.append((digits, stray, is_word))
            stray = 0
            found = _dense(window)
            position += used
            if found:
                return found + _adjoining(words, position)
            continue
        if words[position] in BREAKERS:
            window.clear()
        elif words[position] not in HESITATIONS:
            stray += 1
            if stray > STRAY_WORDS:
                window.clear()
        position += 1
    return ""


def _adjoining(words: list[str], position: int) -> str:
    """The digits that follow without a word between them: the whole number names its class."""
    digits, used, _ = atom(words, position) if position < len(words) else ("", 0, False)
    told = []
    while digits:
        told.append(digits)
        position += used
        digits, used, _ = atom(words, position) if position < len(words) else ("", 0, False)
    return "".join(told)


def _dense(window: deque[tuple[str, int, bool]]) -> str:
    """The digits of the shortest tail that is long and dense enough to be a number."""
    digits, strays, atoms, any_word = "", 0, 0, False
    for text, stray_before, is_word in reversed(window):
        digits, atoms, any_word = text + digits, atoms + 1, any_word or is_word
        if len(digits) >= MIN_DIGITS:
            allowed = STRAY_WORDS if atoms >= MANY_ATOMS else 0
            return digits if any_word and strays <= allowed else ""
        strays += stray_before
    return ""


def atom(words: list[str], at: int) -> tuple[str, int, bool]:
    """Digits that begin at a word, how many words they take, and whether they were words."""
    word = words[at]
    following = words[at + 1] if at + 1 < len(words) else ""
    if word.isdigit():
        return word, 1, False
    digits, used = _told(word, following)
    if word in HOMOPHONES and at and _is_digit(words[at - 1]) and _is_digit(following):
        digits, used = HOMOPHONES[word], 1
    return digits, used, True


def _told(word: str, following: str) -> tuple[str, int]:
    if word in ONES and following == "hundred":
        return ONES[word] + "00", 2
    if word in ONES or word in TEENS:
        return ONES.get(word) or TEENS[word], 1
    if word in TENS:
        unit = ONES.get(following, "0")
        return TENS[word] + unit, 1 if unit == "0" else 2
    if word in REPEATS:
        return _single(following) * REPEATS[word], 2
    return "", 1


def _single(word: str) -> str:
    return ONES.get(word, word if len(word) == 1 and word.isdigit() else "")


def _is_digit(word: str) -> bool:
    return bool(_single(word)) or word in TEENS or word in TENS


def has_spoken_email(words: list[str]) -> bool:
    """Whether the words tell an address: ``<name> at <host> dot <top level>``."""
    last_at = -1
    for position, word in enumerate(words):
        if word == "at" and position and words[position - 1] not in NOT_A_NAME:
            last_at = position
        told = word == "dot" and position + 1 < len(words) and words[position + 1] in TOP_LEVELS
        if told and last_at >= 0 and 1 < position - last_at <= 5:
            return True
    return False
