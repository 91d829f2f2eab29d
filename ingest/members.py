"""The members of a JSON page whose values are not all valid JSON.

One ticket that nests too deep, or holds ``NaN``, must not take the page of a hundred with it. Where
the brackets of a whole page balance, its members can be told apart without reading them; each is
then judged as a record of its own. A page that was cut off does not balance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

# A string, whatever is in it, or what gives a container its shape.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[{}\[\],]', re.DOTALL)
_MEMBER = re.compile(rb'\s*("(?:[^"\\]|\\.)*+")\s*:\s*', re.DOTALL)


def lenient_object(raw: bytes) -> dict[str, msgspec.Raw]:
    """The members of an object, undecoded.

    Raises:
        ValueError: it is no whole object.
    """
    found = {}
    for piece in _pieces(raw, b"{", b"}"):
        match = _MEMBER.match(piece)
        if match is None:
            raise ValueError("a member without a name")
        found[str(msgspec.json.decode(match[1]))] = msgspec.Raw(piece[match.end() :].strip())
    return found


def lenient_list(raw: bytes) -> list[bytes]:
    """The elements of a list, undecoded.

    Raises:
        ValueError: it is no whole list.
    """
    return [piece.strip() for piece in _pieces(raw, b"[", b"]")]


def _pieces(raw: bytes, opening: bytes, closing: bytes) -> Iterator[bytes]:
    """What stands between the commas of the outermost container."""
    raw = raw.strip()
    if raw[:1] != opening or raw[-1:] != closing:
        raise ValueError("another shape")
    depth, start = 0, 1
    for token in _TOKEN.finditer(raw):
        byte = token.group()[:1]
        if byte in b"{[":
            depth += 1
        elif byte in b"}]":
            depth -= 1
        if depth == 1 and byte == b",":
            yield raw[start : token.start()]
            start = token.end()
        if depth == 0 and token.end() != len(raw):
            raise ValueError("it ends before its end")
    if depth != 0:
        raise ValueError("it is cut off")
    if raw[start:-1].strip():
        yield raw[start:-1]
