"""Short values that only their words give away: "the pin is 4 9 2 9", "my name is ...", a street.

A third opinion beside the redactor and the scanners for long numbers: it reads words in order, and
a cue opens a window over the words that follow it. One pass, so the time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from expectations.spoken import BREAKERS, HESITATIONS, atom, word_set

# A redactor's mark stands for what was taken: it is no word, and it closes the window of a cue.
_MARK = re.compile(r"\[[A-Z][A-Z_ ]{1,40}\]")
_TOKEN = re.compile(r"~|[a-z]+|[0-9]+")
WINDOW_WORDS = 8
WINDOW_CHARS = 80

# cue (its words) -> class and digits that make it a finding.
CUES: dict[str, tuple[str, int]] = {
    **dict.fromkeys(("cvv", "cvc", "cvv2", "security code", "card ending", "card ends",
                     "ending in", "card number", "last four", "digits on the back",
                     "code on the back", "signature strip"), ("card_part", 3)),
    **dict.fromkeys(("exp", "expiry", "expiration", "expires", "valid thru", "valid until"),
                    ("expiry", 3)),
    **dict.fromkeys(("pin", "passcode", "pass code", "password"), ("secret", 3)),
    **dict.fromkeys(("one time code", "otp", "verification code", "access code", "login code",
                     "code is", "code i got", "code you sent", "code we sent"), ("secret", 4)),
    **dict.fromkeys(("account number", "account ending", "routing number", "routing", "sort code",
                     "member number", "member id", "policy number", "record number", "mrn",
                     "patient id", "patient number", "passport number", "license number",
                     "licence number", "tax id"), ("account", 4)),
    **dict.fromkeys(("account", "my id", "id is", "id number"), ("account", 5)),
    **dict.fromkeys(("call me at", "call me on", "reach me at", "reach me on", "phone number",
                     "callback number", "my number is"), ("phone_part", 5)),
    **dict.fromkeys(("born", "birthday", "birth date", "date of birth", "birth"),
                    ("birth_date", 3)),
    **dict.fromkeys(("zip", "zip code", "postcode", "post code", "postal code"),
                    ("post_code", 3)),
    **dict.fromkeys(("social", "social security", "ssn"), ("ssn_like", 4)),
}  # fmt: skip
# Where a date is asked for, the name of a month stands for its number.
_DATES = frozenset({"expiry", "birth_date"})
_MONTHS = word_set(
    "january february march april may june july august september october november december"
)
_BY_FIRST: dict[str, list[tuple[tuple[str, ...], str, int]]] = {}
for _cue, (_class, _least) in CUES.items():
    _words = tuple(_TOKEN.findall(_cue))
    _BY_FIRST.setdefault(_words[0], []).append((_words, _class, _least))

_WHOSE = word_set("my first last full maiden his her")
_NO_NAME = word_set(
    "a an the and on in at not my your our his her their for from with but so to is was of it that"
    " this i im what please there here under spelled spelt correct wrong required needed missing"
    " also still just different same misspelled changed associated registered listed hard very"
    " pretty kind one like because now up right calling"
)
_ORDINALS = word_set(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"
    " fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth"
)
# How letters are told over the phone. Two in a row are rarely anything else.
LETTER_NAMES = word_set(
    "alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike"
    " november oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu"
)
STREETS = word_set("street avenue ave boulevard blvd road lane drive court terrace")
_NO_STREET = word_set(
    "of the on to in a an and or minutes minute hours hour days miles mile more times for is from"
    " your my this that next down"
)
LEAST_SPELLED = 4


def cued_classes(text: str, asked: str = "") -> frozenset[str]:
    """Classes of short values told by their cues.

    Args:
        text: what is looked at, identifiers and amounts already taken out of it.
        asked: what was said just before, whose cues count for the first words of ``text``.
    """
    tokens = [(m.group(), m.start()) for m in _tokens(text)]
    words = [word for word, _ in tokens]
    found = {name for start, name, least in _windows(tokens) if _told(words, start, name) >= least}
    found.update(_answers(words, asked))
    if _is_named(words):
        found.add("name")
    if _is_spelled(words):
        found.add("spelled")
    if _is_street(words):
        found.add("address")
    if _is_spoken_ip(words):
        found.add("ip")
    return frozenset(found)


def has_cue(text: str) -> bool:
    """Whether a text names one of the short values."""
    return any(_windows([(match.group(), match.start()) for match in _tokens(text)]))


def _tokens(text: str) -> Iterator[re.Match[str]]:
    return _TOKEN.finditer(_MARK.sub(lambda m: "~".ljust(len(m.group())), text).lower())


def _windows(tokens: list[tuple[str, int]]) -> Iterator[tuple[int, str, int]]:
    """(index of the first word after a cue, class, digits that make a finding)."""
    for at, (word, _) in enumerate(tokens):
        for cue, name, least in _BY_FIRST.get(word, ()):
            end = at + len(cue)
            if tuple(token for token, _ in tokens[at:end]) == cue:
                yield end, name, least


def _told(words: list[str], start: int, name: str) -> int:
    """Digits told in the first number that stands in the window, quantities left out."""
    digits, position, end = 0, start, min(len(words), start + WINDOW_WORDS)
    while position < end:
        told, used, _ = atom(words, position)
        if told:
            digits += len(told)
            end = min(len(words), max(end, position + used + 1))
        elif words[position] == "~":
            return 0
        elif name in _DATES and words[position] in _MONTHS:
            digits += 2
        elif name in _DATES and words[position] in _ORDINALS:
            digits += 1
        elif words[position] in BREAKERS:
            digits = 0
        elif digits and words[position] not in HESITATIONS and words[position] != "of":
            break
        position += used
    return digits


def _answers(words: list[str], asked: str) -> Iterator[str]:
    """What a question asked for, told by the first words of what was said next."""
    if not asked:
        return
    question = [(m.group(), m.start()) for m in _tokens(asked)]
    for start, name, least in _windows(question):
        if "~" not in [word for word, _ in question[start:]] and _told(words, 0, name) >= least:
            yield name


def _is_named(words: list[str]) -> bool:
    for at in range(2, len(words)):
        is_cue = words[at - 1] in {"is", "s"} and words[at - 2] == "name"
        whose = words[at - 3] if at > 2 else ""
        if (is_cue and whose in _WHOSE) or (words[at - 2 : at] == ["surname", "is"]):
            word = words[at]
            if word.isalpha() and len(word) > 1 and word not in _NO_NAME:
                return True
    return False


def _is_spelled(words: list[str]) -> bool:
    single = named = explained = 0
    for at, word in enumerate(words):
        single = single + 1 if len(word) == 1 and word.isalpha() else 0
        told = named >= 2 and bool(atom(words, at)[0])
        named = named + 1 if word in LETTER_NAMES else 0
        explained += len(word) == 1 and words[at + 1 : at + 3] == ["as", "in"]
        if single >= LEAST_SPELLED or named > 2 or told or explained > 1:
            return True
    return False


def _is_spoken_ip(words: list[str]) -> bool:
    position = groups = 0
    while position < len(words):
        digits, used, _ = atom(words, position)
        groups = groups + 1 if digits else 0
        if groups > 3:
            return True
        position += used
        if groups and words[position : position + 1] in (["dot"], ["point"]):
            position += 1
        else:
            groups = 0
    return False


def _is_street(words: list[str]) -> bool:
    for at, word in enumerate(words):
        if word not in STREETS:
            continue
        for back in range(2, 5):
            between = words[max(0, at - back + 1) : at]
            if at < back or not between or "~" in between or not _NO_STREET.isdisjoint(between):
                continue
            digits, used, _ = atom(words, at - back)
            if digits and used == 1 and not any(part.isdigit() for part in between):
                return True
    return False
