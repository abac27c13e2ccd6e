"""Floor 2 of the Transformer: every word looks at every word, once."""

import numpy as np
from keras import layers, ops


class SelfAttention(layers.Layer):
    """Every word looks at every word, once, and the mean of all is handed on.

    One encoder block with one head (Vaswani et al., 2017, sections 3.1 to 3.5)::

        notes = sqrt(features) * notes + positions
        taken = softmax(want @ have.T / sqrt(units)) @ give
        notes = norm(notes + mix(taken))
        notes = norm(notes + two_layers(notes))

    The positions say at which place a word stands. Want, have and give, each a layer on all notes,
    are the field's query, key and value.

    Parameters
    ----------
    units : int
        Numbers in a want, a have and a give. The inner one of the two layers has twice as many.
    last : bool
        Hand on the last word alone, and not the mean.

    Notes
    -----
    `keras.layers.MultiHeadAttention` computes the same, but for many heads: with one, its kernels
    of three axes cost time. ``benchmarks/README.md`` has both.
    """

    def __init__(self, units: int, *, last: bool = False, **kwargs):
        super().__init__(**kwargs)
        self.units, self.last = units, last
        self.want, self.have, self.give = (
            layers.Dense(units, name=name) for name in ("want", "have", "give")
        )
        self.attention = layers.Attention()
        self.inner = layers.Dense(2 * units, activation="relu")
        self.norms = [layers.LayerNormalization(), layers.LayerNormalization()]

    def build(self, input_shape):
        """Make the dials for notes of shape (batch, timesteps, features)."""
        _, timesteps, features = input_shape
        self.positions = positions(timesteps, features)
        self.mix, self.outer = layers.Dense(features), layers.Dense(features)
        for layer in (self.want, self.have, self.give, self.inner, *self.norms):
            layer.build(input_shape)
        self.mix.build((*input_shape[:-1], self.units))
        self.outer.build((*input_shape[:-1], 2 * self.units))

    def call(self, inputs):
        """Return the mean over all words, or the last one, shape (batch, features)."""
        _, timesteps, features = inputs.shape
        notes = inputs * features**0.5 + ops.convert_to_tensor(self.positions)
        # Only the looking knows reviews. To all else
        # their words are one list, the fastest shape.
        notes = ops.reshape(notes, (-1, features))
        want, have, give = (
            ops.reshape(layer(notes), (-1, timesteps, self.units))
            for layer in (self.want, self.have, self.give)
        )
        taken = self.attention([want / self.units**0.5, give, have])
        notes = self.norms[0](notes + self.mix(ops.reshape(taken, (-1, self.units))))
        notes = self.norms[1](notes + self.outer(self.inner(notes)))
        notes = ops.reshape(notes, (-1, timesteps, features))
        return notes[:, -1] if self.last else ops.mean(notes, axis=1)

    def get_config(self):
        """Return what it takes to make this layer again."""
        return {**super().get_config(), "units": self.units, "last": self.last}


def positions(timesteps: int, features: int) -> np.ndarray:
    """Return a pattern of numbers for each place: sines and cosines, slower and slower.

    Parameters
    ----------
    timesteps, features : int
        How many places, and how many numbers for each.

    Returns
    -------
    ndarray of float32, shape (timesteps, features)
        ``sin(place / 10000 ** (2 i / features))`` at 2 i, the cosine of the same at 2 i + 1
        (Vaswani et al., 2017, section 3.5), in -1..1: the positional encoding.

    Examples
    --------
    >>> positions(2, 2).round(3).tolist()
    [[0.0, 1.0], [0.8410000205039978, 0.5400000214576721]]
    """
    column = np.arange(features)
    angle = np.arange(timesteps)[:, np.newaxis] / 10_000 ** (column // 2 * 2 / features)
    return np.where(column % 2, np.cos(angle), np.sin(angle)).astype(np.float32)
