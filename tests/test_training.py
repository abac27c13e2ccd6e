import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from rahulml import training
from rahulml.reviews import Pile, Piles


@pytest.fixture(scope="module")
def piles():
    """Short texts whose last word tells, so that a few loops must be enough to learn them."""
    rng = np.random.default_rng(0)

    def pile(n):
        words = rng.integers(2, 30, (n, 8), dtype=np.int32)
        return Pile(words, (words[:, -1] < 16).astype(np.int32))

    return Piles(pile(400), pile(80), pile(80), tuple(map(str, range(30))), duplicates=0)


@pytest.fixture(scope="module")
def run(piles):
    return training.fit("rnn", piles, epochs=25, batch_size=16, seed=1)


def test_fit_learns_what_can_be_learned(run, piles):
    assert run.history["study_loss"].iloc[-1] < 0.2 < run.history["study_loss"].iloc[0]
    assert run.score(piles.exam) > 0.9


def test_fit_never_looks_at_the_exam(piles):
    sealed = dataclasses.replace(piles, exam=None)
    assert len(training.fit("rnn", sealed, epochs=2).history) == 2


def test_fit_takes_as_many_grabs_as_the_pencil_says(run):
    assert int(run.model.optimizer.iterations) == 25 * (400 // 16)
    assert run.dials == 30 * 32 + 2080 + 33


def test_fit_same_seed_same_training_other_seed_another(piles):
    first, again, other = (
        training.fit("rnn", piles, epochs=2, seed=seed).history for seed in (3, 3, 4)
    )
    assert first.equals(again)
    assert not first.equals(other)


def test_fit_turns_the_dials_in_each_loop(run):
    for before, after in zip(run.loop_weights, run.loop_weights[1:], strict=False):
        assert not np.array_equal(before[0], after[0])


def test_score_of_each_loop_is_what_keras_saw_then(run, piles):
    for loop, seen in run.history["mock_score"].items():
        assert run.score(piles.mock_exam, loop=loop) == pytest.approx(seen, abs=1e-6)
    assert run.score(piles.mock_exam) == run.score(piles.mock_exam, loop=25)


def test_chosen_loop_is_the_earliest_of_the_best(run):
    scores = list(run.history["mock_score"])
    assert run.chosen_loop == scores.index(max(scores)) + 1


def test_score_counts_shares(run, piles):
    opposite = Pile(piles.exam.words, 1 - piles.exam.liked)
    assert run.score(piles.exam) + run.score(opposite) == pytest.approx(1)


@pytest.mark.parametrize("loop", [0, 26, -1])
def test_score_refuses_a_loop_that_was_not(run, piles, loop):
    with pytest.raises(ValueError, match=rf"^loop: expected a whole number in 1..25, got {loop}$"):
        run.score(piles.exam, loop=loop)


@pytest.mark.parametrize("name", ["epochs", "batch_size"])
def test_fit_refuses_less_than_one(piles, name):
    with pytest.raises(
        ValueError, match=rf"^{name}: expected a whole number of at least 1, got 0$"
    ):
        training.fit("rnn", piles, **{name: 0})


def test_fit_names_the_machines_it_knows(piles):
    with pytest.raises(ValueError, match=r"^machine: expected one of 'rnn', 'lstm', got 'abacus'$"):
        training.fit("abacus", piles)


@pytest.mark.skipif(not tf.config.list_physical_devices("GPU"), reason="no GPU on this machine")
def test_fit_on_a_gpu_follows_the_cpu(piles):
    on_gpu = training.fit("rnn", piles, epochs=1)
    with keras.device("cpu"):
        on_cpu = training.fit("rnn", piles, epochs=1)
    np.testing.assert_allclose(
        on_gpu.history["study_loss"], on_cpu.history["study_loss"], rtol=1e-3
    )
