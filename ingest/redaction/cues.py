"""The phrases of ``policy.yml``: how one is written, what it matches, which texts can hold it.

Words that follow each other, parted by a blank or a hyphen. ``a/b`` is one of them, ``(a)`` may be
missing, ``...`` stands for up to three words of any kind: ``digits/numbers (here) ... back/strip``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

from ingest.redaction.words import FUNCTION_WORDS

_GAP = "..."
_BLANK = r"[ \-]"
_ANY_WORDS = rf"(?:[\w'\u2019]{{1,24}}{_BLANK}){{0,3}}"
_WORD = re.compile(r"[^\W_]{1,64}(?:'[^\W_]{1,16})?")


def phrase(text: str) -> str:
    """The regular expression of one phrase; all repeats in it are bounded.

    Raises:
        ValueError: a slash with no word on one side.
    """
    parts = text.lower().split()
    is_behind = False  # whether a part that has to be there was written already
    out = ""
    for part in parts:
        if part == _GAP:
            out += _BLANK + _ANY_WORDS
            is_behind = False
            continue
        words = _one_of(part.strip("()"))
        if part.startswith("("):
            out += f"(?:{_BLANK}{words})?" if is_behind else f"(?:{words}{_BLANK})?"
        else:
            out += f"{_BLANK if is_behind else ''}{words}"
            is_behind = True
    return out


def phrases_pattern(texts: Iterable[str]) -> re.Pattern[str]:
    """Any of the phrases as whole words; of two that begin at one place the longer one."""
    longest_first = sorted(
        texts, key=lambda text: (len(list(_slots(text))), len(text)), reverse=True
    )
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(phrase, longest_first))})(?!\w)")


def triggers(texts: Iterable[str]) -> Set[str]:
    """Words of which at least one stands in every text that holds one of the phrases."""
    return {word for text in texts for word in max(_slots(text), key=_telling)}


def _one_of(part: str) -> str:
    if not all(part.split("/")):
        msg = f"policy: a word is missing beside a slash in {part}"
        raise ValueError(msg)
    words = [re.escape(word) for word in part.split("/")]
    return words[0] if len(words) == 1 else f"(?:{'|'.join(words)})"


def _slots(text: str) -> Iterator[list[str]]:
    """For each part that has to be there, a word of each of its alternatives."""
    for part in text.lower().split():
        if part != _GAP and not part.startswith("("):
            found = [max(_WORD.findall(word), key=len, default="") for word in part.split("/")]
            if all(found):
                yield found


def _telling(words: list[str]) -> tuple[bool, int]:
    """Fewer texts hold a rare word than a common one."""
    return FUNCTION_WORDS.isdisjoint(words), min(map(len, words))
