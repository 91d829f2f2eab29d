"""E-mail addresses in text, written or spelled out by speech recognition.

All repeats are bounded, so that a line of ``a.a.a.a@`` costs a constant per character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.redaction.numerals import HOMOPHONES, NUMBER_WORDS
from ingest.redaction.view import View
from ingest.redaction.words import FUNCTION_WORDS, names, vocabulary, word_list

_WRITTEN = re.compile(
    r"[\w.%+\-]{1,64}\s?[@\uff20]\s?[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,4}"
    r"|[\w.%+\-]{1,64}[@\uff20][\w\-]{1,63}"
)
_TOKEN = re.compile(r"[^\W_]+(?:[.'\u2019\-_][^\W_]+){0,8}|[@_.\-]")
# Hosts that are said without an ending; none is a word that otherwise follows "at".
HOST_WORDS = frozenset(
    word_list(
        "gmail googlemail hotmail yahoo icloud aol ymail protonmail gmx sbcglobal outlook comcast "
        "verizon msn btinternet mailinator fastmail zoho"
    )
)
_ANCHOR = re.compile(
    r"\b(?:(?:at )?the at (?:sign|symbol)|at(?: \w{1,8})? sign|at symbol|at|add|ad)\b|@|\b(?=(?:"
    + "|".join(sorted(HOST_WORDS))
    + r")\b)"
)
_SURE_AT = ("at", "the", "@")
# Function words that a local part can consist of, with a number: "will eighty eight".
_NAMES_TOO = frozenset({"will", "bill", "april", "june", "august"})
# What recognisers write for "dot" before an ending.
_HEARD_DOTS = frozenset({"got", "dart", "not", "that", "dock", "dog", "doc", "lot", "dots"})
_DOTS = frozenset({"dot", "period", "point", ".", "dots"})
_ENDINGS = frozenset(
    word_list(
        "com net org edu gov mil info biz io co uk us ca de fr es it eu au in me ie nz ch at nl se "
        "no be pl example test invalid"
    )
)
_SURE_ENDINGS = frozenset(word_list("com net org edu gov co"))
_LINKS = frozenset(word_list("dot dots period point underscore dash hyphen minus plus . _ -"))
# Words that introduce an address: the local part ends (to the left) here.
_STOPS = (
    FUNCTION_WORDS - NUMBER_WORDS - frozenset("aio") - {"may", "day", "good", "well", "long"}
) | (
    frozenset(
        word_list(
            "is it's email e-mail emails mail address addresses send sure yes yeah yep okay ok "
            "that's under use using reach contact me look looked looking online see check visit "
            "buy bought shop order ordered available found find site website page signed log "
            "logged login go work works working spelled spelt would uh um er so hi hello "
            "registered one's write account username user primary personal new old correct "
            "forward copy message husband wife uses says said opened tried try https http link url"
        )
    )
)
# "jane doe, all one word, at gmail dot com"; "the number four, the letter u"
_ASIDE = re.compile(
    r"\b(?:(?:that's |it's )?all (?:one word|together|lower ?case|caps|small)(?: letters)?|one word"
    r"|no spaces?|in lower ?case|the (?:number|letter|digit|word)|and then|then|and)\b"
)
_NAMED_PART = frozenset({"number", "letter", "digit"})
_LAST_DOT = re.compile(r"\bdot (?:com|net|org|co dot uk|co uk)\b")
# "gmail dot", whose "com" got lost
_LOST_ENDING = re.compile(r" dot(?= ?(?:$|[.,?!]))")
_SLIPS = frozenset(
    word_list("uh um er like yeah so the it is a and you know okay then actually please")
)
_SAID_LINKS = frozenset({"dot", "underscore", "dash", "hyphen"})
_MAIL = re.compile(r"\be-?mail")
_MAX_LOCAL_TOKENS = 32
_MAX_LOCAL_CHARS = 200
_MAX_DOMAIN_CHARS = 100
_MAX_DOMAIN_TOKENS = 14
_MAX_LABEL_WORDS = 3
_NEAR_TOKENS = 2


def written_emails(text: str) -> Iterator[tuple[int, int]]:
    """Character ranges of written addresses, also with a space beside the ``@``."""
    for match in _WRITTEN.finditer(text):
        yield match.span()


def spoken_emails(view: View) -> Iterator[tuple[int, int]]:
    """Character ranges such as ``j dot smith at gmail dot com``.

    An address needs ``at`` or a known host, and an ending after ``dot``; to the left it takes every
    word up to one that introduces it, so that spelled-out names go with it.
    """
    text = view.low
    done = 0
    for match in _ANCHOR.finditer(text):
        view.spend(4)
        if match.start() < done:
            continue
        end = _domain_end(text, match.end(), needs_ending=not match.group().startswith(_SURE_AT))
        if end is None:
            continue
        view.spend(_MAX_LOCAL_TOKENS)
        start = _local_start(text, max(done, match.start() - _MAX_LOCAL_CHARS), match.start())
        if start < match.start():
            done = end
            yield start, end
    yield from _without_at(view, done)


def _without_at(view: View, done: int) -> Iterator[tuple[int, int]]:
    """Addresses whose "at" got lost: "r dash smith example dot com"; a site has no such link."""
    text = view.low
    for match in _LAST_DOT.finditer(text, done):
        view.spend(_MAX_LOCAL_TOKENS)
        start = _local_start(text, max(done, match.start() - _MAX_LOCAL_CHARS), match.start())
        said = set(_TOKEN.findall(text, start, match.start()))
        if not _SAID_LINKS.isdisjoint(said) or (start < match.start() and _MAIL.search(text)):
            done = match.end()
            yield start, match.end()


def _domain_end(text: str, start: int, *, needs_ending: bool) -> int | None:
    """Where the domain that begins at ``start`` ends; None if what follows is no domain."""
    tokens = list(_TOKEN.finditer(text, start, start + _MAX_DOMAIN_CHARS))[:_MAX_DOMAIN_TOKENS]
    if not tokens or tokens[0].group() in _LINKS - _DOTS:
        return None
    is_host = tokens[0].group() in HOST_WORDS
    end = tokens[0].end() if is_host and not needs_ending else None
    words, after_dot, is_sure = 0, False, is_host
    for i, match in enumerate(tokens):
        token = match.group()
        follows = tokens[i + 1].group() if i + 1 < len(tokens) else ""
        is_heard_dot = token in _HEARD_DOTS and follows in _SURE_ENDINGS
        # "dot uh net": a word that slipped in
        is_slip = after_dot and token not in _ENDINGS and follows in _SURE_ENDINGS
        if token in _DOTS or is_heard_dot or is_slip:
            after_dot = is_sure = True
            continue
        then = tokens[i + 2].group() if i + 2 < len(tokens) else ""
        if token in _SLIPS or token in _LINKS or (follows in _DOTS and then in _SURE_ENDINGS and i):
            after_dot = False
            continue
        words = 1 if after_dot else words + 1
        is_end = (
            token in _ENDINGS
            if after_dot
            else i > 0 and _ends_without_dot(token, is_sure=is_sure or i <= _NEAR_TOKENS)
        )
        if is_end or _has_ending(token):
            end = match.end()
        elif words > _MAX_LABEL_WORDS or (end is not None and not after_dot and i):
            break
        after_dot = False
    if is_host and end is not None and (dot := _LOST_ENDING.match(text, end)):
        return dot.end()
    return end


def _ends_without_dot(word: str, *, is_sure: bool) -> bool:
    """An ending whose "dot" got lost: "at gmail com", "at example com"."""
    return word == "com" or (word in _SURE_ENDINGS and is_sure)


def _has_ending(token: str) -> bool:
    host, _, ending = token.rpartition(".")
    return bool(host) and ending in _ENDINGS


def _belongs(word: str, left: str, right: str) -> bool:
    """Whether a word, read from right to left, is still a part of the address."""
    if left in _LINKS or right in _LINKS:
        return True
    if word in {"a", "i"}:
        # An initial stands before a letter or a name: "a kowalski at outlook dot com".
        return len(right) == 1 or right not in vocabulary() or right in names()
    is_before_number = right in NUMBER_WORDS or right.isdigit()
    if word not in _STOPS or (word in _NAMES_TOO and is_before_number):
        return True
    if is_before_number and len(left) == 1 and left.isalpha() and len(word) == 2:
        return True  # "r to seventy five"
    if word not in _SLIPS:
        return False
    # A word that slipped into a number, a spelling or behind a name.
    is_inside = bool(left) and all(
        len(part) < 2 or part in NUMBER_WORDS or part.isdigit() for part in (left, right)
    )
    return is_inside or bool(left and len(left) > 1 and left not in vocabulary())


def _local_start(text: str, low: int, high: int) -> int:
    """Where the part before the ``at`` begins; ``high`` if there is none."""
    tokens = list(_TOKEN.finditer(text, low, high))[-_MAX_LOCAL_TOKENS:]
    asides = [match.span() for match in _ASIDE.finditer(text, low, high)]
    start, right = high, ""
    for i in range(len(tokens) - 1, -1, -1):
        word = tokens[i].group()
        left = tokens[i - 1].group() if i else ""
        if any(a <= tokens[i].start() < b for a, b in asides):
            follows = tokens[i + 1].group() if i + 1 < len(tokens) else ""
            if word in _NAMED_PART or follows in _NAMED_PART:
                start = tokens[i].start()
            continue
        if word == "." and text[tokens[i].end()].isspace():
            break
        if word in HOMOPHONES and left in NUMBER_WORDS:
            continue
        if not _belongs(word, left, right):
            break
        start = tokens[i].start()
        right = right if word in _SLIPS else word
    # Punctuation that only ends a sentence before the address belongs to none.
    while start < high and text[start] in ".- ":
        start += 1
    return start
