"""E-mail addresses in text, written or spelled out by speech recognition.

All repeats are bounded, so that a line of ``a.a.a.a@`` costs a constant per character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.redaction.spoken import word_list

_WRITTEN = re.compile(
    r"[\w.%+\-]{1,64}\s?[@\uff20]\s?[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,4}"
    r"|[\w.%+\-]{1,64}[@\uff20][\w\-]{1,63}"
)
_TOKEN = re.compile(r"[^\W_]+(?:[.'\u2019\-_][^\W_]+){0,8}|[@_.\-]")
_AT = re.compile(r"(?:\bat(?: sign)?\b|@)")
# Hosts that are said without an ending; none is a word that otherwise follows "at".
_HOSTS = frozenset(
    word_list("gmail googlemail hotmail yahoo icloud aol ymail protonmail gmx sbcglobal")
)
_DOTS = frozenset({"dot", "period", "point", "."})
_ENDINGS = frozenset(
    word_list("com net org edu gov mil info biz io co uk us ca de fr es it eu au in me")
)
_LINKS = frozenset(word_list("dot period point underscore dash hyphen minus plus . _ -"))
# Words that introduce an address: the local part ends (to the left) here.
_STOPS = frozenset(
    word_list(
        "is it's its email e-mail mail address my me to send you sure yes yeah yep okay ok so "
        "well that's that was the under use have on by reach contact at and"
    )
)
_MAX_LOCAL_TOKENS = 24
_MAX_LOCAL_CHARS = 160
_MAX_DOMAIN_CHARS = 100
_MAX_DOMAIN_TOKENS = 12
_MAX_LABEL_WORDS = 3


def written_emails(text: str) -> Iterator[tuple[int, int]]:
    """Character ranges of written addresses, also with a space beside the ``@``."""
    if "@" in text or "\uff20" in text:
        for match in _WRITTEN.finditer(text):
            yield match.span()


def spoken_emails(text: str) -> Iterator[tuple[int, int]]:
    """Character ranges such as ``j dot smith at gmail dot com`` in lower-case ``text``.

    An address needs ``at``, a known host or an ending after ``dot``; to the left it takes every
    word up to one that introduces it, so that spelled-out names go with it.
    """
    if "at" not in text and "@" not in text:
        return
    done = 0
    for match in _AT.finditer(text):
        end = _domain_end(text, match.end())
        if match.start() < done or end is None:
            continue
        start = _local_start(text, max(done, match.start() - _MAX_LOCAL_CHARS), match.start())
        done = end
        yield start, end


def _domain_end(text: str, start: int) -> int | None:
    """Where the domain that begins at ``start`` ends; None if what follows is no domain."""
    tokens = list(_TOKEN.finditer(text, start, start + _MAX_DOMAIN_CHARS))[:_MAX_DOMAIN_TOKENS]
    if not tokens or tokens[0].group() in _LINKS:
        return None
    end = tokens[0].end() if tokens[0].group() in _HOSTS else None
    words, after_dot = 0, False
    for match in tokens:
        token = match.group()
        if token in _DOTS:
            after_dot = True
            continue
        words = 1 if after_dot else words + 1
        if (after_dot and token in _ENDINGS) or _has_ending(token):
            end = match.end()
        elif words > _MAX_LABEL_WORDS or (end is not None and not after_dot and match != tokens[0]):
            break
        after_dot = False
    return end


def _has_ending(token: str) -> bool:
    host, _, ending = token.rpartition(".")
    return bool(host) and ending in _ENDINGS


def _local_start(text: str, low: int, high: int) -> int:
    start = high
    for match in reversed(list(_TOKEN.finditer(text, low, high))[-_MAX_LOCAL_TOKENS:]):
        if match.group() in _STOPS:
            break
        start = match.start()
    return start
