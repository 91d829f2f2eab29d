"""Credentials in a text: what machines sign in with, and passwords that a cue introduces.

Told by how a word is mixed, not by a list of vendors: a long word of upper case, lower case and
digits is a secret or an identifier, and identifiers are taken out before.
"""

from __future__ import annotations

import re

from expectations.spoken import word_set

MIN_SECRET_CHARS = 20
# Beginnings that vendors give their keys so that scanners find them.
KEY_BEGINNINGS = ("sk-", "sk_live_", "rk_live_", "AKIA", "ghp_", "gho_", "xox", "eyJ", "AIza",
                  "-----BEGIN")  # fmt: skip
_BEGINNING = re.compile(
    rf"-----BEGIN|(?<![A-Za-z0-9])(?:{'|'.join(KEY_BEGINNINGS)})(?=[A-Za-z_\-]{{0,40}}[0-9])"
    r"[A-Za-z0-9_\-]{8}"
)
_CREDENTIALS = re.compile(r"://[^/\s@:]{0,100}:[^/\s@]{1,100}@")
LINK_KEYS = "(?:token|key|secret|password|sig|signature)="
_LINK_KEYS = re.compile(rf"(?i:[?&#][a-z_]{{0,12}}{LINK_KEYS}[^&\s]{{4}})")
# Names of machines are short words with something between them; a secret is one long word.
_PIECE = re.compile(rf"[A-Za-z0-9+=]{{{MIN_SECRET_CHARS},}}")
# Sixteen bytes in hex, unless the words before call them what they are in a log.
_HEX = re.compile(r"(?<!\S)[0-9a-f]{32,64}(?![^\s.,;!?])")
_HEX_NAMES = re.compile(r"(?i:\b(?:trace|span|call|session|request|id|sid|hash|room)\b)")
_HEX_LOOKBACK_CHARS = 40
PASSWORD_CUES = word_set("password passwd passphrase token apikey key secret")
_CUED_CHARS = 6
_PIECES = re.compile(r"\S+")
_CUED_WINDOW = 3


def has_credentials(text: str) -> bool:
    """Whether an address holds a user and a password."""
    return "://" in text and bool(_CREDENTIALS.search(text))


def has_secret(text: str) -> bool:
    """Whether a text holds a key, a token, a password or an address with one."""
    if has_credentials(text) or _BEGINNING.search(text) or _LINK_KEYS.search(text):
        return True
    low = text.lower()
    is_cued = any(cue in low for cue in PASSWORD_CUES) and _has_cued_password(text)
    return is_cued or _has_long_mixed_word(text)


def has_bare_hex(text: str) -> bool:
    """Whether 32 hex digits or more stand in a text that does not call them an identifier."""
    return any(
        not _HEX_NAMES.search(text, max(0, match.start() - _HEX_LOOKBACK_CHARS), match.start())
        for match in _HEX.finditer(text)
    )


def _has_long_mixed_word(text: str) -> bool:
    """Whether a long word of all three kinds of characters stands beside a blank."""
    for match in _PIECE.finditer(text):
        piece = match.group()
        is_mixed = all(any(map(kind, piece)) for kind in (str.isupper, str.islower, str.isdigit))
        around = text[max(0, match.start() - 1) : match.start()] + text[match.end() :][:1]
        if is_mixed and any(map(str.isspace, around)):
            return True
    return False


def _has_cued_password(text: str) -> bool:
    pieces = _PIECES.findall(text)
    for at, piece in enumerate(pieces):
        if piece.strip(":='\",").lower() in PASSWORD_CUES:
            for after in pieces[at + 1 : at + 1 + _CUED_WINDOW]:
                word = after.strip(".,;:!?'\"()")
                if len(word) >= _CUED_CHARS and "[" not in word and _is_mixed(word):
                    return True
    return False


def _is_mixed(word: str) -> bool:
    letters = any(map(str.isalpha, word))
    return letters and (any(map(str.isdigit, word)) or any(c in "!@#$%^&*" for c in word))
