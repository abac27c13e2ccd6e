import keras
import numpy as np
import pytest
from keras import layers

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


def keras_model(factory, *, one_hot=False):
    """Build the factory in Keras; with `one_hot` the notepad is a product: a dense gradient."""
    if one_hot:
        notepad = [
            layers.Input((WORDS, VOCABULARY)),
            layers.Dense(FEATURES, use_bias=False),
        ]
    else:
        notepad = [layers.Input((WORDS,), dtype="int32"), layers.Embedding(VOCABULARY, FEATURES)]
    model = keras.Sequential(
        [*notepad, layers.LSTM(UNITS), layers.Dense(1, activation="sigmoid")],
    )
    model.compile(optimizer="adam", loss="binary_crossentropy")
    model.set_weights(factory)
    return model


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
    for notepad in (found.gradients.notepad, found.notepad_squares):
        assert np.all(notepad[absent] == 0)
        assert np.all(np.any(notepad[np.unique(words[:2])] != 0, axis=1))


def test_adam_turns_as_keras_does(rng):
    dials = rng.normal(size=(7, 3))
    variable = keras.Variable(dials, dtype="float64")
    theirs = keras.optimizers.Adam()
    ours = Adam([dials])
    for _ in range(20):
        gradient = rng.normal(0, 10.0 ** rng.integers(-6, 3), size=dials.shape)
        theirs.apply([gradient], [variable])
        ours.turn([gradient.copy()])
    np.testing.assert_allclose(dials, variable.numpy(), rtol=1e-6)


@pytest.mark.parametrize("as_keras", [True, False], ids=["place by place", "word by word"])
def test_train_follows_keras_step_by_step(rng, reviews, as_keras):
    """Keras squares an Embedding's gradient place by place, and a dense one word by word."""
    words, liked = reviews
    first = factory_of(rng, np.float32)
    grabs = [rng.permutation(96)[:16] for _ in range(50)]
    model = keras_model(first, one_hot=not as_keras)
    read = words if as_keras else np.eye(VOCABULARY, dtype=np.float32)[words]
    expected = []
    for grab in grabs:
        model.reset_metrics()
        expected.append(model.train_on_batch(read[grab], liked[grab]))

    trained, losses = train(first, words, liked, grabs, as_keras=as_keras)

    np.testing.assert_allclose(losses, expected, atol=1e-5)
    for ours, theirs in zip(trained, model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)


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
