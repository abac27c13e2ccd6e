"""The far-back task, checked by reading its texts as words; plain Python is the oracle."""

import math

import numpy as np
import pytest

from rahulml import far_back


@pytest.fixture(scope="module")
def piles():
    return far_back.make(words=40, study=2_000, mock_exam=50, exam=30, distances=(1, 7, 39), seed=3)


def texts(piles, pile):
    """Yield (words, label) as a reader sees them."""
    for numbers, liked in zip(pile.words.tolist(), pile.liked.tolist(), strict=True):
        yield [piles.notepad_words[number] for number in numbers], liked


@pytest.mark.parametrize("name", ["study", "mock_exam", "exam"])
def test_first_clue_decides(piles, name):
    for words, liked in texts(piles, getattr(piles, name)):
        *before, ending = words
        first = next(word for word in before if word in ("not", "so"))
        assert ending in ("good", "bad")
        says_good = ending == "good"
        assert liked == (not says_good if first == "not" else says_good)
        assert {"good", "bad", "<padding>", "<unknown>"}.isdisjoint(before)


def test_distance_is_counted_from_the_last_word(piles):
    by_hand = [
        len(words) - 1 - min(i for i, word in enumerate(words) if word in ("not", "so"))
        for words, _ in texts(piles, piles.exam)
    ]
    assert by_hand == [1] * 30 + [7] * 30 + [39] * 30
    assert far_back.distance(piles.exam.words).tolist() == by_hand


def test_distances_to_study_are_even_on_a_log_scale(piles):
    found = far_back.distance(piles.study.words)
    assert (found.min(), found.max()) == (1, 39)
    for nearer in (2, 6, 20):
        share, due = (found < nearer).mean(), math.log(nearer) / math.log(40)
        assert share == pytest.approx(due, abs=4 * math.sqrt(0.25 / 2_000))


def test_nearest_clue_to_study_is_as_far_as_asked():
    far = far_back.make(words=100, study=2_000, mock_exam=200, exam=1, nearest=60)
    for pile in (far.study, far.mock_exam):
        found = far_back.distance(pile.words)
        assert (found.min(), found.max()) == (60, 99)
    share = (far_back.distance(far.study.words) < 77).mean()
    due = math.log(77 / 60) / math.log(100 / 60)
    assert share == pytest.approx(due, abs=4 * math.sqrt(0.25 / 2_000))


def test_decoys_come_as_often_as_asked_and_say_nothing(piles):
    after = [
        word
        for words, _ in texts(piles, piles.exam)
        for word in words[min(i for i, w in enumerate(words) if w in ("not", "so")) + 1 : -1]
    ]
    decoys = [word for word in after if word in ("not", "so")]
    assert len(decoys) / len(after) == pytest.approx(0.2, abs=4 * math.sqrt(0.16 / len(after)))
    assert decoys.count("not") / len(decoys) == pytest.approx(0.5, abs=2 / math.sqrt(len(decoys)))
    none = far_back.make(words=9, study=50, mock_exam=1, exam=1, distances=[1], decoys=0)
    for words, _ in texts(none, none.study):
        assert sum(word in ("not", "so") for word in words) == 1


def test_neither_word_alone_tells(piles):
    """Ending and first clue, each by itself, leave it open: close to half are liked."""
    for position in (far_back.ENDINGS, far_back.CLUES):
        for number in position:
            with_it = (
                piles.study.words[:, -1] == number
                if position is far_back.ENDINGS
                else [far_back_first(row) == number for row in piles.study.words]
            )
            share = piles.study.liked[np.array(with_it)].mean()
            assert share == pytest.approx(0.5, abs=4 * math.sqrt(0.25 / 900))


def far_back_first(row):
    return next(number for number in row if number in far_back.CLUES)


def test_last_clue_reader_follows_the_last_clue(piles):
    guesses = far_back.last_clue(piles.exam.words)
    for (words, _), guess in zip(texts(piles, piles.exam), guesses, strict=True):
        last = next(word for word in reversed(words) if word in ("not", "so"))
        assert guess == ((words[-1] == "good") == (last == "so"))
    assert (guesses[:30] == piles.exam.liked[:30]).all(), "at distance 1 there is only one clue"


def test_same_seed_gives_the_same_texts_and_another_seed_others():
    small = dict(words=9, study=5, mock_exam=5, exam=1, distances=[8])
    one, same, other = (far_back.make(**small, seed=seed) for seed in (4, 4, 5))
    assert (one.study.words == same.study.words).all()
    assert not (one.study.words == other.study.words).all()


def test_notepad_has_35_words_each_once():
    assert len(set(far_back.NOTEPAD_WORDS)) == 35


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"words": 1}, "words: expected a whole number of at least 2, got 1"),
        ({"study": 0}, "study: expected a whole number of at least 1, got 0"),
        ({"mock_exam": 2.5}, "mock_exam: expected a whole number of at least 1, got 2.5"),
        ({"exam": True}, "exam: expected a whole number of at least 1, got True"),
        ({"seed": -1}, "seed: expected a whole number of at least 0, got -1"),
        ({"decoys": 1.5}, r"decoys: expected a number in 0\.\.1, got 1.5"),
        ({"decoys": math.nan}, "decoys: expected a number"),
        ({"distances": []}, "distances: expected at least one, got none"),
        ({"distances": [5, 100]}, r"distances: expected a whole number in 1\.\.99, got 100"),
        ({"distances": [0]}, r"distances: expected a whole number in 1\.\.99, got 0"),
        ({"distances": [2.0]}, r"distances: .* got 2.0"),
    ],
)
def test_make_refuses_what_it_cannot_make(wrong, message):
    with pytest.raises(ValueError, match=message):
        far_back.make(**wrong)


def test_distance_refuses_a_text_without_a_clue():
    with pytest.raises(ValueError, match="expected a clue in each text"):
        far_back.distance(np.array([[far_back.NOT, far_back.GOOD], [9, far_back.BAD]]))


# --- who holds the ball ---


def other_holds_it(words):
    """Play the game with a plain variable."""
    mine = True
    for word in words:
        if word == "pass":
            mine = not mine
        else:
            assert word == "wait"
    return not mine


def test_ball_ends_where_the_passes_take_it():
    piles = far_back.make_ball(words=9, study=300, mock_exam=20, seed=2)
    assert piles.exam is None
    assert (piles.study.words.shape, piles.mock_exam.words.shape) == ((300, 9), (20, 9))
    for pile in (piles.study, piles.mock_exam, far_back.ball_exam(30, texts=50)):
        for words, label in texts(piles, pile):
            assert label == other_holds_it(words)


def test_games_of_each_length_are_drawn_evenly():
    """A game of n words has its first pass n words before the end in half of the texts."""
    words = far_back.make_ball(words=8, study=8_000, mock_exam=1).study.words
    for n in range(1, 9):
        passes = words[:, 8 - n] == far_back.PASS
        due = 0.5 * (8 - n + 1) / 8  # those that began there or before
        assert passes.mean() == pytest.approx(due, abs=4 * math.sqrt(0.25 / 8_000))


def test_ball_exam_plays_every_word_and_is_another_for_another_seed():
    exam = far_back.ball_exam(50, texts=400)
    assert (exam.words == far_back.PASS).mean() == pytest.approx(0.5, abs=4 * 0.5 / 20_000**0.5)
    assert (exam.words[:, 0] == far_back.PASS).mean() == pytest.approx(0.5, abs=0.1)
    assert exam.liked.mean() == pytest.approx(0.5, abs=0.1)
    again, other = (far_back.ball_exam(50, texts=400, seed=seed) for seed in (1, 2))
    np.testing.assert_array_equal(again.words, exam.words)
    assert (other.words != exam.words).any()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: far_back.make_ball(words=0), "words: expected a whole number of at least 1"),
        (lambda: far_back.make_ball(study=True), "study: expected a whole number of at least 1"),
        (lambda: far_back.make_ball(seed=-1), "seed: expected a whole number of at least 0"),
        (lambda: far_back.ball_exam(0), "words: expected a whole number of at least 1, got 0"),
        (lambda: far_back.ball_exam(3, texts=0), "texts: expected a whole number of at least 1"),
    ],
)
def test_impossible_game_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
