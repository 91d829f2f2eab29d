"""Values that have a shape of their own wherever they stand: keys, addresses of machines, codes.

Each name is a rule's ``pattern`` in ``policy.yml``. All repeats are bounded, and no two neighbours
can match the same characters, so that each start costs a constant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.redaction.view import View

_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d{1,2})"
_SPOKEN_OCTET = (
    r"(?:(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d{1,3}"
    r"|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)[ -]?){1,4}"
)
_VERSION_BEFORE = re.compile(r"\b(?:version|release|firmware|v|build|revision)\s?$")
_ID_BEFORE = re.compile(r"\b(?:trace|span|call|session|contact|request|record)(?:[ _]?id)?\W{0,3}$")
_UNMASKED = frozenset({"ip", "ip_spoken", "postcode", "hex_secret"})
_LAST_WORDS = re.compile(r"(?:[\s\-][a-z]{1,4}){1,4}$")
_IBAN_DIGITS = 8
_WORDS_LIKE_STATES = frozenset({"in", "or", "me", "hi", "ok", "oh", "la", "de", "id", "pa", "ma"})

# Matched against lower-case text, with the machine-made IDs of our providers made unreadable where
# a shape could be one of them ("neutral").
_PATTERNS: dict[str, str] = {
    "ip": rf"(?<![\d.]){_OCTET}(?:\.{_OCTET}){{3}}(?![\d.])"
    r"|(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}(?::?[0-9a-f]{1,4}){1,4}(?![\w:])"
    r"|(?<![\w:])(?:[0-9a-f]{1,4}:){1,4}:(?:[0-9a-f]{1,4}:){0,4}[0-9a-f]{1,4}(?![\w:])",
    "ip_spoken": rf"\b{_SPOKEN_OCTET}(?:(?:dot|point) {_SPOKEN_OCTET}){{3}}(?<! )",
    # user:password@host, or a secret in the query
    "url_credentials": r"\b[a-z][a-z0-9+.\-]{1,15}://[^\s/@:?#]{1,128}:[^\s/@]{1,128}@[^\s]{1,256}"
    r"|\b[a-z][a-z0-9+.\-]{1,15}://[^\s?#]{1,256}[?&#](?:[^\s&=]{1,64}=[^\s&]{0,256}&){0,16}"
    r"(?:token|access_token|api_?key|key|secret|password|passwd|pwd|auth|sig|signature|code"
    r"|x-amz-[a-z-]{1,32}|session|sid|jwt)=[^\s]{1,512}",
    "api_key": r"\b(?:sk|pk|rk|whsec)[-_](?:live|test|proj|ant|or)?[-_]?[a-z0-9_\-]{12,200}"
    r"|\b(?:akia|asia|aroa)[0-9a-z]{12,20}\b|\bgh[pousr]_[a-z0-9]{20,255}|\bgithub_pat_[a-z0-9_]{20,255}"
    r"|\bglpat-[a-z0-9_\-]{16,64}|\bxox[abeprs]-[a-z0-9\-]{10,200}|\baiza[a-z0-9_\-]{30,45}"
    r"|\bya29\.[a-z0-9_\-]{20,255}|\bsg\.[a-z0-9_\-]{16,64}\.[a-z0-9_\-]{16,64}|\bnpm_[a-z0-9]{30,64}"
    r"|\b(?:hf|dop_v1|shpat|sq0atp|pypi|key|token|secret|api)[_-][a-z0-9_\-]{16,255}"
    r"|\beyj[a-z0-9_\-]{8,2000}\.[a-z0-9_\-]{8,4000}(?:\.[a-z0-9_\-]{0,2000})?"
    r"|(?:(?<=\bbearer\s)|(?<=\bbasic\s))[a-z0-9._~+/=\-]{16,2000}"
    r"|-----begin [a-z ]{0,40}private key-----",
    "hex_secret": r"(?<![\w/\-])(?=[0-9]{0,40}[a-f])(?=[a-f]{0,40}[0-9])[0-9a-f]{32,128}(?![\w\-])",
    "iban": r"\b[a-z]{2}\s?\d{2}(?:[\s\-]?[a-z0-9]{4}){2,7}(?:[\s\-]?[a-z0-9]{1,3})?\b",
    # National Insurance number, and number-letter IDs of other countries
    "national_id": r"\b[a-z]{2}[\s.\-]?\d{2}[\s.\-]?\d{2}[\s.\-]?\d{2}[\s.\-]?[a-d]\b"
    r"|\b[xyz]?\d{7,8}-?[a-hj-np-tv-z]\b",
    "postcode": r"\b(?:[a-z]{1,2}\d[a-z\d]?\s?\d[abd-hjlnp-uw-z]{2})\b"
    r"|\b[abceghj-nprstvxy]\d[abceghj-nprstv-z][\s\-]?\d[abceghj-nprstv-z]\d\b"
    r"|\b(?:al|ak|az|ar|ca|co|ct|de|fl|ga|hi|id|il|in|ia|ks|ky|la|me|md|ma|mi|mn|ms|mo|mt|ne|nv|nh"
    r"|nj|nm|ny|nc|nd|oh|ok|or|pa|ri|sc|sd|tn|tx|ut|vt|va|wa|wv|wi|wy|dc),?\s\d{5}(?:-\d{4})?\b",
}
_COMPILED = {name: re.compile(pattern) for name, pattern in _PATTERNS.items()}
_LONG_WORD = re.compile(r"(?<![\w/.\-])[A-Za-z0-9_\-+/=]{20,512}(?![\w/.\-])")


def find(name: str, view: View) -> Iterator[tuple[int, int]]:
    """Character ranges of the text that have the named shape."""
    if name == "random_token":
        yield from _random_tokens(view)
        return
    low = view.low if name in _UNMASKED else view.neutral
    for match in _COMPILED[name].finditer(low):
        view.spend()
        if name == "ip" and _VERSION_BEFORE.search(low[max(0, match.start() - 12) : match.start()]):
            continue
        if name == "hex_secret" and _ID_BEFORE.search(
            low[max(0, match.start() - 24) : match.start()]
        ):
            continue
        value = match.group().rstrip(" ,;)")
        if name == "iban":
            # The groups may have taken words that follow.
            value = _LAST_WORDS.sub("", value)
            if sum(map(str.isdecimal, value)) < _IBAN_DIGITS:
                continue
        if name == "postcode" and not _is_postcode(value, view.text[match.start() : match.end()]):
            continue
        yield match.start(), match.start() + len(value)


def _is_postcode(value: str, written: str) -> bool:
    """Not "b12 3rd"; and "in 94107" only where the state stands in capitals."""
    if value[:2] in _WORDS_LIKE_STATES and value[2] in " ,":
        return written[:2].isupper()
    return not value.endswith(("st", "nd", "rd", "th"))


def _random_tokens(view: View) -> Iterator[tuple[int, int]]:
    """Long words that mix cases and digits as no word, ID of a provider or file name does."""
    for match in _LONG_WORD.finditer(view.text):
        view.spend()
        word = match.group()
        if view.neutral[match.start() : match.end()] != word.lower():
            continue
        kinds = (str.islower, str.isupper, str.isdigit)
        if all(any(map(kind, word)) for kind in kinds) and sum(map(str.isdigit, word)) >= 3:
            yield match.span()
