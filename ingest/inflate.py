"""Compressed input, in bounded memory: gzip and zstd by their first bytes, never by file name.

Deliveries are compressed when the user's stack says so, and a file may be a bomb: what inflates
beyond the limits stops at once.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import zstandard

_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_PLAIN_CHUNK = 1 << 20
# One call inflates a whole input chunk, so these bound its output: deflate gives at most 1032:1
# (17 MB), a zstd block of 4 bytes at most 128 KiB (34 MB).
_GZIP_CHUNK = 16 << 10
_ZSTD_CHUNK = 1 << 10
_ZSTD_WINDOW = 1 << 27


class Readable(Protocol):
    """Anything with ``read``: a file, an S3 body."""

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; none at the end."""


@dataclass(frozen=True)
class InflateLimits:
    """How far one object may inflate.

    ``total_bytes`` at most, and beyond ``ratio_floor`` bytes at most ``ratio`` times its own size.
    """

    total_bytes: int = 4 << 30
    ratio: int = 100
    ratio_floor: int = 16 << 20


class InflateError(Exception):
    """The object cannot be inflated; the message is the reject's reason code."""


def chunks(source: Readable, limits: InflateLimits) -> Iterator[bytes]:
    """The object's plain bytes, whatever it was compressed with.

    Raises:
        InflateError: broken or cut off (``cannot_inflate``), or beyond the limits
            (``inflates_too_much``).
    """
    head = source.read(len(_ZSTD_MAGIC))
    if head[:2] == _GZIP_MAGIC:
        yield from _inflated(source, head, _GZIP_CHUNK, lambda: zlib.decompressobj(31), limits)
    elif head == _ZSTD_MAGIC:
        context = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        yield from _inflated(source, head, _ZSTD_CHUNK, context.decompressobj, limits)
    else:
        yield from _plain(source, head, limits)


def _plain(source: Readable, head: bytes, limits: InflateLimits) -> Iterator[bytes]:
    total = 0
    chunk = head
    while chunk:
        total += len(chunk)
        if total > limits.total_bytes:
            raise InflateError("inflates_too_much")
        yield chunk
        chunk = source.read(_PLAIN_CHUNK)


def _inflated(
    source: Readable, head: bytes, size: int, new: Callable[[], Any], limits: InflateLimits
) -> Iterator[bytes]:
    """Inflate member after member (gzip) or frame after frame (zstd)."""
    read = inflated = 0
    inflater, data = new(), head
    while data:
        read += len(data)
        while data:
            if inflater.eof:
                inflater = new()
            try:
                plain = inflater.decompress(data)
            except (zlib.error, zstandard.ZstdError):
                raise InflateError("cannot_inflate") from None
            data = inflater.unused_data if inflater.eof else b""
            inflated += len(plain)
            if inflated > limits.total_bytes or inflated > max(
                limits.ratio_floor, limits.ratio * read
            ):
                raise InflateError("inflates_too_much")
            if plain:
                yield plain
        data = source.read(size)
    if not inflater.eof:
        raise InflateError("cannot_inflate")
