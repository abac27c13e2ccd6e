"""Dials, memories and tensors as Keras, TensorFlow and JAX have them. PyTorch: test_torch.py."""

import re

import jax.numpy as jnp
import keras
import numpy as np
import pytest
import tensorflow as tf

from rahulml.hand_cell import (
    GRUWeights,
    LSTMWeights,
    RNNWeights,
    State,
    backward,
    backward_gru,
    backward_rnn,
    combine,
    run,
    run_gru,
    run_rnn,
    sigmoid,
    step,
    step_gru,
    step_rnn,
)

BATCH, TIMESTEPS, FEATURES, UNITS = 3, 6, 5, 4

CELLS = {
    "lstm": (LSTMWeights, run, keras.layers.LSTM),
    "gru": (GRUWeights, run_gru, keras.layers.GRU),
    "rnn": (RNNWeights, run_rnn, keras.layers.SimpleRNN),
}
every_cell = pytest.mark.parametrize("cell", CELLS)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def inputs(rng):
    return rng.normal(size=(BATCH, TIMESTEPS, FEATURES))


def filled(layer, rng):
    """Build a layer of float64 whose every dial, the nudges too, is a random number."""
    layer.build((None, None, FEATURES))
    layer.set_weights([rng.normal(0, 0.6, dials.shape) for dials in layer.get_weights()])
    return layer


def make(cell, rng, **options):
    return filled(CELLS[cell][2](UNITS, dtype="float64", return_sequences=True, **options), rng)


# --- from_keras ---


@every_cell
@pytest.mark.parametrize("use_bias", [True, False])
def test_from_keras_reads_as_the_layer_does(cell, use_bias, rng, inputs):
    weights_type, run_cell, _ = CELLS[cell]
    layer = make(cell, rng, use_bias=use_bias)
    weights = weights_type.from_keras(layer)
    assert isinstance(weights, weights_type)
    np.testing.assert_allclose(run_cell(inputs, weights).hidden_states, layer(inputs), rtol=1e-12)


@every_cell
def test_from_keras_takes_a_cell_and_a_layer_of_cells(cell, rng, inputs):
    weights_type, run_cell, kind = CELLS[cell]
    one = getattr(keras.layers, f"{kind.__name__}Cell")(UNITS, dtype="float64")
    layer = filled(keras.layers.RNN(one, return_sequences=True, dtype="float64"), rng)
    for given in (one, layer):
        found = run_cell(inputs, weights_type.from_keras(given)).hidden_states
        np.testing.assert_allclose(found, layer(inputs), rtol=1e-12)


def test_from_keras_of_both_ways_reads_as_the_layer_does(rng, inputs):
    layer = keras.layers.LSTM(UNITS, dtype="float64", return_sequences=True)
    both = filled(keras.layers.Bidirectional(layer, dtype="float64"), rng)
    ahead = run(inputs, LSTMWeights.from_keras(both.forward_layer)).hidden_states
    back = run(inputs[:, ::-1], LSTMWeights.from_keras(both.backward_layer)).hidden_states
    found = np.concatenate([ahead, back[:, ::-1]], axis=2)
    np.testing.assert_allclose(found, both(inputs), rtol=1e-12)


def test_from_keras_copies():
    """Keras on PyTorch hands out the very memory of its variables; so does this cell."""

    class LSTMCell:
        activation, recurrent_activation = np.tanh, sigmoid
        kernel, recurrent_kernel, bias = np.ones((3, 8)), np.ones((2, 8)), np.ones(8)

    weights = LSTMWeights.from_keras(LSTMCell())
    shared = (LSTMCell.kernel, LSTMCell.recurrent_kernel, LSTMCell.bias)
    for dials, theirs in zip(weights, shared, strict=True):
        theirs += 1
        np.testing.assert_array_equal(dials, 1)


@pytest.mark.parametrize(("given", "kept"), [("float32", "float32"), ("bfloat16", "float64")])
def test_from_keras_keeps_the_precision_that_numpy_has(given, kept):
    layer = keras.layers.GRU(UNITS, dtype=given, recurrent_initializer="glorot_uniform")
    layer.build((None, None, FEATURES))
    weights = GRUWeights.from_keras(layer)
    assert {dials.dtype for dials in weights} == {np.dtype(kept)}
    np.testing.assert_array_equal(weights.kernel, np.asarray(layer.weights[0]).astype(kept))


def test_from_keras_makes_nudges_of_the_layers_own_kind():
    layer = keras.layers.LSTM(UNITS, use_bias=False)
    layer.build((None, None, FEATURES))
    assert LSTMWeights.from_keras(layer).bias.dtype == np.float32


@pytest.mark.parametrize("name", ["kernel", "recurrent_kernel", "bias"])
def test_from_keras_says_which_dials_are_no_numbers(name):
    class LSTMCell:
        activation, recurrent_activation = np.tanh, sigmoid
        kernel, recurrent_kernel, bias = np.ones((3, 8)), np.ones((2, 8)), np.ones(8)

    setattr(LSTMCell, name, getattr(LSTMCell, name) * np.nan)
    with pytest.raises(ValueError, match=f"^layer.{name}: expected finite numbers, got nan"):
        LSTMWeights.from_keras(LSTMCell())


def lstm(**options):
    layer = keras.layers.LSTM(2, **options)
    layer.build((None, None, 3))
    return layer


def custom(z):
    return z


@pytest.mark.parametrize(
    ("weights_type", "layer", "message"),
    [
        (
            LSTMWeights,
            lambda: lstm(recurrent_activation="hard_sigmoid"),
            "layer.recurrent_activation: expected 'sigmoid', got 'hard_sigmoid'",
        ),
        (
            LSTMWeights,
            lambda: lstm(activation="relu"),
            "layer.activation: expected 'tanh', got 'relu'",
        ),
        (
            LSTMWeights,
            lambda: lstm(activation=custom),
            "layer.activation: expected 'tanh', got 'custom'",
        ),
        (
            LSTMWeights,
            lambda: lstm(activation=keras.layers.LeakyReLU()),
            "layer.activation: expected 'tanh', got 'LeakyReLU'",
        ),
        (
            RNNWeights,
            lambda: keras.layers.SimpleRNN(2, activation=None),
            "layer.activation: expected 'tanh', got 'linear'",
        ),
        (
            GRUWeights,
            lambda: keras.layers.GRU(2, reset_after=False),
            "layer.reset_after: expected True, got False",
        ),
        (
            LSTMWeights,
            lambda: keras.layers.LSTM(2, name="fresh"),
            "layer: expected one that has been built, got <LSTM name=fresh, built=False>; "
            "call it once on inputs, or layer.build((None, None, features))",
        ),
        (
            LSTMWeights,
            lambda: keras.layers.GRU(2, name="cousin"),
            "layer: expected a keras.layers.LSTM, got <GRU name=cousin, built=False>",
        ),
        (
            LSTMWeights,
            lambda: keras.layers.Bidirectional(keras.layers.LSTM(2), name="both"),
            "layer: expected a keras.layers.LSTM, got <Bidirectional name=both, built=False>; "
            "take layer.forward_layer, or layer.backward_layer",
        ),
        (
            GRUWeights,
            lambda: keras.layers.RNN(
                [keras.layers.GRUCell(2), keras.layers.GRUCell(2)], name="rnn"
            ),
            "layer: expected a keras.layers.GRU, got <RNN name=rnn, built=False>; "
            "take layer.cell.cells[0], or layer.cell.cells[1]",
        ),
        (
            LSTMWeights,
            lambda: keras.Sequential(
                [keras.layers.Embedding(9, 3), keras.layers.LSTM(2), keras.layers.Dense(1)],
                name="m",
            ),
            "layer: expected a keras.layers.LSTM, got <Sequential name=m, built=False>; "
            "take layer.layers[1]",
        ),
        (
            LSTMWeights,
            lambda: keras.Sequential(
                [keras.layers.Bidirectional(keras.layers.LSTM(2)), keras.layers.LSTM(2)], name="m"
            ),
            "layer: expected a keras.layers.LSTM, got <Sequential name=m, built=False>; take "
            "layer.layers[0].forward_layer, or layer.layers[0].backward_layer, or layer.layers[1]",
        ),
        (
            LSTMWeights,
            lambda: keras.Sequential([keras.layers.LSTM(2) for _ in range(5)], name="m"),
            "layer: expected a keras.layers.LSTM, got <Sequential name=m, built=False>; take "
            "layer.layers[0], or layer.layers[1], or layer.layers[2], or layer.layers[3]",
        ),
        (
            LSTMWeights,
            lambda: keras.layers.LSTM,
            "layer: expected a keras.layers.LSTM, got <class 'keras.src.layers.rnn.lstm.LSTM'>",
        ),
        (LSTMWeights, lambda: None, "layer: expected a keras.layers.LSTM, got None"),
    ],
)
def test_from_keras_says_why_a_layer_is_refused(weights_type, layer, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        weights_type.from_keras(layer())


def test_from_keras_refuses_a_cell_that_computes_something_else():
    class Wired(keras.layers.LSTMCell):
        pass

    with pytest.raises(ValueError, match=r"^layer: expected a keras.layers.LSTM, got <Wired "):
        LSTMWeights.from_keras(Wired(2))


# --- the three arrays ---


@every_cell
def test_weights_may_come_as_a_list(cell, rng, inputs):
    weights_type, run_cell, _ = CELLS[cell]
    layer = make(cell, rng)
    named = run_cell(inputs, weights_type(*layer.get_weights()))
    for weights in (layer.get_weights(), layer.weights, tuple(layer.get_weights())):
        trace = run_cell(inputs, weights)
        assert isinstance(trace.weights, weights_type)
        np.testing.assert_array_equal(trace.hidden_states, named.hidden_states)


def test_run_says_that_weights_are_no_layer(inputs):
    message = r"^weights: expected kernel, recurrent_kernel and bias, got <LSTM name=whole, built=F"
    with pytest.raises(ValueError, match=message):
        run(inputs, keras.layers.LSTM(2, name="whole"))


def test_gru_of_reset_before_is_told_by_its_bias(inputs):
    layer = keras.layers.GRU(UNITS, reset_after=False)
    layer.build((None, None, FEATURES))
    with pytest.raises(
        ValueError,
        match=r"^weights.bias: expected shape \(2, 12\), got \(12,\), as of .*reset_after=False",
    ):
        run_gru(inputs, GRUWeights(*layer.get_weights()))


# --- the memory at the start ---


def test_lstm_takes_its_state_as_a_pair(rng, inputs):
    weights = LSTMWeights.from_keras(make("lstm", rng))
    h, c = rng.uniform(-1, 1, (BATCH, UNITS)), rng.normal(size=(BATCH, UNITS))
    named, one_step = run(inputs, weights, State(h, c)), step(inputs[:, 0], State(h, c), weights)
    pairs = [(h, c), [h, c], np.stack([h, c]), (h[np.newaxis], c[np.newaxis]), (h.tolist(), c)]
    for pair in [*pairs, list(map(tf.constant, (h, c)))]:
        trace = run(inputs, weights, pair)
        assert isinstance(trace.initial_state, State)
        np.testing.assert_array_equal(trace.hidden_states, named.hidden_states)
        found = step(inputs[:, 0], pair, weights).state
        np.testing.assert_array_equal(found, one_step.state)


@pytest.mark.parametrize(
    ("run_cell", "step_cell", "cell"), [(run_gru, step_gru, "gru"), (run_rnn, step_rnn, "rnn")]
)
def test_one_memory_may_come_in_a_list(run_cell, step_cell, cell, rng, inputs):
    weights = CELLS[cell][0].from_keras(make(cell, rng))
    h = rng.uniform(-1, 1, (BATCH, UNITS))
    expected, after = (
        run_cell(inputs, weights, h).hidden_states,
        step_cell(inputs[:, 0], h, weights),
    )
    for memory in ([h], (tf.constant(h),), h[np.newaxis]):
        np.testing.assert_array_equal(run_cell(inputs, weights, memory).hidden_states, expected)
        np.testing.assert_array_equal(step_cell(inputs[:, 0], memory, weights), after)


# --- tensors ---


@every_cell
@pytest.mark.parametrize("tensor", [tf.constant, jnp.asarray], ids=["TensorFlow", "JAX"])
def test_cells_take_tensors_wherever_they_take_arrays(cell, tensor, rng, inputs):
    weights_type, run_cell, _ = CELLS[cell]
    walk_back = {"lstm": backward, "gru": backward_gru, "rnn": backward_rnn}[cell]
    inputs = inputs.astype(np.float32)
    weights = weights_type(
        *(a.astype(np.float32) for a in weights_type.from_keras(make(cell, rng)))
    )
    h = rng.uniform(-1, 1, (BATCH, UNITS)).astype(np.float32)
    state = State(h, 2 * h) if cell == "lstm" else h
    d_said = rng.normal(size=(BATCH, TIMESTEPS, UNITS)).astype(np.float32)

    expected = run_cell(inputs, weights, state)
    tensors = weights_type(*map(tensor, weights))
    given = State(*map(tensor, state)) if cell == "lstm" else tensor(state)
    found = run_cell(tensor(inputs), tensors, given)

    np.testing.assert_array_equal(found.hidden_states, expected.hidden_states)
    np.testing.assert_array_equal(
        walk_back(found, tensor(d_said)).inputs, walk_back(expected, d_said).inputs
    )


def test_sigmoid_and_combine_take_lists_and_tensors():
    for z in ([-1000.0, 0.0], [-1000, 0], tf.constant([-1000.0, 0.0]), (-np.inf, 0)):
        np.testing.assert_array_equal(sigmoid(z), [0, 0.5])
    assert sigmoid(0) == sigmoid(0.0) == 0.5
    with pytest.raises(ValueError, match=r"^z: expected real numbers, got 'half'$"):
        sigmoid("half")
    half = tf.constant([0.5])
    new = combine([4.0], forget_gate=half, input_gate=half, candidate=half, output_gate=half)
    assert new.cell_state == 2.25
