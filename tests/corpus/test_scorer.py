"""The scorer itself: what it says of redactors whose faults are known."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from scipy.stats import binomtest

from tests.corpus.engines import Conversation, Masked, mask
from tests.corpus.generator import generate
from tests.corpus.goals import CLASSES, Goal
from tests.corpus.labels import hand_written, parse
from tests.corpus.leaks import WORD, covered, digits_in, leak_of, words_lost
from tests.corpus.real import clean
from tests.corpus.scorer import ScoringError, Share, score_samples

GENERATED = generate("develop", 10, seed=7)
DEVELOP = [*hand_written("develop"), *GENERATED]


def nothing(turns: Conversation) -> list[Masked]:
    return [mask(text, ()) for _, text in turns]


def every_word(turns: Conversation) -> list[Masked]:
    return [
        Masked(WORD.sub("<x>", text), tuple(m.span() for m in WORD.finditer(text)))
        for _, text in turns
    ]


def ranges(*spans: Sequence[tuple[int, int]]):
    def engine(turns: Conversation) -> list[Masked]:
        return [mask(text, tuple(s)) for (_, text), s in zip(turns, spans, strict=True)]

    return engine


def test_a_redactor_that_masks_nothing_has_no_recall_and_no_false_alarm():
    score = score_samples(DEVELOP, nothing)
    assert {score.of(label).recall.value for label in CLASSES} == {0.0}
    assert score.negatives_touched.value == 0.0
    assert score.strict_words_lost.value == 0.0


def test_whole_numbers_leak_more_than_four_digits_and_short_ones_cannot():
    score = score_samples(GENERATED, nothing)
    for label in ("card", "ssn", "phone", "iban"):
        assert score.of(label).leak4.value == 1.0
    for label in ("cvv", "last4", "name"):
        assert score.of(label).leak4.value == 0.0


def test_a_redactor_that_masks_everything_has_all_recall_and_bad_precision():
    score = score_samples(DEVELOP, every_word)
    assert {score.of(label).recall.value for label in CLASSES} == {1.0}
    assert {score.of(label).leak4_characters.value for label in CLASSES} == {0.0}
    assert score.negatives_touched.value == 1.0
    assert score.long_numbers_touched.value == 1.0
    assert score.strict_words_lost.value == 1.0
    assert score.precision.value is not None
    assert score.precision.value < 0.6
    worst = score.of("name_uncued").precision.value
    assert worst is not None
    assert worst < 0.4


@pytest.mark.parametrize(
    ("left", "leaks"),
    [(1, False), (4, False), (5, True), (16, True)],
)
def test_a_partly_masked_value_is_a_miss_and_leaks_what_is_left(left, leaks):
    text = "four " * 16
    sample = parse("k", "card", [("caller", f"it is [card|{text.strip()}] ok")])
    start = len("it is ")
    score = score_samples([sample], ranges([(start, start + len("four ") * (16 - left))]))
    assert score.of("card").recall.value == 0.0
    assert (score.of("card").leak4.value == 1.0) is leaks


def test_a_value_split_over_turns_counts_once_and_leaks_in_sum():
    sample = parse(
        "k",
        "card",
        [
            ("caller", "[card#1|four one one]"),
            ("agent", "yes"),
            ("caller", "[card#1|nine nine] no wait [card#1|nine eight]"),
        ],
    )
    whole = (0, len("four one one"))
    first_only = score_samples([sample], ranges([whole], [], []))
    assert (first_only.of("card").recall.total, first_only.of("card").recall.hits) == (1, 0)
    assert first_only.of("card").leak4.value == 0.0, "four digits are left"
    neither = score_samples([sample], ranges([], [], []))
    assert neither.of("card").leak4.value == 1.0, "three and four are more than four"
    both = score_samples([sample], ranges([whole], [], [(0, 9), (18, 28)]))
    assert both.of("card").recall.value == 1.0, "what parts the pieces is not the value's"


def test_hesitations_inside_a_label_are_not_the_value():
    sample = parse("k", "pin", [("caller", "[pin|four uh two one um three]")])
    masked = [[(0, 4), (8, 15), (19, 24)]]
    assert leak_of(sample, sample.values[0], masked).characters == 0


def test_what_may_be_masked_counts_neither_way():
    turns = [
        ("agent", "your pin please"),
        ("caller", "[*|i have it here] [pin|four two one three]"),
    ]
    sample = parse("k", "pin", turns)
    whole = score_samples([sample], ranges([], [(0, 14), (15, 33)]))
    assert (whole.precision.hits, whole.precision.total) == (1, 1)
    elsewhere = score_samples([sample], ranges([(5, 8)], [(15, 33)]))
    assert (elsewhere.precision.hits, elsewhere.precision.total) == (1, 2)


def test_strict_loss_is_of_words_that_are_nobodys():
    assert words_lost("hi this is maria again", [(11, 16)], [(0, 2), (11, 16)]) == (4, 1)
    assert words_lost("part TK-482, 1,250 of them", [], [(5, 11), (13, 18)]) == (3, 0)
    assert words_lost("maria's dog's gone", [(0, 5)], [(0, 5), (8, 9)]) == (2, 1)
    samples = [parse("k", "name", [("caller", "hi this is [name|maria] again")])]
    score = score_samples(samples, ranges([(0, 2), (11, 16)]))
    assert (score.strict_words_lost.hits, score.strict_words_lost.total) == (1, 4)
    assert score.strict_names.value == 1.0
    answer = [parse("k", "name", [("agent", "who is this"), ("caller", "it is [name|maria]")])]
    score = score_samples(answer, ranges([], [(0, 11)]))
    assert score.strict_words_lost.hits == 0, "an answer to a prompt is masked whole by policy"
    assert score.strict_words_lost_in_answers.hits == 2


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("four oh two", 3), ("forty two", 2), ("twenty", 2), ("fifteen oh", 3), ("double four", 2),
        ("triple nine", 3), ("twenty two hundred", 4), ("four thousand", 4), ("for to ate", 3),
        ("4111 1", 5), ("my number is", 0),
    ],
)  # fmt: skip
def test_spoken_digits_are_counted(said, digits):
    assert digits_in(said.split()) == digits


def test_masked_ranges_may_adjoin_but_not_leave_a_gap():
    assert covered([(5, 9), (0, 5)], 0, 9)
    assert not covered([(0, 4), (5, 9)], 0, 9)
    assert not covered([(1, 9)], 0, 9)
    assert not covered([], 0, 1)


@pytest.mark.parametrize(("hits", "total"), [(0, 7), (8, 10), (995, 1000), (3, 3)])
def test_intervals_are_wilsons(hits, total):
    expected = binomtest(hits, total).proportion_ci(0.95, method="wilson")
    assert Share(hits, total).interval == pytest.approx((expected.low, expected.high), abs=1e-3)


def test_nothing_measured_is_no_figure():
    assert Share().value is None
    assert Share().interval == (0.0, 1.0)
    assert not Goal("x", Share(), 0.5).met


@pytest.mark.parametrize(
    ("hits", "at_least", "met"),
    [(95, True, True), (94, True, False), (5, False, False), (4, False, True)],
)
def test_a_goal_is_met_on_the_right_side_of_its_limit(hits, at_least, met):
    assert Goal("x", Share(hits, 100), 0.95 if at_least else 0.04, at_least).met is met


def test_a_redactor_whose_spans_are_not_what_it_masked_is_not_scored():
    sample = parse("k", "card", [("caller", "my card is [card|4111111111111111] thanks")])
    shows_it = Masked("my card is 4111111111111111 4111111111111111 thanks", ((11, 27),))
    for out in (shows_it, Masked("my card is <x>", ((11, 27),)), Masked("<x>", ())):
        with pytest.raises(ScoringError):
            score_samples([sample], lambda _, out=out: [out])
    with pytest.raises(ScoringError):
        score_samples([sample], lambda _: [])


def test_an_answer_is_clean_if_only_its_carrier_words_are_left():
    assert clean("my name is katie marshall", [(11, 25)])
    assert not clean("my name is katie marshall", [(11, 16)])
    assert not clean("it's a b 4", [(0, 4), (7, 10)]), "a single letter may be a postcode's"
