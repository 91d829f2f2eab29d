"""Caller tokens: a keyed pseudonym for a phone number, the same wherever the number is written.

Standard library only, because the look-up command computes the token of a number given in clear.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable

TOKEN_PREFIX = "tok_"  # noqa: S105 (what tokens look like, no secret)

# What carriers and Twilio write when the caller hides: a token of it would join strangers.
_HIDDEN = frozenset(
    {"anonymous", "restricted", "blocked", "unknown", "unavailable", "private", "withheld"}
    | {"266696687", "7378742833", "2562533", "8656696", "86282452253"}
)
_SCHEME = re.compile(r"^(?:tel|sips?|whatsapp|callto):(?://)?", re.IGNORECASE)
_EXTENSION = re.compile(r"[\s,;]*(?:x|ext\.?|extension)\s*\d{1,6}$", re.IGNORECASE)
_NUMBER = re.compile(r"[\d\s().\-/\u2010-\u2015]+")
_NOT_DIGIT = re.compile(r"\D+")
_MIN_DIGITS = 3
_MAX_DIGITS = 20

# Identifiers that callers, carriers or apps can set.
_ID_SHAPE = re.compile(r"(?:[A-Za-z0-9._:@/+=~!*\[\]\-]|%2[bB]|%40)+")
_MAX_ID_CHARS = 200
_LONG_NUMBER = 7
_HEX_LENGTHS = frozenset({32, 40, 64})
_DIGIT_RUN = re.compile(r"[0-9]{10,}")
_DATE = r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
# What holds many digits and is nobody's number, beside hex.
_NEUTRAL = re.compile(
    r"(?<![0-9A-Za-z])[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![0-9A-Za-z])"
    r"|tok_[0-9a-f]{32}"
    r"|(?<![0-9A-Za-z])[A-Za-z]{2}[0-9a-fA-F]{32}(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])(?:RM|AJ|EV|PA|TR|EG|SCL|ST|SDR)_[0-9A-Za-z]{12}(?![0-9A-Za-z])"
    # A ULID; the first character is 7 at most, and no number has letters.
    r"|(?<![0-9A-Za-z])(?=[0-9]{0,9}[A-Za-z])[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}(?![0-9A-Za-z])"
    rf"|(?<![0-9+]){_DATE}(?:T?[0-9]{{6}}|[-_][0-9]{{1,7}})?(?![0-9])"
    r"|(?<![0-9+])(?:19|20)[0-9]{2}[-._](?:0[1-9]|1[0-2])[-._](?:0[1-9]|[12][0-9]|3[01])"
    r"(?:[T_-][0-9]{2}[:-]?[0-9]{2}(?:[:-]?[0-9]{2})?)?(?![0-9])"
    r"|(?<![0-9.+])(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})\.){3}"
    r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})(?![0-9]|\.[0-9])"
)
_EMBEDDED = re.compile(
    r"(?P<email>[\w.%+\-]{1,64}(?:@|%40|\uff20)[\w\-]{1,63}(?:\.[\w\-]{1,63}){0,4})"
    rf"|(?P<neutral>{_NEUTRAL.pattern})"
    r"|(?<![0-9A-Za-z])(?P<hex>(?=[0-9]{0,64}[a-fA-F]|[0-9]{32})[0-9a-fA-F]{16,64})(?![0-9A-Za-z])"
    r"|(?P<phone>(?:%2[bB]|\+)?(?:\d{10,}"
    r"|(?<![A-Za-z0-9])\(?\d{7,9}(?![A-Za-z0-9])"
    r"|(?<![A-Za-z0-9])\(?\d{1,6}(?:[\s().\-]{1,3}\d{1,6}){1,18}(?![A-Za-z0-9])))"
)
_IP_HOST = re.compile(r"(?:@|%40|\uff20)[0-9]{1,3}(?:\.[0-9]{1,3}){3}$")


def normalise_number(number: str) -> str | None:
    """Digits of a phone number in E.164 order without ``+``; None if it is not a number.

    Understands ``tel:`` and ``sip:`` addresses, separators, a trailing extension and the
    international prefixes ``00`` and ``011``. Ten digits without ``+`` are taken as North American
    and get country code 1.
    """
    text = _SCHEME.sub("", number.strip()).split("@", 1)[0].split(";", 1)[0]
    text = _EXTENSION.sub("", text.replace("%2B", "+").replace("%2b", "+")).strip()
    has_plus = text.startswith(("+", "\uff0b"))
    body = text[1:] if has_plus else text
    if not _NUMBER.fullmatch(body):
        return None
    digits = _NOT_DIGIT.sub("", body)
    if not digits.isascii():
        digits = "".join(str(int(c)) for c in digits)
    if not _MIN_DIGITS <= len(digits) <= _MAX_DIGITS:
        return None
    if has_plus:
        return digits
    if len(digits) > 11 and digits.startswith("011"):
        return digits[3:]
    if len(digits) > 10 and digits.startswith("00"):
        return digits[2:]
    return f"1{digits}" if len(digits) == 10 else digits


def is_hidden_number(number: str) -> bool:
    """Whether the value says that the caller's number is hidden (no token may stand for it)."""
    text = _SCHEME.sub("", number.strip()).split("@", 1)[0].lstrip("+").lower()
    return not text or text in _HIDDEN


def caller_token(key: bytes, number: str) -> str:
    """``tok_`` and 32 hex digits: HMAC-SHA256 over ``caller:`` and the normalised number.

    A value that is no phone number (a SIP user, a client name) is tokenised as it stands, in lower
    case, so that nothing passes through in clear.
    """
    identity = normalise_number(number) or number.strip().lower()
    digest = hmac.new(key, f"caller:{identity}".encode("utf-8", "surrogatepass"), hashlib.sha256)
    return TOKEN_PREFIX + digest.hexdigest()[:32]


def name_token(key: bytes, word: str) -> str:
    """Token of one folded word of a name; its domain is its own, so it equals no caller's token."""
    return TOKEN_PREFIX + hmac.digest(key, f"name:{word}".encode(), "sha256").hex()[:32]


def published_id(key: bytes, value: str) -> str:
    """How an identifier that a caller or an app can set is published; the same everywhere.

    What has an ID's shape stays, but for numbers and addresses in it (``embedded_tokens``). A
    number of seven digits or more, or a text that is no ID, becomes one token whole.
    """
    text = value.strip()
    if _is_long_number(text):
        return caller_token(key, text) if normalise_number(text) else _token_of(key, text)
    if len(text) > _MAX_ID_CHARS or not _ID_SHAPE.fullmatch(text):
        return _token_of(key, text) if text else value
    return embedded_tokens(key, text)


def embedded_tokens(key: bytes, text: str) -> str:
    """The text with a token in place of each number and each e-mail address that stands in it.

    A number has ten digits or more in a row, whatever stands beside it; or seven to nine that stand
    alone; or seven or more in groups. IDs, dates and IP addresses are no numbers.
    """
    return _EMBEDDED.sub(lambda match: _embedded_token(key, match), text)


def _embedded_token(key: bytes, match: re.Match[str]) -> str:
    text = match.group()
    if match["email"]:
        host = _IP_HOST.search(text)  # of a SIP Call-ID
        if host is None:
            return _token_of(key, text)
        return embedded_tokens(key, text[: host.start()]) + host.group()
    if match["hex"]:
        return text if _is_hex_id(text) else _DIGIT_RUN.sub(_number_in(key), text)
    if match["phone"] and sum(map(str.isdecimal, text)) >= _LONG_NUMBER:
        return caller_token(key, text) if normalise_number(text) else _token_of(key, text)
    return text


def _number_in(key: bytes) -> Callable[[re.Match[str]], str]:
    return lambda match: caller_token(key, match.group())


def _is_hex_id(text: str) -> bool:
    """Whether hex digits are mixed as chance mixes them, and hold no card number."""
    letters = sum(map(str.isalpha, text))
    is_mixed = letters * 8 >= len(text) or (letters == 0 and len(text) in _HEX_LENGTHS)
    return is_mixed and not any(_is_card(run) for run in _DIGIT_RUN.findall(text))


def _is_card(digits: str) -> bool:
    if len(digits) not in {15, 16} or digits[0] not in "3456":
        return False
    doubled = (int(c) * (1 + i % 2) for i, c in enumerate(reversed(digits)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _is_long_number(text: str) -> bool:
    digits = sum(map(str.isdecimal, text))
    if digits < _LONG_NUMBER or digits in _HEX_LENGTHS or _NEUTRAL.fullmatch(text):
        return False
    if _NUMBER.fullmatch(text.lstrip("+")):
        return True
    # user@host is a SIP Call-ID as well, and one user has many of those.
    is_address = "@" not in text or _SCHEME.match(text)
    return bool(is_address and normalise_number(text))


def _token_of(key: bytes, text: str) -> str:
    digest = hmac.new(key, f"id:{text}".encode("utf-8", "surrogatepass"), hashlib.sha256)
    return TOKEN_PREFIX + digest.hexdigest()[:32]
