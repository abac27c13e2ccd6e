"""The LSTM cell with nothing but NumPy: the arithmetic that the book works out by hand."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray


class State(NamedTuple):
    """The two memories of an LSTM, in the order in which Keras returns them.

    Attributes
    ----------
    hidden_state : ndarray, shape (batch, units), or any shape for `combine`
        Memory-B, what the worker says: each number lies in -1..1.
    cell_state : ndarray, the same shape
        Memory-A, the long keep: any finite number.
    """

    hidden_state: NDArray
    cell_state: NDArray


class Gates(NamedTuple):
    """What the four little machines say about one word, in Keras's order of columns.

    Attributes
    ----------
    input_gate, forget_gate, output_gate : ndarray, shape (batch, units)
        The votes (admit, keep, show), each in 0..1.
    candidate : ndarray, shape (batch, units)
        The fresh value, in -1..1.
    """

    input_gate: NDArray
    forget_gate: NDArray
    candidate: NDArray
    output_gate: NDArray


class Step(NamedTuple):
    """One word read: what the four machines said, and the memories that came of it."""

    gates: Gates
    state: State


class LSTMWeights(NamedTuple):
    """The dials of an LSTM worker, laid out as Keras lays them out.

    The last axis holds four blocks of `units` columns: input, forget, candidate, output. So
    ``LSTMWeights(*layer.get_weights())`` takes the dials of a ``keras.layers.LSTM``.

    Attributes
    ----------
    kernel : ndarray, shape (features, 4 * units)
        The four papers that a word's note goes through.
    recurrent_kernel : ndarray, shape (units, 4 * units)
        The four papers that memory-B goes through.
    bias : ndarray, shape (4 * units,)
        The four nudges.
    """

    kernel: NDArray
    recurrent_kernel: NDArray
    bias: NDArray


def combine(
    cell_state: ArrayLike,
    *,
    forget_gate: ArrayLike,
    input_gate: ArrayLike,
    candidate: ArrayLike,
    output_gate: ArrayLike,
) -> State:
    """Combine three votes and a fresh value with the old memory-A into both new memories.

    Slot by slot::

        new cell_state   = forget_gate * cell_state + input_gate * candidate
        new hidden_state = output_gate * tanh(new cell_state)

    Parameters
    ----------
    cell_state : array_like, any shape
        The old memory-A: any finite numbers.
    forget_gate, input_gate, output_gate : array_like, the shape of `cell_state`
        The keep-, admit- and show-votes, each in 0..1.
    candidate : array_like, the shape of `cell_state`
        The fresh value, in -1..1, as a tanh gives it.

    Returns
    -------
    State
        Both new memories, in the shape of `cell_state`; float32 if everything that came in was
        float32, else float64.

    Raises
    ------
    ValueError
        If an argument is not made of real, finite numbers, leaves its range, or has another
        shape than `cell_state`. The message names the argument, what was expected and what came.

    Notes
    -----
    The equations are those of Gers, Schmidhuber and Cummins (2000), as in the ``LSTMCell`` of
    Keras 3 (``layers/rnn/lstm.py``). The chapter "The combine, with real numbers" works them out
    by hand.

    Examples
    --------
    >>> new = combine(5.0, forget_gate=0.9, input_gate=0.2, candidate=0.6, output_gate=0.7)
    >>> print(f"{new.cell_state:.2f} {new.hidden_state:.2f}")
    4.62 0.70
    >>> combine(4.0, forget_gate=0.5, input_gate=1.0, candidate=2.0, output_gate=1.0)
    Traceback (most recent call last):
        ...
    ValueError: candidate: expected numbers in -1..1, got 2.0
    """
    old = _numbers("cell_state", cell_state, -np.inf, np.inf)
    forget = _numbers("forget_gate", forget_gate, 0, 1, shape=old.shape)
    admit = _numbers("input_gate", input_gate, 0, 1, shape=old.shape)
    fresh = _numbers("candidate", candidate, -1, 1, shape=old.shape)
    output = _numbers("output_gate", output_gate, 0, 1, shape=old.shape)

    new = forget * old + admit * fresh
    return State(hidden_state=output * np.tanh(new), cell_state=new)


def step(inputs: ArrayLike, state: State, weights: LSTMWeights) -> Step:
    """Let an LSTM worker read one word of each review of a batch.

    Each of the four machines reads the same two things, the word's note and the old memory-B::

        z = inputs @ kernel + hidden_state @ recurrent_kernel + bias
        input_gate, forget_gate, output_gate = sigmoid(their columns of z)
        candidate                            = tanh(its columns of z)

    and `combine` makes the new memories of what they say.

    Parameters
    ----------
    inputs : array_like, shape (batch, features)
        This word's note, for each review.
    state : State of arrays, shape (batch, units)
        The memories after the word before; all zeros before the first word.
    weights : LSTMWeights
        The dials.

    Returns
    -------
    Step
        `gates`, the four machines' answers, and `state`, the new memories: arrays of shape
        (batch, units). float32 in, float32 out; float64 likewise.

    Raises
    ------
    ValueError
        If a shape does not fit, or anything is not made of real, finite numbers. The message names
        the argument, what was expected and what came.

    Notes
    -----
    The layout of columns is that of ``keras.layers.LSTM`` (Keras 3, ``layers/rnn/lstm.py``).

    Examples
    --------
    One slot, one feature, all dials 0: every vote is 0.5, and the fresh value is 0.

    >>> dials = LSTMWeights(np.zeros((1, 4)), np.zeros((1, 4)), np.zeros(4))
    >>> before = State(hidden_state=np.zeros((1, 1)), cell_state=np.array([[3.0]]))
    >>> gates, after = step(np.ones((1, 1)), before, dials)
    >>> print(gates.forget_gate, after.cell_state)
    [[0.5]] [[1.5]]
    """
    kernel = _numbers("weights.kernel", weights.kernel, -np.inf, np.inf)
    if kernel.ndim != 2 or kernel.shape[1] == 0 or kernel.shape[1] % 4:
        raise ValueError(
            f"weights.kernel: expected shape (features, 4 * units), got {kernel.shape}"
        )
    features, units = kernel.shape[0], kernel.shape[1] // 4
    recurrent_kernel = _numbers(
        "weights.recurrent_kernel",
        weights.recurrent_kernel,
        -np.inf,
        np.inf,
        shape=(units, 4 * units),
    )
    bias = _numbers("weights.bias", weights.bias, -np.inf, np.inf, shape=(4 * units,))

    notes = _numbers("inputs", inputs, -np.inf, np.inf)
    if notes.ndim != 2 or notes.shape[1] != features:
        raise ValueError(f"inputs: expected shape (batch, {features}), got {notes.shape}")
    memory = (notes.shape[0], units)
    hidden_state = _numbers("state.hidden_state", state.hidden_state, -np.inf, np.inf, shape=memory)
    cell_state = _numbers("state.cell_state", state.cell_state, -np.inf, np.inf, shape=memory)

    z = notes @ kernel + hidden_state @ recurrent_kernel + bias
    admit, forget, fresh, output = np.split(z, 4, axis=1)
    gates = Gates(
        input_gate=_sigmoid(admit),
        forget_gate=_sigmoid(forget),
        candidate=np.tanh(fresh),
        output_gate=_sigmoid(output),
    )
    return Step(gates, combine(cell_state, **gates._asdict()))


def _sigmoid(z: NDArray) -> NDArray:
    """Squash to 0..1. Written with tanh, which no size of `z` can overflow."""
    return 0.5 * (1 + np.tanh(0.5 * z))


def _numbers(
    name: str, value: ArrayLike, low: float, high: float, *, shape: tuple[int, ...] | None = None
) -> NDArray:
    """Return `value` as a float array, or say which argument is not what it has to be."""
    try:
        array = np.asarray(value)
    except ValueError:  # a ragged nest of lists
        raise ValueError(f"{name}: expected an array of numbers, got {value!r}") from None
    if array.dtype.kind not in "fiu":
        raise ValueError(f"{name}: expected real numbers, got {value!r}")
    if array.dtype not in (np.float32, np.float64):
        array = array.astype(np.float64)
    if shape is not None and array.shape != shape:
        raise ValueError(f"{name}: expected shape {shape}, got {array.shape}")
    wrong = array[~(np.isfinite(array) & (array >= low) & (array <= high))]
    if wrong.size:
        wanted = "finite numbers" if low == -np.inf else f"numbers in {low}..{high}"
        raise ValueError(f"{name}: expected {wanted}, got {wrong.flat[0]}")
    return array
