"""Plants fake secrets, each of them once, in every string field of a simulated estate's deliveries.

Each is unique, so one that is found tells the field and the form in which it got through.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from expectations.detector import kind_of_key

DIGIT_WORDS = ("oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# What tells a record's day or which kind of thing it is, what is asked for by the next request over
# HTTP, and numbers that JSON writes as text: no reader of these is a text field.
SPARED = frozenset(
    {
        "InitiationTimestamp", "LastUpdateTimestamp", "Timestamp", "createdAt", "creationTime",
        "timestamp", "startTimeUnixNano", "endTimeUnixNano", "date_created", "date_updated",
        "start_time", "end_time", "created_time", "updated_at", "created_at",
        "generated_timestamp", "sid", "call_sid", "id", "uri", "event", "type", "role",
        "ParticipantId", "name", "key", "eventType", "status", "state", "processing_state",
        "intValue",
    }
)  # fmt: skip
# In these streams a spared name is also that of a free text.
NOT_SPARED = frozenset({"participant.name", "room.name"})
# Sixteen decimals where an ID of sixteen hex digits belongs: nobody can tell them from such an ID.
_LIKE_A_SPAN_ID = {("spanId", "card alone"), ("parentSpanId", "card alone")}
# Identifiers hold calls together; most records keep theirs.
EVERY_NTH_ID = 5


@dataclass(frozen=True)
class Canary:
    """One planted value: where, in which form, and what of it a search looks for."""

    stream: str
    field: str
    form: str
    needle: str


def _digits(n: int) -> str:
    body = f"41904{n * 79_199 % 10**10:010d}"
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(body))
    return body + str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)


def _phone(n: int) -> str:
    return f"1904{n * 7_919 % 10**7:07d}"


def word(n: int) -> str:
    """A word that no other text holds: letters alone, because words are told apart by them."""
    letters = ""
    for _ in range(6):
        n, rest = divmod(n, 20)
        letters = "bcdfghjklmnpqrstvwxz"[rest] + letters
    return f"zq{letters}qz"


def spoken(digits: str) -> str:
    """Digits as speech recognition writes them."""
    return " ".join(DIGIT_WORDS[int(digit)] for digit in digits)


def _grouped(digits: str) -> str:
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def _base64(n: int) -> str:
    return base64.b64encode(f"card {_digits(n)}".encode()).decode()


# form: (what is planted, what is looked for)
FORMS: dict[str, Callable[[int], tuple[str, str]]] = {
    "card": lambda n: (f"my card is {_grouped(_digits(n))} thanks", _digits(n)),
    "card alone": lambda n: (_digits(n), _digits(n)),
    "card spoken": lambda n: (f"so it is {spoken(_digits(n))} okay", spoken(_digits(n))),
    "card spoken upper": lambda n: (f"IT IS {spoken(_digits(n)).upper()}", spoken(_digits(n))),
    "phone": lambda n: (f"call me on +{_phone(n)} please", _phone(n)),
    "phone alone": lambda n: (f"+{_phone(n)}", _phone(n)),
    "phone url": lambda n: (quote(f"sip:+{_phone(n)}@pstn", safe=""), _phone(n)),
    "card base64": lambda n: (f"see {_base64(n)} there", _digits(n)),
    "card escapes": lambda n: (f"it is {_digits(n)} ok", _digits(n)),
    "card written escapes": lambda n: ("".join(f"\\u{ord(c):04x}" for c in _digits(n)), _digits(n)),
    "email": lambda n: (f"write to {word(n)}@example.com", word(n)),
    "email upper": lambda n: (f"{word(n)}@example.com".upper(), word(n)),
    "email spoken": lambda n: (f"it is {word(n)} at example dot com", word(n)),
    "name": lambda n: (f"my name is {word(n)}", word(n)),
    "password": lambda n: (f"my password is {word(n)}7", word(n)),
    "address": lambda n: (f"I live at 1420 {word(n)} avenue", word(n)),
    "api key": lambda n: (f"the api key is {word(n)}8Q2", word(n)),
    "account": lambda n: (f"account number {_digits(n)}", _digits(n)),
    "url with a password": lambda n: (f"https://bob:{word(n)}@example.com/x", word(n)),
}
SPLIT = "card spoken over three turns"
_TURNS = {"session_reports": ("chat_history", "items"), "contact_lens": ("Transcript",)}
_TEXT = {"session_reports": "content", "contact_lens": "Content"}


class Planter:
    """Plants in the records of one estate; ``canaries`` lists what was planted."""

    def __init__(self) -> None:
        self.canaries: list[Canary] = []
        self._seen: Counter[tuple[str, str]] = Counter()
        self._escaped: list[str] = []

    def plant(self, stream: str, record: Any) -> str:
        """Plant in a record; the record as JSON text."""
        self._escaped = []
        if isinstance(record, dict):
            self._fields(stream, "", "", record)
            self._turns(stream, record)
        text = json.dumps(record, ensure_ascii=False)
        for digits in self._escaped:
            text = text.replace(digits, "".join(f"\\u{ord(c):04x}" for c in digits))
        return text

    def _fields(self, stream: str, path: str, key: str, value: Any) -> Any:
        if isinstance(value, dict):
            for name, inner in value.items():
                value[name] = self._fields(stream, f"{path}.{name}".lstrip("."), name, inner)
        elif isinstance(value, list):
            value[:] = [self._fields(stream, f"{path}[]", key, inner) for inner in value]
        elif isinstance(value, str) and (key not in SPARED or path in NOT_SPARED):
            return self._text(stream, path, key, value)
        return value

    def _text(self, stream: str, path: str, key: str, value: str) -> str:
        count = self._seen[stream, path]
        self._seen[stream, path] += 1
        if kind_of_key(key) == "id":
            count, rest = divmod(count, EVERY_NTH_ID)
            if rest != EVERY_NTH_ID - 1:
                return value
        if count >= len(FORMS):
            return value  # each form once in each field; the rest of the estate stays as it is
        form = list(FORMS)[count]
        if (key, form) in _LIKE_A_SPAN_ID:
            return value
        n = len(self.canaries)
        planted, needle = FORMS[form](n)
        self.canaries.append(Canary(stream, path, form, needle))
        if form == "card escapes":
            self._escaped.append(needle)
        return planted

    def _turns(self, stream: str, record: dict[str, Any]) -> None:
        """One number told in three turns, after it was asked for."""
        turns: Any = record
        for name in _TURNS.get(stream, ()):
            turns = turns.get(name, {}) if isinstance(turns, dict) else {}
        name = _TEXT.get(stream, "")
        said = [turn for turn in turns if isinstance(turn, dict) and name in turn]
        if self._seen[stream, SPLIT] >= len(FORMS) or len(said) < 6:
            return
        self._seen[stream, SPLIT] += 1
        n = len(self.canaries)
        digits = _digits(n) + "24"
        whole = ["Can I have your card number, please?"]
        parts = [spoken(digits[at : at + 6]) for at in (0, 6, 12)]
        for turn, text in zip(said[-4:], [*whole, *parts], strict=True):
            turn[name] = [text] if isinstance(turn[name], list) else text
            if stream == "session_reports":
                turn["role"] = "assistant" if text in whole else "user"
            else:
                turn["ParticipantId"] = "AGENT" if text in whole else "CUSTOMER"
        # The first part is the same for all.
        for part in parts[1:]:
            self.canaries.append(Canary(stream, name, SPLIT, part))


def plant_estate(estate: Path) -> list[Canary]:
    """Plant in every delivery of an estate, in place."""
    planter = Planter()
    for path in sorted([*estate.glob("drops/**/*"), *estate.glob("http/*/*.jsonl")]):
        if not path.is_file():
            continue
        stream = path.stem if path.suffix == ".jsonl" and "http" in path.parts else _stream(path)
        is_packed = path.suffix == ".gz"
        raw = gzip.decompress(path.read_bytes()) if is_packed else path.read_bytes()
        text = "\n".join(planter.plant(stream, record) for record in _documents(raw.decode()))
        data = (text + "\n").encode()
        path.write_bytes(gzip.compress(data) if is_packed else data)
    return planter.canaries


def _stream(path: Path) -> str:
    return path.parts[path.parts.index("drops") + 2]


def _documents(text: str) -> Iterator[Any]:
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        document, at = decoder.raw_decode(text, at)
        yield document
