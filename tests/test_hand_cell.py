import math

import numpy as np
import pytest

from rahulml.hand_cell import LSTMWeights, State, combine, sigmoid, step

VOTES = {"forget_gate": 0.9, "input_gate": 0.2, "candidate": 0.6, "output_gate": 0.7}


def random_weights(rng, features, units, dtype=np.float64):
    shapes = (features, 4 * units), (units, 4 * units), (4 * units,)
    return LSTMWeights(*(rng.normal(size=shape).astype(dtype) for shape in shapes))


def random_state(rng, batch, units, dtype=np.float64):
    return State(
        hidden_state=rng.uniform(-1, 1, (batch, units)).astype(dtype),
        cell_state=rng.normal(0, 3, (batch, units)).astype(dtype),
    )


@pytest.mark.parametrize("shape", [(), (3,), (4, 32), (2, 3, 5)])
def test_combine_equals_the_arithmetic_slot_by_slot(shape):
    rng = np.random.default_rng(1)
    old = rng.normal(0, 5, shape)
    keep, admit, show = rng.uniform(0, 1, (3, *shape))
    fresh = rng.uniform(-1, 1, shape)

    new = combine(old, forget_gate=keep, input_gate=admit, candidate=fresh, output_gate=show)

    assert np.shape(new.cell_state) == np.shape(new.hidden_state) == shape
    for slot in np.ndindex(shape):
        a = keep[slot] * old[slot] + admit[slot] * fresh[slot]
        assert new.cell_state[slot] == pytest.approx(a, rel=1e-14)
        assert new.hidden_state[slot] == pytest.approx(show[slot] * math.tanh(a), rel=1e-14)


def test_combine_of_votes_at_their_ends_keeps_or_replaces():
    ends = {"candidate": -1.0, "output_gate": 1.0}
    assert combine(5.0, forget_gate=1, input_gate=0, **ends).cell_state == 5.0
    assert combine(5.0, forget_gate=0, input_gate=1, **ends).cell_state == -1.0
    assert combine(5.0, forget_gate=0, input_gate=0, **ends).hidden_state == 0.0


@pytest.mark.parametrize("name", ["forget_gate", "input_gate", "output_gate"])
@pytest.mark.parametrize("value", [1.0001, -0.1, math.nan, math.inf])
def test_combine_refuses_a_gate_outside_its_range(name, value):
    with pytest.raises(ValueError, match=rf"^{name}: expected numbers in 0..1, got {value}$"):
        combine(5.0, **(VOTES | {name: value}))


@pytest.mark.parametrize("value", [2.0, -1.0001, math.nan])
def test_combine_refuses_a_candidate_that_no_tanh_gives(value):
    with pytest.raises(ValueError, match=rf"^candidate: expected numbers in -1..1, got {value}$"):
        combine(5.0, **(VOTES | {"candidate": value}))


def test_combine_names_the_one_wrong_number_of_many():
    keep = np.full((3, 4), 0.5)
    keep[1, 2] = 7.0
    half = np.full((3, 4), 0.5)
    with pytest.raises(ValueError, match=r"^forget_gate: .* got 7.0$"):
        combine(half, forget_gate=keep, input_gate=half, candidate=half, output_gate=half)


@pytest.mark.parametrize("value", [math.nan, -math.inf])
def test_combine_refuses_a_cell_state_that_is_not_finite(value):
    with pytest.raises(ValueError, match=rf"^cell_state: expected finite numbers, got {value}$"):
        combine(value, **VOTES)


@pytest.mark.parametrize("value", ["0.5", None, True, 0.5j, [0.5, [0.5]]])
@pytest.mark.parametrize("name", VOTES)
def test_combine_refuses_what_is_not_a_real_number(name, value):
    with pytest.raises(ValueError, match=rf"^{name}: expected .*numbers, got "):
        combine(5.0, **(VOTES | {name: value}))


@pytest.mark.parametrize("name", VOTES)
def test_combine_refuses_shapes_that_differ(name):
    votes = {key: np.full(3, vote) for key, vote in VOTES.items()} | {name: np.full((1, 3), 0.5)}
    with pytest.raises(ValueError, match=rf"^{name}: expected shape \(3,\), got \(1, 3\)$"):
        combine(np.ones(3), **votes)


def test_step_gates_equal_the_pencil():
    """Written out with math alone, one machine after the other: sees a swap of any two columns."""
    rng = np.random.default_rng(2)
    kernel, recurrent_kernel, bias = weights = random_weights(rng, features=3, units=2)
    state = random_state(rng, batch=2, units=2)
    notes = rng.normal(size=(2, 3))

    gates, new = step(notes, state, weights)

    def machine(block, review, slot):
        column = 2 * block + slot
        word = sum(notes[review, k] * kernel[k, column] for k in range(3))
        memory = sum(state.hidden_state[review, k] * recurrent_kernel[k, column] for k in range(2))
        return word + memory + bias[column]

    def sigmoid(z):
        return 1 / (1 + math.exp(-z))

    for review, slot in np.ndindex(2, 2):
        admit = sigmoid(machine(0, review, slot))
        keep = sigmoid(machine(1, review, slot))
        fresh = math.tanh(machine(2, review, slot))
        show = sigmoid(machine(3, review, slot))
        a = keep * state.cell_state[review, slot] + admit * fresh
        expected = (admit, keep, fresh, show, show * math.tanh(a), a)
        found = tuple(array[review, slot] for array in (*gates, *new))
        assert found == pytest.approx(expected, rel=1e-12)
    assert gates._fields == ("input_gate", "forget_gate", "candidate", "output_gate")


@pytest.mark.parametrize(("batch", "features", "units"), [(1, 1, 1), (3, 5, 4), (64, 32, 32)])
def test_step_word_by_word_equals_keras(batch, features, units):
    keras = pytest.importorskip("keras")
    rng = np.random.default_rng(3)
    layer = keras.layers.LSTM(units, return_state=True)
    layer.build((batch, None, features))
    layer.set_weights(random_weights(rng, features, units, np.float32))
    notes = rng.normal(size=(batch, 7, features)).astype(np.float32)
    state = random_state(rng, batch, units, np.float32)
    _, hidden_state, cell_state = layer(notes, initial_state=list(state))

    weights = LSTMWeights(*layer.get_weights())
    for t in range(7):
        state = step(notes[:, t], state, weights).state

    np.testing.assert_allclose(state.hidden_state, hidden_state, atol=2e-6)
    np.testing.assert_allclose(state.cell_state, cell_state, atol=2e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_step_keeps_the_precision_it_is_given(dtype):
    rng = np.random.default_rng(4)
    gates, state = step(
        rng.normal(size=(2, 3)).astype(dtype),
        random_state(rng, 2, 4, dtype),
        random_weights(rng, 3, 4, dtype),
    )
    assert {array.dtype for array in (*gates, *state)} == {np.dtype(dtype)}


def test_sigmoid_refuses_what_is_no_number():
    with pytest.raises(ValueError, match=r"^z: expected real numbers, got 'much'$"):
        sigmoid("much")


def test_step_saturates_without_a_warning():
    dials = LSTMWeights(np.full((1, 4), 1e6), np.zeros((1, 4)), np.zeros(4))
    before = State(np.zeros((2, 1)), np.full((2, 1), 3.0))
    gates, after = step(np.array([[1.0], [-1.0]]), before, dials)
    np.testing.assert_array_equal(gates.forget_gate, [[1], [0]])
    np.testing.assert_array_equal(after.cell_state, [[4], [0]])


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("inputs", {"inputs": np.ones((2, 4))}),
        ("inputs", {"inputs": np.ones(3)}),
        ("inputs", {"inputs": np.full((2, 3), "word")}),
        ("inputs", {"inputs": np.full((2, 3), np.nan)}),
        ("state.hidden_state", {"hidden_state": np.zeros((1, 5))}),
        ("state.cell_state", {"cell_state": np.zeros((2, 4))}),
        ("weights.kernel", {"kernel": np.ones((3, 18))}),
        ("weights.recurrent_kernel", {"recurrent_kernel": np.ones((5, 16))}),
        ("weights.bias", {"bias": np.ones((1, 20))}),
        ("weights.bias", {"bias": np.full(20, np.inf)}),
    ],
)
def test_step_names_the_argument_that_does_not_fit(name, change):
    good = {
        "inputs": np.ones((2, 3)),
        "hidden_state": np.zeros((2, 5)),
        "cell_state": np.zeros((2, 5)),
        "kernel": np.ones((3, 20)),
        "recurrent_kernel": np.ones((5, 20)),
        "bias": np.ones(20),
    }
    inputs, hidden_state, cell_state, *weights = (good | change).values()
    with pytest.raises(ValueError, match=rf"^{name}: expected .*, got "):
        step(inputs, State(hidden_state, cell_state), LSTMWeights(*weights))


def test_step_says_which_axis_may_have_any_length():
    weights = random_weights(np.random.default_rng(5), 3, 5)
    with pytest.raises(ValueError, match=r"^inputs: expected shape \(batch, 3\), got \(2, 4\)$"):
        step(np.ones((2, 4)), random_state(np.random.default_rng(5), 2, 5), weights)
    broken = weights._replace(kernel=np.full((3, 20), "dial"))
    with pytest.raises(ValueError, match=r"^weights.kernel: expected real numbers, got "):
        step(np.ones((2, 3)), random_state(np.random.default_rng(5), 2, 5), broken)
