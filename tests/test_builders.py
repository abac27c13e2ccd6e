import random
import threading

import keras
import numpy as np
import pytest

from rahulml.attention import SelfAttention
from rahulml.builders import LAYERS, NEVER_MASKED, Notepad, build
from rahulml.variants import MapCell, VariantCell


@pytest.mark.parametrize(
    ("vocabulary", "embedding", "units"), [(10_000, 32, 32), (50, 7, 3), (3, 1, 1)]
)
def test_rnn_has_the_dials_counted_by_hand(vocabulary, embedding, units):
    model = build("rnn", vocabulary=vocabulary, embedding=embedding, units=units, max_words=5)
    worker = embedding * units + units * units + units
    assert [floor.count_params() for floor in model.layers] == [
        vocabulary * embedding,
        worker,
        units + 1,
    ]


def test_lstm_has_four_times_the_workers_dials():
    plain, two_memories = (
        build(machine, embedding=7, units=3).layers[1].count_params() for machine in ("rnn", "lstm")
    )
    assert two_memories == 4 * plain == 4 * (7 * 3 + 3 * 3 + 3)


def test_rnn_guesses_as_the_pencil_does():
    rng = np.random.default_rng(0)
    model = build("rnn", vocabulary=20, max_words=6, embedding=3, units=4)
    model.set_weights([rng.normal(size=dials.shape) for dials in model.get_weights()])
    notepad, kernel, recurrent_kernel, bias, clerk, nudge = model.get_weights()
    words = rng.integers(0, 20, (5, 6), dtype=np.int32)

    memory = np.zeros((5, 4))
    for t in range(6):
        memory = np.tanh(notepad[words[:, t]] @ kernel + memory @ recurrent_kernel + bias)
    expected = 1 / (1 + np.exp(-(memory @ clerk + nudge)))

    np.testing.assert_allclose(model.predict(words, verbose=0), expected, atol=1e-6)


def test_bilstm_has_two_workers_and_a_clerk_for_both():
    model = build("bilstm", embedding=7, units=3)
    assert [floor.count_params() for floor in model.layers[1:]] == [2 * 4 * (21 + 9 + 3), 2 * 3 + 1]


def test_gru_has_three_machines_and_a_second_nudge_for_each():
    worker = build("gru", embedding=7, units=3).layers[1]
    assert worker.count_params() == 3 * (7 * 3 + 3 * 3 + 3) + 3 * 3


def test_transformer_has_the_dials_counted_by_hand():
    note, tag = 7, 3
    tags = 3 * (note * tag + tag) + (tag * note + note)
    two_layers = (note * 2 * tag + 2 * tag) + (2 * tag * note + note)
    norms = 2 * 2 * note
    model = build("transformer", embedding=note, units=tag)
    assert [floor.count_params() for floor in model.layers[1:]] == [
        tags + two_layers + norms,
        note + 1,
    ]


def with_random_dials(machine, **sizes):
    """Return a small machine whose dials are all random and none is 0."""
    rng = np.random.default_rng(0)
    model = build(machine, vocabulary=20, embedding=4, **{"max_words": 6, **sizes})
    model.set_weights([rng.normal(size=dials.shape) for dials in model.get_weights()])
    return model, rng.integers(0, 20, (5, 6), dtype=np.int32)


def test_transformer_guesses_as_numpy_does_and_mixes_as_keras_attention():
    model, words = with_random_dials("transformer", units=3)
    notepad, *_, clerk, nudge = (dials.astype(float) for dials in model.get_weights())
    block = model.get_layer("worker")
    assert len(block.weights) == 16

    def on(layer, notes):
        paper, nudge = (dials.astype(float) for dials in layer.get_weights())
        return notes @ paper + nudge

    def norm(layer, notes):
        gain, shift = (dials.astype(float) for dials in layer.get_weights())
        centred = notes - notes.mean(-1, keepdims=True)
        return gain * centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-3) + shift

    place, column = np.arange(6)[:, None], np.arange(4)
    angle = place / 10_000 ** (2 * (column // 2) / 4)
    notes = 2 * notepad[words] + np.where(column % 2 == 0, np.sin(angle), np.cos(angle))
    want, have, give = (on(layer, notes) for layer in (block.want, block.have, block.give))
    share = np.exp(want @ have.swapaxes(1, 2) / np.sqrt(3))
    share /= share.sum(-1, keepdims=True)
    mixed = on(block.mix, share @ give)
    stock = keras.layers.MultiHeadAttention(num_heads=1, key_dim=3)
    stock.build(notes.shape, notes.shape)
    papers = [
        dials
        for paper in (block.want, block.have, block.give, block.mix)
        for dials in paper.get_weights()
    ]
    stock.set_weights(
        [dials.reshape(fresh.shape) for dials, fresh in zip(papers, stock.weights, strict=True)]
    )
    np.testing.assert_allclose(stock(notes, notes), mixed, atol=1e-4)
    notes = norm(block.norms[0], notes + mixed)
    inner = np.maximum(on(block.inner, notes), 0)
    notes = norm(block.norms[1], notes + on(block.outer, inner))
    expected = 1 / (1 + np.exp(-(notes.mean(1) @ clerk + nudge)))

    np.testing.assert_allclose(model.predict(words, verbose=0), expected, atol=1e-5)


def test_clerk_is_given_the_mean_or_the_last():
    """`lstm-mean` and `transformer-last` are their twins but for what the clerk gets."""
    for one, other in (("lstm", "lstm-mean"), ("transformer", "transformer-last")):
        model, words = with_random_dials(one, units=3)
        twin, _ = with_random_dials(other, units=3)
        twin.set_weights(model.get_weights())
        notes = model.get_layer("notepad")(words)
        if one == "lstm":
            walk = keras.layers.LSTM(3, return_sequences=True)
            walk.build(notes.shape)
            walk.set_weights(model.get_layer("worker").get_weights())
            given = np.mean(walk(notes), axis=1)
        else:
            worker = model.get_layer("worker")
            worker.last = True
            given = np.array(worker(notes))
            worker.last = False
            assert np.abs(given - np.array(worker(notes))).max() > 1e-3
        expected = model.get_layer("clerk")(given)
        np.testing.assert_allclose(twin.predict(words, verbose=0), expected, atol=1e-5)


# From one place alone a word's share may be too small for float32: `transformer-last` is left out.
@pytest.mark.parametrize("machine", [name for name in LAYERS if name != "transformer-last"])
def test_machine_hears_every_word_and_its_place(machine):
    model, words = with_random_dials(machine, units=3)
    guess = model.predict(words, verbose=0)
    for place in range(words.shape[1]):
        other = words.copy()
        other[:, place] = (other[:, place] + 7) % 20
        assert np.abs(model.predict(other, verbose=0) - guess).max() > 1e-4, place
    back_to_front = np.abs(model.predict(words[:, ::-1], verbose=0) - guess).max()
    assert (back_to_front > 1e-4) == (machine != "mean")


def test_stock_embedding_gives_the_same_notes():
    rng = np.random.default_rng(0)
    notes, words = rng.normal(size=(20, 3)), rng.integers(0, 20, (5, 6))
    ours, stock = Notepad(20, 3), keras.layers.Embedding(20, 3)
    for layer in (ours, stock):
        layer.build()
        layer.set_weights([notes])
    np.testing.assert_array_equal(ours(words), stock(words))


@pytest.mark.parametrize("machine", ["lstm", "bilstm", "gru"])
def test_gpu_may_use_its_fast_kernels(machine):
    """The conditions under which Keras calls cuDNN, from the docstrings of its LSTM and GRU."""
    worker = build(machine, units=3).get_layer("worker")
    ways = [worker.forward_layer, worker.backward_layer] if machine == "bilstm" else [worker]
    for layer in ways:
        assert layer.activation is keras.activations.tanh
        assert layer.recurrent_activation is keras.activations.sigmoid
        assert (layer.dropout, layer.recurrent_dropout) == (0, 0)
        assert layer.use_bias
        assert not layer.unroll
        assert layer.use_cudnn == "auto"
        assert getattr(layer, "reset_after", True)


def test_build_compiles_as_the_post_does():
    model = build("rnn")
    assert isinstance(model.optimizer, keras.optimizers.Adam)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.001)
    assert model.optimizer.clipnorm is None
    assert model.loss == "binary_crossentropy"


def test_build_hands_the_pace_to_adam():
    optimizer = build("rnn", learning_rate=0.01, clipnorm=1.0).optimizer
    assert float(optimizer.learning_rate) == pytest.approx(0.01)
    assert optimizer.clipnorm == 1.0


@pytest.mark.parametrize("machine", ["transformer", "no-keep", "tied", "peepholes"])
def test_machine_of_our_own_can_be_made_again_from_its_settings(machine):
    model, words = with_random_dials(machine, units=3)
    known = {layer.__name__: layer for layer in (Notepad, SelfAttention, VariantCell)}
    again = keras.Sequential.from_config(model.get_config(), custom_objects=known)
    again.set_weights(model.get_weights())
    np.testing.assert_array_equal(again.predict(words, verbose=0), model.predict(words, verbose=0))


@pytest.mark.parametrize("machine", [name for name in LAYERS if name not in NEVER_MASKED])
def test_masked_padding_is_passed_over(machine):
    """With the padding before or after the words, or none: the same guess, when it is masked."""
    rng = np.random.default_rng(0)
    words = rng.integers(1, 20, (5, 4), dtype=np.int32)
    padding = np.zeros((5, 2), np.int32)
    guesses = {}
    for mask in (True, False):
        for name, padded in {
            "none": words,
            "before": np.hstack([padding, words]),
            "after": np.hstack([words, padding]),
        }.items():
            model, _ = with_random_dials(machine, units=3, max_words=None, mask_padding=mask)
            guesses[mask, name] = model(padded).numpy()
    for side in ("before", "after"):
        np.testing.assert_allclose(guesses[True, side], guesses[True, "none"], atol=1e-6)
        assert np.abs(guesses[False, side] - guesses[False, "none"]).max() > 1e-4


@pytest.mark.parametrize("machine", NEVER_MASKED)
def test_machine_without_a_part_to_mask_refuses(machine):
    with pytest.raises(ValueError, match=rf"^mask_padding: expected False for '{machine}'"):
        build(machine, mask_padding=True)


def with_dropout(dropout, seed=1):
    return build("rnn", vocabulary=20, max_words=6, embedding=3, dropout=dropout, seed=seed)


def test_dropout_wipes_out_numbers_of_notes_in_training_alone():
    words = np.arange(18, dtype=np.int32).reshape(3, 6)
    whole, holes = with_dropout(0), with_dropout(0.25)
    assert [floor.name for floor in holes.layers] == ["notepad", "dropout", "worker", "clerk"]
    np.testing.assert_array_equal(holes(words), whole(words))
    notes = np.array(holes.layers[0](words))
    seen = np.array(holes.layers[1](notes, training=True))
    gone = seen == 0
    assert 0 < gone.mean() < 0.6
    np.testing.assert_allclose(seen[~gone], notes[~gone] / 0.75, rtol=1e-6)


def test_dropout_leaves_layers_and_first_dials_as_they_were():
    assert [floor.name for floor in with_dropout(0).layers] == ["notepad", "worker", "clerk"]
    for dials, same in zip(
        with_dropout(0).get_weights(), with_dropout(0.5).get_weights(), strict=True
    ):
        np.testing.assert_array_equal(dials, same)


def test_dropout_is_drawn_from_the_seed():
    first, again, other = (
        np.array(with_dropout(0.5, seed).layers[1](np.ones((3, 6, 3)), training=True))
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_build_refuses_a_dropout_that_is_no_chance():
    with pytest.raises(ValueError, match=r"^dropout: expected a number in 0..1, got 1.5$"):
        with_dropout(1.5)


def test_build_seed_decides_the_first_dials():
    first, again, other = (build("rnn", seed=seed).get_weights() for seed in (1, 1, 2))
    for dials, same in zip(first, again, strict=True):
        np.testing.assert_array_equal(dials, same)
    assert not np.array_equal(first[0], other[0])


def test_build_starts_alike_beside_a_thread_that_draws_too():
    expected = build("lstm", seed=1).get_weights()
    done = threading.Event()

    def draw():
        while not done.is_set():
            random.random()

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        beside = build("lstm", seed=1).get_weights()
    finally:
        done.set()
        thread.join()
    for dials, same in zip(beside, expected, strict=True):
        np.testing.assert_array_equal(dials, same)


@pytest.mark.parametrize("machine", LAYERS)
def test_first_dials_are_such_as_keras_sets_itself(machine):
    model = build(machine, vocabulary=500, max_words=5, seed=1)
    with keras.saving.custom_object_scope({"VariantCell": VariantCell, "MapCell": MapCell}):
        fresh = keras.models.clone_model(model)
    for dials, theirs in zip(model.weights, fresh.weights, strict=True):
        ours, keras_own = dials.numpy(), theirs.numpy()
        if len(np.unique(keras_own)) <= 2:  # a nudge, a norm, a peephole: nothing random
            np.testing.assert_array_equal(ours, keras_own)
            continue
        assert not np.array_equal(ours, keras_own)
        np.testing.assert_allclose(ours.std(), keras_own.std(), rtol=3 / ours.size**0.5)
        if dials.name == "recurrent_kernel":
            np.testing.assert_allclose(ours @ ours.T, np.eye(len(ours)), atol=1e-5)


def test_build_names_the_machines_it_knows():
    with pytest.raises(ValueError, match=r"^machine: expected 'rnn', 'lstm', .*got 'rnnn'$"):
        build("rnnn")


@pytest.mark.parametrize("size", ["vocabulary", "max_words", "embedding", "units"])
@pytest.mark.parametrize("value", [0, True, 2.0])
def test_size_below_1_is_refused(size, value):
    with pytest.raises(ValueError, match=rf"^{size}: expected a whole number of at least 1, got"):
        build("lstm", **{size: value})
