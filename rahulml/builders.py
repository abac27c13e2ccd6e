"""The machines of the book, built with Keras."""

import keras
from keras import layers

FLOOR_2 = {
    "rnn": layers.SimpleRNN,
    "lstm": layers.LSTM,
}
"""What walks the notes, by the name of the machine."""


def build(
    machine: str,
    *,
    vocabulary: int = 10_000,
    max_words: int = 100,
    embedding: int = 32,
    units: int = 32,
    seed: int = 0,
) -> keras.Model:
    """Build a text-factory: notepad, worker, clerk; compiled, with fresh dials.

    Parameters
    ----------
    machine : {"rnn", "lstm"}
        Who walks the notes: ``"rnn"``, the plain worker, is ``keras.layers.SimpleRNN``; ``"lstm"``,
        the two-memory worker, is ``keras.layers.LSTM``.
    vocabulary : int
        How many word-numbers the notepad has a note for, padding and unknown word included.
    max_words : int
        How many word-numbers come in for each review.
    embedding : int
        How many numbers a note has.
    units : int
        How many numbers the worker's memory has.
    seed : int
        Decides the first dials. It is Keras's global seed that is set.

    Returns
    -------
    keras.Model
        Takes int32 word-numbers of shape (batch, max_words) and gives the clerk's guess, shape
        (batch, 1), in 0..1. Compiled with Adam, binary cross-entropy and accuracy.

    Raises
    ------
    ValueError
        For an unknown machine; the message names the known ones.

    Notes
    -----
    The chapter "Train the plain worker" counts the dials by hand.

    Examples
    --------
    >>> build("rnn").count_params()
    322113
    >>> build("lstm").count_params()
    328353
    """
    if machine not in FLOOR_2:
        known = ", ".join(map(repr, FLOOR_2))
        raise ValueError(f"machine: expected one of {known}, got {machine!r}")
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            layers.Input((max_words,), dtype="int32"),
            layers.Embedding(vocabulary, embedding, name="notepad"),
            FLOOR_2[machine](units, name="worker"),
            layers.Dense(1, activation="sigmoid", name="clerk"),
        ],
        name=machine,
    )
    model.compile(
        optimizer="adam",
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    return model
