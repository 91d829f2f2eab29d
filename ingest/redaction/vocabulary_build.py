"""Builds ``names.txt`` and ``vocabulary.txt``, the word lists of names and of the strict level.

    python -m ingest.redaction.vocabulary_build --frequencies FILE --questions FILE

``FILE``s are what the project does not carry: symspellpy's English frequency dictionary (words of
printed English with their counts; no text, no person) and BANKING77's questions (CC BY 4.0, free of
personal data). Names are those of every locale of faker. A word that is a name is not approved
unless ``approved.txt`` lists it. See the README for sources and licences.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from ingest.redaction.words import fold, read_words

HERE = Path(__file__).parent
FREQUENT_WORDS = 40_000
_MIN_QUESTIONS = 2
_WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*")
_NAME = re.compile(r"[a-z]+")


def faker_names() -> set[str]:
    """Every given and family name of faker's locales, in lower case without accents."""
    package = importlib.import_module("faker.providers.person")
    found: set[str] = set()
    for module in pkgutil.iter_modules(package.__path__):
        provider = importlib.import_module(f"{package.__name__}.{module.name}").Provider
        for attribute, values in vars(provider).items():
            is_list = isinstance(values, list | tuple | dict | set)
            if is_list and "name" in attribute and "format" not in attribute:
                found.update(name for value in values for name in _NAME.findall(fold(str(value))))
    return {name for name in found if len(name) > 1}


def frequent_words(path: Path) -> list[str]:
    """The words that printed English uses most."""
    counts = {}
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        word, count = line.split()
        counts[word] = int(count)
    return sorted(counts, key=lambda word: -counts[word])[:FREQUENT_WORDS]


def question_words(path: Path) -> Iterator[str]:
    """Words of at least two of BANKING77's questions."""
    counts: Counter[str] = Counter()
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            counts.update(set(_words(row["text"])))
    yield from (word for word, count in counts.items() if count >= _MIN_QUESTIONS)


def _words(text: str) -> Iterator[str]:
    yield from _WORD.findall(text.lower().replace("\u2019", "'"))


def build(words: Iterable[str], names: set[str], approved: frozenset[str]) -> list[str]:
    """The vocabulary: words that are no names, and names that are approved as words."""
    return sorted({word for word in words if word not in names or word in approved})


def main() -> None:
    """Write both lists beside this module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frequencies", type=Path, required=True)
    parser.add_argument("--questions", type=Path, required=True)
    options = parser.parse_args()
    approved = read_words(HERE / "approved.txt") | read_words(HERE / "domain.txt")
    names = faker_names()
    words = [*frequent_words(options.frequencies), *question_words(options.questions)]
    vocabulary = build([*words, *approved], names, approved)
    (HERE / "names.txt").write_text("\n".join(sorted(names)) + "\n")
    (HERE / "vocabulary.txt").write_text("\n".join(vocabulary) + "\n")
    print(f"{len(names)} names, {len(vocabulary)} words")


if __name__ == "__main__":
    main()
