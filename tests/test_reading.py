import math

import keras
import numpy as np
import pytest

from rahulml import reading
from rahulml.builders import build
from rahulml.hand_training import Factory


@pytest.fixture(scope="module")
def model():
    """A small factory whose nudges are random, too: zeros would hide a swap."""
    model = build("lstm", vocabulary=30, max_words=7, embedding=3, units=4, seed=1)
    draw = np.random.default_rng(0)
    model.set_weights([draw.normal(size=dials.shape) for dials in model.get_weights()])
    return model


@pytest.fixture(scope="module")
def factory(model):
    return Factory(*model.get_weights())


@pytest.fixture(scope="module")
def words():
    words = np.random.default_rng(1).integers(1, 30, size=(6, 7))
    words[0, :3] = 0
    return words


def test_guess_after_each_word_is_what_keras_guesses_of_a_review_that_ends_there(
    model, factory, words
):
    notes = model.get_layer("notepad")(words)
    worker = keras.layers.LSTM(4, return_sequences=True)
    worker.build(notes.shape)
    worker.set_weights(model.get_layer("worker").get_weights())
    expected = keras.ops.convert_to_numpy(model.get_layer("clerk")(worker(notes)))[..., 0]
    guesses = reading.read(factory, words).guesses
    np.testing.assert_allclose(guesses, expected, atol=1e-6)
    np.testing.assert_allclose(guesses[:, -1], model.predict(words, verbose=0)[:, 0], atol=1e-6)


def test_say_in_verdict_adds_up_to_the_verdict(model, factory, words):
    say = reading.say_in_verdict(factory, reading.read(factory, words).trace)
    assert say.shape == (6, 4)
    verdicts = [1 / (1 + math.exp(-(sum(row) + factory.nudge[0]))) for row in say.tolist()]
    np.testing.assert_allclose(verdicts, model.predict(words, verbose=0)[:, 0], atol=1e-6)


def test_by_word_averages_over_the_places_of_a_word_and_leaves_padding_out(words):
    values = np.random.default_rng(2).random((6, 7, 4))
    found = reading.by_word(values, words, least=2)
    assert 0 not in found.numbers
    places = {}
    for row, numbers in zip(values.tolist(), words.tolist(), strict=True):
        for value, number in zip(row, numbers, strict=True):
            places.setdefault(number, []).append(value)
    expected = {n: v for n, v in places.items() if n and len(v) >= 2}
    assert found.numbers.tolist() == sorted(expected)
    for number, count, means in zip(*found, strict=True):
        assert count == len(expected[number])
        for slot in range(4):
            by_hand = sum(value[slot] for value in expected[number]) / count
            assert math.isclose(means[slot], by_hand)


def test_left_of_first_word_follows_one_slot_worked_out_by_hand():
    """One slot whose keep-voter reads the word and whose fresh value reads memory-B."""
    dials = [np.zeros(shape) for shape in [(4, 1), (1, 4), (1, 4), (4,), (1, 1), (1,)]]
    dials[0][:, 0] = 0.0, 0.5, -0.8, 1.2
    dials[1][0] = 0.3, 0.7, 1.1, -0.4
    dials[2][0, 2] = 0.9

    def sigmoid(z):
        return 1 / (1 + math.exp(-z))

    def walk(notes):
        memory_a = memory_b = 0.0
        for note in notes:
            fresh = math.tanh(1.1 * note + 0.9 * memory_b)
            memory_a = sigmoid(0.7 * note) * memory_a + sigmoid(0.3 * note) * fresh
            memory_b = sigmoid(-0.4 * note) * math.tanh(memory_a)
            yield memory_a

    table = reading.left_of_first_word(Factory(*dials), np.array([[3, 3, 2]]), 1, 2)
    one, other = list(walk([0.5, 1.2, -0.8])), list(walk([-0.8, 1.2, -0.8]))
    apart = [abs(a - b) for a, b in zip(one, other, strict=True)]
    assert table["whole"].tolist() == pytest.approx([1, apart[1] / apart[0], apart[2] / apart[0]])
    first, second = sigmoid(0.7 * 1.2), sigmoid(0.7 * -0.8)
    assert table["kept"].tolist() == pytest.approx([1, first, first * second])
