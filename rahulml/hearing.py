"""Which words a machine of Keras hears: the gradient of what the clerk adds up, word by word.

`rahulml.fade` asks the same of dials in NumPy; here TensorFlow walks back, through any floor 2.
"""

import functools
from collections.abc import Callable

import keras
import numpy as np
from numpy.typing import NDArray


def heard(model: keras.Model, words: NDArray) -> NDArray:
    """Measure how far the clerk's sum would move if a word's note were pushed.

    ::

        size of d(memory @ clerk's dials + nudge) / d(note at that distance)

    The sum is the one before the sigmoid: a clerk that is very sure hardly moves its guess,
    whatever it hears.

    Parameters
    ----------
    model : keras.Model
        From `rahulml.builders.build`, with any dials; or `rahulml.training.Run.at`.
    words : ndarray of int, shape (n, timesteps)
        Word-numbers of reviews.

    Returns
    -------
    ndarray of float32, shape (n, timesteps)
        For each review the length of the gradient, 0 or more, by distance from the end: the last
        word at 0, the one before at 1.

    Raises
    ------
    RuntimeError
        If Keras runs on another engine than TensorFlow.

    Notes
    -----
    By `tf.GradientTape`. The chapter "How far back can each one hear?" draws it.

    Examples
    --------
    A clerk with all dials at 0 hears nothing.

    >>> from rahulml.builders import build
    >>> model = build("rnn", vocabulary=5, max_words=3, embedding=2, units=2)
    >>> model.get_layer("clerk").set_weights([np.zeros((2, 1)), np.zeros(1)])
    >>> heard(model, np.array([[2, 3, 4]])).tolist()
    [[0.0, 0.0, 0.0]]
    """
    if keras.backend.backend() != "tensorflow":
        raise RuntimeError(f"engine: expected tensorflow, got {keras.backend.backend()}")
    gradients = _way_back(model)(keras.ops.convert_to_tensor(words, "int32"))
    return np.linalg.norm(gradients.numpy(), axis=2)[:, ::-1]


@functools.lru_cache(maxsize=1)  # a model that is given other dials needs no other program
def _way_back(model: keras.Model) -> Callable:
    import tensorflow as tf

    notepad, worker, clerk = model.layers

    @tf.function
    def gradients(words):
        with tf.GradientTape() as tape:
            notes = notepad(words)
            tape.watch(notes)
            sums = keras.ops.matmul(worker(notes), clerk.kernel) + clerk.bias
        # No review has a say in another's sum, so the gradient of the total holds each one's own.
        return tape.gradient(sums, notes)

    return gradients
