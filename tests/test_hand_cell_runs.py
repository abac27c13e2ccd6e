"""Whole runs and gradients of the three cells, against Keras and against finite differences."""

import os
import pickle
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rahulml.hand_cell import (
    GRUWeights,
    LSTMWeights,
    RNNWeights,
    State,
    backward,
    backward_gru,
    backward_rnn,
    run,
    run_gru,
    run_rnn,
    step,
    step_gru,
    step_rnn,
)

EXAMPLES = 20 if "MUTANT_UNDER_TEST" in os.environ else 200


def shapes_of(cell, features, units):
    blocks, bias = {"lstm": (4, ()), "rnn": (1, ()), "gru": (3, (2,))}[cell]
    columns = blocks * units
    return (features, columns), (units, columns), (*bias, columns)


CELLS = {
    "lstm": (LSTMWeights, run, backward, "LSTM"),
    "rnn": (RNNWeights, run_rnn, backward_rnn, "SimpleRNN"),
    "gru": (GRUWeights, run_gru, backward_gru, "GRU"),
}
every_cell = pytest.mark.parametrize("cell", CELLS)


class Case:
    """Random notes, dials, first memories and a random weighting of every memory for a loss."""

    def __init__(self, cell, batch, timesteps, features, units, seed, dtype=np.float64):
        self.weights_type, self.run, self.backward, self.layer = CELLS[cell]
        rng = np.random.default_rng(seed)
        scale = 1 / np.sqrt(features + units)
        self.values = {
            "inputs": rng.normal(size=(batch, timesteps, features)),
            "state": rng.uniform(-1, 1, (2 if cell == "lstm" else 1, batch, units)),
        }
        for name, shape in zip(
            ("kernel", "recurrent_kernel", "bias"), shapes_of(cell, features, units), strict=True
        ):
            self.values[name] = rng.normal(0, 0.5 if name == "bias" else scale, shape)
        self.values = {name: value.astype(dtype) for name, value in self.values.items()}
        self.d_hidden_states = rng.normal(size=(batch, timesteps, units)).astype(dtype)
        self.lstm = cell == "lstm"

    def trace(self, values=None):
        values = values or self.values
        weights = self.weights_type(values["kernel"], values["recurrent_kernel"], values["bias"])
        state = State(*values["state"]) if self.lstm else values["state"][0]
        return self.run(values["inputs"], weights, state)

    def loss(self, values):
        return float((self.trace(values).hidden_states * self.d_hidden_states).sum())

    def gradients(self):
        found = self.backward(self.trace(), self.d_hidden_states)._asdict()
        state = found.pop("initial_state")
        return found | {"state": np.stack(state) if self.lstm else state[np.newaxis]}

    def keras_layer(self):
        layers = pytest.importorskip("keras.layers")
        units = self.values["recurrent_kernel"].shape[0]
        layer = getattr(layers, self.layer)(units, return_sequences=True)
        layer.build(self.values["inputs"].shape)
        layer.set_weights([self.values[n] for n in ("kernel", "recurrent_kernel", "bias")])
        return layer


@every_cell
def test_run_equals_keras_over_a_hundred_words(cell):
    tf = pytest.importorskip("tensorflow")
    case = Case(cell, 8, 100, 32, 32, seed=1, dtype=np.float32)
    states = list(map(tf.constant, case.values["state"]))
    expected = case.keras_layer()(case.values["inputs"], initial_state=states)
    found = case.trace().hidden_states
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


@every_cell
def test_gradients_equal_keras_over_a_hundred_words(cell):
    tf = pytest.importorskip("tensorflow")
    case = Case(cell, 8, 100, 32, 32, seed=2, dtype=np.float32)
    layer = case.keras_layer()
    inputs, *states = map(tf.constant, (case.values["inputs"], *case.values["state"]))
    with tf.GradientTape() as tape:
        tape.watch([inputs, *states])
        loss = tf.reduce_sum(layer(inputs, initial_state=states) * case.d_hidden_states)
    dials = [variable.value for variable in layer.trainable_variables]
    kernel, recurrent_kernel, bias, d_inputs, *d_states = tape.gradient(
        loss, [*dials, inputs, *states]
    )
    expected = {
        "kernel": kernel,
        "recurrent_kernel": recurrent_kernel,
        "bias": bias,
        "inputs": d_inputs,
        "state": np.stack(d_states),
    }
    for name, found in case.gradients().items():
        scale = np.abs(expected[name]).max()
        np.testing.assert_allclose(found / scale, expected[name] / scale, atol=2e-6, err_msg=name)


@every_cell
def test_reading_both_ways_equals_keras_bidirectional(cell):
    layers = pytest.importorskip("keras.layers")
    weights_type, run_cell, _, layer = CELLS[cell]
    rng = np.random.default_rng(3)
    both = layers.Bidirectional(getattr(layers, layer)(5, return_sequences=True))
    both.build((2, None, 4))
    both.set_weights([rng.normal(0, 0.4, w.shape) for w in both.get_weights()])
    inputs = rng.normal(size=(2, 100, 4)).astype(np.float32)

    dials = both.get_weights()
    ahead = run_cell(inputs, weights_type(*dials[:3])).hidden_states
    back = run_cell(inputs[:, ::-1], weights_type(*dials[3:])).hidden_states[:, ::-1]

    np.testing.assert_allclose(np.concatenate([ahead, back], axis=2), both(inputs), atol=1e-6)


@every_cell
@given(
    batch=st.integers(1, 4),
    timesteps=st.integers(1, 9),
    features=st.integers(1, 5),
    units=st.integers(1, 5),
    seed=st.integers(0, 10**6),
)
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True)
def test_gradients_equal_finite_differences(cell, batch, timesteps, features, units, seed):
    """Nudge all numbers along a random direction; four points cancel errors up to fourth order."""
    case = Case(cell, batch, timesteps, features, units, seed)
    rng = np.random.default_rng(seed + 1)
    h = 1e-3
    for name, gradient in case.gradients().items():
        assert gradient.shape == case.values[name].shape
        direction = rng.normal(size=gradient.shape)
        direction /= np.linalg.norm(direction)

        def nudged(by, name=name, direction=direction):
            return case.loss(case.values | {name: case.values[name] + by * direction})

        slope = (8 * (nudged(h) - nudged(-h)) - (nudged(2 * h) - nudged(-2 * h))) / (12 * h)
        expected = (gradient * direction).sum()
        scale = np.abs(gradient * direction).sum() + 1e-6
        assert abs(slope - expected) <= 1e-7 * scale, name


@every_cell
def test_run_equals_its_steps(cell):
    case = Case(cell, 3, 6, 4, 5, seed=4)
    trace = case.trace()
    state = trace.initial_state
    for t in range(6):
        word = trace.inputs[:, t]
        if cell == "lstm":
            gates, state = step(word, state, trace.weights)
            for plural in ("forget_gates", "input_gates", "candidates", "output_gates"):
                expected = getattr(gates, plural.removesuffix("s"))
                np.testing.assert_allclose(getattr(trace, plural)[:, t], expected, rtol=1e-12)
            np.testing.assert_allclose(trace.cell_states[:, t], state.cell_state, rtol=1e-12)
            said = state.hidden_state
        else:
            said = state = (step_rnn if cell == "rnn" else step_gru)(word, state, trace.weights)
        np.testing.assert_allclose(trace.hidden_states[:, t], said, rtol=1e-12)


@every_cell
def test_reviews_of_a_batch_do_not_hear_each_other(cell):
    case = Case(cell, 3, 5, 2, 4, seed=5)
    whole = case.trace().hidden_states
    for i in range(3):
        alone = {
            name: value[i : i + 1] if name == "inputs" else value
            for name, value in case.values.items()
        }
        alone["state"] = case.values["state"][:, i : i + 1]
        np.testing.assert_allclose(case.trace(alone).hidden_states, whole[i : i + 1], rtol=1e-12)


@every_cell
def test_run_starts_from_zeros_unless_told(cell):
    case = Case(cell, 2, 3, 2, 4, seed=6)
    zeros = case.values | {"state": np.zeros_like(case.values["state"])}
    told = case.trace(zeros)
    untold = case.run(told.inputs, told.weights)
    np.testing.assert_array_equal(untold.hidden_states, told.hidden_states)


@every_cell
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_run_and_backward_keep_the_precision_they_are_given(cell, dtype):
    case = Case(cell, 2, 3, 2, 4, seed=7, dtype=dtype)
    assert case.trace().hidden_states.dtype == dtype
    assert {gradient.dtype for gradient in case.gradients().values()} == {np.dtype(dtype)}


@every_cell
def test_run_and_backward_change_nothing_that_came_in(cell):
    case = Case(cell, 2, 3, 2, 4, seed=8)
    before = {name: value.copy() for name, value in case.values.items()}
    trace = case.trace()
    hidden_states = trace.hidden_states.copy()
    first, again = (case.backward(trace, case.d_hidden_states).inputs for _ in range(2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(trace.hidden_states, hidden_states)
    for name, value in before.items():
        np.testing.assert_array_equal(case.values[name], value)


@every_cell
def test_run_without_a_first_memory_keeps_float32(cell):
    case = Case(cell, 2, 3, 2, 4, seed=7, dtype=np.float32)
    trace = case.run(case.values["inputs"], case.trace().weights)
    arrays = [a for a in trace if isinstance(a, np.ndarray)]
    assert {array.dtype for array in (*arrays, *trace.weights)} == {np.dtype(np.float32)}


@every_cell
@pytest.mark.parametrize("name", ["inputs", "kernel", "recurrent_kernel", "bias", "state"])
def test_one_float64_among_float32_makes_the_run_float64(cell, name):
    case = Case(cell, 2, 3, 2, 4, seed=7, dtype=np.float32)
    mixed = case.values | {name: case.values[name].astype(np.float64)}
    exact = {key: value.astype(np.float64) for key, value in case.values.items()}
    found = case.trace(mixed).hidden_states
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, case.trace(exact).hidden_states, atol=1e-6)


@pytest.mark.parametrize("memory", State._fields)
def test_one_memory_of_float64_makes_the_run_float64(memory):
    case = Case("lstm", 2, 3, 2, 4, seed=7, dtype=np.float32)
    state = State(*case.values["state"])
    state = state._replace(**{memory: getattr(state, memory).astype(np.float64)})
    trace = run(case.values["inputs"], case.trace().weights, state)
    assert trace.cell_states.dtype == trace.hidden_states.dtype == np.float64


BLOCKS = {"lstm": 4, "rnn": 1, "gru": 3}


@every_cell
@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("inputs", (2, 4), "inputs: expected shape (batch, timesteps, 4), got (2, 4)"),
        ("inputs", (2, 3, 7), "inputs: expected shape (batch, timesteps, 4), got (2, 3, 7)"),
        ("inputs", (2, 0, 4), "inputs: expected shape (batch, timesteps, 4), got (2, 0, 4)"),
        ("kernel", (4, 0), "weights.kernel: expected shape (features, {units}), got (4, 0)"),
        ("kernel", (4,), "weights.kernel: expected shape (features, {units}), got (4,)"),
        (
            "recurrent_kernel",
            (4, 4, 4),
            "weights.recurrent_kernel: expected shape (5, {columns}), got (4, 4, 4)",
        ),
        ("bias", (3,), "weights.bias: expected shape ({bias}), got (3,)"),
        ("state", (2, 1, 5), "{state}: expected shape (2, 5), got (1, 5)"),
    ],
)
def test_run_names_the_argument_that_does_not_fit(cell, name, shape, message):
    case = Case(cell, 2, 3, 4, 5, seed=9)
    blocks = BLOCKS[cell]
    message = message.format(
        units="units" if blocks == 1 else f"{blocks} * units",
        columns=5 * blocks,
        bias=f"2, {5 * blocks}" if cell == "gru" else f"{5 * blocks},",
        state="initial_state.hidden_state" if cell == "lstm" else "initial_state",
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        case.trace(case.values | {name: np.zeros(shape)})


def test_gru_of_reset_before_is_told_by_its_bias():
    case = Case("gru", 2, 3, 4, 5, seed=9)
    message = (
        "weights.bias: expected shape (2, 15), got (15,), as of Keras's reset_after=False: "
        "that GRU computes something else"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        case.trace(case.values | {"bias": np.zeros(15)})


@pytest.mark.parametrize(("cell", "step_cell"), [("rnn", step_rnn), ("gru", step_gru)])
@pytest.mark.parametrize(
    ("inputs", "memory", "message"),
    [
        ((2, 3), (2, 5), "inputs: expected shape (batch, 4), got (2, 3)"),
        ((2, 3, 4), (2, 5), "inputs: expected shape (batch, 4), got (2, 3, 4)"),
        ((2, 4), (3, 5), "hidden_state: expected shape (2, 5), got (3, 5)"),
        ((2, 4), (2, 6), "hidden_state: expected shape (2, 5), got (2, 6)"),
    ],
)
def test_step_of_one_memory_names_what_does_not_fit(cell, step_cell, inputs, memory, message):
    weights = Case(cell, 2, 3, 4, 5, seed=11).trace().weights
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        step_cell(np.ones(inputs), np.zeros(memory), weights)
    with pytest.raises(ValueError, match=r"^hidden_state: expected finite numbers, got nan$"):
        step_cell(np.ones((2, 4)), np.full((2, 5), np.nan), weights)


@every_cell
def test_backward_names_what_does_not_fit(cell):
    case = Case(cell, 2, 3, 4, 5, seed=10)
    with pytest.raises(ValueError, match=r"^d_hidden_states: expected shape \(2, 3, 5\), got"):
        case.backward(case.trace(), np.zeros((2, 3, 4)))
    with pytest.raises(ValueError, match=r"^d_hidden_states: expected finite numbers, got nan$"):
        case.backward(case.trace(), np.full((2, 3, 5), np.nan))


@every_cell
def test_weights_are_named_and_kept_as_before(cell):
    weights_type = CELLS[cell][0]
    weights = weights_type(kernel=1, recurrent_kernel=2, bias=3)
    assert weights == (1, 2, 3)
    assert repr(weights) == f"{weights_type.__name__}(kernel=1, recurrent_kernel=2, bias=3)"
    for same in (weights._replace(kernel=1), pickle.loads(pickle.dumps(weights))):
        assert type(same) is weights_type
        assert same == weights


@pytest.mark.parametrize(
    ("weights", "got"),
    [
        ([np.ones((5, 16)), np.ones((4, 16))], "got 2 arrays"),
        ([np.ones(16)] * 4, "got 4 arrays"),
        (None, "got None"),
        (0.5, "got 0.5"),
    ],
)
def test_run_says_what_weights_are_made_of(weights, got):
    message = (
        f"weights: expected kernel, recurrent_kernel and bias, {got}; "
        "LSTMWeights.from_keras and .from_torch take a layer"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        run(np.ones((3, 6, 5)), weights)


@pytest.mark.parametrize(
    ("weights_type", "joins"), [(LSTMWeights, "adds"), (GRUWeights, "stacks"), (RNNWeights, "adds")]
)
def test_weights_of_four_arrays_send_to_from_torch(weights_type, joins):
    name = weights_type.__name__
    message = (
        f"{name}: expected kernel, recurrent_kernel and bias, got 4 arrays; "
        f"{name}.from_torch takes a list of PyTorch's four, and {joins} the two biases"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        weights_type(*[np.ones(3)] * 4)


def test_lstm_takes_its_state_as_a_pair():
    trace = Case("lstm", 3, 6, 5, 4, seed=13).trace()
    inputs, weights, (h, c) = trace.inputs, trace.weights, trace.initial_state
    one_step = step(inputs[:, 0], State(h, c), weights)
    for pair in [(h, c), [h, c], np.stack([h, c]), (h[np.newaxis], c[np.newaxis]), (h.tolist(), c)]:
        found = run(inputs, weights, pair)
        assert isinstance(found.initial_state, State)
        np.testing.assert_array_equal(found.hidden_states, trace.hidden_states)
        np.testing.assert_array_equal(step(inputs[:, 0], pair, weights).state, one_step.state)


@pytest.mark.parametrize(("cell", "step_cell"), [("gru", step_gru), ("rnn", step_rnn)])
def test_one_memory_may_come_in_a_list(cell, step_cell):
    case = Case(cell, 3, 6, 5, 4, seed=14)
    trace = case.trace()
    inputs, weights, h = trace.inputs, trace.weights, trace.initial_state
    after = step_cell(inputs[:, 0], h, weights)
    for memory in ([h], h[np.newaxis], [h.tolist()]):
        found = case.run(inputs, weights, memory).hidden_states
        np.testing.assert_array_equal(found, trace.hidden_states)
        np.testing.assert_array_equal(step_cell(inputs[:, 0], memory, weights), after)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (
            np.zeros((3, 4)),
            "initial_state: expected a pair, hidden_state and cell_state, got array",
        ),
        ((1, 2, 3), "initial_state: expected a pair, hidden_state and cell_state, got (1, 2, 3)"),
        (0.0, "initial_state: expected a pair, hidden_state and cell_state, got 0.0"),
        (("h", "c"), "initial_state.hidden_state: expected real numbers, got 'h'"),
        (
            np.zeros((2, 2, 3, 4)),
            "initial_state.hidden_state: expected shape (3, 4), got (2, 3, 4)",
        ),
    ],
)
def test_run_says_what_a_state_is(state, message):
    trace = Case("lstm", 3, 6, 5, 4, seed=12).trace()
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        run(trace.inputs, trace.weights, state)


@every_cell
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["inputs", "recurrent_kernel", "bias"])
def test_run_refuses_products_that_no_float_holds(cell, dtype, name):
    """Such a sum would be inf - inf, a NaN, or saturate on the wrong side."""
    weights_type, run_cell, _, _ = CELLS[cell]
    blocks, rows = {"lstm": (4, ()), "gru": (3, (2,)), "rnn": (1, ())}[cell]
    large = np.finfo(dtype).max * 0.6
    weights = weights_type(
        np.ones((2, blocks), dtype), np.ones((1, blocks), dtype), np.zeros((*rows, blocks), dtype)
    )
    inputs = np.ones((1, 2, 2), dtype)
    state = [np.ones((1, 1), dtype)] * 2 if cell == "lstm" else np.ones((1, 1), dtype)
    if name == "inputs":
        inputs = inputs * np.array([large, -large], dtype)
    else:
        weights = weights._replace(**{name: getattr(weights, name) + dtype(large)})
        inputs = large * inputs
    with pytest.raises(
        ValueError,
        match=rf"^inputs: expected numbers whose products .* within {dtype.__name__}, got ",
    ):
        run_cell(inputs.astype(dtype), weights, state)


LARGEST = float(np.finfo(np.float32).max)


@pytest.mark.parametrize(
    ("dials", "memory", "held"),
    [  # note 1; dial, memory-dial and nudge in parts of the largest float32
        ((0.5, 0.1, 0.19), 0.0, True),
        ((0.3, 0.6, 0.0), 0.5, True),
        ((0.3, 0.6, 0.0), 1.2, False),
        ((0.3, 0.3, 0.0), 4.0, False),
        ((0.5, 0.1, 0.25), 0.0, False),
    ],
)
def test_run_refuses_no_more_than_floats_cannot_hold(dials, memory, held):
    dial, memory_dial, nudge = (np.float32(part * LARGEST) for part in dials)
    arguments = np.ones((1, 1, 1), np.float32), RNNWeights([[dial]], [[memory_dial]], [nudge])
    memory = np.full((1, 1), memory, np.float32)
    if held:
        assert run_rnn(*arguments, memory).hidden_states.item() == 1
    else:
        with pytest.raises(ValueError, match=r"^inputs: expected .* within float32, got up to "):
            run_rnn(*arguments, memory)


@pytest.mark.parametrize("wide", ["notes", "dials"])
def test_one_float64_among_float32_holds_what_float64_can(wide):
    notes, dial = np.full((1, 1, 1), 1e30, np.float32), np.full((1, 1), 1e20, np.float32)
    rest = np.ones((1, 1), np.float32), np.zeros(1, np.float32)
    if wide == "notes":
        notes = notes.astype(np.float64)
    else:
        dial = dial.astype(np.float64)
    assert run_rnn(notes, RNNWeights(dial, *rest)).hidden_states.item() == 1


@every_cell
def test_memory_of_float64_does_not_hide_what_float32_cannot_hold(cell):
    case = Case(cell, 1, 2, 1, 1, seed=15, dtype=np.float32)
    large = {
        "inputs": np.full((1, 2, 1), 1e30, np.float32),
        "state": np.zeros(case.values["state"].shape),
    }
    large["kernel"] = np.full_like(case.values["kernel"], 1e20)
    with pytest.raises(ValueError, match=r"^inputs: expected numbers whose .* within float32, got"):
        case.trace(case.values | large)


@every_cell
def test_run_saturates_without_a_word_where_the_sum_can_be_held(cell):
    weights_type, run_cell, _, _ = CELLS[cell]
    blocks, rows = {"lstm": (4, ()), "gru": (3, (2,)), "rnn": (1, ())}[cell]
    weights = weights_type(
        np.full((2, blocks), 1e150), np.full((1, blocks), 1e150), np.zeros((*rows, blocks))
    )
    inputs = np.array([[[1e150, 1e150], [-1e150, 0.0]]])
    said = run_cell(inputs, weights).hidden_states
    assert np.isfinite(said).all()
    assert np.abs(said).max() <= 1


@every_cell
def test_backward_tells_when_gradients_outgrow_their_floats(cell):
    """No input, and dials of 3e38: one step back is all that float32 can hold."""
    weights_type, run_cell, walk_back, _ = CELLS[cell]
    blocks, rows = {"lstm": (4, ()), "gru": (3, (2,)), "rnn": (1, ())}[cell]
    zeros = np.zeros((*rows, blocks), np.float32)
    weights = weights_type(
        np.ones((1, blocks), np.float32), np.full((1, blocks), 1e30, np.float32), zeros
    )
    trace = run_cell(np.zeros((1, 6, 1), np.float32), weights)
    d_said = np.zeros((1, 6, 1), np.float32)
    d_said[0, -1] = 1e6
    with (
        np.errstate(all="ignore"),
        pytest.raises(
            ValueError, match=r"^d_hidden_states: expected gradients that float32 can hold"
        ),
    ):
        walk_back(trace, d_said)
