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
_E164_OR_CARD = r"(?:\+|%2[bB])[0-9]{8}|^[3-6][0-9]{14,15}$"

_ENDINGS = "|".join(ID_KEY_ENDINGS)
_CAPITAL = "|".join(ending.capitalize() for ending in ID_KEY_ENDINGS)
_ID_KEY = rf'"(?:(?:[A-Za-z0-9_.-]*_)?(?:{_ENDINGS})|[A-Za-z0-9_]*(?:{_CAPITAL}))"\s*:\s*'
# Under such a key, a card's length of digits alone, or a plus sign, stays for the detector.
_ID_TEXT = r'"(?:[0-9]{0,14}|[^"\\+%]*[^"\\+%0-9][^"\\+%]*)"'
_ID_MEMBER = rf"{_ID_KEY}(?:{_ID_TEXT}|-?[0-9]{{1,14}}(?:\.[0-9]+)?\s*[,}}\]])"
_SMALL_NUMBER = r":\s*-?[0-9]{1,6}(?:\.[0-9]+)?\s*[,}\]]"
_KEYPAD_WORDS = "|".join(KEYPAD_WORDS)
_PRESSED = (
    rf'(?i)"[a-z0-9_.-]*(?:{_KEYPAD_WORDS})[a-z0-9_.-]*\\?"\s*:[^,}}]*[0-9*#][^,}}]*[0-9*#]'
    r'|"\s*[0-9*#][0-9*# ,-]*[0-9*#][ ,-]*\\?"'
    r'|\[\s*\\?"[0-9*#]\\?"\s*,'
)


def text_filter(value: str) -> str:
    """SQL: whether free text (a SQL expression) could hold a finding."""
    alone = (_SEVEN_DIGITS, _THREE_WORDS, "[@＠﹫]", _SPOKEN_EMAIL)
    mixed = ((_TWO_WORDS, _ONE_DIGIT), (_ONE_WORD, _FOUR_DIGITS))
    told = [matches(value, pattern) for pattern in alone]
    told += [f"({matches(value, a)} and {matches(value, b)})" for a, b in mixed]
    return f"({' or '.join(told)})"


def id_filter(value: str) -> str:
    """SQL: whether an identifier could be a telephone number or a card."""
    return matches(value, _E164_OR_CARD)


def keypad_filter(value: str) -> str:
    """SQL: whether the value of a keypad field could hold a finding."""
    return f"({text_filter(value)} or {matches(value, '[0-9*#].*[0-9*#]')})"


def without_identifiers(payload: str) -> str:
    """SQL: a JSON payload without identifiers and instants."""
    return _without(payload, "|".join((_ID_MEMBER, *ID_SHAPES)))


def payload_filter(rest: str) -> str:
    """SQL: whether what ``without_identifiers`` left of a payload could hold a finding."""
    return f"({text_filter(_without(rest, _SMALL_NUMBER))} or {matches(rest, _PRESSED)})"


def _without(value: str, pattern: str) -> str:
    return f"regexp_replace({value}, {literal(pattern)}, ' ', 'g')"


def matches(value: str, pattern: str) -> str:
    """SQL: whether an RE2 pattern occurs in ``value`` (a SQL expression)."""
    return f"regexp_matches({value}, {literal(pattern)})"


def literal(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
