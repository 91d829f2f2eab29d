"""Labelled turns: the inline notation of the corpus files, read into values and where they lie.

``my card is [card|four one one one]`` labels a value, ``[card#1|four one] no wait [card#1|four
two]`` one value in several pieces, also over turns. ``[*|i do not have it here]`` may be masked or
not: it is the answer to a question about identity or payment, and holds no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PARTS = ("develop", "scored")
HERE = Path(__file__).resolve().parent

LABEL = re.compile(r"\[(?P<label>\*|[a-z0-9_]+)(?:#(?P<id>\w+))?\|(?P<text>[^\[\]|]+)\]")
ROLES = ("agent", "caller", "ivr")
PERMITTED = "*"


class CorpusError(ValueError):
    """A corpus file breaks the notation."""


@dataclass(frozen=True)
class Turn:
    """What one side said."""

    role: str
    text: str


@dataclass(frozen=True)
class Piece:
    """A range of characters of one turn."""

    turn: int
    start: int
    end: int


@dataclass(frozen=True)
class Value:
    """One personal value; its pieces may lie in several turns."""

    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Sample:
    """A conversation, often of one turn. ``kind`` is the section it was written for."""

    key: str
    kind: str
    turns: tuple[Turn, ...]
    values: tuple[Value, ...]
    permitted: tuple[Piece, ...]

    @property
    def labels(self) -> frozenset[str]:
        """Classes of its values."""
        return frozenset(value.label for value in self.values)


def parse(key: str, kind: str, marked: list[tuple[str, str]]) -> Sample:
    """Read turns (role, marked-up text) into a sample."""
    turns: list[Turn] = []
    pieces: dict[tuple[str, str], list[Piece]] = {}
    for number, (role, text) in enumerate(marked):
        plain, at = "", 0
        for match in LABEL.finditer(text):
            plain += text[at : match.start()]
            name = (match["label"], match["id"] or f"@{number}.{match.start()}")
            end = len(plain) + len(match["text"])
            pieces.setdefault(name, []).append(Piece(number, len(plain), end))
            plain += match["text"]
            at = match.end()
        plain += text[at:]
        if role not in ROLES or set("[]|") & set(plain):
            msg = f"{key}: turn {number} is not in the notation"
            raise CorpusError(msg)
        turns.append(Turn(role, plain))
    values = [Value(label, tuple(p)) for (label, _), p in pieces.items() if label != PERMITTED]
    permitted = [piece for (label, _), p in pieces.items() if label == PERMITTED for piece in p]
    return Sample(key, kind, tuple(turns), tuple(values), tuple(permitted))


def turn_of(line: str) -> tuple[str, str]:
    """Role and text of ``agent: how can i help``; a line without a role is the caller's."""
    role, colon, text = line.partition(": ")
    return (role, text.strip()) if colon and role in ROLES else ("caller", line)


def entries(path: Path) -> Iterator[tuple[int, str, str]]:
    """Line number, section and text of each line; blank ones too, comments not."""
    section = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("## "):
            section = line[3:].strip()
        elif not line.startswith("#"):
            yield number, section, line.strip()


def read_lines(path: Path) -> list[Sample]:
    """Read a file in which every line is a call's only turn."""
    return [
        parse(f"{path.parent.name}/{path.name}:{number}", section, [turn_of(line)])
        for number, section, line in entries(path)
        if line
    ]


def read_conversations(path: Path) -> list[Sample]:
    """Read a file in which blank lines part the conversations."""
    block: list[tuple[str, str]] = []
    samples, first, kind = [], 0, ""
    for number, section, line in [*entries(path), (0, "", "")]:
        if line:
            first, kind = (first, kind) if block else (number, section)
            block.append(turn_of(line))
        elif block:
            samples.append(parse(f"{path.parent.name}/{path.name}:{first}", kind, block))
            block = []
    return samples


def hand_written(part: str) -> list[Sample]:
    """Every sample of a part that was written by hand."""
    folder = HERE / part
    return [
        *read_lines(folder / "lines.txt"),
        *read_conversations(folder / "conversations.txt"),
        *read_lines(folder / "negatives.txt"),
        *read_lines(folder / "beyond.txt"),
    ]
