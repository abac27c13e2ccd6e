import numpy as np
import pytest

from rahulml.hand_training import Adam, Factory, guess, train, wrongness

VOCABULARY, FEATURES, UNITS, WORDS = 60, 5, 4, 12


def factory_of(rng, dtype=np.float64):
    shapes = [
        (VOCABULARY, FEATURES),
        (FEATURES, 4 * UNITS),
        (UNITS, 4 * UNITS),
        (4 * UNITS,),
        (UNITS, 1),
        (1,),
    ]
    return Factory(*(rng.normal(0, 0.5, shape).astype(dtype) for shape in shapes))


def keras_model(factory, notepad=None):
    keras = pytest.importorskip("keras")
    from rahulml.builders import Notepad

    model = keras.Sequential(
        [
            keras.layers.Input((WORDS,), dtype="int32"),
            (notepad or Notepad)(VOCABULARY, FEATURES),
            keras.layers.LSTM(UNITS),
            keras.layers.Dense(1, activation="sigmoid"),
        ],
    )
    model.compile(optimizer="adam", loss="binary_crossentropy")
    model.set_weights(factory)
    return model


def losses_of(model, words, liked, grabs):
    losses = []
    for grab in grabs:
        model.reset_metrics()
        losses.append(float(model.train_on_batch(words[grab], liked[grab])))
    return losses


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def reviews(rng):
    words = rng.integers(0, VOCABULARY, (96, WORDS), dtype=np.int32)
    words[:, 0] = words[:, 3]  # a word that stands twice in one review
    return words, rng.integers(0, 2, 96)


def test_guess_equals_keras(rng, reviews):
    factory = factory_of(rng, np.float32)
    expected = keras_model(factory).predict(reviews[0], verbose=0)[:, 0]
    np.testing.assert_allclose(guess(factory, reviews[0]), expected, atol=1e-6)


def test_loss_is_the_average_of_minus_log(rng, reviews):
    words, liked = reviews
    factory = factory_of(rng)
    loss = wrongness(factory, words, liked).loss
    p = guess(factory, words)
    expected = -np.mean([np.log(p[i] if liked[i] else 1 - p[i]) for i in range(len(p))])
    assert loss == pytest.approx(expected, rel=1e-12)


def test_gradients_equal_finite_differences(rng, reviews):
    words, liked = reviews
    factory = factory_of(rng)
    gradients = wrongness(factory, words, liked).gradients
    h = 1e-5
    for name, gradient in gradients._asdict().items():
        direction = rng.normal(size=gradient.shape)
        moved = [
            factory._replace(**{name: getattr(factory, name) + by * direction}) for by in (h, -h)
        ]
        up, down = (wrongness(dials, words, liked).loss for dials in moved)
        expected = (gradient * direction).sum()
        assert (up - down) / (2 * h) == pytest.approx(expected, rel=1e-6, abs=1e-9), name


def test_notes_of_words_that_do_not_stand_there_get_no_gradient(rng, reviews):
    words, liked = reviews
    found = wrongness(factory_of(rng), words[:2], liked[:2])
    absent = np.setdiff1d(np.arange(VOCABULARY), words[:2])
    assert np.all(found.gradients.notepad[absent] == 0)
    assert np.all(np.any(found.gradients.notepad[np.unique(words[:2])] != 0, axis=1))


def test_wrongness_names_a_word_number_below_0(rng, reviews):
    words, liked = reviews
    words[3, 2] = -1
    with pytest.raises(ValueError, match=r"^words: expected word-numbers of 0 or more, got -1$"):
        wrongness(factory_of(rng), words, liked)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("clerk", np.nan, "nan"), ("nudge", -np.inf, "-inf"), ("clerk", 1e308, "-?inf")],
)
def test_a_clerk_without_a_finite_sum_is_told(rng, reviews, name, value, said):
    factory = factory_of(rng)
    factory = factory._replace(
        **{name: np.full_like(getattr(factory, name), value)},
        notepad=100 * factory.notepad,
        bias=np.full(4 * UNITS, 9.0),
    )
    with (
        np.errstate(over="ignore"),
        pytest.raises(ValueError, match=rf"^the clerk's sum: expected finite numbers, got {said}$"),
    ):
        guess(factory, reviews[0])


def test_adam_turns_as_keras_does(rng):
    keras = pytest.importorskip("keras")
    dials = rng.normal(size=(7, 3))
    variable = keras.Variable(dials, dtype="float64")
    theirs = keras.optimizers.Adam()
    ours = Adam([dials])
    for _ in range(20):
        gradient = rng.normal(0, 10.0 ** rng.integers(-6, 3), size=dials.shape)
        theirs.apply([gradient], [variable])
        ours.turn([gradient.copy()])
    np.testing.assert_allclose(dials, variable.numpy(), rtol=1e-6)


def test_train_follows_keras_step_by_step(rng, reviews):
    first = factory_of(rng, np.float32)
    grabs = [rng.permutation(96)[:16] for _ in range(50)]
    model = keras_model(first)
    expected = losses_of(model, *reviews, grabs)

    trained, losses = train(first, *reviews, grabs)

    np.testing.assert_allclose(losses, expected, atol=2e-7)
    for ours, theirs in zip(trained, model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=5e-7)


def test_the_stock_embedding_of_keras_parts_from_the_paper(rng, reviews):
    """If this fails, Keras adds up an Embedding's gradient on TensorFlow: drop `Notepad`."""
    keras = pytest.importorskip("keras")
    first = factory_of(rng, np.float32)
    grabs = [rng.permutation(96)[:16] for _ in range(50)]
    stock = losses_of(keras_model(first, keras.layers.Embedding), *reviews, grabs)

    _, losses = train(first, *reviews, grabs)

    apart = np.abs(np.subtract(stock, losses))
    assert apart[0] < 1e-6
    assert apart.max() > 5e-5


def test_train_leaves_the_first_dials_alone(rng, reviews):
    first = factory_of(rng)
    before = [dials.copy() for dials in first]
    train(first, *reviews, grabs=[np.arange(8)] * 3)
    for dials, same in zip(first, before, strict=True):
        np.testing.assert_array_equal(dials, same)


def test_train_names_the_grab_it_stops_at(rng, reviews):
    words, liked = reviews
    labels = liked.astype(float)
    labels[9] = 0.5
    grabs = [np.arange(4), np.arange(8, 12)]
    with pytest.raises(ValueError, match=r"^liked: expected 0 or 1, got 0.5\b") as stopped:
        train(factory_of(rng), words, labels, grabs)
    assert stopped.value.__notes__ == ["This happened at grab 2, counted from 1."]
