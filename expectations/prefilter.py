"""SQL that sets aside the cells which cannot hold a finding.

RE2 expressions for DuckDB, so the time is linear whatever a provider writes. Generous on purpose: a
cell that stays is judged by the detector, a cell that goes is judged by nobody, so a test asserts
that whatever the detector flags stays.
"""

from __future__ import annotations

from expectations.detector import ID_KEY_ENDINGS, ID_SHAPES, KEYPAD_WORDS
from expectations.spoken import NUMBER_WORDS

_WORD = r"\b(?:" + "|".join(NUMBER_WORDS) + r")\b"
# A word tells at most three digits ("eight hundred", half of "triple four"). So seven digits need:
_SEVEN_DIGITS = r"(?s)(?:\p{Nd}.*?){7}"
_THREE_WORDS = rf"(?is)(?:{_WORD}.*?){{3}}"
_TWO_WORDS, _ONE_DIGIT = rf"(?is)(?:{_WORD}.*?){{2}}", r"\p{Nd}"
_ONE_WORD, _FOUR_DIGITS = rf"(?i){_WORD}", r"(?s)(?:\p{Nd}.*?){4}"
_SPOKEN_EMAIL = r"(?is)\bat\b.*\bdot\b"
_NO_ID = (
    r"(?:\+|%2[bB])[0-9]{8}|(?:^|[^0-9A-Za-z])[3-6][0-9]{14,15}(?:[^0-9A-Za-z]|$)"
    r"|@[A-Za-z0-9.\-]*[A-Za-z]|[\s\p{Z}\x0b\x1c-\x1f\x{85}]|^[+(]?[0-9][0-9().\-/]{5,}[0-9]$"
)

_ENDINGS = "|".join(ID_KEY_ENDINGS)
_CAPITAL = "|".join(ending.capitalize() for ending in ID_KEY_ENDINGS)
_ID_KEY = rf'"(?:(?:[A-Za-z0-9_.-]*_)?(?:{_ENDINGS})|[A-Za-z0-9_]*(?:{_CAPITAL}))"\s*:\s*'
# Under such a key, what is a long number alone or holds a card's length of digits, a blank, a plus
# sign or an e-mail's host stays for the detector.
_ID_PART = (
    r'(?:[0-9]{0,14}(?:[^"\\+%@0-9\s\p{Z}\x0b\x1c-\x1f\x{85}]|@(?:[0-9]{1,3}\.){3}))*[0-9]{0,14}'
)
_ID_TEXT = rf'"(?:[0-9]{{0,6}}|{_ID_PART}[A-Za-z]{_ID_PART})"'
_ID_MEMBER = rf"{_ID_KEY}(?:{_ID_TEXT}|-?[0-9]{{1,14}}(?:\.[0-9]+)?\s*[,}}\]])"
_SMALL_NUMBER = r":\s*-?[0-9]{1,6}(?:\.[0-9]+)?\s*[,}\]]"
_KEYPAD_WORDS = "|".join(KEYPAD_WORDS)
_PRESSED = (
    rf'(?i)"[a-z0-9_.-]*(?:{_KEYPAD_WORDS})[a-z0-9_.-]*\\?"\s*:[^,}}]*[0-9*#][^,}}]*[0-9*#]'
    r'|"\s*[0-9*#][0-9*# ,-]*[0-9*#][ ,-]*\\?"'
    r'|\[\s*\\?"[0-9*#]\\?"\s*,'
)
# Several words, or what JSON writes with a backslash, where an identifier belongs.
_SEVERAL_WORDS = r'(?is)id\\*"\s*:\s*(?:\[.*|\\*"[^"]*)[\s\p{Z}\x0b\x1c-\x1f\x{85}\\]'


def text_filter(value: str) -> str:
    """SQL: whether free text (a SQL expression) could hold a finding."""
    alone = (_SEVEN_DIGITS, _THREE_WORDS, "[@＠﹫]", _SPOKEN_EMAIL)
    mixed = ((_TWO_WORDS, _ONE_DIGIT), (_ONE_WORD, _FOUR_DIGITS))
    told = [matches(value, pattern) for pattern in alone]
    told += [f"({matches(value, a)} and {matches(value, b)})" for a, b in mixed]
    return f"({' or '.join(told)})"


def id_filter(value: str) -> str:
    """SQL: whether an identifier could be a number, an address or several words."""
    return matches(value, _NO_ID)


def keypad_filter(value: str) -> str:
    """SQL: whether the value of a keypad field could hold a finding."""
    return f"({text_filter(value)} or {matches(value, '[0-9*#].*[0-9*#]')})"


def without_identifiers(payload: str) -> str:
    """SQL: a JSON payload without identifiers and instants."""
    return _without(payload, "|".join((_ID_MEMBER, *ID_SHAPES)))


def payload_filter(rest: str) -> str:
    """SQL: whether what ``without_identifiers`` left of a payload could hold a finding."""
    text = text_filter(_without(rest, _SMALL_NUMBER))
    return f"({text} or {matches(rest, _PRESSED)} or {matches(rest, _SEVERAL_WORDS)})"


def _without(value: str, pattern: str) -> str:
    return f"regexp_replace({value}, {literal(pattern)}, ' ', 'g')"


def matches(value: str, pattern: str) -> str:
    """SQL: whether an RE2 pattern occurs in ``value`` (a SQL expression)."""
    return f"regexp_matches({value}, {literal(pattern)})"


def literal(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
