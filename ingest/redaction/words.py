"""The word lists: approved vocabulary, names, and the form in which words are compared."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path


def word_list(text: str) -> list[str]:
    """The words of a list that is written as prose."""
    return text.split()


_HERE = Path(__file__).parent
VOCABULARY_FILE = _HERE / "vocabulary.txt"
NAMES_FILE = _HERE / "names.txt"
# Words of which every sentence is made: they are never taken for a name, whatever a list says.
FUNCTION_WORDS = frozenset(
    word_list(
        """
    a an the i me my mine we us our you your he him his she her it its they them their this that
    these those who what when where why how which to of in on at by for from with without as is am
    are was were be been do does did done has have had will would can could shall should may might
    must not no yes and or but so if than then there here too also just only very really more most
    less all any some each every one two three four five six seven eight nine ten go goes get got
    give let make see say said tell ask want need like know think look take put use come back up
    down out over off now ever never still again well good long day time way thing call bill card
    pay april june july august january march monday sunday phone account number okay
    """
    )
)


def fold(text: str) -> str:
    """Lower case without accents."""
    low = text.lower()
    if low.isascii():
        return low
    return "".join(c for c in unicodedata.normalize("NFKD", low) if not unicodedata.combining(c))


def read_words(path: Path) -> frozenset[str]:
    """The words of a list; lines that begin with ``#`` are remarks."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@lru_cache(maxsize=1)
def vocabulary() -> frozenset[str]:
    """The approved words of the strict level."""
    return read_words(VOCABULARY_FILE)


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """Given and family names of many languages, folded; some are ordinary words as well."""
    return read_words(NAMES_FILE)


@lru_cache(maxsize=1)
def rare_names() -> frozenset[str]:
    """Names which are no approved words."""
    return names() - vocabulary()


@lru_cache(maxsize=1)
def noted_names() -> frozenset[str]:
    """Names that are worth a note wherever they stand: all but the commonest words."""
    return names() - FUNCTION_WORDS
