"""Invented values of every class, said or written. None is anyone's; some pass their check digits.

``render(label, rng, voice)`` gives fragments of text; which of them belong to the value is marked.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.corpus import dates, places
from tests.corpus.speech import (
    Fragment,
    Voice,
    one_by_one,
    say_code,
    say_digits,
    say_letters,
    two_digits,
)

Renderer = Callable[[random.Random, Voice, bool], list[Fragment]]
SPOKEN_SHARE = 0.72


def digits(rng: random.Random, count: int, first: str = "123456789") -> str:
    return rng.choice(first) + "".join(rng.choice("0123456789") for _ in range(count - 1))


def luhn(body: str) -> str:
    """Append the check digit that makes a card number valid."""
    doubled = [int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(reversed(body))]
    return body + str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)


def cut(text: str, *sizes: int) -> list[str]:
    groups, at = [], 0
    for size in sizes:
        groups.append(text[at : at + size])
        at += size
    return [group for group in groups if group]


def number(
    rng: random.Random, voice: Voice, groups: list[str], *, spoken: bool, joins: str = " -"
) -> list[Fragment]:
    """A grouped number, said or written."""
    if spoken:
        return say_digits(rng, groups, voice)
    join = rng.choice([*joins, ""])
    return [(join.join(groups), True)]


def card(rng: random.Random, voice: Voice, spoken: bool) -> list[Fragment]:
    sizes = rng.choice(
        [(4, 4, 4, 4)] * 8 + [(4, 6, 5)] * 3 + [(4, 4, 4, 4, 3), (4, 4, 5), (4, 6, 4), (4, 4, 4)]
    )
    body = ("37" if sizes == (4, 6, 5) else rng.choice("4456")) + digits(
        rng, sum(sizes) - 3, "0123456789"
    )
    body = body[: sum(sizes) - 1]
    body = luhn(body) if rng.random() < 0.5 else body + rng.choice("0123456789")
    return number(rng, voice, cut(body, *sizes), spoken=spoken, joins=" -.")


def plain(low: int, high: int, size: int = 3, first: str = "0123456789") -> Renderer:
    """A renderer of low to high digits in groups of ``size``."""

    def render_plain(rng: random.Random, voice: Voice, spoken: bool) -> list[Fragment]:
        count = rng.randint(low, high)
        groups = cut(digits(rng, count, first), *[size] * (count // size + 1))
        return number(rng, voice, groups, spoken=spoken, joins=" " if count > 6 else "")

    return render_plain


def aba(rng: random.Random, voice: Voice, spoken: bool) -> list[Fragment]:
    """A US routing number; its check digit is right in most."""
    body = digits(rng, 8, "0123")
    weights = (3, 7, 1, 3, 7, 1, 3, 7)
    check = -sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 10
    body += str(check) if rng.random() < 0.6 else rng.choice("0123456789")
    return number(rng, voice, cut(body, 3, 3, 3), spoken=spoken)


def sort_code(rng: random.Random, voice: Voice, spoken: bool) -> list[Fragment]:
    return number(rng, voice, cut(digits(rng, 6), 2, 2, 2), spoken=spoken, joins="--")


def iban(rng: random.Random, voice: Voice, spoken: bool) -> list[Fragment]:
    country, body = rng.choice(
        [
            ("GB", "NWBK" + digits(rng, 14)),
            ("DE", digits(rng, 18)),
            ("NL", "ABNA" + digits(rng, 10)),
            ("ES", digits(rng, 20)),
            ("IE", "AIBK" + digits(rng, 14)),
        ]
    )
    as_number = "".join(str(int(c, 36)) for c in body + country)
    code = f"{country}{98 - int(as_number + '00') % 97:02d}{body}"
    if spoken:
        return say_code(rng, code, voice)
    return [(" ".join(cut(code, *[4] * 9)) if rng.random() < 0.6 else code, True)]


def ssn(rng: random.Random, voice: Voice, spoken: bool) -> list[Fragment]:
    body = digits(rng, 3, "1234567") + digits(rng, 2, "123456789") + digits(rng, 4, "0123456789")
    return number(rng, voice, cut(body, 3, 2, 4), spoken=spoken)


def shaped(*shapes: tuple[str, tuple[int, ...], str]) -> Renderer:
    """A renderer of one of the shapes: letters (A) and digits (9), groups, what joins them."""

    def render_shape(rng: random.Random, voice: Voice, spoken: bool) -> list[Fragment]:
        shape, sizes, joins = rng.choice(shapes)
        swap = {"A": "ABCEGHJKLMNPRSTWXYZ", "9": "0123456789"}
        body = "".join(rng.choice(swap[c]) if c in swap else c for c in shape)
        if spoken and not body.isdigit():
            return say_code(rng, body, voice)
        return number(rng, voice, cut(body, *sizes), spoken=spoken, joins=joins)

    return render_shape


NATIONAL_IDS: dict[str, tuple[str, tuple[int, ...], str]] = {
    "nino": ("AA999999A", (2, 2, 2, 2, 1), " "),  # UK national insurance
    "sin": ("999999999", (3, 3, 3), " -"),  # Canadian social insurance, Australian tax file
    "aadhaar": ("999999999999", (4, 4, 4), " "),
    "dni": ("99999999A", (8, 1), "-"),
    "cpf": ("99999999999", (3, 3, 3, 2), ".- "),
    "pps": ("9999999AA", (7, 2), " "),
    "nir": ("199019999999999", (1, 2, 2, 2, 3, 3, 2), " "),  # French social security
    "tax_id": ("99999999999", (2, 3, 3, 3), " "),  # German tax ID, PESEL
    "passport": ("A99999999", (1, 8), " "),
    "licence": ("A9999999", (1, 7), "-"),
}


def phone(rng: random.Random, voice: Voice, spoken: bool) -> list[Fragment]:
    line = digits(rng, 4, "0123456789")
    area = digits(rng, 1, "23456789") + digits(rng, 2, "0123456789")
    if rng.random() < 0.2:
        groups = rng.choice(
            [["07700", "900", line[:3]], ["020", "7946", line], ["0161", "496", line]]
        )
        return number(rng, voice, groups, spoken=spoken)
    if not spoken:
        shape = rng.choice(
            ["({}) {}-{}", "{}-{}-{}", "+1 {} {} {}", "{}.{}.{}", "+1{}{}{}", "1-{}-{}-{}"]
        )
        return [(shape.format(area, "555", line), True)]
    said = say_digits(rng, [area, "555", line], voice)
    return [("plus one", True), *said] if rng.random() < 0.2 else said


def email(rng: random.Random, voice: Voice, spoken: bool) -> list[Fragment]:
    first, last = voice.pick(rng, "first_names").lower(), voice.pick(rng, "last_names").lower()
    ends = digits(rng, 2)
    domain = voice.pick(rng, "email_domains")
    shape = rng.choice(
        ["f.last", "first.last", "first_last", "firstNN", "flastNN", "first-last", "wordNN"]
    )
    parts = {
        "f.last": [first[0], ".", last],
        "first.last": [first, ".", last],
        "first_last": [first, "_", last],
        "firstNN": [first, ends],
        "flastNN": [first[0], last, ends],
        "first-last": [first, "-", last],
        "wordNN": [voice.pick(rng, "email_words"), ends],
    }[shape]
    if not spoken:
        return [("".join(parts) + "@" + domain, True)]
    marks = {".": "dot", "_": "underscore", "-": rng.choice(["dash", "hyphen"])}
    spell = rng.random() < 0.2
    said = []
    for part in parts:
        if part.isdigit():
            said.append(
                rng.choice([" ".join(part), part, two_digits(part, "oh"), say_digits_plain(part)])
            )
        elif part == last and spell:
            said.append(" ".join(part))
        else:
            said.append(marks.get(part, part))
    host = domain.replace(".", " dot ").replace("-", " dash ")
    return [(f"{' '.join(said)} {voice.pick(rng, 'at_signs')} {host}", True)]


def say_digits_plain(text: str) -> str:
    return one_by_one(text, "zero")


def code(shapes: list[str]) -> Renderer:
    """A renderer of letters (A) and digits (9), as an account or record number mixes them."""

    def render_code(rng: random.Random, voice: Voice, spoken: bool) -> list[Fragment]:
        shape = rng.choice(shapes)
        swap = {"A": "ABCDEFGHJKLMNPRSTWXYZ", "9": "0123456789"}
        text = "".join(rng.choice(swap[c]) if c in swap else c for c in shape)
        if not spoken:
            return [(text, True)]
        text = text.replace("-", "")
        if text.isdigit():
            return say_digits(rng, cut(text, *[3] * 6), voice)
        return say_code(rng, text, voice)

    return render_code


def password(rng: random.Random, voice: Voice, spoken: bool) -> list[Fragment]:
    one, two = voice.pick(rng, "password_words"), voice.pick(rng, "password_words")
    ends = digits(rng, rng.choice([2, 3, 4]))
    if spoken:
        tail = rng.choice([say_digits_plain(ends), " ".join(ends), ends])
        mark = rng.choice(["", " exclamation point", " dollar sign", " hash", " at sign"])
        head = rng.choice([one, f"capital {one}", f"{one} {two}", f"{one} underscore {two}"])
        return [(f"{head} {tail}{mark}", True)]
    return [
        (
            rng.choice(
                [
                    f"{one.title()}{ends}!",
                    f"{one}-{two}-{ends}",
                    f"{one.title()}{two.title()}{ends}",
                ]
            ),
            True,
        )
    ]


def name(rng: random.Random, voice: Voice, spoken: bool) -> list[Fragment]:
    first, last = voice.pick(rng, "first_names"), voice.pick(rng, "last_names")
    full = f"{first} {last}" if rng.random() < 0.7 else first
    return [(full.lower() if spoken and rng.random() < 0.7 else full, True)]


def name_spelled(rng: random.Random, voice: Voice, spoken: bool) -> list[Fragment]:
    last = "".join(c for c in voice.pick(rng, "last_names").lower() if "a" <= c <= "z")
    way = rng.random()
    if not spoken or way < 0.2:
        return [("-".join(last.upper()), True)]
    first = [(last, True)] if way > 0.6 else []
    return [*first, (say_letters(rng, last), True)]


RENDERERS: dict[str, Renderer] = {
    "card": card,
    "cvv": plain(3, 4, 4),
    "expiry": dates.expiry,
    "bank_account": plain(7, 12, 4),
    "routing": aba,
    "iban": iban,
    "ssn": ssn,
    "last4": plain(4, 4, 4),
    "national_id": shaped(*NATIONAL_IDS.values()),
    "phone": phone,
    "email": email,
    "address": places.address,
    "postcode": places.zip_code,
    "birth_date": dates.birth_date,
    "account": code(["99999999", "9999999999", "A9999999", "AA999999", "9999-9999", "999999"]),
    "member": code(["AAA999999", "A99999999", "999999999", "99999999", "AA-999-9999"]),
    "medical_record": code(["99999999", "9999999", "A999999", "99-99-99", "00999999"]),
    "password": password,
    "pin": plain(4, 6, 6),
    "otp": plain(4, 8, 3),
    "ip": places.ip_address,
    "url": places.url_credentials,
    "api_key": places.api_key,
    "name": name,
    "name_spelled": name_spelled,
    "name_uncued": name,
}


VARIANTS: dict[str, tuple[str, Renderer]] = {
    "sort_code": ("routing", sort_code),
    "uk_postcode": ("postcode", places.lettered_postcode),
    **{name: ("national_id", shaped(shape)) for name, shape in NATIONAL_IDS.items()},
}
"""Slots for values that a cue names more exactly than their class does."""


def label_of(slot: str) -> str:
    """The class of a slot's values."""
    return VARIANTS[slot][0] if slot in VARIANTS else slot


def render(slot: str, rng: random.Random, voice: Voice, form: str = "") -> list[Fragment]:
    """A value for the slot: spoken (``form`` s), written (w), or most often spoken."""
    spoken = rng.random() < SPOKEN_SHARE
    renderer = VARIANTS[slot][1] if slot in VARIANTS else RENDERERS[slot]
    return renderer(rng, voice, {"s": True, "w": False}.get(form, spoken))
