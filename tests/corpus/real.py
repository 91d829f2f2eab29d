"""The same scores on real data, read where it lies and never copied into the project.

BANKING77 (3,080 questions to a bank, no personal data): what is touched is over-redaction. EVI
(real speech recognition; the prompts that were answered are known): nothing of the value may be
left. An answer is clean if all that is left of it are words of ``CARRIERS``.
"""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterator

from tests.corpus.engines import Engine
from tests.corpus.labels import HERE
from tests.corpus.leaks import covered, words_lost
from tests.corpus.scorer import Share

DATA = HERE.parents[1].parent / "shared" / "data"
ITEMS = ("postcode", "name", "dob")

PROMPTS = {
    "postcode": ["What is your postcode?", "Can you give me your post code please?"],
    "name": ["What is your full name?", "Could I take your first and last name?"],
    "dob": ["What is your date of birth?", "When were you born?"],
}
AGAIN = [
    "Sorry, I didn't get that. Could you say it again?",
    "Sorry, can you repeat that for me?",
    "I didn't catch that, please try once more.",
]
CARRIERS = frozenset(
    "my name is it's its it i'm the and yes yeah yep no ok okay so um uh well hi hello "  # noqa: SIM905
    "please sorry "
    "that's that was born on date of birth birthday post code postcode first last surname full "
    "this you thank thanks".split()
)
SPOKEN_WORD = re.compile(r"[\w']+")


def banking77(engine: Engine) -> dict[str, Share]:
    """Lines touched, and words that the strict level loses out of the corpus's domain."""
    touched, lost = Share(), Share()
    with (DATA / "banking77_test.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            out = engine([("caller", row["text"])])[0]
            touched.add(bool(out.spans))
            total, gone = words_lost(row["text"], [], [*out.spans, *out.strict_spans])
            lost.hits, lost.total = lost.hits + gone, lost.total + total
    return {"banking77_touched": touched, "banking77_strict_words_lost": lost}


def evi_dialogues(seed: int) -> Iterator[list[tuple[str, str, str]]]:
    """Conversations as (item, role, text): each answer after the prompt that it was given to."""
    rng = random.Random(f"{seed}:evi")
    dialogues: dict[str, list[tuple[str, str, str]]] = {}
    with (DATA / "evi_en_dev.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            first = row["attempt_num"] == "0" or row["dialogue_id"] not in dialogues
            turns = dialogues.setdefault(row["dialogue_id"], [])
            first = first or all(item != row["item"] for item, _, _ in turns)
            turns.append(("", "agent", rng.choice(PROMPTS[row["item"]] if first else AGAIN)))
            turns.append((row["item"], "caller", row["transcription"]))
    yield from dialogues.values()


def clean(text: str, spans: list[tuple[int, int]]) -> bool:
    """Whether no word is left that could be the value's."""
    return all(
        covered(spans, *match.span()) or match[0].lower() in CARRIERS
        for match in SPOKEN_WORD.finditer(text)
    )


def evi(engine: Engine, seed: int) -> dict[str, Share]:
    """Answers of which nothing is left, by what was asked."""
    shares = {f"evi_{item}_clean": Share() for item in ITEMS}
    for dialogue in evi_dialogues(seed):
        redacted = engine([(role, text) for _, role, text in dialogue])
        for (item, _, text), out in zip(dialogue, redacted, strict=True):
            if item and SPOKEN_WORD.search(text):
                shares[f"evi_{item}_clean"].add(clean(text, list(out.spans)))
    return shares


def score_real(engine: Engine, seed: int) -> dict[str, Share]:
    """Every figure for which the data is present."""
    if not (DATA / "README.md").exists():
        return {}
    return banking77(engine) | evi(engine, seed)
