"""The machines of the book, built with Keras, so that any of its engines can run them."""

from functools import partial

import keras
import numpy as np
from keras import layers, ops

from rahulml.variants import VARIANTS


class Notepad(layers.Embedding):
    """A `keras.layers.Embedding` whose gradient is added up word by word.

    On TensorFlow the stock layer hands Adam one gradient for each *place* where a word stands, and
    Keras squares them before they are added. Multiplied by 1, the notes give one gradient for each
    word, so that Adam is the paper's (Kingma and Ba, 2015) on every engine.
    """

    def call(self, inputs):
        """Look up the notes: shape (..., features) for word-numbers of shape (...)."""
        return ops.take(self.embeddings * 1, inputs, axis=0)


class SelfAttention(layers.Layer):
    """Floor 2 of the Transformer: every word looks at every word, once, and the mean is handed on.

    One encoder block with one head (Vaswani et al., 2017, sections 3.1 to 3.5)::

        notes = sqrt(features) * notes + waves
        want, have, give = three papers, each on all notes
        taken = softmax(want @ have.T / sqrt(units)) @ give
        notes = norm(notes + mix(taken))
        notes = norm(notes + two_layers(notes))

    The waves say at which place a word stands. Want, have and give are the field's query, key and
    value.

    Parameters
    ----------
    units : int
        Numbers in a want, a have and a give. The inner one of the two layers has twice as many.

    Notes
    -----
    `keras.layers.MultiHeadAttention` computes the same, but for many heads: with one, its papers of
    three sides cost time. ``benchmarks/README.md`` has both.
    """

    def __init__(self, units: int, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.papers = [layers.Dense(units, name=name) for name in ("want", "have", "give")]
        self.attention = layers.Attention()
        self.inner = layers.Dense(2 * units, activation="relu")
        self.norms = [layers.LayerNormalization(), layers.LayerNormalization()]

    def build(self, input_shape):
        """Make the dials for notes of shape (batch, timesteps, features)."""
        _, timesteps, features = input_shape
        self.waves = waves(timesteps, features)
        self.mix, self.outer = layers.Dense(features), layers.Dense(features)
        for layer in (*self.papers, self.inner, *self.norms):
            layer.build(input_shape)
        self.mix.build((*input_shape[:-1], self.units))
        self.outer.build((*input_shape[:-1], 2 * self.units))

    def call(self, inputs):
        """Return the mean over all words, shape (batch, features)."""
        _, timesteps, features = inputs.shape
        notes = inputs * features**0.5 + ops.convert_to_tensor(self.waves)
        # Only the looking knows reviews. To all else
        # their words are one list, the fastest shape.
        notes = ops.reshape(notes, (-1, features))
        want, have, give = (
            ops.reshape(paper(notes), (-1, timesteps, self.units)) for paper in self.papers
        )
        taken = self.attention([want / self.units**0.5, give, have])
        notes = self.norms[0](notes + self.mix(ops.reshape(taken, (-1, self.units))))
        notes = self.norms[1](notes + self.outer(self.inner(notes)))
        return ops.mean(ops.reshape(notes, (-1, timesteps, features)), axis=1)

    def get_config(self):
        """Return what it takes to make this layer again."""
        return {**super().get_config(), "units": self.units}


def waves(timesteps: int, features: int) -> np.ndarray:
    """Return a pattern of numbers for each place: sines and cosines, slower and slower.

    Parameters
    ----------
    timesteps, features : int
        How many places, and how many numbers for each.

    Returns
    -------
    ndarray of float32, shape (timesteps, features)
        ``sin(place / 10000 ** (2 i / features))`` at 2 i, the cosine of the same at 2 i + 1
        (Vaswani et al., 2017, section 3.5), in -1..1.

    Examples
    --------
    >>> waves(2, 2).round(3).tolist()
    [[0.0, 1.0], [0.8410000205039978, 0.5400000214576721]]
    """
    column = np.arange(features)
    angle = np.arange(timesteps)[:, np.newaxis] / 10_000 ** (column // 2 * 2 / features)
    return np.where(column % 2, np.cos(angle), np.sin(angle)).astype(np.float32)


def _both_ways(units: int, **kwargs) -> layers.Layer:
    return layers.Bidirectional(layers.LSTM(units), **kwargs)


FLOOR_2 = {
    "rnn": layers.SimpleRNN,
    "lstm": layers.LSTM,
    "bilstm": _both_ways,
    "gru": layers.GRU,
    "transformer": SelfAttention,
    **VARIANTS,
}
"""What reads the notes, by the name of the machine."""

FIRST_DIALS = {
    "embeddings": keras.initializers.RandomUniform,
    "kernel": keras.initializers.GlorotUniform,
    "recurrent_kernel": keras.initializers.Orthogonal,
}
"""How Keras first sets the dials that start at random, by their name; no other dials do."""


def build(
    machine: str,
    *,
    vocabulary: int = 10_000,
    max_words: int = 100,
    embedding: int = 32,
    units: int = 32,
    seed: int = 0,
    learning_rate: float = 0.001,
    clipnorm: float | None = None,
    mask_padding: bool = False,
) -> keras.Model:
    """Build a text-factory: notepad, floor 2, clerk; compiled, with fresh dials.

    Parameters
    ----------
    machine : {"rnn", "lstm", "bilstm", "gru", "transformer"} or a name of `VARIANTS`
        Who reads the notes: the plain worker, the two-memory worker, two of them in opposite
        directions, the cousin with two voters, or all words at once; or an LSTM with a part taken
        away, tied or added, from `rahulml.variants`.
    vocabulary : int
        How many word-numbers the notepad has a note for, padding and unknown word included.
    max_words : int
        How many word-numbers come in for each review.
    embedding : int
        How many numbers a note has.
    units : int
        How many numbers a worker's memory has.
    seed : int
        Decides the first dials, alone: no generator that other threads share is set or read for
        them.
    learning_rate : float
        Adam's; the default is Keras's own.
    clipnorm : float, optional
        Shorten the gradient of each paper to this length, if it is longer.
    mask_padding : bool
        Let the worker pass over padding. The post's machines do not: to them it is a word like any
        other.

    Returns
    -------
    keras.Model
        Takes int32 word-numbers of shape (batch, max_words) and gives the clerk's guess, shape
        (batch, 1), in 0..1. Compiled with Adam, binary cross-entropy and accuracy.

    Raises
    ------
    ValueError
        For an unknown machine; the message names the known ones. And for a Transformer that is to
        pass over padding: it has no such part.

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
    if machine not in FLOOR_2:
        known = ", ".join(map(repr, FLOOR_2))
        raise ValueError(f"machine: expected one of {known}, got {machine!r}")
    if mask_padding and machine == "transformer":
        raise ValueError("mask_padding: expected False for 'transformer', got True")
    model = keras.Sequential(
        [
            layers.Input((max_words,), dtype="int32"),
            Notepad(vocabulary, embedding, mask_zero=mask_padding, name="notepad"),
            FLOOR_2[machine](units, name="worker"),
            layers.Dense(1, activation="sigmoid", name="clerk"),
        ],
        name=machine,
    )
    if keras.backend.backend() == "jax":
        _suit_jax(model.get_layer("worker"))
    _set_first_dials(model, seed)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate, clipnorm=clipnorm),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    return model


def _suit_jax(worker: layers.Layer) -> None:
    """Let a worker that walks do so as JAX does it fastest; it computes the same."""
    both = isinstance(worker, layers.Bidirectional)
    for way in (worker.forward_layer, worker.backward_layer) if both else (worker,):
        if hasattr(way, "use_cudnn"):
            # On a GPU a step of JAX's own loop is the faster one, by 1.6 in benchmarks/README.md;
            # nor can cuDNN's loop run for many seeds at once.
            way.use_cudnn = False
        if isinstance(way, layers.GRU):
            way.cell.call = partial(_step_gru, way.cell)
        if hasattr(way, "cell"):
            _put_less_aside(way.cell)
            way.inner_loop = partial(_end_with_state, way.inner_loop)


def _end_with_state(inner_loop, *args, **kwargs):
    # Keras keeps the outputs of all words and takes the last. That is the first state at the end,
    # for which none need be kept.
    _, outputs, states = inner_loop(*args, **kwargs)
    return states[0], outputs, states


def _step_gru(cell: layers.GRUCell, inputs, states, training=False):
    # What Keras's own cell computes. That one slices the memory's sums into three, and the way back
    # of a slice takes XLA a fifth of the whole step, of a split nothing (benchmarks/README.md).
    (hidden_state,) = states
    read = ops.matmul(inputs, cell.kernel) + cell.bias[0]
    recall = ops.matmul(hidden_state, cell.recurrent_kernel) + cell.bias[1]
    read, recall = (ops.split(sums, 3, axis=-1) for sums in (read, recall))
    update, reset = (ops.sigmoid(read[gate] + recall[gate]) for gate in (0, 1))
    candidate = ops.tanh(read[2] + reset * recall[2])
    hidden_state = update * hidden_state + (1 - update) * candidate
    return hidden_state, [hidden_state]


def _put_less_aside(cell: layers.Layer) -> None:
    # For the way back JAX puts aside, at each word, whatever a derivative is made of: in an LSTM 13
    # arrays. What sums and products made is sooner made again (benchmarks/README.md).
    import jax

    call = cell.call

    def put_aside(primitive, *_, **__):
        return primitive.name not in ("add", "sub", "mul")

    def call_and_put_aside(inputs, states, **how):
        once = jax.checkpoint(partial(call, **how), policy=put_aside, prevent_cse=False)
        return once(inputs, states)

    cell.call = call_and_put_aside


def _set_first_dials(model: keras.Model, seed: int) -> None:
    # Keras seeds its layers from Python's `random`, which every thread of a process draws from: on
    # a cluster's worker, whose other threads do, two builds from one seed began apart.
    streams = np.random.SeedSequence(seed).generate_state(len(model.weights)) >> 1
    for dials, stream in zip(model.weights, streams.tolist(), strict=True):
        if dials.name in FIRST_DIALS:
            dials.assign(FIRST_DIALS[dials.name](seed=stream)(dials.shape))
