"""RE2 expressions that set aside what cannot hold a finding, for DuckDB and for PyArrow.

Two questions a text is asked, each a pass of an automaton, so the time is linear whatever a
provider writes: is all of it of a form that no scanner for digits or addresses looks at
(``HARMLESS_*`` must match the whole), and does it hold words that tell something (``TELLING_*``).
Generous on purpose: what stays is judged by the detector, what goes is judged by nobody, so tests
assert that whatever the detector flags stays.
"""

from __future__ import annotations

from expectations.credentials import KEY_BEGINNINGS, LINK_KEYS, MIN_SECRET_CHARS, PASSWORD_CUES
from expectations.cues import CUES, LETTER_NAMES, STREETS
from expectations.detector import ID_KEY_ENDINGS, KEYPAD_WORDS, POST_CODE_FORM, WORD_ENDINGS
from expectations.recognisers import CODE, CONTEXT, SHAPES
from expectations.spoken import HESITATIONS, NUMBER_WORDS

# --- Forms ------------------------------------------------------------------------------------
# Letters that compatibility forms leave as they are; anything beyond them is for the detector.
_LETTER = r"A-Za-z\x{C0}-\x{FF}"
_OTHER = r" !#$&'()*+,\-./:;<=>?\[\]^_`{|}~\x{2018}\x{2019}\x{201C}\x{201D}\x{2013}\x{2014}£€"
# Identifiers within a text, bounded as the detector bounds them: a letter to whoever counts digits.
_ID = (
    r"tok_[0-9a-f]{32}|\barn:aws:[a-z0-9\-]{1,30}:[a-z0-9\-]{0,30}:[0-9]{12}:|\b[A-Z]{2}[0-9a-f]{32}\b"
    r"|\b20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])\b"
)
_HEX8, _HEX4 = "[0-9a-fA-F]{8}", "[0-9a-fA-F]{4}"
# Identifiers and instants that are the whole of a string.
_WHOLE_ID = (
    rf"{_HEX8}(?:-{_HEX4}){{3}}-{_HEX4}{_HEX8}|[0-9a-f]{{64}}|[0-9a-f]{{32}}|call_[0-9A-Z]{{26}}"
    r"|20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?Z"
    r"|[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} 20[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} \+0000"
)


def _few_digits(other: str, letter: str) -> str:
    """A string of no seven digits within three other characters of each other, and no address.

    Digits stand in at most three groups, of six digits in all: an IP address has four.
    """
    plain = f"(?:{letter}|{other})*"
    gap = f"{other}{{1,3}}"
    run = (
        f"(?:[0-9]{{1,6}}|[0-9]{{1,3}}{gap}[0-9]{{1,3}}|[0-9]{{1,2}}{gap}[0-9]{{3,4}}"
        f"|[0-9]{{4}}{gap}[0-9]{{1,2}}|(?:[0-9]{{1,2}}{gap}){{2}}[0-9]{{1,2}}"
        f"|[0-9]{{4}}{gap}[0-9]{gap}[0-9])"
    )
    broken = f"(?:{other}{{0,3}}(?:{letter})|{other}{{4}}){plain}"
    return f"{plain}(?:{run}{broken})*(?:{run}{other}{{0,3}})?"


_TEXT = _few_digits(f'[{_OTHER}"]', f"[{_LETTER}]|{_ID}")
HARMLESS_TEXT = rf"(?:{_TEXT}|{_WHOLE_ID})"
# The same as JSON writes it. Other escapes than these may stand for a digit or end a word. A letter
# is asked for: what holds none may have been pressed, but for one key of a menu.
_JSON_OTHER = rf'(?:[{_OTHER}]|\\["/])'
_JSON_LETTER = f"[{_LETTER}]|{_ID}"
_JSON_STRING = (
    rf'"(?:{_JSON_OTHER}{{0,20}}(?:[0-9]{{1,6}}{_JSON_OTHER}{{0,3}})?(?:{_JSON_LETTER})'
    rf"{_few_digits(_JSON_OTHER, _JSON_LETTER)}|{_WHOLE_ID}"
    r'|-?[0-9]\.[0-9]{1,5}|(?:[0-9]{1,2}|20[0-9]{2})(?:\.[0-9]{1,2}){1,2}|)"'
    r'|:\s*"[0-9*#]"'
)

# Under the key of an identifier: no blank, no plus or per cent sign, no host after an @; and no
# number alone that is as long as a card's, or for the keys of calls longer than six digits.
_NO_DIGIT = r'(?:[^"\\+%@0-9\s\p{Z}\x0b\x1c-\x1f\x{85}]|@(?:[0-9]{1,3}\.){3})'
_PART = rf"(?:[0-9]{{0,14}}{_NO_DIGIT})*[0-9]{{0,14}}"
_ID_BODY = rf"(?:[0-9]{{0,6}}|{_PART}[A-Za-z]{_PART})"
_COUNT_BODY = r"(?:[0-9]{0,14}|[0-9]{17,40})"
HARMLESS_ID = rf"(?:{_ID_BODY}|{_WHOLE_ID})"


def _key(endings: tuple[str, ...]) -> str:
    """A JSON key (its quotes, the colon) that ends with one of these words, few digits before."""
    lower, capital = "|".join(endings), "|".join(word.capitalize() for word in endings)
    upper = "|".join(word.upper() for word in endings)
    before = r"(?:[A-Za-z_.\-]|[0-9]{1,3}[A-Za-z])*"
    return (
        rf'"(?:(?:{before}[_.\-])?(?:{lower}|{upper}|{capital})'
        rf'|{before}[a-z](?:{capital}|{upper}|IDFull))"\s*:\s*'
    )


_COUNT_ENDINGS = tuple(word for word in ID_KEY_ENDINGS if word not in WORD_ENDINGS)
_NUMBER = r"-?[0-9]{1,6}(?:\.[0-9]+)?(?:[eE][+\-]?[0-9]{1,3})?"
_ENDED = r'(?:[^"0-9\-]|$)'
_MEMBERS = (
    rf'{_key(ID_KEY_ENDINGS)}(?:"{_ID_BODY}"|-?[0-9]{{1,14}}(?:\.[0-9]+)?{_ENDED})'
    rf'|{_key(_COUNT_ENDINGS)}(?:"{_COUNT_BODY}"|-?{_COUNT_BODY}{_ENDED})'
    r'|"(?:AWS)?[Aa]ccount_?[Ii]d":"[0-9]{12}"'
)
# The members of identifiers, any other string, any small number, and what stands between them.
HARMLESS_JSON = rf'(?:{_MEMBERS}|{_JSON_STRING}|{_NUMBER}{_ENDED}|[^"0-9\-])*'

# --- Words ------------------------------------------------------------------------------------


def _telling(between: str, within: str) -> tuple[str, ...]:
    """Patterns of what tells something in words; one automaton for all would be far larger.

    Args:
        between: a character between two words of one text.
        within: any character of the same text.
    """
    skip = rf"{between}*(?:(?:{'|'.join(sorted(HESITATIONS))}){between}+)*"
    stray = rf"{skip}(?:[a-z]+{between}+{skip}){{0,2}}"
    word = rf"(?:{'|'.join(NUMBER_WORDS)})(?:{between}+hundred)?"
    some = rf"(?:{word}|[0-9]+)"
    cues = sorted({cue.replace(" ", f"{between}+") for cue in (*CUES, *PASSWORD_CUES)})
    streets = "|".join(sorted(STREETS))
    start, end = "(?:^|[^a-z])", "(?:[^a-z]|$)"
    # A word tells three digits at most: seven need three words or groups of digits, or four digits
    # beside one word.
    spoken = (
        rf"{word}{stray}{some}{stray}{some}|[0-9]{stray}{word}{stray}{some}"
        rf"|[0-9]{stray}{some}{stray}{word}|[0-9]{{4}}{skip}{word}|{word}{skip}[0-9]{{4}}"
    )
    cued = rf"{start}(?:{'|'.join(cues)}|name{between}+(?:is|s)){end}|{between}(?:{streets}){end}"
    letters = f"(?:{'|'.join(sorted(LETTER_NAMES))})"
    spelled = (
        rf"{start}(?:dot|point){end}|{start}[a-z](?:{between}+[a-z]){{3}}{end}"
        rf"|{start}{letters}{between}+{letters}{end}|{between}as{between}+in{between}"
    )
    in_context = rf"\b(?:{CONTEXT})\b{within}*{CODE}"
    secret = rf"[A-Za-z0-9+=]{{{MIN_SECRET_CHARS}}}"
    forms = rf"{'|'.join(KEY_BEGINNINGS)}|\s{secret}|{secret}\s|{POST_CODE_FORM}|{SHAPES}"
    # Beside a blank or at an end of the text; in JSON a long identifier is a whole string.
    bare = r"\s[0-9a-f]{32}|(?:^|[^0-9a-zA-Z])[0-9a-f]{32,64}[\s.,;!?]"
    hidden = rf"{bare}|(?i:[?&#][a-z_]{{0,12}}{LINK_KEYS})"
    return (
        rf"(?is:{start}(?:{spoken}){end})",
        rf"(?is:{cued})",
        rf"(?is:{spelled}|{in_context})",
        rf"(?s:{forms}|{hidden})",
    )


TELLING_TEXT = _telling(r"[^a-z0-9]", ".")
# Under the key of an identifier of one word, several are a finding.
_SEVERAL_WORDS = r'(?s:[iI][dD]\\?"\s*:\s*(?:\[[^\]]*|\\?"[^"]*) )'
TELLING_JSON = (*_telling(r'(?:[^a-z0-9"]|\\")', r'(?:[^"\\]|\\.)'), _SEVERAL_WORDS)

# --- Keypads ----------------------------------------------------------------------------------
# A number under the key of a keypad; pressed keys in a text are never harmless in form.
PRESSED = (
    rf'(?i:"[a-z0-9_.\-]*(?:{"|".join(KEYPAD_WORDS)})'
    # not "input_tokens", which every request of a model has
    r'(?:[^"]*(?:[^s"]|[^n"]s|[^e"]ns|[^k"]ens)|s|ns|ens)?"\s*:\s*(?:-?[0-9]{2}|\[[^\]]*[0-9]))'
)


def text_filter(value: str) -> str:
    """SQL: whether free text (a SQL expression) could hold a finding."""
    return f"(not {_all_of(value, HARMLESS_TEXT)} or {_tells(value, TELLING_TEXT)})"


def id_filter(value: str) -> str:
    """SQL: whether an identifier could be a number, an address or several words."""
    return f"not {_all_of(value, HARMLESS_ID)}"


def keypad_filter(value: str) -> str:
    """SQL: whether the value of a keypad field could hold a finding."""
    return f"({text_filter(value)} or {matches(value, '[0-9*#].*[0-9*#]')})"


def payload_filter(payload: str) -> str:
    """SQL: whether a JSON payload of an event could hold a finding."""
    return (
        f"(not {_all_of(payload, HARMLESS_JSON)} or {matches(payload, PRESSED)}"
        f" or {_tells(payload, TELLING_JSON)})"
    )


def _tells(value: str, patterns: tuple[str, ...]) -> str:
    told = " or ".join(matches(value, pattern) for pattern in patterns)
    return f"(contains({value}, ' ') and ({told}))"


def _all_of(value: str, pattern: str) -> str:
    return f"regexp_full_match({value}, {literal(pattern)})"


def matches(value: str, pattern: str) -> str:
    """SQL: whether an RE2 pattern occurs in ``value`` (a SQL expression)."""
    return f"regexp_matches({value}, {literal(pattern)})"


def literal(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
