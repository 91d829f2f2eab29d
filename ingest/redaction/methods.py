"""The methods that ``policy.yml`` names: each builds a finder of character ranges from a rule.

A rule runs only on texts that hold one of its trigger words, or a digit where digits are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from ingest.redaction import addresses, patterns, people
from ingest.redaction.emails import HOST_WORDS, spoken_emails, written_emails
from ingest.redaction.numbers import CueRule, words_pattern
from ingest.redaction.numerals import NUMBER_WORDS, word_list
from ingest.redaction.view import View
from ingest.redaction.words import FUNCTION_WORDS, rare_names

Range = tuple[int, int]
Finder = Callable[[View], Iterator[Range]]

_LETTERS = frozenset("bcdefghjklmnopqrstuvwxyz")
_PASSWORD_LINK = re.compile(r"\s?(?:is|was|'s|:|=|would be|should be|set to|to)\s(?:uh |um |it's )?")
_SECRET_WORD = re.compile(r"\S{1,128}")
_SAID_OF_PASSWORD = FUNCTION_WORDS | frozenset(
    word_list(
        "wrong incorrect expired reset locked working correct different blocked weak strong case "
        "protected supposed invalid forgotten required being fine right safe secure asking something "
        "saying set changed changing reset. new old unlock sign log access enter"
    )
)
_MAX_SECRET_WORDS = 6


@dataclass(frozen=True, slots=True)
class TextRule:
    """One rule of the policy. ``triggers``: without one of them there is nothing to find (None:
    always); ``needs``: characters without which there is nothing to find."""

    rule_id: str
    klass: str
    replacement: str
    find: Finder
    triggers: Set[str] | None
    needs: str = ""

    def may_find(self, view: View) -> bool:
        """Whether the text is worth a look."""
        if self.triggers is not None and self.triggers.isdisjoint(view.words):
            return False
        return not self.needs or any(c in view.low for c in self.needs)


def build(spec: Mapping[str, Any]) -> TextRule:
    """The rule of one entry of the policy.

    Raises:
        ValueError: no such method or pattern.
    """
    find, triggers, needs = _METHODS.get(spec["method"], _unknown)(spec)
    replacement, klass = str(spec["replacement"]), str(spec["class"])
    return TextRule(spec["id"], klass, replacement, find, triggers, needs)


Built = tuple[Finder, Set[str] | None, str]


def _unknown(spec: Mapping[str, Any]) -> Built:
    msg = f"unknown method {spec['method']} in text rule {spec.get('id')}"
    raise ValueError(msg)


def _triggers(cues: list[str]) -> Set[str]:
    """For each cue a word that stands in every text that holds it."""
    found = set()
    for cue in cues:
        words = re.findall(r"[^\W_]+(?:'[^\W_]+)?", cue.lower())
        found.add(max(words, key=lambda word: (word not in FUNCTION_WORDS, len(word))))
    return found


def _cued_number(spec: Mapping[str, Any]) -> Built:
    return CueRule.of(spec, letters=False, is_date=False).find, _triggers(spec["cues"]), ""


def _cued_code(spec: Mapping[str, Any]) -> Built:
    return CueRule.of(spec, letters=True, is_date=False).find, _triggers(spec["cues"]), ""


def _cued_date(spec: Mapping[str, Any]) -> Built:
    return CueRule.of(spec, letters=False, is_date=True).find, _triggers(spec["cues"]), ""


def _cued_name(spec: Mapping[str, Any]) -> Built:
    return people.NameCues.of(spec, is_weak=False).find, _triggers(spec["cues"]), ""


def _listed_name(spec: Mapping[str, Any]) -> Built:
    return people.NameCues.of(spec, is_weak=True).find, rare_names(), ""


def _spelled(spec: Mapping[str, Any]) -> Built:
    del spec
    return people.spelled, _LETTERS, ""


def _written_email(spec: Mapping[str, Any]) -> Built:
    del spec
    return lambda view: written_emails(view.text), None, "@\uff20"


def _spoken_email(spec: Mapping[str, Any]) -> Built:
    del spec
    return spoken_emails, HOST_WORDS | {"at"}, ""


def _address(spec: Mapping[str, Any]) -> Built:
    del spec
    return addresses.find, addresses.TRIGGERS, ""


def _pattern(spec: Mapping[str, Any]) -> Built:
    name = spec["pattern"]
    if name not in patterns.NEEDS:
        msg = f"unknown pattern {name} in text rule {spec.get('id')}"
        raise ValueError(msg)
    words, needs = patterns.NEEDS[name]
    return lambda view: patterns.find(name, view), words, needs


def _password(spec: Mapping[str, Any]) -> Built:
    cues = words_pattern(spec["cues"])

    def find(view: View) -> Iterator[Range]:
        for match in cues.finditer(view.low):
            view.spend(4)
            if found := _secret(view, match.end()):
                yield found

    return find, _triggers(spec["cues"]), ""


def _secret(view: View, start: int) -> Range | None:
    """What is said or written as a password behind offset ``start``."""
    link = _PASSWORD_LINK.match(view.low, start)
    at = link.end() if link else start
    words = list(_SECRET_WORD.finditer(view.low, at, at + 160))[:_MAX_SECRET_WORDS]
    if not words:
        return None
    first = words[0].group().strip(".,;:!?")
    is_mixed = any(map(str.isdigit, first)) or not first.replace("'", "").isalnum()
    if not is_mixed and (link is None or first in _SAID_OF_PASSWORD - NUMBER_WORDS or not first):
        return None
    end = words[0].end()
    for word in words[1:]:
        if view.low[word.start() - 2] in ".,;!?" or word.group() in FUNCTION_WORDS - NUMBER_WORDS:
            break
        end = word.end()
    return words[0].start(), end - (view.low[end - 1] in ".,;")


_METHODS: dict[str, Callable[[Mapping[str, Any]], Built]] = {
    "cued_number": _cued_number,
    "cued_code": _cued_code,
    "cued_date": _cued_date,
    "cued_name": _cued_name,
    "listed_name": _listed_name,
    "spelled": _spelled,
    "written_email": _written_email,
    "spoken_email": _spoken_email,
    "address": _address,
    "pattern": _pattern,
    "password": _password,
}
