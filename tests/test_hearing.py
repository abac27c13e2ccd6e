"""The gradient on each word's note, against pushes of that note: NumPy's walk, no TensorFlow."""

import keras
import numpy as np
import pytest

from rahulml.builders import build
from rahulml.hearing import heard

if keras.backend.backend() != "tensorflow":
    pytest.skip("TensorFlow's tape is what is tested", allow_module_level=True)

MACHINES = ("rnn", "lstm", "bilstm", "gru", "transformer", "tied", "peepholes")


def random_machine(machine, rng):
    """Build a small machine with dials that are nobody's start, biases included."""
    model = build(machine, vocabulary=9, max_words=6, embedding=3, units=4)
    model.set_weights([rng.normal(0, 0.6, paper.shape) for paper in model.get_weights()])
    return model


@pytest.mark.parametrize("machine", MACHINES)
def test_heard_is_the_slope_of_the_clerks_sum(machine):
    """Each word has a note of its own here, so a push of the note is a push of the word."""
    rng = np.random.default_rng(11)
    model = random_machine(machine, rng)
    words = np.stack([rng.permutation(np.arange(1, 9))[:6] for _ in range(2)])
    notepad, *others = model.get_weights()

    def clerks_sum(notes):
        model.set_weights([notes, *others])
        guess = model(words).numpy().astype(float)[:, 0]
        return np.log(guess / (1 - guess))  # back through the sigmoid

    push = 1e-2
    slopes = np.zeros((2, 6, 3))
    for review, place, number in np.ndindex(slopes.shape):
        pushed = np.zeros_like(notepad)
        pushed[words[review, place], number] = push
        # Two step lengths, so that the error of the order of push squared drops out.
        ends = {times: clerks_sum(notepad + times * pushed)[review] for times in (-2, -1, 1, 2)}
        slopes[review, place, number] = (8 * (ends[1] - ends[-1]) - (ends[2] - ends[-2])) / (
            12 * push
        )
    model.set_weights([notepad, *others])

    sizes = np.sqrt((slopes**2).sum(axis=2))
    assert sizes.min() > 1e-4
    np.testing.assert_allclose(heard(model, words), sizes[:, ::-1], rtol=5e-3, atol=2e-4)


def test_heard_follows_the_dials_that_a_model_is_given():
    rng = np.random.default_rng(3)
    model, other = (random_machine("lstm", rng) for _ in range(2))
    words = rng.integers(1, 9, (2, 6))
    before = heard(model, words)
    model.set_weights(other.get_weights())
    np.testing.assert_allclose(heard(model, words), heard(other, words), rtol=1e-5)
    assert not np.allclose(heard(model, words), before, rtol=0.1)


def test_heard_of_a_plain_worker_is_the_product_of_its_links():
    rng = np.random.default_rng(2)
    model = random_machine("rnn", rng)
    notepad, kernel, recurrent_kernel, bias, clerk, _ = map(np.float64, model.get_weights())
    words = np.array([3, 1, 4, 1, 5, 8])
    memory, memories = np.zeros(4), []
    for note in notepad[words]:
        memory = np.tanh(note @ kernel + memory @ recurrent_kernel + bias)
        memories.append(memory)
    link, sizes = clerk[:, 0], []
    for memory in reversed(memories):
        at_sum = link * (1 - memory**2)
        sizes.append(np.linalg.norm(kernel @ at_sum))
        link = recurrent_kernel @ at_sum
    np.testing.assert_allclose(heard(model, words[np.newaxis])[0], sizes, rtol=1e-4)


def test_heard_keeps_reviews_apart():
    rng = np.random.default_rng(5)
    model = random_machine("lstm", rng)
    words = rng.integers(1, 9, (3, 6))
    alone = np.concatenate([heard(model, review[np.newaxis]) for review in words])
    np.testing.assert_allclose(heard(model, words), alone, rtol=1e-5)


def test_heard_refuses_another_engine(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(RuntimeError, match="engine: expected tensorflow, got jax"):
        heard(None, np.zeros((1, 1)))
