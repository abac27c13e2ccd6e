import math
from functools import partial

import numpy as np
import pytest

from rahulml import fade
from rahulml.hand_cell import LSTMWeights, RNNWeights, State, step, step_rnn

SETTINGS = {
    "rnn": (fade.fresh_rnn, fade.quiet_notes),
    "rnn, half": (partial(fade.fresh_rnn, memory_scale=0.5), fade.quiet_notes),
    "rnn, loud": (fade.fresh_rnn, fade.loud_notes),
    "lstm": (fade.fresh_lstm, fade.quiet_notes),
    "lstm, loud": (fade.fresh_lstm, fade.loud_notes),
}


def one_slot(memory_dial):
    return RNNWeights(np.full((1, 1), 0.7), np.full((1, 1), memory_dial), np.full(1, 0.1))


def test_marks_of_one_slot_are_the_product_of_slopes_and_memory_dials():
    notes, dial = [0.5, -0.8, 1.5, 0.2], -0.9
    memory, mark, pencil = 0.0, 0.7, []
    for position, note in enumerate(notes):
        memory = math.tanh(0.7 * note + dial * memory + 0.1)
        mark *= (1 - memory**2) * (dial if position else 1)
        pencil.append(abs(mark))
    review = np.reshape(notes, (1, 4, 1))
    backward = fade.mark_backward(review, one_slot(dial), range(4))
    np.testing.assert_allclose(backward, pencil, rtol=1e-12)
    np.testing.assert_allclose(fade.mark_forward(review, one_slot(dial)), pencil, rtol=1e-5)


@pytest.mark.parametrize("name", SETTINGS)
def test_marks_agree_with_finite_differences_of_one_word_after_the_other(name):
    """Neither `run` nor `backward`: one reading at a time, step by step, pushed to one side."""
    rng = np.random.default_rng(3)
    draw_weights, draw_notes = SETTINGS[name]
    weights = draw_weights(rng, features=3, units=4)
    notes = draw_notes(rng, words=6, features=3)

    def memories(review):
        if isinstance(weights, RNNWeights):
            memory, seen = np.zeros((1, 4)), []
            for note in review:
                memory = step_rnn([note], memory, weights)
                seen.append(memory)
            return np.array(seen)
        state, seen = State(np.zeros((1, 4)), np.zeros((1, 4))), []
        for note in review:
            state = step([note], state, weights).state
            seen.append(state.hidden_state)
        return np.array(seen)

    squares = 0
    for feature in range(3):
        pushed = notes[0].copy()
        pushed[0, feature] += 1e-7
        squares += (((memories(pushed) - memories(notes[0])) / 1e-7) ** 2).sum(axis=(1, 2))
    oracle = np.sqrt(squares)
    np.testing.assert_allclose(fade.mark_forward(notes, weights), oracle, rtol=1e-4)
    np.testing.assert_allclose(fade.mark_backward(notes, weights, range(6)), oracle, rtol=1e-4)


@pytest.mark.parametrize("scale", [1.0, 0.9, 0.5])
@pytest.mark.parametrize("draw_notes", [fade.quiet_notes, fade.loud_notes])
def test_fresh_plain_worker_keeps_within_the_bound(scale, draw_notes):
    distances = [0, 1, 10, 30]
    left = fade.left_by_seed(
        partial(fade.fresh_rnn, memory_scale=scale), draw_notes, distances, seeds=3
    )
    assert left.shape == (3, 4)
    np.testing.assert_array_equal(left[:, 0], 1)
    assert np.all(left <= np.power(scale, distances) * (1 + 1e-12))


def test_left_by_seed_draws_anew_for_each_seed_and_the_same_again():
    again = [fade.left_by_seed(fade.fresh_rnn, fade.loud_notes, [5], seeds=4) for _ in range(2)]
    assert len(np.unique(again[0])) == 4
    np.testing.assert_array_equal(again[0], again[1])


@pytest.mark.parametrize("spread", [0.05, 0.2, 1.0])
def test_mark_keeps_within_the_stretch_of_any_memory_paper(spread):
    rng = np.random.default_rng(5)
    memory_paper = spread * rng.normal(size=(32, 32))
    wild = RNNWeights(rng.normal(size=(32, 32)), memory_paper, rng.normal(size=32))
    distances = [0, 10, 30, 60, 90]
    marks = fade.mark_backward(0.1 * fade.loud_notes(rng), wild, distances)
    stretch = math.sqrt(np.linalg.eigvalsh(memory_paper @ memory_paper.T)[-1])
    for distance, mark in zip(distances, marks, strict=True):
        assert mark <= marks[0] * stretch**distance * (1 + 1e-9)


def test_left_by_seed_is_the_product_of_slopes_and_memory_papers():
    rng = np.random.default_rng(0)
    dials, review = fade.fresh_rnn(rng), fade.quiet_notes(rng)
    memory, moves = np.zeros(32), []
    for note in review[0]:
        memory = np.tanh(note @ dials.kernel + memory @ dials.recurrent_kernel)
        moved = moves[-1] @ dials.recurrent_kernel if moves else dials.kernel
        moves.append(moved * (1 - memory**2))
    expected = np.linalg.norm(moves[90]) / np.linalg.norm(moves[0])
    left = fade.left_by_seed(fade.fresh_rnn, fade.quiet_notes, [90], seeds=1)
    assert left[0, 0] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("keep", [0.9, 0.99, 0.999])
def test_carried_deposit_is_scaled_by_the_keep_vote_at_each_word(keep):
    pencil = [5.0 * math.prod([keep] * n) for n in range(91)]
    np.testing.assert_allclose(fade.carried(5.0, keep, 90), pencil, rtol=1e-12)


def test_fresh_dials_stand_where_keras_first_sets_them():
    """Limits and turns by arithmetic; what Keras draws lies within the same."""
    keras = pytest.importorskip("keras")
    rng = np.random.default_rng(0)
    for ours, layer, columns in [
        (fade.fresh_rnn(rng), keras.layers.SimpleRNN(32, seed=1), 32),
        (fade.fresh_lstm(rng), keras.layers.LSTM(32, seed=1), 128),
    ]:
        layer.build((None, None, 32))
        limit = math.sqrt(6 / (32 + columns))
        for dials in (ours, type(ours)(*layer.get_weights())):
            assert dials.kernel.shape == (32, columns)
            assert 0.98 * limit < np.abs(dials.kernel).max() <= limit
            assert dials.kernel.std() == pytest.approx(limit / math.sqrt(3), rel=0.05)
            turned = dials.recurrent_kernel @ dials.recurrent_kernel.T
            np.testing.assert_allclose(turned, np.eye(32), atol=1e-5)
        np.testing.assert_array_equal(ours.bias, layer.get_weights()[2])


def test_orthogonal_dials_lean_to_no_side():
    """NumPy's own Q leans: its diagonal would be negative on average."""
    rng = np.random.default_rng(0)
    corners = [fade.fresh_rnn(rng, units=3).recurrent_kernel[0, 0] for _ in range(4000)]
    assert abs(np.mean(corners)) < 4 * math.sqrt(1 / 3 / 4000)


def test_quiet_notes_fill_the_range_of_keras():
    notes = fade.quiet_notes(np.random.default_rng(0), words=1000)
    assert notes.min() >= -0.05
    assert notes.max() <= 0.05
    assert notes.std() == pytest.approx(0.05 / math.sqrt(3), rel=0.02)


@pytest.mark.parametrize("distance", [-1, 4])
def test_mark_backward_refuses_a_distance_outside_the_review(distance):
    with pytest.raises(ValueError, match=rf"^distances: expected .* in 0..3, got {distance}$"):
        fade.mark_backward(np.zeros((1, 4, 1)), one_slot(0.5), [distance])


@pytest.mark.parametrize("measure", [fade.mark_forward, partial(fade.mark_backward, distances=[0])])
def test_marks_refuse_more_than_one_review(measure):
    with pytest.raises(ValueError, match=r"^notes: expected shape \(1, timesteps, 1\), got"):
        measure(np.zeros((2, 4, 1)), one_slot(0.5))


@pytest.mark.parametrize("measure", [fade.mark_forward, partial(fade.mark_backward, distances=[0])])
def test_marks_refuse_weights_of_no_worker(measure):
    with pytest.raises(ValueError, match=r"^weights: expected RNNWeights or LSTMWeights, got \("):
        measure(np.zeros((1, 4, 1)), tuple(one_slot(0.5)))


def test_counts_are_whole_numbers():
    with pytest.raises(ValueError, match=r"^words: expected a whole number of at least 1, got 0$"):
        fade.carried(1.0, 0.5, 0)
    with pytest.raises(ValueError, match=r"^seeds: expected a whole number of at least 1, got 2.0"):
        fade.left_by_seed(fade.fresh_rnn, fade.quiet_notes, [5], seeds=2.0)


@pytest.mark.parametrize("keep", [0.0, 1.0, 1.5])
def test_carried_refuses_a_vote_that_no_voter_gives(keep):
    with pytest.raises(ValueError, match=rf"^keep_vote: expected .* 0 and 1, got {keep}$"):
        fade.carried(1.0, keep, 3)


def test_lstm_mark_is_of_memory_b():
    """One word: memory-B is show × tanh(admit × fresh), pushed through the fresh value alone."""
    kernel = np.array([[0.0, 0.0, 1.0, 0.0]])
    dials = LSTMWeights(kernel, np.zeros((1, 4)), np.zeros(4))
    fresh = math.tanh(0.3)
    slope = 0.5 * (1 - math.tanh(0.5 * fresh) ** 2) * 0.5 * (1 - fresh**2)
    mark = fade.mark_backward(np.full((1, 1, 1), 0.3), dials, [0])
    np.testing.assert_allclose(mark, [slope], rtol=1e-12)
