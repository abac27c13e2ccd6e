"""The machines of the book, built with Keras, so that any of its engines can run them."""

from functools import partial

import keras
import numpy as np
from keras import layers, ops

from rahulml._engines.fast import fast_layers
from rahulml.attention import SelfAttention
from rahulml.checks import number, one_of, whole_number
from rahulml.variants import UNHEARD, VARIANTS


class Notepad(layers.Embedding):
    """A `keras.layers.Embedding` whose gradient is added up word by word.

    On TensorFlow the stock layer hands Adam one gradient for each *place* where a word stands, and
    Keras squares them before they are added. Multiplied by 1, the notes give one gradient for each
    word, so that Adam is the paper's (Kingma and Ba, 2015) on every engine.
    """

    def call(self, inputs):
        """Look up the notes: shape (..., features) for word-numbers of shape (...)."""
        return ops.take(self.embeddings * 1, inputs, axis=0)


def _both_ways(units: int, **kwargs) -> layers.Layer:
    return layers.Bidirectional(layers.LSTM(units), **kwargs)


def _averaged(units: int, **kwargs) -> layers.Layer:
    walk = layers.LSTM(units, return_sequences=True)
    return keras.Sequential([walk, layers.GlobalAveragePooling1D()], **kwargs)


def _mean(units: int, **kwargs) -> layers.Layer:
    return layers.GlobalAveragePooling1D(**kwargs)  # it has no dials, and reads no order


LAYERS = {
    "rnn": layers.SimpleRNN,
    "lstm": layers.LSTM,
    "bilstm": _both_ways,
    "gru": layers.GRU,
    "transformer": SelfAttention,
    "mean": _mean,
    "lstm-mean": _averaged,
    "transformer-last": partial(SelfAttention, last=True),
    **VARIANTS,
    **UNHEARD,
}
"""What reads the notes, by the name of the machine."""

NEVER_MASKED = ("transformer", "transformer-last", "lstm-mean")
"""The machines that have no part to pass over padding."""

INITIALIZERS = {
    "embeddings": keras.initializers.RandomUniform,
    "kernel": keras.initializers.GlorotUniform,
    "recurrent_kernel": keras.initializers.Orthogonal,
}
"""How Keras first sets the dials that start at random, by their name; no other dials do."""


def build(
    machine: str,
    *,
    vocabulary: int = 10_000,
    max_words: int | None = 100,
    embedding: int = 32,
    units: int = 32,
    seed: int = 0,
    learning_rate: float = 0.001,
    clipnorm: float | None = None,
    mask_padding: bool = False,
    dropout: float = 0.0,
) -> keras.Model:
    """Build a text-factory: notepad, floor 2, clerk; compiled, with fresh dials.

    Parameters
    ----------
    machine : str
        Who reads the notes, one of `LAYERS`: "rnn", the plain worker; "lstm", the two-memory
        worker; "bilstm", two of them in opposite directions; "gru", the cousin with two voters;
        "transformer", all words at once; "mean", nobody: the mean of all notes. For controls,
        "lstm-mean", whose clerk is given the mean of all its hidden states, and "transformer-last",
        whose clerk is given the last word alone. Or a worker from `rahulml.variants`.
    vocabulary : int
        How many word-numbers the notepad has a note for, padding and unknown word included.
    max_words : int, optional
        How many word-numbers come in for each review. None: any number, but for a Transformer,
        whose pattern of places has a length.
    embedding : int
        How many numbers a note has.
    units : int
        How many numbers a worker's memory has. These four are at least 1.
    seed : int
        Decides the first dials, and what dropout wipes out, alone: no generator that other threads
        share is set or read for them.
    learning_rate : float
        Adam's; the default is Keras's own.
    clipnorm : float, optional
        Shorten the gradient of each paper to this length, if it is longer.
    mask_padding : bool
        Let the worker pass over padding. The post's machines do not: to them it is a word like any
        other.
    dropout : float
        With which chance, in 0..1, each number of a note is wiped out while the machine is trained.
        What is left is made as much larger. In an exam nothing is wiped out.

    Returns
    -------
    keras.Model
        Takes int32 word-numbers of shape (batch, max_words) and gives the clerk's guess, shape
        (batch, 1), in 0..1. Compiled with Adam, binary cross-entropy and accuracy.

    Raises
    ------
    ValueError
        For an unknown machine; the message names the known ones. For a size below 1, or a
        dropout outside 0..1. And for one of `NEVER_MASKED` that is to pass over padding.

    Notes
    -----
    The chapter "Train the plain worker" counts the dials by hand, those of part "Trained" the
    others'.

    Examples
    --------
    >>> for machine in ("rnn", "lstm", "bilstm", "gru", "transformer"):
    ...     print(machine, build(machine).count_params())
    rnn 322113
    lstm 328353
    bilstm 336705
    gru 326369
    transformer 328577
    """
    one_of("machine", machine, LAYERS)
    whole_number("vocabulary", vocabulary, 1)
    if max_words is not None:
        whole_number("max_words", max_words, 1)
    whole_number("embedding", embedding, 1)
    whole_number("units", units, 1)
    number("dropout", dropout, 0, 1)
    if mask_padding and machine in NEVER_MASKED:
        raise ValueError(f"mask_padding: expected False for {machine!r}, got True")
    reads = (LAYERS | fast_layers())[machine]
    model = keras.Sequential(
        [
            layers.Input((max_words,), dtype="int32"),
            Notepad(vocabulary, embedding, mask_zero=mask_padding, name="notepad"),
            *([layers.Dropout(dropout, seed=seed, name="dropout")] if dropout else []),
            reads(units, name="worker"),
            layers.Dense(1, activation="sigmoid", name="clerk"),
        ],
        name=machine,
    )
    _initialize(model, seed)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate, clipnorm=clipnorm),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    return model


def _initialize(model: keras.Model, seed: int) -> None:
    # Keras seeds its layers from Python's `random`, which every thread of a process draws from: on
    # a cluster's worker, whose other threads do, two builds from one seed began apart.
    streams = np.random.SeedSequence(seed).generate_state(len(model.weights)) >> 1
    for dials, stream in zip(model.weights, streams.tolist(), strict=True):
        if dials.name in INITIALIZERS:
            dials.assign(INITIALIZERS[dials.name](seed=stream)(dials.shape))
