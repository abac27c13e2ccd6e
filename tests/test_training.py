import dataclasses
import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from rahulml import training
from rahulml.builders import build
from rahulml.reviews import Pile


@pytest.fixture(scope="module")
def run(piles):
    return training.fit("rnn", piles, epochs=25, batch_size=16, seed=1)


def test_fit_learns_what_can_be_learned(run, piles):
    assert run.history["study_loss"].iloc[-1] < 0.2 < run.history["study_loss"].iloc[0]
    assert run.score(piles.exam) > 0.9


def test_fit_never_looks_at_the_key_of_the_exam(piles, run):
    sealed = dataclasses.replace(piles, exam=Pile(piles.exam.words, np.zeros(80, np.int32)))
    again = training.fit("rnn", sealed, epochs=25, batch_size=16, seed=1, progress=False)
    assert again.history.equals(run.history)
    np.testing.assert_array_equal(again.exam_guesses[25], run.exam_guesses[25])


def test_fit_needs_no_exam(piles):
    without = training.fit("rnn", dataclasses.replace(piles, exam=None), epochs=1, progress=False)
    assert without.exam_guesses == {}


def test_fit_counts_loops_unless_told_not_to(piles, capsys):
    few = Pile(piles.study.words[:64], piles.study.liked[:64])
    few = dataclasses.replace(piles, study=few, exam=None)
    training.fit("rnn", few, epochs=2, progress=False)
    assert capsys.readouterr().err == ""
    training.fit("rnn", few, epochs=2)
    assert "2/2" in capsys.readouterr().err


def test_fit_takes_as_many_grabs_as_the_pencil_says(run):
    assert run.turns == 25 * (400 // 16)
    assert run.dials == 30 * 32 + 2080 + 33


def test_fit_same_seed_same_training_other_seed_another(piles):
    first, again, other = (
        training.fit("rnn", piles, epochs=2, seed=seed).history for seed in (3, 3, 4)
    )
    assert first.equals(again)
    assert not first.equals(other)


def test_fit_with_dropout_hangs_on_the_seed_alone(piles):
    first, again = (
        training.fit("rnn", piles, epochs=2, seed=3, dropout=0.5).history for _ in range(2)
    )
    whole = training.fit("rnn", piles, epochs=2, seed=3).history
    assert first.equals(again)
    assert not first.equals(whole)


def test_fit_turns_the_dials_in_each_loop(run):
    for before, after in zip(run.loop_weights, run.loop_weights[1:], strict=False):
        assert not np.array_equal(before[0], after[0])


@pytest.mark.parametrize("loop", [1, 4, 25])
def test_mock_exam_after_a_loop_is_what_keras_evaluates(run, piles, loop):
    seen = run.at(loop).evaluate(piles.mock_exam.words, piles.mock_exam.liked, verbose=0)
    row = run.history.loc[loop]
    assert [row["mock_loss"], row["mock_score"]] == pytest.approx(seen, abs=1e-6)
    assert run.score(piles.mock_exam, loop=loop) == row["mock_score"]


def test_each_review_is_guessed_as_if_it_came_alone(run, piles, monkeypatch):
    monkeypatch.setattr(training, "PREDICT_BATCH", 32)  # 80 reviews fill two and a half grabs
    many = training.predict(run.model, piles.exam.words)
    one_by_one = [run.model(words[np.newaxis]).numpy().item() for words in piles.exam.words]
    np.testing.assert_allclose(many, one_by_one, atol=1e-6)


def test_loop_0_is_the_fresh_machine(run, piles):
    for dials, fresh in zip(
        run.weights(0), build("rnn", **run.settings, seed=1).get_weights(), strict=True
    ):
        np.testing.assert_array_equal(dials, fresh)


def test_fit_takes_the_grabs_in_an_order_that_the_seed_alone_decides(piles, monkeypatch):
    """Keras's own shuffle is drawn by the engine: one seed would give each engine other grabs."""
    seen = []
    monkeypatch.setattr(
        keras.Model, "fit", lambda self, words, liked, **_: seen.append(words) or 1 / 0
    )
    with pytest.raises(ZeroDivisionError):
        training.fit("rnn", piles, seed=7, progress=False)
    order = np.random.default_rng(7).permutation(400)
    np.testing.assert_array_equal(seen[0], piles.study.words[order])


# --- the sealed exam ---


def test_sealed_exam_grades_the_chosen_and_the_last_loop(run, piles):
    grades = training.SealedExam(piles.exam).grade(run)
    assert grades.chosen == pytest.approx(run.score(piles.exam, loop=run.chosen_loop))
    assert grades.last == pytest.approx(run.score(piles.exam))


def test_sealed_exam_is_opened_once_for_each_machine(run, piles):
    exam = training.SealedExam(piles.exam)
    other = training.fit("rnn", piles, epochs=1, seed=2, progress=False)
    assert exam.openings == 0
    exam.grade(run)
    exam.grade(other)
    assert exam.openings == 2
    with pytest.raises(
        ValueError, match=r"^run: expected a machine that was not graded yet, got rnn"
    ):
        exam.grade(run)
    with pytest.raises(ValueError, match=r"opened before as rnn, seed 1$"):
        exam.grade(dataclasses.replace(run, seed=99))  # another name, the same dials
    assert exam.openings == 2


def test_sealed_exam_refuses_the_sheets_of_another_exam(run, piles):
    exam = training.SealedExam(Pile(piles.exam.words[:9], piles.exam.liked[:9]))
    with pytest.raises(
        ValueError, match=r"^run: expected guesses for 9 reviews, got 80 of rnn, seed 1$"
    ):
        exam.grade(run)
    assert exam.openings == 0


# --- bad input ---


def changed(piles, name, **fields):
    return dataclasses.replace(piles, **{name: dataclasses.replace(getattr(piles, name), **fields)})


@pytest.mark.parametrize("name", ["study", "mock_exam", "exam"])
def test_fit_refuses_piles_that_do_not_fit(piles, name):
    pile = getattr(piles, name)
    wider = np.hstack([pile.words, pile.words[:, :1]])
    unknown = pile.words.copy()
    unknown[0, 0] = 30
    spoilt = {
        r"expected reviews of \d words as in study, got \d$": {"words": wider},
        r"expected word-numbers in 0..29, got 30$": {"words": unknown},
        r"expected labels 0 and 1, got 2$": {"liked": pile.liked + 1},
        r"expected at least one review, got none$": {"words": wider[:0], "liked": pile.liked[:0]},
    }
    for message, fields in spoilt.items():
        with pytest.raises(ValueError, match=rf"^(study|mock_exam|exam): {message}"):
            training.fit("rnn", changed(piles, name, **fields), epochs=1)


class SpoilsGrab57(keras.optimizers.schedules.LearningRateSchedule):
    """A pace that is a number for 56 grabs; with 20 a loop, 57 is the first of the last four."""

    def __call__(self, step):
        return keras.ops.where(step < 56, 0.001, np.nan)


def test_fit_counts_grabs_over_all_loops(piles):
    with pytest.raises(ValueError, match=r"got NaN at grab 58, counted from 1\."):
        training.fit("rnn", piles, batch_size=20, learning_rate=SpoilsGrab57(), progress=False)


@pytest.mark.parametrize("pace", [math.inf, math.nan])
def test_fit_stops_at_the_grab_where_the_loss_is_no_number(piles, pace):
    with pytest.raises(ValueError, match=r"^loss: expected a number, got NaN at grab 2, counted"):
        training.fit("rnn", piles, learning_rate=pace, progress=False)


def test_chosen_loop_is_the_earliest_of_the_best(run):
    scores = list(run.history["mock_score"])
    assert run.chosen_loop == scores.index(max(scores)) + 1


def test_score_counts_shares(run, piles):
    opposite = Pile(piles.exam.words, 1 - piles.exam.liked)
    assert run.score(piles.exam) + run.score(opposite) == pytest.approx(1)


@pytest.mark.parametrize("loop", [26, -1])
def test_score_refuses_a_loop_that_was_not(run, piles, loop):
    with pytest.raises(ValueError, match=rf"^loop: expected a whole number in 0..25, got {loop}$"):
        run.score(piles.exam, loop=loop)


@pytest.mark.parametrize(
    ("name", "value", "least"),
    [
        ("epochs", 0, 1),
        ("batch_size", 0, 1),
        ("epochs", 1.5, 1),
        ("epochs", True, 1),
        ("seed", -1, 0),
    ],
)
def test_fit_refuses_less_than_the_least(piles, name, value, least):
    with pytest.raises(
        ValueError, match=rf"^{name}: expected a whole number of at least {least}, got {value}$"
    ):
        training.fit("rnn", piles, **{name: value})


def test_fit_names_the_machines_it_knows(piles):
    with pytest.raises(ValueError, match=r"^machine: expected 'rnn', 'lstm', .*got 'abacus'$"):
        training.fit("abacus", piles)


@pytest.mark.skipif(not tf.config.list_physical_devices("GPU"), reason="no GPU on this machine")
def test_fit_on_a_gpu_follows_the_cpu(piles):
    on_gpu = training.fit("rnn", piles, epochs=1)
    with keras.device("cpu"):
        on_cpu = training.fit("rnn", piles, epochs=1)
    np.testing.assert_allclose(
        on_gpu.history["study_loss"], on_cpu.history["study_loss"], rtol=1e-3
    )


def test_mock_guesses_are_what_each_loop_wrote(run, piles):
    for loop in (1, run.last_loop):
        expected = training.predict(run.at(loop), piles.mock_exam.words)
        np.testing.assert_allclose(run.mock_guesses[loop - 1], expected, atol=1e-6)


def test_sealed_exam_lays_its_sheets_side_by_side(run, piles):
    other = training.fit("lstm", piles, epochs=1, seed=2, progress=False)
    more = training.fit("lstm", piles, epochs=1, seed=3, progress=False)
    exam = training.SealedExam(piles.exam)
    assert exam.sheets == {}
    grades = [exam.grade(one) for one in (run, other, more)]
    assert list(exam.sheets) == ["rnn", "lstm"]
    shares = [sheet.mean(axis=1).tolist() for sheet in exam.sheets.values()]
    assert shares == [[grades[0].chosen] * 2, [grades[1].chosen, grades[2].chosen]]
