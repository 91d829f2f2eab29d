"""The detector: what still looks like a caller's data in a text. It is not the redactor.

Another library (phonenumbers), scanners written here, no pattern in common with the redaction step,
so that one mistake is not made twice. It names classes of what it sees and never returns a value.
Reading the warehouse does not belong here: see ``scan.py``.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from expectations.credentials import PASSWORD_CUES, has_bare_hex, has_credentials, has_secret
from expectations.cues import CUES, LEAST_SPELLED, LETTER_NAMES, STREETS, cued_classes
from expectations.recognisers import recognised
from expectations.spoken import MIN_DIGITS, NUMBER_WORDS, has_spoken_email, spoken_digits, words_of

# Identifiers as machines write them. They hold digits by the dozen and nobody's number.
ID_SHAPES = (
    r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b",
    r"tok_[0-9a-f]{32}",
    r"\bcall_[0-9A-Z]{26}\b",
    r"\b[A-Z]{2}[0-9a-f]{32}\b",
    r"\b[0-9a-f]{64}\b",
    r"\b[0-9a-f]{32}\b",
    r"\b20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?Z?",
    r"\b20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])\b",
    r"\barn:aws:[a-z0-9-]{1,30}:[a-z0-9-]{0,30}:[0-9]{12}:",
    r"\b[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} 20[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} \+0000",
)
# Dates, times and amounts in prose: many digits, none of them an identity.
_PROSE_NUMBERS = (
    r"(?<![0-9])20[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[-_][0-9]{1,7}(?![0-9])",
    r"(?<![0-9])(?:19|20)[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?![0-9])",
    r"(?<![0-9])[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:19|20)[0-9]{2}(?![0-9])",
    r"(?<![0-9])20[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?![0-9])",
    r"(?<![0-9:])[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?![0-9:])",
    r"[$€£] ?[0-9]{1,3}(?:,[0-9]{3}){0,3}(?:\.[0-9]{1,2})?(?![0-9])",
)
# A span ID is 16 hex digits, which may all be decimal; the trace ID before it tells it apart.
_IDS = re.compile("|".join((r"\b[0-9a-f]{32}:[0-9a-f]{16}\b", *ID_SHAPES)))
_MACHINE_NUMBERS = re.compile("|".join((*ID_SHAPES, *_PROSE_NUMBERS)))
# Beside a cue a date is what was asked for; an amount or a time of day never is.
_NEVER_ASKED = re.compile("|".join((*ID_SHAPES[:6], *_PROSE_NUMBERS[4:])))

# Keys (snake_case) whose values are identifiers, instants or measures.
ID_KEY_ENDINGS = (
    "id", "ids", "sid", "sids", "arn", "uuid", "key", "hash", "token", "version", "object",
    "pointer", "path", "location", "url", "uri", "records", "at", "timestamp", "ms", "us", "ns",
    "nano", "seconds", "count", "bytes", "tokens", "pct", "offset", "release", "time", "duration",
    "limit", "timeout", "size", "idfull",
)  # fmt: skip
# Keys whose values are what somebody pressed: one digit is a menu choice, two are an entry.
KEYPAD_WORDS = ("option", "digits", "dtmf", "keypad", "pressed", "input", "entered", "keys")
# ``max_digits`` says how many may be pressed.
_LIMITS = frozenset({"max", "min"})
# Alias namespaces that hold names and addresses, not identifiers.
NAMED_NAMESPACES = ("name", "identity", "number", "phone", "address", "email")
# Namespaces in which a long number alone is an identifier, and those in which blanks may stand.
_NUMBERED_NAMESPACES = ("ticket", "trace", "span")
_SPACED_NAMESPACES = ("location",)
# Keys of identifiers which are one word, and those of them that are never a number alone.
WORD_ENDINGS = ("id", "sid", "uuid")
_CALL_WORDS = ("call", "contact")

_PERCENT = re.compile(r"%([2-7][0-9A-Fa-f])")
_ESCAPED = re.compile(r"\\+u(00[0-9a-fA-F]{2})")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# British and Canadian ones, and a state of the USA before a ZIP code. RE2 knows the form too.
POST_CODE_FORM = (
    r"\b(?:[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}|[A-Z][0-9][A-Z] [0-9][A-Z][0-9]"
    r"|[A-Z]{2} [0-9]{5})\b"
)
POST_CODE = re.compile(POST_CODE_FORM)
_LETTERS_ONLY = re.compile(r"[A-Za-z \n.,:;'!?()\[\]_-]*")
_NUMBER_WORDS = frozenset(NUMBER_WORDS)
_TELLING_WORDS = frozenset(
    {"dot", "is", "s", "as", "begin"}
    | STREETS
    | LETTER_NAMES
    | PASSWORD_CUES
    | {cue.split()[0] for cue in CUES}
)
_PLAIN_ID = re.compile(r"(?:[0-9]{0,14}[A-Za-z_:/.~-])+[0-9]{0,14}")
_E164 = re.compile(r"(?:\+|%2[bB])[0-9]{8,15}(?![0-9])")
_SPAN_ID = re.compile(r"[0-9a-f]{16}")
_CARD = re.compile(r"(?<![0-9A-Za-z])[3-6][0-9]{14,15}(?![0-9A-Za-z])")
_MAIL_HOST = re.compile(r"[^\s@]@[A-Za-z0-9.\-]{0,200}\.[A-Za-z]{2}")
_LONG_NUMBER = re.compile(r"[+(]?[0-9](?:[ ().\-/]{0,3}[0-9]){6,}")
_KEYPAD = re.compile(r"[0-9*#]")
_KEYPAD_ONLY = re.compile(r"[0-9*#][0-9*# ,-]*")
_MAX_SEPARATORS = 3
_CHUNK, _OVERLAP = 8192, 64
_CACHED_LENGTH = 300


def classes_in_text(text: str, asked: str = "") -> frozenset[str]:
    """Classes found in free text: what a caller may have said or an agent repeated.

    Args:
        text: the text.
        asked: the text said just before, if it asked for something.

    Returns:
        Names such as card, phone, digits, email, ip, secret, name, and ``spoken_`` of the first
        four where words tell them.
    """
    if asked:
        return _classes(text, asked)
    return _cached(text) if len(text) <= _CACHED_LENGTH else _classes(text)


def _classes(text: str, asked: str = "") -> frozenset[str]:
    if _is_quiet(text, is_asked=bool(asked)):
        return frozenset()
    text = _undone(unicodedata.normalize("NFKC", text))
    plain = _MACHINE_NUMBERS.sub(" x ", text)
    found = {name_number(run) for run in digit_runs(plain)}
    if sum(map(str.isdecimal, plain)) >= MIN_DIGITS and _has_phone(plain):
        found = found - {"digits"} | {"phone"}
    if has_written_email(plain):
        found.add("email")
    if any(map(str.isspace, text)) or asked:
        found |= _told_in_words(text, plain, asked)
    elif "://" in plain and has_credentials(plain):
        found.add("secret")
    # Slow, and what is found already is withheld without it.
    return frozenset(found or recognised(plain))


def _undone(text: str) -> str:
    """The text without what hides a character: a URL's or JSON's escapes."""
    if "%" in text:
        text = _PERCENT.sub(lambda match: chr(int(match[1], 16)), text)
    if "\\u" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return text


def _told_in_words(text: str, plain: str, asked: str) -> set[str]:
    """What words tell; a text without a blank is a machine's and tells nothing in words."""
    words = words_of(plain)
    found = set(cued_classes(_NEVER_ASKED.sub(" ~ ", text), asked))
    if has_secret(plain) or has_bare_hex(text):
        found.add("secret")
    if POST_CODE.search(plain):
        found.add("post_code")
    told = spoken_digits(words)
    if told:
        found.add(f"spoken_{name_number(told)}")
    if has_spoken_email(words):
        found.add("spoken_email")
    return found


def _is_quiet(text: str, *, is_asked: bool) -> bool:
    """Whether a text surely shows nothing: only letters, and no word that tells something."""
    if not _LETTERS_ONLY.fullmatch(text) or "::" in text:
        return False
    words = words_of(text)
    numbers = sum(word in _NUMBER_WORDS for word in words)
    # A word tells three digits at most, and as few are enough for an answer.
    if numbers > 2 or (numbers and is_asked):
        return False
    return (
        _TELLING_WORDS.isdisjoint(words) and sum(len(word) == 1 for word in words) < LEAST_SPELLED
    )


# Prompts and labels repeat by the thousand; what callers say does not, and would fill the memory.
_cached = lru_cache(maxsize=1 << 14)(_classes)


def classes_in_id(value: str) -> frozenset[str]:
    """Classes found in an identifier: what no identifier looks like (E.164, a card, an e-mail)."""
    found: set[str] = set()
    if _PLAIN_ID.fullmatch(value):
        return frozenset()
    rest = _IDS.sub("~", _undone(value))
    if _E164.search(rest):
        found.add("phone")
    if any(luhn(run) for run in _CARD.findall(rest)):
        found.add("card")
    if _MAIL_HOST.search(rest):
        found.add("email")
    return frozenset(found)


def classes_in_word(value: str, *, may_be_number: bool) -> frozenset[str]:
    """Classes found in an identifier of one word: ``text`` if it is several, ``digits`` alone."""
    if _PLAIN_ID.fullmatch(value) and any(map(str.isalpha, value)):
        return frozenset()
    found = set(classes_in_id(value))
    rest = _MACHINE_NUMBERS.sub("~", value.strip())
    if any(map(str.isspace, rest)):
        found.add("text")
    if not may_be_number and _LONG_NUMBER.fullmatch(rest):
        found.add("digits")
    return frozenset(found)


def classes_in_value(key: str, value: str, asked: str = "") -> frozenset[str]:
    """Classes found in the value of a named field; the name decides how it is looked at."""
    kind = kind_of_key(key)
    if kind == "id":
        if " " in value:  # words in an identifier's or a measure's place
            found = classes_in_text(value, asked)
            if found:
                return found
        parts = _parts(key)
        if parts[-1] not in WORD_ENDINGS:
            return classes_in_id(value)
        if parts[-2:] == ["span", "id"] and _SPAN_ID.fullmatch(value):
            return frozenset()
        return classes_in_word(value, may_be_number=not set(parts).intersection(_CALL_WORDS))
    found = classes_in_text(value, asked)
    return found | {"keypad"} if kind == "keypad" and keypad_entry(value) else found


def classes_in_leaf(key: str, value: Any, asked: str = "") -> frozenset[str]:
    """Classes found in a text, number or other scalar of a record; JSON in a text is opened."""
    if isinstance(value, str):
        if (inside := _opened(value)) is not None:
            pairs = ((name, leaf) for _, name, leaf in _leaves(inside, "", key))
            return frozenset().union(*(classes_in_leaf(name, leaf) for name, leaf in pairs))
        return classes_in_value(key, value, asked)
    if isinstance(value, int) and not isinstance(value, bool):
        is_measure = kind_of_key(key) == "id"
        return classes_in_id(str(value)) if is_measure else classes_in_value(key, str(value))
    return frozenset()


def is_text_key(key: str) -> bool:
    """Whether a field of this name holds words, not an identifier or what was pressed."""
    return kind_of_key(key) == "text"


def classes_in_payload(payload: str, event_type: str) -> dict[str, frozenset[str]]:
    """Key path -> classes for an event's JSON payload; what is not JSON is looked at as text."""
    try:
        data = json.loads(payload)
    except ValueError:
        return _only_found({"": classes_in_text(payload)})
    found: dict[str, frozenset[str]] = {}
    for path, key, leaf in _leaves(data, "", ""):
        # Every identifier is published as text: a number under such a key counts or measures.
        is_measure = isinstance(leaf, int) and kind_of_key(key) == "id"
        value = str(leaf)
        classes = classes_in_id(value) if is_measure else classes_in_value(key, value)
        told = isinstance(leaf, str) and event_type.startswith("ivr.")
        if told and kind_of_key(key) == "text" and keypad_entry(value):
            classes |= {"keypad"}
        found[path] = found.get(path, frozenset()) | classes
    return _only_found(found)


def classes_in_alias(namespace: str, value: str) -> frozenset[str]:
    """Classes found in an alias; most namespaces hold identifiers, those of names hold text."""
    if any(word in namespace for word in NAMED_NAMESPACES):
        return classes_in_text(value)
    if any(word in namespace for word in _SPACED_NAMESPACES):
        return classes_in_id(value)
    is_numbered = any(word in namespace for word in _NUMBERED_NAMESPACES)
    return classes_in_word(value, may_be_number=is_numbered)


@lru_cache(maxsize=1 << 14)
def kind_of_key(key: str) -> str:
    """``id``, ``keypad`` or ``text``: how the value of a field of this name is looked at."""
    parts = _parts(key)
    # The ending first: ``input_tokens`` counts tokens, ``input`` was pressed.
    if parts[-1] in ID_KEY_ENDINGS:
        return "id"
    is_pressed = any(word in parts for word in KEYPAD_WORDS) and not _LIMITS.intersection(parts)
    return "keypad" if is_pressed else "text"


def _parts(key: str) -> list[str]:
    return _CAMEL.sub("_", key).lower().replace(".", "_").replace("-", "_").split("_")


def keypad_entry(value: str) -> bool:
    """Whether a value holds more than one pressed key."""
    pressed = _IDS.sub("x", value).strip()  # a date is none
    return bool(_KEYPAD_ONLY.fullmatch(pressed)) and len(_KEYPAD.findall(pressed)) > 1


def digit_runs(text: str) -> Iterator[str]:
    """Runs of at least seven digits with up to three separators between two of them."""
    run: list[str] = []
    gap = 0
    for character in text:
        if character.isdecimal():
            run.append(str(unicodedata.decimal(character)))
            gap = 0
            continue
        gap += 1
        if character.isalpha() or gap > _MAX_SEPARATORS:
            if len(run) >= MIN_DIGITS:
                yield "".join(run)
            run.clear()
    if len(run) >= MIN_DIGITS:
        yield "".join(run)


def name_number(digits: str) -> str:
    """What a run of digits most likely is. A name for the report, never a reason to let it pass."""
    if 13 <= len(digits) <= 19 and luhn(digits):
        return "card"
    return "ssn_like" if len(digits) == 9 else "digits"


def luhn(digits: str) -> bool:
    """The check-digit rule of payment cards (ISO/IEC 7812-1, annex B)."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + index % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def has_written_email(text: str) -> bool:
    """Whether a name, an @ and a dotted host stand together."""
    at = text.find("@")
    while at >= 0:
        host = re.match(r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}", text[at + 1 : at + 260])
        if host and at and (text[at - 1].isalnum() or text[at - 1] in "_-+"):
            return True
        at = text.find("@", at + 1)
    return False


def _has_phone(text: str) -> bool:
    from phonenumbers import Leniency, PhoneNumberMatcher

    for start in range(0, len(text), _CHUNK - _OVERLAP):
        chunk = text[start : start + _CHUNK]
        if next(iter(PhoneNumberMatcher(chunk, "US", leniency=Leniency.VALID)), None):
            return True
    return False


def _leaves(data: Any, path: str, key: str) -> Iterator[tuple[str, str, str | int]]:
    """(path, key, text or number) of all that can hold digits; JSON in strings is opened."""
    if isinstance(data, dict):
        for name, value in data.items():
            yield f"{path}.{name}".lstrip("."), "", str(name)
            yield from _leaves(value, f"{path}.{name}".lstrip("."), str(name))
    elif isinstance(data, list):
        if data and all(isinstance(item, str) and len(item) == 1 for item in data):
            yield path, key, "".join(data)
        for item in data:
            yield from _leaves(item, path, key)
    elif isinstance(data, str):
        inside = _opened(data)
        if inside is None:
            yield path, key, data
        else:
            yield from _leaves(inside, path, key)
    elif isinstance(data, int) and not isinstance(data, bool):
        yield path, key, data


def _opened(text: str) -> Any:
    """The object or array that a text holds as JSON; None when it holds something else."""
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _only_found(found: dict[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    return {path: classes for path, classes in found.items() if classes}
