"""Names in text: announced ("my name is"), or spelled letter by letter.

What follows a strong cue ("my name is") is a name whatever it looks like, because speech
recognition writes "plumbing" for a surname. After a likely one ("you're speaking with") it is one
if a name list has it or no list knows the word; after a weak one ("this is") only if a name list
has it and it is no ordinary word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ingest.redaction.cues import phrases_pattern
from ingest.redaction.numerals import NUMBER_WORDS
from ingest.redaction.regions import NATO
from ingest.redaction.view import View
from ingest.redaction.words import FUNCTION_WORDS, fold, names, rare_names, vocabulary, word_list

Range = tuple[int, int]

_MAX_NAME_WORDS = 5
_MAX_NAME_CHARS = 90
_LEAD = frozenset(
    word_list(
        "is was 's as be would should it's it uh um er yes yeah that's which well oh . , : - like "
        "so"
    )
)
_PARTICLES = frozenset(
    word_list(
        "de la las los del der den van von bin ibn al el da do dos di du le mc mac o st san y"
    )
)
# After "my name is": what says something about the name instead of it.
_NO_NAMES = FUNCTION_WORDS | frozenset(
    word_list(
        "wrong spelled spelt misspelled incorrect different correct listed under already being "
        "changed changing still hard long missing right unusual common pronounced written please "
        "calling having trying looking wondering sorry here sure happy glad afraid able going "
        "because though through another hmm hello hi hey thanks thank speaking"
    )
)
_TITLES = frozenset(
    word_list("mr mr. mrs mrs. ms ms. mister missus dr. dr doctor miss sir madam sister father")
)
# Function words that are names as well, where nothing else is said of a name.
_NAMES_TOO = frozenset(word_list("will bill may april june august day long march"))
# With these, or at the end of what is said, a name is over.
_ENDS = frozenset(
    word_list(
        ". , ? ! - speaking here calling and from with again i i'm i've on at about has told said "
        "who that's spelled please is was how can could or but not"
    )
)
_JOINTS = frozenset({"-", "'", "\u2019", "."})


class Strength(Enum):
    """What a cue says of the word behind it."""

    WEAK = "weak"
    LIKELY = "likely"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class NameCues:
    """Names behind cues of one strength."""

    cues: re.Pattern[str]
    strength: Strength

    @classmethod
    def of(cls, spec: Mapping[str, Any], strength: Strength) -> NameCues:
        """The rule of one entry of the policy."""
        return cls(phrases_pattern(spec["cues"]), strength)

    def find(self, view: View) -> Iterator[Range]:
        """Character ranges of the names."""
        for match in self.cues.finditer(view.low):
            view.spend(4)
            found = self._name(view, match.end(), match.group())
            if found:
                yield (match.start() if match.group() in _TITLES else found[0]), found[1]

    def _name(self, view: View, start: int, cue: str) -> Range | None:
        tokens = view.tokens(start, start + _MAX_NAME_CHARS)
        i, linked = 0, cue.endswith((" is", "'s", " as", " be", " was")) or cue in _TITLES
        while i < len(tokens) and i < 4 and tokens[i].group() in _LEAD:
            linked |= tokens[i].group() in {"is", "was", "'s", ":", "be"}
            i += 1
        if i >= len(tokens) or not self._begins(view, tokens, i, linked=linked):
            return None
        first, end, count = tokens[i].start(), tokens[i].end(), 1
        for j in range(i + 1, len(tokens)):
            word = tokens[j].group()
            if word in _JOINTS:
                if tokens[j].start() != tokens[j - 1].end():
                    break
                continue
            follows = tokens[j + 1].group() if j + 1 < len(tokens) else ""
            if word == "and" and fold(follows) in rare_names():
                continue  # tom and denise walker
            is_after_initial = tokens[j - 1].end() - tokens[j - 1].start() == 1 and linked
            goes_on = is_after_initial or _goes_on(word, follows) or _has_capital(view, tokens[j])
            if count >= _MAX_NAME_WORDS or not goes_on:
                break
            end, count = tokens[j].end(), count + 1
        return first, end

    def _begins(self, view: View, tokens: list[re.Match[str]], i: int, *, linked: bool) -> bool:
        """Whether token ``i`` is the first word of a name."""
        word = tokens[i].group()
        if not word[0].isalpha() or any(map(str.isdigit, word)):
            return False
        if self.strength == Strength.STRONG:
            if word in _NAMES_TOO:
                return linked and (_is_over(tokens, i) or _has_capital(view, tokens[i]))
            if word in _NO_NAMES or word in NUMBER_WORDS:
                return False
            return linked or is_name(word, word) or word not in vocabulary()
        written = view.text[tokens[i].start() : tokens[i].end()]
        if is_name(word, written) or _is_unknown(view, tokens[i]):
            return True
        return self._is_ordinary_name(view, tokens, i)

    def _is_ordinary_name(self, view: View, tokens: list[re.Match[str]], i: int) -> bool:
        """Whether a word that mostly is none is a name here: "will mueller", "under stone"."""
        word = fold(_stem(tokens[i].group()))
        follows = fold(tokens[i + 1].group()) if i + 1 < len(tokens) else ""
        is_listed = word in names() and (word not in FUNCTION_WORDS or word in _NAMES_TOO)
        if is_listed and (follows in rare_names() or _has_capital(view, tokens[i])):
            return True
        if self.strength == Strength.WEAK:
            return False
        is_unknown = len(word) > 2 and word.isalpha() and word not in vocabulary()
        return is_unknown or (is_listed and _is_over(tokens, i))


def _is_over(tokens: list[re.Match[str]], i: int) -> bool:
    """Whether nothing follows token ``i``, or a family name and then nothing."""
    rest = [token.group() for token in tokens[i + 1 : i + 3]]
    if not rest or rest[0] in _ENDS:
        return True
    base = fold(_stem(rest[0]))
    if base not in vocabulary() and base.isalpha():
        return True
    is_listed = base in names() and base not in FUNCTION_WORDS
    return is_listed and (len(rest) == 1 or rest[1] in _ENDS)


def _has_capital(view: View, token: re.Match[str]) -> bool:
    """Whether the word has a capital inside a sentence that is not written in capitals."""
    start, end = token.span()
    if start < 2 or not view.text[start].isupper() or not view.text[start + 1 : end].islower():
        return False
    return (
        view.text[start - 1] == " "
        and view.text[start - 2] not in ".?!:"
        and token.group() not in (FUNCTION_WORDS - _NAMES_TOO)
    )


def is_name(word: str, written: str) -> bool:
    """Whether a name list holds the word and it is no ordinary one, unless it has a capital."""
    base = fold(_stem(word))
    if base in rare_names():
        return True
    return written[:1].isupper() and base in names() and base not in FUNCTION_WORDS


def _is_unknown(view: View, token: re.Match[str]) -> bool:
    """A word in no list: a name if it has a capital, or if a name follows."""
    word = token.group()
    if len(word) < 3 or not word.isalpha() or fold(_stem(word)) in vocabulary():
        return False
    if view.text[token.start()].isupper() and not view.text[token.start() + 1].isupper():
        return True
    follows = view.tokens(token.end(), token.end() + 24)
    return bool(follows) and fold(follows[0].group()) in rare_names()


def _goes_on(word: str, follows: str) -> bool:
    """Whether ``word`` is a further part of a name."""
    base = fold(_stem(word))
    if not word[0].isalpha() or word in _NO_NAMES:
        return False
    if len(word) == 1:
        return word not in {"a", "i"} or fold(follows) in rare_names()
    if word in _PARTICLES:
        return bool(follows) and follows not in FUNCTION_WORDS and follows[:1].isalpha()
    return base in names() or base not in vocabulary()


def _stem(word: str) -> str:
    return word.removesuffix("'s").removesuffix("\u2019s")


def names_before(view: View, cues: re.Pattern[str]) -> Iterator[Range]:
    """Names before a cue: "sean patel speaking"; only what a name list holds."""
    for match in cues.finditer(view.low):
        view.spend(4)
        tokens = view.tokens(max(0, match.start() - _MAX_NAME_CHARS), match.start())
        first = len(tokens)
        while first and _is_listed(view, tokens[first - 1]):
            first -= 1
        if first < len(tokens) and len(tokens) - first <= _MAX_NAME_WORDS:
            yield tokens[first].start(), tokens[-1].end()


def _is_listed(view: View, token: re.Match[str]) -> bool:
    return is_name(token.group(), view.text[token.start() : token.end()])


_SPELL_CUE = re.compile(r"\b(?:spell(?:ed|ing|s)?|spelt|letters?|name|surname|initials?|that's)\b")
_ACRONYMS = frozenset(
    word_list(
        "asap usps https html ymca espn aarp nasdaq hsbc rsvp fico hdmi usaa hvac iban swift "
        "wifi nhs dhl fedex ibm atm usa pin cvv cvc ssn dob abc rsa paye dvla hmrc"
    )
)
_MARKS = frozenset("-.,:'")
_BETWEEN = frozenset(word_list("then and dash hyphen um uh capital space"))
_LEAST_LETTERS = 4


def spelled(view: View) -> Iterator[Range]:
    """Words said letter by letter: four letters, two behind "spelled", any "b as in boy"."""
    tokens = view.tokens(0, len(view.low))
    i = 0
    while i < len(tokens):
        letters, last, is_explained, said = _letters(tokens, i)
        if not letters:
            i += 1
            continue
        start, end = tokens[i].start(), tokens[last].end()
        start = _with_word(tokens, i, said, start)
        before = view.low[max(0, start - 40) : start]
        cued = letters >= 2 and bool(_SPELL_CUE.search(before))
        if said not in _ACRONYMS and (letters >= _LEAST_LETTERS or is_explained or cued):
            yield start, end
        i = last + 1


def _with_word(tokens: list[re.Match[str]], i: int, said: str, start: int) -> int:
    """Takes the word that is spelled: "fischer f i s c h e r", "kowalski is k o w a l s k i"."""
    for back in (1, 2):
        word = tokens[i - back].group() if i >= back else ""
        if len(word) > 2 and word[0] == said[:1] and word not in FUNCTION_WORDS:
            return tokens[i - back].start()
        if word not in {"is", ",", ":", "-", "that's"}:
            break
    return start


def _letters(tokens: list[re.Match[str]], i: int) -> tuple[int, int, bool, str]:
    """Letters said from token ``i`` on: how many, the last token, if a word explains one, which."""
    count, last, is_explained, said = 0, i, False, ""
    times = 1
    while i < len(tokens):
        word = tokens[i].group()
        if word in {"double", "triple"}:
            times = 2 if word == "double" else 3
            i += 1
        elif len(word) == 1 and word.isalpha():
            count, said, last = count + times, said + word * times, i
            times = 1
            taken, explained = _explanation(tokens, i)
            is_explained |= explained
            last += taken
            i = last + 1
        elif word in NATO and (count or _is_spelling(tokens, i)):
            count, said, last = count + 1, said + word[0], i
            i += 1
        elif count and (word in _MARKS or word in _BETWEEN):
            i += 1
        else:
            break
    return count, last, is_explained, said


def _is_spelling(tokens: list[re.Match[str]], i: int) -> bool:
    """Whether a NATO word begins a spelling: two more of them, or single letters, follow."""
    rest = [token.group() for token in tokens[i + 1 : i + 3]]
    return len(rest) == 2 and all(word in NATO or len(word) == 1 for word in rest)


def _explanation(tokens: list[re.Match[str]], i: int) -> tuple[int, bool]:
    """Tokens of "as in boy", "for boy" behind a letter, and whether they can be nothing else."""
    rest = [token.group() for token in tokens[i + 1 : i + 4]]
    letter = tokens[i].group()
    if len(rest) == 3 and rest[:2] == ["as", "in"]:
        return 3, True
    if len(rest) >= 2 and rest[0] in {"for", "like"} and rest[1].startswith(letter):
        return 2, len(rest[1]) > 1
    return 0, False
