"""SQL that sets aside the cells which cannot hold a finding.

RE2 expressions for DuckDB, so the time is linear whatever a provider writes. Generous on purpose: a
cell that stays is judged by the detector, a cell that goes is judged by nobody, so a test asserts
that whatever the detector flags stays.
"""

from __future__ import annotations

from expectations.detector import ID_KEY_ENDINGS, ID_SHAPES, KEYPAD_WORDS
from expectations.spoken import MIN_DIGITS, NUMBER_WORDS

# A word tells at most three digits ("eight hundred", "triple four" in two).
DIGITS_A_WORD = 3
_NUMBER_WORD = r"(?i)\b(?:" + "|".join(NUMBER_WORDS) + r")\b"
_NOT_A_DIGIT = r"[^\p{Nd}]"
_SPOKEN_EMAIL = r"(?is)\bat\b.*\bdot\b"
_E164_OR_CARD = r"(?:\+|%2[bB])[0-9]{8}|^[3-6][0-9]{14,15}$"

_ENDINGS = "|".join(ID_KEY_ENDINGS)
_CAPITAL = "|".join(ending.capitalize() for ending in ID_KEY_ENDINGS)
_ID_KEY = rf'"(?:(?:[A-Za-z0-9_.-]*_)?(?:{_ENDINGS})|[A-Za-z0-9_]*(?:{_CAPITAL}))"\s*:\s*'
# Under such a key, a value of digits alone or one with a plus sign stays for the detector.
_ID_MEMBER = _ID_KEY + r'"[^"\\+%]*[^"\\+%0-9][^"\\+%]*"'
_SMALL_NUMBER = r":\s*-?[0-9]{1,6}(?:\.[0-9]+)?\s*[,}\]]"
_KEYPAD_WORDS = "|".join(KEYPAD_WORDS)
_PRESSED = (
    rf'(?i)"[a-z0-9_.-]*(?:{_KEYPAD_WORDS})[a-z0-9_.-]*\\?"\s*:[^,}}]*[0-9*#][^,}}]*[0-9*#]'
    r'|"\s*[0-9*#][0-9*# ,-]*[0-9*#][ ,-]*\\?"'
    r'|\[\s*\\?"[0-9*#]\\?"\s*,'
)


def text_filter(value: str) -> str:
    """SQL: whether free text (a SQL expression) could hold a finding."""
    digits = f"length(regexp_replace({value}, {literal(_NOT_A_DIGIT)}, '', 'g'))"
    words = f"len(regexp_extract_all({value}, {literal(_NUMBER_WORD)}))"
    return (
        f"({digits} + {DIGITS_A_WORD} * {words} >= {MIN_DIGITS}"
        f" or {matches(value, '[@＠﹫]')} or {matches(value, _SPOKEN_EMAIL)})"
    )


def id_filter(value: str) -> str:
    """SQL: whether an identifier could be a telephone number or a card."""
    return matches(value, _E164_OR_CARD)


def keypad_filter(value: str) -> str:
    """SQL: whether the value of a keypad field could hold a finding."""
    return f"({text_filter(value)} or {matches(value, '[0-9*#].*[0-9*#]')})"


def pressed_filter(payload: str) -> str:
    """SQL: whether a JSON payload could hold more than one pressed key."""
    return matches(payload, _PRESSED)


def harmless_removed(payload: str) -> str:
    """SQL: a JSON payload without identifiers, instants and small numbers."""
    for pattern in (_ID_MEMBER, *ID_SHAPES, _SMALL_NUMBER):
        payload = f"regexp_replace({payload}, {literal(pattern)}, ' ', 'g')"
    return payload


def matches(value: str, pattern: str) -> str:
    """SQL: whether an RE2 pattern occurs in ``value`` (a SQL expression)."""
    return f"regexp_matches({value}, {literal(pattern)})"


def literal(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
