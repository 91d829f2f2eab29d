"""Withholding: what the detector still flags in a record does not leave the redaction step.

A text is replaced by a fixed mark and its ``<field>_redaction`` says so; any other value becomes
null, because one mark for many identifiers would join strangers. It is a pure function of the
record and of this package's code (``detector_version``), so it may run anywhere and again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from expectations.detector import classes_in_leaf, classes_in_text, is_text_key
from expectations.prefilter import HARMLESS_JSON, SHOWING_JSON, TELLING_JSON

WITHHELD_TEXT = "[WITHHELD]"
STATE = "withheld"
RULE = "detector"
# What an agent's question asks for counts for the next text; the end of it is what was asked.
ASKED_CHARS = 120
_SUFFIX = "_redaction"
_CODE = ("credentials", "cues", "detector", "prefilter", "recognisers", "spoken", "withholding")


@lru_cache(maxsize=1)
def detector_version() -> str:
    """Eight hex digits of all that decides what is withheld: another detector, another name."""
    digest = hashlib.sha256()
    for package in ("phonenumbers", "presidio-analyzer"):
        digest.update(f"{package}={version(package)}\n".encode())
    for name in _CODE:
        digest.update(Path(__file__).with_name(f"{name}.py").read_bytes())
    return digest.hexdigest()[:8]


@dataclass(slots=True)
class Withheld:
    """A record with something withheld: its JSON and the classes that the detector named."""

    record: bytes
    classes: set[str] = field(default_factory=set)


def withhold(records: Sequence[bytes]) -> dict[int, Withheld]:
    """Look at redacted records (JSON objects, UTF-8) and withhold what is still unsafe in them.

    Returns:
        Index -> the record without what was flagged; records that are safe are not in it.
    """
    found = {}
    for index in suspicious(records):
        record = msgspec.json.decode(records[index])
        look = _Look()
        look.into_dict(record)
        if look.classes:
            found[index] = Withheld(msgspec.json.encode(record), look.classes)
    return found


def suspicious(records: Sequence[bytes]) -> list[int]:
    """The records that the detector has to read, by patterns that need no look at their fields."""
    if not records:
        return []
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pa.array(records, pa.string())
    harmless = pc.match_substring_regex(texts, f"^(?:{HARMLESS_JSON})$")
    doubtful = pc.or_(pc.invert(harmless), pc.match_substring_regex(texts, SHOWING_JSON))
    indices = set(pc.indices_nonzero(doubtful).to_pylist())
    # Compact JSON has blanks in texts only, and words tell nothing without one.
    prose = [i for i, record in enumerate(records) if i not in indices and b" " in record]
    spoken = texts.take(pa.array(prose, pa.int64()))
    for pattern in TELLING_JSON:
        told = pc.indices_nonzero(pc.match_substring_regex(spoken, pattern)).to_pylist()
        indices.update(prose[i] for i in told)
    return sorted(indices)


class _Look:
    """One walk over a record, in order, because a question gives its answer away."""

    def __init__(self) -> None:
        self.classes: set[str] = set()
        self._asked = ""

    def into_dict(self, record: dict[str, Any]) -> None:
        """Withhold in place what is flagged in an object."""
        for key, value in list(record.items()):
            if key.endswith(_SUFFIX):
                continue
            found = self._value(key, value)
            if found:
                self.classes |= found
                is_text = isinstance(value, str) and is_text_key(key)
                record[key] = WITHHELD_TEXT if is_text else None
                record[f"{key}{_SUFFIX}"] = _note(record.get(f"{key}{_SUFFIX}"), found)
        for key in [key for key in record if classes_in_text(key)]:
            self.classes |= classes_in_text(key)
            del record[key]

    def _value(self, key: str, value: Any) -> frozenset[str]:
        """Classes found in a value as a whole; what is inside of it is withheld piece by piece."""
        if value.__class__ is dict:
            self.into_dict(value)
            return frozenset()
        if value.__class__ is list:
            return self._list(key, value)
        if value.__class__ is str:
            asked, self._asked = self._asked, value[-ASKED_CHARS:] if _asks(value) else ""
            return classes_in_leaf(key, value, asked)
        return classes_in_leaf(key, value)

    def _list(self, key: str, values: list[Any]) -> frozenset[str]:
        if values and all(isinstance(value, str) and len(value) == 1 for value in values):
            return classes_in_leaf(key, "".join(values))
        found: set[str] = set()
        for at, value in enumerate(values):
            classes = self._value(key, value)
            if classes:
                found |= classes
                values[at] = WITHHELD_TEXT if isinstance(value, str) else None
        self.classes |= found
        return frozenset()


def _asks(text: str) -> bool:
    return "?" in text or "please" in text.lower()


def _note(redaction: Any, found: frozenset[str]) -> dict[str, Any]:
    told = redaction.get("classes") if isinstance(redaction, dict) else None
    return {"state": STATE, "classes": sorted({*(told or ()), *found}), "rule": RULE}


def all_classes(records: Sequence[bytes]) -> Iterator[set[str]]:
    """What would be withheld of each record, without asking the filter first: for its proof."""
    for record in records:
        look = _Look()
        look.into_dict(msgspec.json.decode(record))
        yield look.classes
