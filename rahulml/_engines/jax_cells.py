"""Keras's cells as JAX walks them fastest. They compute what Keras's own compute."""

from functools import partial

import jax
from keras import layers, ops
from keras.saving import register_keras_serializable

from rahulml import variants


class Remade:
    """A cell whose sums and products are made again on the way back, and not kept until then."""

    def call(self, inputs, states, **how):
        """Step as the cell beside this class does."""
        step = jax.checkpoint(partial(super().call, **how), policy=_is_kept, prevent_cse=False)
        return step(inputs, states)


def _is_kept(primitive, *_, **__) -> bool:
    return primitive.name not in ("add", "sub", "mul")


class SplitGRUCell(layers.GRUCell):
    """Keras's cell slices the memory's sums; the gradient of a split is the quicker one."""

    def call(self, inputs, states, training=False):
        """Step as `keras.layers.GRUCell` does."""
        (hidden_state,) = states
        read = ops.matmul(inputs, self.kernel) + self.bias[0]
        recall = ops.matmul(hidden_state, self.recurrent_kernel) + self.bias[1]
        read, recall = (ops.split(sums, 3, axis=-1) for sums in (read, recall))
        update, reset = (ops.sigmoid(read[gate] + recall[gate]) for gate in (0, 1))
        candidate = ops.tanh(read[2] + reset * recall[2])
        hidden_state = update * hidden_state + (1 - update) * candidate
        return hidden_state, [hidden_state]


class RNNCell(Remade, layers.SimpleRNNCell):
    """The plain worker's."""


@register_keras_serializable("rahulml")
class LSTMCell(Remade, layers.LSTMCell):
    """The LSTM's."""


class GRUCell(Remade, SplitGRUCell):
    """The GRU's."""


class VariantCell(Remade, variants.VariantCell):
    """That of an LSTM with a part taken away, tied or added."""


class MapCell(Remade, variants.MapCell):
    """That of a worker whose votes hear no memory."""


def _walk(cell: type, units: int, *, name: str | None = None, **parts) -> layers.Layer:
    return layers.RNN(cell(units, **parts), name=name)


def _both_ways(units: int, **kwargs) -> layers.Layer:
    return layers.Bidirectional(_walk(LSTMCell, units), **kwargs)


LAYERS = {
    "rnn": partial(_walk, RNNCell),
    "lstm": partial(_walk, LSTMCell),
    "bilstm": _both_ways,
    "gru": partial(_walk, GRUCell),
    **{name: partial(_walk, VariantCell, **parts) for name, parts in variants.PARTS.items()},
    **{kind: partial(_walk, MapCell, kind=kind) for kind in variants.MAPS},
}
"""What reads the notes, by the name of the machine, in the place of `rahulml.builders.LAYERS`."""
