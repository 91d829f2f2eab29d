"""Planted personal data: made values, said in digits or in spoken words, each one recorded."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from ingest.simulator.texts import DIGIT_WORDS, FIRST_NAMES, LAST_NAMES

_MAIL_HOSTS = ("example.com", "example.org", "mail.example.net")


@dataclass(frozen=True)
class Secret:
    """One planted value exactly as it stands in the text, and its class."""

    value: str
    kind: str


def luhn_card(rng: Random) -> str:
    """Sixteen digits with a valid check digit, starting with 4."""
    body = "4" + f"{rng.randrange(10**14):014d}"
    total = 0
    for place, char in enumerate(reversed(body)):
        digit = int(char) * (2 if place % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return body + str(-total % 10)


def words(rng: Random, digits: str) -> str:
    """Digits as speech recognition writes them down: "four double one oh"."""
    zero = "oh" if rng.random() < 0.4 else "zero"
    doubles = rng.random() < 0.3
    out: list[str] = []
    i = 0
    while i < len(digits):
        word = zero if digits[i] == "0" else DIGIT_WORDS[int(digits[i])]
        if doubles and i + 1 < len(digits) and digits[i] == digits[i + 1]:
            out.append(f"double {word}")
            i += 2
        else:
            out.append(word)
            i += 1
    return " ".join(out)


def _grouped(digits: str, sizes: tuple[int, ...], joint: str) -> str:
    parts, at = [], 0
    for size in sizes:
        parts.append(digits[at : at + size])
        at += size
    return joint.join(parts)


def card(rng: Random) -> Secret:
    """A payment card number."""
    digits = luhn_card(rng)
    style = rng.random()
    if style < 0.4:
        return Secret(words(rng, digits), "card_spoken")
    joint = " " if style < 0.75 else "-" if style < 0.85 else ""
    return Secret(_grouped(digits, (4, 4, 4, 4), joint), "card")


def phone(rng: Random, number: str) -> Secret:
    """The caller's own number (E.164, country 1) as a caller says it."""
    digits = number[2:]
    style = rng.random()
    if style < 0.4:
        return Secret(words(rng, digits), "phone_spoken")
    if style < 0.6:
        return Secret(f"({digits[:3]}) {digits[3:6]}-{digits[6:]}", "phone")
    joint = "-" if style < 0.8 else " "
    return Secret(_grouped(digits, (3, 3, 4), joint), "phone")


def ssn(rng: Random) -> Secret:
    """A number in the shape of a social security number."""
    digits = f"{rng.randrange(100, 666)}{rng.randrange(1, 99):02d}{rng.randrange(1, 9999):04d}"
    if rng.random() < 0.5:
        return Secret(words(rng, digits), "ssn_spoken")
    return Secret(_grouped(digits, (3, 2, 4), "-" if rng.random() < 0.7 else " "), "ssn")


def address(rng: Random) -> str:
    """An e-mail address under a reserved example domain."""
    first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
    return f"{first}.{last}{rng.randrange(10, 99)}@{rng.choice(_MAIL_HOSTS)}"


def email(rng: Random, mail: str) -> Secret:
    """The caller's address, written or spoken ("maria dot garcia at example dot com")."""
    if rng.random() < 0.5:
        return Secret(mail, "email")
    return Secret(mail.replace(".", " dot ").replace("@", " at "), "email_spoken")
