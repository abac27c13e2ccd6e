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


def test_contributions_adds_up_to_the_verdict(model, factory, words):
    say = reading.contributions(factory, reading.read(factory, words).trace)
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


def test_mark_of_first_word_follows_one_slot_worked_out_by_hand():
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

    table = reading.mark_of_first_word(Factory(*dials), np.array([[3, 3, 2]]), 1, 2)
    one, other = list(walk([0.5, 1.2, -0.8])), list(walk([-0.8, 1.2, -0.8]))
    apart = [abs(a - b) for a, b in zip(one, other, strict=True)]
    assert table["whole"].tolist() == pytest.approx([1, apart[1] / apart[0], apart[2] / apart[0]])
    first, second = sigmoid(0.7 * 1.2), sigmoid(0.7 * -0.8)
    assert table["kept"].tolist() == pytest.approx([1, first, first * second])


# --- which words a machine hears: the gradient on each word's note, against pushes of that note ---

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
    np.testing.assert_allclose(
        reading.input_gradients(model, words), sizes[:, ::-1], rtol=5e-3, atol=2e-4
    )


def test_heard_follows_the_dials_that_a_model_is_given():
    rng = np.random.default_rng(3)
    model, other = (random_machine("lstm", rng) for _ in range(2))
    words = rng.integers(1, 9, (2, 6))
    before = reading.input_gradients(model, words)
    model.set_weights(other.get_weights())
    np.testing.assert_allclose(
        reading.input_gradients(model, words), reading.input_gradients(other, words), rtol=1e-5
    )
    assert not np.allclose(reading.input_gradients(model, words), before, rtol=0.1)


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
    np.testing.assert_allclose(
        reading.input_gradients(model, words[np.newaxis])[0], sizes, rtol=1e-4
    )


def test_heard_keeps_reviews_apart():
    rng = np.random.default_rng(5)
    model = random_machine("lstm", rng)
    words = rng.integers(1, 9, (3, 6))
    alone = np.concatenate([reading.input_gradients(model, review[np.newaxis]) for review in words])
    np.testing.assert_allclose(reading.input_gradients(model, words), alone, rtol=1e-5)


def test_heard_refuses_another_engine(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(RuntimeError, match="engine: expected tensorflow, got jax"):
        reading.input_gradients(None, np.zeros((1, 1)))
