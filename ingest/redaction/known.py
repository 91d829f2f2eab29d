"""Known values: what a record's own fields say about the customer, found wherever it is repeated.

The policy's ``known`` lists the fields of each stream; they are read before the record is redacted.
Names of *other* records of the call are known only after identity: for those the record carries
tokens of its own name words (``_known``), and each text tokens of its words that could be names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from ingest.redaction.numerals import digits_of
from ingest.redaction.view import View
from ingest.redaction.words import FUNCTION_WORDS, fold, rare_names, vocabulary

KINDS = frozenset({"name", "phone", "email", "address", "number", "json"})
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_MAX_JSON_CHARS = 65536
_MAX_DEPTH = 8
_MAX_VALUES = 200
_MAX_VALUE_CHARS = 400
_LEAST_DIGITS = 4
# Keys of a tool's arguments and results, without case and separators.
_KEY = re.compile(
    r"(?:customer|caller|contact|patient|accountholder|cardholder|holder|member|user|billing|shipping)?"
    r"(?:(?P<name>(?:first|last|middle|full|given|family|sur|maiden)?name)"
    r"|(?P<phone>(?:phone|mobile|cell|telephone)(?:number)?|ani|callerid)"
    r"|(?P<email>e?mail(?:address)?)"
    r"|(?P<address>(?:street|postal|home|mailing)?address(?:line)?[12]?|street|city|zip(?:code)?"
    r"|postcode|postalcode)"
    r"|(?P<number>(?:account|card|member|policy|patient|ssn|socialsecurity|iban|routing|medicalrecord"
    r"|mrn)(?:number|no|id)?|ssn|iban|mrn|dob|dateofbirth|birthdate))"
)
_NOT_KEY = re.compile(r"[\s_\-.]+")


@dataclass(slots=True)
class Known:
    """Values of one record: name words, other words (folded), and digits of numbers."""

    names: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.names or self.words or self.numbers)

    def with_words(self, words: set[str]) -> Known:
        """These values, and words that were given as an answer."""
        return Known(self.names, self.words | words, self.numbers)

    def find(self, view: View) -> Iterator[tuple[int, int]]:
        """Where the values, or telling parts of them, stand in a text, written or spoken."""
        if self.names or self.words:
            for token in _WORD.finditer(view.low):
                word = fold(token.group().removesuffix("'s"))
                if word in self.names or word in self.words:
                    view.spend()
                    yield token.start(), token.start() + len(token.group().removesuffix("'s"))
        if self.numbers:
            for run in view.all_runs:
                if run.atoms >= _LEAST_DIGITS:
                    view.spend(len(self.numbers))
                    digits = digits_of(view.low[run.start : run.end])
                    if any(digits in number for number in self.numbers):
                        yield run.start, run.end

    def add(self, kind: str, value: Any) -> None:
        """Take one value of a kind of ``KINDS``."""
        if kind == "json":
            self._add_json(value)
            return
        if isinstance(value, bool) or not isinstance(value, str | int):
            return
        text = str(value)[:_MAX_VALUE_CHARS]
        digits = "".join(c for c in text if c.isdecimal())
        if kind in {"phone", "number"} and len(digits) >= _LEAST_DIGITS:
            self.numbers.add(digits)
        elif kind == "address" and len(digits) >= _LEAST_DIGITS:
            self.numbers.update(part for part in re.findall(r"\d{4,12}", text))
        if kind == "name":
            self.names.update(name_words(text))
        elif kind in {"email", "address"}:
            local = text.partition("@")[0] if kind == "email" else text
            self.words.update(telling_words(local))

    def _add_json(self, value: Any, key: str = "", depth: int = 0) -> None:
        """Take the customer's values out of a tool's arguments or results."""
        if depth == 0 and isinstance(value, str):
            if len(value) > _MAX_JSON_CHARS:
                return
            try:
                value = msgspec.json.decode(value)
            except (msgspec.DecodeError, RecursionError):
                return
        if depth > _MAX_DEPTH or len(self.names) + len(self.words) > _MAX_VALUES:
            return
        if isinstance(value, Mapping):
            for name, child in value.items():
                self._add_json(child, str(name), depth + 1)
        elif isinstance(value, list):
            for child in value:
                self._add_json(child, key, depth + 1)
        elif match := _KEY.fullmatch(_NOT_KEY.sub("", key[:64]).lower()):
            self.add(match.lastgroup or "", value)


def telling_words(text: str) -> set[str]:
    """Words of an answer that can tell a person: names, and what no vocabulary holds."""
    words = name_words(text)
    return {word for word in words if word not in vocabulary() or word in rare_names()}


def name_words(text: str) -> set[str]:
    """The folded words of a name that can tell it: "Dr. Ana O'Neil" -> ana, o'neil."""
    words = {fold(word.removesuffix("'s")) for word in _WORD.findall(text.lower())}
    return {word for word in words if len(word) > 1 and word not in FUNCTION_WORDS}


Path = tuple[tuple[str, int], ...]


def compiled(entries: Sequence[Mapping[str, str]]) -> list[tuple[Path, str]]:
    """The policy's ``known`` entries as (segments with how many arrays each opens, kind).

    Raises:
        ValueError: an unknown kind.
    """
    out = []
    for entry in entries:
        if entry["kind"] not in KINDS:
            msg = f"unknown kind of known value: {entry['kind']}"
            raise ValueError(msg)
        segments = entry["path"].split("/")
        path = tuple((part.rstrip("[]"), part.count("[]")) for part in segments)
        out.append((path, entry["kind"]))
    return out


def known_of(record: Mapping[str, Any], fields: Sequence[tuple[Path, str]]) -> Known:
    """What a record that is not redacted yet says about the customer."""
    known = Known()
    for path, kind in fields:
        for value in _values(record, path):
            known.add(kind, value)
    return known


def _values(value: Any, path: Path) -> Iterator[Any]:
    if not path:
        if value is not None:
            yield value
        return
    (name, arrays), *rest = path
    if not isinstance(value, Mapping) or name not in value:
        return
    found = [value[name]]
    for _ in range(arrays):
        found = [item for values in found if isinstance(values, list) for item in values]
    for item in found:
        yield from _values(item, tuple(rest))
