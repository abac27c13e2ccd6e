"""The dials of a cell: three arrays, checked, and the frameworks that they may come from."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple, Self

from numpy.typing import ArrayLike, NDArray

from rahulml.checks import numbers, shown
from rahulml.hand_cell._frameworks import Layout, arrays_of_keras, arrays_of_torch


class _Arrays(NamedTuple):
    kernel: NDArray
    recurrent_kernel: NDArray
    bias: NDArray


class Weights(_Arrays):
    """Kernel, recurrent kernel and bias, laid out as Keras lays them out: what the cells share."""

    __slots__ = ()
    layout: ClassVar[Layout]

    def __new__(
        cls, kernel: NDArray, recurrent_kernel: NDArray, bias: NDArray, *more: NDArray
    ) -> Self:
        if more:
            name, joins = cls.__name__, "stacks" if cls.layout.bias_rows else "adds"
            raise ValueError(
                f"{name}: expected kernel, recurrent_kernel and bias, got {3 + len(more)} arrays; "
                f"{name}.from_torch takes a list of PyTorch's four, and {joins} the two biases"
            )
        return super().__new__(cls, kernel, recurrent_kernel, bias)

    @classmethod
    def checked(cls, weights: Sequence[ArrayLike]) -> Self:
        """Return weights as float arrays whose shapes fit together, or say which does not."""
        try:
            kernel, recurrent_kernel, bias = weights
        except (TypeError, ValueError):
            got = f"{len(weights)} arrays" if isinstance(weights, Sequence) else shown(weights)
            raise ValueError(
                f"weights: expected kernel, recurrent_kernel and bias, got {got}; "
                f"{cls.__name__}.from_keras and .from_torch take a layer"
            ) from None
        blocks = len(cls.layout.blocks)
        kernel = numbers("weights.kernel", kernel)
        if kernel.ndim != 2 or 0 in kernel.shape or kernel.shape[1] % blocks:
            wanted = "(features, units)" if blocks == 1 else f"(features, {blocks} * units)"
            raise ValueError(f"weights.kernel: expected shape {wanted}, got {kernel.shape}")
        columns = kernel.shape[1]
        recurrent_kernel = numbers(
            "weights.recurrent_kernel", recurrent_kernel, shape=(columns // blocks, columns)
        )
        bias = numbers("weights.bias", bias)
        wanted = (*cls.layout.bias_rows, columns)
        if bias.shape == (columns,) != wanted:
            raise ValueError(
                f"weights.bias: expected shape {wanted}, got {bias.shape}, as of Keras's "
                "reset_after=False: that GRU computes something else"
            )
        return cls(kernel, recurrent_kernel, numbers("weights.bias", bias, shape=wanted))

    @classmethod
    def from_keras(cls, layer: object) -> Self:
        """Take the dials of a Keras layer, or of its cell.

        Parameters
        ----------
        layer : keras.layers.LSTM, GRU or SimpleRNN, or its cell
            Of the kind that the class is named after, and built: called once, or ``layer.build``
            told how many features come in. Options that do not change what one word does
            (`dropout`, `return_sequences`, `go_backwards`, ...) do not matter.

        Returns
        -------
        LSTMWeights, GRUWeights or RNNWeights
            A copy, which does not follow when the layer is trained on. float32 and float64 stay;
            other kinds of numbers, such as bfloat16, become float64. Of ``use_bias=False``, the
            bias is zeros.

        Raises
        ------
        ValueError
            If `layer` is of another kind, or several in one (a model, ``Bidirectional``, stacked
            cells): the message names the parts to take. If it is not built. If its `activation` is
            not tanh or its `recurrent_activation` not sigmoid, or a GRU's `reset_after` is False:
            such a cell computes something else.

        Notes
        -----
        The columns stay where they are: input, forget, candidate, output in
        ``keras/src/layers/rnn/lstm.py``; update, reset, candidate in ``gru.py`` (Keras 3), whose
        bias has a row beside the notes and one beside the memory.

        Examples
        --------
        >>> import keras
        >>> from rahulml.hand_cell import LSTMWeights
        >>> layer = keras.layers.LSTM(2, use_bias=False)
        >>> layer.build((None, None, 3))
        >>> dials = LSTMWeights.from_keras(layer)
        >>> print(dials.kernel.shape, dials.bias)
        (3, 8) [0. 0. 0. 0. 0. 0. 0. 0.]
        """
        return cls(*arrays_of_keras(layer, cls.layout))

    @classmethod
    def from_torch(cls, module: object) -> Self:
        """Take the dials of a PyTorch module of one layer, or of its cell.

        Parameters
        ----------
        module : torch.nn.LSTM, GRU or RNN, or its cell, or sequence of array_like
            Of the kind that the class is named after. Of a module with several layers or two
            directions, the arrays of one, ``module.all_weights[k]``: `weight_ih` of shape
            (blocks * units, features), `weight_hh` (blocks * units, units), and, if there are
            biases, `bias_ih` and `bias_hh` (blocks * units,).

        Returns
        -------
        LSTMWeights, GRUWeights or RNNWeights
            A copy, which does not follow when the module is trained on. float32 and float64 stay;
            other kinds of numbers, such as bfloat16, become float64. Of ``bias=False``, the bias is
            zeros.

        Raises
        ------
        ValueError
            If `module` is of another kind, or several in one: the message names the parts to take.
            If it projects its memory (`proj_size`), or squashes with relu.

        Notes
        -----
        PyTorch keeps a row where Keras keeps a column. By the equations on the pages of
        `torch.nn.LSTM`, `torch.nn.GRU` and `torch.nn.RNN` in PyTorch's documentation:

        ====  ================  ==========================  =====================================
        cell  PyTorch's blocks  Keras's                     the two biases
        ====  ================  ==========================  =====================================
        LSTM  i, f, g, o        the same: i, f, c, o        added
        GRU   r, z, n           z, r, h: update, and reset  two rows, since the reset vote comes
                                trade places                between them
        RNN   one               one                         added
        ====  ================  ==========================  =====================================

        Its `z` keeps the old memory, as Keras's does. Mind that it reads (timesteps, batch,
        features) unless told ``batch_first=True``, and here batch is always first.

        Examples
        --------
        One unit that reads one number: each array as PyTorch has it, by r, z and n.

        >>> from rahulml.hand_cell import GRUWeights
        >>> weight_ih, weight_hh = [[1.0], [2.0], [3.0]], [[4.0], [5.0], [6.0]]
        >>> bias_ih, bias_hh = [0.1, 0.2, 0.3], [0.4, 0.5, 0.6]
        >>> dials = GRUWeights.from_torch([weight_ih, weight_hh, bias_ih, bias_hh])
        >>> print(dials.kernel, dials.recurrent_kernel)
        [[2. 1. 3.]] [[5. 4. 6.]]
        >>> print(dials.bias)
        [[0.2 0.1 0.3]
         [0.5 0.4 0.6]]
        """
        return cls(*arrays_of_torch(module, cls.layout))
