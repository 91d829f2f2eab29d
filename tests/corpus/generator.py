"""Templates times invented values: samples in any number, the same for the same seed.

A template is a line of ``templates.txt``, turns parted by `` / ``. ``{card}`` is a value,
``{card:s}`` a spoken and ``{card:w}`` a written one, ``{card.1of3}`` the first third of one that is
given in three turns; ``{price}`` and the other names of ``harmless.py`` are no values. Each section
of the file (``## card``) gives the same number of samples, and its templates take turns.
"""

from __future__ import annotations

import itertools
import random
import re
from pathlib import Path

from tests.corpus import harmless, values
from tests.corpus.labels import HERE, PERMITTED, Sample, entries, parse, turn_of
from tests.corpus.speech import Fragment, Voice, voice_of

SLOT = re.compile(r"\{(?P<name>[a-z0-9_]+)(?::(?P<form>[sw]))?(?:\.(?P<part>\d)of(?P<of>\d))?\}")


def templates(path: Path) -> dict[str, list[str]]:
    """Read the templates of each section."""
    found: dict[str, list[str]] = {}
    for _, section, line in entries(path):
        if line:
            found.setdefault(section, []).append(line)
    return found


def marked(slot: str, value: str, fragments: list[Fragment]) -> str:
    """Write a value down in the corpus's notation."""
    label = values.label_of(slot)
    glue = "" if label == "url" else " "
    return glue.join(
        f"[{label}#{value}|{text}]" if own else f"[{PERMITTED}|{text}]" for text, own in fragments
    )


def thirds(fragments: list[Fragment], of: int) -> list[list[Fragment]]:
    """Cut a value into as many runs of words as turns give it."""
    words: list[Fragment] = [(word, own) for text, own in fragments for word in text.split() if own]
    bounds = [round(i * len(words) / of) for i in range(of + 1)]
    return [words[a:b] for a, b in itertools.pairwise(bounds)]


class Filler:
    """Fills the slots of one template."""

    def __init__(self, rng: random.Random, voice: Voice) -> None:
        self.rng, self.voice = rng, voice
        self.split: dict[str, list[list[Fragment]]] = {}
        self.count = 0

    def fill(self, match: re.Match[str]) -> str:
        label = match["name"]
        if label in harmless.HARMLESS:
            return harmless.render(label, self.rng, self.voice)
        if match["part"]:
            of = int(match["of"])
            if label not in self.split:
                whole = values.render(label, self.rng, self.voice, "s")
                while sum(len(text.split()) for text, own in whole if own) < of:
                    whole = values.render(label, self.rng, self.voice, "s")
                self.split[label] = thirds(whole, of)
            return marked(label, f"{label}s", self.split[label][int(match["part"]) - 1])
        self.count += 1
        fragments = values.render(label, self.rng, self.voice, match["form"] or "")
        return marked(label, f"v{self.count}", fragments)


def sentence(rng: random.Random, text: str) -> str:
    """Some recognisers write sentences: a full stop, now and then a capital."""
    if rng.random() > 0.3 or text.endswith((".", "?", "!")):
        return text
    return (text if text.startswith("[") else text[:1].upper() + text[1:]) + "."


def generate(part: str, per_section: int, seed: int) -> list[Sample]:
    """Make ``per_section`` samples of each section of the part's templates."""
    voice, samples = voice_of(part), []
    for section, lines in templates(HERE / part / "templates.txt").items():
        for number in range(per_section):
            rng = random.Random(f"{seed}:{part}:{section}:{number}")
            filler = Filler(rng, voice)
            turns = [turn_of(turn) for turn in lines[number % len(lines)].split(" / ")]
            filled = [
                (role, sentence(rng, text) if role == "caller" else text)
                for role, text in ((r, SLOT.sub(filler.fill, t)) for r, t in turns)
            ]
            samples.append(parse(f"{part}/{section}#{number}", section, filled))
    return samples
