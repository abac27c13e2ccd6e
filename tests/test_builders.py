import keras
import numpy as np
import pytest

from rahulml.builders import build


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


def test_build_compiles_as_the_post_does():
    model = build("rnn")
    assert isinstance(model.optimizer, keras.optimizers.Adam)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.001)
    assert model.loss == "binary_crossentropy"


def test_build_seed_decides_the_first_dials():
    first, again, other = (build("rnn", seed=seed).get_weights() for seed in (1, 1, 2))
    for dials, same in zip(first, again, strict=True):
        np.testing.assert_array_equal(dials, same)
    assert not np.array_equal(first[0], other[0])


def test_build_names_the_machines_it_knows():
    with pytest.raises(ValueError, match=r"^machine: expected one of 'rnn', 'lstm', got 'rnnn'$"):
        build("rnnn")
