import numpy as np
import pytest
from keras import layers

from rahulml.builders import build
from rahulml.scan import scan
from rahulml.variants import UNHEARD, VARIANTS, MapCell, VariantCell


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def read(inputs, layer, machines, *, tied=False):
    """Walk the words in NumPy with the dials of a variant, machine by machine."""
    kernel, recurrent_kernel, bias, *peepers = (
        dials.astype(float) for dials in layer.get_weights()
    )
    peepers = dict(zip([name for name in machines if name != "candidate"], peepers, strict=False))
    hidden_state = cell_state = np.zeros((len(inputs), len(recurrent_kernel)))
    for word in inputs.swapaxes(0, 1):
        sums = word @ kernel + hidden_state @ recurrent_kernel + bias
        sums = dict(zip(machines, np.split(sums, len(machines), axis=1), strict=True))
        peep = {name: dials * cell_state for name, dials in peepers.items()}
        admit = sigmoid(sums["input"] + peep.get("input", 0)) if "input" in sums else 1
        keep = sigmoid(sums["forget"] + peep.get("forget", 0)) if "forget" in sums else 1
        if tied:
            keep = 1 - admit
        cell_state = keep * cell_state + admit * np.tanh(sums["candidate"])
        show = 1
        if "output" in sums:
            show = sigmoid(sums["output"] + peepers.get("output", 0) * cell_state)
        hidden_state = show * np.tanh(cell_state)
    return hidden_state


def with_random_dials(layer, rng):
    layer.build((2, 5, 3))
    layer.set_weights([rng.normal(size=dials.shape) for dials in layer.get_weights()])
    return layer


@pytest.mark.parametrize(
    ("variant", "machines"),
    [
        ("no-keep", ["input", "candidate", "output"]),
        ("no-keep-shut", ["input", "candidate", "output"]),
        ("no-admit", ["forget", "candidate", "output"]),
        ("no-show", ["input", "forget", "candidate"]),
        ("tied", ["input", "candidate", "output"]),
        ("tied-even", ["input", "candidate", "output"]),
        ("peepholes", ["input", "forget", "candidate", "output"]),
    ],
)
def test_variant_reads_as_its_equations_say(variant, machines):
    rng = np.random.default_rng(0)
    layer = with_random_dials(VARIANTS[variant](4, name=variant), rng)
    inputs = rng.normal(size=(2, 5, 3)).astype(np.float32)
    expected = read(inputs, layer, machines, tied=variant.startswith("tied"))
    np.testing.assert_allclose(layer(inputs), expected, atol=1e-6)


def test_cell_with_nothing_changed_is_the_lstm_of_keras():
    rng = np.random.default_rng(0)
    ours = with_random_dials(layers.RNN(VariantCell(4)), rng)
    keras_own = layers.LSTM(4)
    keras_own.build((2, 5, 3))
    keras_own.set_weights(ours.get_weights())
    inputs = rng.normal(size=(2, 5, 3)).astype(np.float32)
    np.testing.assert_allclose(ours(inputs), keras_own(inputs), atol=1e-6)


@pytest.mark.parametrize("variant", VARIANTS)
def test_variant_has_a_third_machine_less_or_a_dial_a_slot_more(variant):
    machine = 7 * 3 + 3 * 3 + 3
    expected = 4 * machine + 3 * 3 if variant == "peepholes" else 3 * machine
    assert build(variant, embedding=7, units=3).get_layer("worker").count_params() == expected


@pytest.mark.parametrize("variant", ["no-admit", "no-show", "peepholes", "tied"])
def test_fresh_variant_keeps_as_much_as_a_fresh_lstm(variant):
    layer = VARIANTS[variant](4, name=variant)
    layer.build((2, 5, 3))
    cell = layer.cell
    bias = dict(
        zip(cell.machines, np.split(layer.get_weights()[2], len(cell.machines)), strict=True)
    )
    keep = 1 - sigmoid(bias["input"]) if variant == "tied" else sigmoid(bias["forget"])
    np.testing.assert_allclose(keep, sigmoid(1.0), atol=1e-7)


@pytest.mark.parametrize(
    ("variant", "admit"),
    [
        ("no-keep", 0.0),
        ("no-keep-shut", -3.0),
        ("tied", -1.0),
        ("tied-even", 0.0),
        ("no-show", 0.0),
    ],
)
def test_fresh_variant_admits_as_much_as_its_name_says(variant, admit):
    cell = VARIANTS[variant](4, name=variant).cell
    cell.build((None, 3))
    bias = dict(
        zip(cell.machines, np.split(cell.get_weights()[2], len(cell.machines)), strict=True)
    )
    np.testing.assert_array_equal(bias["input"], np.full(4, admit))
    if "forget" in bias:
        np.testing.assert_array_equal(bias["forget"], np.ones(4))


def test_copy_of_a_cell_starts_where_the_cell_does():
    cell = VARIANTS["no-keep-shut"](4, name="worker").cell
    assert type(cell).from_config(cell.get_config()).get_config() == cell.get_config()


def test_cell_refuses_to_miss_what_it_does_not_have():
    with pytest.raises(
        ValueError, match=r"^missing: expected 'input', 'forget' or 'output', got 'candidate'$"
    ):
        VariantCell(4, missing=["candidate"])


# --- workers whose votes hear no memory ---


def read_unheard(kind, notes, layer):
    """Walk the words in NumPy, as the papers' equations say."""
    kernel, bias = (dials.astype(float) for dials in layer.get_weights())
    cell_state = np.zeros((len(notes), layer.cell.units))
    for word in notes.swapaxes(0, 1):
        sums = word @ kernel + bias
        if kind == "minlstm":  # Feng et al. (2024), section 3.2
            keep, admit, fresh = np.split(sums, 3, axis=1)
            whole = sigmoid(keep) + sigmoid(admit)
            cell_state = sigmoid(keep) / whole * cell_state + sigmoid(admit) / whole * fresh
        elif kind == "mingru":  # section 3.1
            admit, fresh = np.split(sums, 2, axis=1)
            cell_state = (1 - sigmoid(admit)) * cell_state + sigmoid(admit) * fresh
        else:
            keep, fresh = np.split(sums, 2, axis=1)
            cell_state = np.tanh(keep) * cell_state + fresh
    return cell_state


@pytest.mark.parametrize("kind", UNHEARD)
def test_worker_whose_votes_hear_nothing_reads_as_its_equations_say(kind):
    rng = np.random.default_rng(0)
    layer = with_random_dials(UNHEARD[kind](4, name=kind), rng)
    notes = rng.normal(size=(2, 5, 3)).astype(np.float32)
    np.testing.assert_allclose(layer(notes), read_unheard(kind, notes, layer), atol=1e-6)


@pytest.mark.parametrize("kind", UNHEARD)
def test_worker_whose_votes_hear_nothing_can_be_scanned(kind):
    """What it does with a word is the same map, whatever its memory holds."""
    rng = np.random.default_rng(1)
    layer = with_random_dials(UNHEARD[kind](4, name=kind), rng)
    notes = rng.normal(size=(3, 7, 3)).astype(np.float32)
    first = rng.normal(size=(3, 4)).astype(np.float32)
    sums = notes @ layer.get_weights()[0] + layer.get_weights()[1]
    keeps, deposits = layer.cell.map_of(*np.split(sums, len(layer.cell.first_biases), axis=-1))
    scanned = scan(np.asarray(keeps), np.asarray(deposits), first)[:, -1]
    np.testing.assert_allclose(layer(notes, initial_state=[first]), scanned, atol=1e-5)


@pytest.mark.parametrize(("kind", "machines"), [("minlstm", 3), ("mingru", 2), ("signed", 2)])
def test_worker_whose_votes_hear_nothing_has_no_paper_for_its_memory(kind, machines):
    worker = build(kind, embedding=7, units=3).get_layer("worker")
    assert worker.count_params() == machines * (7 * 3 + 3)


def test_fresh_mingru_keeps_as_much_as_a_fresh_lstm():
    layer = UNHEARD["mingru"](4)
    layer.build((2, 5, 3))
    admit = layer.get_weights()[1][:4]
    np.testing.assert_allclose(1 - sigmoid(admit), sigmoid(1.0), atol=1e-7)


def test_padding_that_is_passed_over_leaves_the_memory_of_a_scanned_worker():
    rng = np.random.default_rng(0)
    layer = with_random_dials(UNHEARD["minlstm"](4), rng)
    notes = rng.normal(size=(2, 5, 3)).astype(np.float32)
    mask = np.array([[True] * 3 + [False] * 2] * 2)
    np.testing.assert_allclose(layer(notes, mask=mask), layer(notes[:, :3]), atol=1e-6)


def test_map_cell_refuses_a_kind_that_it_does_not_have():
    with pytest.raises(ValueError, match="kind: expected 'minlstm', 'mingru' or 'signed', got"):
        MapCell(4, kind="mamba")


def test_map_cell_can_be_made_again_from_its_config():
    cell = MapCell(4, kind="mingru")
    again = MapCell.from_config(cell.get_config())
    assert (again.units, again.kind) == (4, "mingru")
