"""Delivered bytes to records: one valid JSON object each, verbatim, or a reject with its reason.

Takes newline-delimited JSON, concatenated JSON without newlines (as Amazon Data Firehose writes
it), pretty-printed documents and top-level arrays, in any mixture. One poisoned record does not
take its file with it: reading goes on at the next place where a record can start. Memory stays
bounded by a few times the record limit, whatever the input.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

import msgspec

from ingest.inflate import InflateError, InflateLimits, chunks

_BOM = b"\xef\xbb\xbf"
_SPACE = re.compile(rb"[ \t\r\n\x0b\x0c]*")
_ARRAY_SPACE = re.compile(rb"[ \t\r\n\x0b\x0c,]*")
# Where one object ends and the next begins. Inside of valid JSON a comma stands between } and {,
# and a raw quote after { would end a string: so this is found between records (nearly) only.
_SEAM = re.compile(rb'\}\s*(?=\{\s*")')
# Where reading goes on after something broken: the next line that starts a value, or a seam.
_RESUME = re.compile(rb'\n(?=[{\[])|\}[ \t\r]*(?=\{\s*")')
_RESUME_AFTER_JUNK = re.compile(rb'\n|\}[ \t\r]*(?=\{\s*")')
_RESUME_IN_ARRAY = re.compile(rb"[,\]\n]")
_TOKEN = re.compile(rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"|[{}\[\]"]', re.DOTALL)
_OVERLAP = 4096
_NESTING = frozenset({dict, list})


@dataclass(frozen=True)
class Limits:
    """What a record and an object may be at most: bytes of a record, nesting, inflation."""

    record_bytes: int = 1 << 20
    depth: int = 64
    inflate: InflateLimits = field(default_factory=InflateLimits)


@dataclass(frozen=True, slots=True)
class Line:
    """A valid record: its bytes as the provider sent them (raw newlines blanked), and its value."""

    raw: bytes
    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reject:
    """What could not become a record, byte for byte, with a reason code.

    ``body`` stands at its start, is for the receiver to close, and may be large.
    """

    reason: str
    body: IO[bytes]


Item = Line | Reject


def check(raw: bytes, limits: Limits) -> Item:
    """One candidate record: a ``Line`` if it is a JSON object within the limits."""
    reason, value = _decode(raw, limits)
    if reason:
        return Reject(reason, io.BytesIO(raw))
    if b"\n" in raw:
        raw = raw.replace(b"\r\n", b"  ").replace(b"\n", b" ")
    return Line(raw, value)


def read_object(
    opened: Callable[[], IO[bytes]], limits: Limits, *, document: bool = False
) -> Iterator[Item]:
    """The records of one delivered object.

    Args:
        opened: Opens the object from its start, each time it is called.
        limits: Beyond them a record, or the object, is rejected.
        document: The whole object is one record, and is rejected whole.

    Yields:
        Records and rejects in the order of the object. An object that cannot be inflated gives the
        records up to there, and one reject of the object as it was delivered.
    """
    with opened() as source:
        plain = chunks(source, limits.inflate)
        try:
            if document:
                item = _document(plain, limits)
                yield Reject(item, opened()) if isinstance(item, str) else item
            else:
                yield from Splitter(plain, limits)
        except InflateError as error:
            yield Reject(str(error), opened())


def _document(plain: Iterator[bytes], limits: Limits) -> Line | str:
    data = bytearray()
    for chunk in plain:
        data += chunk
        if len(data) > limits.record_bytes + len(_BOM):
            return "too_large"
    item = check(bytes(data).removeprefix(_BOM).strip(), limits)
    return item.reason if isinstance(item, Reject) else item


def _decode(raw: bytes, limits: Limits) -> tuple[str, dict[str, Any]]:
    """A reject reason, or an empty one and the value."""
    if len(raw) > limits.record_bytes:
        return "too_large", {}
    try:
        value = msgspec.json.decode(raw)
    except RecursionError:
        return "too_deep", {}
    except (UnicodeDecodeError, msgspec.DecodeError):
        return ("invalid_json" if _is_utf8(raw) else "invalid_utf8"), {}
    if not isinstance(value, dict):
        return "not_an_object", {}
    if raw.count(b"{") + raw.count(b"[") > limits.depth and _deeper(value, limits.depth):
        return "too_deep", {}
    return "", value


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _deeper(value: Any, depth: int) -> bool:
    """Whether the value nests deeper than ``depth``, level by level and without recursion."""
    level = [value]
    for _ in range(depth):
        level = [
            child
            for node in level
            for child in (node.values() if node.__class__ is dict else node)
            if child.__class__ in _NESTING
        ]
        if not level:
            return False
    return True


class Splitter:
    """Iterates over the records and rejects of a stream of plain bytes."""

    def __init__(self, plain: Iterator[bytes], limits: Limits) -> None:
        self._plain = plain
        self._limits = limits
        self._buffer = b""
        self._at = 0
        self._ended = False
        self._in_array = False

    def __iter__(self) -> Iterator[Item]:
        self._fill()
        if self._buffer.startswith(_BOM):
            self._at = len(_BOM)
        while self._skip_between():
            yield self._guessed() or self._scanned()

    def _fill(self) -> None:
        """Have at least one record limit of bytes ahead, unless the input ends before."""
        if self._ended or len(self._buffer) - self._at > self._limits.record_bytes + 1:
            return
        parts = [self._buffer[self._at :]]
        size = len(parts[0])
        while size <= 3 * self._limits.record_bytes:
            chunk = next(self._plain, b"")
            if not chunk:
                self._ended = True
                break
            parts.append(chunk)
            size += len(chunk)
        self._buffer, self._at = b"".join(parts), 0

    def _skip_between(self) -> bool:
        """Go to the next value's first byte; False at the end. An array's brackets are skipped."""
        while True:
            self._fill()
            space = (_ARRAY_SPACE if self._in_array else _SPACE).match(self._buffer, self._at)
            self._at = space.end() if space else self._at
            if self._at == len(self._buffer):
                if self._ended:
                    return False
                continue
            if self._buffer[self._at] != (ord("]") if self._in_array else ord("[")):
                self._fill()
                return True
            self._in_array = not self._in_array
            self._at += 1

    def _guessed(self) -> Line | None:
        """The usual case, fast: the bytes up to the next seam are a record."""
        if self._in_array or self._buffer[self._at] != ord("{"):
            return None
        start, limit = self._at, self._at + self._limits.record_bytes
        seam = _SEAM.search(self._buffer, start, limit + _OVERLAP)
        if seam:
            end = seam.start() + 1
        elif self._ended and len(self._buffer) <= limit + _OVERLAP:
            end = len(self._buffer)
        else:
            return None
        item = check(self._buffer[start:end].rstrip(), self._limits)
        if isinstance(item, Reject):
            return None
        self._at = end
        return item

    def _scanned(self) -> Item:
        """The general case: find the value's end by its brackets, or the next place to resume."""
        start = self._at
        if self._buffer[start] not in b"{[":
            return self._junk()
        end = self._closing()
        if end is not None:
            item = check(self._buffer[start:end], self._limits)
            if isinstance(item, Reject) and item.reason in {"invalid_json", "invalid_utf8"}:
                resume = _RESUME.search(self._buffer, start + 1, end)
                if resume:
                    return self._reject_to(resume)
            self._at = end
            return item
        resume = _RESUME.search(self._buffer, start + 1, start + self._limits.record_bytes)
        if resume:
            return self._reject_to(resume)
        return self._spooled(_RESUME)

    def _closing(self) -> int | None:
        """Where the value's brackets are balanced; None if they are not within the limit."""
        depth = 0
        buffer, stop = self._buffer, self._at + self._limits.record_bytes
        for token in _TOKEN.finditer(buffer, self._at, stop):
            byte = buffer[token.start()]
            if byte in b"{[":
                depth += 1
            elif byte in b"}]":
                depth -= 1
                if depth == 0:
                    return token.end()
            elif token.end() - token.start() == 1:
                return None
        return None

    def _junk(self) -> Reject:
        resume_at = _RESUME_IN_ARRAY if self._in_array else _RESUME_AFTER_JUNK
        stop = self._at + self._limits.record_bytes
        resume = resume_at.search(self._buffer, self._at + 1, stop)
        return self._reject_to(resume) if resume else self._spooled(resume_at)

    def _reject_to(self, resume: re.Match[bytes]) -> Reject:
        raw = self._taken_to(_end_of(resume)).removesuffix(b"\n")
        return Reject(self._reason(raw), io.BytesIO(raw))

    def _reason(self, raw: bytes) -> str:
        """Why these bytes are no record; a fragment that is one by chance is broken JSON still."""
        return _decode(raw, self._limits)[0] or "invalid_json"

    def _taken_to(self, end: int) -> bytes:
        raw = self._buffer[self._at : end]
        self._at = end
        return raw

    def _spooled(self, resume_at: re.Pattern[bytes]) -> Reject:
        """Something without an end in sight: to a temporary file until reading can resume."""
        body = tempfile.TemporaryFile()  # noqa: SIM115 (the receiver closes it)
        size = 0
        overlap = min(_OVERLAP, self._limits.record_bytes // 2)
        search_from = self._at + 1
        while True:
            resume = resume_at.search(self._buffer, search_from)
            if resume or self._ended:
                rest = self._taken_to(_end_of(resume) if resume else len(self._buffer))
                size += body.write(rest.removesuffix(b"\n"))
                break
            size += body.write(self._taken_to(max(self._at, len(self._buffer) - overlap)))
            self._fill()
            search_from = self._at
        body.seek(0)
        if size > self._limits.record_bytes:
            return Reject("too_large", body)
        reason = self._reason(body.read())
        body.seek(0)
        return Reject(reason, body)


def _end_of(resume: re.Match[bytes]) -> int:
    """Where reading goes on: behind the match, but at an array's own comma or bracket."""
    return resume.start() if resume[0] in {b",", b"]"} else resume.end()
