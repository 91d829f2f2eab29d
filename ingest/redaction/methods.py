"""The methods that ``policy.yml`` names: each builds a finder of character ranges from a rule.

A rule runs only on texts that hold one of its trigger words. Beside words there are features of a
text that rules are triggered by: a digit, an ``@``, a link, a long word, a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from ingest.redaction import addresses, passwords, patterns, people
from ingest.redaction.cues import phrases_pattern, triggers
from ingest.redaction.emails import HOST_WORDS, spoken_emails, written_emails
from ingest.redaction.numbers import CueRule, spelled_codes
from ingest.redaction.numerals import NUMBER_WORDS
from ingest.redaction.regions import MONTHS, NATO, ORDINALS
from ingest.redaction.view import View
from ingest.redaction.words import vocabulary

Range = tuple[int, int]
Finder = Callable[[View], Iterator[Range]]

_DIGIT = re.compile(r"\d")
_LONG_WORD = re.compile(r"[\w.+/=\-]{16}")
_LETTERS = frozenset("bcdefghjklmnopqrstuvwxyz")
# Features; they hold a blank, so they equal no word.
HAS_DIGIT, HAS_AT, HAS_LINK = "a digit", "an at", "a link"
HAS_LONG_WORD, HAS_NAME, HAS_CODE = "a long word", "a name", "a code"
_CODE_WORDS = NUMBER_WORDS | _LETTERS | NATO | MONTHS | ORDINALS


@dataclass(frozen=True, slots=True)
class TextRule:
    """One rule of the policy.

    A text without one of its ``triggers`` holds nothing for it; nor does one without a digit,
    number word, single letter or month if the rule ``needs_code``.
    """

    rule_id: str
    klass: str
    replacement: str
    find: Finder
    triggers: Set[str]
    needs_code: bool


def features(low: str, words: Set[str]) -> set[str]:
    """The features of a lower-case text with these words."""
    found = set()
    if _DIGIT.search(low):
        found.add(HAS_DIGIT)
    if HAS_DIGIT in found or not _CODE_WORDS.isdisjoint(words):
        found.add(HAS_CODE)
    if "@" in low or "\uff20" in low:
        found.add(HAS_AT)
    if "://" in low:
        found.add(HAS_LINK)
    if _LONG_WORD.search(low):
        found.add(HAS_LONG_WORD)
    if not vocabulary().issuperset(words):
        found.add(HAS_NAME)
    return found


def build(spec: Mapping[str, Any]) -> TextRule:
    """The rule of one entry of the policy.

    Raises:
        ValueError: no such method or pattern.
    """
    find, words = _METHODS.get(spec["method"], _unknown)(spec)
    named = str(spec["class"]), str(spec["replacement"])
    return TextRule(spec["id"], *named, find, words, spec["method"] in _NEED_CODE)


Built = tuple[Finder, Set[str]]


def _unknown(spec: Mapping[str, Any]) -> Built:
    msg = f"unknown method {spec['method']} in text rule {spec.get('id')}"
    raise ValueError(msg)


def _cued_number(spec: Mapping[str, Any]) -> Built:
    return CueRule.of(spec, letters=False, is_date=False).find, triggers(spec["cues"])


def _cued_code(spec: Mapping[str, Any]) -> Built:
    return CueRule.of(spec, letters=True, is_date=False).find, triggers(spec["cues"])


def _cued_date(spec: Mapping[str, Any]) -> Built:
    return CueRule.of(spec, letters=False, is_date=True).find, triggers(spec["cues"])


def _cued_name(spec: Mapping[str, Any]) -> Built:
    return people.NameCues.of(spec, people.Strength.STRONG).find, triggers(spec["cues"])


def _likely_name(spec: Mapping[str, Any]) -> Built:
    return people.NameCues.of(spec, people.Strength.LIKELY).find, triggers(spec["cues"])


def _listed_name(spec: Mapping[str, Any]) -> Built:
    return people.NameCues.of(spec, people.Strength.WEAK).find, {HAS_NAME}


def _spelled(spec: Mapping[str, Any]) -> Built:
    del spec
    return people.spelled, _LETTERS | NATO


def _name_before(spec: Mapping[str, Any]) -> Built:
    cues = phrases_pattern(spec["cues"])
    return lambda view: people.names_before(view, cues), {HAS_NAME}


def _spelled_code(spec: Mapping[str, Any]) -> Built:
    del spec
    return spelled_codes, _LETTERS | NATO


def _written_email(spec: Mapping[str, Any]) -> Built:
    del spec
    return lambda view: written_emails(view.text), {HAS_AT}


def _spoken_email(spec: Mapping[str, Any]) -> Built:
    del spec
    return spoken_emails, HOST_WORDS | {"at", "add", "ad", "dot", HAS_AT}


def _address(spec: Mapping[str, Any]) -> Built:
    del spec
    return addresses.find, addresses.TRIGGERS


_PATTERN_TRIGGERS: dict[str, Set[str]] = {
    "hex_secret": {HAS_LONG_WORD},
    "ip": {HAS_DIGIT},
    "ip_spoken": {"dot", "point"},
    "url_credentials": {HAS_LINK},
    "api_key": {HAS_LONG_WORD, "private"},
    "iban": {HAS_DIGIT},
    "national_id": {HAS_DIGIT},
    "postcode": {HAS_DIGIT},
    "random_token": {HAS_LONG_WORD},
}


def _pattern(spec: Mapping[str, Any]) -> Built:
    name = spec["pattern"]
    if name not in _PATTERN_TRIGGERS:
        msg = f"unknown pattern {name} in text rule {spec.get('id')}"
        raise ValueError(msg)
    return lambda view: patterns.find(name, view), _PATTERN_TRIGGERS[name]


def _password(spec: Mapping[str, Any]) -> Built:
    cues = phrases_pattern(spec["cues"])
    return lambda view: passwords.find(view, cues), triggers(spec["cues"])


_METHODS: dict[str, Callable[[Mapping[str, Any]], Built]] = {
    "cued_number": _cued_number,
    "cued_code": _cued_code,
    "cued_date": _cued_date,
    "cued_name": _cued_name,
    "likely_name": _likely_name,
    "listed_name": _listed_name,
    "name_before": _name_before,
    "spelled": _spelled,
    "spelled_code": _spelled_code,
    "written_email": _written_email,
    "spoken_email": _spoken_email,
    "address": _address,
    "pattern": _pattern,
    "password": _password,
}
_NEED_CODE = frozenset({"cued_number", "cued_code", "cued_date", "address"})
