"""The mutation score of the redaction policy: each text rule is switched off in turn.

A rule is killed when the record that it alone would have cleaned is withheld by the detector, or by
the redactor itself because no rule is left that names what it found. Where several rules would take
the same text, the others are off too, and with all of those but this one the record leaves safe.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
import yaml

from expectations.withholding import WITHHELD_TEXT, withhold
from ingest.redaction.policy import POLICY_FILE, Policy, default_policy
from ingest.redaction.rules import TextRules

# What no detector that knows neither the caller nor a list of names can tell from other words.
UNCATCHABLE = {
    "name-listed": "a name without a cue of its own is a word like others",
    "name-before": "the same",
    "name-likely": "the same",
    "known-value": "what it compares with has left the record before the detector sees it",
}
# rule: (text of a caller's turn with [[what must go]], rules that would take it as well)
PROBES: dict[str, tuple[str, tuple[str, ...]]] = {
    "phone-international": ("ring [[+44 20 7946 0958]] please", ("phone", "card", "long-number")),
    "card": ("it is [[4111-1111-1111-1112]]", ("long-number",)),
    "ssn": ("it is [[078-05-1120]]", ("long-number", "ssn-part")),
    "phone": ("ring [[(415) 555-2671]] now", ("long-number",)),
    "long-number": ("nr [[12345678]]", ()),
    "cvv": ("cvv [[one two three]]", ()),
    "cvv-place": ("the digits on the back are [[four two one]]", ("cvv",)),
    "expiry": ("exp [[04/27]]", ()),
    "ssn-part": ("my social ends [[6 7 8 9]]", ()),
    "card-part": ("it's the visa ending in [[4242]]", ()),
    "pin": ("my pin is [[nineteen eighty two]]", ()),
    "one-time-code": ("the code I got is [[5 5 1 2 9]]", ()),
    "password": ("my password is [[hunter2]]", ()),
    "national-id-cued": ("license number [[s five three zero four]]", ()),
    "account": ("sort code [[20-45-67]]", ()),
    "member": ("policy number [[HP 2231 99]]", ()),
    "medical-record": ("mrn [[88213]]", ()),
    "account-bare": ("account [[651188]]", ()),
    "id-bare": ("my id is [[88213 7]]", ()),
    "phone-cued": ("call me at [[555 261]]", ()),
    "birth-date": ("i was born on [[march third nineteen seventy five]]", ()),
    "post-code": ("zip code [[94107]]", ()),
    "secret-key-cued": ("the api key is [[a1b2c3d4]]", ()),
    "address": ("I live at [[1420 maple avenue]]", ()),
    "post-code-shape": ("near [[SW1A 1AA]] somewhere", ()),
    "spelled-code": ("[[delta echo eight nine three seven oh]] it is", ("spelled", "long-number")),
    "iban": ("[[GB29 NWBK 6016 1331 9268 19]] and that", ("long-number", "card", "phone")),
    "national-id": ("insurance [[AB 12 34 56 C]]", ("spelled-code", "long-number")),
    "ip-address": ("from [[10.20.1.7]] again", ("long-number",)),
    "ip-address-spoken": ("server [[ten dot zero dot zero dot one]] fails", ()),
    "url-credentials": ("see [[https://example.com/r?token=abc123]] there", ()),
    "api-key": ("use [[AKIAIOSFODNN7EXAMPLE]] there", ("random-token",)),
    "hex-secret": ("we set it to [[42cd2844ea854ee301c4d0b8ff990802]]", ()),
    "random-token": ("use [[wJalrXUtnFEMIK7MDENG2bPxRfiCY3]] there", ()),
    "email": ("[[j.smith+x@example.co.uk]] is it", ("email-spoken", "random-token")),
    "email-spoken": ("it's [[j dot smith at gmail dot com]]", ()),
    "name": ("my last name is [[plumbing]]", ("name-listed",)),
    "spelled": ("it's [[g a r c i a]] okay", ()),
    "answer": ("it is [[four four seven one]]", ()),
}
_PROMPT = "And the last four digits of your card, please?"
_SMALL_TALK = "How can I help you today?"


@dataclass(frozen=True)
class Outcome:
    """What became of a probe: ``leaks`` when what must go stands in what leaves the step."""

    rule: str
    leaks: bool
    withheld: bool


@lru_cache(maxsize=1)
def rules() -> list[dict[str, Any]]:
    """The text rules of the policy, as its file lists them."""
    listed: list[dict[str, Any]] = yaml.safe_load(POLICY_FILE.read_text())["text_rules"]
    return listed


def outcome(rule_id: str, off: Sequence[str], listed: Sequence[Mapping[str, Any]]) -> Outcome:
    """Send the rule's probe through redaction without the rules ``off``, and the detector."""
    from ingest.redaction.engine import Redactor

    text, _ = PROBES[rule_id]
    default = default_policy()
    kept = TextRules([rule for rule in listed if rule["id"] not in off])
    policy = Policy(default.version, kept, default.asks, default.streams)
    redactor = Redactor(policy, "livekit.session_reports", b"k" * 32)
    said = text.replace("[[", "").replace("]]", "")
    before = _PROMPT if rule_id == "answer" else _SMALL_TALK
    record = {
        "job_id": "AJ_probe",
        "chat_history": {
            "items": [
                {"id": "i1", "type": "message", "role": "assistant", "content": [before]},
                {"id": "i2", "type": "message", "role": "user", "content": [said]},
            ]
        },
    }
    redacted = msgspec.json.encode(redactor.redact(record).record)
    withheld = withhold(redacted)
    left = withheld.record if withheld else redacted
    value = text.split("[[")[1].split("]]")[0]
    told = msgspec.json.decode(left)["chat_history"]["items"][1]["content"]
    return Outcome(rule_id, value.lower() in left.decode().lower(), told == WITHHELD_TEXT)


def scores() -> Iterator[tuple[str, bool]]:
    """(rule, killed) for every rule of the policy that has a probe."""
    listed = rules()
    for rule_id, (_, others) in PROBES.items():
        result = outcome(rule_id, (rule_id, *others), listed)
        yield rule_id, result.withheld and not result.leaks
