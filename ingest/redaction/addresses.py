"""Postal addresses, written or spoken: a house number and a street, and what follows them.

A street word that is ambiguous ("way", "place") needs an address cue or a house number of two
digits. City, state and postcode are taken with it where one of them can be told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.redaction.numerals import NUMBER_WORDS
from ingest.redaction.regions import ORDINALS
from ingest.redaction.view import View
from ingest.redaction.words import FUNCTION_WORDS, fold, names, vocabulary, word_list

Range = tuple[int, int]

_STREETS = frozenset(
    word_list(
        "street avenue road boulevard lane highway parkway crescent terrace gardens turnpike "
        "expressway ave rd blvd ln hwy pkwy strasse str broadway cul-de-sac"
    )
)
_MAYBE = frozenset(
    word_list(
        "st drive dr court ct place pl way circle cir square sq trail close grove mews row hill "
        "green walk plaza loop alley park ridge view rise run point crossing path pike route"
    )
)
_UNITS = frozenset(word_list("apartment apt unit suite ste flat floor room building bldg # lot"))
_SIDES = frozenset(
    word_list("north south east west northeast northwest southeast southwest n s e w ne nw se sw")
)
_STATES = frozenset(
    word_list(
        "alabama alaska arizona arkansas california colorado connecticut delaware florida georgia "
        "hawaii idaho illinois indiana iowa kansas kentucky louisiana maine maryland massachusetts "
        "michigan minnesota mississippi missouri montana nebraska nevada hampshire jersey mexico "
        "york carolina dakota ohio oklahoma oregon pennsylvania tennessee texas utah vermont "
        "virginia washington wisconsin wyoming dc ontario quebec alberta england scotland wales "
        "ireland al ak az ar ca co ct fl ga ia il ks ky md mi mn ms mo mt ne nv nh nj nm ny nc nd "
        "ri sc sd tn tx ut vt va wa wv wi wy uk usa canada australia"
    )
)
_CUE = re.compile(
    r"\b(?:address(?:es)?|live (?:at|on|in)|living (?:at|on)|lives (?:at|on)|located (?:at|on)"
    r"|moved to|moving to|reside at|residing at|ship (?:it |that )?to|deliver (?:it )?to"
    r"|send (?:it|them) to|delivered to|mail (?:it|them) to|house is|home is|it's at|based at"
    r"|premises|should go to|goes to|we're at|i'm at|we are at|i am at|staying at|over at"
    r"|pick (?:it |me )?up at|come to)\b"
)
_ZIP = re.compile(r",?\s\d{5}\b")
_BOX = re.compile(r"\b(?:p\.?\s?o\.?\s?box|post office box)\s")
_LINKS = frozenset(word_list("is was at to on in it's it of number and the uh um , . : - / then"))
_ENDS = frozenset(
    word_list(
        "and but please thanks thank can could i i'm my you we so because if when that which is "
        "are do does for with since or okay ok right yes no what where how will would need want "
        "have the it it's there they by from about been was were has had not still just"
    )
)
TRIGGERS = _STREETS | _MAYBE | {"box"}
_NO_STREET = frozenset(
    word_list(
        "minute minutes hour hours mile miles meter meters metre metres day days week weeks month "
        "point percent dollar dollars bedroom page star car more other times foot feet gig "
        "gigabyte year years"
    )
)
_MAX_NUMBER_TOKENS = 6
_MAX_STREET_WORDS = 4
_MAX_TAIL_WORDS = 9
_MAX_TOWN_WORDS = 3
_TAIL_CHARS = 140
_CUE_CHARS = 70
_NAME_STOPS = FUNCTION_WORDS - {"may", "long", "good", "day", "well", "april", "june", "august"}


def find(view: View) -> Iterator[Range]:
    """Character ranges of postal addresses."""
    tokens = view.tokens(0, len(view.low))
    words = [token.group() for token in tokens]
    i = 0
    while i < len(tokens):
        end = _street_end(view, tokens, words, i)
        if end is None:
            i += 1
            continue
        start = _with_unit_before(words, i)
        last = _tail(view, tokens, words, end)
        yield tokens[start].start(), tokens[last].end()
        i = last + 1
    for match in _BOX.finditer(view.low):
        at = next((k for k, token in enumerate(tokens) if token.start() >= match.end()), None)
        if at is not None and _is_number(words[at]):
            while at + 1 < len(words) and _is_number(words[at + 1]):
                at += 1
            yield match.start(), tokens[_tail(view, tokens, words, at)].end()


def _is_number(word: str) -> bool:
    return word in NUMBER_WORDS or word[0].isdigit()


def _street_end(view: View, tokens: list[re.Match[str]], words: list[str], i: int) -> int | None:
    """Index of the street word of an address whose house number begins at ``i``."""
    if not _is_number(words[i]) or (i and _is_number(words[i - 1])):
        return None
    j, digits = i, 0
    while (
        j < len(words) and j - i < _MAX_NUMBER_TOKENS and (_is_number(words[j]) or words[j] == "-")
    ):
        digits += len(words[j]) if words[j][0].isdigit() else 2 if len(words[j]) > 5 else 1
        j += 1
    if j < len(words) and len(words[j]) == 1 and words[j].isalpha() and words[j] not in "ai":
        j += 1  # 12 b rose lane
    cued = bool(_CUE.search(view.low[max(0, tokens[i].start() - _CUE_CHARS) : tokens[i].start()]))
    count = 0
    for k in range(j, min(len(words), j + _MAX_STREET_WORDS + 2)):
        word = words[k]
        if word in {".", "-", "'"}:
            continue
        is_sure = word in _STREETS
        if (is_sure or word in _MAYBE) and (count or word == "broadway"):
            follows = words[k + 1] if k + 1 < len(words) else ""
            if follows in _STREETS or (not is_sure and follows in _MAYBE):
                count += 1  # cedar ridge lane
                continue
            return k if _is_street(words[j:k], digits, cued=cued, is_sure=is_sure) else None
        if word in _NAME_STOPS and word not in ORDINALS and word not in NUMBER_WORDS:
            return None
        if not word[0].isalnum() or count >= _MAX_STREET_WORDS:
            return None
        count += 1
    return None


def _is_street(between: list[str], digits: int, *, cued: bool, is_sure: bool) -> bool:
    if not _NO_STREET.isdisjoint(between):
        return False
    if cued or is_sure or digits > 2:
        return True
    # "two more places": an ordinary word before an ambiguous one says nothing about a street.
    is_named = any(
        fold(word) in names() or word not in vocabulary() or word in ORDINALS | _SIDES
        for word in between
        if word[0].isalpha()
    )
    return digits >= 2 and is_named


def _with_unit_before(words: list[str], i: int) -> int:
    """Takes "flat 3," before the house number."""
    for back in (2, 3):
        if i >= back and words[i - back] in _UNITS and _is_number(words[i - back + 1]):
            return i - back
    return i


def _tail(view: View, tokens: list[re.Match[str]], words: list[str], street: int) -> int:
    """Index of the last token of the address: side, unit, city, state and postcode."""
    last, limit = street, tokens[street].end() + _TAIL_CHARS
    k, free = street + 1, 0
    while k < len(words) and tokens[k].start() < limit and free <= _MAX_TAIL_WORDS:
        word = words[k]
        is_letter = len(word) == 1 and word.isalpha() and (_is_number(words[k - 1]) or free == 0)
        is_state = word in _STATES or _is_written_state(view, tokens[k])
        if word in _SIDES or _is_number(word) or is_state or is_letter:
            last = k
            free = 0 if is_state else free
        elif word in ".?!":
            if not _is_abbreviation(words, k):
                break
        elif word in _UNITS or word in {",", "-", "/", "in", "zip", "code", "postcode"}:
            pass
        elif word in _ENDS or not word[0].isalnum():
            break
        else:
            free += 1
            if free <= 2 and _is_place(view, tokens[k], word):
                last = k
        k += 1
    # A town in small letters, with nothing behind it.
    if 0 < free <= _MAX_TOWN_WORDS and (k == len(words) or words[k] in ".?!"):
        last = k - 1
    return last


def _is_written_state(view: View, token: re.Match[str]) -> bool:
    """A state whose letters are a word as well, in capitals before its ZIP code: "OR 97205"."""
    word = view.text[token.start() : token.end()]
    return word.isupper() and len(word) == 2 and bool(_ZIP.match(view.low, token.end()))


def _is_abbreviation(words: list[str], dot: int) -> bool:
    """Whether the dot ends no sentence: "15 Elm St. Apt 4"."""
    is_short = words[dot - 1] in _MAYBE | _STREETS | _SIDES | _UNITS and len(words[dot - 1]) <= 4
    return is_short and dot + 1 < len(words) and words[dot + 1] not in _ENDS


def _is_place(view: View, token: re.Match[str], word: str) -> bool:
    """A city: what no vocabulary holds, or what stands in capitals in mid-sentence."""
    return word not in vocabulary() or view.text[token.start()].isupper()
