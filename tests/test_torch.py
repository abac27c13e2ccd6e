"""Dials, memories and tensors as PyTorch has them. It is in an extra of its own."""

import re

import numpy as np
import pytest

from rahulml.checks import reals
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
)

torch = pytest.importorskip("torch")

BATCH, TIMESTEPS, FEATURES, UNITS = 3, 6, 5, 4

CELLS = {
    "lstm": (LSTMWeights, run, backward, torch.nn.LSTM, torch.nn.LSTMCell),
    "gru": (GRUWeights, run_gru, backward_gru, torch.nn.GRU, torch.nn.GRUCell),
    "rnn": (RNNWeights, run_rnn, backward_rnn, torch.nn.RNN, torch.nn.RNNCell),
}
every_cell = pytest.mark.parametrize("cell", CELLS)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def inputs(rng):
    return rng.normal(size=(BATCH, TIMESTEPS, FEATURES))


def filled(module, rng):
    """Set every dial of a module, the nudges too, to a random number of float64."""
    module.double()
    with torch.no_grad():
        for dials in module.parameters():
            dials.copy_(torch.tensor(rng.normal(0, 0.6, dials.shape)))
    return module


def make(cell, rng, **options):
    return filled(CELLS[cell][3](FEATURES, UNITS, batch_first=True, **options), rng)


def said_by(module, inputs, *state):
    return module(torch.tensor(inputs), *state)[0].detach().numpy()


@every_cell
@pytest.mark.parametrize("bias", [True, False])
def test_from_torch_reads_as_the_module_does(cell, bias, rng, inputs):
    weights_type, run_cell, *_ = CELLS[cell]
    module = make(cell, rng, bias=bias)
    weights = weights_type.from_torch(module)
    assert isinstance(weights, weights_type)
    found = run_cell(inputs, weights).hidden_states
    np.testing.assert_allclose(found, said_by(module, inputs), rtol=1e-12)


@every_cell
def test_state_of_pytorch_starts_a_run(cell, rng, inputs):
    weights_type, run_cell, *_ = CELLS[cell]
    module = make(cell, rng)
    state = [torch.tensor(rng.uniform(-1, 1, (1, BATCH, UNITS)), requires_grad=True) for _ in "hc"]
    state = tuple(state) if cell == "lstm" else state[0]
    found = run_cell(inputs, weights_type.from_torch(module), state).hidden_states
    np.testing.assert_allclose(found, said_by(module, inputs, state), rtol=1e-12)


@every_cell
@pytest.mark.parametrize("bias", [True, False])
def test_from_torch_takes_a_cell(cell, bias, rng, inputs):
    weights_type, run_cell, *_, kind = CELLS[cell]
    module = filled(kind(FEATURES, UNITS, bias=bias), rng)
    state, expected = None, []
    for t in range(TIMESTEPS):
        state = module(torch.tensor(inputs[:, t]), state)
        expected.append((state[0] if cell == "lstm" else state).detach().numpy())
    found = run_cell(inputs, weights_type.from_torch(module)).hidden_states
    np.testing.assert_allclose(found, np.stack(expected, axis=1), rtol=1e-12)


@every_cell
def test_layers_one_by_one_read_as_the_stack_of_both_ways(cell, rng, inputs):
    weights_type, run_cell, *_ = CELLS[cell]
    module = make(cell, rng, num_layers=2, bidirectional=True)
    dials = list(map(weights_type.from_torch, module.all_weights))
    said = inputs
    for ahead, back in (dials[:2], dials[2:]):
        there = run_cell(said, ahead).hidden_states
        and_back = run_cell(said[:, ::-1], back).hidden_states[:, ::-1]
        said = np.concatenate([there, and_back], axis=2)
    np.testing.assert_allclose(said, said_by(module, inputs), rtol=1e-12)


@every_cell
def test_gradients_equal_those_of_pytorch(cell, rng, inputs):
    weights_type, run_cell, walk_back, *_ = CELLS[cell]
    module = make(cell, rng)
    d_said = rng.normal(size=(BATCH, TIMESTEPS, UNITS))
    notes = torch.tensor(inputs, requires_grad=True)
    (module(notes)[0] * torch.tensor(d_said)).sum().backward()

    found = walk_back(run_cell(notes, weights_type.from_torch(module)), torch.tensor(d_said))

    np.testing.assert_allclose(found.inputs, notes.grad, rtol=1e-9, atol=1e-12)
    theirs = weights_type.from_torch([dials.grad for dials in module.parameters()])
    np.testing.assert_allclose(found.kernel, theirs.kernel, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(
        found.recurrent_kernel, theirs.recurrent_kernel, rtol=1e-9, atol=1e-12
    )
    # A bias that is added twice gets the same gradient twice.
    bias = theirs.bias if cell == "gru" else theirs.bias / 2
    np.testing.assert_allclose(found.bias, bias, rtol=1e-9, atol=1e-12)


@every_cell
def test_from_torch_copies(cell, rng):
    module = make(cell, rng)
    weights = CELLS[cell][0].from_torch(module)
    before = [dials.copy() for dials in weights]
    with torch.no_grad():
        for dials in module.parameters():
            dials += 1
    for dials, same in zip(weights, before, strict=True):
        np.testing.assert_array_equal(dials, same)
        dials += 1  # and may be written on


def test_from_torch_reads_dials_that_are_computed(rng, inputs):
    module = torch.nn.utils.parametrizations.weight_norm(make("lstm", rng), "weight_hh_l0")
    found = run(inputs, LSTMWeights.from_torch(module)).hidden_states
    np.testing.assert_allclose(found, said_by(module, inputs), rtol=1e-12)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("float32", "float32"), ("float16", "float64"), ("bfloat16", "float64")],
)
def test_from_torch_keeps_the_precision_that_numpy_has(given, kept):
    module = torch.nn.GRU(FEATURES, UNITS).to(getattr(torch, given))
    weights = GRUWeights.from_torch(module)
    assert {dials.dtype for dials in weights} == {np.dtype(kept)}
    candidate = weights.kernel[:, 2 * UNITS :].T
    np.testing.assert_array_equal(candidate, module.weight_ih_l0[2 * UNITS :].detach().double())


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.notepad = torch.nn.Embedding(9, 3)
        self.worker = torch.nn.LSTM(3, 2)


@pytest.mark.parametrize(
    ("weights_type", "module", "message"),
    [
        (
            LSTMWeights,
            lambda: torch.nn.LSTM(3, 2, num_layers=2, bidirectional=True),
            "module: expected one layer in one direction, got "
            "LSTM(3, 2, num_layers=2, bidirectional=True); take module.all_weights[0], "
            "or module.all_weights[1], or module.all_weights[2], or module.all_weights[3]",
        ),
        (
            GRUWeights,
            lambda: torch.nn.GRU(3, 2, bidirectional=True),
            "module: expected one layer in one direction, got GRU(3, 2, bidirectional=True); "
            "take module.all_weights[0], or module.all_weights[1]",
        ),
        (
            LSTMWeights,
            lambda: torch.nn.LSTM(3, 2, proj_size=1),
            "module: expected proj_size=0, got 1; this cell says what it remembers, and projects "
            "nothing",
        ),
        (
            RNNWeights,
            lambda: torch.nn.RNN(3, 2, nonlinearity="relu"),
            "module.nonlinearity: expected 'tanh', got 'relu'",
        ),
        (
            RNNWeights,
            lambda: torch.nn.RNNCell(3, 2, nonlinearity="relu"),
            "module.nonlinearity: expected 'tanh', got 'relu'",
        ),
        (
            LSTMWeights,
            lambda: torch.nn.GRU(3, 2),
            "module: expected a torch.nn.LSTM, got GRU(3, 2)",
        ),
        (
            RNNWeights,
            lambda: torch.nn.LSTMCell(3, 2),
            "module: expected a torch.nn.RNN, got LSTMCell(3, 2)",
        ),
        (
            LSTMWeights,
            Net,
            "module: expected a torch.nn.LSTM, got "
            "Net( (notepad): Embedding(9, 3) (worker): LSTM(3, 2) ); "
            "take module.get_submodule('worker')",
        ),
        (
            GRUWeights,
            Net,
            "module: expected a torch.nn.GRU, got "
            "Net( (notepad): Embedding(9, 3) (worker): LSTM(3, 2) )",
        ),
        (LSTMWeights, lambda: None, "module: expected a torch.nn.LSTM, got None"),
        (
            LSTMWeights,
            lambda: torch.nn.LSTM,
            "module: expected a torch.nn.LSTM, got <class 'torch.nn.modules.rnn.LSTM'>",
        ),
        (
            LSTMWeights,
            lambda: list(torch.nn.LSTM(3, 2, bidirectional=True).parameters()),
            "module: expected the arrays weight_ih and weight_hh and, if there are biases, "
            "bias_ih and bias_hh, got 8",
        ),
        (
            LSTMWeights,
            lambda: torch.nn.GRU(3, 2).all_weights[0],
            "module.weight_ih: expected shape (8, features), got (6, 3)",
        ),
    ],
)
def test_from_torch_says_why_a_module_is_refused(weights_type, module, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        weights_type.from_torch(module())


def test_frameworks_are_not_taken_for_each_other():
    keras = pytest.importorskip("keras")
    layer, module = keras.layers.LSTM(2, name="theirs"), torch.nn.LSTM(3, 2)
    with pytest.raises(ValueError, match=r"^module: expected a torch.nn.LSTM, got <LSTM name=th"):
        LSTMWeights.from_torch(layer)
    with pytest.raises(ValueError, match=r"^layer: expected a keras.layers.LSTM, got LSTM\(3, 2\)"):
        LSTMWeights.from_keras(module)


@pytest.mark.parametrize(
    ("make", "dtype"),
    [
        (torch.tensor, np.float32),
        (lambda values: torch.tensor(values, requires_grad=True), np.float32),
        (lambda values: torch.nn.Parameter(torch.tensor(values).double()), np.float64),
        (lambda values: torch.tensor(values, dtype=torch.bfloat16, requires_grad=True), np.float64),
        (lambda values: torch.tensor(values).half(), np.float64),
        (lambda values: torch.tensor(values).to(torch.float8_e5m2), np.float64),
        (lambda values: torch.tensor(values).int(), np.float64),
        (lambda values: [torch.tensor(row, requires_grad=True) for row in values], np.float32),
        (lambda values: list(map(list, torch.tensor(values, requires_grad=True))), np.float32),
        (lambda values: torch.tensor(values).T.contiguous().T, np.float32),
        (
            lambda values: torch.complex(torch.tensor(values), -torch.tensor(values)).conj().imag,
            np.float32,
        ),
    ],
    ids=[
        *("tensor", "on the tape", "parameter", "bfloat16", "half", "float8", "int"),
        *("list of rows", "list of lists", "turned", "negated in passing"),
    ],
)
def test_reals_takes_every_tensor_of_real_numbers(make, dtype):
    values = [[1.0, -2.0, 3.0], [8.0, 0.0, -4.0]]  # floats of 8 bits hold them
    found = reals("z", make(values))
    np.testing.assert_array_equal(found, values)
    assert found.dtype == dtype


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (torch.ones(2, dtype=torch.bool), "z: expected real numbers, got tensor([True, True])"),
        (torch.ones(1, dtype=torch.complex64), "z: expected real numbers, got tensor([1.+0.j])"),
        (torch.ones(1, device="meta"), "z: expected an array of numbers, got tensor("),
        (torch.eye(2).to_sparse(), "z: expected an array of numbers, got tensor("),
        (torch.nn.LSTM(3, 2), "z: expected real numbers, got LSTM(3, 2)"),
    ],
    ids=["bool", "complex", "meta", "sparse", "module"],
)
def test_reals_says_which_tensor_holds_none(value, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        reals("z", value)


def test_cells_take_tensors_on_the_tape_wherever_they_take_arrays(rng, inputs):
    module = make("lstm", rng)
    weights = LSTMWeights(
        module.weight_ih_l0.T, module.weight_hh_l0.T, module.bias_ih_l0 + module.bias_hh_l0
    )
    h = torch.zeros((BATCH, UNITS), dtype=torch.float64, requires_grad=True)
    found = run(torch.tensor(inputs, requires_grad=True), weights, State(h, h))
    np.testing.assert_allclose(found.hidden_states, said_by(module, inputs), rtol=1e-12)
