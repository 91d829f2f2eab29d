"""Caller tokens: a keyed pseudonym for a phone number, the same wherever the number is written.

Standard library only, because the look-up command computes the token of a number given in clear.
"""

from __future__ import annotations

import hashlib
import hmac
import re

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
