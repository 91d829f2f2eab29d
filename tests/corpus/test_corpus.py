"""The corpus: what it holds, that its parts are two, and that labels survive noise."""

from __future__ import annotations

import re

import pytest

from tests.corpus.generator import SLOT, generate, templates
from tests.corpus.goals import CLASSES
from tests.corpus.harmless import HARMLESS
from tests.corpus.labels import HERE, LABEL, PARTS, CorpusError, entries, hand_written, parse
from tests.corpus.noise import HOMOPHONES, add_noise
from tests.corpus.real import evi_dialogues
from tests.corpus.speech import voice_of
from tests.corpus.values import RENDERERS, VARIANTS, luhn

HAND_WRITTEN = {part: hand_written(part) for part in PARTS}
TEMPLATES = {part: templates(HERE / part / "templates.txt") for part in PARTS}


def patterns(part: str) -> set[str]:
    """Every line and template of a part, with a blank for each value."""
    lines = [
        text
        for name in ("lines", "negatives", "beyond")
        for _, _, text in entries(HERE / part / f"{name}.txt")
    ]
    lines += [line for section in TEMPLATES[part].values() for line in section]
    return {
        re.sub(r"\W+", " ", SLOT.sub("_", LABEL.sub("_", line))).strip().lower() for line in lines
    } - {""}


def test_1500_lines_are_written_by_hand_or_from_a_template_of_their_own():
    lines = sum(len(s.turns) for part in PARTS for s in HAND_WRITTEN[part])
    lines += sum(
        line.count(" / ") + 1
        for part in PARTS
        for section in TEMPLATES[part].values()
        for line in section
    )
    assert lines >= 1500


@pytest.mark.parametrize("part", PARTS)
def test_every_class_is_in_every_way_of_writing_it(part):
    by_hand = {label for sample in HAND_WRITTEN[part] for label in sample.labels}
    assert set(CLASSES) <= by_hand
    assert set(CLASSES) <= set(TEMPLATES[part])
    generated = generate(part, 12, seed=7)
    for label in CLASSES:
        own = [s for s in generated if s.kind == label]
        assert all(label in s.labels for s in own), label
        assert len(own) == 12


@pytest.mark.parametrize("part", PARTS)
def test_files_hold_what_they_say(part):
    for sample in HAND_WRITTEN[part]:
        if "lines.txt" in sample.key:
            assert sample.labels, sample.key
            assert sample.labels <= set(CLASSES), sample.key
        elif "negatives.txt" in sample.key:
            assert not sample.labels, sample.key
        elif "beyond.txt" in sample.key:
            assert sample.labels == {sample.kind}, sample.key
    slots = {m["name"] for s in TEMPLATES[part].values() for line in s for m in SLOT.finditer(line)}
    assert slots <= set(RENDERERS) | set(VARIANTS) | set(HARMLESS)
    assert set(HARMLESS) <= slots


def test_the_parts_share_no_phrasing_and_no_name():
    shared = patterns("develop") & patterns("scored")
    assert {phrase for phrase in shared if len(phrase.replace("_", " ").split()) > 2} == set()
    develop, scored = (voice_of(part).words for part in PARTS)
    for what in ("first_names", "last_names", "streets", "towns", "password_words"):
        assert not set(develop[what]) & set(scored[what]), what


def test_the_same_seed_gives_the_same_samples():
    assert generate("scored", 6, seed=7) == generate("scored", 6, seed=7)
    assert generate("scored", 6, seed=7) != generate("scored", 6, seed=8)


def test_labels_are_carried_through_noise():
    samples = [*HAND_WRITTEN["develop"], *generate("develop", 10, seed=7)]
    misheard = {word for words in HOMOPHONES.values() for word in words}
    lost = kept = 0
    for sample in samples:
        noisy = add_noise(sample, 0.3, seed=7)
        assert noisy == add_noise(sample, 0.3, seed=7)
        before = words_of_values(sample)
        after = words_of_values(noisy)
        assert all(word in before or word in misheard for word in after), sample.key
        lost, kept = lost + len(before) - len(after), kept + len(after)
        for old, new in zip(sample.turns, noisy.turns, strict=True):
            assert old.role == "caller" or old == new
    assert kept > 0
    assert 0.05 < lost / (lost + kept) < 0.15, "of words hit, a third and those without a homophone"


def words_of_values(sample):
    return [
        word.strip(".,?!")
        for value in sample.values
        for piece in value.pieces
        for word in sample.turns[piece.turn].text[piece.start : piece.end].split()
    ]


def test_no_noise_is_no_change():
    assert [add_noise(s, 0.0, seed=7) for s in HAND_WRITTEN["scored"]] == HAND_WRITTEN["scored"]


def test_noise_hits_as_many_words_as_it_says():
    samples = [
        s for s in generate("develop", 60, seed=7) if all(t.role == "caller" for t in s.turns)
    ]
    words = sum(len(t.text.split()) for s in samples for t in s.turns)
    same = 0
    for sample in samples:
        for old, new in zip(sample.turns, add_noise(sample, 0.1, seed=7).turns, strict=True):
            same += old.text == new.text
    untouched = sum(0.9 ** len(t.text.split()) for s in samples for t in s.turns)
    assert words > 5000
    assert same == pytest.approx(untouched, rel=0.1)


@pytest.mark.parametrize("text", ["my [card|4111", "a | b", "[card|]", "[Card|4111]"])
def test_a_line_that_breaks_the_notation_is_refused(text):
    with pytest.raises(CorpusError):
        parse("k", "card", [("caller", text)])


def test_labels_lie_where_they_were_written():
    sample = parse(
        "k", "x", [("agent", "go on"), ("caller", "it's [pin#a|one two], no [pin#a|one three]")]
    )
    (value,) = sample.values
    assert [sample.turns[p.turn].text[p.start : p.end] for p in value.pieces] == [
        "one two",
        "one three",
    ]


def test_the_check_digit_is_luhns():
    assert luhn("7992739871") == "79927398713"
    assert luhn("411111111111111") == "4111111111111111"


def test_evi_answers_follow_their_prompts():
    try:
        dialogue = next(evi_dialogues(seed=7))
    except FileNotFoundError:
        pytest.skip("the real data is not here")
    assert [role for _, role, _ in dialogue[:2]] == ["agent", "caller"]
