"""Nothing that the simulator planted may stand in the redacted zone (promise 4, S0-145)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.redaction import redact_stream
from ingest.registry import all_streams
from ingest.simulator.texts import DIGIT_WORDS
from tests.ingest.redaction.estates import redacted_rows, settings_in

SEED = 11
_SPOKEN = {**{word: str(i) for i, word in enumerate(DIGIT_WORDS)}, "oh": "0"}
_WORD = re.compile(r"[a-z]+|\d")
_MIN_DIGITS = 7


def digits_said(text: str) -> str:
    """The text's digits in order, spoken ones too; everything else is passed over."""
    out, times = [], 1
    for word in _WORD.findall(text.lower()):
        if word == "double":
            times = 2
            continue
        digit = _SPOKEN.get(word, word if word.isdigit() else "")
        out.append(digit * times)
        times = 1
    return "".join(out)


def strings(value: Any) -> Iterator[str]:
    """Every string of a record, keys too."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield key
            yield from strings(child)
    elif isinstance(value, list):
        for child in value:
            yield from strings(child)
    elif value is not None:
        yield str(value)


def redacted_strings(home: Path, landing: Path) -> set[str]:
    """Distinct strings of all redacted rows, and the text of all other files of the zone."""
    settings = settings_in(home, landing=str(landing))
    found: set[str] = set()
    for stream in all_streams():
        redact_stream(settings, stream, workers=1)
        for row in redacted_rows(settings, stream):
            found.update(strings({**row, "record": json.loads(row["record"])}))
    for path in Path(settings.redacted).rglob("*.json"):
        found.add(path.read_text())
    return found


@pytest.mark.parametrize("profile", ["clean", "faulty"])
def test_no_planted_secret_reaches_the_redacted_zone(
    profile: str, estates: dict[str, Path], tmp_path: Path
) -> None:
    home = estates[profile]
    found = redacted_strings(tmp_path, home / "landing")
    lowered = "\n".join(found).lower()
    # IDs and instants hold digits by chance: a secret stands in a text, or is all of a value.
    texts = {text for text in found if not re.fullmatch(r"[\w:.\-+/@]{16,}", text)}
    said = "\n".join(digits_said(text) for text in texts)
    whole = {digits_said(text) for text in found}
    secrets = [
        json.loads(line)
        for line in (home / "estate" / "truth" / "secrets.jsonl").read_text().splitlines()
    ]
    classes = {secret["class"] for secret in secrets}
    assert {"card", "card_spoken", "phone", "ssn", "email_spoken", "keypad"} <= classes
    leaks = []
    for secret in secrets:
        value = secret["value"].lower()
        is_email = secret["class"].startswith("email")
        digits = "" if is_email else digits_said(value)
        is_number = len(digits) >= _MIN_DIGITS
        if value in lowered or (is_number and (digits in whole or digits in said)):
            leaks.append((secret["class"], secret["call"], secret["where"]))
    assert not leaks, f"seed {SEED}: {leaks}"


def test_the_search_would_find_a_secret() -> None:
    """A control: the net is not torn."""
    assert digits_said("it's four double one oh, 4-2") == "4110" + "42"
    assert "555" in digits_said("five (5) five")
