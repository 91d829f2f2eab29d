"""Invented addresses: of houses, and of machines."""

from __future__ import annotations

import random
import string

from tests.corpus.speech import ONES, Fragment, Voice, in_pairs, one_by_one, say_code, two_digits


def house_number(rng: random.Random, *, spoken: bool) -> str:
    number = str(rng.choice([rng.randint(1, 99), rng.randint(100, 999), rng.randint(1000, 9999)]))
    if not spoken or rng.random() < 0.3:
        return number
    if len(number) == 1:
        return ONES[int(number)]
    return rng.choice([in_pairs, one_by_one])(number, "oh")


def address(rng: random.Random, voice: Voice, spoken: bool) -> list[Fragment]:
    """Number and street, now and then with a flat, a town or a state."""
    street, kind = voice.pick(rng, "streets"), voice.pick(rng, "street_kinds")
    if not spoken and rng.random() < 0.4:
        kind = {"street": "St", "avenue": "Ave", "road": "Rd", "drive": "Dr"}.get(kind, kind)
    text = f"{house_number(rng, spoken=spoken)} {street} {kind if spoken else kind.title()}"
    if rng.random() < 0.25:
        unit = str(rng.randint(1, 40))
        letter = rng.choice("ABC")
        text += f" {rng.choice(['apartment', 'flat', 'unit'])} " + (
            two_digits(unit.zfill(2), "oh") if spoken and len(unit) == 2 else unit + letter
        )
    if rng.random() < 0.35:
        town = voice.pick(rng, "towns")
        text += f" {town}" if spoken else f", {town}"
    return [(text.lower() if spoken and rng.random() < 0.7 else text, True)]


def zip_code(rng: random.Random, voice: Voice, spoken: bool) -> list[Fragment]:
    """A US ZIP code, now and then with its four more digits."""
    text = f"{rng.randint(501, 99950):05d}"
    more = f"{rng.randint(1, 9999):04d}" if rng.random() < 0.15 else ""
    if not spoken:
        return [(f"{text}-{more}" if more else text, True)]
    say, zero = rng.choice([in_pairs, one_by_one]), voice.pick(rng, "zeros")
    return [(f"{say(text, zero)} dash {say(more, zero)}" if more else say(text, zero), True)]


LETTERED = ("A9 9AA", "A99 9AA", "AA9 9AA", "AA99 9AA", "A9A 9AA", "A9A 9A9")
"""British postcodes, and Canadian ones."""


def lettered_postcode(rng: random.Random, voice: Voice, spoken: bool) -> list[Fragment]:
    swap = {"A": "ABCDEGHKLMNPRSTWY", "9": "0123456789"}
    text = "".join(rng.choice(swap[c]) if c in swap else c for c in rng.choice(LETTERED))
    return say_code(rng, text.replace(" ", ""), voice) if spoken else [(text, True)]


def ip_address(rng: random.Random, voice: Voice, spoken: bool) -> list[Fragment]:
    """IPv4 in private and documentation ranges, said too; IPv6."""
    head = rng.choice([(192, 168), (10, 20), (203, 0), (172, 16), (198, 51)])
    parts = [*head, rng.randint(1, 254), rng.randint(1, 254)]
    if spoken:
        say = rng.choice([in_pairs, one_by_one])
        zero = voice.pick(rng, "zeros")
        return [(" dot ".join(say(str(p), zero) for p in parts), True)]
    if rng.random() < 0.25:
        return [(f"2001:db8:{rng.randint(16, 9999):x}::{rng.randint(16, 65535):x}", True)]
    return [(".".join(map(str, parts)), True)]


def letters(
    rng: random.Random, count: int, alphabet: str = string.ascii_letters + string.digits
) -> str:
    return "".join(rng.choice(alphabet) for _ in range(count))


def url_credentials(rng: random.Random, voice: Voice, spoken: bool) -> list[Fragment]:
    """A URL; only what lets someone in is the value."""
    host = rng.choice(["portal.example.com", "files.example.org", "pay.example.net"])
    user = voice.pick(rng, "first_names").lower()
    secret = letters(rng, rng.randint(8, 24))
    key = rng.choice(["token", "sig", "access_token", "password", "api_key", "code"])
    return rng.choice(
        [
            [("https://", False), (f"{user}:{secret}", True), (f"@{host}/in", False)],
            [(f"https://{host}/reset?{key}=", False), (secret, True)],
            [(f"https://{host}/a?lang=en&{key}=", False), (secret, True), ("&page=2", False)],
        ]
    )


def api_key(rng: random.Random, voice: Voice, spoken: bool) -> list[Fragment]:
    """Keys in the shapes that vendors give them, put together here so that no file holds one."""
    url_safe = string.ascii_letters + string.digits + "-_"
    shapes = [
        "sk" + "_live_" + letters(rng, 24),
        "AKIA" + letters(rng, 16, string.ascii_uppercase + string.digits),
        "ghp" + "_" + letters(rng, 36),
        "xoxb" + f"-{rng.randint(10**11, 10**12 - 1)}-" + letters(rng, 24),
        "eyJ"
        + letters(rng, 20, url_safe)
        + "."
        + letters(rng, 40, url_safe)
        + "."
        + letters(rng, 30, url_safe),
        letters(rng, 32, "0123456789abcdef"),
        "SG." + letters(rng, 22, url_safe) + "." + letters(rng, 43, url_safe),
        "AIza" + letters(rng, 35, url_safe),
    ]
    return [(rng.choice(shapes), True)]
